"""What a page says after a change: fixed sentences by code, so that an address can make the admin say nothing else.

A view answers a POST with `pages.done(request, "/admin/topics", "archived")`.
"""

from __future__ import annotations

DONE = {
    "signed-out": "You are signed out.",
    "welcome": "Your password is set, and you are signed in.",
    "password": "Your password is changed. Your other sessions are over.",
    "others": "Your other sessions are over.",
    "role": "The role is changed. Their sessions are over: they sign in again.",
    "disabled": "They can no longer sign in, and their sessions are over.",
    "enabled": "They can sign in again.",
    "ended": "Their sessions are over.",
    "chosen": "Your password is set. Sign in with it.",
}
"""Codes of letters, digits and hyphens, with the sentence each stands for."""
