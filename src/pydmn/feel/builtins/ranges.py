"""Range functions (DMN 1.5, 10.3.4.7, Table 78) and `range`, which reads one.

Where an end is open to infinity it lies before, or after, every point. Values of unlike
kinds give null; so does `(!= x)`, which has no ends.
"""

from __future__ import annotations

from typing import Final

from pydmn.errors import FeelSyntaxError
from pydmn.feel import ast, operators, text
from pydmn.feel.builtins.declare import Point, builtin
from pydmn.feel.values import Range, Value, compare
from pydmn.run import Run
from pydmn.source import Source

# --- relations of points and ranges ---------------------------------------------------


@builtin("before")
def before_ranges(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the first ends before the second starts."""
    return _related(run, "before", range1, range2) and _ends_before(range1, range2)


@builtin("before")
def before_point_range(run: Run, point: Point, range_: Range) -> bool | None:
    """Say whether the point lies before the range."""
    return _related(run, "before", point, range_) and _ends_before(_at(point), range_)


@builtin("before")
def before_range_point(run: Run, range_: Range, point: Point) -> bool | None:
    """Say whether the range ends before the point."""
    return _related(run, "before", range_, point) and _ends_before(range_, _at(point))


@builtin("before")
def before_points(run: Run, point1: Point, point2: Point) -> bool | None:
    """Say whether the first point is the lower."""
    return _related(run, "before", point1, point2) and _order(point1, point2) < 0


@builtin("after")
def after_ranges(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the first starts after the second ends."""
    return _related(run, "after", range1, range2) and _ends_before(range2, range1)


@builtin("after")
def after_point_range(run: Run, point: Point, range_: Range) -> bool | None:
    """Say whether the point lies after the range."""
    return _related(run, "after", point, range_) and _ends_before(range_, _at(point))


@builtin("after")
def after_range_point(run: Run, range_: Range, point: Point) -> bool | None:
    """Say whether the range starts after the point."""
    return _related(run, "after", range_, point) and _ends_before(_at(point), range_)


@builtin("after")
def after_points(run: Run, point1: Point, point2: Point) -> bool | None:
    """Say whether the first point is the higher."""
    return _related(run, "after", point1, point2) and _order(point1, point2) > 0


@builtin("meets")
def meets(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the first ends with the point that the second starts with."""
    return _related(run, "meets", range1, range2) and _meets(range1, range2)


@builtin("met by")
def met_by(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the first starts with the point that the second ends with."""
    return _related(run, "met by", range1, range2) and _meets(range2, range1)


@builtin("overlaps")
def overlaps(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the ranges have a stretch in common."""
    return (
        _related(run, "overlaps", range1, range2)
        and _reaches(range1, range2)
        and _reaches(range2, range1)
    )


@builtin("overlaps before")
def overlaps_before(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the first starts before the second and ends within it."""
    return _related(run, "overlaps before", range1, range2) and _overlaps_before(range1, range2)


@builtin("overlaps after")
def overlaps_after(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the second starts before the first and ends within it."""
    return _related(run, "overlaps after", range1, range2) and _overlaps_before(range2, range1)


@builtin("finishes")
def finishes_range(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the ranges end alike and the first starts within the second."""
    return _related(run, "finishes", range1, range2) and _finishes(range1, range2)


@builtin("finishes")
def finishes_point(run: Run, point: Point, range_: Range) -> bool | None:
    """Say whether the point is the last of the range."""
    return _related(run, "finishes", point, range_) and _ends_with(range_, point)


@builtin("finished by")
def finished_by_range(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the ranges end alike and the second starts within the first."""
    return _related(run, "finished by", range1, range2) and _finishes(range2, range1)


@builtin("finished by")
def finished_by_point(run: Run, range_: Range, point: Point) -> bool | None:
    """Say whether the point is the last of the range."""
    return _related(run, "finished by", range_, point) and _ends_with(range_, point)


@builtin("includes")
def includes_range(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the second lies within the first."""
    return _related(run, "includes", range1, range2) and _includes(range1, range2)


@builtin("includes")
def includes_point(run: Run, range_: Range, point: Point) -> bool | None:
    """Say whether the point lies within the range."""
    return _related(run, "includes", range_, point) and _has(range_, point)


@builtin("during")
def during_range(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the first lies within the second."""
    return _related(run, "during", range1, range2) and _includes(range2, range1)


@builtin("during")
def during_point(run: Run, point: Point, range_: Range) -> bool | None:
    """Say whether the point lies within the range."""
    return _related(run, "during", point, range_) and _has(range_, point)


@builtin("starts")
def starts_range(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the ranges start alike and the first ends within the second."""
    return _related(run, "starts", range1, range2) and _starts(range1, range2)


@builtin("starts")
def starts_point(run: Run, point: Point, range_: Range) -> bool | None:
    """Say whether the point is the first of the range."""
    return _related(run, "starts", point, range_) and _starts_with(range_, point)


@builtin("started by")
def started_by_range(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the ranges start alike and the second ends within the first."""
    return _related(run, "started by", range1, range2) and _starts(range2, range1)


@builtin("started by")
def started_by_point(run: Run, range_: Range, point: Point) -> bool | None:
    """Say whether the point is the first of the range."""
    return _related(run, "started by", range_, point) and _starts_with(range_, point)


@builtin("coincides")
def coincides_ranges(run: Run, range1: Range, range2: Range) -> bool | None:
    """Say whether the ranges have the same ends."""
    return _related(run, "coincides", range1, range2) and (
        _start_alike(range1, range2) and _end_alike(range1, range2)
    )


@builtin("coincides")
def coincides_points(run: Run, point1: Point, point2: Point) -> bool | None:
    """Say whether the points are equal."""
    return _related(run, "coincides", point1, point2) and _order(point1, point2) == 0


class _Infinity:
    """An end that is open: before every point (-1) or after it (1)."""

    __slots__ = ("side",)

    def __init__(self, side: int) -> None:
        self.side = side


_BEFORE_ALL: Final = _Infinity(-1)
_AFTER_ALL: Final = _Infinity(1)


def _related(run: Run, name: str, *operands: Point | Range) -> bool | None:
    """Return True when all points and ends have one order; otherwise None, with a note."""
    points = [
        point
        for operand in operands
        for point in ((operand.low, operand.high) if isinstance(operand, Range) else (operand,))
        if point is not None
    ]
    split = any(isinstance(operand, Range) and operand.operator == "!=" for operand in operands)
    if split or any(compare(point, points[0]) is None for point in points):
        run.note("not-comparable", f"`{name}` takes points and ranges of one ordered kind")
        return None
    return True


def _at(point: Point) -> Range:
    return Range(point, point)


def _start(range_: Range) -> Value:
    return _BEFORE_ALL if range_.low is None else range_.low


def _end(range_: Range) -> Value:
    return _AFTER_ALL if range_.high is None else range_.high


def _order(left: Value, right: Value) -> int:
    """Return -1, 0 or 1 for two points or ends that `_related` has passed."""
    if isinstance(left, _Infinity):
        return 0 if left is right else left.side
    if isinstance(right, _Infinity):
        return -right.side
    return compare(left, right) or 0


def _ends_before(first: Range, second: Range) -> bool:
    order = _order(_end(first), _start(second))
    return order < 0 or (order == 0 and not (first.high_closed and second.low_closed))


def _meets(first: Range, second: Range) -> bool:
    return first.high_closed and second.low_closed and _order(_end(first), _start(second)) == 0


def _reaches(first: Range, second: Range) -> bool:
    """Say whether the end of `first` lies after, or on, the start of `second`."""
    order = _order(_end(first), _start(second))
    return order > 0 or (order == 0 and first.high_closed and second.low_closed)


def _overlaps_before(first: Range, second: Range) -> bool:
    order = _order(_start(first), _start(second))
    starts_before = order < 0 or (order == 0 and first.low_closed and not second.low_closed)
    return starts_before and _reaches(first, second) and _ends_within(first, second)


def _starts_within(inner: Range, outer: Range) -> bool:
    order = _order(_start(inner), _start(outer))
    return order > 0 or (order == 0 and (outer.low_closed or not inner.low_closed))


def _ends_within(inner: Range, outer: Range) -> bool:
    order = _order(_end(inner), _end(outer))
    return order < 0 or (order == 0 and (outer.high_closed or not inner.high_closed))


def _includes(outer: Range, inner: Range) -> bool:
    return _starts_within(inner, outer) and _ends_within(inner, outer)


def _has(range_: Range, point: Point) -> bool:
    """Say whether the point lies between the ends or is an end that is included (Table 78).

    Unlike `in`, so that `(1..1]` includes 1.
    """
    after_start = _order(_start(range_), point)
    before_end = _order(point, _end(range_))
    return (
        (after_start < 0 and before_end < 0)
        or (after_start == 0 and range_.low_closed)
        or (before_end == 0 and range_.high_closed)
    )


def _start_alike(first: Range, second: Range) -> bool:
    return first.low_closed == second.low_closed and _order(_start(first), _start(second)) == 0


def _end_alike(first: Range, second: Range) -> bool:
    return first.high_closed == second.high_closed and _order(_end(first), _end(second)) == 0


def _starts(inner: Range, outer: Range) -> bool:
    return _start_alike(inner, outer) and _ends_within(inner, outer)


def _finishes(inner: Range, outer: Range) -> bool:
    return _end_alike(inner, outer) and _starts_within(inner, outer)


def _starts_with(range_: Range, point: Point) -> bool:
    return range_.low_closed and _order(_start(range_), point) == 0


def _ends_with(range_: Range, point: Point) -> bool:
    return range_.high_closed and _order(_end(range_), point) == 0


# --- reading a range ------------------------------------------------------------------

_STEPS_PER_CHAR: Final = 10
"""What reading a range is charged: the parser takes a while."""

_READERS: Final = {
    "date": text.parse_date,
    "time": text.parse_time,
    "date and time": text.parse_date_and_time,
    "duration": text.parse_duration,
}


@builtin("range")
def range_from(run: Run, from_: str) -> Range | None:
    """Read `[low..high]` whose ends are literals, or `date("...")` and its like (10.3.4.1)."""
    # Imported when used: most decisions read no range, and the grammar is large.
    from pydmn.feel.names import Scope
    from pydmn.feel.parser import parse_expression

    run.charge(len(from_) * _STEPS_PER_CHAR)
    try:
        node = parse_expression(Source(from_), Scope(builtins=frozenset(_READERS)), run.limits)
    except FeelSyntaxError:
        node = None
    if not isinstance(node, ast.RangeLiteral):
        run.note("domain", "`range` reads a range with two ends, as `[1..10]`")
        return None
    low, high = _endpoint(node.low), _endpoint(node.high)
    return operators.make_range(run, low, high, node.low_closed, node.high_closed)


def _endpoint(node: ast.Expression) -> Value:
    """Return the value of an end that is a literal; None for any other expression."""
    match node:
        case ast.NumberLiteral(value) | ast.StringLiteral(value):
            return value
        case ast.Negation(ast.NumberLiteral(value)):
            return value.copy_negate()
        case ast.AtLiteral(source):
            return text.parse_at_literal(source)
        case ast.Call(ast.Name(name), (ast.StringLiteral(source),)) if name in _READERS:
            return _READERS[name](source)
    return None
