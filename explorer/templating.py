"""The Jinja environment that turns page contexts into HTML.

A template sees `site` and `page` and nothing else; those of the admin see `frame` and what their view names. Knows
no HTTP; fragments of code and prose arrive as ready Markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import jinja2

from explorer.fingerprints import folder_state
from explorer.views.evidence import AtlasPage, ChecklistPage, ErrataPage, LedgerPage, MatrixPage
from explorer.views.pages import ErrorPage, HomePage, PrivacyPage, SearchPage
from explorer.views.site import Site
from explorer.views.topic import TopicPage

Page = (
    TopicPage
    | HomePage
    | SearchPage
    | PrivacyPage
    | ErrorPage
    | AtlasPage
    | LedgerPage
    | MatrixPage
    | ErrataPage
    | ChecklistPage
)


STYLE = "css/site.css"
"""Any static file: the address of each holds the version of all of them."""


class Templates:
    """Renders the site's templates."""

    def __init__(self, folder: Path, asset: Callable[[str], str], root_path: str, file_limit: int) -> None:
        """Load templates from a folder.

        `asset` maps "css/site.css" to its address; `root_path` goes before each link; `file_limit` is for the
        bytes of a reader's file.
        """
        self._folder = folder
        self._asset = asset
        self._root_path = root_path
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(asset=asset, url=self.url, file_limit=file_limit)

    @cached_property
    def state(self) -> str:
        """Return a text that is another one wherever a template, a static file or what all of them see is."""
        seen = (self._asset(STYLE), self._root_path, self._environment.globals["file_limit"])
        return f"{seen}\n{folder_state(self._folder)}"

    def url(self, path: str) -> str:
        """Return the address of a path of the site, with the prefix it is published under."""
        return f"{self._root_path}{path}"

    def render(self, template: str, site: Site, page: Page) -> str:
        """Return the HTML of a page."""
        return self._environment.get_template(template).render(site=site, page=page)

    def render_values(self, template: str, values: Mapping[str, object]) -> str:
        """Return the HTML of a template that is no page for readers."""
        return self._environment.get_template(template).render(values)

    def render_fragment(self, template: str, macro: str, *arguments: object) -> str:
        """Return the HTML of one macro of a template, for the parts that htmx swaps in."""
        module = self._environment.get_template(template).module
        return str(getattr(module, macro)(*arguments))
