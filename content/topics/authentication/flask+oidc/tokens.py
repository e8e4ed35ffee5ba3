import jwt
from issuer import ISSUER, fetch

ABOUT = "/.well-known/openid-configuration"
CONFIG = fetch(ISSUER + ABOUT)
KEYS = jwt.PyJWKSet.from_dict(fetch(CONFIG["jwks_uri"]))


def holder(token: str) -> str | None:
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(
            token,
            KEYS[header["kid"]],
            algorithms=["RS256"],
            audience="demo",
            issuer=CONFIG["issuer"],
            options={"require": ["exp", "sub"]},
        )
    except (jwt.InvalidTokenError, KeyError):
        return None
    return str(claims["sub"])
