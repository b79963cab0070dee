"""Decision tables to Python statements: from the columns' values to the rules, to the answer."""

from __future__ import annotations

import ast as py
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any, Final

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.expressions import Expressions, refuse_long
from pydmn.backends.to_python.fused.parts import Parts
from pydmn.backends.to_python.fused.tables import (
    UNMADE,
    Chunk,
    TableParts,
    bits,
)  # fmt: skip
from pydmn.backends.to_python.fused.variables import RUN, Value
from pydmn.backends.to_python.fused.writer import NONE, Writer, load
from pydmn.feel import ast
from pydmn.feel.types import ANY, BOOLEAN, NUMBER, STRING, ListType
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Cell, Feel, Input
from pydmn.tables.cells import KINDS, literal
from pydmn.tables.regions import Members, Region

_SINGLE: Final = frozenset({HitPolicy.UNIQUE, HitPolicy.FIRST})
_LISTS: Final = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER})
_KEYS_PER_RULE: Final = 16
"""So many keys a rule may have on average, or a dict of keys grows too large."""
_MANY_RULES: Final = 12
"""From so many rules a dict of keys is faster than masks."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a function knows of the rules hit: an expression, and what makes their ids of it."""

    read: py.expr
    rules: Callable[[Any], tuple[str, ...]]


NO_HIT: Final = Hit(NONE, lambda _: ())


