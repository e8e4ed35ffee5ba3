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
    "draft": "The draft is saved. Readers see nothing of it until it is published.",
    "published": "It is published: readers see it now.",
    "unchanged": "Nothing differs from what was saved last, so nothing was saved.",
    "moved": "The topic is moved.",
    "placed": "The section is moved.",
    "created": "The topic is made, as a draft. Readers see it when it is published.",
    "later": "It is saved. The database does not answer now: readers see the change as soon as it does.",
    "restored": "It is published again: readers see these words now.",
    "archived": "It is archived: the topic is off the site. It can be brought back from here.",
    "unshared": "All links to drafts of this topic are over.",
    "kept": "It stays as it is here. You will hear of the shipped text again when it changes once more.",
    "taken": "It is as in the files now. The edit stays in the history.",
    "merged": "The merged words are published: readers see them now.",
    "chosen": "Your password is set. Sign in with it.",
}
"""Codes of letters, digits and hyphens, with the sentence each stands for."""
