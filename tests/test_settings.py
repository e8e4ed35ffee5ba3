"""Settings: each is described and documented, and a value that is unsafe or impossible is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sites import ROOT, Run

from explorer.settings import Settings
from explorer.web import kinds

FIELDS = Settings.model_fields
OWN = sorted(kinds._BY_START.keys() - {""})
"""How the site's own addresses begin; test_metrics.py holds them against its routes."""


def documented(text: str) -> dict[str, str]:
    """The names in a table of the README with what stands under default."""
    return dict(re.findall(r"^\| `EXPLORER_(\w+)` \| (.+?) \|", text, re.M))


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_is_described_and_documented(name: str):
    assert FIELDS[name].description
    defaults = documented((ROOT / "README.md").read_text())
    assert name.upper() in defaults
    default = FIELDS[name].default
    known = {"": "empty", "None": "empty", "('*',)": "`*`", "True": "`true`"}
    shown = known.get(str(default), f"`{default}`")
    assert name == "content" or defaults[name.upper()] == shown


def test_the_readme_documents_nothing_else():
    assert set(documented((ROOT / "README.md").read_text())) == {name.upper() for name in FIELDS}


def test_the_reader_of_the_readme_sees_rows_only():
    text = "| `EXPLORER_PORT` | `8000` | Port. |\nSet `EXPLORER_HOST` too.\n"
    assert documented(text) == {"PORT": "`8000`"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("root_path", value)
            for value in ("x", "/", "/x/", "//x", "/x//y", "/x y", "/x;y", "/x\n", "/../x", "/.", "/ä")
        ),
        *(("root_path", value) for value in ("https://x", '/x"onload=', "/%2e", "\\x")),
        *(("root_path", f"/{part}") for part in OWN),
        *(("root_path", value) for value in ("/topics/hello-world", "/api/v1")),
        *(("port", value) for value in (-1, 65_536, "http")),
        *(("workers", value) for value in (0, 65)),
        *(("allowed_hosts", value) for value in ("", ",", " , ", "ex*.com", "*.", "a.example,*b.example")),
        *(("allowed_hosts", value) for value in ("a.example:8443", "https://a.example", "a example", "a..example")),
        *(("trusted_proxies", value) for value in ("", " , ", "*", "nginx", "127.0.0.1,nginx", "127.0.0.1:80")),
        *(("trusted_proxies", value) for value in ("172.28.87.10/24", "172.28.87.0/99", "::1/0")),
        *((name, value) for name in ("host", "metrics_host") for value in ("", "127.0.0.1:9100", "http://x", "a b")),
        *(("metrics_port", value) for value in (-1, 65_536, "x")),
        *(("live_timeout", value) for value in (0, 301)),
        *(("live_socket_timeout", value) for value in (0, 3601)),
        *(("live_pieces", value) for value in (0, 10_001)),
        *(("live_response_limit", value) for value in (0, 2**21)),
        *((name, value) for name in ("live_concurrency", "live_per_address") for value in (0, 257)),
        *(("log_level", value) for value in ("loud", "")),
        *(("try_timeout", value) for value in (0, -1, 31, "inf", "nan")),
        *(("try_response_limit", value) for value in (0, 1023, 2**30)),
        *(("try_body_limit", value) for value in (-1, 2**30)),
        *(("try_concurrency", value) for value in (0, 257)),
        *(("try_queue", value) for value in (-1, 5000)),
        *((name, -1) for name in ("try_rate", "request_rate")),
        *((name, 0) for name in ("test_runs", "previews", "follow_limit", "url_limit", "header_limit")),
        *(("header_bytes_limit", value) for value in (0, 1_000_000)),
        *(("client_timeout", value) for value in (0, 301)),
        *(("connections", value) for value in (0, 2_000_000)),
        *(("stop_timeout", value) for value in (0, 301)),
        *(("database_url", value) for value in ("x", "sqlite:///x.db", "mysql://host/x", "sqlite+aiosqlite://")),
        *(("database_url", f"postgresql+asyncpg://ann:{rest}/x") for rest in ("a@h:99999", "a@h:port", "a:b@c@h:1x")),
        *(("database_url", value) for value in ("sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///x.db?mode=ro")),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(name: str, value: Any):
    with pytest.raises(ValidationError) as caught:
        Settings(**{name: value})
    assert [error["loc"] for error in caught.value.errors()] == [(name,)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("trusted_proxies", value) for value in ("127.0.0.1", "::1", "172.28.87.0/24,10.0.0.1", "fd00::/8")),
        *(("metrics_host", value) for value in ("0.0.0.0", "::", "::1", "fe80::1%eth0", "localhost")),
        *(("database_url", f"postgresql+asyncpg://{rest}") for rest in ("a:b%40c@h:5432/x", "a@/x?host=/tmp", "h/x")),
        *(("database_url", f"postgresql+asyncpg://{rest}") for rest in ("a:b/c:d@[::1]:5432/x", "a:[b@h/x")),
    ],
)
def test_a_value_that_can_be_used_is_taken(name: str, value: str):
    assert getattr(Settings(**{name: value}), name) == value


@pytest.mark.parametrize("value", ["", "/compare", "/a/b-c_d.e~f", "/x1", "/topics2", "/compare/api"])
def test_a_prefix_that_can_be_used(value: str):
    assert Settings(root_path=value).root_path == value


def test_hosts_are_separated_by_commas():
    assert Settings(allowed_hosts=" a.example, B.Example ,").allowed_hosts == ("a.example", "b.example")
    assert Settings(allowed_hosts="*.example,[::1],localhost").allowed_hosts == ("*.example", "[::1]", "localhost")
    assert Settings(trusted_proxies=" 127.0.0.1, ::1 ,").trusted_proxies == "127.0.0.1,::1"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EXPLORER_PORT", "8123")
    monkeypatch.setenv("EXPLORER_ALLOWED_HOSTS", "a.example,b.example")
    settings = Settings()
    assert (settings.port, settings.allowed_hosts) == (8123, ("a.example", "b.example"))


def test_a_setting_may_be_a_file_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "explorer_database_url").write_text("postgresql+asyncpg://site:secret@database/site\n")
    (tmp_path / "explorer_port").write_text("8123\n")
    monkeypatch.setenv("EXPLORER_PORT", "8124")
    settings = Settings(_secrets_dir=tmp_path)
    assert settings.database == "postgresql+asyncpg://site:secret@database/site"
    assert settings.port == 8124
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_bad_setting_stops_a_command_with_one_clear_line(explorer: Run, command: str):
    done = explorer(command, root_path="x")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("EXPLORER_ROOT_PATH: ")
    assert line.endswith("The README lists every setting.")


def test_each_bad_setting_has_a_line_of_its_own(explorer: Run):
    done = explorer("serve", port="http", workers=0)
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["EXPLORER_PORT", "EXPLORER_WORKERS"]


@pytest.mark.parametrize(("option", "value"), [("--port", "65536"), ("--port", "x"), ("--workers", "0")])
def test_a_bad_option_is_refused(explorer: Run, option: str, value: str):
    done = explorer("serve", option, value)
    assert done.returncode == 2
    assert option in done.stderr
    assert "Traceback" not in done.stderr
