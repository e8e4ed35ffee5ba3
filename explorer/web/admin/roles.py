"""Which role each route of the admin needs. A route that is not in the table is refused; a test walks them all."""

from __future__ import annotations

from starlette.requests import Request

from explorer.models import Role

ROLES: dict[str, Role | None] = {
    "index": "editor",
    "login": None,
    "logout": None,
    "show_setup": None,
    "use_setup": None,
    "account": "editor",
    "change_password": "editor",
    "end_others": "editor",
    "revisions-rows": "editor",
    "revisions-row": "editor",
    "audit-rows": "editor",
    "sessions-rows": "owner",
    "editors": "owner",
    "editor": "owner",
    "add_editor": "owner",
    "set_editor_role": "owner",
    "disable_editor": "owner",
    "enable_editor": "owner",
    "end_editor_sessions": "owner",
    "make_editor_link": "owner",
    "topic_history": "editor",
    "compare_topic": "editor",
    "rendered_topic": "editor",
    "show_restore": "publisher",
    "restore_topic": "publisher",
    "show_archive": "publisher",
    "archive_topic": "publisher",
    "show_upgrade": "editor",
    "decide_upgrade": "publisher",
    "share_topic": "editor",
    "unshare_topic": "editor",
    "topics": "editor",
    "order_topics": "publisher",
    "sections": "editor",
    "order_sections": "publisher",
    "new_topic": "editor",
    "create_topic": "editor",
    "edit_topic": "editor",
    "save_topic": "editor",
    "merge_topic": "editor",
    "preview_topic": "editor",
    "arrive_topic": "editor",
    "leave_topic": "editor",
}
"""The least role by the name of a route, which is that of the view's method; None: anybody, signed in or not."""


def route_name(request: Request) -> str:
    """Return the name of the route that a request came to."""
    endpoint = request.scope["endpoint"]
    name = next(route.name for route in request.app.routes if getattr(route, "endpoint", None) == endpoint)
    return bare(name)


def bare(name: str) -> str:
    """Return a route's name as it is in the table: sqladmin puts `view-` before the names of views."""
    return name.removeprefix("view-")
