"""Facts that no request to the demos shows. Those on time read what was recorded: timeline.json."""

import asyncio
import gc
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from flask import Flask
from flask import g as flask_g

Message = MutableMapping[str, Any]

TENANT: ContextVar[str] = ContextVar("TENANT", default="unset")


class Quiet(Flask):
    """An application that keeps its errors and logs none: a check makes some on purpose."""

    def __init__(self) -> None:
        super().__init__(__name__)
        self.errors: list[str] = []

    def log_exception(self, information: Any) -> None:
        """Keep what was raised."""
        self.errors.append(str(information[1]))


async def _get(app: FastAPI, path: str = "/") -> tuple[int, Any]:
    """Send GET to an application on the running loop and return status and body."""
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "root_path": ""}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    with suppress(Exception):  # after a 500 the error goes on to the server
        await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body) if body.startswith((b"{", b"[", b'"')) else body.decode()


def _recorded(name: str) -> dict[str, Any]:
    """Return what was recorded under an id."""
    text = (Path(__file__).parent / "timeline.json").read_text(encoding="utf-8")
    found: dict[str, Any] = next(r for r in json.loads(text)["recordings"] if r["id"] == name)
    return found


def _last(name: str) -> float:
    """Return when the last answer of a recording was there, in milliseconds."""
    return max(flight["answered"] for flight in _recorded(name)["flights"])


def _answers(name: str) -> list[float]:
    """Return when the answers of a recording were there, in order."""
    return sorted(flight["answered"] for flight in _recorded(name)["flights"])


def check_one_after_the_other() -> None:
    """Recorded: one sync worker answers twelve requests one after the other, each at least 0.1 s after the last."""
    times = _answers("flask-worker")
    assert len(times) == 12
    assert all(later - earlier >= 99 for earlier, later in pairwise(times))


def check_four_at_a_time() -> None:
    """Recorded: four threads answer twelve requests in three waves, with `def` and with `async def`."""
    for name in ("flask-threads", "flask-async"):
        waves = [_answers(name)[start : start + 4] for start in (0, 4, 8)]
        assert all(wave[-1] - wave[0] < 50 for wave in waves)
        assert waves[1][0] - waves[0][-1] > 50
        assert waves[2][0] - waves[1][-1] > 50


def check_async_is_no_faster() -> None:
    """Recorded: the `async def` view is not faster than the `def` view under the same four threads."""
    assert 0.95 < _last("flask-async") / _last("flask-threads") < 1.5


def check_all_at_once() -> None:
    """Recorded: an endpoint that awaits answers all twelve within twice the wait of one, and so does a plain `def`."""
    assert _last("fastapi-await") < 200
    assert _last("fastapi-def") < 200


def check_blocking_serves_one() -> None:
    """Recorded: `async def` that blocks takes five times as long as one that awaits, one answer after the other."""
    assert _last("fastapi-blocking") > 5 * _last("fastapi-await")
    assert _last("fastapi-blocking") > 0.9 * _last("flask-worker")
    assert all(later - earlier >= 99 for earlier, later in pairwise(_answers("fastapi-blocking")))


def check_new_loop() -> None:
    """Each request to an async Flask view gets a thread and an event loop of its own."""
    app, loops, threads = Flask(__name__), list[Any](), list[int]()

    @app.get("/")
    async def view() -> str:
        loops.append(asyncio.get_running_loop())
        threads.append(threading.get_ident())
        return "ok"

    client = app.test_client()
    assert [client.get("/").status_code for _ in range(2)] == [200, 200]
    assert loops[0] is not loops[1]
    assert all(loop.is_closed() for loop in loops)
    assert threading.get_ident() not in threads


def check_cancelled() -> None:
    """A task that an async Flask view leaves running receives `CancelledError`."""
    app, log = Flask(__name__), list[str]()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    @app.get("/")
    async def view() -> str:
        log.append("view")
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        return str(task.done())

    assert app.test_client().get("/").text == "False"
    assert log == ["view", "cancelled"]


