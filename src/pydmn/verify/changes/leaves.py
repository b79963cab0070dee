"""An input as choices: for each place in it, one value of each part that nothing tells apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.printer import to_text
from pydmn.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    DAYS_AND_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    YEARS_AND_MONTHS_DURATION,
    BasicType,
    ContextType,
    ListType,
    Type,
)
from pydmn.feel.values import type_of
from pydmn.plan.logic import ANYTHING, Cell, Item
from pydmn.source import Source
from pydmn.tables.cells import KINDS, REGIONS
from pydmn.verify.changes.scale import Scale, member_test
from pydmn.verify.changes.uses import MEMBER, Path, Use
from pydmn.verify.graph.circuit import TRUE, Formula
from pydmn.verify.graph.regions import Region
from pydmn.verify.graph.space import Choice, Choices, Membership
from pydmn.verify.graph.symbols import Constant, Elements, Entries, Shape, Symbol
from pydmn.verify.graph.terms import Term
from pydmn.verify.tables.axes import region_of
from pydmn.verify.tables.pieces import listed, pieces

_UNUSED: Final = Use()
_TRIED: Final = 8
"""So many values are tried for a plain case."""
_MEMBERS: Final = 6
"""So many members has a list of which more is asked than what constants they are."""


@dataclass(slots=True)
class Leaf:
    """An input: its symbol, and how a value of it is put together from what is chosen.

    `why` are the reasons for which the values may not stand for all.
    """

    name: str
    symbol: Symbol
    value: Value
    why: list[str] = field(default_factory=list)


_PLAINEST: Final = (
    NUMBER,
    STRING,
    BOOLEAN,
    DATE,
    DATE_AND_TIME,
    TIME,
    DAYS_AND_TIME_DURATION,
    YEARS_AND_MONTHS_DURATION,
)

Value: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Returns the value of a place of what is chosen, by name."""

Literals: TypeAlias = Mapping[Any, ast.Expression]
"""The constants that versions write, as nodes, by their type and value."""


