"""What can be written: a production for each operator, each built-in and each form of FEEL.

A production gives a type and takes types, so that what is grown from them is well typed. Types
are texts: `number`, `list<number>`, `range<date>`; `context` has the entries `n` (number), `s`
(string) and `d` (date); `any` stands for one of the scalars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

NUMBER: Final = "number"
STRING: Final = "string"
BOOLEAN: Final = "boolean"
DATE: Final = "date"
TIME: Final = "time"
MOMENT: Final = "date and time"
DAYS: Final = "days and time duration"
MONTHS: Final = "years and months duration"
CONTEXT: Final = "context"
ANY: Final = "any"

SCALARS: Final = (NUMBER, STRING, BOOLEAN, DATE, TIME, MOMENT, DAYS, MONTHS)
ORDERED: Final = (NUMBER, STRING, DATE, TIME, MOMENT, DAYS, MONTHS)
LISTED: Final = (NUMBER, STRING, BOOLEAN, DATE)
RANGED: Final = (NUMBER, DATE, MOMENT, DAYS)


def list_of(element: str) -> str:
    """Return the type of lists of `element`."""
    return f"list<{element}>"


def range_of(element: str) -> str:
    """Return the type of ranges of `element`."""
    return f"range<{element}>"


@dataclass(frozen=True, slots=True)
class Production:
    """A form with holes: `{0}` and on for the parts, `{v}` and `{w}` for fresh names.

    `binds` says which names a part may use beside the scope's: by the part's number, the name
    (or `{v}`) and its type. `parameters` are a built-in's, for invocation by name. A `fenced`
    form needs no parentheses around its parts and none around itself; parts of the same
    `group` may go without them, so that precedence is tried too.
    """

    name: str
    gives: str
    takes: tuple[str, ...]
    form: str
    parameters: tuple[str, ...] = ()
    binds: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    fenced: bool = False
    group: str = ""


def _call(name: str, gives: str, *parameters: tuple[str, str]) -> Production:
    """Return a built-in's production; `parameters` are pairs of name and type."""
    holes = ", ".join(f"{{{number}}}" for number in range(len(parameters)))
    return Production(
        name,
        gives,
        tuple(type_ for _, type_ in parameters),
        f"{name}({holes})",
        tuple(parameter for parameter, _ in parameters),
        fenced=True,
    )


def _variadic(name: str, gives: str, element: str, count: int) -> Production:
    holes = ", ".join(f"{{{number}}}" for number in range(count))
    return Production(name, gives, (element,) * count, f"{name}({holes})", fenced=True)


def _infix(operator: str, gives: str, left: str, right: str, group: str = "") -> Production:
    return Production(operator, gives, (left, right), f"{{0}} {operator} {{1}}", group=group)


# --- operators --------------------------------------------------------------------------


def _arithmetic() -> Iterator[Production]:
    for operator in ("+", "-", "*", "/", "**"):
        yield _infix(operator, NUMBER, NUMBER, NUMBER, "arithmetic")
    yield Production("negation", NUMBER, (NUMBER,), "-{0}", group="arithmetic")
    yield _infix("+", STRING, STRING, STRING, "text")
    for duration in (DAYS, MONTHS):
        for operator in ("+", "-"):
            yield _infix(operator, duration, duration, duration)
            yield _infix(operator, DATE, DATE, duration)
            yield _infix(operator, MOMENT, MOMENT, duration)
        yield _infix("+", MOMENT, duration, MOMENT)
        yield _infix("+", DATE, duration, DATE)
        yield _infix("*", duration, duration, NUMBER)
        yield _infix("*", duration, NUMBER, duration)
        yield _infix("/", duration, duration, NUMBER)
        yield _infix("/", NUMBER, duration, duration)
        yield Production("negation", duration, (duration,), "-{0}")
    for operator in ("+", "-"):
        yield _infix(operator, TIME, TIME, DAYS)
    yield _infix("+", TIME, DAYS, TIME)
    for point in (DATE, TIME, MOMENT):
        yield _infix("-", DAYS, point, point)
    yield _infix("-", DAYS, DATE, MOMENT)


