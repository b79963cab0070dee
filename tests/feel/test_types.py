"""Types: which conforms to which (DMN 1.5, 10.3.2.9.2), what two have in common, their names."""

from __future__ import annotations

import pytest

from pydmn.feel import static
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    FUNCTION,
    LIST,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    BasicType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
    conforms,
)

A_NUMBER = ContextType((("a", NUMBER),))
AB_NUMBERS = ContextType((("a", NUMBER), ("b", NUMBER)))
NUMBER_TO_ANY = FunctionType((NUMBER,), ANY)
ANY_TO_NUMBER = FunctionType((ANY,), NUMBER)


@pytest.mark.parametrize(
    ("type_", "to", "expected"),
    [
        # "The null type conforms to every type, every type to Any" (10.3.2.9.2).
        (NULL, NUMBER, True),
        (NUMBER, ANY, True),
        (ANY, NUMBER, False),
        (NUMBER, STRING, False),
        (NUMBER, NUMBER, True),
        # A list, a range: where the elements conform.
        (ListType(NUMBER), ListType(ANY), True),
        (ListType(ANY), ListType(NUMBER), False),
        (ListType(A_NUMBER), ListType(CONTEXT), True),
        (RangeType(NUMBER), RANGE, True),
        (RangeType(NUMBER), RangeType(DATE), False),
        (RangeType(NUMBER), ListType(NUMBER), False),
        # A context: where it has every entry of the other, each conforming.
        (AB_NUMBERS, A_NUMBER, True),
        (A_NUMBER, AB_NUMBERS, False),
        (ContextType((("a", STRING),)), A_NUMBER, False),
        (A_NUMBER, CONTEXT, True),
        # A function: parameters against the arrow, the result along it.
        (ANY_TO_NUMBER, NUMBER_TO_ANY, True),
        (NUMBER_TO_ANY, ANY_TO_NUMBER, False),
        (FunctionType((NUMBER,), NUMBER), FunctionType((ANY,), NUMBER), False),
        (FunctionType((NUMBER, NUMBER), NUMBER), FunctionType((NUMBER,), NUMBER), False),
        (NUMBER_TO_ANY, FUNCTION, True),
        (FUNCTION, NUMBER_TO_ANY, False),
    ],
)
def test_conforms(type_: Type, to: Type, expected: bool) -> None:
    assert conforms(type_, to) is expected


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (NUMBER, "number"),
        (ListType(STRING), "list<string>"),
        (LIST, "list<Any>"),
        (RangeType(DATE), "range<date>"),
        (CONTEXT, "context"),
        (AB_NUMBERS, "context<a: number, b: number>"),
        (FUNCTION, "function"),
        (FunctionType((NUMBER, STRING), BOOLEAN), "function<number, string> -> boolean"),
    ],
)
def test_a_type_is_written_as_feel_writes_it(type_: Type, text: str) -> None:
    assert str(type_) == text


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (NUMBER, BasicType("number"), NUMBER),  # equal, and not the same object
        (NUMBER, NULL, NUMBER),
        (NULL, NUMBER, NUMBER),
        (NUMBER, STRING, ANY),
        (ListType(NUMBER), ListType(STRING), ListType(ANY)),
        (RangeType(NUMBER), RangeType(BasicType("number")), RangeType(NUMBER)),
    ],
)
def test_what_values_of_two_types_have_in_common(first: Type, second: Type, joined: Type) -> None:
    assert static.join(first, second) == joined
