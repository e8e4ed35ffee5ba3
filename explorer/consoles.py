"""The request form of a topic: its presets, the request it shows, the switches that are on. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from explorer.compare import DEFAULT_NOISE, NOISE
from explorer.highlight import code_lines, third_party_names
from explorer.shims import offered
from explorer.topics import Request, Scenario, Shim, Topic
from explorer.views.answers import Console, NoiseSwitch, ScenarioView, ShimChoice, VariantGroup, VariantOption
from explorer.views.site import Mark, SideView


@dataclass(frozen=True, slots=True)
class Switches:
    """What a reader switched on beside the request itself."""

    noise: Collection[str] = DEFAULT_NOISE
    """Ids of the rules that leave differences out."""
    shims: Collection[str] = ()
    """Ids of the shims that are installed."""
    variants: Collection[str] = ()
    """Ids of the variants that answer; a side without one answers with its plain variant."""
    before: str = ""
    """The scenario whose earlier requests are sent first."""


class Consoles:
    """Fills the request forms of all topics."""

    def __init__(
        self,
        url: Callable[[str], str],
        marks: Mapping[str, Mapping[str, Mark]],
        shims: Iterable[Shim],
        sides: Mapping[str, SideView],
    ) -> None:
        """Take the marks of each topic's scenarios and prepare every shim's code once."""
        self._url = url
        self._sides = sides
        self._marks = marks
        self._shims = tuple(shims)
        self._choices = {shim.id: _choice(shim, sides[shim.side.id]) for shim in self._shims}

    def show(self, topic: Topic, scenario: Scenario | None, shown: Sequence[Scenario] | None = None) -> Console:
        """Return a topic's form filled with a scenario's request; `shown` limits the presets."""
        if scenario is None:
            return self.fill(topic, Request(), None, Switches())
        before = scenario.id if scenario.before else ""
        console = self.fill(topic, scenario.request, scenario.id, Switches(before=before))
        chosen = {s.id for s in (topic.scenarios if shown is None else shown)}
        return replace(console, scenarios=tuple(s for s in console.scenarios if s.id in chosen))

    def fill(
        self,
        topic: Topic,
        request: Request,
        current: str | None,
        switches: Switches,
        problem: tuple[str, str] | None = None,
    ) -> Console:
        """Return a topic's form filled with any request. `problem` is a field and what is wrong with it."""
        marks = self._marks.get(topic.slug, {})
        return Console(
            topic=topic.slug,
            action=self._url(f"/topics/{topic.slug}/try"),
            scenarios=tuple(_preset(scenario, marks.get(scenario.id, "different")) for scenario in topic.scenarios),
            current=current,
            methods=topic.methods,
            live=topic.live,
            method=request.method,
            path=request.path,
            query=request.query,
            headers=_header_text(request),
            body=request.body,
            parts="\n".join(part.line for part in request.parts),
            uploads=any(scenario.request.parts for scenario in topic.scenarios),
            leave=str(request.leave or ""),
            problem=problem[1] if problem else None,
            problem_field=problem[0] if problem else None,
            noise=tuple(NoiseSwitch(r.id, r.title, r.description, r.id in switches.noise) for r in NOISE),
            shims=tuple(
                replace(self._choices[shim.id], on=shim.id in switches.shims) for shim in offered(self._shims, topic)
            ),
            variants=tuple(self._groups(topic, switches.variants)),
            before=switches.before,
        )

    def _groups(self, topic: Topic, chosen: Collection[str]) -> Iterator[VariantGroup]:
        for side, view in self._sides.items():
            variants = [variant for variant in topic.variants if variant.side.id == side]
            if len(variants) > 1:
                picked = next((v.id for v in variants if v.id in chosen), variants[0].id)
                yield VariantGroup(view, tuple(VariantOption(v.id, v.title, v.id == picked) for v in variants))


def _choice(shim: Shim, side: SideView) -> ShimChoice:
    html = code_lines(shim.text, "python", names=third_party_names(shim.text))
    return ShimChoice(shim.id, shim.title, shim.summary, side, html, shim.text, on=False)


def _preset(scenario: Scenario, mark: Mark) -> ScenarioView:
    before = tuple(f"{step.request.method} {step.request.target}" for step in scenario.before)
    request = _request_json(scenario)
    return ScenarioView(scenario.id, scenario.title, scenario.kind, scenario.why, mark, request, before)


def _header_text(request: Request) -> str:
    return "\n".join(f"{name}: {value}" for name, value in request.headers)


def _request_json(scenario: Scenario) -> str:
    """Return what the script fills the form with."""
    request = scenario.request
    return json.dumps(
        {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": _header_text(request),
            "body": request.body,
            "parts": "\n".join(part.line for part in request.parts),
            "leave": str(request.leave or ""),
            "before": scenario.id if scenario.before else "",
        }
    )
