"""What proves things: scoreboard, atlas, claims, matrix, errata, shims; and that wrong demos make them say so."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sites import ROOT, Site, copy_topics, site_with
from typer.testing import CliRunner

from explorer.cli import app as cli

HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def wrong_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose query-parameters demos were changed behind the words' back."""
    content = Path(shutil.copytree(ROOT / "content", tmp_path_factory.mktemp("wrong") / "content"))
    flask = content / "topics" / "query-parameters" / "flask" / "app.py"
    flask.write_text(flask.read_text().replace('request.args["department"]', 'request.args.get("department", "none")'))
    fastapi = content / "topics" / "query-parameters" / "fastapi" / "app.py"
    fastapi.write_text(fastapi.read_text().replace("limit: int = 10", 'limit: str = "10"'))
    with site_with(content=content) as site:
        yield site


def test_run_all_shows_every_scenario_as_declared(site: Site) -> None:
    topic = site.get("/api/topics/query-parameters").json()

    board = site.post("/topics/query-parameters/run", headers=HTMX)

    answers = len(topic["scenarios"]) * len(topic["variants"])
    assert board.status_code == 200
    assert f"{answers} of {answers} answers" in board.text
    assert all(f"#scenario-{scenario}" in board.text for scenario in topic["scenarios"])
    assert "not as declared" not in board.text


def test_run_all_without_script_is_the_whole_page_with_the_scoreboard(site: Site) -> None:
    page = site.post("/topics/query-parameters/run").text

    assert "<h1>Query parameters</h1>" in page
    assert "as declared" in page


def test_wrong_demos_show_in_scoreboard_claims_and_page(wrong_site: Site) -> None:
    board = wrong_site.post("/topics/query-parameters/run", headers=HTMX).text
    claims = wrong_site.get("/api/claims").json()
    broken = [claim for claim in claims["claims"] if not claim["holds"]]

    assert "not as declared" in board
    assert claims["broken"] == len(broken) > 0
    assert {claim["topic"] for claim in broken} == {"query-parameters"}
    assert any("the status is 200, declared is 400." in claim["detail"] for claim in broken)
    ledger = wrong_site.get("/claims").text
    assert re.findall(r'<details open><summary><h2 id="t-([a-z-]+)"', ledger) == ["query-parameters"]
    assert f", {len(broken)} broken</span>" in ledger
    assert ledger.count("<details><summary><h2") > 30, "what holds is folded"
    pages = {slug: wrong_site.get(f"/topics/{slug}").text for slug in ("query-parameters", "cors")}
    assert 'data-holds="no"' in pages["query-parameters"]
    said = {slug: re.findall(r"All claims hold|A claim is broken", page) for slug, page in pages.items()}
    assert said == {"query-parameters": ["A claim is broken"], "cors": ["All claims hold"]}


def test_wrong_demos_change_the_atlas(site: Site, wrong_site: Site) -> None:
    def missing(client: Site) -> list[tuple[str, ...]]:
        rows = client.get("/api/differences", params={"topic": "query-parameters"}).json()["differences"]
        return [tuple(row["statuses"]) for row in rows if row["scenario"] == "missing" and row["area"] == "status"]

    assert missing(site) == [("400", "422")]
    assert missing(wrong_site) == [("200", "422")]


def test_shipped_claims_all_hold_and_name_what_they_were_checked_with(site: Site) -> None:
    claims = site.get("/api/claims").json()

    assert claims["broken"] == 0
    assert claims["holding"] == len(claims["claims"]) > 80
    assert claims["versions"]["Flask"] == "3.1.3"
    assert claims["versions"]["FastAPI"] == "0.165.0"
    assert re.fullmatch(r"\d{1,2} \w+ \d{4}", claims["tested"])


def test_code_in_a_claim_is_code_wherever_claims_stand(site: Site) -> None:
    texts = [claim["text"] for claim in site.get("/api/claims").json()["claims"]]
    page = site.get("/claims/query-parameters").text

    assert "`type=int` swallows the error: `limit=ten` becomes 10" in texts
    assert "<p><code>type=int</code> swallows the error: <code>limit=ten</code> becomes 10</p>" in page


