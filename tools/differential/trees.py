"""Well-typed expressions, grown by choices that are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Final

from grammar import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DAYS,
    MOMENT,
    MONTHS,
    NUMBER,
    SCALARS,
    STRING,
    TIME,
    Production,
    list_of,
    range_of,
)
from productions import giving, named

VARIABLES: Final[dict[str, str]] = {
    "a": NUMBER,
    "b": NUMBER,
    "Monthly Pay": NUMBER,
    "s": STRING,
    "t": STRING,
    "Last Name": STRING,
    "p": BOOLEAN,
    "q": BOOLEAN,
    "d": DATE,
    "e": DATE,
    "u": TIME,
    "m": MOMENT,
    "o": MOMENT,
    "w": DAYS,
    "x": DAYS,
    "y": MONTHS,
    "z": MONTHS,
    "xs": list_of(NUMBER),
    "ns": list_of(NUMBER),
    "ss": list_of(STRING),
    "ps": list_of(BOOLEAN),
    "ds": list_of(DATE),
    "c": CONTEXT,
    "cs": list_of(CONTEXT),
    "r": range_of(NUMBER),
    "g": range_of(DATE),
}

LITERALS: Final[dict[str, tuple[str, ...]]] = {
    NUMBER: (
        "0",
        "1",
        "2",
        "3",
        "5",
        "7",
        "10",
        "12",
        "-1",
        "-2.5",
        "-7",
        "0.1",
        "0.5",
        "1.5",
        "2.5",
        "3.14159",
        "12.345",
        "100",
        "1000000",
        "0.000001",
        "-0.05",
        "9999999999999999999999999999999999",
        "0.3333333333333333333333333333333333",
    ),
    STRING: (
        '""',
        '"a"',
        '"b"',
        '"abc"',
        '"foobar"',
        '"Hello World"',
        '"aBc"',
        '"éa"',
        '"😀x"',
        '"a,b,c"',
        '"2020-01-31"',
        '"2021-02-29"',
        '"10:30:00"',
        '"2020-01-31T10:30:00"',
        '"PT36H"',
        '"P1Y2M"',
        '"P2DT3H"',
        '"1,000.5"',
        '"1.000,5"',
        '"12"',
        '"-3.50"',
        '" x "',
        '"\\"q\\""',
    ),
    BOOLEAN: ("true", "false"),
    DATE: (
        'date("2020-02-29")',
        'date("2019-12-31")',
        'date("2021-01-01")',
        'date("2016-12-31")',
        'date("1999-03-28")',
        'date("2024-10-27")',
        'date("1970-01-01")',
        '@"2020-01-31"',
        '@"1900-02-28"',
    ),
    TIME: (
        'time("10:00:00")',
        'time("23:59:59")',
        'time("00:00:00")',
        'time("12:30:15.5")',
        'time("10:00:00Z")',
        'time("11:00:00+01:00")',
        '@"10:00:00@Europe/Paris"',
        '@"00:30:00-05:00"',
    ),
    MOMENT: (
        'date and time("2020-02-29T10:00:00")',
        'date and time("2019-12-31T23:59:59")',
        'date and time("2021-01-01T00:00:00Z")',
        '@"2021-01-01T01:00:00+01:00"',
        '@"2024-10-27T02:30:00@Europe/Paris"',
        '@"1999-03-28T12:00:00.125"',
        '@"2020-01-31T00:00:00"',
        '@"2020-07-01T10:00:00@America/New_York"',
    ),
    DAYS: (
        'duration("P1D")',
        'duration("PT1H")',
        'duration("P1DT2H3M4S")',
        '@"-PT30M"',
        'duration("PT0S")',
        'duration("P10D")',
        '@"PT36H"',
        '@"PT0.5S"',
        '@"-P2DT1H"',
    ),
    MONTHS: (
        'duration("P1Y")',
        'duration("P1Y2M")',
        '@"P14M"',
        '@"-P1M"',
        'duration("P0M")',
        '@"P100Y"',
        '@"-P2Y6M"',
    ),
    CONTEXT: (
        '{n: 1, s: "a", d: @"2020-02-29"}',
        '{n: 2.5, s: "foobar", d: @"2021-01-01"}',
        '{n: -7, s: "", d: @"1970-01-01"}',
    ),
    list_of(NUMBER): (
        "[1, 2, 3]",
        "[]",
        "[5]",
        "[3, 1, 2, 3]",
        "[-2.5, 0, 7]",
        "[1.0, 1, 1.00]",
        "[10, 20, 30, 40, 50]",
        "[0.1, 0.2]",
    ),
    list_of(STRING): ('["a", "b", "c"]', "[]", '["foobar"]', '["b", "a", "b"]', '["", "😀"]'),
    list_of(BOOLEAN): ("[true, false]", "[]", "[true]", "[false, false]", "[true, true]"),
    list_of(DATE): ('[@"2020-02-29", @"2019-12-31"]', '[@"1970-01-01"]', "[]"),
    list_of(CONTEXT): (
        '[{n: 1, s: "a", d: @"2020-02-29"}, {n: 2, s: "b", d: @"2021-01-01"}]',
        '[{n: 5, s: "c", d: @"1970-01-01"}]',
    ),
    list_of(list_of(NUMBER)): ("[[1, 2], [3]]", "[[], [1]]", "[[5, 5], [5]]"),
    range_of(NUMBER): ("[1..10]", "(1..10)", "[0..1)", "(-7..5]", "[5..5]"),
    range_of(DATE): ('[@"2020-01-01"..@"2020-12-31"]', '(@"1970-01-01"..@"2020-02-29")'),
    range_of(MOMENT): ('[@"2020-01-01T00:00:00"..@"2020-12-31T00:00:00")',),
    range_of(DAYS): ('[@"PT0S"..@"P10D"]', '(@"PT1H"..@"P1D")'),
}
"""What stands at the leaves, and what variables are given: edges, and nothing exotic."""

SAMPLES: Final[dict[str, str]] = {type_: max(texts, key=len) for type_, texts in LITERALS.items()}
"""A literal of each type, from which an engine learns a variable's type."""

