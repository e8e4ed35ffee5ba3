"""Fixtures: the site in process, the site as a real server, content to break, an eye on the log."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest
from admins import ada, fresh, grace, slug  # noqa: F401
from databases import address, anyio_backend, database, empty_address, postgres  # noqa: F401
from hypothesis import settings
from sites import (
    ANSWERS,
    BROKEN,
    COMMAND,
    ROOT,
    Run,
    Server,
    Serving,
    Site,
    Unhandled,
    Until,
    copy_topics,
    environment,
    serve,
    site_with,
)

from explorer.settings import Settings

settings.register_profile("unhurried", deadline=None)  # what else the machine does is no fault of an example
settings.register_profile("many", max_examples=5000, deadline=None)
settings.load_profile("unhurried")

# A developer's own settings must not change what the tests see
for name in Settings.model_fields:
    os.environ.pop(f"EXPLORER_{name.upper()}", None)
# All demos and libraries are loaded here: a full collection takes a second. Garbage may wait for one a while longer
gc.set_threshold(10_000, 10, 10)
# Most sites of the tests live too shortly: what nobody reads need not be made
os.environ["EXPLORER_WARM"] = "false"


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(ANSWERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright's sync API keeps an event loop running in the main thread: browser tests go last
    items.sort(key=lambda item: "tests/browser/" in item.nodeid)


@pytest.fixture(scope="session")
def unhandled() -> Iterator[Unhandled]:
    handler = Unhandled()
    logging.getLogger("explorer.requests").addHandler(handler)
    yield handler
    logging.getLogger("explorer.requests").removeHandler(handler)


@pytest.fixture(autouse=True)
def nothing_is_unhandled(unhandled: Unhandled) -> Iterator[None]:
    """Each test fails if a request to the site in process ended in an exception that nobody caught."""
    unhandled.messages.clear()
    yield
    assert unhandled.messages == []


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The site with the content that is shipped."""
    with site_with() as client:
        yield client


@pytest.fixture
def make_site() -> Iterator[Callable[..., Site]]:
    """A factory of sites with other settings."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(site_with(**settings))


@pytest.fixture
def calm(tmp_path: Path) -> Path:
    """The shipped content with one topic that is quick."""
    return copy_topics(tmp_path / "content", "hello-world")


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """Start `explorer serve` on a free port. Arguments go to the command line, keywords become settings."""

    @contextmanager
    def serving(*arguments: str, **settings: object) -> Iterator[Server]:
        with serve(tmp_path_factory.mktemp("serve") / "log", *arguments, **settings) as server:
            yield server

    return serving


@pytest.fixture(scope="session")
def explorer() -> Run:
    """Run the command line and return what it said. Keywords become settings."""

    def explorer(*arguments: str | Path, **settings: object) -> subprocess.CompletedProcess[str]:
        command = [COMMAND, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment(settings), timeout=60)

    return explorer


@pytest.fixture(scope="session")
def hostile_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content folder whose demos do everything a demo must not; some do not even import."""
    content = tmp_path_factory.mktemp("hostile") / "content"
    shutil.copytree(ROOT / "tests" / "hostile", content)
    for broken, source in BROKEN.items():
        shutil.copytree(content / "topics" / "calm", content / "topics" / broken)
        (content / "topics" / broken / "left" / "app.py").write_text(source)
    return content


@pytest.fixture(scope="session")
def hostile_server(serving: Serving, hostile_content: Path) -> Iterator[Server]:
    """The site with hostile content as a real server. Its time limit is short, so that the tests are."""
    with serving(content=hostile_content, try_timeout=1, warm=True) as server:
        yield server


@pytest.fixture
def hostile(hostile_server: Server) -> Iterator[httpx2.Client]:
    """A client of the hostile server, which must survive the test."""
    with httpx2.Client(base_url=hostile_server.url, timeout=20) as client:
        yield client
    assert hostile_server.process.poll() is None, hostile_server.log.read_text()[-3000:]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the shipped content, to be broken."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
def busy(make_site: Callable[..., Site], hostile_content: Path) -> Iterator[Site]:
    """A site whose only place for a try-it request is taken nearly all the time."""
    site = make_site(content=hostile_content, try_concurrency=1, try_queue=0)
    over = threading.Event()

    def occupy() -> None:
        while not over.is_set():
            site.post("/api/topics/hostile/try", json={"request": {"path": "/slow"}})

    thread = threading.Thread(target=occupy)
    thread.start()
    yield site
    over.set()
    thread.join()


@pytest.fixture
def until() -> Until:
    """Repeat a request until it is answered with a status; between two slow ones a place may be free."""

    def until(status: int, send: Callable[[], httpx2.Response]) -> httpx2.Response:
        answer = send()
        for _ in range(200):
            if answer.status_code == status:
                break
            answer = send()
        return answer

    return until
