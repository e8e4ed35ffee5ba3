"""Which topic and which of its answers the front page opens with. Renders nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.content import Content
from explorer.errors import Complaint, ContentError
from explorer.evidence import ScenarioRun
from explorer.topics import Topic

SHOWN = 4
"""Scenarios that are offered where the front page's own cannot be."""


def hero(content: Content, runs: Mapping[str, Sequence[ScenarioRun]]) -> tuple[Topic, Sequence[ScenarioRun]]:
    """Return the topic and the runs that home.toml names.

    Where they cannot be shown the first topic takes their place: a broken topic does not cost the front page.
    Raises ContentError if no topic has an answer.
    """
    home = content.home
    for topic in sorted(content.topics, key=lambda topic: topic.slug != home.topic):
        answered = {run.scenario.id: run for run in runs.get(topic.slug, ()) if run.plain}
        named = [answered[name] for name in home.scenarios if name in answered] if topic.slug == home.topic else []
        if answered:
            return topic, named or list(answered.values())[:SHOWN]
    mend = "add a topic with a demo and a scenario; docs/content-format.md says how."
    raise ContentError(Complaint("content/topics", 1, "no topic has an answer to show.", mend))
