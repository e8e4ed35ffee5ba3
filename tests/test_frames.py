"""Demos that are used in a frame: what they keep for a visitor, their headers, and what stays outside."""

from __future__ import annotations

import httpx2
import pytest

SIDES = ["left", "right"]
START = {"rows": ["first"], "names": [], "cookie": None}


@pytest.mark.parametrize("side", SIDES)
def test_rows_and_containers_are_put_back_before_each_call(hostile: httpx2.Client, side: str):
    mount = f"/demos/keeping/{side}"
    assert hostile.post(f"{mount}/names", content=b"second").status_code == 302
    assert hostile.get(f"{mount}/names").json() == START


@pytest.mark.parametrize("side", SIDES)
def test_an_open_transaction_is_rolled_back(hostile: httpx2.Client, side: str):
    assert hostile.post(f"/demos/keeping/{side}/open").status_code == 200
    assert hostile.get(f"/demos/keeping/{side}/names").json() == START


def test_rows_that_cannot_be_put_back_cost_the_demo_only(hostile: httpx2.Client):
    """A cursor that is left open holds the database; to put rows back under it would end the process."""
    assert hostile.post("/demos/keeping/left+cursor/cursor").status_code == 200
    refused = hostile.get("/demos/keeping/left+cursor/calm")
    assert refused.status_code == 503
    assert refused.text.startswith("What this demo keeps could not be put back: OperationalError: ")
    assert hostile.get("/demos/keeping/left/names").json() == START
