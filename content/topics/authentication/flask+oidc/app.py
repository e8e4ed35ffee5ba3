from flask import Flask, request
from issuer import provider
from tokens import holder
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

app = Flask(__name__)
app.register_blueprint(provider)
BEARER = WWWAuthenticate("bearer", {"realm": "demo"})


def current_user() -> str:
    given = request.authorization
    if given and given.type == "bearer":
        name = holder(given.token or "")
        if name:
            return name
    raise Unauthorized(www_authenticate=BEARER)


@app.get("/me")
def me() -> dict[str, str]:
    return {"user": current_user()}
