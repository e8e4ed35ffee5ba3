"""Words to HTML: CommonMark with tables, side-tagged fences in pairs, headings with anchors, links to topics.

Raw HTML in the words is escaped, links are held to an allow-list. Complains about quotes that occur in no demo
and about Python that does not compile. Knows neither pages nor HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from explorer.errors import Complaint
from explorer.highlight import code_lines
from explorer.quotes import Lines, find_quote, quoted_variant
from explorer.topics import Topic, Variant

DIFFERS = "What differs"
"""The section whose fences anchor notes to lines."""

_TOPIC_LINK = re.compile(r"\.\./(?P<slug>[a-z0-9-]+)/topic\.md(?P<anchor>#[\w-]*)?")
_SAFE_LINK = re.compile(r"https?://|mailto:|/(?!/)|#", re.I)


@dataclass(frozen=True, slots=True)
class NoteWords:
    """One point of "What differs": its words and the lines it is about."""

    title: Markup
    html: Markup
    lines: tuple[Lines, ...]


@dataclass(frozen=True, slots=True)
class SectionWords:
    """A second-level section."""

    id: str
    title: str
    html: Markup


@dataclass(frozen=True, slots=True)
class GotchaWords:
    """A third-level section of a side's notes."""

    variant: Variant
    title: Markup
    html: Markup


@dataclass(frozen=True, slots=True)
class Words:
    """A topic's words as HTML."""

    summary: Markup
    takeaway: Markup
    intro: Markup
    notes: tuple[NoteWords, ...]
    sections: tuple[SectionWords, ...]
    gotchas: tuple[GotchaWords, ...]
    complaints: tuple[Complaint, ...]


@dataclass(slots=True)
class _Env:
    """What the renderer needs to know while it walks one text."""

    topic: Topic | None
    file: str
    line: int
    """Number of the file's line on which the text starts."""
    slugs: frozenset[str]
    url: Callable[[str], str]
    complaints: list[Complaint] = field(default_factory=list)

    def quoted(self, token: Token) -> Variant | None:
        """Return the variant that a fence quotes, None for any other token."""
        return quoted_variant(self.topic, token.info.split()[1:]) if self.topic and token.type == "fence" else None

    def complain(self, token: Token, message: str, mend: str) -> None:
        line = self.line + (token.map[0] if token.map else 0)
        self.complaints.append(Complaint(self.file, line, message, mend))


def slugify(title: str) -> str:
    """Return the anchor of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


class Markdown:
    """Renders topics' words. `url` maps a path of the site to its address; `slugs` are the topics that exist."""

    def __init__(self, url: Callable[[str], str], slugs: Iterable[str]) -> None:
        self._url = url
        self._slugs = frozenset(slugs)
        self._parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        self._parser.validateLink = _valid_link  # type: ignore[method-assign]  # the documented way to replace it
        for name, rule in _RULES.items():
            self._parser.add_render_rule(name, rule)

    def inline(self, text: str, file: str, complaints: list[Complaint]) -> Markup:
        """Render one line of Markdown without a paragraph around it; `file` is what complaints name."""
        env = _Env(None, file, 1, self._slugs, self._url, complaints)
        return Markup(self._parser.renderInline(text, {"explorer": env}))

    def words(self, topic: Topic) -> Words:
        """Render everything an editor may write about a topic."""
        env = self._env(topic, "topic.md", topic.body_line)
        intro: Markup = Markup()
        notes: tuple[NoteWords, ...] = ()
        sections: list[SectionWords] = []
        for heading, tokens in _split(self._parser.parse(topic.body), "h2"):
            if heading is None:
                intro = self._html(tokens, env)
            elif heading.content == DIFFERS:
                notes = tuple(self._note(title, part, env) for title, part in _split(tokens, "h3") if title)
            else:
                sections.append(SectionWords(slugify(heading.content), heading.content, self._html(tokens, env)))
        gotchas, complaints = self._gotchas(topic)
        return Words(
            summary=self.inline(topic.summary, env.file, env.complaints),
            takeaway=self.inline(topic.takeaway, env.file.replace(".md", ".toml"), env.complaints),
            intro=intro,
            notes=notes,
            sections=tuple(sections),
            gotchas=gotchas,
            complaints=(*env.complaints, *complaints),
        )

    def _env(self, topic: Topic, file: str, line: int) -> _Env:
        return _Env(topic, f"content/topics/{topic.slug}/{file}", line, self._slugs, self._url)

    def _html(self, tokens: Sequence[Token], env: _Env) -> Markup:
        paired = _pair_fences(tokens, env)
        return Markup(self._parser.renderer.render(paired, self._parser.options, {"explorer": env}))

    def _note(self, title: Token, tokens: Sequence[Token], env: _Env) -> NoteWords:
        """Take the quotes out of a note: they become links to lines, the rest is its text."""
        lines, rest = [], []
        for token in tokens:
            variant = env.quoted(token)
            if variant is None:
                rest.append(token)
            elif place := find_quote(variant, token.content):
                lines.append(place)
            else:
                _complain_quote(env, token, variant)
        return NoteWords(self._html([title], env), self._html(rest, env), tuple(lines))

    def _gotchas(self, topic: Topic) -> tuple[tuple[GotchaWords, ...], list[Complaint]]:
        gotchas, complaints = [], []
        for variant in topic.variants:
            env = self._env(topic, f"{variant.id}/notes.md", 1)
            for heading, tokens in _split(self._parser.parse(variant.notes), "h3"):
                if heading is not None:
                    gotchas.append(GotchaWords(variant, self._html([heading], env), self._html(tokens, env)))
            complaints += env.complaints
        return tuple(gotchas), complaints


