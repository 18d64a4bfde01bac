"""Untrusted JSON: bounded before it is parsed, and without invalid values afterwards."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayline.security import untrusted_json
from dayline.security.untrusted_json import BadJson, JsonLimits, check_size, check_value, clean_value, parse_json

POISON = (
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'["\\ud800"]',
    b'{"\\udfff": 1}',
    b'["\\u0000"]',
    b'{"a\\u0000": 1}',
    b"[" + b"1" * 400 + b"]",
    b"[" + b"1" * 5000 + b"]",
    b'["\xff"]',
    b"[1",
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    # Without NUL and without halves of surrogate pairs.
    | st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab"\\,:[{', max_size=4), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("text", POISON)
def test_poison_is_refused(text):
    with pytest.raises(BadJson):
        parse_json(text)


@given(PLAIN)
def test_everything_else_is_read_as_it_was_written(value):
    assert parse_json(json.dumps(value).encode()) == value


def test_a_whole_surrogate_pair_is_a_character():
    assert parse_json(b'["\\ud83d\\ude00"]') == ["😀"]


def test_values_are_counted_and_texts_are_not():
    limits = JsonLimits(max_values=10)
    parse_json(b'["' + b",[{:" * 100 + b'\\" \\\\"]', limits)
    for text in (b"[" + b"1," * 11 + b"1]", b'{"a":{"b":' * 6 + b"1" + b"}}" * 6, b"[[],[],[],[],[],[]]"):
        with pytest.raises(BadJson, match="more than 10 values"):
            check_size(text, limits)


@given(PLAIN, st.integers(1, 9))
def test_a_text_is_counted_the_same_in_pieces_of_any_size(value, piece_bytes):
    text = json.dumps(value).encode()
    outside = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", text)
    values = sum(outside.count(sign) for sign in (b",", b":", b"[", b"{"))
    depth = _depth(outside)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(untrusted_json, "_PIECE_BYTES", piece_bytes)
        check_size(text, JsonLimits(max_values=values, max_depth=depth))
        if values:
            with pytest.raises(BadJson, match="values"):
                check_size(text, JsonLimits(max_values=values - 1, max_depth=depth))
        if depth:
            with pytest.raises(BadJson, match="deeper"):
                check_size(text, JsonLimits(max_values=values, max_depth=depth - 1))


def _depth(outside_strings):
    """Levels of nesting of a JSON text whose strings were removed."""
    deepest = depth = 0
    for sign in outside_strings:
        depth += (sign in b"[{") - (sign in b"]}")
        deepest = max(deepest, depth)
    return deepest


def test_depth_is_counted_before_anything_is_parsed():
    assert parse_json(b"[" * 40 + b"]" * 40) is not None
    with pytest.raises(BadJson, match="deeper than 40"):
        check_size(b"[" * 41)
    with pytest.raises(BadJson, match="deeper than 40"):
        check_value(json.loads("[" * 41 + "]" * 41))
    assert parse_json(b'["' + b"[" * 100 + b'"]') == ["[" * 100]


def test_cleaning_keeps_what_is_good():
    dirty = {"a\0": ["x\ud800y", float("nan"), float("inf"), 1.5, True, None, 10**400], "b": ("t",)}
    assert clean_value(dirty) == {"a\ufffd": ["x\ufffdy", None, None, 1.5, True, None, None], "b": ["t"]}
    nested = value = []
    for _ in range(500):
        value.append([])
        value = value[0]
    json.dumps(clean_value(nested))
