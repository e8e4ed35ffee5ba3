"""Compares a try-it over both sides with the two bare calls it consists of, in one run.

usage: python benchmarks/tryit_against_calls.py [--calls 2000] [--results]
The bare calls are the WSGI application called on the loop's thread and the ASGI application awaited in the same task,
without threads, limits or isolation. The try-it is `Demos.send`: threads, time limit, size limit, isolation. The API
call on top of it (JSON in, JSON out, routing, headers, log) is measured too. Prints medians; exits 1 above --most.
These are costs of this server, not of the frameworks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from measured import write

from explorer.app import build_site
from explorer.demos.asgi import _scope
from explorer.demos.calls import HOST
from explorer.demos.wsgi import _environ
from explorer.settings import Settings

Site = Callable[..., Awaitable[None]]

TOPIC, SCENARIO = "data-validation", "valid"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--most", type=float, default=3.0, help="largest ratio that passes")
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    site, state = build_site(Settings(try_rate=0, request_rate=0), for_good=True)
    async with lifespan(site):
        demos = state.running_demos
        topic = state.live.current.topics[TOPIC]
        scenario = topic.scenario(SCENARIO) or topic.scenarios[0]
        apps = [(await demos._library.find(TOPIC, variant, ())).demo.app for variant in topic.default_variants]

        async def bare() -> None:
            b"".join(apps[0](_environ(scenario.request, HOST, ""), lambda *_: None))
            messages = [{"type": "http.request", "body": scenario.request.body.encode(), "more_body": False}]

            async def receive() -> dict[str, object]:
                return messages[0]

            async def send(message: object) -> None:
                pass

            await apps[1](_scope(scenario.request, HOST, ""), receive, send)

        async def tryit() -> None:
            await demos.send(topic, scenario.request, topic.default_variants)

        body = json.dumps({"scenario": scenario.id}).encode()

        async def api() -> None:
            await call_api(site, f"/api/topics/{TOPIC}/try", body)

        results = await measure({"bare": bare, "try-it": tryit, "api": api}, options.calls)
    ratio = results["try-it"] / results["bare"]
    rows = [
        *((f"{name}, median", f"{micros:.0f} µs") for name, micros in results.items()),
        ("try-it to bare", f"{ratio:.2f} (at most {options.most})"),
        ("api to bare", f"{results['api'] / results['bare']:.2f}"),
    ]
    for what, figure in rows:
        print(f"{what}: {figure}")
    if options.results:
        notes = f"{options.calls} calls each, in turn. These are costs of this server, not of the frameworks."
        write("tryit-against-calls", "A try-it against the two calls it consists of", rows, notes)
    sys.exit(ratio > options.most)


@asynccontextmanager
async def lifespan(site: Site) -> AsyncIterator[None]:
    """Run the site's start and stop as a server does."""
    inbox: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    task = asyncio.create_task(site({"type": "lifespan", "state": {}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    yield
    await inbox.put({"type": "lifespan.shutdown"})
    await task


async def measure(tasks: dict[str, Callable[[], Awaitable[None]]], calls: int) -> dict[str, float]:
    """Interleave the tasks, so that the machine's mood is the same for all."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(calls + 50):
        for name, task in tasks.items():
            started = time.perf_counter()
            await task()
            if number >= 50:
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) * 1e6 for name, values in times.items()}


async def call_api(site: Site, path: str, body: bytes) -> None:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, object]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        assert message.get("status", 200) == 200

    await site(scope, receive, send)


if __name__ == "__main__":
    asyncio.run(main())
