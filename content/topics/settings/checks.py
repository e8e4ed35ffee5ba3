"""Facts that no request to the demos shows: what both sides read of a process's real environment."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import requires
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from flask import Config, Flask, session
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
    """`Settings()` reads the environment, and names every field that is wrong or missing at once."""

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
    """The message for a missing field holds the others as text; `hide_input_in_errors=True` leaves them out."""

    class Loud(Base):
        secret: str
        pool: int

    class Quiet(Loud, hide_input_in_errors=True):
        pass

    with _environment(SECRET="s3cret"):
        assert "s3cret" in str(_error(Loud))
        assert "s3cret" not in str(_error(Quiet))
        assert "Field required" in str(_error(Quiet))


def check_words_for_false() -> None:
    """pydantic takes false, False, off, no, f, n and 0 for False, and refuses any other word."""

    class Settings(Base):
        open: bool

    for word in ("false", "False", "off", "no", "f", "n", "0"):
        with _environment(OPEN=word):
            assert Settings().open is False
    with _environment(OPEN="closed"):
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
