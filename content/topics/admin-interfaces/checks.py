"""Facts that no request to the demos shows."""

import asyncio
import builtins
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from importlib.metadata import requires
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import flask_admin.contrib.sqla._compat as admin_sessions  # type: ignore[import-untyped]
import flask_admin.contrib.sqla._types as admin_types  # type: ignore[import-untyped]
from fastapi import FastAPI
from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin as FlaskAdmin
from flask_admin.contrib.sqla import ModelView as FlaskView
from flask_admin.form import SecureForm  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader, Environment
from sqladmin import Admin, ModelView
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import concurrency
from starlette.requests import Request
from starlette.templating import Jinja2Templates

Message = MutableMapping[str, Any]


class Old:
    """A Flask app with an admin of one table, which holds Ada."""

    def __init__(self, view: type[Any] = FlaskView, key: str | None = "a key") -> None:
        self.app = Flask(__name__)
        self.app.secret_key = key
        self.app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        self.db = SQLAlchemy(engine_options={"poolclass": StaticPool})
        self.db.init_app(self.app)
        base: Any = self.db.Model
        columns = {"id": Mapped[int], "name": Mapped[str], "desk": Mapped[int | None]}
        body = {"__annotations__": columns, "id": mapped_column(primary_key=True), "desk": mapped_column(unique=True)}
        self.model: Any = type("Employee", (base,), body)
        self.admin = FlaskAdmin(self.app)
        self.admin.add_view(view(self.model, self.db))
        with self.app.app_context():
            self.db.create_all()
            self.db.session.add(self.model(name="Ada"))
            self.db.session.commit()

    @property
    def client(self) -> FlaskClient:
        """Return a client with cookies of its own."""
        return self.app.test_client()

    @property
    def names(self) -> list[str]:
        """Return the names in the table."""
        with self.app.app_context():
            return list(self.db.session.scalars(select(self.model.name)))


class New:
    """A FastAPI app with an admin of one table, which holds Ada."""

    def __init__(self, login: AuthenticationBackend | None = None, **settings: Any) -> None:
        class Base(DeclarativeBase):
            pass

        class Employee(Base):
            __tablename__ = "employee"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]

        self.model = Employee
        self.engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        Base.metadata.create_all(self.engine)
        with Session(self.engine) as session:
            session.add(Employee(name="Ada"))
            session.commit()
        self.app = FastAPI()
        self.admin = Admin(self.app, self.engine, authentication_backend=login)
        self.admin.add_view(type("EmployeeAdmin", (ModelView,), settings, model=Employee))

    def send(
        self, method: str, path: str, query: str = "", form: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Send a request and return status, headers and body."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": urlencode(form or {}).encode()}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"host", b"staff.example"), (b"content-type", b"application/x-www-form-urlencoded")]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
        asyncio.run(self.app(scope, receive, send))
        start, *rest = sent
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], found, b"".join(message.get("body", b"") for message in rest).decode()

    @property
    def names(self) -> list[str]:
        """Return the names in the table."""
        with Session(self.engine) as session:
            return list(session.scalars(select(self.model.name)))


class Login(AuthenticationBackend):
    """Lets everybody in who asks."""

    async def login(self, request: Request) -> bool:
        request.session["user"] = "ada"
        return True

    async def logout(self, request: Request) -> bool:
        request.session.clear()
        return True

    async def authenticate(self, request: Request) -> bool:
        return "user" in request.session