def test_every_anchor_that_a_tick_a_matrix_cell_or_an_erratum_leads_to_exists(site: Site) -> None:
    ledger = site.get("/claims").text
    pages = {slug: site.get(f"/topics/{slug}").text for slug in re.findall(r'href="/topics/([a-z-]+)"', ledger)}
    proofs = {slug: site.get(f"/claims/{slug}").text for slug in pages}

    for text in (ledger, *proofs.values(), site.get("/matrix").text, site.get("/errata").text, *pages.values()):
        for slug, anchor in re.findall(r'href="/topics/([a-z-]+)#(scenario-[a-z0-9-]+)"', text):
            assert f'id="{anchor}"' in pages[slug], (slug, anchor)
        for slug, anchor in re.findall(r'href="/claims/([a-z-]+)#([a-z0-9-]+)"', text):
            assert f'id="{anchor}"' in proofs[slug], anchor


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"effect": "leaks data"}, lambda row: row["effect"] == "leaks data"),
        ({"area": "header"}, lambda row: row["area"] == "header"),
        ({"status": "changes"}, lambda row: row["statuses"][0] != row["statuses"][1]),
        ({"status": "same"}, lambda row: row["statuses"][0] == row["statuses"][1]),
        (
            {"topic": "serialization", "area": "body"},
            lambda row: (row["topic"], row["area"]) == ("serialization", "body"),
        ),
    ],
)
def test_the_atlas_shows_exactly_what_fits(
    site: Site, filters: dict[str, str], fits: Callable[[dict[str, str]], bool]
) -> None:
    every = site.get("/api/differences").json()

    shown = site.get("/api/differences", params=filters).json()

    assert shown["differences"] == [row for row in every["differences"] if fits(row)]
    assert 0 < len(shown["differences"]) < every["total"] == len(every["differences"])
    page = site.get("/differences/filter", params=filters, headers=HTMX)
    assert f"{len(shown['differences'])} of {every['total']}" in re.sub(r"\s+", " ", page.text)


def test_the_pages_of_the_atlas_hold_each_difference_once(site: Site) -> None:
    every = site.get("/api/differences").json()
    pages = int(re.findall(r"Page 1 of (\d+)", site.get("/differences").text)[0])
    count = 0
    for number in range(1, pages + 1):
        page = site.get("/differences/filter", params={"page": number}, headers=HTMX).text
        count += len(re.findall(r'<td class="effect"', page))
        assert ('rel="next"' in page, 'rel="prev"' in page) == (number < pages, number > 1)
    assert count == every["total"]
    last = site.get("/differences/filter", params={"page": 999, "area": "header"}, headers=HTMX).text
    assert 'rel="next"' not in last
    assert "area=header&amp;page=" in last
    assert site.get("/differences/filter", params={"page": 0}).status_code == 422


def test_an_unknown_filter_is_refused(site: Site) -> None:
    answer = site.get("/api/differences", params={"effect": "harmless"})

    assert answer.status_code == 422
    assert answer.json()["field"] == "effect"


def try_missing(site: Site, **more: object) -> list[int]:
    call = {"scenario": "missing", **more}
    exchanges = site.post("/api/topics/query-parameters/try", json=call).json()["exchanges"]
    return [exchange["response"]["status"] for exchange in exchanges]


def test_a_shim_makes_the_sides_match_and_leaves_the_plain_demo_alone(site: Site) -> None:
    assert try_missing(site) == [400, 422]
    assert try_missing(site, shims=["validation-400"]) == [400, 400]
    assert try_missing(site, shims=["missing-422"]) == [422, 422]
    assert try_missing(site) == [400, 422]


def test_a_shim_that_the_topic_does_not_offer_is_refused(site: Site) -> None:
    answer = site.post("/api/topics/query-parameters/try", json={"scenario": "missing", "shims": ["iso-dates"]})

    assert answer.status_code == 422
    assert answer.json()["field"] == "shims"
    assert "validation-400" in answer.json()["detail"]


