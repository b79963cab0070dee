"""What a cell compares its value with.

A cell that tests a value against constants, and in no other way, cannot tell apart the values
between two of its constants, nor those that it does not name. So one value of each part says
all there is to know of it. Which parts these are is read off the cell's tree; whether a part
is accepted, the compiled cell itself says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from pydmn.feel import ast, numbers, operators
from pydmn.feel.temporal import (
    DAY_NANOS,
    NANOS,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.text import parse_at_literal
from pydmn.feel.types import (
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
    Type,
)
from pydmn.run import Run

INPUT = "?"
_ORDERS = frozenset({"<", "<=", ">", ">="})
KINDS = frozenset({STRING, NUMBER, BOOLEAN, DATE})
"""The types of values by which records are looked up."""
_CLASSES: dict[BasicType, type] = {
    STRING: str,
    NUMBER: Decimal,
    BOOLEAN: bool,
    DATE: Date,
    TIME: Time,
    DATE_AND_TIME: DateTime,
    DAYS_AND_TIME_DURATION: DaysAndTimeDuration,
    YEARS_AND_MONTHS_DURATION: YearsAndMonthsDuration,
}
REGIONS = frozenset(_CLASSES)
"""The types of values that have regions."""
CLOCKS = frozenset({TIME, DATE_AND_TIME})
"""Those of them that have one order only among values of one offset (see `place`)."""


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of a cell; `ordered` where it asks which of two values comes first."""

    values: tuple[Any, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """The values from `low` to `high`; one that is None has no bound on its side."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The values that a cell lists: no two of them alike, and it accepts nothing else."""

    values: tuple[Any, ...]


Form: TypeAlias = Interval | Listed
"""What a plain cell accepts; null is never among it."""


def plain(tests: ast.UnaryTests, kind: BasicType) -> Form | None:
    """Return what the plainest cells accept of `kind`, as most cells of large tables are.

    They list constants, compare with one, or give an interval of two that are in order; and they
    never accept null. None for any other cell.
    """
    if tests.any or tests.negated:
        return None
    class_ = _CLASSES[kind]
    match tests.tests:
        case (ast.UnaryComparison(operator, endpoint),) if operator in _ORDERS and kind != BOOLEAN:
            value = _constant(endpoint, class_)
            if value is None:
                return None
            if operator in ("<", "<="):
                return Interval(None, False, value, operator == "<=")
            return Interval(value, operator == ">=", None, False)
        case (ast.RangeLiteral(low, high, low_closed, high_closed),) if kind != BOOLEAN:
            least, most = _constant(low, class_), _constant(high, class_)
            if least is None or most is None or not rank(least) < rank(most):
                return None
            return Interval(least, low_closed, most, high_closed)
    return _listed(tests.tests, class_)


def _constant(node: ast.Node, class_: type) -> Any:
    """Return the constant of a class that `node` writes out; None for anything else."""
    if type(node) is ast.NumberLiteral:
        return node.value if class_ is Decimal else None
    value = literal(node)[1]
    return value if type(value) is class_ else None


def _listed(tests: tuple[ast.Test, ...], class_: type) -> Listed | None:
    values = []
    for test in tests:
        value = _constant(test, class_)
        if value is None:
            return None
        values.append(value)
    return Listed(tuple(values) if len(values) == 1 else tuple(dict.fromkeys(values)))


def constants(tests: ast.UnaryTests, kind: BasicType) -> Constants | None:
    """Return the constants of `kind` in a cell, or None where it does anything else.

    Constants of another kind are equal to no value of this kind and have no order with it.
    """
    found = _Search(INPUT)
    return found.of(kind) if all(map(found.test, tests.tests)) else None


def constants_of(condition: ast.Node, name: str, kind: Type) -> Constants | None:
    """Return the constants that a condition compares `name` with, None where it does more.

    `kind` is one by which records are looked up.
    """
    if kind not in KINDS:
        return None
    assert isinstance(kind, BasicType)
    found = _Search(name)
    return found.of(kind) if found.condition(condition) else None


class _Search:
    """Collects constants; each method says whether the node is of a form that is known."""

    def __init__(self, name: str) -> None:
        self._it = ast.Name(name)
        self.values: list[Any] = []
        self.ordered = False

    def of(self, kind: BasicType) -> Constants:
        """Return what was found, of one kind."""
        wanted = _CLASSES[kind]
        values = dict.fromkeys(value for value in self.values if type(value) is wanted)
        return Constants(tuple(values), self.ordered)

    def test(self, test: ast.Test) -> bool:
        match test:
            case ast.UnaryComparison(operator, endpoint):
                return self._compared(operator, endpoint)
            case ast.RangeLiteral(low, high):
                return self._compared("<", low) and self._compared("<", high)
            case ast.ListLiteral(items):
                return all(map(self.test, items))
            case _:
                return self._compared("=", test) or self.condition(test)

    def condition(self, node: ast.Node) -> bool:
        it = self._it
        match node:
            case ast.Comparison(operator, left, right) if left == it:
                return self._compared(operator, right)
            case ast.Comparison(operator, left, right) if right == it:
                return self._compared(operator, left)
            case ast.Between(value, low, high) if value == it:
                return self._compared("<", low) and self._compared("<", high)
            case ast.In(value, tests) if value == it:
                return all(map(self.test, tests))
            case ast.Conjunction(operands) | ast.Disjunction(operands):
                return all(map(self.condition, operands))
            case ast.Call(ast.Name("not"), (operand,)):
                return self.condition(operand)
        return False

    def _compared(self, operator: str, node: ast.Node) -> bool:
        known, value = literal(node)
        if known:
            self.values.append(value)
            self.ordered = self.ordered or operator in _ORDERS
        return known


def literal(node: ast.Node) -> tuple[bool, Any]:
    """Return whether `node` writes out one value, also as a sum of such, and the value."""
    match node:
        case (
            ast.NumberLiteral(value=value)
            | ast.StringLiteral(value=value)
            | ast.BooleanLiteral(value=value)
        ):
            return True, value
        case ast.NullLiteral():
            return True, None
        case ast.Negation(operand):
            value = literal(operand)[1]
            return (True, value.copy_negate()) if type(value) is Decimal else (False, None)
        case ast.Arithmetic(operator, left, right):
            return _worked_out(operator, literal(left), literal(right))
        case ast.AtLiteral(text):
            return True, parse_at_literal(text)
        case ast.Call(ast.Name(name), (ast.StringLiteral(value=text),)) if name in _READ:
            value = parse_at_literal(text)
            return type(value) in _READ[name], value
        case ast.Call(
            ast.Name("date"),
            (
                ast.NumberLiteral(value=year),
                ast.NumberLiteral(value=month),
                ast.NumberLiteral(value=day),
            ),
        ):
            return _day(year, month, day)
    return False, None


def _worked_out(
    operator: ast.ArithmeticOperator, left: tuple[bool, Any], right: tuple[bool, Any]
) -> tuple[bool, Any]:
    """Return what an operator makes of two values that are written out, if it is not null."""
    if not left[0] or not right[0]:
        return False, None
    value = _OPERATORS[operator](Run(), left[1], right[1])
    return value is not None, value


_OPERATORS: dict[ast.ArithmeticOperator, Callable[[Run, Any, Any], Any]] = {
    "+": operators.add,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "**": operators.power,
}


def _day(*parts: Decimal) -> tuple[bool, Any]:
    """Return the date of whole numbers, and whether there is one."""
    if any(each != each.to_integral_value() for each in parts):
        return False, None
    try:
        return True, Date(*map(int, parts))
    except ValueError:
        return False, None


_READ: dict[str, tuple[type, ...]] = {
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateTime,),
    "duration": (DaysAndTimeDuration, YearsAndMonthsDuration),
}
"""What functions of a string read, where `@` reads it too."""