_FRESH: Final = ("i", "j", "k", "l", "h", "v", "ii", "jj")  # two at each depth
_LISTS_WITH_NULL: Final = {
    list_of(NUMBER): "[1, null, 3]",
    list_of(STRING): '["a", null]',
    list_of(BOOLEAN): "[true, null]",
}


@cache
def _inputs(type_: str) -> tuple[str, ...]:
    """Return what an input is chosen from: of a hundred, 8 are null, and 4 lists have a null."""
    texts = LITERALS[type_]
    null = ("null",) * 8
    with_null = (_LISTS_WITH_NULL[type_],) * 4 if type_ in _LISTS_WITH_NULL else ()
    return texts * (100 - len(null) - len(with_null)) + (null + with_null) * len(texts)


def hole(number: int) -> str:
    """Return what stands for a part in a tree's shape."""
    return f"\0{number}\0"


@dataclass(frozen=True, slots=True)
class Tree:
    """An expression with its parts.

    `shape` is the text with a hole for each part, as `filled` takes it; `reads` are the
    variables that it reads; `bound` the names that a loop, a filter or a
    function around it must give, so that it can stand alone only without any.
    """

    production: str
    type: str
    text: str
    shape: str = ""
    parts: tuple[Tree, ...] = ()
    reads: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    group: str = ""
    fenced: bool = True

    def filled(self, texts: Sequence[str]) -> str:
        """Return the text with other texts for the parts."""
        text = self.shape
        for number, each in enumerate(texts):
            text = text.replace(hole(number), each)
        return text

    def inside(self) -> Iterator[Tree]:
        """Yield this tree and all below it, parts first."""
        for part in self.parts:
            yield from part.inside()
        yield self


