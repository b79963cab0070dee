"""Where the intervals of a decision table end, and which values try an end from either side.

A cell such as `[18..65)` has two bounds. At each, one side holds the bound's value itself: `>= 18`
of the lower one, `>= 65` of the upper. A value *touches* the side that holds the bound's value if
it is that value, and the other side if it is next to it: within one unit of it, with no other
bound of the column between. The unit is a day for dates, and for numbers the last place in which
the bounds of the column are written: 1, or 0.1 where one of them is 18.5. Of whole numbers, as
`count` gives, it is 1, and as with days nothing lies between two that follow each other. Texts
have no unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from pydmn.feel import ast, host, numbers
from pydmn.feel.temporal import Date
from pydmn.plan.logic import Feel, Logic, Step, Table
from pydmn.tables.cells import literal, rank

_INPUT: Final = ast.Name("?")
_ORDERS: Final = frozenset({"<", "<=", ">", ">="})
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COUNTING: Final = frozenset({"count", "string length"})
_KINDS: Final = (Decimal, Date, str)

Cut: TypeAlias = tuple[Any, bool]
"""A constant, and whether it belongs to the values above the cut."""


class Side(Enum):
    """The two sides of a bound."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of a column's intervals.

    `column` is the column's position, `label` its label; `value` is in the host's types and
    belongs to the side `holds`. `rules` are the ids of the rules that have the bound; `near` are
    values, one a side at most, that try it where the column takes any value of its kind.
    """

    column: int
    label: str
    value: Any
    holds: Side
    rules: tuple[str, ...]
    near: Mapping[Side, Any]
    _least: Cut | None
    _most: Cut | None
    _unit: Any

    def text(self, side: Side) -> str:
        """Return a side as a test: `< 18`."""
        if side is Side.BELOW:
            operator = "<=" if self.holds is side else "<"
        else:
            operator = ">=" if self.holds is side else ">"
        return f"{operator} {_written(self.value)}"

    def touched(self, value: Any) -> Side | None:
        """Return the side that a value, in the host's types, touches; None where it does not."""
        given, own = host.from_python(value), host.from_python(self.value)
        if type(given) is not type(own):
            return None
        if given == own:
            return self.holds
        side = Side.BELOW if rank(given) < rank(own) else Side.ABOVE
        if side is self.holds or not _between(self._least, given, self._most):
            return None
        return side if self._unit is None or _distance(given, own) <= self._unit else None


@dataclass(frozen=True, slots=True)
class UnreadCell:
    """A cell that asks which of two values comes first in a way that gives no bound here."""

    rule: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class TableBounds:
    """The bounds of a table, column by column and ascending, and the cells that have others."""

    found: tuple[Bound, ...]
    unread: tuple[UnreadCell, ...]


def bounds(step: Step, known: Mapping[str, Any], whole: Collection[str]) -> TableBounds:
    """Return the bounds of a step that is a table; `known` are names with a fixed FEEL value.

    Inputs that are `whole`, by name, have whole numbers only.
    """
    table = step.logic
    assert isinstance(table, Table)
    found: list[Bound] = []
    unread: list[UnreadCell] = []
    for position, column in enumerate(table.inputs):
        rules: dict[Cut, list[str]] = {}
        for rule in table.rules:
            cell = rule.cells[position]
            search = _Search(known)
            for test in cell.tests.tests:
                search.test(test)
            for cut in dict.fromkeys(search.cuts):
                rules.setdefault(cut, []).append(rule.id)
            if search.others:
                unread.append(UnreadCell(rule.id, column.label, cell.source.text.strip()))
        for kind in _KINDS:
            cuts = sorted((cut for cut in rules if type(cut[0]) is kind), key=_place)
            steps = kind is Date or _is_whole(column.expression, whole)
            found += _of_one_kind(position, column.label, cuts, rules, in_steps=steps)
    return TableBounds(tuple(found), tuple(unread))


def _is_whole(logic: Logic, whole: Collection[str]) -> bool:
    match logic:
        case Feel(ast.Name(name)):
            return name in whole
        case Feel(ast.Call(ast.Name(name))):
            return name in _COUNTING
        case _:
            return False