def check_pool_of_forty() -> None:
    """A `def` endpoint runs in one of 40 threads, an `async def` endpoint in the thread of the loop."""
    app, threads = FastAPI(), list[int]()

    @app.get("/def")
    def plain() -> None:
        threads.append(threading.get_ident())

    @app.get("/async")
    async def awaited() -> float:
        threads.append(threading.get_ident())
        return current_default_thread_limiter().total_tokens

    async def both() -> Any:
        await _get(app, "/def")
        return (await _get(app, "/async"))[1]

    assert asyncio.run(both()) == "40.0"
    assert threads[0] != threading.get_ident()
    assert threads[1] == threading.get_ident()


def check_forty_first_waits() -> None:
    """Of 41 requests to a `def` endpoint, the last one is not started before one of the others has ended."""
    app, release = FastAPI(), threading.Event()
    started, full = list[int](), threading.Event()

    @app.get("/")
    def wait() -> None:
        started.append(1)
        if len(started) == 40:
            full.set()
        assert release.wait(4)

    async def burst() -> int:
        requests = [asyncio.create_task(_get(app)) for _ in range(41)]
        await asyncio.get_running_loop().run_in_executor(None, full.wait, 4)
        await asyncio.sleep(0.05)
        seen = len(started)
        release.set()
        await asyncio.gather(*requests)
        return seen

    assert asyncio.run(burst()) == 40
    assert len(started) == 41


def check_no_loop_in_def() -> None:
    """`asyncio.create_task` in a `def` endpoint is a `RuntimeError`: its thread has no running loop."""
    app, errors = FastAPI(), list[str]()

    async def work() -> None:
        raise AssertionError("it never runs")

    @app.get("/")
    def order() -> None:
        coroutine = work()
        try:
            asyncio.create_task(coroutine)  # noqa: RUF006
        except RuntimeError as error:
            errors.append(str(error))
            raise
        finally:
            coroutine.close()

    assert asyncio.run(_get(app))[0] == 500
    assert errors == ["no running event loop"]


def check_forgotten_await() -> None:
    """A view that returns a coroutine instead of its result is a 500 on both sides; Flask's error names it."""
    old, new = Quiet(), FastAPI()

    async def price() -> dict[str, int]:
        raise AssertionError("it never runs")

    forgotten = price()

    old.get("/")(lambda: forgotten)

    @new.get("/")
    def view() -> Any:
        return forgotten

    try:
        assert old.test_client().get("/").status_code == 500
        assert asyncio.run(_get(new))[0] == 500
    finally:
        forgotten.close()
    assert "but it was a coroutine" in old.errors[0]


def _left(failing: Callable[[list[str]], Awaitable[object]]) -> list[str]:
    """Return what a call that takes a moment did, when another one beside it fails in an async Flask view."""
    app, log = Quiet(), list[str]()

    @app.get("/")
    async def view() -> str:
        await failing(log)
        return "ok"

    app.test_client().get("/")
    return log


async def _fail() -> None:
    raise LookupError


async def _work(log: list[str]) -> None:
    try:
        await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    log.append("finished")


def check_return_exceptions() -> None:
    """Flask: beside a call that fails, `gather` lets the others be cancelled, `return_exceptions=True` finish."""
    assert _left(lambda log: asyncio.gather(_work(log), _fail())) == ["cancelled"]
    assert _left(lambda log: asyncio.gather(_work(log), _fail(), return_exceptions=True)) == ["finished"]


def check_task_group() -> None:
    """FastAPI: when one call of a `TaskGroup` fails, the others are cancelled before the answer."""
    app, log = FastAPI(), list[str]()

    @app.get("/")
    async def view() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_work(log))
            group.create_task(_fail())

    async def send() -> tuple[int, list[str]]:
        status, _ = await _get(app)
        return status, list(log)

    assert asyncio.run(send()) == (500, ["cancelled"])


