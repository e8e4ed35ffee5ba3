"""A page that was made is found at the next start, and only as long as nothing changed that it is made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import Site

MakeSite = Callable[..., Site]

PLANTED = "planted in the kept page"


@pytest.fixture
def cache(make_site: MakeSite, calm: Path, tmp_path: Path) -> Path:
    """What a start left, with a word in its page by which it is known."""
    site = make_site(content=calm, cache=tmp_path / "cache")
    assert "</html>" in read(site)
    path = tmp_path / "cache" / "pages" / "hello-world"
    assert path.is_file()
    plant(path, PLANTED)
    return tmp_path / "cache"


def read(site: Site) -> str:
    answer = site.get("/topics/hello-world", headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    return answer.text


def plant(path: Path, words: str) -> None:
    """Put other bytes into a kept page, as the page's only body."""
    head = path.read_bytes().partition(b"\n")[0].decode()
    sizes = re.sub(r'"sizes":\{[^}]*\}', f'"sizes":{{"identity":{len(words)}}}', head)
    assert sizes != head
    path.write_text(f"{sizes}\n{words}")


def test_a_page_is_found_at_the_next_start(make_site: MakeSite, calm: Path, cache: Path) -> None:
    assert read(make_site(content=calm, cache=cache)) == PLANTED


def test_every_encoding_and_validator_is_as_it_was_made(make_site: MakeSite, calm: Path, tmp_path: Path) -> None:
    sites = [make_site(content=calm, cache=tmp_path / "cache") for _ in range(2)]
    for coding in ("br", "gzip", "identity"):
        first, second = (site.get("/topics/hello-world", headers={"Accept-Encoding": coding}) for site in sites)
        assert first.headers["etag"] == second.headers["etag"]
        assert first.headers.get("content-encoding") == second.headers.get("content-encoding")
        assert first.headers["content-type"] == second.headers["content-type"]
        assert first.content == second.content


@pytest.mark.parametrize("name", ["topic.md", "flask/app.py", "flask/notes.md"])
def test_other_files_make_another_page(make_site: MakeSite, calm: Path, cache: Path, name: str) -> None:
    path = calm / "topics" / "hello-world" / name
    path.write_text(path.read_text() + "\n")
    assert PLANTED not in read(make_site(content=calm, cache=cache))


def test_another_prefix_makes_another_page(make_site: MakeSite, calm: Path, cache: Path) -> None:
    site = make_site(content=calm, cache=cache, root_path="/compare")
    assert PLANTED not in site.get("/compare/topics/hello-world").text


def test_another_menu_makes_another_page(make_site: MakeSite, calm: Path, cache: Path) -> None:
    words = (calm / "sections.toml").read_text()
    (calm / "sections.toml").write_text(re.sub(r'title = "([^"]+)"', r'title = "\1, again"', words, count=1))
    assert PLANTED not in read(make_site(content=calm, cache=cache))


def test_answers_that_were_given_again_make_another_page(make_site: MakeSite, calm: Path, cache: Path) -> None:
    for path in cache.glob("*.json"):
        path.unlink()
    assert PLANTED not in read(make_site(content=calm, cache=cache))


@pytest.mark.parametrize("size", [0, 10, -1])
def test_half_a_page_is_as_good_as_none(make_site: MakeSite, calm: Path, cache: Path, size: int) -> None:
    path = cache / "pages" / "hello-world"
    path.write_bytes(path.read_bytes()[:size])
    assert "</html>" in read(make_site(content=calm, cache=cache))


def test_a_folder_that_cannot_be_made_costs_time_only(make_site: MakeSite, calm: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "pages").write_text("in the way")
    assert "</html>" in read(make_site(content=calm, cache=tmp_path / "cache"))


def test_what_is_not_as_declared_is_not_kept(make_site: MakeSite, calm: Path, tmp_path: Path) -> None:
    toml = calm / "topics" / "hello-world" / "topic.toml"
    toml.write_text(toml.read_text().replace("status = 200", "status = 299", 1))
    assert "</html>" in read(make_site(content=calm, cache=tmp_path / "cache"))
    assert not (tmp_path / "cache" / "pages").exists()
