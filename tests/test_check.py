"""`explorer check`: the shipped content passes, and each kind of mistake is told with file, line and mend."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import ROOT, SLUGS, Run, copy_topics
from typer.testing import CliRunner, Result

from explorer.cli import app

TOPIC = "query-parameters"
COMPLAINT = re.compile(r"content/[\w./+-]+:[1-9]\d*: .+ Mend: .+\.")
Edit = Callable[[str], str]


def check(content: Path, *slugs: str) -> Result:
    return CliRunner().invoke(app, ["check", *slugs, "--content", str(content)])


def edit(path: Path, change: Edit) -> str:
    """Change a file and return its new text; a change that changes nothing is a mistake of the test."""
    before = path.read_text()
    after = change(before)
    assert after != before
    path.write_text(after)
    return after


@pytest.mark.slow
def test_the_shipped_content_passes_with_a_line_a_topic(explorer: Run):
    done = explorer("check")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert sorted(line.split()[0] for line in lines) == SLUGS
    pattern = r"[\w-]+ +\d+ scenarios on [2-9] variants, \d+ answers: all as declared"
    assert [line for line in lines if not re.fullmatch(pattern, line)] == []


def test_a_wrong_expectation_fails_as_a_command(explorer: Run, alone: Path):
    text = edit(alone / "topics" / TOPIC / "topic.toml", lambda t: t.replace("status = 200", "status = 201", 1))
    line = text[: text.index("status = 201")].rpartition('\nid = "')[0].count("\n") + 2
    done = explorer("check", "--content", alone)
    assert done.returncode == 1
    assert re.search(rf"^{TOPIC} .*: 1 wrong$", done.stdout, re.M)
    assert len(done.stdout.splitlines()) == len(SLUGS)
    (complaint,) = [c for c in done.stderr.splitlines() if f"topics/{TOPIC}/" in c]
    assert complaint.startswith(f"content/topics/{TOPIC}/topic.toml:{line}: scenario ")
    assert complaint.endswith(
        "the status is 200, declared is 201. Mend: correct the demo, or the declaration if the answer is right."
    )


def first(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new, 1)


def end(more: str) -> Edit:
    return lambda text: text.rstrip("\n") + f"\n\n{more}\n"


def last_scenario(more: str) -> Edit:
    """Add fields to the last expectation of topic.toml."""
    return lambda text: text.rstrip("\n") + f"\n{more}\n"


MISTAKES: dict[str, tuple[str, Edit, str | int, str]] = {
    # what: file, change, the line that is named (its number or a text on it), the message
    "status": ("topic.toml", first("status = 422", "status = 418"), "id = ", "the status is 422, declared is 418."),
    "header": (
        "topic.toml",
        last_scenario('headers = { X-A = "b" }'),
        "id = ",
        "declared is 'b'.",
    ),
    "absent": ("topic.toml", last_scenario('absent = ["Content-Type"]'), "id = ", "declared is that it is absent."),
    "contains": ("topic.toml", last_scenario('contains = ["zzz"]'), "id = ", "the body does not contain 'zzz'"),
    "import": ("flask/app.py", first("from flask", "import nothing_there\nfrom flask"), 1, "ModuleNotFoundError"),
    "exit": ("fastapi/app.py", end("raise SystemExit(3)"), 1, "SystemExit: 3"),
    "syntax": ("flask/app.py", end("def ("), 1, "SyntaxError"),
    "no app": ("fastapi/app.py", end("del app"), 1, "defines no application called `app`"),
    "other interface": ("flask/app.py", end("async def app(a, b, c): ..."), 1, "`app` is not a WSGI application"),
    "quote": (
        "topic.md",
        first("```python flask\n", "```python flask\nno = 1\n"),
        "```python flask",
        "the quote `no = 1`",
    ),
    "python": ("topic.md", end("```python\ndef (\n```"), "```python", "this Python does not compile"),
    "topic link": ("topic.md", end("See [it](../nowhere/topic.md)."), "See [it]", "leads to no topic."),
    "gotcha link": ("flask/notes.md", end("See [it](../nowhere/topic.md)."), "See [it]", "leads to no topic."),
    "no notes": ("topic.md", first("## What differs", "## What else"), "", "there is no note under"),
    "note": ("topic.md", first("## What differs\n", "## What differs\n\n### Bare\n\nWords.\n"), "", "quotes no line."),
    "kind": (
        "topic.toml",
        lambda t: t.replace('"malformed"', '"valid"'),
        1,
        "no scenario is of the kind 'malformed'.",
    ),
    "no such kind": ("topic.toml", first('kind = "missing"', 'kind = "odd"'), "id = ", "has the kind 'odd'."),
    "section": ("topic.toml", first('section = "requests"', 'section = "no"'), "section = ", "not in sections.toml."),
    "toml": ("topic.toml", end("[[["), "[[[", "not valid TOML"),
    "idiom": ("topic.toml", first("flask = '", "flask = 'no"), 1, "does not occur in flask/."),
    "no idiom": ("topic.toml", lambda t: re.sub(r"fastapi = .+\n", "", t, count=1), 1, "[idioms] has no fastapi."),
    "focus": ("topic.toml", lambda t: re.sub(r"focus = .+", 'focus = ["no"]', t), 1, "has no function"),
    "field": ("topic.toml", first("position", "positon"), "positon", "unknown field `positon`."),
    "scenario's field": ("topic.toml", first("query =", "querry ="), "querry", "unknown field `querry`."),
    "type": ("topic.toml", lambda t: re.sub(r"position = .+", 'position = "x"', t), "position", "not of type int."),
    "no title": ("topic.md", lambda t: t.removeprefix("# "), 1, "title or summary is missing."),
    "long title": ("topic.toml", first('title = "', f'title = "{"x" * 24}'), "id = ", "has more than 24 characters."),
    "method": ("topic.toml", first("path =", 'method = "TRACE"\npath ='), "id = ", "has the method 'TRACE'."),
    "twice": ("topic.toml", first('id = "missing"', 'id = "valid"'), 'id = "valid"', "occurs twice."),
    "side": ("topic.toml", first("expect.flask]", "expect.falsk]"), "id = ", "'falsk', which does not exist."),
    "headers": ("topic.toml", first("path =", 'headers = ["a"]\npath ='), "id = ", "are not pairs."),
    "scenario's type": ("topic.toml", first('why = "', 'why = 1 # "'), "id = ", "`why` of scenario"),
    "url": ("topic.toml", first('path = "', 'path = "http://x'), "id = ", "is not sent."),
    "two slashes": ("topic.toml", first('path = "', 'path = "/'), "id = ", "is not sent."),
    "query in the path": ("topic.toml", first('path = "', 'path = "/?'), "id = ", "is not sent."),
    "a query": ("topic.toml", first('query = "', 'query = "\u96f6'), "id = ", "is not sent."),
    "a header": (
        "topic.toml",
        first('path = "', 'headers = [["X", "\u96f6"]]\npath = "'),
        "id = ",
        "the header 'X' of scenario",
    ),
    "dots": ("topic.toml", first('path = "', 'path = "/%2e%2e'), "id = ", "is not sent."),
}


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """One topic; the others are titles, so that links to them lead somewhere and reading them takes no time."""
    content = copy_topics(tmp_path / "content", TOPIC)
    for slug in set(SLUGS) - {TOPIC}:
        (content / "topics" / slug).mkdir()
        (content / "topics" / slug / "topic.md").write_text("# Title\n\nSummary.\n")
        (content / "topics" / slug / "topic.toml").write_text('section = "start"\nposition = 1\ntakeaway = "None."\n')
    return content


def test_the_topic_passes_before_it_is_broken(alone: Path):
    done = check(alone, TOPIC)
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_file_line_and_mend(alone: Path, mistake: str):
    name, change, place, message = MISTAKES[mistake]
    text = edit(alone / "topics" / TOPIC / name, change)
    done = check(alone, TOPIC)
    assert done.exit_code == 1
    complaints = done.stderr.splitlines()
    assert [complaint for complaint in complaints if not COMPLAINT.fullmatch(complaint)] == []
    found = [c for c in complaints if c.startswith(f"content/topics/{TOPIC}/{name}:") and message in c]
    assert found, complaints
    line = int(found[0].split(":")[1])
    assert line == place or (isinstance(place, str) and place in text.splitlines()[line - 1])


SHAPES = {
    "scenarios are no tables": (
        "topic.toml",
        lambda t: re.sub(r"\[\[scenarios.*", "", t, flags=re.S) + "scenarios = [1]",
    ),
    "expectation": ("topic.toml", lambda t: re.sub(r"\[scenarios\.expect\.flask\][^\[]*", "", t, count=1)),
    "expectation is a number": ("topic.toml", first("[scenarios.expect.flask]\n", "expect.flask = 1\n[scenarios.x]\n")),
    "contains numbers": ("topic.toml", last_scenario("contains = [1]")),
    "absent numbers": ("topic.toml", last_scenario("absent = [1]")),
    "headers are numbers": ("topic.toml", last_scenario("headers = { X-A = 1 }")),
    "focus on numbers": ("topic.toml", lambda t: re.sub(r"focus = .+", "focus = [1]", t)),
    "idiom is a number": ("topic.toml", lambda t: re.sub(r"fastapi = .+", "fastapi = 1", t, count=1)),
    "declared json is none": ("topic.toml", lambda t: re.sub(r"json = .+", "json = '{'", t, count=1)),
    "words in another encoding": ("topic.md", None),
    "notes in another encoding": ("flask/notes.md", None),
    "code in another encoding": ("flask/app.py", None),
    "topic in another encoding": ("topic.toml", None),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_content_of_a_wrong_shape_is_told_like_any_mistake(alone: Path, shape: str):
    name, change = SHAPES[shape]
    path = alone / "topics" / TOPIC / name
    if change is None:
        path.write_bytes(path.read_bytes() + b"\n# caf\xe9\n")
    else:
        edit(path, change)
    done = check(alone, TOPIC)
    assert done.exit_code == 1, done.exception
    complaints = done.stderr.splitlines()
    assert complaints
    assert [c for c in complaints if not COMPLAINT.fullmatch(c) or f"/{TOPIC}/" not in c] == []


@pytest.mark.parametrize("name", ["sides.toml", "sections.toml", "home.toml"])
@pytest.mark.parametrize(
    "text", [None, "[[[", "sides = 1\nsections = 1\nhero = 1", "sides = [1]\nsections = [1]\nhero = {}"]
)
def test_content_that_cannot_be_read_at_all_is_told_too(content: Path, name: str, text: str | None):
    (content / name).unlink()
    if text is not None:
        (content / name).write_text(text)
    done = check(content)
    assert done.exit_code == 1, done.exception
    (complaint,) = done.stderr.splitlines()
    assert COMPLAINT.fullmatch(complaint)
    assert complaint.startswith(f"content/{name}:")


def test_a_folder_without_content_is_told(tmp_path: Path):
    done = check(tmp_path / "none")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    (tmp_path / "content").mkdir()
    for name in ("sides.toml", "sections.toml"):
        (tmp_path / "content" / name).write_bytes((ROOT / "content" / name).read_bytes())
    done = check(tmp_path / "content")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1), done.exception


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: re.sub(r'topic = ".+"', 'topic = "no"', t, count=1), "the topic 'no' does not exist."),
        (lambda t: re.sub(r"scenarios = \[.+\]", 'scenarios = ["no"]', t, count=1), "has no scenario 'no'."),
        (end('[[choices]]\ntitle = "x"\nlines = ["[x](../nowhere/topic.md)"]'), "leads to no topic."),
    ],
)
def test_the_front_page_is_checked(alone: Path, change: Edit, message: str):
    edit(alone / "home.toml", change)
    done = check(alone)
    assert done.exit_code == 1
    (complaint,) = [c for c in done.stderr.splitlines() if c.startswith("content/home.toml:")]
    assert message in complaint


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return copy_topics(tmp_path / "content", TOPIC, "hello-world", "url-parameters")


def test_naming_a_topic_limits_the_check(three: Path):
    edit(three / "topics" / TOPIC / "topic.toml", first("status = 200", "status = 201"))
    done = check(three, "hello-world", "url-parameters")
    assert (done.exit_code, done.stderr) == (0, "")
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == ["hello-world", "url-parameters"]
    assert check(three, TOPIC).exit_code == 1


def test_a_topic_that_cannot_be_read_is_told_when_it_is_named(three: Path):
    edit(three / "topics" / TOPIC / "topic.toml", end("[[["))
    assert check(three, "hello-world").exit_code == 0
    done = check(three, TOPIC)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"content/topics/{TOPIC}/topic.toml:")


def test_an_unknown_topic_is_a_mistake_of_the_call(explorer: Run):
    done = explorer("check", "unknown")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("There is no topic unknown in ")


def test_state_is_put_back_before_each_scenario(three: Path):
    demo = three / "topics" / "hello-world" / "flask" / "app.py"
    edit(demo, first("\n\n\n", "\nvisits: list[int] = []\n\n\n"))
    edit(demo, lambda text: re.sub(r"(\n    return )", r"\n    visits.append(1)\n    assert len(visits) == 1\1", text))
    broken = [c for c in check(three, "hello-world").stderr.splitlines() if "/topic.toml:" in c]
    assert broken == []
