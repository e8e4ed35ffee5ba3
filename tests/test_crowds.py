"""Crowds, small: what benchmarks/crowds.py does to a server, with fewer and for seconds only."""

from __future__ import annotations

import asyncio
import sys

from sites import ROOT, Server

sys.path.append(str(ROOT / "benchmarks"))

import crowds


def test_many_connections_are_answered_without_an_error(hostile_server: Server):
    seen = asyncio.run(crowds.busy(hostile_server.url, connections=100, seconds=2.0))
    assert seen.failures == []
    assert len(seen.waits) >= 100


def test_pages_are_answered_beside_silent_and_half_open_sockets(hostile_server: Server):
    seen, _ = asyncio.run(crowds.silent(hostile_server.url, sockets=100, seconds=2.0))
    assert seen.failures == []
    assert seen.waits


def test_pages_are_answered_beside_slow_tries(hostile_server: Server):
    idle, during, statuses = asyncio.run(crowds.held(hostile_server.url, tries=64, seconds=2.0, warming=0.0))
    assert [*idle.failures, *during.failures] == []
    assert during.waits
    assert set(statuses) == {200, 503}
