"""Facts about images and servers that no request to the demos shows."""

import json
import os
from importlib.metadata import metadata, version
from pathlib import Path

import gunicorn.config
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from packaging.specifiers import SpecifierSet

HERE = Path(__file__).parent
SIDES = ("flask", "fastapi")


def _instructions(side: str) -> list[tuple[str, str]]:
    """Return a Dockerfile's instructions with their arguments, continued lines joined."""
    text = (HERE / side / "Dockerfile").read_text().replace("\\\n", "")
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def check_both_listen_on_loopback() -> None:
    """Gunicorn and Uvicorn listen on 127.0.0.1:8000 by default; Gunicorn on 0.0.0.0:$PORT where PORT is set."""
    port = os.environ.get("PORT")
    assert gunicorn.config.Bind.default == [f"0.0.0.0:{port}" if port else "127.0.0.1:8000"]
    config = uvicorn.Config("app:app", log_config=None)
    assert (config.host, config.port) == ("127.0.0.1", 8000)


def check_dockerfiles_alike() -> None:
    """The two Dockerfiles differ in port, health check port and command only, the ignore files not at all."""
    left, right = (_instructions(side) for side in SIDES)
    assert [name for name, _ in left] == [name for name, _ in right]
    differing = [a[0] for a, b in zip(left, right, strict=True) if a != b]
    assert differing == ["EXPOSE", "HEALTHCHECK", "CMD"]
    assert len({(HERE / side / ".dockerignore").read_text() for side in SIDES}) == 1


def check_exec_form() -> None:
    """Both commands are JSON lists, the exec form of CMD."""
    for side in SIDES:
        command = json.loads(dict(_instructions(side))["CMD"])
        assert command[0] in ("gunicorn", "uvicorn")


def check_pinned_and_not_root() -> None:
    """Both install exact versions, those that run here, and name a user before the command."""
    for side in SIDES:
        names = [name for name, _ in _instructions(side)]
        assert names.index("USER") < names.index("CMD")
        for line in (HERE / side / "requirements.txt").read_text().splitlines():
            package, _, pinned = line.partition("==")
            assert version(package) == pinned, line


def check_graceful_stop() -> None:
    """Gunicorn's graceful_timeout is 30 seconds, Uvicorn's timeout_graceful_shutdown is None: no limit."""
    assert gunicorn.config.GracefulTimeout.default == 30
    assert uvicorn.Config("app:app", log_config=None).timeout_graceful_shutdown is None


def check_below_docker() -> None:
    """Both commands give running requests 8 seconds, by the server's own option: Docker's 10 are not used up."""
    left, right = (json.loads(dict(_instructions(side))["CMD"]) for side in SIDES)
    parsed = gunicorn.config.Config().parser().parse_args(left[1:])
    assert parsed.graceful_timeout == 8
    assert uvicorn.main.make_context("uvicorn", right[1:]).params["timeout_graceful_shutdown"] == 8


def check_pair_is_body() -> None:
    """A value and a status that a FastAPI endpoint returns as a pair are a list in the body, with 200."""
    app = FastAPI()

    @app.get("/")
    def ready() -> tuple[dict[str, bool], int]:
        return {"database": False}, 503

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.json()) == (200, [{"database": False}, 503])


def check_control_socket() -> None:
    """Gunicorn has a setting that switches its control socket off, and it is not switched off by default."""
    settings = {setting.name: setting for setting in gunicorn.config.KNOWN_SETTINGS}
    assert settings["control_socket_disable"].default is False
    assert "--no-control-socket" in settings["control_socket_disable"].cli


def check_uvicorn_defaults() -> None:
    """Uvicorn runs one process unless told otherwise."""
    if "WEB_CONCURRENCY" not in os.environ:
        assert uvicorn.Config("app:app", log_config=None).workers == 1


def check_python_310() -> None:
    """The installed FastAPI does not allow Python 3.10; Flask does."""
    assert "3.10.18" not in SpecifierSet(metadata("fastapi")["Requires-Python"])
    assert "3.10.18" in SpecifierSet(metadata("flask")["Requires-Python"])


def check_expose_changes_nothing() -> None:
    """A bare `gunicorn main:app` listens on one address, which is not the port 5000 that its Dockerfile exposes."""
    article = 'EXPOSE 5000\nCMD ["gunicorn", "main:app"]'
    exposed = article.partition("EXPOSE ")[2].partition("\n")[0]
    command = json.loads(article.partition("CMD ")[2])
    parser = gunicorn.config.Config().parser()
    assert parser.parse_args(command[1:]).bind is None  # so the default stays
    assert all(not address.endswith(f":{exposed}") for address in gunicorn.config.Bind.default)
