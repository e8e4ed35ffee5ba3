"""What earlier requests of a scenario leave behind for later ones: cookies and values saved from their answers.

Lives for one run of one variant; nothing is kept for a visitor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie

from explorer.topics import Request, Response

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")  # what is saved may go into a header or a path
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(slots=True)
class Memory:
    """Cookies and saved values of one run."""

    cookies: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def apply(self, request: Request) -> Request:
        """Return the request with placeholders filled and the cookies added, unless it brings its own."""
        if not self.cookies and not self.values:
            return request
        headers = [(name, self._fill(value)) for name, value in request.headers]
        if self.cookies and all(name.lower() != "cookie" for name, _ in headers):
            headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        return replace(
            request,
            path=self._fill(request.path),
            query=self._fill(request.query),
            headers=tuple(headers),
            body=self._fill(request.body),
        )

    def learn(self, response: Response, save: Mapping[str, str]) -> None:
        """Keep what a response sets: cookies, and the JSON values that `save` names by pointer."""
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                self._take_cookie(value)
        for name, pointer in save.items():
            self.values[name] = _at(response, pointer)

    def _fill(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self.values.get(match[1], match[0]), text)

    def _take_cookie(self, header: str) -> None:
        try:
            parsed = SimpleCookie(header)
        except CookieError:
            return
        for name, morsel in parsed.items():
            if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.coded_value


def _at(response: Response, pointer: str) -> str:
    """Return the value at a JSON pointer as text, empty if there is none."""
    try:
        value = json.loads(response.body)
        for key in pointer.split("/")[1:]:
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    return _UNPRINTABLE.sub("", value if isinstance(value, str) else json.dumps(value))
