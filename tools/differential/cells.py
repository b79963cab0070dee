"""Well-typed unary tests, grown at random: what stands in a decision table's cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from productions import BOOLEAN, LISTED, ORDERED, RANGED, SCALARS, list_of, range_of
from trees import Grower, Tree, hole

CELL: Final = "cell"
"""The type of a tree that is unary tests."""

_COMPARISONS: Final = ("<", "<=", ">", ">=", "=", "!=")
_INTERVALS: Final = ("[]", "()", "][", "(]", "[)")


def cell(grower: Grower, type_: str, depth: int = 1) -> Tree:
    """Return unary tests for a value of `type_`, with expressions up to `depth` in them."""
    chance = grower.random.random()
    if chance < 0.03:
        return Tree("cell -", CELL, "-")
    tests = [_test(grower, type_, depth) for _ in range(grower.random.choice((1, 1, 1, 2, 3)))]
    if chance < 0.2:
        return _joined("cell not", "not({})", tests)
    return tests[0] if len(tests) == 1 else _joined("cell list", "{}", tests)


def cells(grower: Grower) -> Iterator[tuple[str, Tree]]:
    """Yield types and unary tests for them, without end."""
    while True:
        for type_ in SCALARS:
            yield type_, cell(grower, type_)


def _test(grower: Grower, type_: str, deepest: int) -> Tree:
    forms = ["value", "value", "null"]
    if deepest:
        forms += ["boolean"]
    if type_ in ORDERED:
        forms += ["comparison", "comparison", "interval"]
    if type_ in LISTED:
        forms += ["list"]
    if type_ in RANGED:
        forms += ["range"]
    form = grower.random.choice(forms)
    depth = grower.random.randint(0, deepest)

    def grown(wanted: str) -> Tree:
        return grower.tree(wanted, {}, depth)

    match form:
        case "null":
            return Tree("cell null", CELL, "null")
        case "comparison":
            operator = grower.random.choice(_COMPARISONS)
            return _made(f"cell {operator}", f"{operator} {hole(0)}", [grown(type_)])
        case "interval":
            opening, closing = grower.random.choice(_INTERVALS)
            shape = f"{opening}{hole(0)}..{hole(1)}{closing}"
            return _made("cell interval", shape, [grown(type_), grown(type_)])
        case "boolean":
            tested = grower.tree(BOOLEAN, {"?": type_}, max(1, depth))
            # Without the question mark a boolean is a value to be equal to.
            name = "cell boolean" if "?" in tested.bound else "cell value"
            return replace(_made(name, hole(0), [tested]), bound=frozenset())
        case "list":
            return _made("cell list value", hole(0), [grown(list_of(type_))])
        case "range":
            return _made("cell range value", hole(0), [grown(range_of(type_))])
    return _made("cell value", hole(0), [grown(type_)])


def _made(name: str, shape: str, parts: Sequence[Tree]) -> Tree:
    tree = Tree(
        name, CELL, "", shape, tuple(parts), frozenset().union(*(part.reads for part in parts))
    )
    # A minus at the start of an endpoint is fine; anything looser stands in parentheses.
    texts = [part.text if part.fenced or shape == hole(0) else f"({part.text})" for part in parts]
    return replace(tree, text=tree.filled(texts))


def _joined(name: str, frame: str, tests: Sequence[Tree]) -> Tree:
    shape = frame.format(", ".join(hole(number) for number in range(len(tests))))
    reads = frozenset().union(*(test.reads for test in tests))
    tree = Tree(name, CELL, "", shape, tuple(tests), reads)
    return replace(tree, text=tree.filled([test.text for test in tests]))
