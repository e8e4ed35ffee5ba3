"""Checks all content as a maintainer would: structure, quotes, links, demos, every scenario on every variant.

Returns reports; printing them and the exit status belong to the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.checklist import checklist_complaints
from explorer.claims import Findings
from explorer.content import Content
from explorer.content.recordings import NAME as TIMELINE
from explorer.demos import Demos
from explorer.errata import errata_complaints
from explorer.errors import Complaint
from explorer.evidence import ScenarioRun, verdicts
from explorer.kept import Shelf
from explorer.matrix import matrix_complaints
from explorer.quotes import focus_lines
from explorer.rendering import Markdown
from explorer.results import run_evidence
from explorer.shims import prove
from explorer.topics import KINDS, Topic
from explorer.words import DIFFERS, Words, render_words

TITLE_LIMIT = 24
LEAST_SCENARIOS = 6


@dataclass(frozen=True, slots=True)
class Report:
    """What the check of one topic found."""

    slug: str
    scenarios: int
    variants: int
    answers: int
    """Answers that were held against an expectation."""
    complaints: tuple[Complaint, ...]
    findings: Findings
    """What its evidence showed, for what cites it from elsewhere."""


async def check_topic(topic: Topic, content: Content, demos: Demos, shelf: Shelf) -> Report:
    """Check one topic by running it. What is as declared is kept on the shelf."""
    await demos.load(topic)
    _, evidence, _ = await run_evidence(demos, topic, shelf)
    runs, found = evidence.runs, evidence.found
    markdown = Markdown(lambda path: path, [t.slug for t in content.topics])
    words = render_words(markdown, topic, found)
    complaints = [
        *words.complaints,
        *complain_words(topic, words),
        *_code(topic, content),
        *_scenarios(topic),
        *_demos(topic, demos),
        *_answers(topic, runs),
        *complain_claims(words),
        *_recordings(topic),
    ]
    answers = sum(len(run.exchanges) for run in runs)
    return Report(topic.slug, len(topic.scenarios), len(topic.variants), answers, tuple(complaints), found)


async def check_shared(content: Content, demos: Demos, reports: Sequence[Report]) -> list[Complaint]:
    """Check what belongs to no single topic: the front page, the proofs of shims, matrix, errata and checklist.

    `reports` are those of all topics: what they showed is not run again.
    """
    topics = {topic.slug: topic for topic in content.topics}
    complaints = list(check_home(content))
    for shim in content.shims:
        for result in await prove(demos, shim, topics):
            if result.problem:
                place = f"shim {shim.id!r}, proof {result.proof.topic}/{result.proof.scenario}"
                message = f"{place}: {result.problem}."
                complaints.append(Complaint("content/shims.toml", 1, message, "correct the shim or the proof."))
    found = {report.slug: report.findings for report in reports}
    return [
        *complaints,
        *matrix_complaints(content.features, found),
        *errata_complaints(content.errata, found),
        *checklist_complaints(content),
    ]


def check_home(content: Content) -> Iterator[Complaint]:
    """Check that the front page names a topic and scenarios that exist, and links to topics that do."""
    file = "content/home.toml"
    topic = next((t for t in content.topics if t.slug == content.home.topic), None)
    if topic is None:
        yield Complaint(file, 1, f"the topic {content.home.topic!r} does not exist.", "name one that does.")
        return
    for name in content.home.scenarios:
        if topic.scenario(name) is None:
            yield Complaint(file, 1, f"{topic.slug} has no scenario {name!r}.", "name one that it has.")
    complaints: list[Complaint] = []
    markdown = Markdown(lambda path: path, [t.slug for t in content.topics])
    text = markdown.text(None, "home.toml", 1, {}, [], complaints)
    for choice in content.home.choices:
        for line in choice.lines:
            markdown.inline(line, text)
    yield from complaints


def _file(topic: Topic, name: str) -> str:
    return f"content/topics/{topic.slug}/{name}"


def complain_words(topic: Topic, words: Words) -> Iterator[Complaint]:
    """Complain about notes that are missing or stand beside no line."""
    file = _file(topic, "topic.md")
    if not words.notes:
        yield Complaint(file, topic.body_line, f"there is no note under `## {DIFFERS}`.", "add `### …` with quotes.")
    for note in words.notes:
        if not note.lines:
            mend = "add a fence tagged with a side that quotes the lines it is about."
            yield Complaint(file, topic.body_line, f"the note {note.title.striptags()!r} quotes no line.", mend)


def _code(topic: Topic, content: Content) -> Iterator[Complaint]:
    file = _file(topic, "topic.toml")
    for side in content.sides:
        variant = topic.variant(side.id)
        if variant is None:
            continue
        idiom = topic.idioms.get(side.id)
        if idiom is None:
            yield Complaint(file, 1, f"[idioms] has no {side.id}.", "add a short quote of its demo.")
        elif not any(idiom in text.text for text in variant.files):
            yield Complaint(file, 1, f"the idiom {idiom!r} does not occur in {side.id}/.", "quote it to the letter.")
        if topic.focus and focus_lines(variant, topic.focus) is None:
            yield Complaint(file, 1, f"{side.id}/app.py has no function {topic.focus}.", "correct `focus`.")


def _scenarios(topic: Topic) -> Iterator[Complaint]:
    file = _file(topic, "topic.toml")
    known = {variant.id for variant in topic.variants} | {variant.side.id for variant in topic.variants}
    if topic.variants and len(topic.scenarios) < LEAST_SCENARIOS:
        yield Complaint(file, 1, f"there are fewer than {LEAST_SCENARIOS} scenarios.", "add the missing ones.")
    for kind in KINDS:
        if topic.variants and all(s.kind != kind for s in topic.scenarios):
            yield Complaint(file, 1, f"no scenario is of the kind {kind!r}.", "add one.")
    for scenario in topic.scenarios:
        if len(scenario.title) > TITLE_LIMIT:
            message = f"the title of scenario {scenario.id!r} has more than {TITLE_LIMIT} characters."
            yield Complaint(file, scenario.line, message, "shorten it: it is a button.")
        for name in scenario.expect:
            if name not in known:
                message = f"scenario {scenario.id!r} expects something of {name!r}, which does not exist."
                yield Complaint(file, scenario.line, message, "correct the name.")


def _demos(topic: Topic, demos: Demos) -> Iterator[Complaint]:
    for (slug, variant), reason in demos.failures.items():
        if slug == topic.slug:
            yield Complaint(_file(topic, f"{variant}/app.py"), 1, f"{reason}.", "run it alone and correct it.")
    for variant_id in demos.without_log(topic):
        message = f"there is no list called {topic.log!r}."
        yield Complaint(_file(topic, f"{variant_id}/app.py"), 1, message, "add it, or correct `log` in topic.toml.")


def _answers(topic: Topic, runs: Sequence[ScenarioRun]) -> Iterator[Complaint]:
    for run in runs:
        for verdict in verdicts(topic, run):
            for mismatch in verdict.mismatches:
                message = f"scenario {run.scenario.id!r}, {verdict.variant}: {mismatch}"
                mend = "correct the demo, or the declaration if the answer is right."
                yield Complaint(_file(topic, "topic.toml"), run.scenario.line, message, mend)


def _recordings(topic: Topic) -> Iterator[Complaint]:
    """Complain about what is declared and not recorded so, and about what is recorded and not declared any more."""
    recorded = [r.id for r in topic.timeline.recordings] if topic.timeline else []
    current = [recording.id for recording, _ in topic.timeline.of(topic.recordings)] if topic.timeline else []
    mend = f"run `explorer record {topic.slug}`."
    for recording in topic.recordings:
        if recording.id not in current:
            message = f"recording {recording.id!r} was not recorded as topic.toml declares it."
            yield Complaint(_file(topic, TIMELINE), 1, message, mend)
    for name in sorted(set(recorded) - {r.id for r in topic.recordings}):
        yield Complaint(_file(topic, TIMELINE), 1, f"recording {name!r} is not declared in topic.toml.", mend)


def complain_claims(words: Words) -> Iterator[Complaint]:
    """Complain about checks that fail; scenarios that fail are complained about where they are declared."""
    for claim in words.claims:
        if claim.evidence.kind == "check" and claim.finding and not claim.holds:
            message = f"the claim {claim.text[:60]!r} is broken: {claim.finding.detail}."
            yield Complaint(claim.file, claim.line, message, f"correct the words, or {claim.evidence} in checks.py.")
