"""What an input is compared with by all that reads it, and what else is done with it.

A *place* is the input, an entry inside it by its path, or a member of a list there. Two values of
a place that no constant tells apart are the same to everything that only compares it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pydmn.feel import ast
from pydmn.feel.types import ANY, Type
from pydmn.plan.logic import (
    Cell,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Items,
    Logic,
    Loop,
    Select,
    Step,
    Table,
)
from pydmn.tables.cells import INPUT, literal

Path: TypeAlias = tuple[str, ...]
"""The names of entries, from an input on; `MEMBER` for a member of a list."""

MEMBER: Final = "[]"

_ORDERS: Final = frozenset({"<", "<=", ">", ">="})


@dataclass(slots=True)
class Use:
    """How a place is used: the constants it is compared with, as nodes, and where it is not so.

    `ordered` where it is asked which of two comes first, `typed` are the types of the columns that
    take it, any for all other uses; `passed` where it is, as it is, a part of the answer asked for;
    `otherwise` says where it is used in another way.
    """

    constants: dict[Any, ast.Expression] = field(default_factory=dict)
    ordered: bool = False
    null: bool = False
    typed: set[Type] = field(default_factory=set)
    passed: bool = False
    otherwise: list[str] = field(default_factory=list)


Requires: TypeAlias = Callable[[Step], Mapping[str, Step]]
"""Returns what a step requires, by name."""


def uses(step: Step, readers: Iterable[Step], requires: Requires, asked: str) -> dict[Path, Use]:
    """Return how an element is used by `readers`, and by the knowledge models that they call.

    What is asked of the element itself counts as a use too. `asked` is the key of the decision
    whose answer is asked for, and that no other reads.
    """
    found: dict[Path, Use] = {}
    own = _Search(found, step, requires)
    for cell in (step.item.allowed, step.item.constraint):
        if cell is not None:
            own.cell(cell, (), {INPUT: ()})
    for reader in readers:
        for each in reader.requirements:
            if each.key == step.key and reader.logic is not None:
                search = _Search(found, reader, requires, answers=reader.key == asked)
                if each.package:
                    search.use(()).otherwise.append(reader.source.where)
                else:
                    search.logic(reader.logic, {each.name: ()})
    return found


def both(mine: Mapping[Path, Use], its: Mapping[Path, Use]) -> dict[Path, Use]:
    """Return how a place is used by two versions together."""
    found: dict[Path, Use] = {}
    for path in {**mine, **its}:
        one, other = mine.get(path, Use()), its.get(path, Use())
        found[path] = Use(
            {**one.constants, **other.constants},
            one.ordered or other.ordered,
            one.null or other.null,
            one.typed | other.typed,
            one.passed or other.passed,
            [*one.otherwise, *other.otherwise],
        )
    return found


_Names: TypeAlias = Mapping[str, "Path | None"]
"""The places that names stand for; None for a name that stands for something else."""


_Call: TypeAlias = tuple[str, frozenset[tuple[str, "Path | None"]]]
"""The key of a knowledge model, and the places that its parameters stand for."""


class _Search:
    """Looks through one step; `seen` are the calls that have been looked through already."""

    def __init__(
        self,
        found: dict[Path, Use],
        step: Step,
        requires: Requires,
        *,
        answers: bool = False,
        calling: frozenset[str] = frozenset(),
        seen: set[_Call] | None = None,
    ) -> None:
        self._found = found
        self._seen: set[_Call] = set() if seen is None else seen
        self._answers = answers
        self._requires_of = requires
        self._requires = requires(step)
        self._calling = calling | {step.key}
        self._where = step.source.where

    def use(self, path: Path) -> Use:
        """Return what is known of a place."""
        return self._found.setdefault(path, Use())

    # --- logic -------------------------------------------------------------------------

    def logic(self, logic: Logic, names: _Names) -> None:
        """Look through a decision's logic."""
        match logic:
            case Feel(node, source):
                self._where = source.where
                self._answer(node, names)
            case Table():
                self._table(logic, names)
            case Entries(entries, result):
                # What an entry is, others may work with.
                self._answers = False
                inside = dict(names)
                for name, value in entries:
                    self.logic(value, inside)
                    inside.pop(name, None)
                if result is not None:
                    self.logic(result, inside)
            case Items(items):
                self._all(items, names)
            case FunctionOf(parameters, body):
                hidden = {each.name for each in parameters}
                self.logic(body, {name: at for name, at in names.items() if name not in hidden})
            case Invoke(function, arguments):
                self._answers = False
                nodes = [(n, v.node if isinstance(v, Feel) else None) for n, v in arguments]
                if not isinstance(function, Feel) or not self._called(function.node, nodes, names):
                    self._all((function, *(value for _, value in arguments)), names)
            case Choose(condition, then, otherwise):
                self._answers = False
                self._all((condition, then, otherwise), names)
            case Select(collection, match_):
                self._answers = False
                self._all((collection, match_), names)
            case Loop(variable=variable, collection=collection, body=body):
                self._answers = False
                self.logic(collection, names)
                self.logic(body, {name: at for name, at in names.items() if name != variable})

    def _answer(self, node: ast.Expression, names: _Names) -> None:
        """Look through an expression that is, where the step's answer is asked for, part of it."""
        at = self._place(node, names) if self._answers else None
        match node:
            case _ if at is not None:
                self.use(at).passed = True
                self.use(at).typed.add(ANY)
            case ast.If(condition, consequence, alternative) if self._answers:
                self._node(condition, names)
                self._answer(consequence, names)
                self._answer(alternative, names)
            case ast.ListLiteral(items) if self._answers:
                for item in items:
                    self._answer(item, names)
            case _:
                self._node(node, names)

    def _all(self, parts: Iterable[Logic], names: _Names) -> None:
        for part in parts:
            self.logic(part, names)

    def _table(self, table: Table, names: _Names) -> None:
        for position, column in enumerate(table.inputs):
            expression = column.expression
            at = self._place(expression.node, names) if isinstance(expression, Feel) else None
            if at is not None:
                self.use(at).typed.add(column.item.type)
            elif isinstance(expression, Feel):
                self._where = expression.source.where
                self._node(expression.node, names)
            else:
                self.logic(expression, names)
            inside: _Names = {**names, INPUT: at}
            known = (column.allowed, column.item.allowed, column.item.constraint)
            cells = {id(cell): cell for rule in table.rules for cell in (rule.cells[position],)}
            for cell in (*known, *cells.values()):
                if cell is not None:
                    self.cell(cell, at, inside)
        for rule in table.rules:
            self._all(rule.outputs, names)
        self._all((each.default for each in table.outputs if each.default is not None), names)

    def cell(self, cell: Cell, at: Path | None, names: _Names) -> None:
        """Look through the tests of the value at a place, or of another."""
        self._where = cell.source.where
        for test in cell.tests.tests:
            self._test(test, at, names)

    # --- expressions -------------------------------------------------------------------

    def _place(self, node: ast.Node, names: _Names) -> Path | None:
        match node:
            case ast.Name(name):
                return names.get(name)
            case ast.Path(base, name):
                at = self._place(base, names)
                return None if at is None else (*at, name)
        return None

    def _test(self, test: ast.Test, at: Path | None, names: _Names) -> None:
        match test:
            case ast.UnaryComparison(operator, endpoint):
                self._compared(at, operator, endpoint, names)
            case ast.RangeLiteral(low, high):
                self._compared(at, "<", low, names)
                self._compared(at, "<", high, names)
            case ast.ListLiteral(items):
                for item in items:
                    self._test(item, at, names)
            case _ if at is not None and self._constants(test) is not None:
                self._compared(at, "=", test, names)
            case _:
                self._node(test, names)

    def _node(self, node: ast.Node, names: _Names) -> None:
        match node:
            case ast.Comparison(operator, left, right):
                mine, its = self._place(left, names), self._place(right, names)
                if mine is not None:
                    self._compared(mine, operator, right, names)
                elif its is not None:
                    self._compared(its, operator, left, names)
                else:
                    self._children(node, names)
            case ast.Between(value, low, high):
                at = self._place(value, names)
                for end in (low, high):
                    self._compared(at, "<", end, names)
                if at is None:
                    self._node(value, names)
            case ast.In(value, tests):
                at = self._place(value, names)
                for test in tests:
                    self._test(test, at, names)
                if at is None:
                    self._node(value, names)
            case ast.InstanceOf(value) if (at := self._place(value, names)) is not None:
                self.use(at).typed.add(ANY)
            case ast.Call(ast.Name("list contains"), (base, element)) if (
                at := self._place(base, names)
            ) is not None and self._constants(element) is not None:
                self.use(at)
                self._compared((*at, MEMBER), "=", element, names)
            case ast.Call(ast.Name("count"), (base,)) if (
                at := self._place(base, names)
            ) is not None:
                self.use(at)
            case ast.Call(function, positional, named) if self._called(
                function, [*enumerate(positional), *((a.name, a.value) for a in named)], names
            ):
                pass
            case ast.Quantified(_, iterators, condition):
                inside = dict(names)
                for each in iterators:
                    self._iterator(each, inside)
                self._node(condition, inside)
            case ast.Filter(base, condition):
                at = self._place(base, names)
                if at is None:
                    self._node(base, names)
                self._node(condition, {**names, "item": None if at is None else (*at, MEMBER)})
            case ast.Name() | ast.Path() if (at := self._place(node, names)) is not None:
                self.use(at).otherwise.append(self._where)
            case _:
                self._children(node, names)

    def _called(
        self,
        function: ast.Expression,
        arguments: Sequence[tuple[str | int, ast.Expression | None]],
        names: _Names,
    ) -> bool:
        """Look through the call of a knowledge model; say whether it is one."""
        step = self._requires.get(function.name) if isinstance(function, ast.Name) else None
        if step is None or step.kind != "knowledge" or step.key in self._calling:
            return False
        if not isinstance(step.logic, FunctionOf) or len(arguments) > len(step.logic.parameters):
            return False
        nodes = [(name, node) for name, node in arguments if node is not None]
        if len(nodes) < len(arguments):
            return False
        inside: dict[str, Path | None] = {}
        parameters = [each.name for each in step.logic.parameters]
        for name, node in nodes:
            at = self._place(node, names)
            if at is None:
                self._node(node, names)
            else:
                self.use(at).typed.add(ANY)
                inside[parameters[name] if isinstance(name, int) else name] = at
        call = (step.key, frozenset(inside.items()))
        if call in self._seen:
            return True  # or one that calls another twice, and that another twice, had no end
        self._seen.add(call)
        search = _Search(
            self._found, step, self._requires_of, calling=self._calling, seen=self._seen
        )
        for parameter in step.logic.parameters:
            for cell in (parameter.item.allowed, parameter.item.constraint):
                if cell is not None:
                    search.cell(cell, inside.get(parameter.name), {**inside, INPUT: None})
        search.logic(step.logic.body, inside)
        return True

    def _iterator(self, each: ast.Iterator, inside: dict[str, Path | None]) -> None:
        at = self._place(each.source, inside)
        if at is None or each.until is not None:
            self._children(each, inside)
            inside[each.name] = None
        else:
            self.use(at)
            inside[each.name] = (*at, MEMBER)

    def _children(self, node: ast.Node, names: _Names) -> None:
        hidden: set[str] = set()
        match node:
            case ast.FunctionLiteral(parameters):
                hidden = {each.name for each in parameters}
            case ast.For(iterators):
                hidden = {each.name for each in iterators}
        inside = {name: at for name, at in names.items() if name not in hidden}
        for child in ast.children(node):
            self._node(child, inside)

    def _compared(
        self, at: Path | None, operator: str, node: ast.Expression, names: _Names
    ) -> None:
        """Note that a place is compared with what `node` is, if that is one of some constants."""
        if at is None:
            self._node(node, names)
            return
        use = self.use(at)
        use.typed.add(ANY)
        values = self._constants(node)
        if values is None:
            use.otherwise.append(self._where)
            self._node(node, names)
            return
        for value, each in values:
            if value is None:
                use.null = True
            else:
                use.constants.setdefault((type(value), value), each)
                use.ordered = use.ordered or operator in _ORDERS

    def _constants(self, node: ast.Node) -> list[tuple[Any, ast.Expression]] | None:
        """Return the values that a node may have: one, or what a decision of constants has."""
        known, value = literal(node)
        if known:
            return [(value, node)]  # type: ignore[list-item]
        logic = self._requires[node.name].logic if (
            isinstance(node, ast.Name) and node.name in self._requires
        ) else None  # fmt: skip
        texts: list[Logic] = []
        match logic:
            case Feel():
                texts = [logic]
            case Table(outputs=(column,), aggregation=None) if logic.hit_policy.value in _SINGLE:
                texts = [rule.outputs[0] for rule in logic.rules]
                texts += [] if column.default is None else [column.default]
            case _:
                return None
        found: list[tuple[Any, ast.Expression]] = [(None, ast.NullLiteral())]
        for each in texts:
            known, value = literal(each.node) if isinstance(each, Feel) else (False, None)
            if not known or not isinstance(each, Feel):
                return None
            found.append((value, each.node))
        return found


_SINGLE: Final = frozenset({"UNIQUE", "FIRST", "ANY", "PRIORITY"})