def place(value: Time | DateTime) -> int | str | None:
    """Return the offset of a clock's value, None where it has none.

    Values of one offset, and of no offset, have an order, by whole seconds; and any other value
    stands at one place among them (`pydmn.feel.values.compare`). Those of a zone by name, or with
    parts of a second, have places of their own.
    """
    time = value.time if type(value) is DateTime else value
    assert type(time) is Time
    if time.zone is not None or time.nanoseconds % NANOS:
        return str(value)
    return time.offset


def before(constant: Any) -> Any:
    """Return a value less than `constant`, or None where there is none."""
    match constant:
        case Decimal():
            return _finite(numbers.CONTEXT.next_minus(constant))
        case str():
            return "" if constant else None
        case Date():
            return _moved(constant, -1)
        case _:
            return _next(constant, -1)


def after(constant: Any) -> Any:
    """Return the least value greater than `constant`, or None where there is none."""
    match constant:
        case Decimal():
            return _finite(numbers.CONTEXT.next_plus(constant))
        case str():
            return constant + "\0"
        case Date():
            return _moved(constant, 1)
        case _:
            return _next(constant, 1)


def _next(constant: Any, steps: int) -> Any:
    """Return the value that is so many steps of its kind on, or None where there is none."""
    try:
        match constant:
            case DaysAndTimeDuration(nanoseconds):
                return DaysAndTimeDuration(nanoseconds + steps)
            case YearsAndMonthsDuration(months):
                return YearsAndMonthsDuration(months + steps)
            case Time(nanoseconds, offset) if 0 <= nanoseconds + steps * NANOS < DAY_NANOS:
                return Time(nanoseconds + steps * NANOS, offset)
            case DateTime():
                return constant.plus(steps * NANOS)
    except ValueError:
        pass  # it would be out of range
    return None


