"""What a table asks of its inputs, as axes: for each input, the atoms that the cells tell apart.

Columns with one expression are one axis, so that no point of the space gives an input two
values. A list that is asked for its members has an axis for each set of members asked for; its
axes belong together (see `Lists`). A column that works something out of its inputs is an axis
too, of which it is not known whether each of its values comes about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from struct import unpack
from typing import Any, Final, TypeAlias

from pydmn.feel.types import BasicType
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell
from pydmn.tables import accepted
from pydmn.tables.accepted import Accepts
from pydmn.tables.cells import Constants
from pydmn.tables.regions import Region, region
from pydmn.verify.tables.boxes import Side

SINGLE: Final = frozenset({HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.PRIORITY})
"""The hit policies that answer with what one rule concludes."""

_WORD: Final = 64

Given: TypeAlias = dict[str, Any]
"""A FEEL value for each name that a table reads."""

Path: TypeAlias = tuple[str, ...]
"""The name of an input or decision, and of entries inside it."""


@dataclass(frozen=True, slots=True)
class Atom:
    """Values that no cell of an axis tells apart.

    `values` are a few of them, none where none is known to be allowed. `named` is False for
    what no cell writes out or asks for: a string that stands nowhere, a number beyond all others.
    """

    values: tuple[Any, ...]
    mask: int
    named: bool

    @property
    def null(self) -> bool:
        """Whether it is null."""
        return bool(self.values) and self.values[0] is None


@dataclass(frozen=True, slots=True)
class Members:
    """A list that is asked whether it has one of `wanted`; `path` is that of the list."""

    path: Path
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Domain:
    """What values are declared for an expression: `cells` that all must accept, of `kind`.

    `values` are these where they are listed; of a list, those that its members may be.
    """

    kind: BasicType
    cells: tuple[Cell, ...]
    values: tuple[Any, ...] | None


_NO_CONSTANTS: Final = Constants((), ordered=False)


@dataclass(frozen=True, slots=True)
class Axis:
    """The atoms of one expression.

    `columns` test it; those in `asking`, the last, ask something of it. `sides` are the atoms that
    each rule accepts, by its number; a rule whose cell is no set of atoms has all, and is in the
    mask `opened`. `path` is None for an expression that is more than a name; `reads` are the names
    it mentions, and `ways` values of these that lead to each atom, where all are found to come
    about. `constants` are the values, in order where they are ordered, at which its values are
    parted.
    """

    text: str
    columns: tuple[int, ...]
    path: Path | None
    reads: frozenset[str]
    atoms: tuple[Atom, ...]
    sides: tuple[Side, ...]
    opened: int = 0
    members: Members | None = None
    domain: Domain | None = None
    constants: Constants = _NO_CONSTANTS
    asking: frozenset[int] = frozenset()
    ways: tuple[Given, ...] = ()

    @property
    def free(self) -> bool:
        """Whether it is not known which of its atoms come about."""
        return self.path is None and len(self.ways) != len(self.atoms)

    @property
    def full(self) -> Side:
        """All atoms."""
        return (1 << len(self.atoms)) - 1


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that is no set of atoms, or allowed values that are none; `rules` is a mask."""

    cell: Cell
    column: int
    rules: int


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of a table, and the cells that none of them holds."""

    axes: tuple[Axis, ...]
    unread: tuple[Unread, ...]


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits of `mask`, from the lowest."""
    # Word by word: a large mask is not worked on whole for each of its bits.
    words = -(-mask.bit_length() // _WORD)
    for number, word in enumerate(unpack(f"<{words}Q", mask.to_bytes(words * 8, "little"))):
        while word:
            lowest = word & -word
            yield number * _WORD + lowest.bit_length() - 1
            word ^= lowest  # noqa: PLW2901  a number of its own


def region_of(cells: Iterable[tuple[Cell, int]], kind: BasicType, accepts: Accepts) -> Region:
    """Return the region of cells of `kind`, each with the mask of its rules."""
    listed_cells = [*cells]
    read = accepted.column([cell for cell, _ in listed_cells], kind, accepts)
    return region(read, [[*bits(mask)] for _, mask in listed_cells])


def mask_of(numbers: Iterable[int]) -> int:
    """Return the mask of numbers."""
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask
