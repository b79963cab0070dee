"""Values of which no more is known than how they compare with constants.

A *term* is an input, or what an operation makes of inputs: `Weight / (Height * Height)`. It is
parted by the constants that it is compared with: below the first, at it, between it and the next.
Which these are turns out while formulas are made, so that what ties the parts together is written
down at the end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.types import BOOLEAN, STRING, TIME, BasicType
from pydmn.feel.values import type_of
from pydmn.tables.cells import CLOCKS, Form, Interval, Listed, place, rank
from pydmn.tables.regions import Region
from pydmn.verify.graph.circuit import FALSE, Circuit, Formula
from pydmn.verify.graph.texts import Fact, facts, follow
from pydmn.verify.tables.pieces import pieces

_TRIED: Final = 200
"""For so many constants it is worked out what a function makes of them."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A term as another in order: it rises with it, or falls where that rises.

    `cut` turns a bound of the term, and whether it belongs to what is above, into the one of
    `base`: what `base` is at or above, or above, where it rises. Where it falls, what is below.
    """

    base: Term
    rising: bool
    cut: Callable[[Any, bool], tuple[Any, bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A value of `kind`, or null: what `node` is of inputs, by their names.

    With a `view` it is parted as another term is, and is null where that is. What is `given` has
    the digits of an input, which count where numbers are written out: those of sums may differ.
    """

    node: ast.Expression
    kind: BasicType
    view: View | None = None
    given: bool = False

    @property
    def key(self) -> Hashable:
        """What terms share that are the same.

        Equal trees may differ in the places of a number, `1` and `1.0`; their values do not.
        """
        return self.node, self.kind


@dataclass(slots=True)
class _Parted:
    """The formulas of a term: that it is null, one of some constants, at or above, above one."""

    term: Term
    null: Formula
    equal: dict[Any, Formula] = field(default_factory=dict)
    least: dict[Any, Formula] = field(default_factory=dict)
    above: dict[Any, Formula] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """A term's parts: a value of each with its formula, null last; see `Scale`."""

    term: Term
    values: tuple[Any, ...]
    formulas: tuple[Formula, ...]
    named: frozenset[Any]
    ordered: bool


