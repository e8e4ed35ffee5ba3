"""The commands of the store: editors, as processes too, database, words to files and back."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from databases import migrate
from sites import COMMAND, Run, environment, invoke

from explorer import editors, passwords, revisions, sessions
from explorer.content import load_content
from explorer.content.wording import wording_of
from explorer.database import Database
from explorer.models import SCHEMA
from explorer.topics import Wording

PASSWORD = "four words that nobody guesses"
KEPT = ("middleware", "hello-world", "url-parameters")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path, content: Path) -> Run:
    """Run a command with a database and content of the test's own."""
    for path in (content / "topics").iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path)
    for name in ("shims.toml", "matrix.toml", "errata.toml", "checklist.toml"):
        (content / name).unlink(missing_ok=True)
    return lambda *arguments, **settings: invoke(*arguments, **({"data": data, "content": content} | settings))


def ask(data: Path, question: Callable[[Database], Awaitable[object]]) -> object:
    """Ask the database of a test something."""

    async def run() -> object:
        database = Database(f"sqlite+aiosqlite:///{data / 'explorer.db'}")
        try:
            return await question(database)
        finally:
            await database.close()

    return asyncio.run(run())


def words(content: Path, slug: str = "middleware") -> Wording:
    return next(wording_of(topic) for topic in load_content(content).topics if topic.slug == slug)