def _comparisons() -> Iterator[Production]:
    for type_ in ORDERED:
        for operator in ("<", "<=", ">", ">="):
            yield _infix(operator, BOOLEAN, type_, type_)
        yield Production("between", BOOLEAN, (type_,) * 3, "{0} between {1} and {2}")
    equals = (*SCALARS, list_of(NUMBER), list_of(STRING), CONTEXT, range_of(NUMBER))
    for type_ in equals:
        for operator in ("=", "!="):
            yield _infix(operator, BOOLEAN, type_, type_)
    for operator in ("=", "!="):
        yield _infix(operator, BOOLEAN, ANY, ANY)
    for type_ in RANGED:
        yield Production("in", BOOLEAN, (type_, range_of(type_)), "{0} in {1}")
        for opening, closing in ("[]", "()", "][", "(]", "[)"):
            form = f"{{0}} in {opening}{{1}}..{{2}}{closing}"
            yield Production("in", BOOLEAN, (type_,) * 3, form)
    for type_ in LISTED:
        yield Production("in", BOOLEAN, (type_, list_of(type_)), "{0} in {1}")
        yield Production("in", BOOLEAN, (type_,) * 3, "{0} in ({1}, {2})")
    for type_ in ORDERED:
        for operator in ("<", "<=", ">", ">=", "=", "!="):
            yield Production("in", BOOLEAN, (type_,) * 2, f"{{0}} in {operator} {{1}}")
        yield Production("in", BOOLEAN, (type_,) * 3, "{0} in (> {1}, <= {2})")


def _logic() -> Iterator[Production]:
    for operator in ("and", "or"):
        yield _infix(operator, BOOLEAN, BOOLEAN, BOOLEAN, "logic")
    yield _call("not", BOOLEAN, ("negand", BOOLEAN))
    types = (*SCALARS, list_of(NUMBER), CONTEXT)
    for type_ in types:
        form = "if {0} then {1} else {2}"
        yield Production("if", type_, (BOOLEAN, type_, type_), form)
    for quantifier in ("some", "every"):
        form = f"{quantifier} {{v}} in {{0}} satisfies {{1}}"
        for type_ in LISTED:
            binds = {1: {"{v}": type_}}
            yield Production(quantifier, BOOLEAN, (list_of(type_), BOOLEAN), form, binds=binds)
        pairs = f"{quantifier} {{v}} in {{0}}, {{w}} in {{1}} satisfies {{2}}"
        takes = (list_of(NUMBER), list_of(NUMBER), BOOLEAN)
        yield Production(
            quantifier, BOOLEAN, takes, pairs, binds={2: {"{v}": NUMBER, "{w}": NUMBER}}
        )
    for type_ in (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "list<number>",
        "list<string>",
        "context<n: number>",
        "range<number>",
        "Any",
    ):
        yield Production("instance of", BOOLEAN, (ANY,), f"{{0}} instance of {type_}")
    for taken, given in (
        (list_of(NUMBER), "list<number>"),
        (CONTEXT, "context<n: number>"),
        (CONTEXT, "context<n: string>"),
        (range_of(NUMBER), "range<number>"),
        (list_of(NUMBER), "list<string>"),
        (list_of(NUMBER), "list<Any>"),
    ):
        yield Production("instance of", BOOLEAN, (taken,), f"{{0}} instance of {given}")


# --- lists, contexts, ranges ------------------------------------------------------------


def _loops() -> Iterator[Production]:
    for element in (NUMBER, STRING, DATE):
        for result in (NUMBER, STRING):
            yield Production(
                "for",
                list_of(result),
                (list_of(element), result),
                "for {v} in {0} return {1}",
                binds={1: {"{v}": element}},
            )
    numbers = list_of(NUMBER)
    both = {2: {"{v}": NUMBER, "{w}": NUMBER}}
    yield Production(
        "for",
        numbers,
        (numbers, numbers, NUMBER),
        "for {v} in {0}, {w} in {1} return {2}",
        binds=both,
    )
    yield Production(
        "for", numbers, (NUMBER,), "for {v} in 1..4 return {0}", binds={0: {"{v}": NUMBER}}
    )
    yield Production(
        "for", numbers, (NUMBER,), "for {v} in 3..-1 return {0}", binds={0: {"{v}": NUMBER}}
    )
    yield Production(
        "for",
        numbers,
        (NUMBER,),
        "for {v} in 1..4 return if {v} = 1 then {0} else partial[-1] * 2",
        binds={0: {"{v}": NUMBER}},
    )
    yield Production(
        "for",
        numbers,
        (numbers, NUMBER),
        "for {v} in {0} return count(partial) + {1}",
        binds={1: {"{v}": NUMBER}},
    )
    yield Production("for", list_of(DATE), (), 'for {v} in @"2020-02-27"..@"2020-03-01" return {v}')


