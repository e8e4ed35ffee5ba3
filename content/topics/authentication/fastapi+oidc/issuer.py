from typing import Any

from fastapi import APIRouter

Document = dict[str, Any]
router = APIRouter()
ISSUER = "https://login.example"
MODULUS = (
    "1K7ME0-Lzx-MefNg9bCfhTlmcQ2oMZugl9TdFIhA"
    "aQEsqI7qRTVtcDaW_3Ta2Xk97M63VYOacU1zyFga"
    "JigMwiNUvLPi8eS6muEvtKdbwrf93k3_5luatYrX"
    "6ks_rSrBlzI7iiPeKPWGNjDPCbshuQuLLu1paTR4"
    "QGgG0sFWGS5zknfR6DX-"
    "Ig_2BXXbbMDUzxioGhV436RThCg-iZ1ssilT5we3"
    "dmZGrFz2LAHBAOcp0GzKXTCHfRqxeuYd8PZr-rN5"
    "1C7fv6TwHHfuKuC-"
    "2_tJwsnDHZm1sFmKjm3jkcBK91fBUiUZtxSYWwSd"
    "Iey-oYMsZpei42_GNkITUr9pOw"
)
CONFIGURATION = "/.well-known/openid-configuration"
DOCUMENTS: dict[str, Document] = {
    CONFIGURATION: {
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/jwks",
    },
    "/jwks": {
        "keys": [
            {
                "kid": "2026",
                "kty": "RSA",
                "n": MODULUS,
                "e": "AQAB",
            }
        ]
    },
}


def fetch(address: str) -> Document:
    return DOCUMENTS[address.removeprefix(ISSUER)]


@router.get(CONFIGURATION)
def configuration() -> Document:
    return fetch(f"{ISSUER}{CONFIGURATION}")


@router.get("/jwks")
def keys() -> Document:
    return fetch(f"{ISSUER}/jwks")