def _finite(number: Decimal) -> Decimal | None:
    return number if number.is_finite() else None


def _moved(day: Date, days: int) -> Date | None:
    try:
        return Date.from_days(day.days + days)
    except ValueError:
        return None


def rank(value: Any) -> Any:
    """Return what orders `value` among its kind, for Python; clocks' values among their place."""
    if type(value) in _ORDERED_BY_PYTHON:
        return value
    match value:
        case Date():
            return value.days
        case Time() | DaysAndTimeDuration():
            return value.nanoseconds
        case DateTime():
            return value.wall_nanoseconds
        case YearsAndMonthsDuration():
            return value.months
    return value


def ranked(values: Iterable[Any], kind: BasicType) -> list[Any]:
    """Return values of `kind`, ascending."""
    return sorted(values) if _CLASSES[kind] in _ORDERED_BY_PYTHON else sorted(values, key=rank)


_ORDERED_BY_PYTHON = frozenset({str, Decimal, bool})


def holds(form: Form, value: object) -> bool:
    """Say whether a value, which is not null, is among those that a cell accepts."""
    match form:
        case Listed(values):
            return value in values
        case Interval(low, low_closed, high, high_closed):
            at = rank(value)
            above = low is None or rank(low) < at or (low_closed and rank(low) == at)
            return above and (high is None or at < rank(high) or (high_closed and at == rank(high)))


def meets(left: Form, right: Form) -> bool:
    """Say whether a value is among what both accept."""
    match left, right:
        case Listed(values), Listed(others):
            return not set(values).isdisjoint(others)
        case Listed(values), Interval():
            return any(holds(right, value) for value in values)
        case Interval(), Listed(values):
            return any(holds(left, value) for value in values)
        case Interval(), Interval():
            return _begins_before(left, right) and _begins_before(right, left)
    return True


def _begins_before(one: Interval, other: Interval) -> bool:
    """Say whether an interval begins before another has ended."""
    if one.low is None or other.high is None:
        return True
    low, high = rank(one.low), rank(other.high)
    return bool(low < high or (low == high and one.low_closed and other.high_closed))
