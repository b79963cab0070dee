"""Random pairs of graphs over inputs of all types, held against asking both versions many inputs.

The graph is a table, a condition, a knowledge model that is called, and a decision on top of all;
what is compared are sums, differences of dates, functions, entries of dates, lists, and an input
without a type. One input of many is drawn at random, so that an equality claimed wrongly is found
only where a difference is not rare: the texts are made of few constants, and the values are all
those at them and beside them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from dmn_text import decision, input_data, knowledge, literal, model, output, table

import pydmn

TYPES = (
    '<itemDefinition name="names" isCollection="true"><typeRef>string</typeRef></itemDefinition>',
    (
        '<itemDefinition name="part"><itemComponent name="x"><typeRef>number</typeRef>'
        '</itemComponent><itemComponent name="y"><typeRef>string</typeRef></itemComponent>'
        "</itemDefinition>"
    ),
)
INPUTS = {
    "n": "number", "m": "number", "d": "date", "e": "date", "u": "dayTimeDuration", "t": "time",
    "s": "string", "k": "string", "b": "boolean", "L": "names", "P": "part", "w": None,
}  # fmt: skip
DATES = ("2019-12-31", "2020-01-01", "2020-02-29", "2020-03-01", "2020-06-15", "2021-01-01")
STAYS = ("PT0S", "P1D", "P1DT1H", "P2D", "P30D", "P31D")
TIMES = ("00:00:00", "08:00:00", "09:30:00", "12:00:00", "23:59:59")
TEXTS = ("a", "b", "ab", "E11", "", "z")
NUMBERS = ("-1", "0", "0.5", "1", "1.5", "2", "3", "5", "9")


def _values(texts: tuple[str, ...]) -> list[Any]:
    return [None, *(pydmn.feel(f'@"{text}"') for text in texts)]


VALUES: dict[str, list[Any]] = {
    **{name: [None, *map(pydmn.feel, NUMBERS)] for name in ("n", "m")},
    **{name: _values(DATES) for name in ("d", "e")},
    "u": _values(STAYS),
    "t": _values(TIMES),
    **{name: [None, *TEXTS] for name in ("s", "k")},
    "b": [None, True, False],
    "L": [None, [], ["a"], ["b"], ["a", "b"], ["a", "a"], ["c", "c", "c"], ["a", "b", "c"]],
    "P": [{"x": x, "y": y} for x in (None, 0, 2, 5) for y in (None, "a", "b")],
    "w": [None, 0, 2, 3, "a", "b", True, [], [2]],
}
# In place of `%` comes one of some operators, of `1` a number, of `0` a date, and so on.
CONDITIONS = (
    "n % 1", "m % 1", "n % m", "n + m % 1", "n * 2 - 1 % 1", "n - m % 1", "m * n % 1", "n / 2 % m",
    "-n % 1", "floor(n) % 1", "ceiling(n) % 1", "round half up(n, 0) % 1", "modulo(n, 2) % 1",
    "abs(n) % 1", "n between 1 and 3", "n between m and 1", "n in (1, > 1)", "n in [1..3]",
    "min(n, m) % 1", "n ** 2 % 1", "n / m % 1", "d % D", "d % e", "d - e % U", 'd + @"P1M" % D',
    'd - @"P30D" % D', 'd + @"P1Y" % D', "d.year % 2020", "d.month % 2", "d in [D..D]",
    'years and months duration(d, e) % @"P1M"', "years and months duration(d, e).years % 1",
    'years and months duration(@"2020-01-01", d) % @"P1M"', "(d - e).days % 30", "u % U",
    'u in (< @"P1D", @"P2D")', "t % T", 'u + u % @"P2D"', "u.days % 1", "s = S", "s != S",
    "s % k", "s % S", "starts with(s, S)", 'upper case(s) = "A"', "string length(s) % 1",
    'contains(s, "b")', 's + k = "ab"', 'substring(s, 1, 1) = "a"', 's in ("a", S)',
    'matches(s, "^E")', "b", "b = true", "b = null", "n = null", "d = null",
    "s = null and n = null", "not(b)", 'list contains(L, "a")', "count(L) % 1", "L = null",
    'some x in L satisfies x = "b"', 'every x in L satisfies x in ("a", "b")', "P.x % 1",
    'count(L[item = "a"]) > 0', 'some x in L satisfies x > "a"', 'P.y = "a"', "P.x + n % 1",
    "w % 1", 'w = "a"', "w = null", 'w in (1, "a")',
)  # fmt: skip
ANSWERS = (
    '"p"', '"q"', "1", "2", "null", "s", "n", "n + m", "n * 2", 'if b then s else "p"', "d",
    "[n, s]", "{a: n, b: s}", "A", "n / 3",
)  # fmt: skip
USES = ("A", "C", "K(n, s)", "K(n + 1, k)", 'K(v: m, z: "a")', "count(A)", "A[1]", "sum(A)")
TOPS = (
    "if C then X else X", "if Q then Y else X", "{a: Y, b: C}", 'if A = "p" then X else Y',
    "if A > 1 then X else C", "Y", "[C, Y]",
)  # fmt: skip
COLUMNS = (
    ("n", "number", ("< 1", ">= 2", "[0..2)", "-", "null", "not(1)", "1, 3", "> m", "? * 2 > 3")),
    ("m", "number", ("< 2", "> 1", "-", "(0..3]")),
    ("s", "string", ('"a"', '"b", "ab"', "-", 'not("a")', "null", 'starts with(?, "E")')),
    ("b", "boolean", ("true", "false", "-", "null")),
    ("d", "date", ('< @"2020-01-01"', '>= @"2020-03-01"', "-", "null", "> e")),
    ("u", "dayTimeDuration", ('< @"P2D"', '@"P1D"', "-")),
    ("t", "time", ('< @"12:00:00"', "-", '>= @"09:30:00"')),
    ("n + m", "number", ("< 3", "> 1", "-", "3")),
    ("d - e", "dayTimeDuration", ('> @"P0D"', '<= @"P30D"', "-")),
    ("L", "names", ('list contains(?, "a")', 'not(list contains(?, "b"))', "-", "count(?) > 1")),
    ("P.x", "number", ("< 2", "-", "2")),
    ("n > m", "boolean", ("true", "false", "-")),
    ("w", None, ("< 2", '"a"', "-", "null", "not(2)")),
)
POLICIES = (
    "FIRST", "UNIQUE", "ANY", "PRIORITY", "COLLECT", "COLLECT+SUM", "COLLECT+MIN", "COLLECT+MAX",
    "COLLECT+COUNT", "RULE ORDER", "OUTPUT ORDER",
)  # fmt: skip

Rows: TypeAlias = list[list[str]]


def _filled(chance: random.Random, text: str) -> str:
    for mark, some in (
        ("%", ("<", "<=", ">", ">=", "=", "!=")), ("D", DATES), ("U", STAYS), ("T", TIMES),
    ):  # fmt: skip
        while f" {mark}" in text or f"[{mark}" in text or f"..{mark}" in text:
            one = chance.choice(some)
            for before in (" ", "[", ".."):
                if before + mark in text:
                    shown = one if mark == "%" else f'@"{one}"'
                    text = text.replace(before + mark, before + shown, 1)
                    break
    while " S" in text:
        text = text.replace(" S", f' "{chance.choice(TEXTS)}"', 1)
    return text


def condition(chance: random.Random, depth: int = 0) -> str:
    """Return a condition over the inputs."""
    if depth < 2 and chance.random() < 0.25:
        a, b = (condition(chance, depth + 1) for _ in range(2))
        forms = (f"({a}) and ({b})", f"({a}) or ({b})", f"not({a})", f"(if {a} then {b} else b)")
        return chance.choice(forms)
    return _filled(chance, chance.choice(CONDITIONS))


def _top(chance: random.Random) -> str:
    text = chance.choice(TOPS).replace("Y", chance.choice(USES))
    while "X" in text:
        text = text.replace("X", chance.choice(ANSWERS), 1)
    return text.replace("Q", condition(chance))


def _body(chance: random.Random) -> str:
    texts = ('if v > 1 then z else "x"', "v * 2 + 1", "v + 1 > 3", "if z = null then v else null")
    if chance.random() < 0.5:
        return literal(chance.choice(texts))
    cells = ("< 1", "> 2", "-", "[1..3]"), ('"a"', '"E11"', "-"), ('"lo"', '"hi"')
    rows = tuple(tuple(map(chance.choice, cells)) for _ in range(3))
    return table("FIRST", (("v", "number"), ("z", "string")), (output("", "string"),), rows)


class Drawn:
    """A graph as drawn."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.policy = chance.choice(POLICIES)
        self.columns = chance.sample(COLUMNS, chance.randint(1, 3))
        self.numbers = "+" in self.policy or chance.random() < 0.4
        self.rows: Rows = [self.row() for _ in range(chance.randint(1, 5))]
        self.middle, self.body, self.top = condition(chance), _body(chance), _top(chance)

    def row(self) -> list[str]:
        outputs = ["1", "2", "3", "-1.5"] if self.numbers else ['"p"', '"q"', '"r"']
        cells = [self.chance.choice(cells) for _, _, cells in self.columns]
        return [*cells, self.chance.choice(outputs)]

    def change(self) -> None:
        """Change something, or nothing."""
        chance = self.chance
        match chance.choice(("cell", "cell", "row", "middle", "top", "body", "order", "words", "")):
            case "cell":
                row, place = chance.choice(self.rows), chance.randrange(len(self.columns))
                row[place] = chance.choice(self.columns[place][2])
            case "row":
                self.rows[chance.randrange(len(self.rows))] = self.row()
            case "middle":
                self.middle = condition(chance)
            case "top":
                self.top = _top(chance)
            case "body":
                self.body = _body(chance)
            case "order":
                chance.shuffle(self.rows)
            case "words":
                self.middle = f"if {self.middle} then true else ({self.middle})"

    def load(self) -> pydmn.Model:
        """Return the graph as a model."""
        names, listed = tuple(INPUTS), ""
        if self.policy in ("PRIORITY", "OUTPUT ORDER"):
            listed = "3, 2, 1, -1.5" if self.numbers else '"r", "q", "p"'
        outputs = (output("", "number" if self.numbers else "string", listed),)
        columns = tuple((text, type_) for text, type_, _ in self.columns)
        logic = table(self.policy, columns, outputs, tuple(map(tuple, self.rows)))
        above: dict[str, Any] = {"inputs": names, "decisions": ("A", "C"), "knowledge": ("K",)}
        return pydmn.load(
            model(
                *TYPES,
                *(input_data(*each) for each in INPUTS.items()),
                decision("A", logic, inputs=names),
                decision("C", literal(self.middle), inputs=names, decisions=("A",)),
                knowledge("K", (("v", "number"), ("z", "string")), self.body),
                decision("D", literal(self.top), **above),
            )
        )


