"""Topics, words and runs to page contexts: panes, notes, console, navigation.

Puts together what `templating` shows. Renders no template, compresses nothing and runs no demo.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from markupsafe import Markup

from explorer import lanes, ribbons
from explorer.answers import build_answers
from explorer.compare import DEFAULT_NOISE
from explorer.consoles import Consoles
from explorer.content import Content
from explorer.evidence import ScenarioRun
from explorer.hero import hero
from explorer.highlight import code_lines, language_of, third_party_names
from explorer.live import follow_view, tests_view
from explorer.quotes import Lines, focus_lines, line_prefix
from explorer.rendering import Markdown
from explorer.results import Tested
from explorer.topics import CodeFile, Exchange, Request, Section, Shim, Side, Topic, Variant
from explorer.views.answers import Answers
from explorer.views.live import Follow
from explorer.views.pages import Choice, HomePage
from explorer.views.site import Mark, SectionLinks, SideView, Site, TopicLink
from explorer.views.topic import FileView, FramePanel, Gotcha, LineRef, Note, Pane, Prose, TocEntry, TopicPage
from explorer.words import NoteWords, Words


class Composer:
    """Builds page contexts from content and the runs of its scenarios."""

    def __init__(
        self,
        content: Content,
        runs: Mapping[str, Sequence[ScenarioRun]],
        marks: Mapping[str, Mapping[str, Mark]],
        markdown: Markdown,
        url: Callable[[str], str],
        tested: Tested,
        previous: Composer | None = None,
    ) -> None:
        """Take over from `previous`, which has the same runs, what is still right."""
        self._content = content
        self._runs = runs
        self._marks = marks
        self._markdown = markdown
        self._url = url
        self._tested = tested
        versions = {name.lower(): version for name, version in tested.packages}
        self.sides = {side.id: _side_view(side, versions.get(side.package.lower(), "")) for side in content.sides}
        # the code of all shims in colours is half of the work of making a catalog: words do not change it
        kept = previous if previous and previous._content.shims is content.shims else None
        self.consoles: Consoles = kept.consoles if kept else Consoles(url, marks, content.shims, self.sides)
        same = {
            topic.slug for topic in content.topics if previous and previous._topics_by_slug.get(topic.slug) is topic
        }
        self._topics_by_slug: dict[str, Topic] = {topic.slug: topic for topic in content.topics}
        self.links: dict[str, TopicLink] = {
            topic.slug: previous.links[topic.slug] if previous and topic.slug in same else self._link(topic)
            for topic in content.topics
        }
        self.site = Site(
            name="Two Routes",
            sides=tuple(self.sides.values()),
            sections=tuple(self._section(section) for section in content.sections if self._topics(section)),
            packages=tested.packages,
            python=tested.python,
            tested=tested.date,
        )

    def _topics(self, section: Section) -> list[Topic]:
        return [topic for topic in self._content.topics if topic.section == section]

    def _section(self, section: Section) -> SectionLinks:
        links = tuple(self.links[topic.slug] for topic in self._topics(section))
        return SectionLinks(section.id, section.title, links)

    def _link(self, topic: Topic) -> TopicLink:
        marks = self._marks.get(topic.slug, {}).values()
        return TopicLink(
            slug=topic.slug,
            title=topic.title,
            url=self._url(f"/topics/{topic.slug}"),
            mark=topic_mark(marks),
            differing=sum(mark == "different" for mark in marks),
            scenarios=len(topic.scenarios),
            idioms=tuple((self.sides[side], code) for side, code in topic.idioms.items() if side in self.sides),
        )

    def topic(self, topic: Topic, words: Words) -> TopicPage:
        """Return the context of a topic's page."""
        order = [t.slug for t in self._content.topics]
        position = order.index(topic.slug)
        first = next((run for run in self._runs.get(topic.slug, ()) if run.plain), None)
        panes = tuple(self._pane(topic, side, words) for side in self._content.sides)
        timeline = lanes.draw(topic, self.sides)
        return TopicPage(
            link=self.links[topic.slug],
            section=topic.section.title,
            title=topic.title,
            summary=words.summary,
            description=words.summary.striptags(),
            takeaway=words.takeaway,
            panes=panes,
            ribbons=_ribbons(words.notes, panes),
            intro=words.intro,
            notes=tuple(self._note(number, note) for number, note in enumerate(words.notes, 1)),
            console=self.consoles.show(topic, first.scenario if first else None),
            answers=self.scenario_answers(topic, first, self._recorded(topic)) if first else None,
            gotchas=tuple(Gotcha(self.sides[g.variant.side.id], g.title, g.html) for g in words.gotchas),
            sections=words.sections,
            toc=_toc(
                words.sections,
                bool(words.gotchas),
                bool(topic.scenarios),
                bool(timeline),
                bool(topic.frames),
                bool(topic.tests),
            ),
            frames=self._frames(topic, words),
            others=tuple(self._variant_pane(v, words) for v in topic.variants if not v.is_default),
            previous=self.links[order[position - 1]] if position else None,
            next=self.links[order[position + 1]] if position + 1 < len(order) else None,
            timeline=timeline,
            follow=self.follow(topic, first.plain) if first else None,
            tests=tests_view(topic, self.tests_action(topic)),
            holds=all(claim.holds for claim in words.claims) if words.claims else None,
        )

    def _recorded(self, topic: Topic) -> str:
        return f"Answered on {self._tested.days[topic.slug]}, by the versions that run here."

    def follow(self, topic: Topic, exchanges: Sequence[Exchange]) -> Follow | None:
        """Return the logs of exchanges, None where the topic has none."""
        titles = {variant.id: variant.title for variant in topic.variants}
        return follow_view(topic, exchanges, self.sides, titles, self._url(f"/topics/{topic.slug}"))

    def tests_action(self, topic: Topic) -> str:
        """Return the address that runs a topic's tests."""
        return self._url(f"/topics/{topic.slug}/tests")

    def _frames(self, topic: Topic, words: Words) -> tuple[FramePanel, ...]:
        """Return the panels of a topic's frames; each starts a visit of its own."""
        panels = []
        for number, (frame, why) in enumerate(zip(topic.frames, words.frames, strict=True), 1):
            variant = topic.variant(frame.variant)
            if variant:
                src = self._url(f"/demos/{topic.slug}/{variant.id}/~{frame.path}")
                side = self.sides[variant.side.id]
                panels.append(FramePanel(side, f"frame-{number}", frame.title, variant.title, frame.path, src, why))
        return tuple(panels)

    def home(self) -> HomePage:
        """Return the context of the front page."""
        home = self._content.home
        topic, runs = hero(self._content, self._runs)
        text = self._markdown.text(None, "home.toml", 1, {}, [], [])
        excerpts = [self._excerpt(topic, side) for side in self._content.sides]
        return HomePage(
            hero=self.links[topic.slug],
            panes=tuple(excerpts),
            ribbons=ribbons.draw((), max((p.files[0].lines for p in excerpts if p.files), default=0), pins=False),
            console=self.consoles.show(topic, runs[0].scenario, [r.scenario for r in runs]),
            answers=self.scenario_answers(topic, runs[0], self._recorded(topic)),
            choices=tuple(
                Choice(
                    choice.title,
                    self.sides[choice.side] if choice.side else None,
                    tuple(self._markdown.inline(line, text) for line in choice.lines),
                )
                for choice in home.choices
            ),
        )

    def scenario_answers(self, topic: Topic, run: ScenarioRun, recorded: str | None = None) -> Answers:
        """Return the answers of a scenario's run, with the topic's own sentence about them."""
        return self.answers(topic, run.scenario.request, run.plain, run.scenario.why, recorded)

    def answers(
        self,
        topic: Topic,
        request: Request,
        exchanges: Sequence[Exchange],
        sentence: str | None = None,
        recorded: str | None = None,
        noise: Collection[str] = DEFAULT_NOISE,
        shims: Sequence[Shim] = (),
    ) -> Answers:
        """Return the answers to any request; without a sentence one is derived from the differences."""
        titles = {variant.id: _title(variant, shims) for variant in topic.variants}
        return build_answers(request, exchanges, self.sides, titles, sentence, recorded, noise)

    def _pane(self, topic: Topic, side: Side, words: Words) -> Pane:
        variant = topic.variant(side.id)
        if variant is None:
            return Pane(self.sides[side.id], side.id, side.title, (), Markup("No direct equivalent."))
        return self._variant_pane(variant, words)

    def _variant_pane(self, variant: Variant, words: Words) -> Pane:
        pins = _pins(words.notes, variant)
        files = tuple(_file(variant, file, pins.get(file.path, {})) for file in variant.files)
        return Pane(self.sides[variant.side.id], variant.id, variant.title, files)

    def _excerpt(self, topic: Topic, side: Side) -> Pane:
        """Return the pane that shows only the function in focus, with its real line numbers."""
        variant = topic.variant(side.id)
        lines = focus_lines(variant, topic.focus) if variant else None
        if variant is None or lines is None:
            return Pane(self.sides[side.id], side.id, side.title, (), Markup("No direct equivalent."))
        text = "\n".join(lines.file.text.split("\n")[lines.first - 1 : lines.last])
        html = code_lines(text, "python", first=lines.first, names=third_party_names(lines.file.text))
        file = FileView(lines.file.path, "python", lines.last - lines.first + 1, html)
        return Pane(self.sides[side.id], variant.id, variant.title, (file,))

    def _note(self, number: int, note: NoteWords) -> Note:
        refs = tuple(LineRef(self.sides[x.variant.side.id], x.file.path, x.label, f"#{x.anchor}") for x in note.lines)
        return Note(number, note.title, note.html, refs)