def _error(call: Callable[..., object], *args: object, **named: object) -> Exception | None:
    """Return what a call raises, nothing if it works."""
    try:
        call(*args, **named)
    except Exception as error:
        return error
    return None


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep what a check provokes out of the log."""
    logger, drop = logging.getLogger(name), lambda _: False
    logger.addFilter(drop)
    try:
        yield
    finally:
        logger.removeFilter(drop)


def _imported_again(module: ModuleType) -> ModuleType:
    """Return a second copy of a module, which finds what can be imported now."""
    spec = spec_from_file_location(module.__name__, module.__file__)
    assert spec
    assert spec.loader
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    return copy


def check_none_built_in() -> None:
    """Neither framework has an admin interface."""
    assert find_spec("flask.admin") is None
    assert find_spec("fastapi.admin") is None


def check_columns() -> None:
    """Flask-Admin lists all columns but the key, SQLAdmin only the key unless `column_list` says more."""
    page = Old().client.get("/admin/employee/").text
    assert re.findall(r'class="column-header col-(\w+)"', page) == ["name", "desk"]
    bare, more = New(), New(column_list=["name"])
    assert "<td>Ada</td>" not in bare.send("GET", "/admin/employee/list")[2]
    assert bare.admin.views[0]._list_prop_names == ["id"]  # type: ignore[union-attr]
    assert "<td>Ada</td>" in more.send("GET", "/admin/employee/list")[2]


def check_home_stays_open() -> None:
    """A `ModelView` that is not accessible answers 403, and `/admin/` still 200."""
    client = Old(type("Closed", (FlaskView,), {"is_accessible": lambda self: False})).client
    assert client.get("/admin/employee/").status_code == 403
    assert client.get("/admin/").status_code == 200


def check_no_row() -> None:
    """For a row that is gone Flask-Admin answers 302 with a relative address of the list, SQLAdmin 404."""
    old, new = Old().client, New()
    assert old.get("/admin/employee/edit/?id=1").status_code == 200
    gone = old.get("/admin/employee/edit/?id=99")
    assert (gone.status_code, gone.headers["Location"]) == (302, "/admin/employee/")
    assert new.send("GET", "/admin/employee/edit/1")[0] == 200
    assert new.send("GET", "/admin/employee/edit/99")[0] == 404


def check_odd_row() -> None:
    """For the key `abc` Flask-Admin redirects to the list, SQLAdmin raises `ValueError`."""
    gone = Old().client.get("/admin/employee/edit/?id=abc")
    assert (gone.status_code, gone.headers["Location"]) == (302, "/admin/employee/")
    assert isinstance(_error(New().send, "GET", "/admin/employee/edit/abc"), ValueError)


def check_addresses() -> None:
    """Flask-Admin's form of row 1 is /admin/employee/edit/?id=1, SQLAdmin's /admin/employee/edit/1."""
    old, new = Old().client, New()
    assert old.get("/admin/employee/edit/?id=1").status_code == 200
    assert old.get("/admin/employee/edit/1").status_code == 404
    assert new.send("GET", "/admin/employee/edit/1")[0] == 200


def check_secure_form() -> None:
    """With `SecureForm` a form without the session's token stores nothing, with the token it does."""
    site = Old(type("Secure", (FlaskView,), {"form_base_class": SecureForm}))
    client = site.client
    client.post("/admin/employee/new/", data={"name": "Eve"})
    assert site.names == ["Ada"]
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/admin/employee/new/").text)
    assert found
    client.post("/admin/employee/new/", data={"name": "Eve", "csrf_token": found[1]})
    assert site.names == ["Ada", "Eve"]


def check_no_csrf() -> None:
    """SQLAdmin's form holds no hidden field, and a POST without any token is stored, also behind a login."""
    site = New()
    assert 'type="hidden"' not in site.send("GET", "/admin/employee/create")[2]
    site.send("POST", "/admin/employee/create", form={"name": "Eve"})
    assert site.names == ["Ada", "Eve"]
    assert find_spec("sqladmin.csrf") is None


def check_session_cookie() -> None:
    """The cookie of SQLAdmin's login is SameSite=lax; Flask's has no SameSite unless it is set."""
    site = Old()
    for setting, expected in ((None, False), ("Lax", True)):
        site.app.config["SESSION_COOKIE_SAMESITE"] = setting
        cookie = site.client.post("/admin/employee/new/", data={"name": "Eve"}).headers["Set-Cookie"]
        assert ("SameSite" in cookie) is expected
    status, headers, _ = New(Login("a key")).send("POST", "/admin/login")
    assert (status, headers["location"]) == (302, "http://staff.example/admin/")
    assert "httponly; samesite=lax" in headers["set-cookie"]


def check_db_model() -> None:
    """SQLAdmin lists the rows of a model that was declared with Flask-SQLAlchemy."""
    old, new = Old(), New()
    with old.app.app_context():
        admin = Admin(new.app, old.db.engine, base_url="/old")
    view: Any = type("OldAdmin", (ModelView,), {"column_list": ["name"]}, model=old.model)
    admin.add_view(view)
    assert "<td>Ada</td>" in new.send("GET", "/old/employee/list")[2]


def check_view_accessible() -> None:
    """SQLAdmin's `is_accessible` gets the request, and False is a 403 for that view alone."""
    site = New(is_accessible=lambda self, request: request.query_params.get("as") == "ada")
    assert site.send("GET", "/admin/employee/list")[0] == 403
    assert site.send("GET", "/admin/employee/list", "as=ada")[0] == 200
    assert site.send("GET", "/admin/")[0] == 200


def check_logout_get() -> None:
    """SQLAdmin logs out on GET and refuses POST."""
    site = New(Login("a key"))
    assert site.send("GET", "/admin/logout")[0] == 302
    assert site.send("POST", "/admin/logout")[0] == 405


def check_save_button() -> None:
    """SQLAdmin redirects to the list if the form says `save=Save`, otherwise to an empty form."""
    for extra, page in ({"save": "Save"}, "list"), ({}, "create"):
        status, headers, _ = New().send("POST", "/admin/employee/create", form={"name": "Eve", **extra})
        assert (status, headers["location"]) == (302, f"http://staff.example/admin/employee/{page}")


