"""Facts that no request to the demos shows."""

import asyncio
import json
import re
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, MutableMapping
from importlib.metadata import requires
from typing import Annotated, Any

import flask_login  # type: ignore[import-untyped]
import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import (
    HTTPBasic,
    HTTPBasicCredentials,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OpenIdConnect,
)
from flask import Flask, request, session
from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, jwt_required
from itsdangerous import TimestampSigner
from starlette.middleware.sessions import SessionMiddleware
from werkzeug import security

Message = MutableMapping[str, Any]
KEY = "a demo key, 32 bytes or longer, not for use"
FORM = "application/x-www-form-urlencoded"
USERS = ["ada"]


def _answer(app: FastAPI, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a GET request, or a form if there is a body, and return status, headers and body of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    fields = headers | ({"Content-Type": FORM} if body else {})
    pairs = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    scope = {"type": "http", "method": "POST" if body else "GET", "path": "/", "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    named = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], named, b"".join(message.get("body", b"") for message in rest)


def _needs(*packages: str) -> set[str]:
    """Return the names of the packages that these ask for, extras left out."""
    lines = [line for package in packages for line in requires(package) or () if "extra ==" not in line]
    return {re.split(r"[^\w.-]", line)[0].lower() for line in lines}


class User(flask_login.UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A user of Flask-Login."""

    def __init__(self, name: str) -> None:
        self.id = name


def _with_login(users: list[str] = USERS) -> Flask:
    """Return an app with Flask-Login, a login, a logout and a protected view at /."""
    app = Flask(__name__)
    app.secret_key = KEY
    manager = flask_login.LoginManager(app)
    manager.user_loader(lambda name: User(name) if name in users else None)
    app.post("/login", endpoint="login")(lambda: str(flask_login.login_user(User("ada"))))
    app.post("/logout", endpoint="logout")(lambda: str(flask_login.logout_user()))
    app.get("/", endpoint="home")(flask_login.login_required(lambda: "home"))
    return app


def _old_session(**values: str) -> str:
    """Return the session cookie that Flask sets for some values, with all its attributes."""
    app = Flask(__name__)
    app.secret_key = KEY
    app.get("/")(lambda: (session.update(values), "")[1])
    return app.test_client().get("/").headers["Set-Cookie"]


def _earlier(days: int) -> type[TimestampSigner]:
    """Return a signer whose clock is late by some days."""

    def timestamp(signer: TimestampSigner) -> int:
        return TimestampSigner.get_timestamp(signer) - days * 24 * 60 * 60

    return type("Earlier", (TimestampSigner,), {"get_timestamp": timestamp})


def _new_session(view: Callable[[Request], object], **headers: str) -> tuple[dict[str, str], bytes]:
    """Run a view behind Starlette's `SessionMiddleware`; return headers and body of the answer."""

    async def home(request: Request) -> Any:
        return view(request)

    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key=KEY)
    app.get("/", response_model=None)(home)
    return _answer(app, b"", **headers)[1:]


def check_unreadable_is_none() -> None:
    """`request.authorization` is `None` for Basic that is not Base64 or not UTF-8."""
    app = Flask(__name__)
    app.get("/")(lambda: str(request.authorization))
    for text in ("ada:lovelace", b64encode("zoë:x".encode("latin-1")).decode()):
        assert app.test_client().get("/", headers={"Authorization": f"Basic {text}"}).text == "None"


def check_bare_401() -> None:
    """`HTTPException(401)` sends no `WWW-Authenticate`, `HTTPBasic` without a header does."""
    app = FastAPI()

    async def view(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
        raise HTTPException(401)

    app.get("/")(view)
    status, headers, _ = _answer(app, Authorization="Basic YWRhOng=")
    assert (status, "www-authenticate" in headers) == (401, False)
    status, headers, _ = _answer(app)
    assert (status, headers["www-authenticate"]) == (401, "Basic")


def check_decorator_order() -> None:
    """`@login_required` above `@app.get` leaves the registered view unprotected: 200. Below it, 401."""
    app = _with_login()

    @flask_login.login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
    @app.get("/wrong")
    def wrong() -> str:
        return "open to all"

    assert app.test_client().get("/wrong").text == "open to all"
    assert app.test_client().get("/").status_code == 401


def check_documented() -> None:
    """The OpenAPI document of FastAPI names the scheme of a route whose dependency depends on `HTTPBasic`."""

    def user(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> str:
        return given.username

    app = FastAPI()
    app.get("/", dependencies=[Depends(user)])(lambda: None)
    document = app.openapi()
    assert document["paths"]["/"]["get"]["security"] == [{"HTTPBasic": []}]
    assert document["components"]["securitySchemes"] == {"HTTPBasic": {"type": "http", "scheme": "basic"}}


def check_session_readable() -> None:
    """Flask-Login's user id stands in Flask's session cookie, signed: Base64 shows it, a changed copy is refused."""
    app = _with_login(["ada", "eve"])
    signing = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = signing.dumps({"_user_id": "ada"})
    payload, _, signature = value.partition(".")
    assert json.loads(urlsafe_b64decode(payload + "==")) == {"_user_id": "ada"}
    changed = signing.dumps({"_user_id": "eve"}).partition(".")[0]
    for cookie, status in ((value, 200), (f"{changed}.{signature}", 401)):
        client = app.test_client()
        client.set_cookie("session", cookie)
        assert client.get("/").status_code == status
    client = app.test_client()
    client.post("/login")
    with client.session_transaction() as stored:
        assert stored["_user_id"] == "ada"


def check_session_age() -> None:
    """Flask refuses a session cookie that was signed longer ago than `PERMANENT_SESSION_LIFETIME`, 31 days."""
    app = _with_login()
    for days, status in ((30, 200), (32, 401)):
        signing = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        signing.signer = _earlier(days)
        client = app.test_client()
        client.set_cookie("session", signing.dumps({"_user_id": "ada"}))
        assert client.get("/").status_code == status


def check_user_gone() -> None:
    """Flask-Login calls the user loader for each request: a user that it no longer finds is logged out, 401."""
    users = ["ada"]
    client = _with_login(users).test_client()
    client.post("/login")
    assert client.get("/").status_code == 200
    users.clear()
    assert client.get("/").status_code == 401


def check_session_replay() -> None:
    """A session cookie that was copied before the logout still works after it."""
    client = _with_login().test_client()
    client.post("/login")
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.post("/logout")
    assert client.get("/").status_code == 401
    client.set_cookie("session", cookie.value)
    assert client.get("/").status_code == 200


def check_session_flags() -> None:
    """Flask's cookie is HttpOnly without SameSite, Starlette's has SameSite=lax as well; it needs itsdangerous."""
    old = _old_session(user="ada")
    assert "HttpOnly" in old
    assert "SameSite" not in old
    new = _new_session(lambda request: request.session.update(user="ada"))[0]["set-cookie"]
    assert "httponly; samesite=lax" in new
    assert urlsafe_b64decode(new.split("=", 1)[1].split(".")[0] + "==") == b'{"user": "ada"}'
    assert "itsdangerous" not in _needs("fastapi", "starlette")


def check_sessions_differ() -> None:
    """Starlette reads its own cookie, and nothing from one that Flask signed with the same key."""
    new = _new_session(lambda request: request.session.update(user="ada"))[0]["set-cookie"]
    for cookie, user in ((new, b'"ada"'), (_old_session(user="ada"), b"null")):
        value = cookie.split(";")[0]
        assert _new_session(lambda request: request.session.get("user"), Cookie=value)[1] == user


def check_no_jwt() -> None:
    """FastAPI, Starlette and Flask ask for no package that reads JSON Web Tokens."""
    assert not [name for name in _needs("fastapi", "starlette", "flask") if re.search("jwt|jose|authlib", name)]


def check_require_exp() -> None:
    """`jwt.decode` accepts a token without `exp` unless `exp` is required."""
    token = jwt.encode({"sub": "ada"}, KEY)
    assert jwt.decode(token, KEY, algorithms=["HS256"]) == {"sub": "ada"}
    try:
        jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.MissingRequiredClaimError:
        return
    raise AssertionError("the token was accepted")


def check_multipart() -> None:
    """FastAPI does not require python-multipart; its forms do not work without."""
    assert "python-multipart" not in _needs("fastapi", "starlette")
    assert any(line.startswith("python-multipart") for line in requires("fastapi") or ())


def check_integer_identity() -> None:
    """Flask-JWT-Extended issues a token for the number 7, and refuses it: 422 `Subject must be a string`."""
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = KEY
    JWTManager(app)
    app.get("/")(jwt_required()(lambda: str(get_jwt_identity())))
    with app.app_context():
        tokens = [create_access_token("7"), create_access_token(7)]
    answers = [app.test_client().get("/", headers={"Authorization": f"Bearer {token}"}) for token in tokens]
    assert [answer.status_code for answer in answers] == [200, 422]
    assert answers[1].json == {"msg": "Subject must be a string"}


def check_login_view() -> None:
    """With `login_view` set, Flask-Login answers 302 to the login page where it answered 401."""
    app = _with_login()
    assert app.test_client().get("/").status_code == 401
    app.login_manager.login_view = "login"  # type: ignore[attr-defined]
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=%2F")


def check_bearer_any() -> None:
    """`OAuth2PasswordBearer` and `OpenIdConnect` hand on whatever the header holds; they check no token."""
    bearer, connect = OAuth2PasswordBearer("token"), OpenIdConnect(openIdConnectUrl="/openid")
    for scheme, header in ((bearer, "Bearer junk"), (connect, "junk")):
        app = FastAPI()
        app.get("/", dependencies=[Depends(scheme)])(lambda: None)
        assert _answer(app, Authorization=header)[0] == 200
        assert _answer(app)[0] == 401


def check_grant_type() -> None:
    """`OAuth2PasswordRequestForm` refuses `grant_type=evil` with 422 and does not miss a `grant_type`."""
    app = FastAPI()

    async def view(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> str:
        return form.username

    app.post("/")(view)
    assert _answer(app, b"username=ada&password=x")[2] == b'"ada"'
    assert _answer(app, b"username=ada&password=x&grant_type=password")[2] == b'"ada"'
    assert _answer(app, b"username=ada&password=x&grant_type=evil")[0] == 422


def check_short_key() -> None:
    """PyJWT refuses a key under 32 bytes for HS256 only if `enforce_minimum_key_length` is set."""
    assert jwt.PyJWT().options["enforce_minimum_key_length"] is False
    strict = jwt.PyJWT({"enforce_minimum_key_length": True})
    assert strict.encode({}, "k" * 32)
    try:
        strict.encode({}, "k" * 31)
    except jwt.InvalidKeyError:
        return
    raise AssertionError("the key was accepted")


def check_password_hash() -> None:
    """Flask brings Werkzeug's password hashes along; no package that FastAPI requires is for them."""
    assert "werkzeug" in _needs("flask")
    stored = security.generate_password_hash("lovelace", "pbkdf2:sha256:1000")
    assert security.check_password_hash(stored, "lovelace")
    assert not security.check_password_hash(stored, "byron")
    assert not [name for name in _needs("fastapi", "starlette") if re.search("pwd|pass|crypt|argon|hash", name)]


def check_issuer_and_audience() -> None:
    """`jwt.decode` compares `aud` with the `audience` it is given, and looks at `iss` only if given an `issuer`."""
    token = jwt.encode({"aud": "shop", "iss": "https://evil.example"}, KEY)
    assert jwt.decode(token, KEY, algorithms=["HS256"], audience="shop")["iss"] == "https://evil.example"
    for given, wanted in (
        ({"audience": "demo"}, jwt.InvalidAudienceError),
        ({"audience": "shop", "issuer": "https://login.example"}, jwt.InvalidIssuerError),
    ):
        try:
            jwt.decode(token, KEY, algorithms=["HS256"], **given)  # type: ignore[arg-type]  # a mixed dictionary
        except wanted:
            continue
        raise AssertionError(f"{given} was accepted")


def check_discovery_unread() -> None:
    """`OpenIdConnect` documents an address that nobody can read, and lets any header through: it fetches nothing."""
    app, address = FastAPI(), "https://nobody.invalid/.well-known/openid-configuration"
    app.get("/", dependencies=[Depends(OpenIdConnect(openIdConnectUrl=address))])(lambda: None)
    schemes = app.openapi()["components"]["securitySchemes"]
    assert schemes == {"OpenIdConnect": {"type": "openIdConnect", "openIdConnectUrl": address}}
    assert _answer(app, Authorization="junk")[0] == 200


class _Rotated(jwt.PyJWKClient):
    """A client whose provider has another key each time; it opens no connection."""

    def __init__(self, **settings: float) -> None:
        super().__init__("https://login.example/jwks", **settings)  # type: ignore[arg-type]  # numbers only
        self.fetched = 0

    def fetch_data(self) -> dict[str, Any]:
        self.fetched += 1
        self._last_successful_fetch = time.monotonic()
        found = {"keys": [{"kty": "oct", "k": "a2V5", "kid": str(self.fetched)}]}
        if self.jwk_set_cache:
            self.jwk_set_cache.put(found)
        return found


def check_unknown_kid() -> None:
    """A `PyJWKSet` raises `KeyError` for a `kid` it does not hold; `PyJWKClient` fetches again, not within 30 s."""
    keys = jwt.PyJWKSet.from_dict({"keys": [{"kty": "oct", "k": "a2V5", "kid": "1"}]})
    assert keys["1"].key_id == "1"
    try:
        keys["2"]
    except KeyError:
        client = _Rotated(cooldown_duration=0)
        assert [client.get_signing_key(kid).key_id for kid in ("1", "2")] == ["1", "2"]
        assert client.fetched == 2
        patient = _Rotated()
        assert (patient.get_signing_key("1").key_id, patient.cooldown_duration) == ("1", 30)
        try:
            patient.get_signing_key("2")
        except jwt.PyJWKClientError:
            assert patient.fetched == 1
            return
    raise AssertionError("the key was found")


def _import_error(line: str) -> str:
    """Return what an import line fails with, nothing if it works."""
    try:
        exec(line, {})
    except ImportError as error:
        return str(error)
    return ""


def check_flask_jwt_import() -> None:
    """What Flask-JWT 0.3.2 imports first is gone: `cannot import name '_request_ctx_stack' from 'flask'`."""
    error = _import_error("from flask import _request_ctx_stack")
    assert error.startswith("cannot import name '_request_ctx_stack' from 'flask'")
    assert _import_error("from flask import current_app, request") == ""


def check_flask_jwt_old_pyjwt() -> None:
    """What PyJWT 1.4.2, which Flask-JWT pins, imports is gone: `cannot import name 'Mapping' from 'collections'`."""
    error = _import_error("from collections import Mapping")
    assert error.startswith("cannot import name 'Mapping' from 'collections'")


def check_basic_example() -> None:
    """The article's `HTTPBasic` example runs; its 401 for a wrong password has no `WWW-Authenticate`."""
    app = FastAPI()

    async def view(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> dict[str, str]:
        if (given.username, given.password) != ("user", "pass"):
            raise HTTPException(status_code=401, detail="Unauthorized")
        return {"username": given.username}

    app.get("/")(view)
    right, wrong = (f"Basic {b64encode(text).decode()}" for text in (b"user:pass", b"user:word"))
    assert _answer(app, Authorization=right)[2] == b'{"username":"user"}'
    status, headers, _ = _answer(app, Authorization=wrong)
    assert (status, "www-authenticate" in headers) == (401, False)
