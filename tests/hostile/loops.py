"""Loops and filters without a sensible end."""

from __future__ import annotations

from hostile.case import VALUE, Family, limit

import pydmn

loops = Family("loops")
quantified = Family("quantifiers")
filters = Family("filters")
ranges = Family("ranges")

FAMILIES = (loops, quantified, filters, ranges)

BILLION = "1..1000000000"

loops.edge(
    "turns",
    "items",
    lambda limits, n: pydmn.feel(f"count(for i in 1..{n} return i)", limits=limits),
)
for name, ends, text in (
    ("a billion turns", limit("items"), f"for i in {BILLION} return i"),
    ("a billion turns downward", limit("items"), "for i in 1000000000..1 return i"),
    ("10**30 turns", limit("items"), f"for i in 1..1{'0' * 30} return i"),
    ("a billion nulls", limit("items"), f"for i in {BILLION} return null"),
    ("a billion lists", limit("items"), f"for i in {BILLION} return [i]"),
    ("a billion contexts", limit("items"), f"for i in {BILLION} return {{a: i}}"),
    ("a billion days", limit("items"), 'for d in @"0001-01-01"..@"999999999-12-31" return d'),
    ("a range value", limit("items"), f"for i in [{BILLION}] return i"),
    ("an open range", VALUE, "for i in (> 1) return i"),
    ("nested", limit("items"), "for i in 1..100000, j in 1..100000 return i * j"),
    ("nested, nothing inside", limit("steps"), "for i in 1..100000, j in [] return 1"),
    ("loops in loops", limit("steps"),
     "for i in 1..1000 return for j in 1..1000 return for k in 1..1000 return 1"),
    ("counts of loops", limit("steps"), "for i in 1..1000 return count(for j in 1..1000 return j)"),
    ("200 iterators", limit("steps"),
     "for " + ", ".join(f"i{n} in [1, 2]" for n in range(200)) + " return 1"),
    ("iterators that depend", limit("steps"),
     "for a in 1..1000, b in 1..a, c in 1..b return a + b + c"),
    ("partial kept", limit("steps"), "for i in 1..10000 return partial"),
    ("partial counted", limit("steps"), "for i in 1..10000 return count(partial)"),
    ("partial doubled", limit("steps"), "for i in 1..10000 return [partial, partial]"),
    ("partial as a chain", limit("steps"), "for i in 1..10000 return [partial[-1]]"),
    ("partial of texts", limit("chars"),
     'for i in 1..1000 return if i = 1 then "ab" else partial[-1] + partial[-1]'),
    ("a loop in a source", limit("items"), f"for i in (for j in {BILLION} return j) return i"),
    ("functions made", limit("steps"), "for i in 1..19999 return function(a) a + i + i + i + i"),
):  # fmt: skip
    loops.feel(name, ends, text)

quantified.edge(
    "turns", "steps",
    lambda limits, n: pydmn.feel(f"every i in 1..{n} satisfies true", limits=limits),
)  # fmt: skip
for kind, verdict, compared in (("every", "true", "!="), ("some", "false", "=")):
    for name, source in (
        ("a billion", BILLION),
        ("10**30", f"1..1{'0' * 30}"),
        ("a billion days", '@"0001-01-01"..@"999999999-12-31"'),
        ("a range value", f"[{BILLION}]"),
    ):
        quantified.feel(
            f"{kind}: {name}", limit("steps"), f"{kind} i in {source} satisfies {verdict}"
        )
    quantified.feel(
        f"{kind}: nested", limit("steps"), f"{kind} i in 1..9999, j in 1..9999 satisfies {verdict}"
    )
    quantified.feel(
        f"{kind}: notes",
        limit("steps"),
        f'{kind} i in {BILLION} satisfies [i = "a", i.b] {compared} null',
    )
    quantified.feel(
        f"{kind}: in one another", limit("steps"),
        f"{kind} i in 1..999 satisfies {kind} j in 1..999 satisfies {kind} k in 1..999 satisfies {verdict}",
    )  # fmt: skip

ITEMS = "(for i in 1..10000 return i)"
for name, ends, text in (
    ("of a range", VALUE, f"[{BILLION}][item > 3]"),
    ("of a list", VALUE, f"{ITEMS}[item > 3]"),
    ("of contexts", limit("steps"), "(for i in 1..15000 return {a: i})[a > 3 and a < 9 or a = 7]"),
    ("in one another", limit("steps"), f"{ITEMS}[count({ITEMS}[item > 1]) > 0]"),
    ("of filters", limit("steps"), f"{ITEMS}[item > 1][item > 2][item > 3]"),
    ("with a loop", limit("steps"), f"[1][every i in {BILLION} satisfies true]"),
    ("of null with a loop", limit("steps"), f"null[every i in {BILLION} satisfies true]"),
    ("a huge position", VALUE, f"[1][1{'0' * 6_000}]"),
    ("a tiny position", VALUE, "[1][10 ** -6000]"),
    ("a negative position", VALUE, f"[1][-1{'0' * 6_000}]"),
    ("15,000 last items", limit("steps"), f"for i in 1..15000 return {ITEMS}[-1]"),
):
    filters.feel(name, ends, text)

for name, ends, text in (
    ("in a huge range", VALUE, f"5 in [1..1{'0' * 40}]"),
    ("huge ends", VALUE, "10 ** 6000 in [10 ** 5999..10 ** 6001]"),
    ("count", VALUE, f"count([{BILLION}])"),
    ("sum", VALUE, f"sum([{BILLION}])"),
    ("string", VALUE, f"string([{BILLION}])"),
    ("flatten", VALUE, f"flatten([[{BILLION}]])"),
    ("list contains", VALUE, f"list contains([[{BILLION}]], 1)"),
    ("in a list of ranges", limit("steps"), f"1 in (for i in 1..19999 return [i+1..{'9' * 9}])"),
    ("range of a text", VALUE, f'range("[{BILLION}]")'),
    ("range of a deep text", limit("expression_depth"), f'range("{"(" * 500}")'),
    ("range of many texts", limit("steps"), f'for i in 1..19999 return range("[{BILLION}]")'),
    ("of strings", VALUE, f'for i in ["a".."{"z" * 4_000}"] return i'),
    ("of durations", VALUE, 'for i in [@"P1D"..@"P999999999D"] return i'),
    ("of fractions", VALUE, "for i in [0.1..0.9] return i"),
    ("overlaps", limit("steps"), f"every i in {BILLION} satisfies overlaps([1..i], [i..i+1])"),
):
    ranges.feel(name, ends, text)