class Leaves:
    """Makes choices of inputs, and words of what is chosen.

    `literals` returns all constants that the versions write.
    """

    def __init__(self, choices: Choices, literals: Callable[[], Literals]) -> None:
        self._choices = choices
        self._literals = literals
        self._scales: dict[str, tuple[Path, Scale, bool]] = {}
        """By the name of a choice: its place, its values, whether it only says that it is there."""
        self._paths: dict[Hashable, Path] = {}
        self._kinds: dict[Hashable, str] = {}
        self.vague: dict[str, str] = {}
        """Why there are no words for what is chosen, by how the names of the choices begin."""
        self.derived: dict[str, Term] = {}
        """The terms that are no inputs, by the names of their choices."""
        self.members: dict[str, Value] = {}
        """What each member of a list is of what is chosen, by what it is called."""

    def leaf(self, name: str, type_: Type, items: Sequence[Item], used: Mapping[Path, Use]) -> Leaf:
        """Return an input as choices; `items` are what the versions ask of it."""
        why: list[str] = []
        symbol, value = self._at(name, (), type_, items, used, why)
        return Leaf(name, symbol, value, why)

    def _at(
        self,
        name: str,
        path: Path,
        type_: Type,
        items: Sequence[Item],
        used: Mapping[Path, Use],
        why: list[str],
    ) -> tuple[Symbol, Value]:
        use = used.get(path, _UNUSED)
        if type_ == ANY and len(use.typed) == 1:
            type_ = next(iter(use.typed))
        shown = ".".join((name, *path))
        match type_:
            case ContextType(entries) if entries:
                return self._context(name, path, entries, items, used, why)
            case ListType(element):
                member = used.get((*path, MEMBER), _UNUSED)
                asked = _asked_inside("", (*path, MEMBER), used)
                if not (asked or use.otherwise or use.passed or member.otherwise) and (
                    element in KINDS
                ):
                    return self._list((name, *path), element, items, member, why)
                inner = {
                    each[len(path) + 1 :]: of
                    for each, of in used.items()
                    if each[: len(path) + 1] == (*path, MEMBER)
                }
                return self._of_members((name, *path), element, items, inner, why)
        if (values := _listed(items)) is not None:
            scale = Scale((*values, None), frozenset(values), all=False)
        elif type_ == BOOLEAN:
            scale = Scale((True, False, None), frozenset((True, False)))
        elif isinstance(type_, BasicType) and type_ in REGIONS:
            return self._term(name, path, type_), lambda found: found[shown]
        elif type_ == ANY and not _asked_inside(shown, path, used):
            for begin in (f"the type of {shown}", f"{shown} as "):
                self.vague[begin] = f"`{shown}` is of no declared type"
            return self._of_any_type(name, path)
        else:
            why += _asked_inside(shown, path, used)
            scale = self._scale(shown, type_, items, use, why)
        # Null stands last, and in no order.
        run = len(scale.values) - 1 if scale.ordered else 0
        choice = self._choices.choice(shown, scale.values, run)
        self._scales[shown] = ((name, *path), scale, False)
        return self._choices.value(lambda value: value, choice), lambda found: found[shown]

    def _term(self, name: str, path: Path, kind: BasicType) -> Symbol:
        """Return a place of which no more is known than what constants it is compared with."""
        term = Term(_node((name, *path)), kind, given=True)
        self._choices.symbols.terms.null(term)
        self._paths[term.key] = (name, *path)
        return ((TRUE, term),)

    def _of_any_type(self, name: str, path: Path) -> tuple[Symbol, Value]:
        """Return a place as a choice of types, of lists and contexts such as are compared alike."""
        shown = ".".join((name, *path))
        kinds = sorted(REGIONS, key=_PLAINEST.index)
        others: tuple[Any, ...] = ([], {}, None)
        which = self._choices.choice(f"the type of {shown}", (*kinds, *range(len(others))))
        self._scales[which.name] = ((name, *path), Scale(which.values, frozenset()), False)
        terms = self._choices.symbols.terms
        cases: list[tuple[Formula, Shape]] = []
        for kind, at in zip(kinds, which.formulas, strict=False):
            term = Term(_node((name, *path)), kind, given=True)
            self._choices.circuit.require(-at, -terms.null(term))
            self._paths[term.key] = (name, *path)
            self._kinds[term.key] = f"{shown} as {kind}"
            cases.append((at, term))
        rest = zip(which.formulas[len(kinds) :], others, strict=True)
        cases += ((at, Constant(value)) for at, value in rest)

        def value(found: Mapping[str, Any]) -> Any:
            chosen = found[which.name]
            return others[chosen] if isinstance(chosen, int) else found[f"{shown} as {chosen}"]

        return tuple(cases), value

    def close(self, names: Mapping[Hashable, str]) -> None:
        """Make choices of the parts of all terms; `names` are what some are called, by key."""
        for parts in self._choices.symbols.terms.close():
            path = self._paths.get(parts.term.key)
            shown = ".".join(path or (names.get(parts.term.key, ""),))
            shown = self._kinds.get(parts.term.key, shown)
            if not shown or (path is None and shown in self._choices.choices):
                shown = to_text(parts.term.node)
            scale = Scale(parts.values, parts.named, ordered=parts.ordered)
            run = len(parts.values) - 1 if parts.ordered else 0
            self._choices.choices[shown] = Choice(shown, parts.values, parts.formulas, run)
            self._scales[shown] = (path or (shown,), scale, False)
            if path is None:
                self.derived[shown] = parts.term

    # --- single values -----------------------------------------------------------------

    def _scale(
        self, shown: str, type_: Type, items: Sequence[Item], use: Use, why: list[str]
    ) -> Scale:
        """Return the values of a place that holds no list and no context."""
        bare = use.otherwise[:1]
        if type_ == BOOLEAN:
            return Scale((True, False, None), frozenset((True, False)))
        if (values := _listed(items)) is not None:
            return Scale((*values, None), frozenset(values), all=False)
        if not isinstance(type_, BasicType) or type_ not in KINDS:
            of = "of no declared type" if type_ == ANY else f"{type_}"
            why.append(f"`{shown}` is {of}, whose values are not known in parts")
            return _any_scale(use, type_)
        why += [f"{where}: `{shown}` is not only compared with constants" for where in bare]
        if use.passed:
            # A value that no version writes is the answer only where it is passed on.
            use = replace(use, constants={**use.constants, **self._literals()}, ordered=True)
        return _parts(type_, use)

    # --- what holds others ---------------------------------------------------------------

    def _context(
        self,
        name: str,
        path: Path,
        entries: Sequence[tuple[str, Type]],
        items: Sequence[Item],
        used: Mapping[Path, Use],
        why: list[str],
    ) -> tuple[Symbol, Value]:
        use = used.get(path, _UNUSED)
        shown = ".".join((name, *path))
        why += [f"{where}: `{shown}` is used as a whole" for where in use.otherwise[:1]]
        if use.passed:
            why.append(f"`{shown}` is a part of the answer as a whole")
        if any(item.allowed or item.constraint for item in items):
            why.append(f"`{shown}` is restricted as a whole")
        symbols: dict[str, Symbol] = {}
        values: dict[str, Value] = {}
        for entry, type_ in entries:
            inner = [dict(item.entries).get(entry, ANYTHING) for item in items]
            if any(map(_unlisted, inner)) or len(set(map(_declared, inner))) > 1:
                why.append(f"`{shown}.{entry}` is restricted, and with it `{shown}` as a whole")
            symbols[entry], values[entry] = self._at(name, (*path, entry), type_, inner, used, why)

        def whole(found: Mapping[str, Any]) -> Any:
            return {entry: value(found) for entry, value in values.items()}

        if not use.null:
            return ((TRUE, Entries(symbols)),), whole
        there = self._given((name, *path))
        cases: list[tuple[int, Shape]] = [(there, Entries(symbols)), (-there, Constant(None))]
        given = f"{shown} is given"
        return tuple(cases), lambda found: whole(found) if found[given] else None

    def _list(
        self,
        path: Path,
        element: Type,
        items: Sequence[Item],
        member: Use,
        why: list[str],
    ) -> tuple[Symbol, Value]:
        shown = ".".join(path)
        inner = [item.element or ANYTHING for item in items]
        own = [
            Item(element, allowed=item.allowed or each.allowed)
            for item, each in zip(items, inner, strict=True)
        ]
        constrained = any(each.constraint or _unlisted(each) for each in (*items, *own))
        if constrained or len({_declared(item) for item in items}) > 1:
            why.append(f"`{shown}` is restricted as a whole")
        scale = self._scale(f"a member of {shown}", element, own, member, why)
        members = self._choices.membership(shown, scale.values)
        self._scales[shown] = (path, scale, False)
        there = self._given(path)
        items_ = tuple(
            (at, ((TRUE, Constant(value)),))
            for value, at in zip(members.values, members.formulas, strict=True)
        )
        given = f"{shown} is given"
        node = _node(path)
        of = Elements((), input=shown)
        listed = self._choices.symbols.made_of(of, items_, node)
        symbol: Symbol = ((there, listed[0][1]), (-there, Constant(None)))
        return symbol, lambda found: list(found[shown]) if found[given] else None

    def _of_members(
        self,
        path: Path,
        element: Type,
        items: Sequence[Item],
        used: Mapping[Path, Use],
        why: list[str],
    ) -> tuple[Symbol, Value]:
        """Return a list as a few members, each of which may be there and be anything.

        What is asked of lists is whether there is a member of some kind: so as many members are
        enough as there are such questions. In what order they stand, and how many are alike, is
        known of the list as a whole, by what is worked out of it.
        """
        shown = ".".join(path)
        for begin in (f"{shown}[", f"{shown} has so many"):
            self.vague[begin] = f"`{shown}` is a list of which more is asked than what is in it"
        inner = [item.element or ANYTHING for item in items]
        own = [item.allowed or item.constraint for item in items]
        if any(own) or len({_declared(item) for item in items}) > 1:
            why.append(f"`{shown}` is restricted as a whole")
        members: list[tuple[Formula, Symbol]] = []
        values: list[tuple[str, str]] = []
        for number in range(1, _MEMBERS + 1):
            name = f"{shown}[{number}]"
            symbol, value = self._at(name, (), element, inner, used, why)
            # That it is not there is the plainer case.
            is_there = self._choices.choice(f"{shown} has so many: {number}", (False, True))
            self._scales[is_there.name] = ((name,), Scale((False, True), frozenset()), False)
            members.append((is_there.formulas[1], symbol))
            values.append((is_there.name, name))
            self.members[name] = value
        there = self._given(path)
        of = Elements((), input=shown)
        listed = self._choices.symbols.made_of(of, tuple(members), _node(path))
        cases: Symbol = ((there, listed[0][1]), (-there, Constant(None)))

        def whole(found: Mapping[str, Any]) -> Any:
            if not found[f"{shown} is given"]:
                return None
            return [
                found[name] if name in found else self.members[name](found)
                for is_there, name in values
                if found[is_there]
            ]

        return cases, whole

    def unfollowed(self, asked: Mapping[str, Collection[Formula]]) -> Iterator[str]:
        """Yield why lists may be too short for all that is asked of their members."""
        for name, formulas in asked.items():
            if f"{name}[1]" in self.members and len(formulas) >= _MEMBERS:
                yield f"more is asked of the members of `{name}` than is followed"

    def _given(self, path: Path) -> int:
        """Return the formula that something is not null."""
        name = f"{'.'.join(path)} is given"
        choice = self._choices.choice(name, (True, False))
        self._scales[name] = (path, Scale((True, False), frozenset()), True)
        return choice.formulas[0]

    def plainest(self, name: str, choice: Choice | Membership) -> Iterator[Formula]:
        """Yield what makes a plain case, the plainest first: values that are named, no members."""
        _, scale, _ = self._scales[name]
        formulas = zip(choice.values, choice.formulas, strict=True)
        if isinstance(choice, Membership):
            # The members that stay, if any has to, are named ones.
            left = sorted(formulas, key=lambda each: (each[0] is not None, each[0] in scale.named))
            yield from (-at for _, at in left)
            return
        ranked = sorted(formulas, key=lambda each: (each[0] is None, each[0] not in scale.named))
        yield from (at for _, at in ranked[:_TRIED])

    def within(self, region: Region, given: Mapping[str, Any]) -> bool:
        """Say whether a case, FEEL values by name, lies in a region."""
        asked = set(region.formulas)
        for name, choice in self._choices.choices.items():
            path, scale, is_given = self._scales[name]
            if self.why_vague([name]):
                continue  # it is no part of an input by itself
            value: Any = given
            for part in path:
                value = value.get(part) if isinstance(value, dict) else None
            parts: set[int | None]
            if is_given:
                parts = {0 if value is not None else 1}
            elif isinstance(choice, Membership):
                parts = {scale.part(each) for each in value or ()}
            else:
                parts = {scale.part(value)}
            if any((-at if n in parts else at) in asked for n, at in enumerate(choice.formulas)):
                return False
        return True

    def alike(self, name: str, value: Any, other: Any) -> bool:
        """Say whether two values of a choice are in one part."""
        _, scale, _ = self._scales[name]
        return scale.part(value) == scale.part(other)

    # --- words ---------------------------------------------------------------------------

    def why_vague(self, names: Iterable[str]) -> str | None:
        """Return why choices, by their names, have no words; None where they have."""
        begins = tuple(self.vague)
        for name in names if begins else ():
            if name.startswith(begins):
                return next(why for begin, why in self.vague.items() if name.startswith(begin))
        return None

    def words(self, region: Region) -> dict[str, str]:
        """Return what a region says of each place: FEEL's tests."""
        asked = set(region.formulas)
        said: dict[str, list[str]] = {}
        for name, choice in self._choices.choices.items():
            path, scale, is_given = self._scales[name]
            shown = ".".join(path)
            formulas = list(enumerate(choice.formulas))
            if isinstance(choice, Membership):
                tests = [member_test(scale, n, there=True) for n, at in formulas if at in asked]
                tests += [member_test(scale, n, there=False) for n, at in formulas if -at in asked]
                said.setdefault(shown, []).extend(tests)
            elif any(-at in asked for _, at in formulas):
                chosen = [n for n, at in formulas if -at not in asked]
                test = scale.tests(chosen)
                if is_given:
                    test = "? != null" if chosen == [0] else "? = null"
                    if test == "? != null" and shown in region.there:
                        continue  # it has a member
                said.setdefault(shown, []).append(test)
        return {shown: " and ".join(tests) for shown, tests in said.items() if tests}


