"""The JSON API's calls and answers. Shapes only; `api` fills them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from explorer.web.requests import PART_LIMIT


class Model(BaseModel):
    """Refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class RequestModel(Model):
    """One HTTP request to a demo."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: list[tuple[str, str]] | dict[str, str] = Field(default_factory=list)
    body: str = ""
    parts: list[str] = Field(default_factory=list, max_length=PART_LIMIT)
    """Of a multipart body, one a text: `name=value`, or `name=@file.png; type=image/png; text=hello`."""


class TryModel(Model):
    """A scenario's id or a request, and which variants answer."""

    scenario: str | None = None
    request: RequestModel | None = None
    variants: list[str] | None = Field(None, min_length=1, max_length=16)
    shims: list[str] | None = Field(None, max_length=16)
    before: str | None = None
    """A scenario whose earlier requests are sent before this one."""


class ResponseModel(Model):
    """What a demo answered. `size` counts bytes; a body that is not UTF-8 has U+FFFD where it is not."""

    status: int
    headers: list[tuple[str, str]]
    body: str
    size: int
    truncated: bool


class FailureModel(Model):
    """Why a demo gave no complete answer."""

    kind: str
    detail: str


class ExchangeModel(Model):
    """One request and what one variant gave back."""

    side: str
    variant: str
    request: RequestModel
    response: ResponseModel | None
    error: FailureModel | None


class ExchangesModel(Model):
    """The answers of all variants asked, in the order asked for."""

    exchanges: list[ExchangeModel]


class SideModel(Model):
    """A compared framework."""

    id: str
    title: str
    version: str


class VariantModel(Model):
    """A runnable demo with its files."""

    id: str
    side: str
    title: str
    mount: str
    files: dict[str, str]


class ScenarioModel(Model):
    """A prepared request."""

    id: str
    kind: str
    title: str
    why: str
    mark: str
    request: RequestModel


class TopicSummary(Model):
    """A topic in the list."""

    slug: str
    title: str
    section: str
    url: str
    mark: str
    variants: list[str]
    scenarios: list[str]


class TopicModel(TopicSummary):
    """A topic with the files that run and the requests that are prepared."""

    summary: str
    takeaway: str
    demos: list[VariantModel]
    requests: list[ScenarioModel]


class TopicsModel(Model):
    """All topics in reading order."""

    sides: list[SideModel]
    topics: list[TopicSummary]


class HitModel(Model):
    """A line found by the search; `title` is HTML with the words in mark elements."""

    kind: str
    title: str
    context: str
    url: str
    side: int | None
    mark: str | None


class HitsModel(Model):
    """What a search found, best first."""

    query: str
    hits: list[HitModel]


class ClaimModel(Model):
    """A sentence with its evidence."""

    id: str
    topic: str
    lead: str
    text: str
    evidence: str
    holds: bool
    detail: str


class ClaimsModel(Model):
    """Every claim of the site, with what it was checked with."""

    versions: dict[str, str]
    python: str
    tested: str
    holding: int
    broken: int
    claims: list[ClaimModel]


class DifferenceModel(Model):
    """One difference that a scenario produces. left and right are the sides in their order."""

    topic: str
    scenario: str
    statuses: tuple[str, str]
    area: str
    kind: str
    where: str
    left: str | None
    right: str | None
    effect: str


class DifferencesModel(Model):
    """Differences of all topics; `total` counts them without filters."""

    total: int
    differences: list[DifferenceModel]
