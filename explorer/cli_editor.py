"""explorer editor: add, list, disable, enable, role, password."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from typing import Annotated

import typer

from explorer import editors
from explorer.command import WHO, read_settings, with_database
from explorer.database import Database
from explorer.errors import DatabaseAway
from explorer.migrations import upgrade
from explorer.models import Role as RoleName

app = typer.Typer(help="The people who may sign in to the admin.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
PATIENCE = 6.0
"""Seconds that the start of the site waits for the database to make the first link."""
Link = Annotated[bool, typer.Option("--link", help="Print a one-time link instead of asking for a password.")]


class Role(StrEnum):
    """A role as an option."""

    EDITOR = "editor"
    PUBLISHER = "publisher"
    OWNER = "owner"

    @property
    def typed(self) -> RoleName:
        """Return it as the models have it."""
        return self.value


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="Saves drafts; also publishes; also manages editors.")] = Role.EDITOR,
    link: Link = False,
) -> None:
    """Add an editor. Asks for a password, or reads one line where there is no terminal."""
    password = None if link else _ask()
    editor = with_database(lambda database: editors.add(database, name, role.typed, by=WHO, password=password))
    typer.echo(f"{editor.name} may sign in as {editor.role}." if password else _link_for(editor.name))


@app.command("list")
def list_editors() -> None:
    """List the editors with role and state."""
    for editor in with_database(editors.everybody):
        state = "disabled" if editor.disabled else "active" if editor.password else "no password yet"
        typer.echo(f"{editor.name:24} {editor.role:10} {state}")


@app.command()
def disable(name: Name) -> None:
    """Take the right to sign in from an editor; all sessions end."""
    with_database(lambda database: editors.set_disabled(database, name, True, by=WHO))
    typer.echo(f"{name} may no longer sign in.")


@app.command()
def enable(name: Name) -> None:
    """Give a disabled editor the right to sign in again."""
    with_database(lambda database: editors.set_disabled(database, name, False, by=WHO))
    typer.echo(f"{name} may sign in again.")


@app.command("role")
def change_role(name: Name, role: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Give an editor another role; all sessions end."""
    with_database(lambda database: editors.set_role(database, name, role.typed, by=WHO))
    typer.echo(f"{name} is {role.value} now.")


@app.command("password")
def change_password(name: Name, link: Link = False) -> None:
    """Set an editor's password, or print a one-time link with which they set it; all sessions end when it is set."""
    with_database(lambda database: editors.find(database, name))
    if link:
        typer.echo(_link_for(name))
        return
    password = _ask()
    with_database(lambda database: editors.set_password(database, name, password, by=WHO))
    typer.echo(f"{name} has a new password.")


def invite(host: str, port: int) -> None:
    """Print a one-time link for the first owner, if there is no editor yet: to the terminal, never to the log.

    A database that is away costs the link, not the start.
    """
    settings = read_settings()
    try:
        token = asyncio.run(_first_link(settings.database))
    except (DatabaseAway, TimeoutError) as error:
        why = error.detail if isinstance(error, DatabaseAway) else "The database takes long."
        typer.echo(f"The admin cannot be used yet. {why}")
        return
    if token:
        name = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104, read only
        site = f"http://{name}:{port}" if port else ""
        typer.echo("There is no editor yet. Whoever opens this makes the first one, once, within a day:")
        typer.echo(f"{site}{settings.root_path}{editors.link_path(token)}")


async def _first_link(address: str) -> str | None:
    database = Database(address)
    try:
        async with asyncio.timeout(PATIENCE):
            await upgrade(database)
            return await editors.make_first_link(database)
    finally:
        await database.close()


def _ask() -> str:
    """Ask for a password twice, or read it from standard input where nobody can be asked."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _link_for(name: str) -> str:
    token = with_database(lambda database: editors.make_link(database, name, by=WHO))
    path = f"{read_settings().root_path}{editors.link_path(token)}"
    return f"{name} chooses a password within a day, once, at this path of the site:\n{path}"
