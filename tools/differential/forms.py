"""The productions of operators, loops, lists, contexts, ranges and functions."""

from __future__ import annotations

from collections.abc import Iterator

from grammar import (
    ANY,
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
    infix,
    list_of,
    range_of,
)


def _arithmetic() -> Iterator[Production]:
    for operator in ("+", "-", "*", "/", "**"):
        yield infix(operator, NUMBER, NUMBER, NUMBER, "arithmetic")
    yield Production("negation", NUMBER, (NUMBER,), "-{0}", group="arithmetic")
    yield infix("+", STRING, STRING, STRING, "text")
    for duration in (DAYS, MONTHS):
        for operator in ("+", "-"):
            yield infix(operator, duration, duration, duration)
            yield infix(operator, DATE, DATE, duration)
            yield infix(operator, MOMENT, MOMENT, duration)
        yield infix("+", MOMENT, duration, MOMENT)
        yield infix("+", DATE, duration, DATE)
        yield infix("*", duration, duration, NUMBER)
        yield infix("*", duration, NUMBER, duration)
        yield infix("/", duration, duration, NUMBER)
        yield infix("/", NUMBER, duration, duration)
        yield Production("negation", duration, (duration,), "-{0}")
    for operator in ("+", "-"):
        yield infix(operator, TIME, TIME, DAYS)
    yield infix("+", TIME, DAYS, TIME)
    for point in (DATE, TIME, MOMENT):
        yield infix("-", DAYS, point, point)
    yield infix("-", DAYS, DATE, MOMENT)


def _comparisons() -> Iterator[Production]:
    for type_ in ORDERED:
        for operator in ("<", "<=", ">", ">="):
            yield infix(operator, BOOLEAN, type_, type_)
        yield Production("between", BOOLEAN, (type_,) * 3, "{0} between {1} and {2}")
    equals = (*SCALARS, list_of(NUMBER), list_of(STRING), CONTEXT, range_of(NUMBER))
    for type_ in equals:
        for operator in ("=", "!="):
            yield infix(operator, BOOLEAN, type_, type_)
    for operator in ("=", "!="):
        yield infix(operator, BOOLEAN, ANY, ANY)
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
        yield infix(operator, BOOLEAN, BOOLEAN, BOOLEAN, "logic")
    yield call("not", BOOLEAN, ("negand", BOOLEAN))
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


def forms() -> Iterator[Production]:
    """Yield the productions, in a fixed order."""
    for family in (
        _arithmetic,
        _comparisons,
        _logic,
        _loops,
        _lists,
        _contexts,
        _ranges,
        _functions,
    ):
        yield from family()
