from hashlib import scrypt
from hmac import compare_digest

USERS = {
    "ada": "357ec8ed33bb0b358da9df9e04c24c3b",
    "zoë": "a98c10d11c0d87c43b5ffd331c517bfb",
}


def known(name: str, password: str) -> bool:
    stored = USERS.get(name, "")
    found = scrypt(
        password.encode(),
        salt=name.encode(),
        n=2**14,
        r=8,
        p=1,
        dklen=16,
    )
    return compare_digest(stored, found.hex())
