"""What every view of the admin may use, and who is asking. Decides nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from explorer.database import Database
from explorer.models import Editor
from explorer.publisher import Publisher
from explorer.web.state import State


@dataclass(frozen=True, slots=True)
class Desk:
    """The objects behind the admin, put together once in `panel`."""

    state: State
    publisher: Publisher
    renderings: asyncio.Semaphore = field(init=False)
    """Pages of words that are not live are rendered a few at a time: readers go first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "renderings", asyncio.Semaphore(self.state.settings.previews))

    @property
    def database(self) -> Database:
        """Return the database that the publisher uses."""
        return self.publisher.database


def desk_of(connection: HTTPConnection) -> Desk:
    """Return the desk of the application that a request came to."""
    return cast(Desk, connection.app.state.desk)


def visitor_of(connection: HTTPConnection) -> Editor | None:
    """Return who is signed in; None on the pages that need nobody."""
    return cast("Editor | None", getattr(connection.state, "editor", None))


def editor_of(connection: HTTPConnection) -> Editor:
    """Return who is signed in. Raises RuntimeError on a page that needs nobody: `roles` says which those are."""
    editor = visitor_of(connection)
    if editor is None:
        raise RuntimeError("nobody is signed in")
    return editor