def check_not_documented() -> None:
    """SQLAdmin's pages are not in `/openapi.json`."""
    site = New()
    assert site.send("GET", "/admin/")[0] == 200
    assert site.app.openapi()["paths"] == {}


def check_auth_extra() -> None:
    """SQLAdmin asks for itsdangerous only as the extra `auth`."""
    found = [line for line in requires("sqladmin") or () if line.startswith("itsdangerous")]
    assert found
    assert all("extra ==" in line for line in found)


def _initialized_again() -> None:
    """Do what importing `sqlalchemy.ext.asyncio` ends with."""
    copy: Any = _imported_again(concurrency)
    copy._concurrency_shim._initialize()


def check_greenlet() -> None:
    """SQLAdmin imports `sqlalchemy.ext.asyncio`, which without greenlet is an ImportError, and asks for neither."""
    assert not [line for line in requires("sqladmin") or () if "greenlet" in line or "asyncio" in line]
    assert all("extra ==" in line for line in requires("sqlalchemy") or () if "greenlet" in line)
    assert "AsyncSession" in vars(sys.modules["sqladmin.application"])
    assert _error(_initialized_again) is None
    with patch.dict(sys.modules, {"greenlet": None}):
        error = _error(_initialized_again)
    assert isinstance(error, ImportError)
    assert "'greenlet' library is installed" in str(error)


def check_needs_flask_sqlalchemy() -> None:
    """Flask-Admin 2.2.1 takes a name from Flask-SQLAlchemy that is not there without it."""
    name = admin_types.__name__
    hidden = {"flask_sqlalchemy": None, "flask_sqlalchemy.session": None}
    assert _error(_imported_again, admin_sessions) is None
    with patch.dict(sys.modules, hidden):
        sys.modules[name] = _imported_again(admin_types)
        error = _error(_imported_again, admin_sessions)
    assert isinstance(error, ImportError)
    assert "cannot import name 'T_SESSION'" in str(error)


def check_plain_session() -> None:
    """A view that gets a session instead of `db` works and warns: deprecated."""
    site = Old()
    with site.app.app_context():
        session = scoped_session(sessionmaker(site.db.engine))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        site.admin.add_view(FlaskView(site.model, session, endpoint="plain"))
    assert [found.category for found in caught] == [DeprecationWarning]
    assert "Passing a session object directly is deprecated" in str(caught[0].message)
    assert site.client.get("/admin/plain/").status_code == 200
    session.remove()


def check_no_secret_key() -> None:
    """Without a secret key the answer to a new row is 500, and the row is stored."""
    site = Old(key=None)
    with _quiet(site.app.logger.name):
        assert site.client.post("/admin/employee/new/", data={"name": "Eve"}).status_code == 500
    assert site.names == ["Ada", "Eve"]


def check_prefix() -> None:
    """Flask-Admin's title links to /admin without a prefix; its menu has the prefix of the first request."""
    client = Old().client
    first, second = (client.get("/admin/", environ_overrides={"SCRIPT_NAME": name}).text for name in ("/one", "/two"))
    for page in (first, second):
        assert 'class="navbar-brand" href="/admin"' in page
        assert 'class="nav-link" href="/one/admin/employee/"' in page.replace("nav-link ", "nav-link")
    assert 'href="/two/admin/static/' in second


def check_huge_number() -> None:
    """A number that SQLite cannot hold is a 500 where the column is unique."""
    site = Old()
    with _quiet(site.app.logger.name):
        answer = site.client.post("/admin/employee/new/", data={"name": "Eve", "desk": "9" * 20})
    assert (answer.status_code, site.names) == (500, ["Ada"])


def check_fastapi_admin_import() -> None:
    """The class statement of aioredis 2.0.1, which FastAPI-Admin imports: `duplicate base class TimeoutError`."""
    redis = type("RedisError", (Exception,), {})
    error = _error(type, "TimeoutError", (asyncio.TimeoutError, builtins.TimeoutError, redis), {})
    assert isinstance(error, TypeError)
    assert str(error) == "duplicate base class TimeoutError"
    assert _error(type, "TimeoutError", (builtins.TimeoutError, redis), {}) is None


def check_fastapi_admin_login() -> None:
    """`TemplateResponse` with the name first and the request in the values is a `TypeError`."""
    templates: Any = Jinja2Templates(env=Environment(loader=DictLoader({"login.html": "login"}), autoescape=True))
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    assert isinstance(_error(templates.TemplateResponse, "login.html", context={"request": request}), TypeError)
    assert templates.TemplateResponse(request, "login.html").body == b"login"
