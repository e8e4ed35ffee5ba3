"""JSON indented for reading: golden cases, no token lost, size bounded whatever is nested."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.json_text import DEEPEST, indent

GOLDEN = {
    "scalars": ("1", "1"),
    "text": ('"a b"', '"a b"'),
    "empty containers": ('{"a":{},"b":[]}', '{\n  "a": {},\n  "b": []\n}'),
    "object": ('{"a":1,"b":"c"}', '{\n  "a": 1,\n  "b": "c"\n}'),
    "short array": ("[1,2,3]", "[1, 2, 3]"),
    "array of objects": ('[{"a":1},2]', '[\n  {\n    "a": 1\n  },\n  2\n]'),
    "long array": (json.dumps(["x" * 40] * 2), f'[\n  "{"x" * 40}",\n  "{"x" * 40}"\n]'),
    "already indented": ('{\n    "a": [\n        1\n    ]\n}', '{\n  "a": [1]\n}'),
    "numbers as sent": ("[1.0,1e5,-0,1E+2]", "[1.0, 1e5, -0, 1E+2]"),
    "escapes as sent": ('{"\\u00e9":"\\"\\\\","b":"\\/"}', '{\n  "\\u00e9": "\\"\\\\",\n  "b": "\\/"\n}'),
    "duplicate keys": ('{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'),
    "brackets in text": ('["[{,:}]"]', '["[{,:}]"]'),
    "not finite": ("[NaN,Infinity]", "[NaN, Infinity]"),
    "empty": ("", ""),
}


def shown(text: str) -> str:
    return "\n".join(line.text for line in indent(text))


def compact(text: str) -> str:
    """The text without the white space that stands outside of strings."""
    kept, inside, escaped = [], False, False
    for character in text:
        if inside or not character.isspace():
            kept.append(character)
        if inside and not escaped and character == "\\":
            escaped = True
            continue
        if character == '"' and not escaped:
            inside = not inside
        escaped = False
    return "".join(kept)


@pytest.mark.parametrize("case", GOLDEN)
def test_golden(case: str):
    text, expected = GOLDEN[case]
    assert shown(text) == expected


def test_each_line_knows_its_value():
    text = '{"a/b":{"~c":[1,{"d":null}]},"e":"f"}'
    assert [(line.text.strip(), line.pointer) for line in indent(text)] == [
        ("{", ""),
        ('"a/b": {', "/a~1b"),
        ('"~c": [', "/a~1b/~0c"),
        ("1,", "/a~1b/~0c/0"),
        ("{", "/a~1b/~0c/1"),
        ('"d": null', "/a~1b/~0c/1/d"),
        ("}", None),
        ("]", None),
        ("},", None),
        ('"e": "f"', "/e"),
        ("}", None),
    ]


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(value=values, ascii_only=st.booleans(), spaces=st.sampled_from([None, 0, 3]))
def test_no_token_is_lost(value: Any, ascii_only: bool, spaces: int | None):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=spaces)
    assert compact(shown(text)) == compact(text)
    assert json.dumps(json.loads(shown(text))) == json.dumps(value)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(text=st.text(st.sampled_from('{}[],:"\\ \n1ae'), max_size=40) | st.text(max_size=40))
def test_text_that_is_no_json_does_no_harm(text: str):
    assert len(shown(text)) <= (2 * DEEPEST + 3) * (len(text) + 1)


def test_pointers_cost_little_however_long_a_key_is():
    lines = indent(json.dumps({"k" * 30_000: ["x" * 70] * 1000}))
    assert len(lines) == 1004
    assert len({id(line.pointer) for line in lines if line.pointer}) <= 2


@pytest.mark.parametrize("text", ["[" * 60_000, '{"a":' * 20_000, "[" * 30_000 + "]" * 30_000, "]" * 60_000])
def test_depth_costs_little(text: str):
    assert len(shown(text)) <= (2 * DEEPEST + 3) * len(text)
    assert compact(shown(text)) == text
