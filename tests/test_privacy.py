"""/privacy says what is kept: its keys are those of the scripts, its durations those of the code, by the settings."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from admins import few_topics
from sites import ROOT, Site

from explorer.settings import Settings
from explorer.web.privacy import STORED, page_of

SCRIPTS = {
    path.relative_to(ROOT / "static" / "js").as_posix(): path.read_text() for path in (ROOT / "static/js").rglob("*.js")
}
ELSEWHERE = re.compile(
    r"sessionStorage|indexedDB|document\.cookie|cookieStore|caches\.|navigator\.storage|window\.name\b"
)
CALL = re.compile(r"(?<![\w.])(?:load|save)\(([^,)]*)")


def text_of(site: Site) -> str:
    answer = site.get("/privacy")
    assert answer.status_code == 200
    main = re.search(r"<main.*</main>", answer.text, re.S)
    assert main
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def keys_of(source: str) -> set[str]:
    """The keys that a script uses through store.js. Raises KeyError for one that cannot be told."""
    if "store.js" not in source:
        return set()
    named = dict(re.findall(r'const (\w+) = "([^"]+)";', source))
    found: set[str] = set()
    for argument in CALL.findall(source):
        if argument == "radio.name":
            found |= set(re.findall(r'\[name="(\w+)"\]', source.split("radio.name")[0]))
        elif argument.startswith('"'):
            found.add(argument.strip('"'))
        else:
            found.add(named[argument])
    return found


def test_the_page_lists_each_key_of_the_scripts_and_no_other():
    direct = {name for name, source in SCRIPTS.items() if "localStorage" in source}
    assert direct == {"store.js", "early.js", "admin/keep.js"}, "others go through store.js"
    early = re.search(r"for \(const name of (\[[^\]]*\])\) saved\[name\] = localStorage", SCRIPTS["early.js"])
    assert early
    found = set(re.findall(r'"(\w+)"', early[1]))
    for source in SCRIPTS.values():
        found |= keys_of(source)
    prefix = re.search(r"const prefix = `(\w+:)", SCRIPTS["admin/keep.js"])
    assert prefix
    assert {row.key for row in STORED} == found | {f"{prefix[1]}…"}


def test_the_scripts_keep_nothing_elsewhere():
    assert [name for name, source in SCRIPTS.items() if ELSEWHERE.search(source)] == []


def test_the_rule_on_keys_sees_a_new_one():
    source = 'import { save } from "./store.js";\nconst KEY = "a";\nload(KEY); save("b", 1);\n'
    assert keys_of(source) == {"a", "b"}
    with pytest.raises(KeyError):
        keys_of(source + "save(other, 1);")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return few_topics(tmp_path)


def test_the_page_is_linked_and_sets_no_cookie(make_site: Callable[..., Site], content: Path):
    site = make_site(content=content, try_rate=60, request_rate=600)
    for path in ("/", "/topics/hello-world", "/nowhere"):
        answer = site.get(path)
        assert '<a href="/privacy">Privacy</a>' in answer.text
        assert "set-cookie" not in answer.headers
    assert "set-cookie" not in site.get("/privacy").headers
    text = text_of(site)
    for row in STORED:
        assert row.key in text
    assert "60 and 600 a minute are allowed" in text
    assert "For each request a line is logged" in text
    assert "No figures on its use are collected." in text
    assert "in memory for 15 minutes after" in text
    assert "ends 1 hour after its last use and after 12 hours at most" in text
    assert "which count for 15 minutes and are deleted within 1 hour after that" in text
    assert "at most; its row is deleted within 1 hour after that" in text
    assert "for 30 seconds" in text
    assert "for 30 days at most" in text


def test_the_settings_change_what_it_says(make_site: Callable[..., Site], content: Path):
    text = text_of(make_site(content=content, try_rate=0, request_rate=0, log_level="warning"))
    assert "does not count requests by address" in text
    assert "Single requests are not logged." in text
    page = page_of(Settings(try_rate=0, metrics_port=9100))
    assert (page.rates, page.metrics) == ((600,), True)
