"""What search engines are told: one address for each page, and what is not for them."""

from __future__ import annotations

import re
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


def test_a_topic_names_its_one_address(site: Site):
    page = site.post("/topics/hello-world/try", data={"path": "/"}).text
    assert page.count('<link rel="canonical" href="/topics/hello-world">') == 1


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
