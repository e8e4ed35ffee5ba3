"""What an address says: what one person has of the Internet, and whether it is this machine. Looks nothing up."""

from __future__ import annotations

import ipaddress


def network_of(address: str) -> str:
    """Return the network by which whoever comes from an address is counted; what is no address stands for itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # all of IPv4 lies in one /64
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine talking to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
