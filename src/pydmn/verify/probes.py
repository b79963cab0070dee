"""What decisions ask of one input alone.

Where an expression reads one input and nothing else, decisions see of that input no more than
the expression's value. So the values of the largest such expressions, taken together, are all
that there is to an input, whatever FEEL makes of them: two inputs that give the same are the
same to every decision. An input that is read beside others in the same breath (an output that
is the input, a sum of two inputs) is such an expression itself: then its value is all there is.

A list that is only asked which members it has is known by what its members are asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydmn.feel import ast
from pydmn.feel.types import NUMBER, STRING, ListType
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Feel, Input, Output, Requirement, Rule, Step, Table
from pydmn.tables.cells import INPUT, constants

MEMBER: Final = "member of a list"
"""The key by which a question to a member reads it."""

WHOLE: Final = "whole"
"""What the probe is called that is the input itself."""

_ITEM: Final = "item"


@dataclass(frozen=True, slots=True)
class Question:
    """A question to one member of a list; `idle` is the answer that has no say in any other."""

    step: Step
    idle: bool


@dataclass(frozen=True, slots=True)
class Members:
    """What the members of a list are asked; `ordered` where their order and number count too."""

    questions: tuple[Question, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class Probes:
    """What an input is asked: steps that read it alone, beside inputs that are fixed.

    `members` is None where a list is asked for more than its members, and whether it has any.
    """

    steps: tuple[Step, ...]
    members: Members | None


def probes(
    step: Step,
    readers: Iterable[Step],
    fixed: Collection[str],
) -> Probes:
    """Return what `readers` ask of the input `step`; `fixed` are the keys of what has one value."""
    found = _Search(step, frozenset(fixed))
    for reader in readers:
        found.reader(reader)
    steps = tuple(found.steps.values())
    return Probes(steps, _Within(step).members(steps) if is_plain_list(step) else None)


def is_plain_list(step: Step) -> bool:
    """Say whether an input is a list of strings, of any strings."""
    return step.item.type == ListType(STRING) and not step.item.constrained


_PARTS: Final = (
    ast.Argument, ast.Iterator, ast.ContextEntry, ast.UnaryComparison, ast.RangeLiteral,
    ast.FunctionLiteral, ast.Parameter, ast.UnaryTests,
)  # fmt: skip
"""What is no expression with a value by itself, or one whose values cannot be told apart."""


class _Search:
    """Finds the largest expressions in which an input stands alone."""

    def __init__(self, step: Step, fixed: frozenset[str]) -> None:
        self._step = step
        self._fixed = fixed
        self.steps: dict[object, Step] = {}
        """The steps found, by what they are."""

    def reader(self, reader: Step) -> None:
        """Look through the logic of a step."""
        mine = [each for each in reader.requirements if each.key == self._step.key]
        if not mine:
            return
        inside = _Reader(self, reader, mine[0])
        if len(mine) > 1 or mine[0].package:
            inside.whole()
            return
        match reader.logic:
            case Feel(node):
                inside.node(node, frozenset())
            case Table() as table:
                inside.table(table)
            case _:
                inside.whole()

    def keep_whole(self) -> None:
        """Take the input itself among the probes."""
        step = self._step
        requirement = Requirement(step.key, _ITEM)
        self.steps[WHOLE] = Step(
            f"{step.key}: {WHOLE}", step.name, "decision", step.source,
            logic=Feel(ast.Name(_ITEM), step.source), requirements=(requirement,),
        )  # fmt: skip

    def keep(self, reader: Step, node: ast.Expression) -> None:
        """Take an expression among the probes."""
        self._add(node, reader, Feel(node, reader.source), names_in(node))

    def keep_column(self, reader: Step, column: Input, cells: Collection[Cell]) -> None:
        """Take a column among the probes: which of `cells` accept it."""
        assert isinstance(column.expression, Feel)
        rules = tuple(
            Rule(
                str(number), number, (cell,),
                (Feel(ast.NumberLiteral(Decimal(number)), column.source),), column.source,
            )
            for number, cell in enumerate(cells, 1)
        )  # fmt: skip
        table = Table(HitPolicy.RULE_ORDER, None, (column,), (Output(""),), rules, column.source)
        names = names_in(column.expression.node).union(*(names_in(each.tests) for each in cells))
        asked = (column.expression.node, column.allowed, column.item, *cells)
        self._add(asked, reader, table, names)

    def _add(self, key: object, reader: Step, logic: Feel | Table, names: frozenset[str]) -> None:
        own = [each for each in reader.requirements if each.key == self._step.key]
        fixed = [each for each in reader.requirements if self.is_fixed(each) and each.name in names]
        requirements = (*own, *fixed)
        named = tuple((each.key, each.name) for each in requirements)
        self.steps.setdefault(
            (key, named, id(reader.types)),
            Step(
                f"{self._step.key}: {len(self.steps) + 1}", self._step.name, "decision",
                reader.source, logic=logic, requirements=requirements, types=reader.types,
            ),
        )  # fmt: skip

    def is_fixed(self, requirement: Requirement) -> bool:
        """Say whether a requirement has one value only."""
        return requirement.key in self._fixed and not requirement.package


class _Reader:
    """One step that reads the input, by the name `it`."""

    def __init__(self, search: _Search, reader: Step, mine: Requirement) -> None:
        self._search = search
        self._reader = reader
        self._it = mine.name
        fixed = {each.name for each in reader.requirements if search.is_fixed(each)}
        named = {(each.package or (each.name,))[0] for each in reader.requirements}
        self._others = (named - fixed | {INPUT}) - {self._it}

    def whole(self) -> None:
        """The step reads the input in ways that nobody looks into."""
        self._search.keep_whole()

    def alone(self, names: Collection[str]) -> bool:
        """Say whether what has these names reads the input, and no other that may change."""
        return self._it in names and self._others.isdisjoint(names)

    def table(self, table: Table) -> None:
        """Look through a table."""
        for position, column in enumerate(table.inputs):
            cells = list(dict.fromkeys(rule.cells[position] for rule in table.rules))
            self._column(column, cells)
        texts = [output for rule in table.rules for output in rule.outputs]
        texts += [each.default for each in table.outputs if each.default is not None]
        for text in texts:
            if not isinstance(text, Feel):
                self.whole()
                return
        for node in dict.fromkeys(text.node for text in texts if isinstance(text, Feel)):
            self.node(node, frozenset())

    def _column(self, column: Input, cells: list[Cell]) -> None:
        if not isinstance(column.expression, Feel):
            self.whole()
            return
        asked = [cell for cell in cells if not cell.tests.any]
        expression = column.expression.node
        if not self.alone(names_in(expression)):
            self.node(expression, frozenset())
        else:
            # `?` is the column's own value here.
            others = self._others - {INPUT}
            mine = [cell for cell in asked if others.isdisjoint(names_in(cell.tests))]
            self._search.keep_column(self._reader, column, mine)
            if len(mine) == len(asked):
                return
            self.node(expression, frozenset())
        for cell in asked:
            for test in cell.tests.tests:
                self.node(test, frozenset())

    def node(self, node: ast.Node, local: frozenset[str]) -> None:
        """Look through an expression; `local` are names that it binds further out."""
        names = names_in(node)
        if self._it not in names:
            return
        is_value = not isinstance(node, _PARTS)
        if self._it in local:
            self.whole()
        elif is_value and self.alone(names) and local.isdisjoint(names) and not _makes(node):
            self._search.keep(self._reader, node)  # type: ignore[arg-type]
        elif isinstance(node, ast.Filter):
            # In the condition, entries of the items may go by any name.
            self.node(node.base, local)
            if self._it in names_in(node.condition):
                self.whole()
        else:
            inside = local | frozenset(_bound(node))
            for child in ast.children(node):
                self.node(child, inside)


def _makes(node: ast.Node) -> bool:
    """Say whether an expression may give a function, which has no equal."""
    return any(isinstance(each, ast.FunctionLiteral) for each in ast.walk(node))


def _bound(node: ast.Node) -> Iterator[str]:
    """Yield the names that a node binds for what is inside."""
    match node:
        case ast.For(iterators) | ast.Quantified(_, iterators):
            yield from (each.name for each in iterators)
            yield "partial"
        case ast.FunctionLiteral(parameters):
            yield from (each.name for each in parameters)
        case ast.ContextLiteral(entries):
            yield from (each.key for each in entries)


def names_in(node: ast.Node) -> frozenset[str]:
    """Return the names that an expression mentions, free or bound."""
    return frozenset(each.name for each in ast.walk(node) if isinstance(each, ast.Name))


# --- lists ----------------------------------------------------------------------------


class _Within:
    """Looks into what a list of strings is asked, for what that asks of its members."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._questions: dict[object, Question] = {}
        self._ordered = False

    def members(self, probes_: Iterable[Step]) -> Members | None:
        """Return what all probes together ask of members; None where one asks for more."""
        if not all(self._probe(probe) for probe in probes_):
            return None
        return Members(tuple(self._questions.values()), self._ordered)

    def _probe(self, probe: Step) -> bool:
        self._asking = probe
        it = probe.requirements[0].name
        match probe.logic:
            case Feel(node):
                return self._node(node, it)
            case Table(inputs=(column,), rules=rules):
                assert isinstance(column.expression, Feel)
                cells = [rule.cells[0] for rule in rules]
                expression = column.expression.node
                if expression == ast.Name(it):
                    plain = column.allowed is None and not column.item.constrained
                    return plain and all(self._cell(cell) for cell in cells)
                if self._is_count(expression, it):
                    found = [constants(cell.tests, NUMBER) for cell in cells]
                    return column.allowed is None and all(
                        each is not None and not any(each.values) for each in found
                    )
                return self._node(expression, it)
        return False

    def _cell(self, cell: Cell) -> bool:
        return all(
            self._node(test, INPUT)
            if INPUT in names_in(test)
            else isinstance(test, ast.NullLiteral)
            for test in cell.tests.tests
        )

    @staticmethod
    def _is_count(node: ast.Node, it: str) -> bool:
        return node == ast.Call(ast.Name("count"), (ast.Name(it),))

    def _node(self, node: ast.Node, it: str) -> bool:
        """Say whether an expression asks for members, and whether there are any, alone."""
        list_ = ast.Name(it)
        if it not in names_in(node):
            return True
        match node:
            case ast.Name():
                return False
            case ast.Quantified(kind, (ast.Iterator(name, source, None),), condition) if (
                source == list_
            ):
                return self._ask(condition, name, it, idle=kind == "every")
            case ast.Filter(base, condition) if base == list_:
                # A number as the condition is a place in the list (10.3.2.5).
                self._ordered = True
                return _is_test(condition) and self._ask(condition, _ITEM, it, idle=False)
            case ast.Call(ast.Name("list contains"), (base, ast.StringLiteral() as text)) if (
                base == list_
            ):
                return self._ask(ast.Comparison("=", ast.Name(_ITEM), text), _ITEM, it, idle=False)
            case ast.Comparison(_, count, ast.NumberLiteral(value)) if self._is_count(count, it):
                return value == 0
            case ast.For() | ast.Quantified() | ast.FunctionLiteral() | ast.ContextLiteral():
                return False
            case ast.Filter():
                return False
        return all(self._node(child, it) for child in ast.children(node))

    def _ask(self, condition: ast.Expression, name: str, it: str, *, idle: bool) -> bool:
        names = names_in(condition)
        if names & {it, INPUT} - {name}:
            return False
        asking = self._asking
        beside = tuple(
            each for each in asking.requirements[1:] if each.name in names and each.name != name
        )
        key = (condition, name, idle, tuple((each.key, each.name) for each in beside))
        step = Step(
            f"{MEMBER}: {len(self._questions) + 1}", self._step.name, "decision", asking.source,
            logic=Feel(condition, asking.source),
            requirements=(Requirement(MEMBER, name), *beside), types=asking.types,
        )  # fmt: skip
        self._questions.setdefault((key, id(asking.types)), Question(step, idle))
        return True


def _is_test(node: ast.Expression) -> bool:
    """Say whether an expression is true, false or null, whatever it reads."""
    match node:
        case ast.Comparison() | ast.Between() | ast.In() | ast.InstanceOf() | ast.BooleanLiteral():
            return True
        case ast.Conjunction(operands) | ast.Disjunction(operands):
            return all(map(_is_test, operands))
        case ast.Call(ast.Name("not"), (operand,)):
            return _is_test(operand)
    return False
