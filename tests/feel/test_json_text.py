"""JSON in and out: RFC 8259 is the oracle, and the digits of a number as they were written."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pydmn
from pydmn import InputError, Range, YearsAndMonthsDuration, read_json, write_json

# --- in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14.10", Decimal("14.10")),
        ("0.1", Decimal("0.1")),
        ("-0", Decimal("-0")),
        ("1e3", Decimal(1000)),
        ("123456789012345678901234567890.123", Decimal("123456789012345678901234567890.123")),
        ("1" + "0" * 5_000, Decimal(10) ** 5_000),
        ('{"a": [true, false, null, "\\u00e9"]}', {"a": [True, False, None, "é"]}),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\\ud83d"', "\\ud83d"),
    ],
)
def test_reads(text, value):
    assert read_json(text) == value
    assert read_json(text.encode("utf-8")) == value


def test_a_mark_of_the_byte_order_is_passed_over():
    assert read_json(b"\xef\xbb\xbf[]") == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON: the text is empty"),
        (b" \n\t", "no JSON: the text is empty"),
        (b'{"a": 1 2}', "no JSON at line 1, column 9"),
        (b'{"a": 1,\n "b" 2}', "no JSON at line 2, column 6"),
        (b'{"a": 1}\n{"a": 2}', "no JSON at line 2, column 1: Extra data"),
        (b'"a\nb"', "no JSON at line 1, column 3"),
        (b"1" + b"0" * 5_000 + b"e", "no JSON at line 1, column 5002"),
        (b"\xff\xfe", "no UTF-8 text at byte 0"),
        (b'{"a": NaN}', "`NaN` is no JSON number"),
        (b"[-Infinity]", "`-Infinity` is no JSON number"),
        (b'{"a": {"b": 1, "b": 2}}', "the name `b` occurs twice in one JSON object"),
        (b"1e99999999999999999999", "a number is out of range"),
        (b"[" * 200_000, "it is nested too deep"),
        (rb'{"id": "\ud800"}', "half of a surrogate pair"),
        (rb'{"\udfff": 1}', "half of a surrogate pair"),
        ('"\udcff"', "half of a surrogate pair"),
    ],
)
def test_refuses(data, said):
    with pytest.raises(InputError) as raised:
        read_json(data)
    assert said in raised.value.message


def test_a_message_shows_a_repeated_name_printable_and_cut():
    with pytest.raises(InputError, match="`a\N{REPLACEMENT CHARACTER}`"):
        read_json(b'{"a\\u001b": 1, "a\\u001b": 2}')
    name = "long" * 1_000
    with pytest.raises(InputError) as raised:
        read_json(f'{{"{name}": 1, "{name}": 2}}')
    assert len(raised.value.message) < 200


# --- out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("14.10"), "14.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-0"), "0"),
        (7, "7"),
        (True, "true"),
        (None, "null"),
        ('é"\n', '"é\\"\\n"'),
        ([], "[]"),
        ({"a": [1, {}], "b": []}, '{"a":[1,{}],"b":[]}'),
        ((1, 2), "[1,2]"),
        (datetime.date(2024, 2, 5), '"2024-02-05"'),
        (datetime.timedelta(days=1, seconds=1), '"P1DT1S"'),
        (YearsAndMonthsDuration(14), '"P1Y2M"'),
        (Range(Decimal(1), Decimal(2), low_closed=True, high_closed=False), '"[1..2)"'),
        (pydmn.feel("[1..3]"), '"[1..3]"'),
        (pydmn.feel('@"P1Y2M"'), '"P1Y2M"'),
    ],
)
def test_writes_on_one_line(value, text):
    assert write_json(value) == text


def test_writes_indented_as_the_standard_library_does():
    value = {"a": [1, {"b": None}, []], "c": {}, "d": "x"}
    assert write_json(value, indent=2) == json.dumps(value, indent=2)


def test_a_function_has_no_form():
    with pytest.raises(InputError, match="a function has no JSON form"):
        write_json({"f": pydmn.feel("function(x) x")})


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=20, min_value=-(10**12), max_value=10**12
)


@given(NUMBERS)
def test_numbers_go_through_json_exactly(number):
    assert Fraction(read_json(write_json(number))) == Fraction(number)