def _of_one_kind(
    position: int,
    label: str,
    cuts: Sequence[Cut],
    rules: Mapping[Cut, Sequence[str]],
    *,
    in_steps: bool,
) -> Iterator[Bound]:
    unit = 1 if in_steps else _unit([value for value, _ in cuts])
    for number, cut in enumerate(cuts):
        value, above = cut
        least = cuts[number - 1] if number > 0 and not in_steps else None
        most = cuts[number + 1] if number + 1 < len(cuts) and not in_steps else None
        holds, other = (Side.ABOVE, Side.BELOW) if above else (Side.BELOW, Side.ABOVE)
        near = {holds: host.to_python(value)}
        beside = _beside(value, unit, other, least if other is Side.BELOW else most)
        if beside is not None:
            near[other] = host.to_python(beside)
        yield Bound(
            position, label, host.to_python(value), holds, tuple(rules[cut]), near,
            least, most, unit,
        )  # fmt: skip


def _place(cut: Cut) -> tuple[Any, bool]:
    value, above = cut
    return rank(value), not above


def _unit(values: Sequence[Any]) -> Any:
    """Return how far from a bound a number may be; None for texts."""
    if not values or isinstance(values[0], str):
        return None
    places = (-exponent for value in values if isinstance(exponent := _exponent(value), int))
    return Decimal(1).scaleb(-max(0, *places, 0))


def _exponent(value: Decimal) -> int | str:
    return value.normalize(numbers.CONTEXT).as_tuple().exponent


def _distance(left: Any, right: Any) -> Any:
    if isinstance(left, Date):
        return abs(left.days - right.days)
    return numbers.CONTEXT.abs(numbers.CONTEXT.subtract(left, right))


def _beside(value: Any, unit: Any, side: Side, limit: Cut | None) -> Any:
    """Return a value one unit from a bound, or half way to a nearer one; None without one."""
    sign = -1 if side is Side.BELOW else 1
    match value:
        case Decimal():
            moved: Any = numbers.CONTEXT.add(value, sign * Decimal(unit))
        case Date():
            try:
                moved = Date.from_days(value.days + sign)
            except ValueError:
                return None
        case _:
            return None
    ends = (limit, None) if side is Side.BELOW else (None, limit)
    if _between(ends[0], moved, ends[1]):
        return moved
    if limit is None or not isinstance(value, Decimal):
        return None
    half = numbers.CONTEXT.divide(numbers.CONTEXT.add(value, limit[0]), Decimal(2))
    return half if half not in (value, limit[0]) else None


def _between(least: Cut | None, value: Any, most: Cut | None) -> bool:
    """Say whether a value lies above one cut and below another."""
    place = rank(value)
    after = least is None or place > rank(least[0]) or (place == rank(least[0]) and least[1])
    before = most is None or place < rank(most[0]) or (place == rank(most[0]) and not most[1])
    return after and before


def _written(value: Any) -> str:
    return numbers.to_text(value) if isinstance(value, Decimal) else str(value)


class _Search:
    """Collects the cuts of one cell; `others` says whether it asks for an order otherwise."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known
        self.cuts: list[Cut] = []
        self.others = False

    def test(self, test: ast.Test) -> None:
        """Look through a test of the cell's value."""
        match test:
            case ast.UnaryComparison(operator, endpoint):
                self._compared(operator, endpoint)
            case ast.RangeLiteral():
                self._range(test)
            case ast.ListLiteral(items):
                for item in items:
                    self.test(item)
            case _:
                self._condition(test)

    def _range(self, node: ast.RangeLiteral) -> None:
        self._compared(">=" if node.low_closed else ">", node.low)
        self._compared("<=" if node.high_closed else "<", node.high)

    def _condition(self, node: ast.Node) -> None:
        match node:
            case ast.Comparison(operator, left, right) if left == _INPUT:
                self._compared(operator, right)
            case ast.Comparison(operator, left, right) if right == _INPUT:
                self._compared(_MIRRORED.get(operator, operator), left)
            case ast.Between(value, low, high) if value == _INPUT:
                self._compared(">=", low)
                self._compared("<=", high)
            case ast.In(value, tests) if value == _INPUT:
                for test in tests:
                    self.test(test)
            case ast.Comparison(operator) if operator in _ORDERS:
                self.others = True
            case ast.Between() | ast.RangeLiteral() | ast.UnaryComparison():
                self.others = True
            case _:
                for child in ast.children(node):
                    self._condition(child)

    def _compared(self, operator: str, endpoint: ast.Node) -> None:
        if operator not in _ORDERS or isinstance(endpoint, ast.NullLiteral):
            return
        value = self._constant(endpoint)
        if type(value) in _KINDS:
            self.cuts.append((value, operator in ("<", ">=")))
        else:
            self.others = True

    def _constant(self, node: ast.Node) -> Any:
        match node:
            case ast.Name(name):
                return self._known.get(name)
            case ast.Negation(operand):
                inner = self._constant(operand)
                return inner.copy_negate() if isinstance(inner, Decimal) else None
            case _:
                return literal(node)[1]
