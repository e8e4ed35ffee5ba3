"""How long one comparison of two 64 KiB bodies takes, beside what merely parsing both as JSON takes in the same run.

    python benchmarks/compare_speed.py

Prints medians and exits with 1 if a pair that has the bar of 5 ms misses it. The last three pairs are the worst that
are known; they take 5 to 7 ms and have no bar. Bodies are made by a seed; the garbage collector is on.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from explorer.compare import compare
from explorer.topics import Exchange, Request, Response

SIZE = 64 * 1024
RUNS = 200
BAR_MS = 5.0


def median_ms(run: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def exchange(body: str, media_type: str) -> Exchange:
    raw = body.encode()
    headers = (("content-type", media_type), ("content-length", str(len(raw))))
    return Exchange("side", "variant", Request(), Response(200, headers, raw, len(raw)))


def record(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "name": f"Person {number}",
        "id": number,
        "email": f"person{number}@example.org",
        "active": chance.random() < 0.5,
        "score": round(chance.random() * 100, 2),
        "tags": ["staff", f"team-{number % 7}"],
        "address": {"street": f"Main Street {number}", "city": "Århus"},
    }


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def records(chance: random.Random) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    size = 0
    while size < SIZE:
        made.append(record(len(made), chance))
        size += len(dump(made[-1]).encode()) + 1
    return made


def lines(chance: random.Random) -> list[str]:
    made: list[str] = []
    while sum(map(len, made)) + len(made) < SIZE:
        made.append("  <p>" + " ".join(f"word{chance.randrange(2000)}" for _ in range(6)) + "</p>")
    return made


def changed(rows: list[dict[str, Any]], every: int) -> list[dict[str, Any]]:
    return [{**row, "id": str(row["id"])} if row["id"] % every == 0 else row for row in rows]


def shifted(rows: list[Any], new: Any) -> list[Any]:
    return [*rows[:20], *rows[21:200], new, *rows[200:]]


def main() -> int:
    chance = random.Random(1)
    rows, text = records(chance), lines(chance)
    by_name = [dict(sorted(row.items())) for row in rows]
    edited = [line + " more" if n % 50 == 0 else line for n, line in enumerate(text)]
    numbers = list(range(13_000))
    left, page = dump(rows), "\n".join(text)
    barred = [
        ("JSON, 1 record in 20 differs", left, dump(changed(rows, 20)), "application/json"),
        ("JSON, elements missing and extra", left, dump(shifted(rows, {"new": 1})), "application/json"),
        ("JSON, names sorted on one side", left, dump(by_name) + "\n", "application/json"),
        ("JSON, indented on one side", left, json.dumps(rows, indent=2), "application/json"),
        ("text, 1 line in 50 differs", page, "\n".join(shifted(edited, "new")), "text/plain"),
        ("HTML, 1 line in 50 differs", page, "\n".join(shifted(edited, "new")), "text/html"),
        ("text, every line differs", page, "\n".join(line + "!" for line in text), "text/plain"),
    ]
    extreme = [
        ("JSON, every record differs", left, dump(changed(rows, 1)), "application/json"),
        ("JSON, sorted names and elements shifted", left, dump(shifted(by_name, {"new": 1})), "application/json"),
        ("JSON, 13,000 numbers reversed", dump(numbers), dump(numbers[::-1]), "application/json"),
    ]
    base = median_ms(lambda: (json.loads(left), json.loads(left)))
    print(f"{'json.loads of both':42}{base:7.2f} ms")
    missed = False
    for name, one, other, media_type in (*barred, *extreme):
        sides = exchange(one, media_type), exchange(other, media_type)
        took = median_ms(lambda sides=sides: compare(*sides))  # type: ignore[misc]
        has_bar = (name, one, other, media_type) in barred
        missed = missed or (has_bar and took >= BAR_MS)
        found = len(compare(*sides).differences)
        print(f"{name:42}{took:7.2f} ms  {took / base:4.1f}x  {found:3} differences{'' if has_bar else '  (no bar)'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
