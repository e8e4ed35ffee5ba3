from datetime import UTC, datetime, timedelta

import jwt

KEY = "a demo key, 32 bytes or longer, not for use"


def issue(name: str) -> dict[str, str]:
    end = datetime.now(UTC) + timedelta(minutes=15)
    token = jwt.encode({"sub": name, "exp": end}, KEY)
    return {
        "access_token": token,
        "token_type": "bearer",
    }


def holder(token: str) -> str | None:
    try:
        claims = jwt.decode(
            token,
            KEY,
            algorithms=["HS256"],
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        return None
    return str(claims["sub"])
