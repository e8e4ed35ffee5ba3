"""A server that is killed while editors save loses nothing that it acknowledged: the short form of the script."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sites import ROOT

sys.path.append(str(ROOT / "benchmarks"))
import killed_while_saving as script

KILLS = 3
LOST = "acknowledged revisions of one are lost or changed: [3]"


def test_killed_servers_lose_no_acknowledged_save(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert script.run(tmp_path, KILLS, 2) == 0
    assert capsys.readouterr().out.startswith(f"{KILLS} kills in ")


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ("DELETE FROM revisions WHERE number = 2", "the numbers of one have a gap"),
        ("DELETE FROM revisions WHERE number = 3", LOST),
        (
            "UPDATE revisions SET text = 'half' WHERE number = 3",
            "acknowledged revisions of one are lost or changed: [3]",
        ),
        ("UPDATE revisions SET text = 'half' WHERE number = 2", "revisions of one are none that was sent: [2]"),
        ("SELECT 1", None),
    ],
)
def test_the_script_sees_what_is_lost(tmp_path: Path, broken: str, problem: str | None):
    digests = {number: hashlib.sha256(f"text {number}".encode()).hexdigest() for number in (1, 2, 3)}
    with closing(sqlite3.connect(tmp_path / "explorer.db")) as connection:
        connection.execute("CREATE TABLE revisions (topic, number, text)")
        connection.executemany(
            "INSERT INTO revisions VALUES ('one', ?, ?)", [(number, f"text {number}") for number in digests]
        )
        connection.execute(broken)
        connection.commit()
    sent = script.Sent("one", {3: digests[3]}, set(digests.values()))
    assert script.look(tmp_path / "explorer.db", [sent]) == problem
