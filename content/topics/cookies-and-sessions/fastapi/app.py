import json
from base64 import b64decode
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Request, Response
from starlette.middleware.sessions import (
    SessionMiddleware,
)

KEY = "a key that only the demo has"
app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=KEY)
Value = Annotated[str, Cookie()]


@app.put("/theme/{name}")
def set_theme(
    name: str, response: Response
) -> dict[str, str]:
    response.set_cookie("theme", name)
    return {"theme": name}


@app.get("/theme")
def get_theme(theme: Value) -> dict[str, str]:
    return {"theme": theme}


@app.post("/login/{name}")
def login(
    name: str, request: Request
) -> dict[str, str]:
    request.session["user"] = name
    return {"user": name}


@app.post("/logout")
def logout(request: Request) -> dict[str, None]:
    request.session.clear()
    return {"user": None}


@app.get("/me")
def me(request: Request) -> dict[str, str | None]:
    return {"user": request.session.get("user")}


@app.get("/cookie")
def cookie(session: Value) -> dict[str, str]:
    return {"cookie": session}


@app.get("/peek")
def peek(session: Value) -> Any:
    data, *_ = session.split(".")
    return json.loads(b64decode(data))