class Lookup:
    """Writes the table of one step.

    Where it is to be `whole`, `hit` says which rules were hit.
    """

    def __init__(
        self,
        code: Writer,
        expressions: Expressions,
        parts: TableParts,
        given: list[Value],
        leave: Callable[[], py.stmt],
        chars: int,
        *,
        whole: bool,
    ) -> None:
        self._code = code
        self._expressions = expressions
        self._parts = parts
        self._given = given
        self._leave = leave
        self._chars = chars
        self._whole = whole
        self.hit = NO_HIT

    def value(self) -> Value:
        """Write the table, and return the variable that holds its answer."""
        parts, table = self._parts, self._parts.table
        concluded = [output for rule in table.rules for output in rule.outputs]
        for output in (*concluded, *(each.default for each in table.outputs)):
            if isinstance(output, Feel):
                refuse_long(output.node)
        columns = [self._column(column) for column in table.inputs]
        if table.hit_policy in _SINGLE:
            keys = self._keys(columns)
            return (
                self._single(self._mask(columns)) if keys is None else self._by_key(columns, keys)
            )
        simple = all(parts.constant) and not parts.checked
        mask = self._mask(columns)
        if simple and table.hit_policy in _LISTS and table.aggregation is None:
            return self._every(mask)
        return self._answered(mask)

    # --- columns -----------------------------------------------------------------------

    def _column(self, column: Input) -> Value:
        """Write a column's expression; the value is of the column's type, or null."""
        expressions = self._expressions
        assert isinstance(column.expression, Feel)
        value = expressions.value(column.expression.node)
        declared = column.item.type
        if declared != ANY:
            value = expressions.as_type(value, declared)
        for cell in (column.allowed, column.item.allowed):
            if cell is not None:
                self._only(value, cell)
        beyond = (column.item.constraint, column.item.element, column.item.entries or None)
        if any(each is not None for each in beyond) and column.item.constrained:
            self._code.add(self._leave())
        return value

    def _only(self, value: Value, cell: Cell) -> None:
        """Leave where `value` is not among the allowed values."""
        code = self._code
        accepted = listed(cell)
        if accepted is None or value.type not in KINDS:
            code.add(self._leave())
            return
        names = code.constant(frozenset({None, *accepted}), "allowed")
        outside = writer.compared(value.read, py.NotIn(), names)
        code.when(outside, lambda: code.add(self._leave()))

    def _given_tuple(self) -> py.expr:
        exact: list[py.expr] = [self._expressions.exact(each).read for each in self._given]
        return py.Tuple(exact, py.Load())

    # --- by key ------------------------------------------------------------------------

    def _keys(self, columns: list[Value]) -> dict[Any, int] | None:
        """Return the rule (from 1) of each tuple of values; 0 where UNIQUE is violated.

        None where a cell is no list of constants, or there are too few rules, or too many keys.
        """
        table = self._parts.table
        if len(table.rules) < _MANY_RULES or not columns:
            return None
        if any(column.type not in (STRING, NUMBER, BOOLEAN) for column in columns):
            return None
        classes = {STRING: str, NUMBER: Decimal, BOOLEAN: bool}
        known: dict[str, tuple[Any, ...] | None] = {}
        keys: dict[Any, int] = {}
        room = len(table.rules) * _KEYS_PER_RULE
        unique = table.hit_policy is HitPolicy.UNIQUE
        for number, rule in enumerate(table.rules, 1):
            lists = []
            for cell, column in zip(rule.cells, columns, strict=True):
                text = cell.source.text
                if text not in known:
                    values = listed(cell)
                    class_ = classes[column.type]  # type: ignore[index]
                    if values is not None and any(type(each) is not class_ for each in values):
                        values = None
                    known[text] = values
                values = known[text]
                if values is None:
                    return None
                lists.append(values)
            for key in lists[0] if len(lists) == 1 else product(*lists):
                there = keys.setdefault(key, number)
                if there != number and unique:
                    keys[key] = 0
            if len(keys) > room:
                return None
        return keys

    def _by_key(self, columns: list[Value], keys: dict[Any, int]) -> Value:
        code = self._code
        key: py.expr = (
            columns[0].read
            if len(columns) == 1
            else py.Tuple([column.read for column in columns], py.Load())
        )
        number = code.let("rule", writer.method(code.constant(keys, "rules"), "get", key))
        answer = code.fresh("answer")
        self.hit = Hit(load(number), self._parts.rule_hit)
        if self._whole:  # which rules violate UNIQUE, the closures say
            violated = writer.compared(load(number), py.Eq(), py.Constant(0))
            code.when(violated, lambda: code.add(self._leave()))

        def nothing() -> None:
            for column in columns:
                if column.type == STRING:
                    self._not_too_long(column)
            code.set(answer, self._default())

        found = writer.is_not(load(number), NONE)
        code.when(found, lambda: self._rule(answer, number), nothing)
        return self._answer(answer)

    def _not_too_long(self, value: Value) -> None:
        code = self._code
        length = writer.call(code.constant(len, "len"), value.read)
        long = writer.compared(length, py.Gt(), py.Constant(self._chars))
        tests = [writer.is_not(value.read, NONE), long] if value.nullable else [long]
        code.when(writer.every(*tests), lambda: code.add(self._leave()))

    # --- by mask -----------------------------------------------------------------------

    def _mask(self, columns: list[Value]) -> str:
        """Write the mask of the rules that match."""
        code, parts = self._code, self._parts
        masks: list[py.expr] = []
        opened: dict[int, int] = {}
        everything = (1 << len(parts.table.rules)) - 1
        for position, column in enumerate(columns):
            region = self._region(position, column)
            if region is None:
                opened[position] = self._tested(position)
                continue
            if region.open:
                opened[position] = _union(region.open)
            if isinstance(region, Members):
                masks.append(self._members(region, column))
            elif (
                not (region.other == region.null == everything and not region.points) or region.cuts
            ):
                masks.append(self._part(region, column))
        mask = code.constant(everything)
        for number, each in enumerate(masks):
            mask = each if number == 0 else writer.joined(py.BitAnd(), mask, each)
        name = code.let("rules", mask)
        for position, column in enumerate(columns):
            for number in bits(opened.get(position, 0)):
                if self._ask(name, number, position, column):
                    opened[position] ^= 1 << number
        if any(opened.values()):
            self._expressions.needs_run = True
            for position, asked_rules in opened.items():
                for number in bits(asked_rules):
                    for test in parts.table.rules[number].cells[position].tests.tests:
                        refuse_long(test)
            asked = code.constant(parts.asked(opened), "asked")
            tested = py.Tuple([self._expressions.exact(each).read for each in columns], py.Load())
            open_mask = code.constant(_union(opened.values()))
            arguments = (load(RUN), load(name), tested, self._given_tuple())
            code.when(
                writer.joined(py.BitAnd(), load(name), open_mask),
                lambda: code.set(name, writer.call(asked, *arguments)),
            )
        self.hit = Hit(load(name), self._parts.rules_hit)
        return name

    def _ask(self, mask: str, number: int, position: int, column: Value) -> bool:
        """Write the test of one cell that is a condition on `?`; say whether it is one."""
        tests = self._parts.table.rules[number].cells[position].tests
        if tests.negated or len(tests.tests) != 1:
            return False
        inside = self._expressions.inside(column)
        if not inside.is_condition(tests.tests[0]):
            return False
        code = self._code
        bit = code.constant(1 << number)

        def test() -> None:
            holds = inside.value(tests.tests[0])
            flipped = writer.joined(py.BitXor(), load(mask), bit)
            code.when(writer.is_not(holds.read, writer.TRUE), lambda: code.set(mask, flipped))

        code.when(writer.joined(py.BitAnd(), load(mask), bit), test)
        self._expressions.needs_run |= inside.needs_run
        return True

    def _region(self, position: int, column: Value) -> Region | Members | None:
        type_ = column.type
        if type_ == ListType(STRING) or type_ in KINDS:
            return self._parts.column(position, type_)
        return None

    def _tested(self, position: int) -> int:
        """Return the rules that ask anything of a column."""
        rules = enumerate(self._parts.table.rules)
        return sum(1 << number for number, rule in rules if not rule.cells[position].tests.any)

    def _part(self, region: Region, column: Value) -> py.expr:
        parts = Parts(self._code, region, lambda mask: mask)
        if region.cuts or column.type != STRING:
            return load(self._code.let("rules", parts.found(column)))
        name = self._code.let("rules", parts.named(column))

        def unnamed() -> None:
            self._not_too_long(column)
            self._code.set(name, self._code.constant(region.other))

        self._code.when(writer.is_(load(name), NONE), unnamed)
        return load(name)

    def _members(self, region: Members, column: Value) -> py.expr:
        code = self._code
        name = code.fresh("rules")
        member = code.fresh("member")

        def members() -> None:
            code.set(name, code.constant(region.base))
            lacks = code.let("without", py.Constant(0)) if region.lacks else None
            with code.inside([]) as body:
                for target, of, table in (
                    (name, region.has, "has"),
                    (lacks, region.lacks, "lacks"),
                ):
                    if of and target is not None:
                        found = writer.method(
                            code.constant(of, table), "get", load(member), py.Constant(0)
                        )
                        code.set(target, writer.joined(py.BitOr(), load(target), found))
            if body:
                code.add(py.For(py.Name(member, py.Store()), column.read, body, [], None))
            if lacks is not None:
                left = writer.joined(py.BitAnd(), load(name), py.UnaryOp(py.Invert(), load(lacks)))
                code.set(name, left)

        if column.nullable:
            code.when(
                writer.is_(column.read, NONE),
                lambda: code.set(name, code.constant(region.null)),
                members,
            )
        else:
            members()
        return load(name)

    # --- answers -----------------------------------------------------------------------

    def _default(self) -> py.expr:
        """Return the answer when no rule matches."""
        table, code = self._parts.table, self._code
        if all(column.default is None for column in table.outputs) and not self._parts.checked:
            return NONE
        self._expressions.needs_run = True
        answered = code.constant(self._parts.answered, "answered")
        return writer.call(answered, load(RUN), py.Constant(0), self._given_tuple())

    def _rule(self, answer: str, number: str) -> None:
        """Write the answer of one rule, counted from 1; 0 is null."""
        code, parts = self._code, self._parts
        code.set(answer, writer.item(code.constant(parts.answers, "answers"), load(number)))
        unmade = writer.is_(load(answer), code.constant(UNMADE, "unmade"))
        made = code.constant(parts.made, "made")
        if all(parts.constant):
            code.when(unmade, lambda: code.set(answer, writer.call(made, load(number))))
            return
        self._expressions.needs_run = True

        def worked_out() -> None:
            arguments = (load(number), load(RUN), self._given_tuple())
            code.set(answer, writer.call(made, *arguments))

        code.when(unmade, worked_out)

    def _single(self, mask: str) -> Value:
        code = self._code
        answer = code.fresh("answer")

        def lowest() -> None:
            low = writer.joined(py.BitAnd(), load(mask), py.UnaryOp(py.USub(), load(mask)))
            number = code.let("rule", writer.method(low, "bit_length"))
            self._rule(answer, number)

        def one() -> None:
            less = writer.joined(py.Sub(), load(mask), py.Constant(1))
            several = writer.joined(py.BitAnd(), load(mask), less)
            code.when(several, lambda: code.set(answer, NONE), lowest)

        matched = one if self._parts.table.hit_policy is HitPolicy.UNIQUE else lowest
        default = self._default()
        if default is NONE and matched is lowest:
            lowest()  # of no rule the number is 0, the answer null
        else:
            code.when(load(mask), matched, lambda: code.set(answer, default))
        return self._answer(answer)

    def _every(self, mask: str) -> Value:
        """A list of what the rules conclude, eight rules at a time."""
        code, parts = self._code, self._parts
        answer = code.fresh("answer")
        rules = len(parts.table.rules)
        chunks = tuple(Chunk(parts, first) for first in range(0, rules, 8))

        def matched() -> None:
            code.set(answer, py.List([], py.Load()))
            octets = writer.method(
                load(mask), "to_bytes", py.Constant(len(chunks)), py.Constant("little")
            )
            chunk, octet = code.fresh("chunk"), code.fresh("octet")
            pairs = writer.call(code.constant(zip, "zip"), code.constant(chunks, "chunks"), octets)
            target = py.Tuple([py.Name(chunk, py.Store()), py.Name(octet, py.Store())], py.Store())
            more = py.AugAssign(
                py.Name(answer, py.Store()), py.Add(), writer.item(load(chunk), load(octet))
            )
            body: list[py.stmt] = [py.If(load(octet), [more], [])]
            code.add(py.For(target, pairs, body, [], None))

        code.when(load(mask), matched, lambda: code.set(answer, self._default()))
        return self._answer(answer)

    def _answered(self, mask: str) -> Value:
        code, parts = self._code, self._parts
        self._expressions.needs_run = True
        arguments = (load(RUN), load(mask), self._given_tuple())
        if not self._whole:
            answered = code.constant(parts.answered, "answered")
            return self._answer(code.let("answer", writer.call(answered, *arguments)))
        explained = code.constant(parts.explained, "explained")
        both = code.let("explained", writer.call(explained, *arguments))
        self.hit = Hit(writer.item(load(both), py.Constant(1)), tuple)
        return self._answer(code.let("answer", writer.item(load(both), py.Constant(0))))

    def _answer(self, name: str) -> Value:
        return Value(name, self._parts.type)


def listed(cell: Cell) -> tuple[Any, ...] | None:
    """Return the values of a cell that lists constants and accepts nothing else."""
    if cell.tests.any or cell.tests.negated:
        return None
    found = []
    for test in cell.tests.tests:
        known, value = literal(test)
        if not known or isinstance(test, ast.NullLiteral):
            return None
        found.append(value)
    return tuple(dict.fromkeys(found))


def _union(masks: Any) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