def _lists() -> Iterator[Production]:
    for type_ in LISTED:
        yield Production("list", list_of(type_), (type_,), "[{0}]", fenced=True)
        yield Production("list", list_of(type_), (type_,) * 3, "[{0}, {1}, {2}]", fenced=True)
        yield Production("filter", type_, (list_of(type_),), "{0}[1]")
        yield Production("filter", type_, (list_of(type_),), "{0}[-1]")
        yield Production(
            "filter",
            list_of(type_),
            (list_of(type_), BOOLEAN),
            "{0}[{1}]",
            binds={1: {"item": type_}},
        )
    yield Production("filter", NUMBER, (list_of(NUMBER), NUMBER), "{0}[{1}]")
    yield Production(
        "list", list_of(list_of(NUMBER)), (list_of(NUMBER),) * 2, "[{0}, {1}]", fenced=True
    )
    yield Production("list", list_of(CONTEXT), (CONTEXT,) * 2, "[{0}, {1}]", fenced=True)
    yield Production(
        "filter",
        list_of(CONTEXT),
        (list_of(CONTEXT), BOOLEAN),
        "{0}[{1}]",
        binds={1: {"n": NUMBER, "s": STRING, "d": DATE}},
    )
    yield Production("filter", list_of(CONTEXT), (list_of(CONTEXT), NUMBER), "{0}[n > {1}]")
    yield Production("path", list_of(NUMBER), (list_of(CONTEXT),), "{0}.n")
    yield Production("path", list_of(STRING), (list_of(CONTEXT),), "{0}.s")
    yield Production("filter", list_of(NUMBER), (NUMBER, NUMBER), "{0}[item > {1}]")


def _contexts() -> Iterator[Production]:
    yield Production(
        "context", CONTEXT, (NUMBER, STRING, DATE), "{{n: {0}, s: {1}, d: {2}}}", fenced=True
    )
    yield Production(
        "context",
        NUMBER,
        (NUMBER, NUMBER),
        "{{x: {0}, y: x + {1}}}.y",
        binds={1: {"x": NUMBER}},
    )
    for entry, type_ in (("n", NUMBER), ("s", STRING), ("d", DATE)):
        yield Production("path", type_, (CONTEXT,), f"{{0}}.{entry}")


def _ranges() -> Iterator[Production]:
    for type_ in RANGED:
        for opening, closing in ("[]", "()", "][", "[)", "(]"):
            form = f"{opening}{{0}}..{{1}}{closing}"
            yield Production("range", range_of(type_), (type_, type_), form, fenced=True)
        for end in ("start", "end"):
            yield Production(f"range {end}", type_, (range_of(type_),), f"{{0}}.{end}")
            yield Production(
                f"range {end} included", BOOLEAN, (range_of(type_),), f"{{0}}.{end} included"
            )
    for operator in ("<", "<=", ">", ">="):
        yield Production("range", range_of(NUMBER), (NUMBER,), f"({operator} {{0}})", fenced=True)


def _functions() -> Iterator[Production]:
    yield Production(
        "function",
        NUMBER,
        (NUMBER, NUMBER),
        "(function({v}: number) {0})({1})",
        binds={0: {"{v}": NUMBER}},
    )
    yield Production(
        "function",
        STRING,
        (STRING, STRING, STRING),
        "(function({v}, {w}) {0})({1}, {2})",
        binds={0: {"{v}": STRING, "{w}": STRING}},
    )
    yield Production(
        "function",
        NUMBER,
        (NUMBER, NUMBER),
        "{{f: function({v}) {0}, r: f({1})}}.r",
        binds={0: {"{v}": NUMBER}},
    )


