"""JSON in and out: RFC 8259 is the oracle, and the digits of a number as they were written."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

import pydmn
from medpolicy import json_text
from medpolicy.json_text import NotJson


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14.10", Decimal("14.10")),
        ("0.1", Decimal("0.1")),
        ("-0", Decimal("-0")),
        ("1e3", Decimal(1000)),
        ("123456789012345678901234567890.123", Decimal("123456789012345678901234567890.123")),
        ('{"a": [true, false, null, "\\u00e9"]}', {"a": [True, False, None, "é"]}),
        ("\ufeff[]", []),
        (r'"\ud83d\ude00"', "\U0001f600"),
    ],
)
def test_reads(text, value):
    assert json_text.read(text.encode("utf-8")) == value


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b'{"a": 1,}', "is no JSON at line 1, column 9"),
        (b'{"a": 1}\n{"a": 2}', "is no JSON at line 2, column 1: Extra data"),
        (b"\xff\xfe", "is not UTF-8 at byte 0"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b"[-Infinity]", "Infinity is no number of JSON"),
        (b'{"a": {"b": 1, "b": 2}}', "the name `b` stands twice in one object"),
        (b"1e99999999999999999999", "a number is out of range"),
        (b"[" * 100_000, "it is nested too deep"),
        (rb'{"id": "\ud800"}', r"a \u escape stands for half of a character"),
        (rb'{"\udfff": 1}', r"a \u escape stands for half of a character"),
        (b'"a\nb"', "is no JSON at line 1, column 3"),
    ],
)
def test_refuses(data, said):
    with pytest.raises(NotJson) as raised:
        json_text.read(data)
    assert said in str(raised.value)


def test_a_message_shows_a_repeated_name_without_control_characters():
    with pytest.raises(NotJson, match="`a\N{REPLACEMENT CHARACTER}`"):
        json_text.read(b'{"a\\u001b": 1, "a\\u001b": 2}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("14.10"), "14.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (7, "7"),
        (True, "true"),
        (None, "null"),
        ('é"', '"é\\""'),
        ({"a": [1, {}], "b": []}, '{"a":[1,{}],"b":[]}'),
        ((1, 2), "[1,2]"),
        (date(2020, 2, 5), '"2020-02-05"'),
        (pydmn.feel("[1..3]"), '"[1..3]"'),
        (pydmn.feel('@"P1Y2M"'), '"P1Y2M"'),
    ],
)
def test_writes_on_one_line(value, text):
    assert json_text.write(value) == text


def test_writes_indented_as_the_standard_library_does():
    value = {"a": [1, {"b": None}, []], "c": {}, "d": "x"}
    assert json_text.write(value, indent=2) == json.dumps(value, indent=2)
