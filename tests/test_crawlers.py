"""What search engines are told: one address for each page, and what is not for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sites import SLUGS, Site

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}url/{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def test_the_map_holds_each_page_once(site: Site):
    answer = site.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    found = [node.text or "" for node in ElementTree.fromstring(answer.content).iterfind(LOC)]
    assert len(found) == len(set(found))
    assert {f"http://testserver/topics/{slug}" for slug in SLUGS} | {"http://testserver/"} <= set(found)
    for url in found:
        assert site.get(url.removeprefix("http://testserver")).status_code == 200, url


def test_robots_are_kept_out_of_what_is_made_for_one_reader(site: Site):
    text = site.get("/robots.txt").text
    closed = re.findall(r"^Disallow: (.+)$", text, re.M)
    assert closed == ["/admin/", "/api/", "/demos/", "/preview/", "/search", "/differences/filter"]
    assert text.endswith("\nSitemap: http://testserver/sitemap.xml\n")


@pytest.mark.parametrize("path", ["/topics/hello-world", "/differences", "/"])
def test_a_page_names_its_one_address(site: Site, path: str):
    answers = [site.get(f"{path}?path=%2Ftext"), site.get(f"{path}?path=%2Ftext"), site.head(path)]
    assert {answer.headers["link"] for answer in answers} == {f'<http://testserver{path}>; rel="canonical"'}


def test_the_address_has_the_prefix(make_site: Callable[..., Site], calm: Path):
    site = make_site(root_path="/compare", content=calm)
    told = site.get("/compare/topics/hello-world").headers["link"]
    assert told == '<http://testserver/compare/topics/hello-world>; rel="canonical"'


@pytest.mark.parametrize("host", ['a"b', "[::1]", "a>b", "a b"])
def test_a_host_that_no_address_can_name_is_not_repeated(site: Site, host: str):
    assert "link" not in site.get("/topics/hello-world", headers={"Host": host}).headers


def test_what_is_no_page_has_no_address(site: Site):
    assert "link" not in site.get("/checklist.md").headers
    assert "link" not in site.post("/topics/hello-world/try", data={"path": "/"}).headers


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/privacy"])
def test_who_has_it_already_is_sent_nothing(site: Site, path: str):
    first = site.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "public, max-age=0, must-revalidate")
    again = site.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "x-content-type-options" in again.headers
    head = site.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == first.headers["content-length"]
