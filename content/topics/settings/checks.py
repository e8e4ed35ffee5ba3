"""Facts that no request to the demos shows: what both sides read of a process's real environment."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import requires
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from flask import Config, Flask, session
from flask.cli import FlaskGroup, load_dotenv
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsError

PREFIX = "SETTINGSCHECK"
"""Begins the names of variables that nothing else reads."""


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set variables under the prefix, and take them away again."""
    names = {f"{PREFIX}_{name}": value for name, value in variables.items()}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


class Base(BaseSettings, env_prefix=f"{PREFIX}_"):
    """Settings that read the variables of a check."""


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def _get(app: FastAPI) -> Any:
    """Send a GET request as an ASGI server would, and return the JSON of the answer."""
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
    return json.loads(sent[1]["body"])


def check_prefixed() -> None:
    """`from_prefixed_env` reads each value as JSON and keeps as text what is none."""
    config = Config("")
    values = {"A": "5", "B": "false", "C": "abc", "D": "False", "E": '["a"]', "F": "007"}
    with _environment(**values):
        config.from_prefixed_env(PREFIX)
    assert config == {"A": 5, "B": False, "C": "abc", "D": "False", "E": ["a"], "F": "007"}


def check_real_start() -> None:
    """`Settings()` reads the environment in any case, and names every field that is wrong or missing at once."""

    class Settings(Base):
        pool: int
        secret: SecretStr

    with _environment(POOL="abc"):
        error = _error(Settings)
    assert isinstance(error, ValidationError)
    assert [(problem["loc"], problem["type"]) for problem in error.errors()] == [
        (("pool",), "int_parsing"),
        (("secret",), "missing"),
    ]
    with _environment(POOL="5", SECRET="s3cret"):
        assert Settings().model_dump() == {"pool": 5, "secret": SecretStr("s3cret")}
    with _environment(pool="5", Secret="s3cret"):
        assert Settings().model_dump() == {"pool": 5, "secret": SecretStr("s3cret")}


def check_not_included() -> None:
    """Neither framework requires pydantic-settings."""
    needs = [line for package in ("flask", "fastapi") for line in requires(package) or ()]
    assert not [line for line in needs if line.startswith("pydantic-settings") and "extra ==" not in line]


def check_typo() -> None:
    """A variable that no field has the name of is passed over by pydantic-settings and stored by Flask."""

    class Settings(Base):
        pool: int = 5

    config = Config("")
    with _environment(POLL="9"):
        assert Settings().model_dump() == {"pool": 5}
        config.from_prefixed_env(PREFIX)
    assert config == {"POLL": 9}


def check_secret_in_error() -> None:
    """The message for a missing field holds the others in clear; `hide_input_in_errors=True` leaves them out."""

    class Loud(Base):
        secret: SecretStr
        pool: int

    class Quiet(Loud, hide_input_in_errors=True):
        pass

    with _environment(SECRET="s3cret"):
        assert "s3cret" in str(_error(Loud))
        assert "s3cret" not in str(_error(Quiet))
        assert "Field required" in str(_error(Quiet))


def check_words() -> None:
    """pydantic takes true, yes, on, t, y, 1 and false, no, off, f, n, 0 in any case, and refuses the rest."""

    class Settings(Base):
        open: bool

    for words, value in (("true yes on t y 1", True), ("false no off f n 0", False)):
        for word in f"{words} {words.upper()} {words.title()}".split():
            with _environment(OPEN=word):
                assert Settings().open is value
    for word in ("closed", "2", ""):
        with _environment(OPEN=word):
            assert isinstance(_error(Settings), ValidationError)


def check_lists() -> None:
    """A list in a variable is JSON to pydantic-settings; `a,b` raises SettingsError."""

    class Settings(Base):
        hosts: list[str]

    with _environment(HOSTS='["a", "b"]'):
        assert Settings().hosts == ["a", "b"]
    with _environment(HOSTS="a,b"):
        assert isinstance(_error(Settings), SettingsError)


