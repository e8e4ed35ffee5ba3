"""What a demo leaves open: a pool has its connections back for the next request, and no folder stays behind."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from sites import Serving, copy_topics

TOPIC = "/api/topics/database-sessions/try"


def statuses(client: httpx2.Client, scenario: str) -> dict[str, int]:
    exchanges = client.post(TOPIC, json={"scenario": scenario, "variants": ["flask", "fastapi"]}).json()["exchanges"]
    return {exchange["variant"]: exchange["response"]["status"] for exchange in exchanges}


def test_a_session_that_a_demo_never_closed_costs_its_own_visitor_only(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))

    with serving(content=copy_topics(tmp_path / "content", "database-sessions")) as server:
        with httpx2.Client(base_url=server.url, timeout=30) as client:
            for _ in range(2):
                assert statuses(client, "leak") == {"flask": 500, "fastapi": 500}
                assert statuses(client, "read") == {"flask": 200, "fastapi": 200}
        assert list(temporary.glob("*/desks.db"))
        assert server.stop() == 0

    assert not list(temporary.glob("*/desks.db"))
