"""Texts that attack the parser: nesting, chains, length, tokens that are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hostile.case import SYNTAX, VALUE, Family, limit

import pydmn
from pydmn.limits import Limits

nesting = Family("nesting")
chains = Family("chains")
length = Family("long texts")
stray = Family("stray texts")

FAMILIES = (nesting, chains, length, stray)


def evaluated(make: Callable[[int], str]) -> Callable[[Limits, int], Any]:
    return lambda limits, size: pydmn.feel(make(size), limits=limits)


# --- nesting: from just below, just above, far above ------------------------------------

NESTED: dict[str, tuple[str, str, str]] = {
    "parentheses": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "contexts": ("{a: ", "1", "}"),
    "negations": ("-", "1", ""),
    "not": ("not(", "true", ")"),
    "if": ("if true then ", "1", " else 2"),
    "else if": ("if false then 1 else ", "2", ""),
    "for": ("for i in ", "1", " return i"),
    "for in return": ("for i in [1] return ", "1", ""),
    "some": ("some i in [1] satisfies ", "true", ""),
    "every": ("every i in [1] satisfies ", "true", ""),
    "functions": ("function(a) ", "1", ""),
    "calls": ("abs(", "1", ")"),
    "filters": ("[1][", "true", "]"),
    "ranges": ("[1..", "2", "]"),
    "between": ("1 between 0 and ", "2", ""),
    "in": ("1 in (", "1", ")"),
}
for name, (opening, inside, closing) in NESTED.items():
    for levels, ends in (
        (25, VALUE),
        (70, limit("expression_depth")),
        (300, limit("expression_depth")),
    ):
        nesting.feel(f"{levels} {name}", ends, opening * levels + inside + closing * levels)
    unclosed = opening * (9_000 // len(opening))
    nesting.feel(f"{name} without an end", limit("expression_depth"), unclosed)
for name in ("parentheses", "lists", "contexts", "not", "if", "for", "calls", "functions"):
    opening, inside, closing = NESTED[name]
    nesting.edge(
        name,
        "expression_depth",
        # The innermost operand is a level too, and what compares: no answer is that deep.
        evaluated(
            lambda size, o=opening, i=inside, c=closing: (
                "null = " + o * (size - 2) + i + c * (size - 2)
            )
        ),
    )
nesting.feel("types", limit("expression_depth"), f"1 instance of {'list<' * 90}number{'>' * 90}")
nesting.cell("not in a cell", limit("expression_depth"), "not(" * 70 + "1" + ")" * 70, 1)
nesting.cell("brackets in a cell", limit("expression_depth"), "(" * 4_000, 1)

# --- chains ---------------------------------------------------------------------------

CHAINED = ("+", "-", "*", "/", "**", "=", "<")
for operator in CHAINED:
    for links, ends in ((40, VALUE), (70, limit("expression_depth"))):
        chains.feel(f"{links} of {operator}", ends, f" {operator} ".join(["1"] * links))
    text = operator.join(["1"] * 3_000)
    chains.feel(f"3,000 of {operator}", limit("expression_depth"), text)
for name, text, ends in (
    ("1,200 of or", " or ".join(["false"] * 1_200), limit("expression_chars")),
    ("900 of or", " or ".join(["false"] * 900), VALUE),
    ("900 of and", " and ".join(["true"] * 900), VALUE),
    ("4,000 paths", "a" + ".a" * 4_000, limit("expression_depth")),
    ("3,000 filters", "a" + "[1]" * 3_000, limit("expression_depth")),
    ("3,000 calls", "a" + "()" * 3_000, limit("expression_depth")),
    ("500 instance of", "1" + " instance of number" * 500, limit("expression_depth")),
    ("900 between", "1" + " between 0 and 2" * 600, limit("expression_depth")),
    ("2,000 comparisons", "1" + " < 1" * 2_000, limit("expression_depth")),
    ("2,000 in", "1" + " in 1" * 1_900, limit("expression_depth")),
):
    chains.feel(name, ends, text, {"a": 1})

# --- length ---------------------------------------------------------------------------

length.edge("blanks", "expression_chars", evaluated(lambda size: "1".ljust(size)))
length.edge("a string", "expression_chars", evaluated(lambda size: f'"{"a" * (size - 2)}"'))
length.edge("a comment", "expression_chars", evaluated(lambda size: "1//".ljust(size, "/")))
length.edge("a list", "expression_nodes", evaluated(lambda size: f"[{'1,' * (size - 2)}1]"))
for name, text, ends in (
    ("4,500 elements", f"[{'1,' * 4_499}1]", limit("expression_nodes")),
    ("1,000 entries", "{" + ",".join(f"a{n}:1" for n in range(1_000)) + "}", VALUE),
    ("one entry 1,000 times", "{" + ",".join(["a:1"] * 1_000) + "}", VALUE),
    ("1,000 parameters", f"function({','.join(f'a{n}' for n in range(1_000))}) 1", VALUE),
    ("1,000 arguments", f"max({','.join(['1'] * 1_000)})", VALUE),
    ("1,000 named arguments", f"abs({','.join(f'a{n}:1' for n in range(1_000))})", VALUE),
    ("2,000 unknown names", f"[{','.join(f'a{n}' for n in range(1_500))}]", VALUE),
    ("5,000 words", "a " * 4_999 + "a", SYNTAX),
    ("5,000 words in turn", "a b " * 2_499, SYNTAX),
    ("a word of 10,000", "a" * 10_000, VALUE),
    ("2,000 comments", "/**/" * 2_400 + "1", VALUE),
    ("a comment not closed", "/*" * 5_000, SYNTAX),
    ("half-open comments", "/* " * 3_000 + "*/ 1", VALUE),
    ("1,600 escapes", f'"{chr(92)}u0041"' + f' + "{chr(92)}u0041"' * 40, VALUE),
    ("9,000 backslashes", f'"{chr(92) * 9_000}"', VALUE),
    ("9,999 digits", "9" * 9_999, SYNTAX),
    ("9,999 zeros", "0" * 9_999, VALUE),
    ("9,000 decimals", "0." + "1" * 9_000, VALUE),
    ("a huge exponent", "1e999999999", SYNTAX),
    ("an exponent of 9,000 digits", f"1e{'9' * 9_000}", SYNTAX),
    ("a literal of 9,000 digits", f'@"{"1" * 9_000}"', VALUE),
    ("quotes", '"' * 10_000, SYNTAX),
    ("dots", "." * 10_000, SYNTAX),
    ("commas", "," * 10_000, SYNTAX),
    ("stars", "*" * 10_000, SYNTAX),
    ("names and signs", "a'" * 5_000, SYNTAX),
):
    length.feel(name, ends, text)
length.cell("3,000 tests", VALUE, ",".join(["2"] * 3_000), 1)
length.cell("1,420 ranges", limit("expression_nodes"), ",".join(["[1..2]"] * 1_420), 0)
length.cell("2,000 strings", VALUE, ",".join(['"a"'] * 2_000), "b")
length.cell("commas in a cell", SYNTAX, "," * 9_000, 1)

# --- stray ----------------------------------------------------------------------------

for name, text, ends in (
    ("nothing", "", SYNTAX),
    ("blanks", " \t\n" * 1_000, SYNTAX),
    ("a NUL", "\0", SYNTAX),
    ("a NUL in a string", '"\0"', VALUE),
    ("a byte order mark", "\ufeff1", VALUE),
    ("half of a surrogate pair", "\ud800", SYNTAX),
    ("half of a pair in a string", '"\ud800"', SYNTAX),
    ("half of a pair escaped", f'"{chr(92)}ud800"', SYNTAX),
    ("beyond Unicode", f'"{chr(92)}UFFFFFF"', SYNTAX),
    ("right to left", "\u202e1", SYNTAX),
    ("zero width", "\u200b" * 5_000 + "1", VALUE),
    ("fullwidth digits", "\uff11 + \uff12", VALUE),
    ("Arabic digits", "\u0661", VALUE),
    ("superscripts", "2\u00b2", SYNTAX),
    ("combining marks", "e" + "\u0301" * 5_000, VALUE),
    ("a Python expression", "__import__('os').system('id')", SYNTAX),
    ("an attribute", "abs.__globals__", VALUE),
    ("a class", '"a".__class__', VALUE),
    ("a template", "{{ 7 * 7 }}", SYNTAX),
    ("a format", '"{0.__class__}"', VALUE),
    ("a statement", "1; 2", SYNTAX),
    ("SQL", "1' or '1'='1", SYNTAX),
    ("XML", "<a/>", SYNTAX),
    ("unlike brackets", "([{" * 20 + ")]}" * 20, SYNTAX),
    ("closing only", ")" * 9_000, SYNTAX),
    ("an external function", 'function(a) external {java: {class: "java.lang.Runtime", '
     'method signature: "exec(java.lang.String)"}}', VALUE),
):  # fmt: skip
    stray.feel(name, ends, text)
