"""Parts of a multipart body: one a line, as topics and readers write them, and the bytes that are sent.

Content is written in the line, made by a recipe, or handed over as a reader's file. Reads no file and knows no HTTP
beyond the encoding of multipart/form-data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FORM = "Write `name=value`, or `name=@file.png; type=image/png; text=hello`; `zeros=` and `times=` take a number."
_LINE = re.compile(r"(?P<name>[^=\x00-\x1f]+)=(?P<rest>[^\x00-\x1f]*)")
_OPTION = re.compile(r"; *(type|text|zeros|times)=")
_ESCAPED = str.maketrans({"\r": "%0D", "\n": "%0A", '"': "%22"})
"""What browsers escape in names: nothing else, so that a file's name arrives as it is."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form, or a file if it has a file's name."""

    name: str
    text: str = ""
    """A field's value or a file's content, as UTF-8."""
    filename: str | None = None
    type: str = ""
    """The media type; sent only if there is one."""
    zeros: int = 0
    """Bytes of value 0 after the text."""
    times: int = 1
    """How often the part is sent."""
    data: bytes = b""
    """A reader's file, after the text. It is part of no line."""

    @property
    def line(self) -> str:
        """Return the part as it is written."""
        line = f"{self.name}={self.text}" if self.filename is None else f"{self.name}=@{self.filename}"
        line += f"; type={self.type}" if self.type else ""
        line += f"; text={self.text}" if self.text and self.filename is not None else ""
        line += f"; zeros={self.zeros}" if self.zeros else ""
        return line + (f"; times={self.times}" if self.times != 1 else "")

    @property
    def size(self) -> int:
        """Return the bytes of its content, each time it is sent counted."""
        return (len(self.text.encode()) + self.zeros + len(self.data)) * self.times

    @property
    def head(self) -> str:
        """Return its header lines with the empty line after them."""
        lines = f'Content-Disposition: form-data; name="{self.name.translate(_ESCAPED)}"'
        if self.filename is not None:
            lines += f'; filename="{self.filename.translate(_ESCAPED)}"'
        return f"{lines}\r\nContent-Type: {self.type}\r\n\r\n" if self.type else f"{lines}\r\n\r\n"


def read_part(line: str) -> Part:
    """Return the part that a line describes. Raises ValueError, saying what is wrong with the line."""
    match = _LINE.fullmatch(line.strip())
    if not match:
        raise ValueError("it has no `=` after a name, or holds a control character")
    value, *rest = _OPTION.split(match["rest"])
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    if len(options) < len(rest) // 2:
        raise ValueError("it has an option twice")
    name, filename = match["name"].strip(), value.removeprefix("@") if value.startswith("@") else None
    if filename is None and "text" in options:
        raise ValueError("`text=` is the content of a file, and it names none with `@`")
    zeros, times = _number(options, "zeros", 0), _number(options, "times", 1)
    text = value if filename is None else options.get("text", "")
    return Part(name, text, filename, options.get("type", "").strip(), zeros, times)


def _number(options: dict[str, str], name: str, usual: int) -> int:
    text = options.get(name, str(usual)).strip()
    if not re.fullmatch(r"[0-9]{1,7}", text) or (name == "times" and int(text) < 1):
        raise ValueError(f"`{name}=` takes a whole number")
    return int(text)


def media_type(parts: Sequence[Part]) -> str:
    """Return the Content-Type of a body of these parts."""
    return f"multipart/form-data; boundary={_boundary(parts)}"


def pieces(parts: Sequence[Part]) -> Iterator[tuple[bytes, int]]:
    """Yield the bytes of the body, each with how often it follows itself."""
    boundary = _boundary(parts)
    for part in parts:
        head = f"--{boundary}\r\n{part.head}{part.text}".encode()
        if part.zeros or part.data:
            for _ in range(part.times):
                yield head, 1
                yield b"\0", part.zeros
                yield part.data + b"\r\n", 1
        else:
            yield head + b"\r\n", part.times
    yield f"--{boundary}--\r\n".encode(), 1


def _boundary(parts: Sequence[Part]) -> str:
    """Return a line that occurs in no part; the same parts have the same one."""
    boundary = "part-of-the-form"
    while any(boundary in part.head + part.text or boundary.encode() in part.data for part in parts):
        boundary += "-"
    return boundary