class Grower:
    """Grows expressions by the choices of `random`; the same choices grow the same ones."""

    def __init__(self, random: Random, depth: int = 3) -> None:
        self.random = random
        self._depth = depth

    def expression(self, name: str) -> Tree:
        """Return an expression whose root is a production called `name`."""
        production = self.random.choice(named(name))
        return self.grow(production, {}, self.random.randint(1, self._depth))

    def row(self, reads: frozenset[str]) -> dict[str, str]:
        """Return a literal for each variable of `reads`; now and then null."""
        return {name: self.literal(VARIABLES[name]) for name in sorted(reads)}

    def literal(self, type_: str) -> str:
        """Return a literal of `type_` to give as an input; now and then null."""
        return self.random.choice(_inputs(type_))

    def chance(self, percent: int) -> bool:
        """Return true in `percent` of a hundred cases; the simplest choice is false."""
        return self.random.randrange(100) >= 100 - percent

    def tree(self, type_: str, scope: Mapping[str, str], depth: int) -> Tree:
        """Return an expression of `type_`; `scope` has the names bound around it."""
        if type_ == ANY:
            type_ = self.random.choice(SCALARS)
        choices = giving(type_)
        if depth > 0 and choices and self.chance(70):
            return self.grow(self.random.choice(choices), scope, depth - 1)
        return self._leaf(type_, scope)

    def _leaf(self, type_: str, scope: Mapping[str, str]) -> Tree:
        local = [name for name, each in scope.items() if each == type_]
        if local and not self.chance(40):
            name = self.random.choice(local)
            return Tree("name", type_, name, bound=frozenset((name,)))
        free = [name for name, each in VARIABLES.items() if each == type_ and name not in scope]
        if free and not self.chance(30):
            name = self.random.choice(free)
            return Tree("name", type_, name, reads=frozenset((name,)))
        text = self.random.choice(LITERALS[type_])
        return Tree("literal", type_, text, fenced=not text.startswith("-"), group="arithmetic")

    def grow(self, production: Production, scope: Mapping[str, str], depth: int) -> Tree:
        """Return an expression whose root is `production`."""
        fresh = dict(zip(("v", "w"), (n for n in _FRESH if n not in scope), strict=False))
        parts: list[Tree] = []
        given: set[str] = set()
        for number, type_ in enumerate(production.takes):
            binds = {
                name.format(**fresh): each
                for name, each in production.binds.get(number, {}).items()
            }
            part = self.tree(type_, {**scope, **binds}, depth)
            parts.append(part)
            given.update(part.bound - binds.keys())
        shape = self._shape(production, fresh)
        tree = Tree(
            production.name,
            production.gives,
            "",
            shape,
            tuple(parts),
            frozenset().union(*(part.reads for part in parts)),
            frozenset(given),
            production.group,
            production.fenced,
        )
        texts = [self._fenced(production, number, part) for number, part in enumerate(parts)]
        return replace(tree, text=tree.filled(texts))

    def _shape(self, production: Production, fresh: Mapping[str, str]) -> str:
        holes = [hole(number) for number in range(len(production.takes))]
        if production.parameters and self.chance(10):
            pairs = zip(production.parameters, holes, strict=True)
            arguments = ", ".join(f"{name}: {each}" for name, each in pairs)
            return f"{production.name}({arguments})"
        return production.form.format(*holes, **fresh)

    def _fenced(self, production: Production, number: int, part: Tree) -> str:
        """Return the part's text, in parentheses where it needs them, and some where not."""
        follows = f"{{{number}}}." in production.form or f"{{{number}}}[" in production.form
        number_dot = follows and part.type == NUMBER
        if (part.fenced and not number_dot) or (production.fenced and not follows):
            return part.text
        alike = part.group == production.group != "" and self.chance(50)
        return part.text if alike else f"({part.text})"
