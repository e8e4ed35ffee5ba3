"""Two processes of the site on one PostgreSQL: what one does is so at the other, and it outlives it.

Behind nginx, under load and with PostgreSQL's faults: benchmarks/replicas.py, whose functions are used here.
"""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path

import httpx2
import pytest
from admins import few_topics
from sites import ROOT, Serving

sys.path.append(str(ROOT / "benchmarks"))
import replicas as script

PAGE = f"/topics/{script.SLUG}"


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_two_processes_share_links_sessions_counts_and_words(serving: Serving, address: str, tmp_path: Path):
    content = few_topics(tmp_path)
    with serving(content=content, database_url=address) as one, serving(content=content, database_url=address) as two:
        [link] = re.findall(r"/admin/setup/\S+", one.said())
        form = {"name": "benchmark", "password": script.PASSWORD, "again": script.PASSWORD}
        assert httpx2.post(two.url + link, data=form, headers=script.SAME, timeout=30).status_code == 303
        assert httpx2.get(one.url + link, timeout=30).status_code == 404, "used at the other"
        script.share_sessions(one.url, two.url)

        editor = script.start_editing(one.url)
        with httpx2.Client(timeout=30) as client:
            editor.publish("Saved at one.")
            script.seconds_until(partial(script.shows, client, two.url + PAGE, "Saved at one."), 20)
            one.process.kill()
            editor.url = two.url
            editor.publish("Saved at the other.")
            assert script.shows(client, two.url + PAGE, "Saved at the other.")
        assert script.look(address, editor).startswith("2 acknowledged saves, all there")
