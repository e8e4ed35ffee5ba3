"""What the site's own program knows of the table."""

from flask import Blueprint, current_app
from rows import Employee, db
from sqlalchemy import select

api = Blueprint("api", __name__)
PAGES = {
    "list": "employee.index_view",
    "create": "employee.create_view",
    "edit": "employee.edit_view",
    "delete": "employee.delete_view",
}


@api.get("/employees")
def list_employees() -> list[dict[str, str | int]]:
    found = db.session.scalars(select(Employee))
    return [
        {"id": e.id, "name": e.name, "desk": e.desk}
        for e in found
    ]


@api.get("/links")
def links() -> dict[str, str]:
    """Where the admin's pages are, from here."""
    urls = current_app.url_map.bind("")
    return {
        name: urls.build(view).lstrip("/")
        for name, view in PAGES.items()
    }