def pair(seed: int) -> tuple[pydmn.Model, pydmn.Model] | None:
    """Return the two graphs of a seed; None where one is not sound."""
    drawn = Drawn(random.Random(seed))
    old = drawn.load()
    drawn.change()
    models = old, drawn.load()
    sound = not any(each.severity.name == "ERROR" for m in models for each in m.diagnostics)
    return models if sound else None


def points(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield inputs, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield {name: chance.choice(values) for name, values in VALUES.items()}


def wrong(seed: int, count: int = 1_000) -> tuple[bool | None, list[str]]:
    """Return what is said of the pair of a seed, and all that is wrong with it."""
    models = pair(seed)
    if models is None:
        return None, []
    try:
        said = pydmn.diff(*models, "D")
    except pydmn.ModelError:
        return None, []  # only one of them reads some input
    answers = [each.decision("D") for each in models]
    found = []
    for change in said.changes:
        given = pydmn.read_json(pydmn.write_json(change.witness))
        shown = [answer(given) for answer in answers]
        if shown != [change.old, change.new] or _plain(shown[0]) == _plain(shown[1]):
            found.append(f"{seed}: {change} is answered {shown}")
    exact = said.why is None and all(each.region is not None for each in said.changes)
    for given in points(seed, count):
        old, new = (answer(given) for answer in answers)
        differs = _plain(old) != _plain(new)
        if differs and said.equal is not False:
            found.append(f"{seed}: said {said.equal}, but {given}: {old} and {new}")
            break
        held = [_inside(each.region, given) for each in said.changes if each.region is not None]
        if (exact and differs is not any(held)) or (any(held) and not differs):
            found.append(f"{seed}: {given} is answered {old} and {new}, regions: {held}")
            break
    return said.equal, found


def _plain(value: Any) -> str:
    return pydmn.write_json(value)


def _inside(region: Any, given: dict[str, Any]) -> bool:
    return all(pydmn.unary_tests(tests, _at(name, given)) for name, tests in region.items())


def _at(name: str, given: dict[str, Any]) -> Any:
    if name.startswith("P.") and " " not in name:
        return given["P"][name[2:]]
    return given[name] if name in given else pydmn.feel(name, given)
