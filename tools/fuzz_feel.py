"""Fuzz the lexer and the parser of FEEL with atheris.

    make fuzz                            an hour; `make fuzz SECONDS=60` a minute
    python tools/fuzz_feel.py FOLDER     all arguments are libFuzzer's; findings stay in FOLDER

What must hold for any text, and is a crash where it does not:

- the tokens lie in order, inside the text, and end with `END`;
- parsing returns a tree, or raises `FeelSyntaxError` with one diagnostic whose span lies in
  the text, or `LimitExceeded`;
- a tree printed and parsed again is the same tree;
- an expression is also a cell of a decision table, with the same tree as its one test, or the
  negation of tests where it begins with `not`; only `not()` is none, as it negates nothing.

The first byte of an input says what is read and with which names; the rest is the text, or
the numbers of words in a table of FEEL's words, so that whole phrases are met early.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import atheris

with atheris.instrument_imports(include=["pydmn.feel"]):
    from pydmn.errors import FeelSyntaxError, LimitExceeded
    from pydmn.feel.ast import Node
    from pydmn.feel.lexer import KEYWORDS, NAME_SYMBOLS, Kind, tokens
    from pydmn.feel.names import Scope
    from pydmn.feel.parser import parse_expression, parse_type, parse_unary_tests
    from pydmn.feel.printer import to_text
    from pydmn.feel.types import ANY, NUMBER, ContextType, ListType
    from pydmn.limits import Limits
    from pydmn.source import Source

WORDS = (
    *sorted(KEYWORDS | NAME_SYMBOLS),
    "(", ")", "[", "]", "{", "}", "<", ">", "<=", ">=", "=", "!=", "**", "..", "->", ",", ":", "@",
    "?", "//", "/*", "*/", "\n", "\\", '"', '"a"', '"\\u0041"', '"\\uD83D\\uDC0E"', '"\\d"',
    '@"P1D"', '@"2024-02-30"', "0", "1", "1.50", ".5", "1e3", "9e6144", "1E-6176",
    "a", "b", "a b", "a-b", "a.b", "x", "partial", "item", "date", "time", "date and time",
    "years and months duration", "list", "range", "context", "function<", "number", "string",
    "not(", "for x in", "some a in", "string length", "start included", "external",
    "java", "é", "🐎", "ns.t Type", "\u00a0", "\ufeff", "\u3000",
)  # fmt: skip

SCOPES = (
    Scope(),
    Scope(
        {
            "a": NUMBER,
            "a-b": NUMBER,
            "a b": ContextType((("x", ANY), ("x y", NUMBER))),
            "b and c": ANY,
            "xs": ListType(ContextType((("a", NUMBER), ("a+b", ANY)))),
            "for all": ANY,
        },
        builtins=frozenset({"date", "date and time", "string length", "not", "abs"}),
        members=frozenset({"c.d", "x y", "in it"}),
        types={"t Type": NUMBER, "ns.t Type": ANY},
    ),
)
READERS = (parse_expression, parse_unary_tests, parse_type, parse_expression)
AS_CELL = 3
LIMITS = Limits.untrusted()
# Printing may write a longer text than it was read from: brackets, digits of `1e39`.
GENEROUS = Limits()
SEEDS = (
    'if a > 1 then "x" else null',
    "for x in xs, y in 1..3 return x.a + partial[-1]",
    "some x in xs satisfies x.a between 1 and 2",
    'not("a", "b"), null',
    "< 5, [1..2], ]a..b[",
    "xs[a > 1 and item instance of context<a: list<number>>].a",
    '{a b: 1, "c": function(p: number, q) external {java: {class: "x"}}}',
    "function<number, string> -> range<date and time>",
    '@"2024-02-29T00:00:00@Europe/Paris" in (< a, (b..c])',
)


def text_of(data: bytes) -> str:
    """Return the text that an input stands for; bytes that are no UTF-8 become half a pair."""
    if data[0] & 8:
        return " ".join(WORDS[number % len(WORDS)] for number in data[1:])
    return data[1:].decode("utf-8", "surrogateescape")


def check(data: bytes) -> None:
    """Raise where a promise is broken on the text of `data`."""
    if not data:
        return
    text = text_of(data)
    check_tokens(text)
    read, scope = READERS[data[0] & 3], SCOPES[data[0] >> 2 & 1]
    try:
        tree = read(Source(text), scope, LIMITS)
    except LimitExceeded:
        return
    except FeelSyntaxError as error:
        (diagnostic,) = error.diagnostics
        span = diagnostic.span
        if span is None or not 0 <= span.start <= span.end <= len(text):
            raise AssertionError(f"{span} is not inside {text!r}") from error
        return
    if data[0] & 3 == AS_CELL:
        check_cell(text, tree, scope)
    printed = to_text(tree, scope)
    if read(Source(printed), scope, GENEROUS) != tree:
        raise AssertionError(f"{text!r} is printed as {printed!r}, which is another tree")


def check_cell(text: str, tree: Node, scope: Scope) -> None:
    """Raise where the expression `text` is not the same in a cell."""
    if [token.text for token in tokens(text)[:3]] == ["not", "(", ")"]:
        return
    cell = parse_unary_tests(Source(text), scope, GENEROUS)
    if not cell.negated and cell.tests != (tree,):
        raise AssertionError(f"{text!r} is another tree in a cell")


def check_tokens(text: str) -> None:
    """Raise where the tokens of `text` are not its parts, in order."""
    end = 0
    *found, last = tokens(text)
    for token in found:
        if not end <= token.start < token.end or text[token.start : token.end] != token.text:
            raise AssertionError(f"{token} does not stand in {text!r}")
        end = token.end
    if last != (Kind.END, "", len(text), len(text)):
        raise AssertionError(f"{text!r} ends with {last}")


def write_seeds(folder: Path) -> None:
    """Write the seeds, and the literal expressions of the conformance kit where it is there."""
    texts = set(SEEDS)
    kit = Path(os.environ.get("DMN_TCK", Path(__file__).parents[2] / "shared" / "tck"))
    for path in sorted(kit.rglob("*.dmn")):
        model = ElementTree.parse(path)  # noqa: S314 - the kit's own file
        texts.update(node.text or "" for node in model.iter() if _is_text(node.tag))
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(sorted(text for text in texts if len(text) < 200)):
        (folder / f"seed{number}").write_bytes(bytes([number % 8]) + text.encode())


def _is_text(tag: str) -> bool:
    return tag.rpartition("}")[2] == "text"


def main() -> None:
    """Seed the first folder among the arguments, and fuzz until libFuzzer ends."""
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders and not Path(folders[0]).is_dir():
        write_seeds(Path(folders[0]))
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
