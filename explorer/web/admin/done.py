"""What a page says after a change: fixed sentences by code, so that an address can make the admin say nothing else.

A view answers a POST with `pages.done(request, "/admin/topics", "archived")`.
"""

from __future__ import annotations

DONE = {
    "signed-out": "You are signed out.",
    "welcome": "Your password is set, and you are signed in.",
    "chosen": "Your password is set. Sign in with it.",
}
"""Codes of letters, digits and hyphens, with the sentence each stands for."""
