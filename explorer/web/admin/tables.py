"""Tables as they are, to read: sqladmin's model views, with pages, a search and an order; nothing can be changed.

Their own routes, because sqladmin's answer 500 for a key that is none and lead to the host that a client names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from sqladmin import ModelView, expose
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from explorer import revisions, sessions
from explorer.models import Audit, Revision, Session
from explorer.web.admin.desk import Desk
from explorer.web.admin.pages import page

SIZE = 50
"""Rows of a page."""
KEYS = 2**31
"""Keys are smaller: what a database keeps as an integer."""


class Table(ModelView):
    """One table, read-only. A subclass names its columns, where it is found, and a template for its rows."""

    page_size = SIZE
    page_size_options: ClassVar[list[int]] = [SIZE]
    searched: ClassVar[tuple[Any, ...]] = ()
    """Columns in which a search looks."""
    template: ClassVar[str]

    @expose("", methods=["GET"])
    async def rows(self, request: Request) -> Response:
        """Show a page of rows."""
        query = request.query_params
        number = query.get("page", "1")
        if not (number.isdecimal() and len(number) < 9):
            raise HTTPException(404)
        found = await self.list(request)
        if found.page != int(number):
            raise HTTPException(404)
        context = {
            "rows": found.rows,
            "page": found.page,
            "pages": found.max_page(found.count, found.page_size),
            "count": found.count,
            "search": query.get("search", ""),
        }
        return page(request, self.template, context)

    def search_query(self, stmt: Any, term: str) -> Any:
        """Find rows in which one of the columns holds the term, whatever signs are in it."""
        if not self.searched:
            return stmt
        term = term.replace("\0", "")
        return stmt.filter(reduce(or_, (column.icontains(term, autoescape=True) for column in self.searched)))

    async def _run_query(self, stmt: Any) -> Sequence[Any]:
        """Ask within our limits: sqladmin's own sessions would wait for a frozen database."""
        desk: Desk = self._admin_ref.admin.state.desk
        async with desk.database.reading() as session:
            return (await session.execute(stmt)).scalars().unique().all()


def found_at(identity: str) -> Callable[[type[Table]], type[Table]]:
    """Say where a table is found; sqladmin would call it as its model."""

    def name(table: type[Table]) -> type[Table]:
        table.identity = identity
        return table

    return name


@found_at("revisions")
class Revisions(Table, model=Revision):
    """Every version of every topic, without the texts; a page for each has those."""

    column_list: ClassVar[list[Any]] = [Revision.id]
    column_default_sort = ("id", True)
    searched = (Revision.topic, Revision.author, Revision.why)
    column_searchable_list: ClassVar[list[Any]] = [*searched]
    template = "admin/revisions.html"

    def list_query(self, request: Request) -> Any:
        """Leave the texts where they are."""
        return revisions.listing()

    @expose("/{pk}", methods=["GET"])
    async def row(self, request: Request) -> Response:
        """Show one version with its texts."""
        key = request.path_params["pk"]
        if not (key.isdecimal() and len(key) < 11 and int(key) < KEYS):
            raise HTTPException(404)
        revision = await self.get_object_for_details(request)
        if revision is None:
            raise HTTPException(404)
        return page(request, "admin/revision.html", {"revision": revision})


@found_at("audit")
class AuditTrail(Table, model=Audit):
    """Who changed what, with before and after."""

    column_list: ClassVar[list[Any]] = [Audit.id]
    column_default_sort = ("id", True)
    searched = (Audit.who, Audit.what)
    column_searchable_list: ClassVar[list[Any]] = [*searched]
    template = "admin/audit.html"


@found_at("sessions")
class Sessions(Table, model=Session):
    """Who is signed in."""

    column_list: ClassVar[list[Any]] = [Session.created_at]
    column_default_sort = ("created_at", True)
    template = "admin/sessions.html"

    def list_query(self, request: Request) -> Any:
        """Leave out those that are over."""
        return sessions.open_now()


TABLES: tuple[type[Table], ...] = (Revisions, AuditTrail, Sessions)
