"""Plain cells are read as the parser reads them: tree, spans and charge."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest
from feel.conformance_models import texts

from pydmn.errors import FeelSyntaxError, LimitExceeded
from pydmn.feel import ast
from pydmn.feel.builtins import NAMES
from pydmn.feel.names import Scope
from pydmn.feel.parser import parse_expression, parse_unary_tests
from pydmn.feel.plain import KnownItems, plain_constant, plain_tests
from pydmn.limits import DEFAULT, Effort, Limits
from pydmn.source import Source, Span

PLAIN = [
    "", " ", "-", " - ", "\n-\t",
    "5", "0", "007", "1.50", " 12 ", "12345678901234567.12345678901234567",
    '"a"', '""', ' "a b" ', '"a", "b"', '"a","b" , "c"', '"a@b"', '"//"', '"/* */"', '"-"',
    '"not("', '"\'"', '"\u00e9\U0001f600"', '"a,b"', '"[1..2]"',
    "< 5", "<=5", "> 5.25", ">=\n5", "= 5", "!=5", " <5 ",
    "[1..5]", "(1..5)", "]1..5[", "[1..5)", "]1..5]", "( 1 .. 5 ]", "[1.5..2.25]", "[5..1]",
    '"a", 5, <6, [7..8]', "1,2,3", "[1..2],[3..4]",
]  # fmt: skip
"""Cells that must be read without the parser; white space is space, tab and line end."""

OTHER = [
    "not(5)", "- 5", "-5", "--", "-,5", "5,", ",5", "5 6", '"a" "b"', '"a', 'a"', '"a\\n"',
    '"a\nb"',
    '"\\u00e9"', '"\ud800"', "5.", ".5", "5e3", "5E3", "1..5", "[1..5", "1..5]", "[1..]", "[..5]",
    "[1...5]", "[1,5]", "[1]", "[]", "(5)", "< -5", "<", "< =5", "==5", "<>5", "< 5 6", '< "a"',
    "null", "true", "x", "? > 5", "5 // five", "/* five */ 5", '@"2020-01-01"', '["a".."b"]',
    "5\xa0", "1" * 18, "1." + "1" * 18, "1" * 40, "5 and 6", "5+6", "[1..5][1]", '"a"[1]', "5(1)",
    "[1..5).start", "5.a", "<5,", "\u0665",
]  # fmt: skip
"""Texts that are left to the parser: those with names, and whatever is rare or wrong."""

PIECES = [
    '"a"', '"b c"', '""', '"\\n"', '"', "5", "1.25", "0", ".5", "1e3", "<", "<=", ">", ">=", "=",
    "!=", "[", "]", "(", ")", "..", ",", ",", " ", "\n", "\xa0", "-", "not", "x", "?", "null",
    "@", ".", "//", "/*", "*/", "and", "{", "}", "'",
]  # fmt: skip
"""What cells are put together from, by chance."""

ZONE_TOKENS = 20
"""What the parser charges for an `@`, which may name a zone."""

KNOWN = KnownItems()
"""The items of all these texts, as those of a table are."""

SCOPE = Scope({"x": ast.Name, "a": ast.Name, "5": ast.Name, "not": ast.Name}, NAMES)


def located(node: ast.Node) -> tuple[str, list[Span]]:
    """Return a tree, its numbers digit by digit, and all its spans."""
    return repr(node), [each.span for each in ast.walk(node)]


def parsed(parse, text: str, limits: Limits = DEFAULT) -> tuple[object, int]:
    """Return what the parser makes of a text, or the kind of its error, and its tokens."""
    effort = Effort(limits)
    try:
        tree = located(parse(Source(text), SCOPE, limits, effort))
    except (FeelSyntaxError, LimitExceeded) as error:
        tree = str(error)
    return tree, limits.model_steps - effort.left - ZONE_TOKENS * text.count("@")


def plainly(read, text: str, limits: Limits = DEFAULT) -> tuple[object, int] | None:
    """Return the tree of the plain reader, and what it charges; None for what it leaves."""
    effort = Effort(limits)
    tree = read(text, effort)
    charged = limits.model_steps - effort.left
    if tree is None:
        assert charged == 0
        return None
    return located(tree), charged


def agree(text: str, limits: Limits = DEFAULT) -> tuple[bool, bool]:
    """Compare both readings; say whether the text is a plain cell, and a plain constant."""
    cell = plainly(plain_tests, text, limits)
    assert plainly(partial(plain_tests, known=KNOWN), text, limits) == cell, text
    assert cell in (None, parsed(parse_unary_tests, text, limits)), text
    constant = plainly(plain_constant, text, limits)
    assert constant in (None, parsed(parse_expression, text, limits)), text
    return cell is not None, constant is not None


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_cell_is_read_as_the_parser_reads_it(text: str) -> None:
    is_cell, is_constant = agree(text)
    assert is_cell
    tests = parse_unary_tests(Source(text), SCOPE).tests
    assert is_constant == (
        len(tests) == 1 and isinstance(tests[0], ast.StringLiteral | ast.NumberLiteral)
    )


@pytest.mark.parametrize("text", OTHER)
def test_any_other_text_is_left_to_the_parser(text: str) -> None:
    assert agree(text) == (False, False)


def test_the_texts_of_the_conformance_kit() -> None:
    found = [agree(each.text) for each in texts(NAMES) if each.cell]
    assert sum(cell for cell, _ in found) > len(found) / 2
    constants = [agree(each.text)[1] for each in texts(NAMES) if not each.cell]
    assert any(constants)


def test_texts_put_together_by_chance() -> None:
    choose = random.Random(106)  # noqa: S311  no secret
    cells = [agree("".join(choose.choices(PIECES, k=choose.randint(1, 9)))) for _ in range(20_000)]
    assert sum(cell for cell, _ in cells) > 500


def test_plain_cells_put_together_by_chance() -> None:
    choose = random.Random(107)  # noqa: S311  no secret
    for _ in range(2_000):
        cell = ",".join(choose.choices([each for each in PLAIN if each.strip(" \n\t-")], k=4))
        assert agree(cell) == (True, False)
    assert len(KNOWN) > 500


def test_an_item_of_lists_is_made_once() -> None:
    known = KnownItems()
    first, second = (
        plain_tests(text, Effort(DEFAULT), known) for text in ('"a", "b", "c"', '"a", "b", "d"')
    )
    assert first is not None
    assert second is not None
    shared = [one is other for one, other in zip(first.tests, second.tests, strict=True)]
    assert shared == [True, True, False]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 6, 10])
@pytest.mark.parametrize(
    "text", ["<5,<6,<7", "[1..5]", "1,2,3,4", '"a"', '"aaaaaaaaaaaaaaaaaa"', "-"]
)
def test_limits_are_the_parsers(text: str, nodes: int, depth: int) -> None:
    limits = replace(DEFAULT, expression_nodes=nodes, expression_depth=depth, expression_chars=10)
    agree(text, limits)


def test_the_charge_is_limited() -> None:
    with pytest.raises(LimitExceeded, match="model_steps"):
        plain_tests('"a", "b"', Effort(replace(DEFAULT, model_steps=3)))
    with pytest.raises(LimitExceeded, match="model_steps"):
        plain_constant("5", Effort(replace(DEFAULT, model_steps=1)))


def test_a_long_text_that_is_not_plain_is_looked_at_once() -> None:
    blanks = " " * 100_000
    for text in (blanks + "x", f"<{blanks}x", f"[1{blanks}..{blanks}x", '"' + "a" * 100_000):
        assert plain_tests(text, Effort(DEFAULT)) is None
