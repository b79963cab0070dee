"""Lists and contexts that double, nest or are handled again and again."""

from __future__ import annotations

from hostile.case import VALUE, Family, limit
from hostile.loops import ITEMS

import pydmn

doubling = Family("doubling lists")
handling = Family("list functions")
contexts = Family("context functions")
sorting = Family("sort")

FAMILIES = (doubling, handling, contexts, sorting)


def steps(first: str, formula: str, count: int, last: str) -> str:
    """Return a context in which `formula` of the step before, `X`, is taken `count` times."""
    lines = [f"a0: {first}"]
    lines += [f"a{n}: " + formula.replace("X", f"a{n - 1}") for n in range(1, count)]
    lines.append("z: " + last.replace("X", f"a{count - 1}"))
    return "{" + ", ".join(lines) + "}.z"


PAIR = "[X, X]"
for name, ends, formula, last in (
    ("handed out", limit("steps"), PAIR, "X"),
    ("as a text", limit("chars"), PAIR, "string(X)"),
    ("flattened", limit("items"), PAIR, "flatten(X)"),
    ("equal", VALUE, PAIR, "X = X"),
    ("a member", limit("steps"), PAIR, "X.a"),
    ("a type", VALUE, PAIR, "X instance of list<list<number>>"),
    ("counted", VALUE, PAIR, "count(X)"),
    ("distinct", limit("steps"), PAIR, "distinct values([X, [X[1], X[1], 1], X])"),
    ("contexts handed out", limit("steps"), "{l: X, r: X}", "X"),
    ("contexts as a text", limit("chars"), "{l: X, r: X}", "string(X)"),
    ("contexts of entries", limit("nested"), "get entries({l: X, r: X})", "X"),
    ("concatenate", limit("items"), "concatenate(X, X)", "X"),
    ("union", limit("steps"), "concatenate(X, union(X, [X]), X)", "X"),
    ("append", VALUE, "append(X, X)", "count(X)"),
    ("append handed out", limit("steps"), "append(X, X)", "X"),
    ("insert before", limit("steps"), "insert before(X, 1, X)", "X"),
    ("list replace", limit("steps"), "list replace([1, 2, X], 1, X)", "X"),
    ("reverse", limit("items"), "concatenate(reverse(X), X)", "X"),
    ("for", limit("items"), "for i in concatenate(X, X) return i", "X"),
    ("filters", limit("steps"), "concatenate(X, X)[item = item]", "X"),
    ("functions", VALUE, "function() [X, X]", "X"),
):
    doubling.feel(name, ends, steps("[1, 2]", formula, 58, last))
doubling.feel("two that are equal", limit("steps"), "{" + ", ".join(
    f"{each}{n}: [{each}{n - 1}, {each}{n - 1}]" if n else f"{each}0: [1]"
    for n in range(57) for each in "ab"
) + ", z: a56 = b56}.z")  # fmt: skip

handling.edge("concatenate", "items", lambda limits, n: pydmn.feel(
    "count(concatenate(xs, [1, 2, 3]))", {"xs": [1] * (n - 3)}, limits=limits
))  # fmt: skip
handling.edge("append", "items", lambda limits, n: pydmn.feel(
    "count(append(xs, 1))", {"xs": [1] * (n - 1)}, limits=limits
))  # fmt: skip
handling.edge("flatten", "items", lambda limits, n: pydmn.feel(
    "count(flatten([xs, [1]]))", {"xs": [1] * (n - 1)}, limits=limits
))  # fmt: skip
for call in (
    "append(xs, i)", "concatenate(xs, [i])", "insert before(xs, 1, i)", "remove(xs, 1)",
    "list replace(xs, 1, i)", "list replace(xs, function(a, b) false, i)", "reverse(xs)",
    "sublist(xs, 1, 9999)", "index of(xs, i)", "list contains(xs, -1)", "distinct values(xs)",
    "union(xs, [i])", "flatten(xs)", "sum(xs)", "mean(xs)", "median(xs)", "mode(xs)", "stddev(xs)",
    "product(xs)", "min(xs)", "max(xs)", "all(xs)", "any(xs)", "xs = ys", "-1 in xs", "xs.a",
    "string(xs)", "xs instance of list<number>", "count(xs[item > i])",
):  # fmt: skip
    handling.add(
        f"again and again: {call}",
        limit("chars" if "string" in call else "steps"),
        lambda limits, text=call: pydmn.feel(
            f"every i in 1..1000000000 satisfies [{text}] != null",
            {"xs": [*range(10_000)], "ys": [*range(10_000)]},
            limits=limits,
        ),
    )
for name, ends, text in (
    ("distinct lists", limit("steps"), "distinct values(for i in 1..15000 return [i])"),
    ("distinct contexts", limit("steps"), "distinct values(for i in 1..15000 return {a: i})"),
    ("distinct dates", limit("steps"),
     'distinct values(for i in @"2000-01-01"..@"2030-01-01" return i)'),
    ("index of lists", VALUE, f"index of({ITEMS}, [1])"),
    ("a huge position", VALUE, f"sublist([1], 1{'0' * 6_000})"),
    ("a huge length", VALUE, f"sublist([1], 1, 1{'0' * 6_000})"),
    ("a negative position", VALUE, f"insert before([1], -1{'0' * 6_000}, 1)"),
):  # fmt: skip
    handling.feel(name, ends, text)

for name, ends, text in (
    ("get entries", limit("steps"), "every i in 1..1000000000 satisfies get entries(c) != null"),
    ("context", limit("steps"), "every i in 1..1000000000 satisfies context(get entries(c)) != null"),
    ("context put", limit("steps"), 'every i in 1..1000000000 satisfies context put(c, "a", i) != null'),
    ("context put far", limit("steps"),
     'every i in 1..1000000000 satisfies context put({a: c}, ["a", "b"], i) != null'),
    ("context merge", limit("steps"), "every i in 1..1000000000 satisfies context merge([c, c]) != null"),
    ("context merge of many", limit("steps"), "context merge(for i in 1..15000 return c)"),
    ("get value", limit("steps"), 'every i in 1..1000000000 satisfies get value(c, "zz") = null'),
    ("keys made", VALUE, "count(get entries(context(for i in 1..5000 return {key: string(i), value: i})))"),
    ("a path of 15,000 keys", VALUE, 'context put({}, for i in 1..9000 return "a", 1)'),
    ("in itself", limit("nested"), steps("{}", 'context put(X, "a", [X, X])', 58, "X")),
    ("merged with itself", VALUE, steps("{k: 1}", "context merge([X, {v: X}])", 58, "count([X])")),
):  # fmt: skip
    contexts.feel(name, ends, text, {"c": {f"k{n}": n for n in range(2_000)}})

for name, ends, precedes in (
    ("ascending", limit("steps"), "function(x, y) x < y"),
    ("never", limit("steps"), "function(x, y) false"),
    ("always", limit("steps"), "function(x, y) true"),
    ("no order", limit("steps"), "function(x, y) modulo(x * 7919 + y, 3) = 1"),
    ("null", VALUE, "function(x, y) null"),
    ("a number", VALUE, "function(x, y) 1"),
    ("a loop", limit("steps"), "function(x, y) every i in 1..1000000000 satisfies true"),
    ("sort again", limit("steps"), "function(x, y) sort(xs, function(a, b) a < b) = null"),
    ("too few parameters", VALUE, "function(x) true"),
    ("too many", VALUE, "function(x, y, z) true"),
    ("a builtin", VALUE, "min"),
):
    sorting.feel(name, ends, f"count(sort(xs, {precedes}))", {"xs": [*range(9_000)]})