def _title(variant: Variant, shims: Sequence[Shim]) -> str:
    ours = [shim.title for shim in shims if shim.side == variant.side]
    return f"{variant.title} with {', '.join(ours)}" if ours else variant.title


def topic_mark(marks: Collection[Mark]) -> Mark:
    """Return = if all answers are the same, ≠ if at least half of the scenarios differ, else ≈."""
    if all(mark == "same" for mark in marks):
        return "same"
    return "different" if 2 * sum(mark == "different" for mark in marks) >= len(marks) else "near"


def _side_view(side: Side, version: str) -> SideView:
    return SideView(side.id, side.title, side.abbreviation, side.position, version, side.documentation)


def _pins(notes: Sequence[NoteWords], variant: Variant) -> dict[str, dict[int, tuple[int, bool]]]:
    """Return for each file of a variant which note each line belongs to, and where its pin stands."""
    pins: dict[str, dict[int, tuple[int, bool]]] = {}
    for number, note in enumerate(notes, 1):
        for place in note.lines:
            if place.variant == variant:
                for line in range(place.first, place.last + 1):
                    pins.setdefault(place.file.path, {}).setdefault(line, (number, line == place.first))
    return pins


def _file(variant: Variant, file: CodeFile, pins: Mapping[int, tuple[int, bool]]) -> FileView:
    language = language_of(file.path)
    names = third_party_names(file.text) if language == "python" else frozenset()
    html = code_lines(file.text, language, prefix=line_prefix(variant, file), names=names, notes=pins)
    return FileView(file.path, language, file.text.count("\n") + 1, html)


