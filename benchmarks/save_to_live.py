"""Measures how long a published edit takes to be live, with few and with many topics, in one run.

usage: python benchmarks/save_to_live.py [--postgres] [--topics 30 1000] [--saves 40] [--most 150] [--results]
For each number of topics: from the call of `Publisher.save` until this process has the new page as compressed bytes
("here"), what of that the commit takes ("commit"), and until a second replica on the same database has it ("there";
it looks every 0.4 s). Topics are copies of one shipped topic with titles of their own; saves take turns between
the numbers, so that both see the same machine. Both replicas share one process, so their work adds up. Prints medians;
exits 1 if "here" takes more than --most milliseconds longer with many topics, whose menu each page carries, or a second
replica ever needs more than 1 s. The database is a new SQLite file, or a PostgreSQL server that is started for it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace

from measured import write

from databases import start_postgres  # isort: skip - found by what `measured` adds to the path

from explorer.app import build_site
from explorer.catalog import Catalog, LiveCatalog
from explorer.content import load_content
from explorer.database import Database
from explorer.demos import Demos, Limits
from explorer.kept import Shelf
from explorer.migrations import upgrade
from explorer.publisher import Publisher
from explorer.results import Results, gather_results
from explorer.settings import Settings
from explorer.topics import Topic
from explorer.wording import Wording

MODEL = "hello-world"


@dataclass
class Replicas:
    """Two processes' publishers on one database, and what was measured with them."""

    here: Publisher
    there: Publisher
    words: Wording
    slug: str
    number: int = 0
    times: dict[str, list[float]] = field(default_factory=lambda: {"commit": [], "here": [], "there": []})

    async def save(self, round_: int) -> None:
        """Publish once and note the times in milliseconds."""
        sentence = f"Round {round_} of the benchmark, {time.monotonic_ns()}."
        words = replace(self.words, takeaway=sentence)
        started = time.perf_counter()
        revision = await self.here.save(
            self.slug, words, author="benchmark", why="Measuring.", based_on=self.number, state="published"
        )
        page = self.here.live.current.pages[f"/topics/{self.slug}"]
        ended = time.perf_counter()
        assert sentence in page.body().decode()
        self.number = revision.number
        while not self.shows(sentence):  # noqa: ASYNC110 -- another process tells nobody
            await asyncio.sleep(0.005)
        self.times["here"].append(1000 * (ended - started))
        self.times["there"].append(1000 * (time.perf_counter() - started))
        await self.commit()

    def shows(self, sentence: str) -> bool:
        """Tell whether the second replica has it."""
        return sentence in self.there.live.current.pages[f"/topics/{self.slug}"].body().decode()

    async def commit(self) -> None:
        """Note what saving alone takes: a draft goes live nowhere."""
        started = time.perf_counter()
        revision = await self.here.save(
            self.slug, self.words, author="benchmark", why="Measuring.", based_on=self.number, state="draft"
        )
        self.times["commit"].append(1000 * (time.perf_counter() - started))
        self.number = revision.number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--topics", type=int, nargs=2, default=(30, 1000))
    parser.add_argument("--saves", type=int, default=40)
    parser.add_argument("--most", type=float, default=150, help="milliseconds that many topics may cost")
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    if options.postgres:
        server = start_postgres()
        try:
            times = asyncio.run(measure(server.create(), options))
        finally:
            server.end()
    else:
        with tempfile.TemporaryDirectory() as folder:
            times = asyncio.run(measure(f"sqlite+aiosqlite:///{folder}/explorer.db", options))
    sys.exit(report(times, options))


async def measure(address: str, options: argparse.Namespace) -> dict[int, dict[str, list[float]]]:
    """Return the milliseconds of each save, by number of topics and by what they are of."""
    model = await shipped()
    sites = {count: await replicas(address, *model, count) for count in options.topics}
    watching = [asyncio.create_task(site.there.watch()) for site in sites.values()]
    for round_ in range(options.saves):
        for site in sites.values():
            await site.save(round_)
    for task in watching:
        task.cancel()
    for site in sites.values():
        await asyncio.gather(site.here.database.close(), site.there.database.close())
    return {count: site.times for count, site in sites.items()}


async def shipped() -> tuple[Catalog, Topic]:
    """Return the shipped site's catalog and the topic that is copied."""
    settings = Settings()
    content = load_content(settings.content)
    demos = Demos(Limits())
    results = await gather_results(content, demos, Shelf(settings.answers))
    demos.close()
    _, state = build_site(settings)
    catalog = Catalog(content, results, state.templates)
    return catalog, catalog.topics[MODEL]


async def replicas(address: str, catalog: Catalog, model: Topic, count: int) -> Replicas:
    """Return two publishers of a site with that many topics."""
    topics = [replace(model, slug=f"copy-{count}-{n}", title=f"Copy {n}", position=n) for n in range(count)]
    content = replace(catalog.content, topics=(model, *topics))
    known: Results = catalog.results
    results = replace(
        known,
        marks={**known.marks, **{topic.slug: known.marks[model.slug] for topic in topics}},
        runs={**known.runs, **{topic.slug: known.runs[model.slug] for topic in topics}},
        checks={**known.checks, **{topic.slug: known.checks[model.slug] for topic in topics}},
        found={**known.found, **{topic.slug: known.found[model.slug] for topic in topics}},
        tested=replace(known.tested, days=known.tested.days | {topic.slug: known.tested.date for topic in topics}),
    )
    made = Catalog(content, results, catalog._templates)
    for topic in topics:
        made.claims(topic.slug)  # kept from catalog to catalog, as on a site that runs
    publishers = []
    for _ in range(2):
        live = LiveCatalog()
        live.replace(made)
        database = Database(address)
        await upgrade(database)
        publishers.append(Publisher(database, live))
        await publishers[-1].start()
    slug = topics[count // 2].slug
    words = publishers[0].wordings[slug]
    title = topics[count // 2].title
    words = replace(words, text=f"# {title}\n{words.text.partition(chr(10))[2]}", position=count // 2)
    here = Replicas(*publishers, words, slug)
    await here.commit()
    return here


def report(times: dict[int, dict[str, list[float]]], options: argparse.Namespace) -> bool:
    """Print and write medians and worst cases; tell whether a limit is broken."""
    rows = [
        (f"{count} topics, {name}", f"median {statistics.median(values):.1f} ms, worst {max(values):.1f} ms")
        for count, measured in times.items()
        for name, values in measured.items()
    ]
    few, many = (statistics.median(measured["here"]) for measured in times.values())
    slowest = max(max(measured["there"]) for measured in times.values())
    rows.append(("many topics cost until it is live here", f"{many - few:.0f} ms (at most {options.most:g})"))
    rows.append(("second replica at worst", f"{slowest:.0f} ms (at most 1000)"))
    for what, figure in rows:
        print(f"{what}: {figure}")
    if options.results:
        where = "postgresql" if options.postgres else "sqlite"
        notes = (
            "here: live in the process that saved; commit: of that, in the database; there: live on another replica."
        )
        write(f"save-to-live-{where}", f"From a save to the live page, {where}", rows, notes)
    return many - few > options.most or slowest > 1000


if __name__ == "__main__":
    main()