def _listed(items: Sequence[Item]) -> tuple[Any, ...] | None:
    """Return the values that are listed alike for a place; None where there is no such list."""
    allowed = [listed(cell) for item in items if (cell := item.allowed) is not None]
    alike = len({_declared(item) for item in items}) == 1
    if not alike or not allowed or allowed[0] is None or any(i.constraint for i in items):
        return None
    return tuple(dict.fromkeys(allowed[0]))


def _asked_inside(shown: str, path: Path, used: Mapping[Path, Use]) -> list[str]:
    """Return why values without entries are not known in parts: the year of a date is asked for."""
    return [
        f"`{shown}` is asked for its `{each[len(path)]}`"
        for each in used
        if len(each) > len(path) and each[: len(path)] == path
    ][:1]


def _node(path: Path) -> ast.Expression:
    """Return the node that reads a place."""
    node: ast.Expression = ast.Name(path[0])
    for entry in path[1:]:
        node = ast.Path(node, entry)
    return node


def _unlisted(item: Item) -> bool:
    """Say whether values are allowed that are not listed."""
    return item.allowed is not None and listed(item.allowed) is None


def _declared(item: Item) -> object:
    return (
        item.allowed and item.allowed.source.text.strip(),
        item.constraint and item.constraint.source.text.strip(),
        item.element and _declared(item.element),
    )


