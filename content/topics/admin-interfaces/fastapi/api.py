"""What the site's own program knows of the table."""

from fastapi import APIRouter, Request
from rows import Employee, engine
from sqlalchemy import select
from sqlalchemy.orm import Session

api = APIRouter()


@api.get("/employees")
def list_employees() -> list[dict[str, str | int]]:
    with Session(engine) as session:
        found = session.scalars(select(Employee))
        return [
            {"id": e.id, "name": e.name, "desk": e.desk}
            for e in found
        ]


@api.get("/links")
def links(
    request: Request, id: str = "1"
) -> dict[str, str]:
    """Where the admin's pages are, from here."""
    path = request.app.url_path_for
    rows = {"identity": "employee"}
    found = {
        "list": path("admin:list", **rows),
        "create": path("admin:create", **rows),
        "edit": path("admin:edit", **rows, pk=id),
        "delete": path("admin:delete", **rows),
    }
    return {
        name: url.lstrip("/")
        for name, url in found.items()
    }