def _ribbons(notes: Sequence[NoteWords], panes: Sequence[Pane]) -> Markup:
    """Draw the ties between the first files of the first two panes."""
    bands = []
    for number, note in enumerate(notes, 1):
        left, right = (_span(note.lines, pane.variant) for pane in panes[:2])
        if left and right:
            bands.append(ribbons.Band(number, note.title.striptags(), left, right))
    return ribbons.draw(bands, max((pane.files[0].lines for pane in panes if pane.files), default=1))


def _span(places: Sequence[Lines], variant: str) -> tuple[int, int] | None:
    return next(((p.first, p.last) for p in places if p.variant.id == variant and p.file.path == "app.py"), None)


def _toc(
    sections: Sequence[Prose], gotchas: bool, scenarios: bool, recorded: bool, frames: bool, tests: bool
) -> tuple[TocEntry, ...]:
    entries = [("code", "Code"), ("differs", "What differs")]
    entries += [("recorded", "Recorded")] if recorded else []
    entries += [("try", "Try it")]
    entries += [("tests", "Run the tests")] if tests else []
    entries += [("live", "Live")] if frames else []
    entries += [("run", "Run all")] if scenarios else []
    entries += [("gotchas", "Gotchas")] if gotchas else []
    entries += [
        (section.id, "Moving over" if section.id.startswith("moving") else section.title) for section in sections
    ]
    entries += [("take", "Take it with you")] if scenarios else []
    return tuple(TocEntry(f"#{anchor}", title) for anchor, title in entries)
