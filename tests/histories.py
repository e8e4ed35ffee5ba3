"""Content and versions for tests of history and upgrades: small topics with demos, words that nothing is wrong with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from admins import desk_of, in_database
from sites import ROOT, Site

from explorer import revisions
from explorer.models import Revision, State
from explorer.wording import Wording

TEXT = """# {title}

A summary of {title}.

## What differs

### The same route

```python left
@app.get("/calm")
```

First sentence.

Second sentence.

Third sentence.
"""
"""Words that nothing is wrong with."""
QUOTE = '@app.get("/calm")'


def words(slug: str, position: int = 10) -> Wording:
    """What is shipped of a topic."""
    return Wording(TEXT.format(title=title(slug)), "Only for tests.", "only", position, {})


def title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def ship(content: Path, slugs: list[str]) -> Path:
    """Make a content folder whose topics have calm demos and these slugs; the first stands on the front page."""
    hostile = ROOT / "tests" / "hostile"
    (content / "topics").mkdir(parents=True)
    for name in ("sections.toml", "sides.toml", "home.toml"):
        shutil.copy(hostile / name, content / name)
    home = content / "home.toml"
    home.write_text(home.read_text().replace('topic = "calm"', f'topic = "{slugs[0]}"'))
    with (content / "sections.toml").open("a") as sections:
        sections.write('\n[[sections]]\nid = "other"\ntitle = "Other"\n')
    for slug in slugs:
        folder = content / "topics" / slug
        shutil.copytree(hostile / "topics" / "calm", folder)
        (folder / "topic.md").write_text(words(slug).text)
    return content


def save(site: Site, slug: str, wording: Wording, state: State = "published", **how: Any) -> Revision:
    """Save a version as another process would, on top of what is there; it is live here when this returns."""
    newest = newest_of(site, slug)
    told = {"author": "grace", "why": "Because.", "based_on": newest.number if newest else 0, "state": state} | how
    if newest is None and "shipped" not in told:
        told["shipped"] = desk_of(site).publisher.wordings.get(slug)
    revision = in_database(site, lambda database: revisions.save(database, slug, wording, **told))
    refresh(site)
    return revision


def refresh(site: Site) -> None:
    """Take over what other processes saved."""
    assert site.portal
    site.portal.call(desk_of(site).publisher.refresh)


def newest_of(site: Site, slug: str) -> Revision | None:
    return in_database(site, lambda database: revisions.revision_of(database, slug))
