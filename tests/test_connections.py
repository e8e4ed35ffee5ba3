"""Clients that are silent, slow or half open are cut, and nobody else notices: raw sockets against a real server."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from sites import COMMAND, Server, Serving, environment

SECONDS = 1.0
MOST = 16
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/topics/calm/try HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
FORM = POST.replace(b"/api/", b"/").replace(b"application/json", b"application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def server(serving: Serving, hostile_content: Path) -> Iterator[Server]:
    with serving(content=hostile_content, client_timeout=SECONDS, connections=MOST, try_rate=1) as server:
        yield server
        assert [line for line in server.lines() if line["message"] == "unhandled"] == []


@pytest.fixture(scope="module")
def named(serving: Serving, hostile_content: Path) -> Iterator[Server]:
    """A site that answers to one name."""
    with serving(content=hostile_content, allowed_hosts="good.example") as server:
        yield server


def connect(server: Server) -> socket.socket:
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), 20)


def ended(connection: socket.socket) -> bytes:
    """What came until the server closed the connection, or cut it."""
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionError:
        pass
    return received


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET", GET, POST, POST + b'{"scen', FORM],
    ids=["silent", "method", "half-head", "no-body", "half-body", "form"],
)
def test_a_client_that_stops_is_cut(server: Server, sent: bytes):
    with connect(server) as connection:
        connection.sendall(sent)
        started = time.monotonic()
        ended(connection)
    assert SECONDS * 0.9 < time.monotonic() - started < SECONDS * 6


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", POST])
def test_a_client_that_drips_is_cut(server: Server, begun: bytes):
    with connect(server) as connection:
        connection.sendall(begun)
        started = time.monotonic()
        try:
            while time.monotonic() - started < 10:
                connection.sendall(b"x")
                time.sleep(SECONDS / 8)
        except ConnectionError:
            pass
    assert SECONDS * 0.9 < time.monotonic() - started < SECONDS * 6


def unread(server: Server, buffer: int = 4096) -> socket.socket:
    """A connection on which far more is asked for than the system keeps for somebody who does not read."""
    connection = connect(server)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.sendall((GET + b"\r\n") * 1000)
    return connection


def test_a_client_that_does_not_read_is_cut(server: Server):
    with unread(server, 65_536) as connection:  # through a smaller one, what is on its way takes minutes to come
        time.sleep(SECONDS * 3)
        assert ended(connection).count(b"HTTP/1.1 200") < 1000


def test_a_client_that_reads_slowly_is_not_cut(server: Server):
    with unread(server) as connection:
        started, received = time.monotonic(), 0
        while time.monotonic() - started < SECONDS * 4:
            received += len(connection.recv(100_000))
            time.sleep(SECONDS / 20)
        assert connection.recv(1)
    assert received > 0


def test_a_client_that_thinks_between_two_requests_is_not_cut(server: Server):
    with connect(server) as connection:
        for _ in range(3):
            connection.sendall(GET.replace(b"GET", b"HEAD"))
            time.sleep(SECONDS / 2)
            connection.sendall(b"\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
            time.sleep(SECONDS * 1.5)


def test_a_request_that_takes_long_is_not_cut(server: Server):
    call, nobody_else = {"request": {"path": "/slow"}}, {"X-Forwarded-For": "192.0.2.77"}  # one try a minute
    url = f"{server.url}/api/topics/hostile/try"
    answer = httpx2.post(url, json=call, headers=nobody_else, timeout=20)
    assert [exchange["response"]["status"] for exchange in answer.json()["exchanges"]] == [200, 200]


def still_open(connections: list[socket.socket]) -> int:
    def is_open(connection: socket.socket) -> bool:
        connection.setblocking(False)
        try:
            return connection.recv(1) != b""
        except BlockingIOError:
            return True
        except ConnectionError:
            return False

    return sum(map(is_open, connections))


def test_beyond_the_limit_those_that_wait_longest_are_cut(server: Server):
    crowd = [connect(server) for _ in range(MOST + 8)]
    assert httpx2.get(server.url).status_code == 200
    assert still_open(crowd[:8]) == 0
    for connection in crowd:
        connection.close()


HUGE = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n"
SLOW = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"


@pytest.mark.parametrize(("begun", "status"), [(HUGE, b"413"), (POST.replace(b"POST", b"GET"), b"405")])
def test_an_answer_before_the_end_of_a_body_is_the_last_one_and_arrives_whole(
    server: Server, begun: bytes, status: bytes
):
    with connect(server) as connection:
        connection.sendall(begun + b"x")
        time.sleep(0.3)
        for _ in range(10):
            connection.sendall(b"x" * 9)  # no reset while the client goes on
        answer = ended(connection)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status)
        assert b"\r\nConnection: close" in head
        assert len(body) == int(re.search(rb"content-length: (\d+)", head, re.I)[1])


def goes_on(connection: socket.socket) -> bool:
    """Send a little more, and tell whether the server still takes it."""
    with suppress(OSError):
        return connection.send(b"x" * 300) > 0
    return False


def test_nobody_holds_a_place_with_a_body_that_is_refused_or_slow(server: Server):
    """All places are taken by bodies that are never read or take for ever; who asks in between is answered."""
    with ExitStack() as stack:
        crowd = [stack.enter_context(connect(server)) for _ in range(MOST)]
        for number, connection in enumerate(crowd):
            connection.sendall(HUGE if number % 2 else SLOW)
        started, held, answered = time.monotonic(), crowd[1::2], 0
        while held and time.monotonic() - started < 20:
            held = [connection for connection in held if goes_on(connection)]
            assert httpx2.get(f"{server.url}/healthz", timeout=5).status_code == 200
            answered += 1
            time.sleep(0.3)
        assert (held, answered >= 2) == ([], True)


def test_the_limit_of_open_files_is_raised(server: Server):
    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    soft, hard = re.findall(r"Max open files +(\d+) +(\d+)", limits)[0]
    assert soft == hard


def test_with_too_few_files_it_does_not_start(hostile_content: Path):
    command = ["sh", "-c", 'ulimit -n 256; exec "$0" serve --port 0', str(COMMAND)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment({"content": hostile_content}))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The system allows 256 open files, the site needs 272 at least. Mend: ulimit -n 4096")


def test_who_asks_is_counted_by_the_address_that_the_trusted_proxy_names(server: Server):
    def ask(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        call = {"request": {"path": "/calm"}}
        return httpx2.post(f"{server.url}/api/topics/calm/try", json=call, headers=headers).status_code

    assert [ask("203.0.113.1"), ask("203.0.113.1"), ask("203.0.113.2")] == [200, 429, 200]
    assert ask("198.51.100.7, 203.0.113.1") == 429  # only the last hop is the proxy's own word
    assert [ask("2001:db8::1"), ask("2001:db8::2")] == [200, 429]


@pytest.mark.parametrize("length", [b"Content-Length: 5\r\n", b"content-length: 0\r\n"])
def test_a_request_whose_length_is_told_twice_is_refused(server: Server, length: bytes):
    both = POST.partition(b"Content-Length")[0] + length + b"Transfer-Encoding: chunked\r\n\r\n"
    answers = server.exchange(both + b"0\r\n\r\n" + GET + b"\r\n")
    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1
    assert b"\r\nconnection: close\r\n" in answers.lower()


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"http://good.example/healthz", b"good.example", 200),
        (b"HTTP://good.example:80/healthz?a=b", b"good.example", 200),
        (b"http://good.example", b"good.example", 200),
        (b"http://good.example?a=http://x/", b"good.example", 200),
        (b"http://good.example/nowhere", b"good.example", 404),
        (b"http://evil.example/healthz", b"good.example", 400),  # the address counts, not the header
        (b"http://good.example/healthz", b"evil.example", 200),
        (b"/healthz", b"evil.example", 400),
        (b"ftp://good.example/", b"good.example", 404),
    ],
)
def test_an_address_may_name_the_host(named: Server, target: bytes, host: bytes, status: int):
    answer = named.exchange(b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)


def test_a_wish_for_another_protocol_is_not_logged(named: Server):
    wish = b"GET /healthz HTTP/1.1\r\nHost: good.example\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    assert named.exchange(wish).startswith(b"HTTP/1.1 200 ")
    assert [line["message"] for line in named.lines() if line["level"] == "warning"] == []