# --- built-ins --------------------------------------------------------------------------


def _conversions() -> Iterator[Production]:
    yield _call("date", DATE, ("from", STRING))
    yield _call("date", DATE, ("from", MOMENT))
    yield _call("date", DATE, ("from", DATE))
    yield _call("date", DATE, ("year", NUMBER), ("month", NUMBER), ("day", NUMBER))
    yield Production("date", DATE, (NUMBER,), "date(2020, 2, {0})", fenced=True)
    yield _call("date and time", MOMENT, ("date", DATE), ("time", TIME))
    yield _call("date and time", MOMENT, ("date", MOMENT), ("time", TIME))
    yield _call("date and time", MOMENT, ("from", STRING))
    yield _call("time", TIME, ("from", STRING))
    yield _call("time", TIME, ("from", MOMENT))
    yield _call("time", TIME, ("from", TIME))
    yield Production("time", TIME, (NUMBER,), "time({0}, 30, 15)", fenced=True)
    yield Production("time", TIME, (NUMBER, DAYS), "time(10, {0}, 15.5, {1})", fenced=True)
    yield _call("time", TIME, ("hour", NUMBER), ("minute", NUMBER), ("second", NUMBER))
    yield _call(
        "time", TIME, ("hour", NUMBER), ("minute", NUMBER), ("second", NUMBER), ("offset", DAYS)
    )
    for marks in ('",", "."', '".", ","', '" ", "."', 'null, "."', 'null, ","'):
        yield Production("number", NUMBER, (STRING,), f"number({{0}}, {marks})", fenced=True)
    yield _call("number", NUMBER, ("from", STRING))
    for type_ in (*SCALARS, list_of(NUMBER), list_of(STRING), CONTEXT, range_of(NUMBER)):
        yield _call("string", STRING, ("from", type_))
    yield _call("duration", DAYS, ("from", STRING))
    for type_ in (DATE, MOMENT):
        yield _call("years and months duration", MONTHS, ("from", type_), ("to", type_))
    for bounds in ('"[" + string({0}) + "..100]"', '"(-7.5.." + string({0}) + ")"'):
        yield Production(
            "range builtin", range_of(NUMBER), (NUMBER,), f"range({bounds})", fenced=True
        )


def _strings() -> Iterator[Production]:
    text = ("string", STRING)
    start = ("start position", NUMBER)
    yield _call("substring", STRING, text, start)
    yield _call("substring", STRING, text, start, ("length", NUMBER))
    yield _call("string length", NUMBER, text)
    yield _call("upper case", STRING, text)
    yield _call("lower case", STRING, text)
    for name in ("substring before", "substring after"):
        yield _call(name, STRING, text, ("match", STRING))
    for name in ("contains", "starts with", "ends with"):
        yield _call(name, BOOLEAN, text, ("match", STRING))
    for pattern in ('"[a-c]+"', '"^a"', '"(o+)"', '"\\\\s"', '"."', '"b|B"', '"x*"', '"[^a]"'):
        yield Production("matches", BOOLEAN, (STRING,), f"matches({{0}}, {pattern})", fenced=True)
        yield Production(
            "matches", BOOLEAN, (STRING,), f'matches({{0}}, {pattern}, "i")', fenced=True
        )
        if "*" not in pattern:
            for replacement in ('"-"', '""', '"[$0]"'):
                form = f"replace({{0}}, {pattern}, {replacement})"
                yield Production("replace", STRING, (STRING,), form, fenced=True)
            yield Production(
                "split", list_of(STRING), (STRING,), f"split({{0}}, {pattern})", fenced=True
            )
    yield Production("replace", STRING, (STRING,), 'replace({0}, "(a)(b)", "$2$1")', fenced=True)
    yield Production("replace", STRING, (STRING,), 'replace({0}, "A", "z", "i")', fenced=True)
    yield Production("split", list_of(STRING), (STRING,), 'split({0}, ",")', fenced=True)
    yield _call("string join", STRING, ("list", list_of(STRING)))
    yield _call("string join", STRING, ("list", list_of(STRING)), ("delimiter", STRING))


