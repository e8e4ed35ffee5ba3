"""explorer db, explorer export, explorer import: the database, and its words to and from files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from explorer import revisions
from explorer.command import WHO, read_settings, refusing, with_database
from explorer.content import load_content, load_frame
from explorer.content.file import read_text
from explorer.content.sections import NAME, in_order, order_of
from explorer.content.wording import wording_of
from explorer.content.writing import write_sections, write_wording
from explorer.database import Database
from explorer.errors import ContentError, Refused
from explorer.migrations import upgrade
from explorer.models import SCHEMA, Revision
from explorer.revisions import SECTIONS
from explorer.topics import Wording
from explorer.upgrades import Edit, decide

db = typer.Typer(help="The database of the admin.", no_args_is_help=True)


@db.command("upgrade")
def upgrade_database() -> None:
    """Make the tables or bring them up to date; serving does the same at its start."""
    before = with_database(upgrade, migrate=False)
    typer.echo(f"The database has schema {SCHEMA}, " + (f"before {before}." if before else "it was empty."))


@db.command("check")
def check_database() -> None:
    """Say what is wrong with the database; exit status 1 if anything is."""
    problem = with_database(lambda database: database.probe(), migrate=False)
    if problem:
        typer.echo(problem, err=True)
        raise typer.Exit(1)
    typer.echo("The database can be read and written, and its tables are those of this program.")


def export(
    to: Annotated[
        Path | None,
        typer.Option(help="Content folder to write to [EXPLORER_CONTENT]; one that is not there is copied from it."),
    ] = None,
) -> None:
    """Write the live words into content/, so that `git diff` shows exactly the edits. Demos are not touched."""
    shipped = read_settings().content.resolve()
    root = (to or shipped).resolve()
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        _copy(shipped, root)
    if not (root / "topics").is_dir():
        mend = "Name one, or a folder that is not there yet."
        typer.echo(f"{root} is no content folder: it has no topics/. {mend}", err=True)
        raise typer.Exit(1)
    wordings = _wordings(shipped)
    files, problems = 0, 0
    for slug, revision in with_database(revisions.live).items():
        try:
            changed = _write(revision, wordings.get(slug), root)
        except (ContentError, Refused) as error:
            typer.echo(error.detail, err=True)
            problems += 1
            continue
        files += len(changed)
        for path in changed:
            typer.echo(f"wrote {path.relative_to(root.parent)}")
    typer.echo(f"{files} file{'' if files == 1 else 's'} changed.")
    if problems:
        raise typer.Exit(1)


def _write(revision: Revision, shipped: Wording | None, root: Path) -> Sequence[Path]:
    """Write what is live under one name and return the files that changed. Raises ContentError, Refused."""
    slug = revision.topic
    if slug == SECTIONS:
        return [root / NAME] if write_sections(root, order_of(revision.text)) else []
    if revision.state == "archived":
        typer.echo(f"{slug} is archived. Remove {root.name}/topics/{slug} to take it out of the files, too.")
        return []
    revisions.require_readable(revision)
    if decide(shipped, Edit(revision.wording, False, revision.shipped_wording)).news == "changed":
        typer.echo(f"{slug}: the shipped text changed after this edit; the edit takes that back. Look at the diff.")
    return write_wording(root / "topics" / slug, revision.wording, root)


def _copy(shipped: Path, root: Path) -> None:
    """Copy the content folder, as where the site's own is read-only, or stop."""
    refusing(lambda: load_frame(shipped))
    try:
        shutil.copytree(shipped, root, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    except OSError as error:  # shutil's own collects those of all files
        why = error.strerror or "not every file could be copied"
        typer.echo(f"{root} cannot be made from {shipped}: {why}.", err=True)
        raise typer.Exit(1) from None


def import_words(
    source: Annotated[Path | None, typer.Option("--from", help="Content folder to read [EXPLORER_CONTENT].")] = None,
    why: Annotated[str, typer.Option(help="What the history says.")] = "Imported from files.",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Publish the words of files that differ from what is live. Earlier words stay in the history."""
    shipped = read_settings().content.resolve()
    root = (source or shipped).resolve()
    wordings = _wordings(shipped)
    files = wordings if root == shipped else _wordings(root)
    state = with_database(_state)
    differing = []
    for slug, words in files.items():
        live = state.live.get(slug)
        if live and live.state == "archived":
            typer.echo(f"{slug} is archived and stays so. Bring it back in the admin to import it.")
        elif words != (live.wording if live else wordings.get(slug)):
            differing.append(slug)
    for slug in differing:
        draft = ", over a draft that stays in the history" if slug in state.drafts else ""
        typer.echo(f"{slug} differs from what is live{draft}.")
    sections = _order_to_import(shipped, root, state.live.get(SECTIONS))
    if sections:
        typer.echo("The order of the sections differs from what is live.")
    if not differing and not sections:
        typer.echo("Nothing differs from what is live.")
        return
    if not yes:
        more = " and the order of the sections" if sections else ""
        typer.confirm(f"Publish the files' words of {len(differing)} of {len(files)} topics{more}?", abort=True)

    async def publish(database: Database) -> None:
        if sections:
            before = state.live.get(SECTIONS)
            based_on = before.number if before else 0
            await revisions.save(
                database, SECTIONS, sections, author=WHO, why=why, based_on=based_on, state="published"
            )
        for slug in differing:
            newest = await revisions.revision_of(database, slug)
            # who imports the shipped files has seen them; files from elsewhere say nothing about the shipped ones
            seen = root == shipped or newest is None
            await revisions.save(
                database,
                slug,
                files[slug],
                author=WHO,
                why=why,
                based_on=newest.number if newest else 0,
                state="published",
                shipped=wordings.get(slug) if seen else revisions.Shipped.AS_BEFORE,
            )

    with_database(publish)
    typer.echo(f"Published {len(differing)}{' and the order of the sections' if sections else ''}.")


@dataclass(frozen=True, slots=True)
class _State:
    live: Mapping[str, Revision]
    drafts: frozenset[str]


async def _state(database: Database) -> _State:
    drafts = await revisions.drafts(database)
    return _State(await revisions.live(database), frozenset(draft.topic for draft in drafts))


def _order_to_import(shipped: Path, root: Path, live: Revision | None) -> Wording | None:
    """Return the order of the sections in a content folder as it is saved, None if it is the live one."""
    text = read_text(shipped / NAME, shipped)
    wanted = in_order(text, order_of(read_text(root / NAME, root)))
    try:
        now = in_order(text, order_of(live.text)) if live else text
    except Refused:
        now = ""  # whatever is imported mends it
    return None if wanted == now else Wording(wanted, "", "", 0)


def _wordings(root: Path) -> dict[str, Wording]:
    """Return the words in a content folder by topic, or stop: what cannot be read must not look deleted."""
    content = refusing(lambda: load_content(root))
    for complaint in content.complaints:
        typer.echo(str(complaint), err=True)
    if content.complaints:
        raise typer.Exit(1)
    return refusing(lambda: {topic.slug: wording_of(topic) for topic in content.topics})
