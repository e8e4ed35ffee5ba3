"""A real nginx with the configuration that is shipped, and with TLS, in front of servers on loopback."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from sites import ROOT

REQUIRED = "EXPLORER_REQUIRE_NGINX"
TEMPLATE = ROOT / "docs" / "hosting" / "nginx.conf"
NAME = "localhost"
PLACE = re.compile(r"\$\{(SITE_\w+)\}")
"""What envsubst puts in; nginx's own variables have no braces."""


@dataclass(frozen=True)
class Proxy:
    """An nginx that listens on two ports of loopback."""

    http: int
    https: int
    prefix: str
    folder: Path

    @property
    def address(self) -> str:
        """The name and port that a browser shows."""
        return f"{NAME}:{self.https}"

    @property
    def url(self) -> str:
        return f"https://{self.address}{self.prefix}"

    @property
    def trust(self) -> ssl.SSLContext:
        """Accepts the certificate of this proxy and no other."""
        return ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))

    def client(self, **options: object) -> httpx2.Client:
        return httpx2.Client(verify=self.trust, timeout=20, **options)

    def exchange(self, sent: bytes, name: str | None = NAME) -> bytes:
        """Send bytes over TLS, asking for a name in the handshake, and return all that comes back."""
        trust = self.trust
        trust.check_hostname = False
        with (
            socket.create_connection(("127.0.0.1", self.https), 20) as plain,
            trust.wrap_socket(plain, server_hostname=name) as connection,
        ):
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


def program() -> str:
    """Return nginx; skip where there is none, fail where one is required, as in CI."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)("nginx is not installed")
    return found


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


@contextmanager
def nginx(folder: Path, *servers: str, prefix: str = "") -> Iterator[Proxy]:
    """Run nginx in a folder in front of servers, given by their addresses."""
    command = [program(), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    http, https = free_ports(2)
    proxy = Proxy(http, https, prefix, folder)
    values = {
        "SITE_NAME": NAME,
        "SITE_ADDRESS": proxy.address,
        "SITE_PREFIX": prefix,
        "SITE_SERVERS": " ".join(f"server {urlsplit(server).netloc} fail_timeout=2s;" for server in servers),
        "SITE_HTTP": f"127.0.0.1:{http}",
        "SITE_HTTPS": f"127.0.0.1:{https}",
        "SITE_TLS": str(folder),
    }
    (folder / "nginx.conf").write_text(PLACE.sub(lambda place: values[place[1]], TEMPLATE.read_text()))
    make_certificate(folder)
    user = " user root;" if os.geteuid() == 0 else ""  # its workers could not write into the folder of a test
    with subprocess.Popen([*command, "-g", f"daemon off;{user}"], stderr=subprocess.PIPE, text=True) as process:
        try:
            await_port(process, https)
            yield proxy
        finally:
            process.terminate()


def await_port(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stderr
            raise AssertionError(process.stderr.read())
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("nginx does not listen")


def make_certificate(folder: Path) -> None:
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)