def _list_builtins() -> Iterator[Production]:
    for type_ in LISTED:
        items, item = ("list", list_of(type_)), ("element", type_)
        yield _call("list contains", BOOLEAN, items, item)
        yield _call("count", NUMBER, items)
        yield _call("sublist", list_of(type_), items, ("start position", NUMBER))
        yield _call(
            "sublist", list_of(type_), items, ("start position", NUMBER), ("length", NUMBER)
        )
        yield Production(
            "append", list_of(type_), (list_of(type_), type_), "append({0}, {1})", fenced=True
        )
        yield _variadic("concatenate", list_of(type_), list_of(type_), 2)
        yield _variadic("union", list_of(type_), list_of(type_), 2)
        yield _call(
            "insert before", list_of(type_), items, ("position", NUMBER), ("newItem", type_)
        )
        yield _call("remove", list_of(type_), items, ("position", NUMBER))
        yield _call("reverse", list_of(type_), items)
        yield _call("index of", list_of(NUMBER), items, ("match", type_))
        yield _call("distinct values", list_of(type_), items)
        yield _call("list replace", list_of(type_), items, ("position", NUMBER), ("newItem", type_))
    yield _call("flatten", list_of(NUMBER), ("list", list_of(list_of(NUMBER))))
    yield _call("count", NUMBER, ("list", list_of(CONTEXT)))
    numbers = list_of(NUMBER)
    yield Production(
        "list replace",
        numbers,
        (numbers, BOOLEAN, NUMBER),
        "list replace({0}, function({v}, {w}) {1}, {2})",
        binds={1: {"{v}": NUMBER, "{w}": NUMBER}},
        fenced=True,
    )
    for name in ("all", "any"):
        yield _call(name, BOOLEAN, ("list", list_of(BOOLEAN)))
        yield _variadic(name, BOOLEAN, BOOLEAN, 3)
    for name in ("min", "max"):
        for type_ in (NUMBER, STRING, DATE):
            yield _call(name, type_, ("list", list_of(type_)))
        for type_ in ORDERED:
            yield _variadic(name, type_, type_, 2)
    for name in ("sum", "mean", "product", "median", "stddev"):
        yield _call(name, NUMBER, ("list", numbers))
        yield _variadic(name, NUMBER, NUMBER, 3)
    yield _call("mode", numbers, ("list", numbers))
    yield _variadic("mode", numbers, NUMBER, 4)
    for operator in ("<", ">"):
        for type_ in (NUMBER, STRING, DATE):
            form = f"sort({{0}}, function({{v}}, {{w}}) {{v}} {operator} {{w}})"
            yield Production("sort", list_of(type_), (list_of(type_),), form, fenced=True)


def _numeric() -> Iterator[Production]:
    n, scale = ("n", NUMBER), ("scale", NUMBER)
    for name in (
        "decimal",
        "floor",
        "ceiling",
        "round up",
        "round down",
        "round half up",
        "round half down",
    ):
        yield _call(name, NUMBER, n, scale)
        yield Production(name, NUMBER, (NUMBER,), f"{name}({{0}}, 1)", fenced=True)
    yield _call("floor", NUMBER, n)
    yield _call("ceiling", NUMBER, n)
    for type_ in (NUMBER, DAYS, MONTHS):
        yield _call("abs", type_, ("n", type_))
    yield _call("modulo", NUMBER, ("dividend", NUMBER), ("divisor", NUMBER))
    for name in ("sqrt", "log", "exp"):
        yield _call(name, NUMBER, ("number", NUMBER))
    for name in ("odd", "even"):
        yield _call(name, BOOLEAN, ("number", NUMBER))