class Terms:
    """Parts terms, by formulas of `circuit`. Raises `NotDecided` for clocks of several offsets."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._known: dict[Hashable, _Parted] = {}
        self._closed: dict[Hashable, Parts] | None = None
        self._made: list[tuple[Term, Term, Callable[[Any], Any]]] = []

    def __iter__(self) -> Iterator[Term]:
        return iter([each.term for each in self._known.values()])

    # --- formulas ----------------------------------------------------------------------

    def knows(self, of: Term) -> bool:
        """Say whether something was asked of a term."""
        return of.key in self._known

    def null(self, of: Term) -> Formula:
        """Return where a term is null."""
        while of.view is not None:
            of = of.view.base
        return self._parted(of).null

    def equals(self, of: Term, value: Any) -> Formula:
        """Return where a term is a value of its kind."""
        if of.view is not None:
            return self._circuit.all_of((self.least(of, value), -self.above(of, value)))
        parted = self._parted(of)
        if of.kind == BOOLEAN:
            true = _variable(self._circuit, parted.equal, value=True)
            return true if value is True else self._circuit.all_of((-true, -parted.null))
        if value not in parted.equal and self._closed is not None:
            return self._part(of, value)
        self._allow(of, value)
        return _variable(self._circuit, parted.equal, value)

    def least(self, of: Term, value: Any) -> Formula:
        """Return where a term is a value of its kind, or above it."""
        return self._beyond(of, value, closed=True)

    def above(self, of: Term, value: Any) -> Formula:
        """Return where a term is above a value of its kind."""
        return self._beyond(of, value, closed=False)

    def _beyond(self, of: Term, value: Any, *, closed: bool) -> Formula:
        if of.view is not None:
            base = of.view.base
            at, at_least = of.view.cut(value, closed)
            found = self._beyond(base, at, closed=at_least)
            return found if of.view.rising else self._circuit.all_of((-found, -self.null(base)))
        parted = self._parted(of)
        made = parted.least if closed else parted.above
        if value not in made and self._closed is not None:
            at = self._closed[of.key]
            return self._circuit.any_of(
                formula
                for each, formula in zip(at.values, at.formulas, strict=True)
                if each is not None
                and (rank(each) > rank(value) or (closed and rank(each) == rank(value)))
            )
        self._allow(of, value)
        return _variable(self._circuit, made, value)

    def accepted(self, of: Term, form: Form) -> Formula:
        """Return where a term is among what a plain cell accepts."""
        match form:
            case Listed(values):
                return self._circuit.any_of(self.equals(of, value) for value in values)
            case Interval(low, low_closed, high, high_closed):
                inside = [-self.null(of)]
                if low is not None:
                    inside.append((self.least if low_closed else self.above)(of, low))
                if high is not None:
                    inside.append(-(self.above if high_closed else self.least)(of, high))
                return self._circuit.all_of(inside)

    def parts(
        self, of: Term, constants: Iterable[Any] = (), *, ordered: bool = False
    ) -> list[tuple[Formula, Any]]:
        """Return a value of each part that constants make, with where the part is; null last.

        Those of another kind make none. Only where they are `ordered` is it told apart what lies
        between them.
        """
        own = [each for each in dict.fromkeys(constants) if type_of(each) == of.kind]
        if of.kind == BOOLEAN:
            return [
                (self.equals(of, value=True), True),
                (self.equals(of, value=False), False),
                (self.null(of), None),
            ]
        found: list[tuple[Formula, Any]] = []
        null = self.null(of)
        if not ordered:
            at = [self.equals(of, each) for each in own]
            found += zip(at, own, strict=True)
            other = next(v for v in self._values(of, own, ordered=False) if v not in own)
            found.append((self._circuit.all_of((-null, *(-each for each in at))), other))
        else:
            cuts = sorted(own, key=rank)
            for value in self._values(of, cuts, ordered=True):
                found.append((self._segment(of, cuts, value), value))
        return [*found, (null, None)]

    def _segment(self, of: Term, cuts: list[Any], value: Any) -> Formula:
        number = bisect_left(cuts, rank(value), key=rank)
        if number < len(cuts) and rank(cuts[number]) == rank(value):
            low, high = self.least(of, value), self.above(of, value)
            return self._circuit.all_of((low, -high))
        inside = [-self.null(of)]
        if number:
            inside.append(self.above(of, cuts[number - 1]))
        if number < len(cuts):
            inside.append(-self.least(of, cuts[number]))
        return self._circuit.all_of(inside)

    def _values(self, of: Term, cuts: list[Any], *, ordered: bool) -> list[Any]:
        """Return a value of each part that there is."""
        ordered = ordered and bool(cuts)
        region = Region(
            of.kind, 0, {} if ordered else dict.fromkeys(cuts, 0), 0,
            tuple(cuts) if ordered else (), (0,) * (2 * len(cuts) + 1) if ordered else (),
        )  # fmt: skip
        return [piece.value for piece in pieces(region, whole=False)]

    def _parted(self, of: Term) -> _Parted:
        found = self._known.get(of.key)
        if found is None:
            found = self._known[of.key] = _Parted(of, self._circuit.variable())
        return found

    def _allow(self, of: Term, value: Any) -> None:
        if of.kind not in CLOCKS:
            return
        parted = self._parted(of)
        others = {place(each) for each in (*parted.equal, *parted.least, *parted.above)}
        if others - {place(value)} or (of.kind == TIME and place(value) is not None):
            message = f"{of.kind} values of several offsets, or of one with a zone, are compared"
            raise NotDecided(message)

    # --- all together ------------------------------------------------------------------

    def close(self) -> list[Parts]:
        """Tie formulas together, and return all parts of each term. No more are made then."""
        closed = {key: self._tied(parted) for key, parted in self._known.items()}
        self._closed = closed
        self._follow_texts()
        self._follow_made()
        return [*closed.values()]

    def made(self, of: Term, base: Term, at: Callable[[Any], Any]) -> None:
        """Note that a term is what `at` returns of another one's value."""
        self._made.append((of, base, at))

    def _follow_made(self) -> None:
        """Require of what is made of constants that it is what it is."""
        for of, base, at in self._made:
            parted = self._known.get(base.key)
            if parted is None or self._known.get(of.key) is None or base.kind == BOOLEAN:
                continue
            for value in islice({**parted.equal, **parted.least, **parted.above}, _TRIED):
                found = at(value)
                so = self.null(of) if found is None else self.equals(of, found)
                self._circuit.require(-self.equals(base, value), so)

    def _follow_texts(self) -> None:
        known: dict[ast.Expression, list[Fact]] = {}
        for parted in self._known.values():
            for node, fact in facts(parted.term.node, parted.equal.items(), parted.least.items()):
                known.setdefault(node, []).append(fact)
        for node, found in known.items():
            text = self._known.get((node, STRING))
            follow(self._circuit, found, None if text is None else text.null)

    def _part(self, of: Term, value: Any) -> Formula:
        """Return the part of a value that no formula asked for."""
        assert self._closed is not None
        found = self._closed[of.key]
        if not found.ordered:
            return next(
                (at for v, at in zip(found.values, found.formulas, strict=True)
                 if v is not None and v not in found.named), FALSE)  # fmt: skip
        return self._segment(of, sorted(found.named, key=rank), value)

    def _tied(self, parted: _Parted) -> Parts:
        of, circuit = parted.term, self._circuit
        if of.kind == BOOLEAN:
            circuit.require(-parted.null, -self.equals(of, value=True))
            rows = self.parts(of)
            values = tuple(value for _, value in rows)
            return Parts(of, values, tuple(at for at, _ in rows), frozenset((True, False)), False)
        if not parted.least and not parted.above:
            for at in parted.equal.values():
                circuit.require(-at, -parted.null)
            circuit.require(-circuit.several(list(parted.equal.values())))
            rows = self.parts(of, parted.equal)
            values = tuple(value for _, value in rows)
            formulas = tuple(at for at, _ in rows)
            return Parts(of, values, formulas, frozenset(parted.equal), ordered=False)
        cuts = sorted({*parted.equal, *parted.least, *parted.above}, key=rank)
        before = -parted.null
        values_ = self._values(of, cuts, ordered=True)
        there = {bisect_left(cuts, rank(v), key=rank) for v in values_ if v not in set(cuts)}
        for number, cut in enumerate(cuts):
            least, above = self.least(of, cut), self.above(of, cut)
            circuit.require(-least, before)
            circuit.require(-above, least)
            if number not in there:
                circuit.require(-before, least)
            if (equal := parted.equal.get(cut)) is not None:
                circuit.require(-equal, least)
                circuit.require(-equal, -above)
                circuit.require(equal, -least, above)
            before = above
        if len(cuts) not in there:
            circuit.require(-before)
        formulas = tuple(self._segment(of, cuts, value) for value in values_)
        return Parts(of, (*values_, None), (*formulas, parted.null), frozenset(cuts), ordered=True)


def _variable(circuit: Circuit, made: dict[Any, Formula], value: Any) -> Formula:
    found = made.get(value)
    if found is None:
        found = made[value] = circuit.variable()
    return found
