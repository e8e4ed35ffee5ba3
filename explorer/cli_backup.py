"""explorer backup, explorer restore: the database to a file, and a file to a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer import backups
from explorer.backups import Backup
from explorer.command import with_database


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
) -> None:
    """Write all words, their history, editors, links to drafts and the audit into one file, while the site runs."""
    made = with_database(lambda database: backups.write(database, file), migrate=False)
    typer.echo(f"Wrote {file}: {_counts(made)}.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `explorer backup` wrote, from either kind of database.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove what the database holds.")] = False,
) -> None:
    """Put a backup into an empty database. Stop the site before, or restart it afterwards."""
    put = with_database(lambda database: backups.restore(database, file, replace=replace), migrate=False)
    typer.echo(f"Restored what the database held at {put.made_at}: {_counts(put)}. Everybody has to sign in again.")


def _counts(backup: Backup) -> str:
    return ", ".join(f"{table} {count}" for table, count in backup.rows.items())