def edit(data: Path, content: Path, new: Wording, slug: str = "middleware", **more: object) -> None:
    """Publish an edit, or save it in another state, as the admin does."""
    asyncio.run(migrate(f"sqlite+aiosqlite:///{data / 'explorer.db'}"))
    shipped = next((wording_of(topic) for topic in load_content(content).topics if topic.slug == slug), None)
    options = {"author": "ada", "why": "Edit.", "based_on": 0, "state": "published", "shipped": shipped} | more
    ask(data, lambda database: revisions.save(database, slug, new, **options))  # type: ignore[arg-type]


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def typed(data: Path, password: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process, with a password on its standard input."""
    command = [COMMAND, *arguments]
    return subprocess.run(
        command, input=f"{password}\n", capture_output=True, text=True, env=environment({"data": data}), check=False
    )


def test_the_database_is_made_and_checked(store: Run, data: Path):
    before = store("db", "check")
    assert (before.returncode, before.stdout) == (1, "")
    assert before.stderr == "The database file cannot be opened; its folder must exist and be writable.\n"
    assert lines(store("db", "upgrade")) == [f"The database has schema {SCHEMA}, it was empty."]
    assert lines(store("db", "upgrade")) == [f"The database has schema {SCHEMA}, before {SCHEMA}."]
    assert lines(store("db", "check")) == [
        "The database can be read and written, and its tables are those of this program."
    ]
    assert sorted(path.name for path in data.iterdir()) == ["explorer.db", "explorer.db.made"]


def test_an_export_makes_the_folder_that_it_is_told(store: Run, data: Path, content: Path, tmp_path: Path):
    """As in a container, where the content is read-only: the folder is the content with the edits in it."""
    edit(data, content, replace(words(content), takeaway="Mine."))
    to = tmp_path / "words"
    assert lines(store("export", "--to", to)) == ["wrote words/topics/middleware/topic.toml", "1 file changed."]
    assert lines(store("export", "--to", to)) == ["0 files changed."], "what is there is kept"
    told = subprocess.run(["diff", "-rq", content, to], capture_output=True, text=True, check=False).stdout
    table = "topics/middleware/topic.toml"
    assert told == f"Files {content / table} and {to / table} differ\n"


def test_an_export_does_not_write_into_a_folder_of_something_else(store: Run, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("Dear")
    for to, why in (
        (tmp_path / "mine", " is no content folder: it has no topics/. Name one, or a folder that is not there yet."),
        (tmp_path / "mine" / "letter" / "x", " cannot be made from "),
    ):
        done = store("export", "--to", to)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"{to}{why}")
        assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter"]


def test_an_editor_with_a_password_may_sign_in(store: Run, data: Path):
    done = typed(data, PASSWORD, "editor", "add", "Ada", "--role", "owner")
    assert lines(done) == ["ada may sign in as owner."]
    assert ask(data, lambda d: sessions.sign_in(d, "ada", PASSWORD, "192.0.2.1"))
    assert lines(typed(data, "another four good words", "editor", "password", "ada")) == ["ada has a new password."]
    ada = ask(data, lambda d: editors.find(d, "ada"))
    assert asyncio.run(passwords.verify(ada.password, "another four good words"))  # type: ignore[attr-defined]
    assert PASSWORD not in "".join(path.read_text(errors="replace") for path in data.iterdir())


def test_a_link_lets_an_editor_choose_a_password(store: Run, data: Path):
    said = lines(store("editor", "add", "bob", "--link", root_path="/compare"))
    assert said[0] == "bob chooses a password within a day, once, at this path of the site:"
    match = re.fullmatch(r"/compare/admin/setup/([\w-]{43})", said[1])
    assert match
    used = ask(data, lambda d: editors.use_link(d, match[1], PASSWORD))
    assert (used.name, used.role) == ("bob", "editor")  # type: ignore[attr-defined]


def test_editors_are_listed_and_changed(store: Run):
    store("editor", "add", "ada", "--role", "owner", typed=f"{PASSWORD}\n")
    store("editor", "add", "bob", "--link")
    store("editor", "add", "eve", "--link")
    assert lines(store("editor", "role", "bob", "publisher")) == ["bob is publisher now."]
    assert lines(store("editor", "disable", "eve")) == ["eve may no longer sign in."]
    assert [line.split(maxsplit=2) for line in lines(store("editor", "list"))] == [
        ["ada", "owner", "active"],
        ["bob", "publisher", "no password yet"],
        ["eve", "editor", "disabled"],
    ]
    assert lines(store("editor", "enable", "eve")) == ["eve may sign in again."]


@pytest.mark.parametrize(
    ("password", "arguments", "complaint"),
    [
        ("short", ("add", "ada"), "The password has fewer than 8 characters: "),
        (PASSWORD, ("add", "a b"), "A name has 1 to 100 of the characters "),
        (PASSWORD, ("password", "nobody"), "There is no editor nobody."),
        (PASSWORD, ("disable", "nobody"), "There is no editor nobody."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(data: Path, password: str, arguments: tuple[str, ...], complaint: str):
    done = invoke("editor", *arguments, typed=f"{password}\n", data=data)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(complaint)


def test_an_export_is_exactly_the_edit(store: Run, data: Path, content: Path):
    subprocess.run(["git", "init", "-q", content], check=True)
    git = ["git", "-C", str(content), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "content"], check=True)
    old = words(content)
    edit(data, content, replace(old, text=old.text.replace("# Middleware", "# Hooks", 1), position=21))
    assert lines(store("export")) == [
        "wrote content/topics/middleware/topic.md",
        "wrote content/topics/middleware/topic.toml",
        "2 files changed.",
    ]
    shown = subprocess.run([*git, "diff", "--unified=0"], capture_output=True, text=True, check=True).stdout
    assert [line for line in shown.splitlines() if re.match(r"[+-](?![+-]{2} )", line)] == [
        "-# Middleware",
        "+# Hooks",
        f"-position = {old.position}",
        "+position = 21",
    ]
    assert lines(store("export")) == ["0 files changed."]
    assert lines(store("import", "--yes")) == ["Nothing differs from what is live."]


def test_what_is_not_live_is_not_exported(store: Run, data: Path, content: Path):
    old = words(content)
    edit(data, content, replace(old, position=99), state="draft")
    edit(data, content, words(content, "hello-world"), slug="hello-world", state="archived")
    before = {path: path.read_bytes() for path in content.rglob("*") if path.is_file()}
    assert lines(store("export")) == [
        "hello-world is archived. Remove content/topics/hello-world to take it out of the files, too.",
        "0 files changed.",
    ]
    assert {path: path.read_bytes() for path in content.rglob("*") if path.is_file()} == before


def test_a_topic_made_in_the_admin_is_exported_and_imported(store: Run, data: Path, content: Path, tmp_path: Path):
    made = Wording("# Fresh\n\nIt is new.\n", "Take.", "async", 5)
    edit(data, content, made, slug="fresh")
    assert lines(store("export"))[-1] == "2 files changed."
    assert words(content, "fresh") == made
    elsewhere = tmp_path / "elsewhere"
    assert lines(store("import", "--yes", data=elsewhere)) == ["Nothing differs from what is live."]


def test_an_import_publishes_what_differs_and_nothing_else(store: Run, data: Path, content: Path, tmp_path: Path):
    old = words(content)
    edit(data, content, replace(old, position=21))
    other = Path(shutil.copytree(content, tmp_path / "other" / "content"))
    text = other / "topics" / "middleware" / "topic.md"
    text.write_text(text.read_text().replace("# Middleware", "# Hooks", 1))
    assert lines(store("import", "--from", other, "--yes", "--why", "From a branch.")) == [
        "middleware differs from what is live.",
        "Published 1.",
    ]
    newest = ask(data, lambda d: revisions.revision_of(d, "middleware"))
    assert (newest.number, newest.author, newest.why) == (2, "command line", "From a branch.")  # type: ignore[attr-defined]
    assert newest.wording == replace(old, text=text.read_text())  # type: ignore[attr-defined]
    assert newest.shipped_wording == old  # type: ignore[attr-defined]
    assert ask(data, lambda d: revisions.revision_of(d, "hello-world")) is None


def test_the_order_of_sections_goes_to_the_file_and_back(store: Run, data: Path, content: Path, tmp_path: Path):
    path = content / "sections.toml"
    text = path.read_text()
    head, *blocks = re.split(r"(?m)^(?=\[\[sections)", text)
    moved = head + "".join([*blocks[1:-1], f"{blocks[-1]}\n", blocks[0].rstrip("\n") + "\n"])
    edit(data, content, Wording(moved, "", "", 0), revisions.SECTIONS, shipped=None)
    assert lines(store("import", "--yes")) == [
        "The order of the sections differs from what is live.",
        "Published 0 and the order of the sections.",
    ]
    assert lines(store("export")) == ["0 files changed."], "the files' order was imported"
    assert path.read_text() == text
    edit(data, content, Wording(moved, "", "", 0), revisions.SECTIONS, based_on=2)
    assert lines(store("export")) == ["wrote content/sections.toml", "1 file changed."]
    assert path.read_text() == moved
    assert lines(store("export")) == ["0 files changed."]
    assert lines(store("import")) == ["Nothing differs from what is live."]
    other = shutil.copytree(content, tmp_path / "other")
    (other / "sections.toml").write_text(text)
    assert "the order of the sections?" in store("import", "--from", other).stdout
    assert lines(store("import", "--from", other, "--yes"))[-1] == "Published 0 and the order of the sections."
    assert lines(store("export")) == ["wrote content/sections.toml", "1 file changed."]
    assert path.read_text() == text


def test_an_import_asks_first(store: Run, data: Path, content: Path):
    edit(data, content, replace(words(content), position=21))
    done = store("import")
    assert done.returncode == 1
    assert "Publish the files' words of 1 of 3 topics?" in done.stdout
    assert ask(data, revisions.latest) == 1


def test_an_export_says_where_the_shipped_text_changed(store: Run, data: Path, content: Path):
    old = words(content)
    edit(data, content, replace(old, position=21))
    text = content / "topics" / "middleware" / "topic.md"
    text.write_text(old.text.replace("# Middleware", "# Newer", 1))
    assert lines(store("export"))[0].startswith("middleware: the shipped text changed after this edit;")
    assert words(content) == replace(old, position=21)


def test_a_folder_that_is_no_content_is_refused(store: Run, tmp_path: Path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("Dear Ada,")
    for *command, folder in (
        ("export", "--to", "other"),
        ("import", "--from", "other"),
        ("import", "--from", "nothing"),
    ):
        done = store(*command, tmp_path / folder)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1


def test_all_shipped_words_go_through_the_database_and_back(data: Path, content: Path):
    """Each topic is edited, exported, edited back and exported: the files are what they were, to the byte."""
    before = {path: path.read_bytes() for path in content.rglob("*") if path.is_file()}
    shipped = {topic.slug: wording_of(topic) for topic in load_content(content).topics}
    asyncio.run(migrate(f"sqlite+aiosqlite:///{data / 'explorer.db'}"))

    async def publish(database: Database, based_on: int, change: int) -> None:
        for slug, old in shipped.items():
            new = replace(old, position=old.position + change)
            options = {"author": "ada", "why": f"Move by {change}.", "based_on": based_on, "shipped": old}
            await revisions.save(database, slug, new, state="published", **options)  # type: ignore[arg-type]

    ask(data, lambda database: publish(database, 0, 1000))
    assert lines(invoke("export", data=data, content=content))[-1] == f"{len(shipped)} files changed."
    ask(data, lambda database: publish(database, 1, 0))
    assert lines(invoke("export", data=data, content=content))[-1] == f"{len(shipped)} files changed."
    assert {path: path.read_bytes() for path in content.rglob("*") if path.is_file()} == before