def test_a_noise_rule_that_is_off_shows_what_it_suppressed(site: Site) -> None:
    form = {"scenario": "valid"}
    quiet = site.post("/topics/query-parameters/try", data=form, headers=HTMX).text
    rules = {"noise-shown": "1", "noise": ["date", "server"]}

    loud = site.post("/topics/query-parameters/try", data=form | rules, headers=HTMX).text

    assert "Same answer." in quiet
    assert "Same answer." not in loud
    assert "content-length" in loud.lower()


def test_an_unknown_noise_rule_is_refused_beside_the_form(site: Site) -> None:
    form = {"scenario": "valid", "noise-shown": "1", "noise": "everything"}

    answer = site.post("/topics/query-parameters/try", data=form, headers=HTMX)

    assert answer.status_code == 422
    assert "There is no such rule" in answer.text


def test_the_matrix_marks_a_cell_whose_evidence_broke(site: Site, wrong_site: Site) -> None:
    def cells(client: Site) -> int:
        return len(re.findall(r'data-holds="no"', client.get("/matrix").text))

    assert cells(site) == 0
    assert cells(wrong_site) > 0


def errata(client: Site) -> dict[str, list[tuple[int, str]]]:
    """Numbers and verdicts of the page's statements, by the title of their group, in the order of the page."""
    groups = re.findall(r"<h2 id=\"errata-\d\">(.+?) <span.*?</h2>(.*?)</section>", client.get("/errata").text, re.S)
    row = re.compile(r'<li id="erratum-(\d+)">\s*<p class="verdict" data-verdict="(\w+)">\2</p>')
    return {title: [(int(number), verdict) for number, verdict in row.findall(rows)] for title, rows in groups}


def test_the_errata_begin_with_what_is_worst_and_end_with_what_is_true(site: Site) -> None:
    written = tomllib.loads((ROOT / "content" / "errata.toml").read_text())["errata"]
    groups = errata(site)
    false, true = groups["No longer true, or never was"], groups["Still true"]
    assert list(groups) == ["No longer true, or never was", "Still true"]
    assert sorted(false + true) == sorted((row["number"], row["verdict"]) for row in written)
    assert {verdict for _, verdict in true} == {"holds"}
    order = ["broken", "wrong", "outdated", "incomplete"]
    assert false == sorted(false, key=lambda row: (order.index(row[1]), row[0]))
    verdicts = [row["verdict"] for row in written]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in order)
    assert f"{counts}, {verdicts.count('holds')} true." in site.get("/errata").text


def test_errata_without_a_false_statement_are_one_group(content: Path, make_site: Callable[..., Site]) -> None:
    table = content / "errata.toml"
    table.write_text(re.sub(r'verdict = "\w+"', 'verdict = "holds"', table.read_text()))
    assert list(errata(make_site(content=content))) == ["Still true"]


def test_the_errata_mark_a_statement_whose_evidence_broke(site: Site, wrong_site: Site) -> None:
    def broken(client: Site) -> list[str]:
        return re.findall(r'<a href="([^"]+)" data-holds="no">[^<]+, broken</a>', client.get("/errata").text)

    assert broken(site) == []
    assert broken(wrong_site) == ["/topics/query-parameters#scenario-missing"]


def test_a_shim_without_effect_fails_the_check(tmp_path: Path) -> None:
    content = copy_topics(tmp_path / "content", "query-parameters")
    told = "shim 'validation-400', proof query-parameters/missing: the difference 'status' is still there with it."
    command = ["check", "--content", str(content)]
    assert told not in CliRunner().invoke(cli, command).stderr
    shim = content / "shims" / "fastapi" / "validation_400.py"
    shim.write_text("from fastapi import FastAPI\n\n\ndef install(app: FastAPI) -> None:\n    pass\n")

    checked = CliRunner().invoke(cli, command)

    assert checked.exit_code == 1
    assert f"content/shims.toml:1: {told}" in checked.stderr
