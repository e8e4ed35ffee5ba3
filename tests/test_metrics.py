"""Metrics as Prometheus gets them: from a listener of their own, with few labels, and counted exactly.

That each of several processes has a port of its own is in test_serve.py.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from admins import FEW, desk_of, few_topics, in_database
from prometheus_client.parser import text_string_to_metric_families
from sites import ROOT, Site, free_port, site_with

from explorer import revisions, web
from explorer.database import Database
from explorer.lag import LoopLag
from explorer.listener import listen
from explorer.metrics import Metrics
from explorer.web.kinds import kind_of

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0)


def scraped(site: Site) -> Samples:
    """What the listener of a site in process says."""
    listener = listen(site.state.metrics.registry, "127.0.0.1", free_port(), 1)
    assert listener
    try:
        return samples(httpx2.get(f"http://127.0.0.1:{listener.port}/metrics").text)
    finally:
        listener.close()


def test_metrics_are_on_a_port_of_their_own_and_end_with_the_site(tmp_path: Path):
    port = free_port()
    with site_with(content=few_topics(tmp_path), metrics_port=port) as site:
        assert (site.get("/metrics").status_code, site.get("/").status_code) == (404, 200)
        time.sleep(0.3)  # a sample of the loop's lag
        found = samples(httpx2.get(f"http://127.0.0.1:{port}/metrics").text)
    for kind, status in (("page", "2xx"), ("other", "4xx")):
        labels = {"kind": kind, "method": "GET", "status": status}
        assert value(found, "explorer_request_duration_seconds_count", **labels) == 1
    assert (value(found, "explorer_database_up"), value(found, "explorer_topics")) == (1, len(FEW))
    assert value(found, "explorer_demos_failed") == value(found, "explorer_content_complaints") == 0
    assert value(found, "process_resident_memory_bytes") > 10_000_000
    assert value(found, "process_open_fds") > 3
    assert 0 < value(found, "explorer_catalog_age_seconds") < 60
    assert value(found, "explorer_event_loop_lag_seconds_count") > 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"http://127.0.0.1:{port}/metrics")


def test_a_port_that_is_taken_costs_the_metrics_only(
    make_site: Callable[..., Site], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with socket.socket() as taken, caplog.at_level(logging.ERROR, "explorer"):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert make_site(content=few_topics(tmp_path), metrics_port=port).get("/").status_code == 200
    assert [record.message for record in caplog.records] == [
        f"no metrics: Address already in use at EXPLORER_METRICS_HOST, port {port} and 0 after it"
    ]


@pytest.fixture(scope="module")
def site(hostile_content: Path) -> Iterator[Site]:
    """A site of few topics, whose demos do what they must not."""
    with site_with(content=hostile_content, try_timeout=0.5) as site:
        yield site


def test_tries_are_counted_by_side_and_outcome(site: Site):
    send = "/api/topics/hostile/try"
    for path in ("/calm", "/calm", "/raise", "/slow"):
        site.post(send, json={"request": {"path": path}})
    assert site.post(send, json={"request": {"path": "https://elsewhere"}}).status_code == 422
    site.post("/topics/hostile/try", data={"path": "/calm"})
    site.post("/topics/hostile/try", data={"path": "no slash"})
    exchanges = [site.post(send, json={"request": {"path": p}}).json()["exchanges"] for p in ("/calm", "/raise")]
    assert {exchange["response"]["status"] for exchange in exchanges[1]} == {500}, "an answer too"
    found = scraped(site)
    sides = {labels[1][1] for name, labels in found if name == "explorer_try_answers_total"}
    assert sides == {exchange["side"] for exchange in exchanges[0]}
    for side in sides:
        counted = {
            dict(labels)["outcome"]: count
            for (name, labels), count in found.items()
            if name == "explorer_try_answers_total" and dict(labels)["side"] == side
        }
        assert counted == {"answered": 6, "timeout": 1}
    assert value(found, "explorer_try_refusals_total", reason="refused") == 2
    assert value(found, "explorer_try_refusals_total", reason="busy") == 0
    assert value(found, "explorer_request_duration_seconds_count", kind="try", method="POST", status="2xx") == 7
    assert value(found, "explorer_request_duration_seconds_count", kind="try", method="POST", status="4xx") == 2


def test_a_try_that_finds_no_place_is_counted(busy: Site, until: Callable[..., httpx2.Response]):
    answer = until(503, lambda: busy.post("/topics/hostile/try", data={"path": "/calm"}))
    assert answer.status_code == 503
    assert value(scraped(busy), "explorer_try_refusals_total", reason="busy") >= 1


def test_the_buckets_add_up(site: Site):
    for _ in range(5):
        assert site.get("/matrix").status_code == 200
    found = scraped(site)
    labels = {"kind": "page", "method": "GET", "status": "2xx"}
    counts = [
        count
        for (name, pairs), count in found.items()
        if name == "explorer_request_duration_seconds_bucket" and labels.items() <= dict(pairs).items()
    ]
    assert counts == sorted(counts)
    assert counts[-1] == value(found, "explorer_request_duration_seconds_count", **labels) >= 5
    assert value(found, "explorer_request_duration_seconds_sum", **labels) > 0


def test_labels_take_few_values_whatever_is_asked_for(site: Site):
    before = len(scraped(site))
    for number in range(50):
        for path in (f"/x{number}", f"/topics/x{number}", f"/topics/calm/x{number}", f"/demos/calm/left/x{number}"):
            site.request(f"M{number}", path)
    after = scraped(site)
    kinds = {dict(labels)["kind"] for name, labels in after if name == "explorer_request_duration_seconds_count"}
    assert kinds <= {"other", "page", "demo", "try"}
    methods = {dict(labels)["method"] for name, labels in after if name.startswith("explorer_request")}
    assert methods <= {"other", "GET", "POST"}
    assert len(after) - before <= 3 * 16 * 3  # kinds, samples of a histogram, classes of status


PARTS = [importlib.import_module(module.name) for module in pkgutil.iter_modules(web.__path__, "explorer.web.")]
ROUTES = [route.path for part in PARTS if hasattr(part, "router") for route in part.router.routes]


def test_each_route_and_page_has_a_kind(site: Site):
    pages = list(site.state.live.current.pages)
    assert {"/checklist", "/robots.txt", "/healthz", "/topics/{slug}/try"} <= {*ROUTES, *pages}
    assert [path for path in (*ROUTES, *pages) if kind_of(path) == "other"] == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *(("/", "page"), ("/topics/try", "page"), ("/topics/x", "page"), ("/topics/x/nonsense", "page")),
        *(("/topics/x/try", "try"), ("/api/topics/x/try", "try"), ("/topics/x/follow", "try"), ("/api/topics", "api")),
        *(("/topics/x/live/t/stop", "try"), ("/topics/x/live/t/messages", "try"), ("/topics/live/t/stop", "page")),
        *(("/topics/x/run", "run"), ("/topics/x/tests", "run"), ("/topics/x/project.zip", "download")),
        *(("/api/topics/try", "api"), ("/demos/x/left/try", "demo"), ("/static/1/js/a.js", "asset")),
        *(
            ("/admin/topics/x", "admin"),
            ("/preview/t", "admin"),
            ("/healthz", "health"),
            ("/differences/filter", "page"),
        ),
        *(("/differences/filter", "page"), ("/nowhere", "other"), ("//topics/x", "page"), ("*", "page"), ("", "page")),
    ],
)
def test_the_kind_of_a_path(path: str, kind: str):
    assert kind_of(path) == kind


def test_publishing_is_measured_from_the_save_in_another_process(make_site: Callable[..., Site], tmp_path: Path):
    site = make_site(content=few_topics(tmp_path))
    assert value(scraped(site), "explorer_publish_lag_seconds_count") == 0
    words = replace(desk_of(site).publisher.wordings[FEW[0]], takeaway="A sentence by Ada.")

    async def save(database: Database) -> object:
        return await revisions.save(
            database, FEW[0], words, author="ada", why="Why not.", based_on=0, state="published", shipped=words
        )

    started = time.monotonic()
    in_database(site, save)
    while "A sentence by Ada." not in site.get(f"/topics/{FEW[0]}").text:
        time.sleep(0.02)
    taken, found = time.monotonic() - started, scraped(site)
    assert value(found, "explorer_publish_lag_seconds_count") == 1
    assert 0 < value(found, "explorer_publish_lag_seconds_sum") < taken


def test_a_loop_that_stands_still_is_measured_and_warned_of_once_a_minute(caplog: pytest.LogCaptureFixture):
    metrics = Metrics(lambda: None)
    lag = LoopLag(metrics.loop_lag.observe)

    async def stand_still() -> None:
        watching = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        time.sleep(1.4)  # noqa: ASYNC251
        await asyncio.sleep(0.05)
        watching.cancel()

    with caplog.at_level(logging.WARNING, "explorer"):
        asyncio.run(stand_still())
        lag.take(2.0)
        lag.take(0.5)
    assert [re.sub(r"\d\.\d", "N", record.message) for record in caplog.records] == [
        "the event loop stood still for N seconds: every reader waited"
    ]
    assert lag.worst == 2.0
    sums = {s.name: s.value for family in metrics.registry.collect() for s in family.samples if "lag" in s.name}
    assert sums["explorer_event_loop_lag_seconds_count"] == 3
    assert sums["explorer_event_loop_lag_seconds_sum"] > 3.5


def test_the_document_names_each_metric(site: Site):
    text = (ROOT / "docs" / "observability.md").read_text()
    names = {family.name for family in site.state.metrics.registry.collect() if family.name.startswith("explorer_")}
    shown = set(re.findall(r"^\| `(explorer_\w+)`", text, re.M))
    assert {name.removesuffix("_total") for name in shown} == names
