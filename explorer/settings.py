"""Settings from EXPLORER_* environment variables, each with its default, its meaning and its check.

A value may also be the content of a file in SECRETS; the environment wins. Refuses unsafe or impossible values at
start with one clear sentence. Reads no other file and connects to nothing.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from explorer.addresses import read_address

DATA = Path(__file__).parent / "_data"
ROOT = DATA if DATA.is_dir() else Path(__file__).parent.parent
"""Where templates, static and content lie: inside the package in a wheel, beside it in a checkout."""

SECRETS = Path("/run/secrets")
"""Where container engines put what must not stand in the environment, for example explorer_database_url."""

_HOST = re.compile(r"\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?")
WORDS_LIMIT = 4 * 1024 * 1024
"""Bytes of a form with a topic's words."""

OWN_PARTS = frozenset(
    (
        *("admin", "api", "checklist", "checklist.md", "claims", "demos", "differences", "errata", "healthz", "matrix"),
        *("preview", "privacy", "readyz", "robots.txt", "search", "sitemap.xml", "static", "topics"),
    )
)
"""How the site's own addresses begin. Under such a prefix nobody could tell whether a proxy took it off already."""


class Settings(BaseSettings):
    """How one process of the site runs. Field descriptions are the documentation in the README."""

    model_config = SettingsConfigDict(
        env_prefix="EXPLORER_", frozen=True, secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that serve the site.")
    root_path: str = Field(
        default="", description="Prefix under which a proxy publishes the site, for example /compare."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("*",), description="Host names the site answers to, separated by commas; * accepts all."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses and networks whose X-Forwarded-For and -Proto are believed, separated by commas.",
    )
    content: Path = Field(default=ROOT / "content", description="Folder with sides.toml, sections.toml and topics/.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log line written."
    )
    try_timeout: float = Field(default=2.0, gt=0, le=30, description="Seconds a demo may take for one answer.")
    try_response_limit: int = Field(
        default=256 * 1024, ge=1024, le=16 * 1024**2, description="Bytes of a demo's answer that are kept and shown."
    )
    try_body_limit: int = Field(
        default=64 * 1024, ge=0, le=1024**2, description="Bytes of body that a try-it request may carry."
    )
    try_concurrency: int = Field(default=16, ge=1, le=256, description="Try-it requests answered at the same time.")
    try_queue: int = Field(
        default=32, ge=0, le=4096, description="Try-it requests that may wait; more are answered 503."
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port of a separate listener for Prometheus, 0 for none; with several processes each takes "
        "one, from this on.",
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address of that listener. Nobody needs to sign in.")
    try_rate: int = Field(
        default=60,
        ge=0,
        le=1_000_000,
        description="Try-it requests a minute from one IPv4 address or IPv6 /64 in each process, a third of them at "
        "once; more are answered 429. 0 sets no limit.",
    )
    request_rate: int = Field(
        default=600,
        ge=0,
        le=1_000_000,
        description="The same for all requests that are not answered from memory: searches, downloads, demos, admin.",
    )
    follow_limit: int = Field(
        default=16, ge=2, le=1024, description="Demos that are followed at the same time; more are answered 503."
    )
    test_runs: int = Field(
        default=2, ge=1, le=64, description="Readers for whom tests run at the same time; more are answered 503."
    )
    previews: int = Field(
        default=2, ge=1, le=64, description="Drafts that are rendered at the same time; more wait for their turn."
    )
    url_limit: int = Field(
        default=8192, ge=1024, le=65536, description="Bytes of path and query together; more are answered 414."
    )
    header_limit: int = Field(default=100, ge=20, le=1000, description="Headers of a request; more are answered 431.")
    header_bytes_limit: int = Field(
        default=32 * 1024, ge=4096, le=65536, description="Bytes of all headers together; more are answered 431."
    )
    client_timeout: float = Field(
        default=15.0,
        ge=1,
        le=300,
        description="Seconds in which a client has to send a whole head, more of a body, or take more of an answer; "
        "then it is cut.",
    )
    connections: int = Field(
        default=8192,
        ge=16,
        le=1_000_000,
        description="Connections that each process keeps open, as far as the system allows so many files; beyond that "
        "the one that waits longest is cut.",
    )
    live_timeout: float = Field(
        default=10.0, gt=0, le=300, description="Seconds that a live stream may take, and a live socket be silent."
    )
    live_socket_timeout: float = Field(default=60.0, gt=0, le=3600, description="Seconds that a live socket may take.")
    live_pieces: int = Field(
        default=200, ge=1, le=10_000, description="Chunks or messages of one side's live answer that are shown."
    )
    live_response_limit: int = Field(
        default=64 * 1024, ge=1024, le=1024**2, description="Bytes of one side's live answer that are shown."
    )
    live_concurrency: int = Field(
        default=32, ge=1, le=256, description="Live answers at the same time; more are answered 503."
    )
    live_per_address: int = Field(
        default=2, ge=1, le=256, description="Live answers at the same time for one client address."
    )
    warm: bool = Field(
        default=True,
        description="Make each page and load each demo in the background, after the start and each publish. false "
        "leaves it to whoever asks first, where the site starts often and lives shortly.",
    )
    stop_timeout: int = Field(default=8, ge=1, le=300, description="Seconds that running requests get after SIGTERM.")
    data: Path = Field(default=Path("data"), description="Folder for what the admin saves; made when it is needed.")
    cache: Path | None = Field(
        default=None,
        description="Folder in which topics, their pages and the demos' answers are kept for the next start with the "
        "same files and versions; empty means answers in EXPLORER_DATA.",
    )
    database_url: str = Field(
        default="",
        repr=False,  # may hold a password
        description="Where edits are kept: postgresql://user:password@host/name or "
        "sqlite+aiosqlite:///file; empty means explorer.db in EXPLORER_DATA.",
    )

    @property
    def answers(self) -> Path:
        """Return the folder for the demos' answers."""
        return self.cache or self.data / "answers"

    @property
    def database(self) -> str:
        """Return the address of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'explorer.db'}"

    def names_host(self, header: bytes) -> bool:
        """Tell whether a Host header names a host that the site surely answers to; of patterns it does not know."""
        if "*" in self.allowed_hosts:
            return True
        name, colon, port = header.partition(b":")
        return name.decode("latin-1") in self.allowed_hosts and (not colon or port.isdigit())

    @property
    def call_limit(self) -> int:
        """Return the bytes of a request body: a try-it body may triple in a form and grow sixfold in JSON."""
        return max(1024 * 1024, 6 * self.try_body_limit + 64 * 1024)

    def body_limit(self, path: str) -> int:
        """Return the bytes of a request body at a path: an editor's form carries all words of a topic."""
        return WORDS_LIMIT if path.startswith("/admin/topics/") else self.call_limit

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if not re.fullmatch(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*", value):
            raise ValueError("must be empty or a path of letters and digits without a slash at its end: /compare")
        if value[1:].partition("/")[0] in OWN_PARTS:
            raise ValueError("must not begin like an address of the site itself: take another name, as in /compare")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        return read_address(value) if value else value

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(_listed(value.lower()))
        if not value:
            raise ValueError("must name at least one host, or * for all")
        if isinstance(value, tuple):
            for host in value:
                if not _HOST.fullmatch(str(host)):
                    raise ValueError(f"{host} must be a name without port, or *. and a name, or * for all")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        if not _listed(value):
            raise ValueError("must name an address: 127.0.0.1 trusts this machine only")
        for proxy in _listed(value):
            try:
                ip_network(proxy)
            except ValueError as error:
                why = "any visitor could choose their address" if proxy == "*" else str(error)
                mend = "name addresses such as 127.0.0.1 or networks such as 10.0.0.0/8"
                raise ValueError(f"{proxy}: {why}; {mend}") from None
        return ",".join(_listed(value))

    @field_validator("host", "metrics_host")
    @classmethod
    def _listens(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("must be an address without port, such as 127.0.0.1, 0.0.0.0 or ::")
        return value


def _listed(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]
