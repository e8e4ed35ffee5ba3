"""How often one address may ask: so many times a minute, a third of them at once. Counted in this process only.

Forgets an address as soon as it has its whole third again, and the one that asked longest ago where there are many.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict

from explorer.networks import network_of

ADDRESSES = 10_000
"""Networks that are counted at the same time."""


class Rates:
    """The counts of one kind of request: a bucket of tokens for each network."""

    def __init__(self, a_minute: int) -> None:
        """Allow so many a minute; 0 allows all."""
        self._each = 60 / a_minute if a_minute else 0.0
        self._most = max(1, a_minute // 3)
        self._full: OrderedDict[str, float] = OrderedDict()
        """When a network's bucket is full again; the network that asked last stands last."""

    def wait(self, address: str, cost: int = 1) -> int:
        """Count a request that is worth `cost` ordinary ones and return 0, or how many seconds it has to wait.

        What has to wait is not counted. No cost is more than a full bucket.
        """
        if not self._each:
            return 0
        network, now = network_of(address), time.monotonic()
        full = max(now, self._full.get(network, now)) + min(cost, self._most) * self._each
        late = full - now - self._most * self._each
        if late > 1e-9:
            return math.ceil(late)
        self._full[network] = full
        self._full.move_to_end(network)
        while len(self._full) > ADDRESSES or (self._full and next(iter(self._full.values())) <= now):
            self._full.popitem(last=False)
        return 0
