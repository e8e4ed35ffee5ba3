"""Forms of a page as a browser reads and sends them."""

from __future__ import annotations

from html.parser import HTMLParser


class Form(HTMLParser):
    """The fields of one form: what a browser would send if nothing were typed, without its buttons."""

    def __init__(self, html: str, name: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, str] = {}
        """What the form's buttons say, by what they send."""
        self.source = ""
        """The page in its frame."""
        self._name = name
        self._inside = False
        self._area: str | None = None
        self._select = ""
        self._button = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = has.get("id") == self._name
        if not self._inside or "form" in has:
            return
        if tag == "input" and "name" in has and (has.get("type") != "radio" or "checked" in has):
            self.fields[has["name"]] = has.get("value", "")
        elif tag == "textarea":
            self._area = has["name"]
            self.fields[self._area] = ""
        elif tag == "select":
            self._select = has["name"]
        elif tag == "option" and ("selected" in has or self._select not in self.fields):
            self.fields[self._select] = has["value"]
        elif tag == "button" and has.get("name") == "button":
            self._button = has["value"]
            self.buttons[self._button] = ""
        elif tag == "iframe":
            self.source = has.get("srcdoc", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea" and self._area is not None:  # a browser drops one line feed behind the tag
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = None
        if tag == "button":
            self._button = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields[self._area] += data
        elif self._button:
            self.buttons[self._button] += data.strip()
