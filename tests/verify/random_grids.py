"""Small random tables, and every verdict on them by going through all their inputs.

What a cell accepts, `pydmn.unary_tests` says; what follows from that is worked out here, from the
words of the standard (DMN 1.5, 8.2.10 and 8.2.11), over every combination of values. For each
constant that a cell may have there is a value at it, beside it and beyond all of them, so that
no cell can tell a value apart that is not among these.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from itertools import product
from typing import Any

from dmn_text import decision, input_data, model, output, table

import pydmn

POLICIES = (
    "UNIQUE", "UNIQUE", "FIRST", "FIRST", "ANY", "ANY", "PRIORITY", "PRIORITY", "RULE ORDER",
    "OUTPUT ORDER", "COLLECT", "COLLECT+SUM", "COLLECT+MIN", "COLLECT+MAX", "COLLECT+COUNT",
)  # fmt: skip
NAMES = (
    '<itemDefinition name="names" isCollection="true"><typeRef>string</typeRef></itemDefinition>'
)
SINGLE = ("UNIQUE", "FIRST", "ANY", "PRIORITY")


@dataclass(frozen=True)
class Kind:
    """A type of input: its tests by text, the values that stand for all, what may be declared.

    `inside` says which values are declared, by the text of the declaration.
    """

    type_ref: str
    tests: tuple[str, ...]
    values: tuple[Any, ...]
    declared: dict[str, Callable[[Any], bool]] = field(default_factory=dict)


def values(*texts: str) -> tuple[Any, ...]:
    return tuple(pydmn.feel(f'@"{text}"') for text in texts)


D1, D2, D3 = values("2024-01-01", "2024-01-02", "2024-01-03")
KINDS = {
    "number": Kind(
        "number",
        ("0", "1", "2", "< 1", "<= 1", "> 1", ">= 2", "[0..1]", "(0..2)", "[1..2)", "(1..1)",
         "null", "? > 0 and ? < 2", "1.0", "> 5", "[0..0]"),
        tuple(map(Decimal, ("-1", "0", "0.5", "1", "1.5", "2", "3", "5", "6"))),
        {"[0..2]": lambda v: 0 <= v <= 2, "0, 1, 2": lambda v: v in (0, 1, 2),
         "> 0": lambda v: v > 0},
    ),
    "string": Kind(
        "string",
        ('"a"', '"b"', '"c"', '"a", "b"', '> "a"', '<= "b"', '["a".."b"]', "null", '? != "a"',
         '""', '"d"'),
        ("", "A", "a", "ab", "b", "bb", "c", "cc", "d", "e"),
        {'"a", "b", "c"': lambda v: v in ("a", "b", "c"), '"a", "b"': lambda v: v in ("a", "b")},
    ),
    "boolean": Kind("boolean", ("true", "false", "null", "? = true"), (True, False)),
    "date": Kind(
        "date",
        ('@"2024-01-01"', '@"2024-01-02"', '<= @"2024-01-01"', '> @"2024-01-02"',
         '[@"2024-01-01"..@"2024-01-02"]', '>= @"2024-01-03"', "null"),
        values("2023-12-31", "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"),
        {'[@"2024-01-01"..@"2024-01-03"]': lambda v: D1 <= v <= D3},
    ),
    "time": Kind(
        "time",
        ('@"10:00:00"', '< time("12:00:00")', '[@"10:00:00"..@"12:00:00")', '>= @"23:59:59"',
         '> @"00:00:00"', '@"12:00:00"', "null"),
        values("00:00:00", "09:00:00", "10:00:00", "11:00:00", "12:00:00", "13:00:00",
               "23:59:59"),
        {'>= @"10:00:00"': lambda v: v >= values("10:00:00")[0]},
    ),
    "moment": Kind(
        "dateTime",
        ('@"2024-01-01T10:00:00"', '< date and time("2024-01-01T12:00:00")',
         '[@"2024-01-01T10:00:00"..@"2024-01-01T12:00:00"]', '> @"2024-01-01T12:00:00"', "null"),
        values("2024-01-01T09:00:00", "2024-01-01T10:00:00", "2024-01-01T11:00:00",
               "2024-01-01T12:00:00", "2024-01-01T13:00:00"),
    ),
    "duration": Kind(
        "dayTimeDuration",
        ('@"P1D"', '< duration("P1D")', '(@"PT0S"..@"P2D"]', '>= @"P2D"', '@"PT24H", @"P2D"',
         "null"),
        values("-P1D", "PT0S", "PT1H", "P1D", "P1DT1S", "P2D", "P3D"),
        {'@"P1D", @"P2D"': lambda v: v in values("P1D", "P2D")},
    ),
    "months": Kind(
        "yearMonthDuration",
        ('@"P1Y"', '< duration("P12M")', '[@"P0M"..@"P13M"]', '> @"P14M"', "null"),
        values("-P1M", "P0M", "P1M", "P1Y", "P13M", "P14M", "P15M"),
    ),
    "names": Kind(
        "names",
        ('list contains(?, "a")', 'list contains(?, "b")', 'some d in ? satisfies d in ("a", "b")',
         'some d in ? satisfies d = "c"', "null"),
        ((), ("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c"), ("d",),
         ("a", "d")),
    ),
}  # fmt: skip
OPEN = {"number": "? * 2 > 2", "string": 'starts with(?, "a")', "names": "count(?) > 1"}
OUTPUTS = {"string": ('"x"', '"y"', '"z"', "null", '"v"'), "number": ("1", "2", "0", "1.0", "9")}
LISTED = {"string": '"z", "x", "y", "w"', "number": "2, 1, 0, 4"}


@dataclass(frozen=True)
class Column:
    """A column: its input, its kind, what is declared for the input, the cells of the rules.

    A cell is the texts of its tests, and whether they are negated; none for `-`.
    """

    name: str
    kind: str
    declared: str | None
    cells: tuple[tuple[tuple[str, ...], bool], ...]

    @property
    def values(self) -> tuple[Any, ...]:
        """What the input may be, null first."""
        kind = KINDS[self.kind]
        if self.declared is None:
            return (None, *kind.values)
        return (None, *filter(kind.declared[self.declared], kind.values))


def text(cell: tuple[tuple[str, ...], bool]) -> str:
    tests, negated = cell
    if not tests:
        return "-"
    joined = ", ".join(tests)
    return f"not({joined})" if negated else joined


@cache
def value_of(expression: str) -> Any:
    return pydmn.feel(expression)


@cache
def accepts(cell: str, value: Any) -> bool:
    return pydmn.unary_tests(cell, [*value] if isinstance(value, tuple) else value)


@dataclass(frozen=True)
class Drawn:
    """A table as drawn, with all that is true of it."""

    policy: str
    columns: tuple[Column, ...]
    outputs: tuple[str, ...]
    conclusions: tuple[tuple[str, ...], ...]
    default: bool

    @property
    def rules(self) -> range:
        """The numbers of the rules."""
        return range(len(self.conclusions))

    @property
    def opened(self) -> bool:
        """Whether a cell is no set of values."""
        return any(
            test in OPEN.values() for column in self.columns for tests, _ in column.cells
            for test in tests
        )  # fmt: skip

    # --- as a model ----------------------------------------------------------------------

    def load(self) -> pydmn.Model:
        types = [NAMES]
        inputs: dict[str, str] = {}
        for column in self.columns:
            type_ref = KINDS[column.kind].type_ref
            if column.declared is not None:
                allowed = column.declared.replace("<", "&lt;").replace(">", "&gt;")
                types.append(
                    f'<itemDefinition name="t{column.name}"><typeRef>{type_ref}</typeRef>'
                    f"<allowedValues><text>{allowed}</text></allowedValues></itemDefinition>"
                )
                type_ref = f"t{column.name}"
            inputs[column.name] = type_ref
        outputs = tuple(
            output(
                f"o{n}" if len(self.outputs) > 1 else "",
                type_,
                LISTED[type_],
                OUTPUTS[type_][0] if self.default else "",
            )
            for n, type_ in enumerate(self.outputs)
        )
        rows = tuple(
            (*(text(column.cells[rule]) for column in self.columns), *self.conclusions[rule])
            for rule in self.rules
        )
        shape = tuple((column.name, inputs[column.name]) for column in self.columns)
        return pydmn.load(
            model(
                *dict.fromkeys(types),
                *(input_data(*each) for each in inputs.items()),
                decision("D", table(self.policy, shape, outputs, rows), inputs=tuple(inputs)),
            )
        )

    # --- all inputs ----------------------------------------------------------------------

    @cached_property
    def points(self) -> list[tuple[dict[str, Any], frozenset[int]]]:
        """Every combination of values, with the rules that match."""
        named = {column.name: column.values for column in self.columns}
        found = []
        for values in product(*named.values()):
            given = dict(zip(named, values, strict=True))
            matching = frozenset(
                rule
                for rule in self.rules
                if all(accepts(text(each.cells[rule]), given[each.name]) for each in self.columns)
            )
            found.append((given, matching))
        return found

    @cached_property
    def masks(self) -> frozenset[frozenset[int]]:
        """Every set of rules that match together."""
        return frozenset(matching for _, matching in self.points)

    @cached_property
    def rows(self) -> list[tuple[Any, ...]]:
        """What each rule concludes: a value that is not listed is null."""
        found = []
        for texts in self.conclusions:
            row = []
            for type_, each in zip(self.outputs, texts, strict=True):
                value = value_of(each)
                row.append(value if value in value_of(f"[{LISTED[type_]}]") else None)
            found.append(tuple(row))
        return found

    def rank(self, rule: int) -> tuple[int, ...]:
        listed = [value_of(f"[{LISTED[type_]}]") for type_ in self.outputs]
        return tuple(
            order.index(value) if value in order else len(order)
            for order, value in zip(listed, self.rows[rule], strict=True)
        )

    def winner(self, matching: frozenset[int]) -> int:
        if self.policy == "FIRST":
            return min(matching)
        return min(matching, key=lambda rule: (self.rank(rule), rule))

    def answer(self, matching: frozenset[int]) -> Any:
        if not matching:
            if self.default:
                return tuple(value_of(OUTPUTS[type_][0]) for type_ in self.outputs)
            return 0 if self.policy == "COLLECT+COUNT" else None
        rows = [self.rows[rule] for rule in sorted(matching)]
        single = len(self.outputs) == 1
        match self.policy:
            case "UNIQUE":
                return self._alone(rows[0], single=single) if len(rows) == 1 else None
            case "FIRST" | "PRIORITY":
                return self._alone(self.rows[self.winner(matching)], single=single)
            case "ANY":
                same = all(row == rows[0] for row in rows)
                return self._alone(rows[0], single=single) if same else None
            case "OUTPUT ORDER":
                return tuple(self.rows[rule] for rule in sorted(matching, key=self._in_order))
            case "RULE ORDER" | "COLLECT":
                return tuple(rows)
            case "COLLECT+COUNT":
                return len(rows)
        numbers = [row[0] for row in rows]
        return ({"SUM": sum, "MIN": min, "MAX": max}[self.policy.partition("+")[2]](numbers),)

    def _in_order(self, rule: int) -> tuple[tuple[int, ...], int]:
        return self.rank(rule), rule

    @staticmethod
    def _alone(row: tuple[Any, ...], *, single: bool) -> Any:
        return None if single and row[0] is None else row

    # --- what is true --------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether there is an answer where no rule matches."""
        return self.default or self.policy == "COLLECT+COUNT"

    def gap(self, *, null: bool) -> bool:
        return not self.closed and any(
            not matching and (None in given.values()) is null for given, matching in self.points
        )

    @cached_property
    def met(self) -> set[tuple[int, int]]:
        """The pairs of rules that match together."""
        return {(r, s) for mask in self.masks for r in mask for s in mask if r < s}

    @cached_property
    def dead(self) -> set[int]:
        if self.policy == "UNIQUE":
            fires = {min(mask) for mask in self.masks if len(mask) == 1}
        elif self.policy in ("FIRST", "PRIORITY"):
            fires = {self.winner(mask) for mask in self.masks if mask}
        else:
            fires = {rule for mask in self.masks for rule in mask}
        return {*self.rules} - fires

    @cached_property
    def masked(self) -> set[int]:
        if self.policy not in ("FIRST", "PRIORITY"):
            return set()
        return {
            rule
            for mask in self.masks
            for rule in mask
            if self.rows[self.winner(mask)] != self.rows[rule]
        }

    @cached_property
    def redundant(self) -> set[int]:
        if self.policy not in SINGLE and "+" not in self.policy:
            return set()
        return {
            rule
            for rule in {*self.rules} - self.dead
            if all(self.answer(mask) == self.answer(mask - {rule}) for mask in self.masks)
        }

    def merges(self, numbers: list[int]) -> bool:
        """Say whether every answer stays when rules are one, in the place of the first."""
        for mask in self.masks:
            merged = mask - {*numbers} | ({numbers[0]} if mask & {*numbers} else set())
            if self.answer(mask) != self.answer(merged):
                return False
        return True

    def mergeable(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of rules that could be one: they differ in one input, and conclude alike."""
        if self.policy not in SINGLE:
            return
        rules = sorted({*self.rules} - self.dead - self.redundant)
        for r, s in ((r, s) for r in rules for s in rules if r < s):
            if self.rows[r] == self.rows[s] and self.merges([r, s]):
                differ = {
                    name
                    for name, values in {c.name: c.values for c in self.columns}.items()
                    if any(self._takes(r, name, v) != self._takes(s, name, v) for v in values)
                }
                lists = any(c.name in differ and c.kind == "names" for c in self.columns)
                if len(differ) == 1 and not lists:
                    yield r, s

    def _takes(self, rule: int, name: str, value: Any) -> bool:
        return all(
            accepts(text(column.cells[rule]), value)
            for column in self.columns
            if column.name == name
        )

    @cached_property
    def unreachable(self) -> set[tuple[int, Any]]:
        """The values of each output that no answer has, of those listed."""
        if "+" in self.policy:
            return set()
        seen: set[tuple[int, Any]] = set()
        for mask in self.masks:
            answer = self.answer(mask)
            rows = answer if mask and self.policy not in SINGLE else (answer,)
            for row in rows:
                seen.update(enumerate(row or ()))
        return {
            (n, value)
            for n, type_ in enumerate(self.outputs)
            for value in value_of(f"[{LISTED[type_]}]")
            if (n, value) not in seen
        }

    @cached_property
    def outside(self) -> set[tuple[str, str]]:
        """What is named in vain, by column.

        That is a test, or a negation, that accepts a value of the type and none that is declared,
        and a conclusion that is not listed.
        """
        concluded = {
            (f"o{n}" if len(self.outputs) > 1 else "D", row[n])
            for row in self.conclusions
            for n, type_ in enumerate(self.outputs)
            if value_of(row[n]) is not None
            and value_of(row[n]) not in value_of(f"[{LISTED[type_]}]")
        }
        return concluded | {
            (column.name, test)
            for column in self.columns
            if column.declared is not None
            for cell in column.cells
            for test in self._in_vain(column, cell)
        }

    @staticmethod
    def _in_vain(column: Column, cell: tuple[tuple[str, ...], bool]) -> list[str]:
        """Return the tests of a cell that are in vain; the cell, if it is a negation that is."""

        def in_vain(test: str) -> bool:
            return any(accepts(test, value) for value in KINDS[column.kind].values) and not any(
                accepts(test, value) for value in column.values
            )

        tests, negated = cell
        if negated and in_vain(text(cell)):
            return [text(cell)]
        return [test for test in tests if in_vain(test)]

    @cached_property
    def irrelevant(self) -> set[str]:
        names = {column.name for column in self.columns}
        found = set()
        for name in names:
            answers: dict[Any, Any] = {}
            for given, matching in self.points:
                rest = tuple(value for each, value in given.items() if each != name)
                answer = self.answer(matching)
                if answers.setdefault(rest, answer) != answer:
                    break
            else:
                found.add(name)
        return found


def draw(seed: int, *, with_open: bool = False) -> Drawn:
    """Return the table of a seed; `with_open`, it may have cells that are no sets of values."""
    chance = random.Random(seed)
    policy = chance.choice(POLICIES)
    count = chance.randint(1, 6)
    names: dict[str, tuple[str, str | None]] = {}
    columns: list[Column] = []
    for _ in range(chance.randint(1, 3)):
        if names and chance.random() < 0.2:
            name = chance.choice([*names])
        else:
            kind = chance.choice([*KINDS])
            some = [*KINDS[kind].declared]
            declared = chance.choice(some) if some and chance.random() < 0.4 else None
            name = f"i{len(names)}"
            names[name] = (kind, declared)
        kind, declared = names[name]
        cells = tuple(_cell(chance, kind, with_open=with_open) for _ in range(count))
        columns.append(Column(name, kind, declared, cells))
    many = 1 if "+" in policy else chance.choice((1, 1, 2))
    wanted = "number" if "+" in policy else None
    outputs = tuple(wanted or chance.choice([*OUTPUTS]) for _ in range(many))
    few = chance.randint(1, 4 if "+" in policy else 5)  # an aggregate of null is another matter
    conclusions = tuple(
        tuple(chance.choice(OUTPUTS[type_][:few]) for type_ in outputs) for _ in range(count)
    )
    default = policy != "COLLECT+COUNT" and chance.random() < 0.2
    return Drawn(policy, tuple(columns), outputs, conclusions, default)


def _cell(chance: random.Random, kind: str, *, with_open: bool) -> tuple[tuple[str, ...], bool]:
    if chance.random() < 0.3:
        return (), False
    if with_open and kind in OPEN and chance.random() < 0.15:
        return (OPEN[kind],), False
    if kind == "names":
        return (chance.choice(KINDS[kind].tests),), chance.random() < 0.3
    tests = chance.sample(KINDS[kind].tests, chance.choice((1, 1, 1, 2)))
    return tuple(tests), chance.random() < 0.2