def _parts(kind: BasicType, use: Use) -> Scale:
    """Return a value for each part of a type that constants make, and null."""
    cells: list[Cell] = []
    for (_, value), node in use.constants.items():
        if type_of(value) != kind:
            continue  # equal to no value of this kind, and in no order with any
        cells.append(Cell(ast.UnaryTests((node,)), Source("")))
        if use.ordered:
            cells.append(Cell(ast.UnaryTests((ast.UnaryComparison("<", node),)), Source("")))
    found = region_of(((cell, 1 << n) for n, cell in enumerate(cells)), kind, _never)
    values = [piece.value for piece in pieces(found, whole=False)]
    return Scale((*values, None), frozenset(found.cuts or found.points), ordered=bool(found.cuts))


def _never(cell: Cell) -> Callable[[Any], bool]:
    message = f"`{cell.source.text}` is asked, and a constant needs not be"
    raise AssertionError(message)


def _any_scale(use: Use, type_: Type) -> Scale:
    """Return a few values of a type of which the parts are not known, and of any."""
    constants = [value for _, value in use.constants]
    values: list[Any] = [*constants]
    for kind in (NUMBER, STRING) if type_ == ANY else ():
        own = Use({key: node for key, node in use.constants.items() if type_of(key[1]) == kind},
                  ordered=use.ordered)  # fmt: skip
        values += [v for v in _parts(kind, own).values if v is not None and v not in constants]
    values += [True, False] if type_ == ANY else []
    return Scale((*values, None), frozenset(constants))