def check_weak_references() -> None:
    """A task that waits for something nobody else holds is collected before it has finished: the loop keeps it not."""

    async def wait(event: asyncio.Event) -> None:
        await event.wait()

    async def main() -> bool:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # "was destroyed", on purpose
        task = weakref.ref(asyncio.create_task(wait(asyncio.Event())))
        await asyncio.sleep(0)
        assert task() is not None
        gc.collect()
        return task() is None

    assert asyncio.run(main())


def check_callback_empties() -> None:
    """A task that is done has taken itself out of the set: `add_done_callback` calls `discard` with it."""

    async def run() -> tuple[int, int]:
        tasks: set[asyncio.Task[None]] = set()
        task = asyncio.create_task(asyncio.sleep(0.01))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        before = len(tasks)
        await task
        await asyncio.sleep(0)
        return before, len(tasks)

    assert asyncio.run(run()) == (1, 0)


WITHOUT_ASGIREF = """
import sys
from flask import Flask

sys.modules["asgiref"] = None  # as if it was not installed
app = Flask("app")


@app.get("/")
async def view():
    return "ok"


@app.errorhandler(RuntimeError)
def note(error):
    return str(error), 500


answer = app.test_client().get("/")
print(answer.status_code, answer.text)
"""


def check_extra() -> None:
    """Without asgiref the route registers, and each request to it raises a `RuntimeError` that names the extra."""
    run = subprocess.run([sys.executable, "-c", WITHOUT_ASGIREF], capture_output=True, text=True, check=True)
    assert run.stdout == "500 Install Flask with the 'async' extra in order to use async views.\n"


def check_context_both_ways() -> None:
    """Flask: a context variable and `g` reach an async view, and what it sets comes back to `after_request`."""
    app, seen = Flask(__name__), list[str]()

    @app.before_request
    def before() -> None:
        TENANT.set("blue")
        flask_g.user = "Ada"

    @app.get("/")
    async def view() -> str:
        text = f"{TENANT.get()} {flask_g.user}"
        TENANT.set("green")
        return text

    @app.after_request
    def after(response: Any) -> Any:
        seen.append(TENANT.get())
        return response

    token = TENANT.set("unset")
    try:
        assert app.test_client().get("/").text == "blue Ada"
    finally:
        TENANT.reset(token)
    assert seen == ["green"]


def _told(dependency: Callable[[], Any]) -> Any:
    """Return what an endpoint sees of the context variable that a dependency sets."""
    app = FastAPI()

    @app.get("/")
    async def endpoint(_: Annotated[None, Depends(dependency)]) -> str:
        return TENANT.get()

    return asyncio.run(_get(app))[1]


def check_context_of_def() -> None:
    """FastAPI: what a `def` dependency sets in a context variable is lost, what an `async def` one sets is not."""

    def threaded() -> None:
        TENANT.set("blue")

    async def awaited() -> None:
        TENANT.set("blue")

    assert _told(threaded) == "unset"
    assert _told(awaited) == "blue"


def check_to_thread() -> None:
    """A blocking call behind `asyncio.to_thread` leaves the loop free for another request."""
    app, served = FastAPI(), threading.Event()

    @app.get("/first")
    async def first() -> bool:
        return await asyncio.to_thread(served.wait, 4)

    @app.get("/second")
    async def second() -> None:
        served.set()

    async def both() -> Any:
        answers = await asyncio.gather(_get(app, "/first"), _get(app, "/second"))
        return answers[0]

    assert asyncio.run(both()) == (200, "true")


def check_threads_for_flask() -> None:
    """`asyncio.gather` has a plain counterpart: a `ThreadPoolExecutor` waits for both at once in a `def` view."""
    app, both = Flask(__name__), threading.Barrier(2)

    @app.get("/")
    def view() -> list[bool]:
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda _: both.wait(4) >= 0, range(2)))

    assert app.test_client().get("/").json == [True, True]
