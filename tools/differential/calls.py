"""The productions of the built-in functions and of the parts of temporal values."""

from __future__ import annotations

from collections.abc import Iterator

from grammar import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DAYS,
    LISTED,
    MOMENT,
    MONTHS,
    NUMBER,
    ORDERED,
    RANGED,
    SCALARS,
    STRING,
    TIME,
    Production,
    call,
    list_of,
    range_of,
    variadic,
)


def _conversions() -> Iterator[Production]:
    yield call("date", DATE, ("from", STRING))
    yield call("date", DATE, ("from", MOMENT))
    yield call("date", DATE, ("from", DATE))
    yield call("date", DATE, ("year", NUMBER), ("month", NUMBER), ("day", NUMBER))
    yield Production("date", DATE, (NUMBER,), "date(2020, 2, {0})", fenced=True)
    yield call("date and time", MOMENT, ("date", DATE), ("time", TIME))
    yield call("date and time", MOMENT, ("date", MOMENT), ("time", TIME))
    yield call("date and time", MOMENT, ("from", STRING))
    yield call("time", TIME, ("from", STRING))
    yield call("time", TIME, ("from", MOMENT))
    yield call("time", TIME, ("from", TIME))
    yield Production("time", TIME, (NUMBER,), "time({0}, 30, 15)", fenced=True)
    yield Production("time", TIME, (NUMBER, DAYS), "time(10, {0}, 15.5, {1})", fenced=True)
    yield call("time", TIME, ("hour", NUMBER), ("minute", NUMBER), ("second", NUMBER))
    yield call(
        "time", TIME, ("hour", NUMBER), ("minute", NUMBER), ("second", NUMBER), ("offset", DAYS)
    )
    for marks in ('",", "."', '".", ","', '" ", "."', 'null, "."', 'null, ","'):
        yield Production("number", NUMBER, (STRING,), f"number({{0}}, {marks})", fenced=True)
    yield call("number", NUMBER, ("from", STRING))
    for type_ in (*SCALARS, list_of(NUMBER), list_of(STRING), CONTEXT, range_of(NUMBER)):
        yield call("string", STRING, ("from", type_))
    yield call("duration", DAYS, ("from", STRING))
    for type_ in (DATE, MOMENT):
        yield call("years and months duration", MONTHS, ("from", type_), ("to", type_))
    for bounds in ('"[" + string({0}) + "..100]"', '"(-7.5.." + string({0}) + ")"'):
        yield Production(
            "range builtin", range_of(NUMBER), (NUMBER,), f"range({bounds})", fenced=True
        )


def _strings() -> Iterator[Production]:
    text = ("string", STRING)
    start = ("start position", NUMBER)
    yield call("substring", STRING, text, start)
    yield call("substring", STRING, text, start, ("length", NUMBER))
    yield call("string length", NUMBER, text)
    yield call("upper case", STRING, text)
    yield call("lower case", STRING, text)
    for name in ("substring before", "substring after"):
        yield call(name, STRING, text, ("match", STRING))
    for name in ("contains", "starts with", "ends with"):
        yield call(name, BOOLEAN, text, ("match", STRING))
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
    yield call("string join", STRING, ("list", list_of(STRING)))
    yield call("string join", STRING, ("list", list_of(STRING)), ("delimiter", STRING))


def _list_builtins() -> Iterator[Production]:
    for type_ in LISTED:
        items, item = ("list", list_of(type_)), ("element", type_)
        yield call("list contains", BOOLEAN, items, item)
        yield call("count", NUMBER, items)
        yield call("sublist", list_of(type_), items, ("start position", NUMBER))
        yield call("sublist", list_of(type_), items, ("start position", NUMBER), ("length", NUMBER))
        yield Production(
            "append", list_of(type_), (list_of(type_), type_), "append({0}, {1})", fenced=True
        )
        yield variadic("concatenate", list_of(type_), list_of(type_), 2)
        yield variadic("union", list_of(type_), list_of(type_), 2)
        yield call("insert before", list_of(type_), items, ("position", NUMBER), ("newItem", type_))
        yield call("remove", list_of(type_), items, ("position", NUMBER))
        yield call("reverse", list_of(type_), items)
        yield call("index of", list_of(NUMBER), items, ("match", type_))
        yield call("distinct values", list_of(type_), items)
        yield call("list replace", list_of(type_), items, ("position", NUMBER), ("newItem", type_))
    yield call("flatten", list_of(NUMBER), ("list", list_of(list_of(NUMBER))))
    yield call("count", NUMBER, ("list", list_of(CONTEXT)))
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
        yield call(name, BOOLEAN, ("list", list_of(BOOLEAN)))
        yield variadic(name, BOOLEAN, BOOLEAN, 3)
    for name in ("min", "max"):
        for type_ in (NUMBER, STRING, DATE):
            yield call(name, type_, ("list", list_of(type_)))
        for type_ in ORDERED:
            yield variadic(name, type_, type_, 2)
    for name in ("sum", "mean", "product", "median", "stddev"):
        yield call(name, NUMBER, ("list", numbers))
        yield variadic(name, NUMBER, NUMBER, 3)
    yield call("mode", numbers, ("list", numbers))
    yield variadic("mode", numbers, NUMBER, 4)
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
        yield call(name, NUMBER, n, scale)
        yield Production(name, NUMBER, (NUMBER,), f"{name}({{0}}, 1)", fenced=True)
    yield call("floor", NUMBER, n)
    yield call("ceiling", NUMBER, n)
    for type_ in (NUMBER, DAYS, MONTHS):
        yield call("abs", type_, ("n", type_))
    yield call("modulo", NUMBER, ("dividend", NUMBER), ("divisor", NUMBER))
    for name in ("sqrt", "log", "exp"):
        yield call(name, NUMBER, ("number", NUMBER))
    for name in ("odd", "even"):
        yield call(name, BOOLEAN, ("number", NUMBER))


def _calendar() -> Iterator[Production]:
    for type_ in (DATE, MOMENT):
        yield call("day of year", NUMBER, ("date", type_))
        yield call("day of week", STRING, ("date", type_))
        yield call("month of year", STRING, ("date", type_))
        yield call("week of year", NUMBER, ("date", type_))
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
        yield call("is", BOOLEAN, ("value1", type_), ("value2", type_))


def _range_relations() -> Iterator[Production]:
    for type_ in RANGED:
        range_ = range_of(type_)
        for name in ("before", "after"):
            yield call(name, BOOLEAN, ("point1", type_), ("point2", type_))
            yield call(name, BOOLEAN, ("point", type_), ("range", range_))
            yield call(name, BOOLEAN, ("range", range_), ("point", type_))
            yield call(name, BOOLEAN, ("range1", range_), ("range2", range_))
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
            yield call(name, BOOLEAN, ("range1", range_), ("range2", range_))
        for name in ("finishes", "during", "starts"):
            yield call(name, BOOLEAN, ("point", type_), ("range", range_))
        for name in ("finished by", "includes", "started by"):
            yield call(name, BOOLEAN, ("range", range_), ("point", type_))
        yield call("coincides", BOOLEAN, ("point1", type_), ("point2", type_))


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


def calls() -> Iterator[Production]:
    """Yield the productions, in a fixed order."""
    for family in (
        _conversions,
        _strings,
        _list_builtins,
        _numeric,
        _calendar,
        _range_relations,
        _context_builtins,
    ):
        yield from family()