def check_no_key() -> None:
    """A Flask app without SECRET_KEY starts, and answers 500 where the session is first written."""
    app = Flask(__name__)
    app.testing = True
    app.get("/")(lambda: "fine")
    app.get("/login", endpoint="login")(lambda: session.update(user="Ada") or "in")
    assert app.test_client().get("/").text == "fine"
    error = _error(app.test_client().get, "/login")
    assert isinstance(error, RuntimeError)
    assert "no secret key was set" in str(error)


def check_from_object() -> None:
    """`from_object` takes the upper-case attributes of checked settings into Flask's config."""

    class Settings(Base):
        POOL: int = 5
        note: str = "left out"

    config = Config("")
    config.from_object(Settings(POOL=8))
    assert config == {"POOL": 8}


def check_secret_key() -> None:
    """With a SecretStr as SECRET_KEY Flask raises TypeError where a session is written; its value works."""

    class Settings(Base):
        SECRET_KEY: SecretStr

    app, settings = Flask(__name__), Settings(SECRET_KEY="s3cret")
    app.testing = True
    app.config.from_object(settings)
    app.get("/login")(lambda: session.update(user="Ada") or "in")
    error = _error(app.test_client().get, "/login")
    assert isinstance(error, TypeError)
    assert "SecretStr" in str(error)
    app.config["SECRET_KEY"] = settings.SECRET_KEY.get_secret_value()
    assert app.test_client().get("/login").text == "in"


def check_by_hand() -> None:
    """`int(os.environ[...])` in a module fails when it is imported, at the first value that is wrong or missing."""

    def config() -> dict[str, int]:
        return {"pool": int(os.environ[f"{PREFIX}_POOL"]), "port": int(os.environ[f"{PREFIX}_PORT"])}

    with _environment(POOL="abc", PORT="def"):
        error = _error(config)
    assert isinstance(error, ValueError)
    assert "'abc'" in str(error)
    assert "'def'" not in str(error)
    assert isinstance(_error(config), KeyError)
    with _environment(POOL="5", PORT="80"):
        assert config() == {"pool": 5, "port": 80}


def check_dotenv() -> None:
    """Flask's command loads .env into the environment; pydantic-settings reads the file it is told and is strict."""

    class Settings(Base):
        pool: int = 5

    class Lenient(Settings, extra="ignore"):
        pass

    with TemporaryDirectory() as folder:
        file = Path(folder, ".env")
        file.write_text(f"{PREFIX}_POOL=8\n")
        assert (Settings().pool, Settings(_env_file=file).pool) == (5, 8)
        file.write_text(f"{PREFIX}_POOL=8\n{PREFIX}_POLL=9\nOTHER=1\n")
        error = _error(lambda: Settings(_env_file=file))
        assert isinstance(error, ValidationError)
        assert {problem["type"] for problem in error.errors()} == {"extra_forbidden"}
        assert len(error.errors()) == 2
        assert Lenient(_env_file=file).pool == 8
        assert FlaskGroup().load_dotenv is True
        file.write_text(f"{PREFIX}_POOL=9\n")
        assert load_dotenv(file)
        assert os.environ.pop(f"{PREFIX}_POOL") == "9"


def check_cached() -> None:
    """With `lru_cache` the settings are read once; `dependency_overrides` replaces them for a test."""

    class Settings(Base):
        pool: int = 5

    @lru_cache
    def get_settings() -> Settings:
        return Settings()

    app = FastAPI()

    def view(settings: Annotated[Settings, Depends(get_settings)]) -> int:
        return settings.pool

    app.get("/")(view)
    with _environment(POOL="8"):
        assert get_settings().pool == 8
    assert get_settings() is get_settings()
    assert get_settings().pool == 8
    app.dependency_overrides[get_settings] = lambda: Settings(pool=1)
    assert _get(app) == 1
