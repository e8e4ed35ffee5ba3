"""Words to HTML: CommonMark with tables, side-tagged fences in pairs, headings with anchors, links to topics.

Raw HTML in the words is escaped, links are held to an allow-list. Complains about quotes that occur in no demo
and about Python that does not compile. Knows neither pages nor HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from explorer.claims import Claim, Findings, parse_evidence
from explorer.errors import Complaint
from explorer.highlight import WORDS_LIMITS, code_lines
from explorer.quotes import find_quote, quoted_variant
from explorer.topics import Topic, Variant

_TOPIC_LINK = re.compile(r"\.\./(?P<slug>[a-z0-9-]+)/topic\.md(?P<anchor>#[\w-]*)?")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)[)”’\"']*(?:\s+|$)")
_SAFE_LINK = re.compile(r"https?://|mailto:|/(?!/)|#", re.I)


@dataclass(slots=True)
class Text:
    """One source of Markdown: where it stands, what it may refer to, and what was found in it."""

    topic: Topic | None
    file: str
    line: int
    """Number of the file's line on which the text starts."""
    slugs: frozenset[str]
    url: Callable[[str], str]
    findings: Findings
    claims: list[Claim]
    complaints: list[Complaint]
    block_line: int
    """Line of the block that is rendered now; inline tokens have none of their own."""

    def quoted(self, token: Token) -> Variant | None:
        """Return the variant that a fence quotes, None for any other token."""
        return quoted_variant(self.topic, token.info.split()[1:]) if self.topic and token.type == "fence" else None

    def complain(self, token: Token, message: str, mend: str) -> None:
        """Record what is wrong at a token, with the file's line."""
        line = self.line + token.map[0] if token.map else self.block_line
        self.complaints.append(Complaint(self.file, line, message, mend))


def slugify(title: str) -> str:
    """Return the anchor of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


class Markdown:
    """Renders Markdown. `url` maps a path of the site to its address; `slugs` are the topics that exist."""

    def __init__(self, url: Callable[[str], str], slugs: Iterable[str]) -> None:
        self._url = url
        self._slugs = frozenset(slugs)
        self._parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        self._parser.validateLink = _valid_link  # type: ignore[method-assign]  # the documented way to replace it
        for name, rule in _RULES.items():
            self._parser.add_render_rule(name, rule)

    def text(
        self,
        topic: Topic | None,
        file: str,
        line: int,
        findings: Findings,
        claims: list[Claim],
        complaints: list[Complaint],
    ) -> Text:
        """Return the context of one text. `file` is relative to the topic's folder, or the content folder."""
        name = f"content/topics/{topic.slug}/{file}" if topic else f"content/{file}"
        return Text(topic, name, line, self._slugs, self._url, findings, claims, complaints, line)

    def address(self, topic: str, path: str) -> str:
        """Return the address of a path that belongs to a topic, nothing if the site does not have the topic."""
        return self._url(path) if topic in self._slugs else ""

    def parse(self, source: str) -> list[Token]:
        """Return the tokens of a Markdown source."""
        return self._parser.parse(source)

    def inline(self, source: str, text: Text) -> Markup:
        """Render one line of Markdown without a paragraph around it."""
        return Markup(self._parser.renderInline(source, {"text": text}))

    def html(self, tokens: Sequence[Token], text: Text) -> Markup:
        """Render tokens, with consecutive fences of different sides beside each other."""
        paired = _pair_fences(tokens, text)
        return Markup(self._parser.renderer.render(paired, self._parser.options, {"text": text}))


def _pair_fences(tokens: Sequence[Token], text: Text) -> list[Token]:
    """Put consecutive fences of different sides into one token, so that they stand side by side."""
    paired: list[Token] = []
    for token in tokens:
        variant = text.quoted(token)
        last = paired[-1] if paired else None
        if variant and last and last.type == "compare" and variant not in map(text.quoted, last.children or ()):
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
    return bool(_SAFE_LINK.match(url) or _TOPIC_LINK.fullmatch(url) or parse_evidence(url))


