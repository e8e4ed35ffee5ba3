from flask import Flask, request
from users import known
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

app = Flask(__name__)
BASIC = WWWAuthenticate("basic", {"realm": "demo"})


def current_user() -> str:
    given = request.authorization
    if given and given.type == "basic":
        name = given.username or ""
        if known(name, given.password or ""):
            return name
    raise Unauthorized(www_authenticate=BASIC)


@app.get("/me")
def me() -> dict[str, str]:
    return {"user": current_user()}