def _calendar() -> Iterator[Production]:
    for type_ in (DATE, MOMENT):
        yield _call("day of year", NUMBER, ("date", type_))
        yield _call("day of week", STRING, ("date", type_))
        yield _call("month of year", STRING, ("date", type_))
        yield _call("week of year", NUMBER, ("date", type_))
        for name in ("year", "month", "day", "weekday"):
            yield Production(f".{name}", NUMBER, (type_,), f"{{0}}.{name}")
    for type_ in (TIME, MOMENT):
        for name in ("hour", "minute", "second"):
            yield Production(f".{name}", NUMBER, (type_,), f"{{0}}.{name}")
        yield Production(".time offset", DAYS, (type_,), "{0}.time offset")
        yield Production(".timezone", STRING, (type_,), "{0}.timezone")
    for name in ("days", "hours", "minutes", "seconds"):
        yield Production(f".{name}", NUMBER, (DAYS,), f"{{0}}.{name}")
    for name in ("years", "months"):
        yield Production(f".{name}", NUMBER, (MONTHS,), f"{{0}}.{name}")
    yield Production("now", BOOLEAN, (DATE,), "date(now()) >= {0}")
    yield Production("today", BOOLEAN, (DATE,), "today() >= {0}")
    for type_ in SCALARS:
        yield _call("is", BOOLEAN, ("value1", type_), ("value2", type_))


def _range_relations() -> Iterator[Production]:
    for type_ in RANGED:
        range_ = range_of(type_)
        for name in ("before", "after"):
            yield _call(name, BOOLEAN, ("point1", type_), ("point2", type_))
            yield _call(name, BOOLEAN, ("point", type_), ("range", range_))
            yield _call(name, BOOLEAN, ("range", range_), ("point", type_))
            yield _call(name, BOOLEAN, ("range1", range_), ("range2", range_))
        for name in (
            "meets",
            "met by",
            "overlaps",
            "overlaps before",
            "overlaps after",
            "finishes",
            "finished by",
            "includes",
            "during",
            "starts",
            "started by",
            "coincides",
        ):
            yield _call(name, BOOLEAN, ("range1", range_), ("range2", range_))
        for name in ("finishes", "during", "starts"):
            yield _call(name, BOOLEAN, ("point", type_), ("range", range_))
        for name in ("finished by", "includes", "started by"):
            yield _call(name, BOOLEAN, ("range", range_), ("point", type_))
        yield _call("coincides", BOOLEAN, ("point1", type_), ("point2", type_))


def _context_builtins() -> Iterator[Production]:
    for entry, type_ in (("n", NUMBER), ("s", STRING)):
        yield Production(
            "get value", type_, (CONTEXT,), f'get value({{0}}, "{entry}")', fenced=True
        )
    yield Production("get entries", list_of(STRING), (CONTEXT,), "get entries({0}).key")
    yield Production(
        "context builtin",
        CONTEXT,
        (NUMBER, STRING, DATE),
        'context([{{key: "n", value: {0}}}, {{key: "s", value: {1}}}, {{key: "d", value: {2}}}])',
        fenced=True,
    )
    yield Production(
        "context put", CONTEXT, (CONTEXT, NUMBER), 'context put({0}, "n", {1})', fenced=True
    )
    yield Production(
        "context put", CONTEXT, (CONTEXT, NUMBER), 'context put({0}, ["n"], {1})', fenced=True
    )
    yield Production(
        "context merge", CONTEXT, (CONTEXT, CONTEXT), "context merge([{0}, {1}])", fenced=True
    )


@cache
def productions() -> tuple[Production, ...]:
    """Return every production, in a fixed order."""
    families = (
        _arithmetic,
        _comparisons,
        _logic,
        _loops,
        _lists,
        _contexts,
        _ranges,
        _functions,
        _conversions,
        _strings,
        _list_builtins,
        _numeric,
        _calendar,
        _range_relations,
        _context_builtins,
    )
    return tuple(production for family in families for production in family())


@cache
def names() -> tuple[str, ...]:
    """Return the names of the productions, each once, in a fixed order."""
    return tuple(dict.fromkeys(each.name for each in productions()))


@cache
def named(name: str) -> tuple[Production, ...]:
    """Return the productions called `name`."""
    return tuple(each for each in productions() if each.name == name)


@cache
def giving(type_: str) -> tuple[Production, ...]:
    """Return the productions that give `type_`."""
    return tuple(each for each in productions() if each.gives == type_)
