"""Facts that no request to the demos shows: what the clients do, and where they run the app."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.responses import RedirectResponse, StreamingResponse
from fastapi.testclient import TestClient
from flask import Flask


async def _gets(app: FastAPI, *paths: str) -> list[httpx2.Response]:
    """Send GET requests at the same time, with a client on the loop that is running."""
    async with _client(app) as client:
        return list(await asyncio.gather(*(client.get(path) for path in paths)))


def _client(app: FastAPI) -> httpx2.AsyncClient:
    """Return a client that calls an application in process."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test")


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep httpx2 from logging each request of TestClient."""
    log = logging.getLogger("httpx2")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a loop of its own, without the log lines of httpx2."""
    with _quiet():
        return asyncio.run(work)


def check_no_lifespan() -> None:
    """ASGITransport starts no lifespan; `app.router.lifespan_context(app)` around the client does."""
    steps = list[str]()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        steps.append("start")
        yield
        steps.append("end")

    app = FastAPI(lifespan=lifespan)
    app.get("/")(lambda: steps.append("request"))

    async def entered() -> None:
        async with app.router.lifespan_context(app):
            await _gets(app, "/")

    _run(_gets(app, "/"))
    assert steps == ["request"]
    _run(entered())
    assert steps[1:] == ["start", "request", "end"]


def check_no_redirects() -> None:
    """AsyncClient returns a redirect as it is, where TestClient follows it."""
    app = FastAPI()
    app.get("/")(lambda: RedirectResponse("/there"))
    app.get("/there")(lambda: "there")
    (answer,) = _run(_gets(app, "/"))
    assert answer.status_code == 307
    with _quiet():
        assert TestClient(app).get("/").json() == "there"


def check_raises() -> None:
    """ASGITransport raises what crashed, unless `raise_app_exceptions=False`."""
    app = FastAPI()
    app.get("/")(lambda: 1 // 0)

    async def get() -> int:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get("/")).status_code

    assert isinstance(_error(lambda: _run(_gets(app, "/"))), ZeroDivisionError)
    assert _run(get()) == 500


def check_same_loop() -> None:
    """With ASGITransport the app runs on the loop of the test, with TestClient on another thread's loop."""
    app, seen = FastAPI(), list[bool]()

    @app.get("/")
    async def view() -> None:
        seen.append(threading.current_thread() is threads[0])

    threads = [threading.current_thread()]
    _run(_gets(app, "/"))
    with _quiet():
        TestClient(app).get("/")
    assert seen == [True, False]


def check_at_the_same_time() -> None:
    """`asyncio.gather` with AsyncClient has both requests in the app at once, TestClient never has two."""
    app, inside, most = FastAPI(), list[int](), list[int]()

    @app.get("/")
    async def view() -> None:
        inside.append(1)
        most.append(len(inside))
        await asyncio.sleep(0.02)
        inside.pop()

    _run(_gets(app, "/", "/"))
    assert max(most) == 2
    most.clear()
    with _quiet():
        client = TestClient(app)
        client.get("/")
        client.get("/")
    assert max(most) == 1


def check_after_everything() -> None:
    """ASGITransport returns an answer when the app is done: streams in one piece, after the background tasks."""
    app, steps = FastAPI(), list[str]()

    async def pieces() -> AsyncIterator[str]:
        for piece in "ab":
            yield piece
            steps.append(f"sent {piece}")

    @app.get("/")
    async def view(tasks: BackgroundTasks) -> StreamingResponse:
        tasks.add_task(steps.append, "task")
        return StreamingResponse(pieces())

    async def get() -> None:
        async with _client(app) as client, client.stream("GET", "/") as answer:
            steps.append(f"status {answer.status_code}")

    _run(get())
    assert steps == ["sent a", "sent b", "task", "status 200"]


def check_deep_override() -> None:
    """An override reaches a dependency of a dependency, and may be a plain function for an `async def` one."""
    app = FastAPI()

    async def fetch_rate() -> int:
        return 95

    async def get_price(rate: Annotated[int, Depends(fetch_rate)]) -> int:
        return 2 * rate

    @app.get("/")
    async def view(price: Annotated[int, Depends(get_price)]) -> int:
        return price

    app.dependency_overrides[fetch_rate] = lambda: 50
    (answer,) = _run(_gets(app, "/"))
    assert answer.json() == 100


def check_unused_override() -> None:
    """An override of a function that no route depends on is accepted without a word."""
    app = FastAPI()
    app.get("/")(lambda: "real")
    app.dependency_overrides[check_raises] = lambda: "fake"
    (answer,) = _run(_gets(app, "/"))
    assert answer.json() == "real"


def check_patched_name() -> None:
    """A patched name is what a caller that looks it up in the module gets; a name taken earlier stays what it was."""
    prices = SimpleNamespace(fetch_rate=lambda: 95)
    taken = prices.fetch_rate
    app = Flask(__name__)
    app.get("/looks-up", endpoint="one")(lambda: str(prices.fetch_rate()))
    app.get("/took", endpoint="two")(lambda: str(taken()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prices, "fetch_rate", lambda: 50)
        texts = [app.test_client().get(path).text for path in ("/looks-up", "/took")]
    assert texts == ["50", "95"]
    assert app.test_client().get("/looks-up").text == "95"


def check_config_stays() -> None:
    """What a test puts into `app.config` is there for the next test of that app."""
    app = Flask(__name__)
    app.config["FETCH_RATE"] = lambda: 95
    app.get("/")(lambda: str(app.config["FETCH_RATE"]()))
    app.config["FETCH_RATE"] = lambda: 50
    assert [app.test_client().get("/").text for _ in range(2)] == ["50", "50"]


def check_flask_async_view() -> None:
    """Flask's client answers for an `async def` view with a plain call, on a loop of the view's own."""
    app, loops = Flask(__name__), list[object]()

    @app.get("/")
    async def view() -> str:
        loops.append(asyncio.get_running_loop())
        return "awaited"

    client = app.test_client()
    assert [client.get("/").text, client.get("/").text] == ["awaited", "awaited"]
    assert loops[0] is not loops[1]


def check_flask_threads() -> None:
    """Requests of Flask's client are at the same time only where threads send them."""
    app, together = Flask(__name__), threading.Barrier(2)
    app.get("/")(lambda: str(together.wait(2) >= 0))

    def get(_: int) -> str:
        return app.test_client().get("/").text

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(get, range(2))) == ["True", "True"]
