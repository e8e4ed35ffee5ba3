"""Our errors, each with a status code and sentences for the reader: what happened, where, how to mend it.

Turning them into HTML or problem+json happens in `web`; a demo's own 404 or 500 is a result, never one of these.
"""

from __future__ import annotations

from dataclasses import dataclass


class ExplorerError(Exception):
    """Anything the site refuses or cannot do, in words for whoever asked."""

    status = 500
    title = "This one is on us"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(ExplorerError):
    """The address, topic, scenario or variant does not exist."""

    status = 404
    title = "Not found"


class UnusableRequest(ExplorerError):
    """A try-it request that cannot be sent; names the field and the mend."""

    status = 422
    title = "The request cannot be sent"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        """method, path, query, headers, body, parts, file, scenario, variants, or the whole "request"."""


class MalformedRequest(UnusableRequest):
    """The body of the try-it call itself cannot be read."""

    status = 400
    title = "The call cannot be read"


class TooLarge(UnusableRequest):
    """A try-it request over a limit."""

    status = 413
    title = "The request is too large"


class Busy(ExplorerError):
    """More try-it requests are waiting than the server accepts."""

    status = 503
    title = "The demos are busy"
    retry_after = 2
    """Seconds."""


class TooMany(Busy):
    """One address asked more often than it may."""

    status = 429
    title = "Too many requests"

    def __init__(self, seconds: int) -> None:
        again = f"{seconds} second{'s' if seconds > 1 else ''}"
        super().__init__(
            f"More came from your address than this server answers. Nothing was sent: try again in {again}."
        )
        self.retry_after = seconds


class DatabaseAway(ExplorerError):
    """The database cannot be read or written now; says why. Whoever wanted to save keeps the text and tries again."""

    status = 503
    title = "The database is away"
    retry_after = 5
    """Seconds."""


class Refused(ExplorerError):
    """Something an editor or the command line asked for that is not allowed; says the mend."""

    status = 422
    title = "Not accepted"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with the content: where it stands, what is wrong, how to mend it."""

    file: str
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} Mend: {self.mend}"


class ContentError(ExplorerError):
    """Content that cannot be read at all."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(str(complaint))
        self.complaint = complaint
