"""What the cells of a column accept, of every value that the column may have.

A column of one type has the regions of that type. One without a type may have any value that data
can be: it has regions for each kind of value that its cells mention, a mask for each list that they
write out, and one for all other values, which cells that compare cannot tell apart. Ranges and
functions are no data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from pydmn.feel import ast
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
)
from pydmn.feel.values import identical, type_of
from pydmn.plan.logic import Cell
from pydmn.source import Source
from pydmn.tables import accepted
from pydmn.tables.accepted import SOME, Accepts
from pydmn.tables.cells import REGIONS, Constants, constants, literal
from pydmn.tables.regions import Region, region
from pydmn.verify.tables.axes import mask_of
from pydmn.verify.tables.pieces import Piece, pieces

Numbered = tuple[Cell, Sequence[int]]
"""A cell, and the bits that stand for it in a mask."""

ANYTHING: Final = Cell(ast.UnaryTests(any=True), Source("-"))

_ELSE: Final = (
    STRING, NUMBER, BOOLEAN, DATE, TIME, DATE_AND_TIME, DAYS_AND_TIME_DURATION,
    YEARS_AND_MONTHS_DURATION,
)  # fmt: skip
"""The kinds of which one stands for all that no cell mentions, the plainest first."""


class Asked:
    """The cells of a column over values of `kind`, of any kind where that is None.

    Its masks are of the numbers that come with the cells; a cell that is no set of values is in
    all of them, and its place in `unread`. `parted` are tests of no cell that part values too;
    `names` are those that cells may read, and `other` is a value that none of them mentions.
    """

    def __init__(
        self,
        cells: Sequence[Numbered],
        kind: BasicType | None,
        accepts: Accepts,
        parted: Sequence[ast.Test] = (),
        names: Collection[str] = (),
        other: Any = None,
    ) -> None:
        cells = [*cells, *((Cell(ast.UnaryTests((test,)), Source("")), ()) for test in parted)]
        self._cells = cells
        self._accepts = accepts
        self._names = names
        kinds = [kind] if kind is not None else kinds_of(cell for cell, _ in cells)
        self._open: set[int] = set()
        self._regions = {each: self._region(each) for each in kinds or [BOOLEAN]}
        self.any = kind is None
        self._known = bool(kinds)
        self._others: list[tuple[Any, int]] = []
        if self.any:
            self._others = [(value, self._mask(value)) for value in self._written()]
            left = next((each for each in _ELSE if each not in kinds), None)
            if other is None:
                other = {} if left is None else _some(left)
            self._other = (other, self._mask(other))
        self.unread = sorted(self._open)

    def _region(self, kind: BasicType) -> Region:
        read = accepted.column([cell for cell, _ in self._cells], kind, self._accepts, self._names)
        self._open.update(place for place, cell in enumerate(read.cells) if cell.open)
        return region(read, [numbers for _, numbers in self._cells])

    def _mask(self, value: Any) -> int:
        """Return what accepts a value that no region holds; cells that are open accept it."""
        return mask_of(
            number
            for place, (cell, numbers) in enumerate(self._cells)
            if numbers and (place in self._open or self._accepts(cell)(value))
            for number in numbers
        )

    def _written(self) -> list[Any]:
        """Return the lists that cells write out."""
        found: list[Any] = []
        for cell, _ in self._cells:
            for node in ast.walk(cell.tests):
                if isinstance(node, ast.ListLiteral):
                    known, value = _value(node)
                    if known and not any(identical(value, each) for each in found):
                        found.append(value)
        return found

    @property
    def null(self) -> int:
        """What accepts null."""
        return next(iter(self._regions.values())).null

    @property
    def constants(self) -> Constants:
        """The constants at which values of one kind are parted; none where there are several."""
        if self.any or len(self._regions) > 1:
            return Constants((), ordered=False)
        (only,) = self._regions.values()
        return Constants(only.cuts or tuple(only.points), ordered=bool(only.cuts))

    def mask(self, value: Any) -> int:
        """Return what accepts a value."""
        if value is None:
            return self.null
        kind = type_of(value)
        if isinstance(kind, BasicType) and kind in self._regions and self._known:
            return self._regions[kind].mask(value)
        for each, mask in self._others:
            if identical(value, each):
                return mask
        return self._other[1] if self.any else 0

    def parts(self, *, whole: bool) -> Iterator[Piece]:
        """Yield the parts of all values but null; `whole` leaves numbers 0, 1, 2, ..."""
        if self._known:
            for each in self._regions.values():
                yield from pieces(each, whole=whole)
        for value, mask in self._others:
            yield Piece(value, mask, named=True)
        if self.any:
            value, mask = self._other
            yield Piece(value, mask, named=not self._known and not self._others)


def kinds_of(cells: Iterable[Cell]) -> list[BasicType]:
    """Return the kinds of the constants that cells compare with."""
    tests = [cell.tests for cell in cells]
    return [
        kind
        for kind in sorted(REGIONS, key=str)
        if any((read := constants(each, kind)) is not None and read.values for each in tests)
    ]


def _some(kind: BasicType) -> Any:
    return "any other" if kind == STRING else True if kind == BOOLEAN else SOME[kind]


def _value(node: ast.Node) -> tuple[bool, Any]:
    """Return whether a node writes out a value, lists too, and the value."""
    if isinstance(node, ast.ListLiteral):
        values = [_value(item) for item in node.items]
        return all(known for known, _ in values), [value for _, value in values]
    return literal(node)
