"""Texts that grow, and patterns that make matchers slow."""

from __future__ import annotations

from hostile.case import VALUE, Family, limit
from hostile.lists import steps

import pydmn

growth = Family("growing texts")
searches = Family("string functions")
patterns = Family("regular expressions")

FAMILIES = (growth, searches, patterns)

growth.edge("concatenation", "chars", lambda limits, n: pydmn.feel(
    'string length(s + "a")', {"s": "a" * (n - 1)}, limits=limits
))  # fmt: skip
growth.edge("string join", "chars", lambda limits, n: pydmn.feel(
    'string length(string join([s, "a"], "-"))', {"s": "a" * (n - 2)}, limits=limits
))  # fmt: skip
growth.edge("replace", "chars", lambda limits, n: pydmn.feel(
    'string length(replace(s, "b", "aaa"))', {"s": "a" * (n - 3) + "b"}, limits=limits
))  # fmt: skip
for name, ends, formula in (
    ("X + X", "chars", "X + X"),
    ("string join", "chars", 'string join([X, X], "-")'),
    ("string join of nothing", "chars", "string join([X, X], X)"),
    ("replace", "steps", 'replace(X, "a", "aa$0")'),
    ("replace with groups", "steps", 'replace(X, "(a)", "$1$1$1")'),
    ("upper case", "steps", "upper case(X) + lower case(X)"),
    ("for", "chars", "string join(for i in [X, X] return i)"),
):
    growth.feel(name, limit(ends), steps('"aa"', formula, 50, "X"))
growth.feel("string of string", VALUE, steps('"\\""', "string([X])", 14, "string length(X)"))
growth.feel("string of itself", limit("chars"), steps('"\\""', "string([X])", 50, "X"))
growth.feel("by a product", limit("chars"),
            'string join(for i in 1..15000 return "aaaaaaaaaa")')  # fmt: skip
growth.feel("kept", limit("steps"), "for i in 1..15000 return s + s", {"s": "a" * 10_000})
growth.feel("huge numbers as texts", limit("steps"), "for i in 1..15000 return string(10 ** 6000)")
growth.feel("special casing", limit("steps"), "for i in 1..15000 return upper case(s)",
            {"s": "\u0390" * 10_000})  # fmt: skip

LONG = {"s": "a" * 20_000, "m": "a" * 9_000 + "b", "h": "ab" * 10_000}
for call in (
    "contains(s, m)", "contains(h, m)", "starts with(s, m)", "ends with(s, m)",
    "substring before(s, m)", "substring after(s, m)", "substring(s, 2)", "substring(s, 1, 10000)",
    "string length(s)", "upper case(s)", "lower case(s)", 'split(s, "a")', 'split(s, "b")',
    'replace(s, "a", "b")', 'matches(s, "b")', "s = m", "s < m", "s + m", "string(s)",
    'number(s, ",", ".")', "date(s)", "time(s)", "date and time(s)", "duration(s)", "range(s)",
    "s in [m..s]", "[s] = [m]", "distinct values([s, m])", "string join([s, m])", "min(s, m)",
):  # fmt: skip
    searches.add(
        f"again and again: {call}",
        limit("steps"),
        lambda limits, text=call: pydmn.feel(
            f"every i in 1..1000000000 satisfies [{text}] != null", LONG, limits=limits
        ),
    )

SUBJECT = {"s": "a" * 2_000 + "!", "x": "x" * 2_000}
for pattern, ends in (
    ("(a+)+$", VALUE),
    ("(a|a)*$", VALUE),
    ("(a|aa)+$", VALUE),
    ("(.*)*$", VALUE),
    ("(.*a){20}$", VALUE),
    ("((a*)*)*$", VALUE),
    ("(x+x+)+y", VALUE),
    ("a{1,1000}$", VALUE),
    ("(a{1,100}){1,100}$", VALUE),
    ("((a{1,30}){1,30}){1,30}$", VALUE),
    ("a{1001}", VALUE),
    ("a{999999999}", VALUE),
    ("(a+)\\1+$", limit("steps")),
    ("(a*)*\\1$", limit("steps")),
    ("(.*)\\1\\1\\1$", limit("steps")),
    ("(a?){30}\\1!", limit("steps")),
    ("(a|b|ab)*\\1x", limit("steps")),
    ("\\1(a)", VALUE),
    ("(?=a)", VALUE),
    ("(?<!a)b", VALUE),
    ("[a-z&&[^b]]", VALUE),
    ("[\\w-[a-z]]+", VALUE),
    ("[" + "\\p{L}-[" * 40 + "a" + "]" * 41, limit("steps")),
    ("\\p{IsNoSuchBlock}", VALUE),
    ("[" + "\\w\\W\\d\\D\\s\\S" * 300 + "]", limit("steps")),
    ("(" * 500 + "a" + ")" * 500, VALUE),
    ("(" * 5_000, VALUE),
    ("[" * 5_000, VALUE),
    ("a|" * 1_500, VALUE),
    ("(a|b)" * 1_500, limit("steps")),
    ("a?" * 2_500 + "a" * 2_500, limit("steps")),
    ("\\", VALUE),
    ("*", VALUE),
    ("\\p{L}" * 900, limit("steps")),
    ("\ud800", VALUE),
    ("\0", VALUE),
):
    shown = pattern if len(pattern) <= 24 else f"{pattern[:24]}... of {len(pattern)}"
    patterns.add(
        shown.encode("ascii", "backslashreplace").decode(),
        ends,
        lambda limits, text=pattern: pydmn.feel(
            "matches(s, p)", SUBJECT | {"p": text}, limits=limits
        ),
    )
for name, ends, text in (
    ("an empty match", VALUE, 'replace(s, "a*", "b")'),
    ("split at nothing", VALUE, 'split(s, "")'),
    ("a group that is none", VALUE, 'replace(s, "a", "$99999")'),
    ("a flag that is none", VALUE, f'matches(s, "a", "{"i" * 9_000}z")'),
    ("flags", VALUE, f'matches(s, "a", "{"i" * 9_000}")'),
    ("many patterns", limit("steps"),
     'every i in 1..1000000000 satisfies matches("a", string(i) + "(a+)+") or true'),
    ("many classes", limit("steps"),
     'every i in 1..1000000000 satisfies matches("a", "[\\w-[" + string(i) + "]]") or true'),
    ("many back-references", limit("steps"),
     'every i in 1..1000000000 satisfies matches(s, "(a+)" + string(i) + "\\1") or true'),
):  # fmt: skip
    patterns.feel(name, ends, text, SUBJECT)