def complain_quote(text: Text, token: Token, variant: Variant) -> None:
    """Record that a fence quotes what its demo does not hold."""
    first = token.content.strip().split("\n")[0]
    mend = "quote whole consecutive lines to the letter, or correct the demo."
    text.complain(token, f"the quote `{first}` does not occur in {variant.id}/.", mend)


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    token, text = tokens[index], data["text"]
    language = (token.info.split() or ["text"])[0]
    variant = text.quoted(token)
    if variant and not find_quote(variant, token.content):
        complain_quote(text, token, variant)
    if language == "python" and variant is None and (wrong := _uncompilable(token.content, text.file)):
        text.complain(token, f"this Python does not compile: {wrong}.", "correct it.")
    label = variant.title if variant else language
    coloured = language if len(token.content) <= WORDS_LIMITS.get(language, 0) else "text"
    return Markup(
        '<figure class="code-block"{}><pre class="code" tabindex="0" role="group" aria-label="{}">'
        "<code>{}</code></pre></figure>\n"
    ).format(
        Markup(' data-side="{}"').format(variant.side.position) if variant else "",
        label,
        code_lines(token.content.rstrip("\n"), coloured),
    )


def _uncompilable(source: str, file: str) -> str | None:
    """Return why Python does not compile, None if it does."""
    try:
        compile(source, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg
    except (RecursionError, MemoryError):
        return "it is nested too deep"
    except ValueError:
        return "it holds a character that no source may hold"
    return None


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    token, text = tokens[index], data["text"]
    href = str(token.attrGet("href") or "")
    if parse_evidence(href):
        claim = _claim(tokens, index, text)
        return Markup('<span class="claim" id="{}">').format(claim.id)
    if match := _TOPIC_LINK.fullmatch(href):
        token.attrSet("href", text.url(f"/topics/{match['slug']}{match['anchor'] or ''}"))
        if match["slug"] not in text.slugs:  # its words stay, without a link
            text.complain(token, f"the link {href} leads to no topic.", "correct the slug.")
            token.tag, token.attrs = "span", {}
    elif href.startswith("http"):
        token.attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, index, options, data)


def _plain(token: Token) -> str:
    """Return the words of a token as plain text, in which backticks stand for code."""
    if token.type == "code_inline" and "`" not in token.content:
        return f"`{token.content}`"
    return token.content if token.type in ("text", "code_inline") else "" if token.nesting else " "


def _words(tokens: Sequence[Token]) -> str:
    return "".join(map(_plain, tokens)).strip()


def _lead(tokens: Sequence[Token]) -> str:
    """Return the words of the sentence that is not over yet. A full stop within code ends none."""
    words = ""
    for token in tokens:
        if token.type == "text":
            *ended, rest = _SENTENCE_END.split(token.content)
            words = rest if ended else words + rest
        else:
            words += _plain(token)
    return words.strip()


def _claim(tokens: Sequence[Token], index: int, text: Text) -> Claim:
    """Record the claim that starts at a link."""
    evidence = parse_evidence(str(tokens[index].attrGet("href")))
    assert evidence is not None
    end = next(i for i in range(index, len(tokens)) if tokens[i].type == "link_close")
    words = _words(tokens[index + 1 : end])
    lead = _lead(tokens[:index])
    finding = text.findings.get(str(evidence))
    claim = Claim(f"claim-{len(text.claims) + 1}", words, lead, text.file, text.block_line, evidence, finding)
    text.claims.append(claim)
    if finding is None:
        message = f"the claim {words[:60]!r} names {evidence}, which does not exist."
        mend = "name a scenario of the topic or a function of its checks.py."
        text.complaints.append(Complaint(text.file, text.block_line, message, mend))
    return claim


def _link_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    opened = next(tokens[i] for i in range(index, -1, -1) if tokens[i].type == "link_open")
    evidence = parse_evidence(str(opened.attrGet("href")))
    if evidence is None:
        tokens[index].tag = opened.tag
        return renderer.renderToken(tokens, index, options, data)
    text: Text = data["text"]
    claim: Claim = text.claims[-1]
    target = f"#scenario-{evidence.id}"
    if evidence.kind == "check" and text.topic:
        target = text.url(evidence.path(text.topic.slug))
    return Markup('</span><a class="tick" href="{}" data-holds="{}" aria-label="{}"></a>').format(
        target,
        "yes" if claim.holds else "no",
        f"Evidence: {evidence}, {'holds' if claim.holds else 'broken'}",
    )


def _block_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, data: dict[str, Any]
) -> str:
    text, token = data["text"], tokens[index]
    text.block_line = text.line + (token.map[0] if token.map else 0)
    return "" if token.hidden else renderer.renderToken(tokens, index, options, data)


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
    "link_close": _link_close,
    "paragraph_open": _block_open,
    "tr_open": _block_open,
    "table_open": _table_open,
    "table_close": _table_close,
    "th_open": _cell_open,
    "td_open": _cell_open,
}
