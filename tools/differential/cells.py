"""Well-typed unary tests, grown at random: what stands in a decision table's cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grammar import BOOLEAN, LISTED, ORDERED, RANGED, SCALARS, list_of, range_of
from trees import Grower, Tree, hole

CELL: Final = "cell"
"""The type of a tree that is unary tests."""

_COMPARISONS: Final = ("<", "<=", ">", ">=", "=", "!=")
_INTERVALS: Final = ("[]", "()", "][", "(]", "[)")
_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "cell value": SCALARS,
    "cell null": SCALARS,
    "cell boolean": SCALARS,
    **{f"cell {operator}": ORDERED for operator in _COMPARISONS},
    "cell interval": ORDERED,
    "cell list value": LISTED,
    "cell range value": RANGED,
}
_OFTEN: Final = {
    "cell value": 4,
    "cell boolean": 5,  # one that says nothing of `?` counts as a value
    "cell interval": 2,
    "cell list value": 2,
    "cell range value": 2,
}
"""How many times as often as the others a test is chosen."""

FORMS: Final = (*_TYPES, "cell -", "cell not", "cell list")
"""What unary tests, and each of the tests in them, can be."""


def types_of(form: str) -> tuple[str, ...]:
    """Return the types of the values that `form` can test."""
    return _TYPES.get(form, SCALARS)


def cell(grower: Grower, type_: str, depth: int = 1, form: str | None = None) -> Tree:
    """Return unary tests of `form`, or of any, for a value of `type_`.

    Expressions in them are up to `depth` deep. A `cell boolean` without `?` is a `cell value`.
    """
    if form == "cell -" or (form is None and grower.chance(3)):
        return Tree("cell -", CELL, "-")
    if form in _TYPES:
        return _test(grower, type_, depth, form)
    fewest = 2 if form == "cell list" else 1
    many = max(fewest, grower.random.choice((1, 1, 1, 2, 3)))
    tests = [_test(grower, type_, depth, _chosen(grower, type_, depth)) for _ in range(many)]
    if form == "cell not" or (form is None and grower.chance(17)):
        return _joined("cell not", "not({})", tests)
    return tests[0] if len(tests) == 1 else _joined("cell list", "{}", tests)


def _chosen(grower: Grower, type_: str, depth: int) -> str:
    forms = [
        form
        for form, types in _TYPES.items()
        if type_ in types and (depth or form != "cell boolean")
        for _ in range(_OFTEN.get(form, 1))
    ]
    return grower.random.choice(forms)


def _test(grower: Grower, type_: str, deepest: int, form: str) -> Tree:
    depth = grower.random.randint(0, deepest)

    def grown(wanted: str) -> Tree:
        return grower.tree(wanted, {}, depth)

    match form:
        case "cell value":
            return _made(form, hole(0), [grown(type_)])
        case "cell null":
            return Tree(form, CELL, "null")
        case "cell interval":
            opening, closing = grower.random.choice(_INTERVALS)
            shape = f"{opening}{hole(0)}..{hole(1)}{closing}"
            return _made(form, shape, [grown(type_), grown(type_)])
        case "cell boolean":
            tested = grower.tree(BOOLEAN, {"?": type_}, max(1, depth))
            # Without the question mark a boolean is a value to be equal to.
            name = form if "?" in tested.bound else "cell value"
            return replace(_made(name, hole(0), [tested]), bound=frozenset())
        case "cell list value":
            return _made(form, hole(0), [grown(list_of(type_))])
        case "cell range value":
            return _made(form, hole(0), [grown(range_of(type_))])
    operator = form.removeprefix("cell ")
    return _made(form, f"{operator} {hole(0)}", [grown(type_)])


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