def _split(tokens: Sequence[Token], tag: str) -> list[tuple[Token | None, list[Token]]]:
    """Cut tokens at headings of one level: pairs of the heading's inline token (None before the first) and its part."""
    parts: list[tuple[Token | None, list[Token]]] = [(None, [])]
    skip = 0
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == tag:
            parts.append((tokens[index + 1], []))
            skip = 3
        if skip:
            skip -= 1
        else:
            parts[-1][1].append(token)
    return parts


def _pair_fences(tokens: Sequence[Token], env: _Env) -> list[Token]:
    """Put consecutive fences of different sides into one token, so that they stand side by side."""
    paired: list[Token] = []
    for token in tokens:
        variant = env.quoted(token)
        last = paired[-1] if paired else None
        if variant and last and last.type == "compare" and variant not in map(env.quoted, last.children or ()):
            last.children = [*(last.children or ()), token]
        elif variant:
            paired.append(Token("compare", "div", 0, children=[token], map=token.map, block=True))
        else:
            paired.append(token)
    return paired


def _compare(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    fences = tokens[index].children or []
    return Markup('<div class="compare">{}</div>\n').format(Markup(renderer.render(fences, options, data)))


def _valid_link(url: str) -> bool:
    return bool(_SAFE_LINK.match(url) or _TOPIC_LINK.fullmatch(url))


def _complain_quote(env: _Env, token: Token, variant: Variant) -> None:
    first = token.content.strip().split("\n")[0]
    mend = "quote whole consecutive lines to the letter, or correct the demo."
    env.complain(token, f"the quote `{first}` does not occur in {variant.id}/.", mend)


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    token, env = tokens[index], data["explorer"]
    language = (token.info.split() or ["text"])[0]
    variant = env.quoted(token)
    if variant and not find_quote(variant, token.content):
        _complain_quote(env, token, variant)
    if language == "python":
        try:
            compile(token.content, env.file, "exec", dont_inherit=True)
        except SyntaxError as error:
            if variant is None:
                env.complain(token, f"this Python does not compile: {error.msg}.", "correct it.")
    label = variant.title if variant else language
    return Markup(
        '<figure class="code-block"{}><pre class="code" tabindex="0" role="group" aria-label="{}">'
        "<code>{}</code></pre></figure>\n"
    ).format(
        Markup(' data-side="{}"').format(variant.side.position) if variant else "",
        label,
        code_lines(token.content.rstrip("\n"), language),
    )


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    token, env = tokens[index], data["explorer"]
    href = str(token.attrGet("href") or "")
    if match := _TOPIC_LINK.fullmatch(href):
        token.attrSet("href", env.url(f"/topics/{match['slug']}{match['anchor'] or ''}"))
        if match["slug"] not in env.slugs:
            env.complain(token, f"the link {href} leads to no topic.", "correct the slug.")
    elif href.startswith("http"):
        token.attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, index, options, data)


def _table_open(*_: object) -> str:
    return '<div class="tbox" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(*_: object) -> str:
    return "</table></div>\n"


def _cell_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    tokens[index].attrs.pop("style", None)  # an inline style is refused by the site's CSP
    return renderer.renderToken(tokens, index, options, data)


_RULES: dict[str, Callable[..., str]] = {
    "fence": _fence,
    "compare": _compare,
    "link_open": _link_open,
    "table_open": _table_open,
    "table_close": _table_close,
    "th_open": _cell_open,
    "td_open": _cell_open,
}
