"""Names of several words, and what may be read at a point (DMN 1.5, 10.3.1.3 and .4).

A name is a sequence of tokens: `Age  Years` is `Age Years`, and `a - b` is `a-b`. Text is
matched against the names in scope, the longest match wins, and the answer is the name as
it was declared. So a model's own spelling goes through the tree to the values, however
the author of an expression set the blanks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import TypeAlias, assert_never

from pydmn.feel import ast
from pydmn.feel.lexer import KEYWORDS, NAME_SYMBOLS, Kind, Token, collapse, tokens
from pydmn.feel.types import (
    ANY,
    BUILT_IN,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)

MAX_NAME_TOKENS = 200
"""The longest name that is matched; it bounds the work for one word of a text."""

MAX_CANDIDATES = 200
MAX_GUESSED_LENGTH = 60

PROPERTIES = frozenset({"time offset", "start included", "end included"})
"""Properties of built-in types that are several words (10.3.2.3, 10.3.2.7)."""

Parts: TypeAlias = tuple[str, ...]


def normalise(name: str) -> str:
    """Return `name` with each run of white space as one blank, none at the ends."""
    return collapse(name)


def spelling(run: Sequence[Token]) -> str:
    """Return the tokens of a name as text, with one blank wherever they stand apart."""
    pieces: list[str] = []
    end = None
    for token in run:
        if end is not None and token.start > end:
            pieces.append(" ")
        pieces.append(token.text)
        end = token.end
    return "".join(pieces)


@lru_cache(4_096)
def parts(name: str) -> Parts:
    """Return the tokens of a name, the form in which names are compared.

    >>> parts("Jack's  age") == parts("Jack 's age")
    True
    """
    return tuple(token.text for token in _name_tokens(name))


def is_name(text: str) -> bool:
    """Say whether `text` can be written as a name without quotes (rules 25-30)."""
    run = _name_tokens(text)
    return (
        0 < len(run) <= MAX_NAME_TOKENS
        and run[0].kind is Kind.WORD
        and run[0].text not in KEYWORDS
        and all(is_name_part(token) for token in run)
        and spelling(run) == text
    )


def is_name_part(token: Token) -> bool:
    """Say whether `token` may stand in a name that is being defined."""
    return token.kind in (Kind.WORD, Kind.NUMBER) or (
        token.kind is Kind.SYMBOL and token.text in NAME_SYMBOLS
    )


def _name_tokens(name: str) -> list[Token]:
    return tokens(name)[:-1]


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `name` was probably meant to be, or None.

    At most `MAX_CANDIDATES` names of about the same length are compared: the work stays
    small whatever a model holds.
    """
    from difflib import get_close_matches  # when a message needs it; it costs to import

    if len(name) > MAX_GUESSED_LENGTH:
        return None
    slack = 2 + len(name) // 3
    near = (other for other in candidates if abs(len(other) - len(name)) <= slack)
    spelled = {other.casefold(): other for other in islice(near, MAX_CANDIDATES)}
    found = get_close_matches(name.casefold(), spelled, n=1, cutoff=0.7)
    return spelled[found[0]] if found else None


class NameIndex:
    """Names by their tokens, for the longest match; a later name of equal tokens shadows."""

    __slots__ = ("_root",)

    def __init__(self, names: Iterable[tuple[str, Type]] = ()) -> None:
        self._root = _Node()
        for name, type_ in names:
            self.push(name, type_)

    def push(self, name: str, type_: Type) -> None:
        """Bring `name` in, before any name of the same tokens; one too long is never met."""
        run = parts(name)
        if len(run) <= MAX_NAME_TOKENS:
            node = self._root
            for part in run:
                node = node.next.setdefault(part, _Node())
            node.names.append((name, type_))

    def extended(self, names: Iterable[tuple[str, Type]]) -> NameIndex:
        """Return an index that has `names` too, shadowing; what it has already is shared."""
        index = NameIndex()
        index._root = self._root.copy()
        for name, type_ in names:
            run = parts(name)
            if len(run) <= MAX_NAME_TOKENS:
                node = index._root
                for part in run:
                    known = node.next.get(part)
                    node.next[part] = _Node() if known is None else known.copy()
                    node = node.next[part]
                node.names.append((name, type_))
        return index

    def pop(self, name: str) -> None:
        """Take the latest `name` out again."""
        run = parts(name)
        if len(run) <= MAX_NAME_TOKENS:
            node = self._root
            for part in run:
                node = node.next[part]
            node.names.pop()

    def longest(self, run: Sequence[Token], start: int) -> Match | None:
        """Return the longest name whose tokens stand in `run` from `start` on."""
        best: Match | None = None
        at = start
        node = self._root.next.get(run[at].text)
        while node is not None:
            at += 1
            if node.names:
                best = Match(at, *node.names[-1])
            node = node.next.get(run[at].text)
        return best

    def begins(self, run: Sequence[Token]) -> bool:
        """Say whether a name begins with all the tokens of `run`."""
        node = self._root
        for token in run:
            if token.text not in node.next:
                return False
            node = node.next[token.text]
        return True


class _Node:
    """A step in the index: what may come next, and the names that end here."""

    __slots__ = ("names", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.names: list[tuple[str, Type]] = []

    def copy(self) -> _Node:
        """Return this step, to be changed; the steps after it stay shared."""
        node = _Node()
        node.names = self.names.copy()
        node.next = self.next.copy()
        return node


@dataclass(frozen=True, slots=True)
class Match:
    """A name found: the index of the token after it, its declared spelling, its type."""

    end: int
    name: str
    type: Type


@lru_cache(maxsize=64)
def _index_of(names: frozenset[str]) -> NameIndex:
    """Return the index of names without types; sorted, so that ties fall the same way."""
    return NameIndex((name, ANY) for name in sorted(names, reverse=True))


def _longer(first: Match | None, second: Match | None) -> Match | None:
    """Return the longer match, the first of equals."""
    if first is None or (second is not None and second.end > first.end):
        return second
    return first


_NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be read at a point, immutable.

    `variables` by name with their types; `builtins`, the functions of the language;
    `members`, every entry name known anywhere in the model or input, for paths whose base
    has an unknown type; `types`, the item definitions by name, perhaps qualified.
    """

    variables: Mapping[str, Type] = field(default_factory=dict)
    builtins: frozenset[str] = _NO_NAMES
    members: frozenset[str] = _NO_NAMES
    types: Mapping[str, Type] = field(default_factory=dict)
    _index: list[NameIndex] = field(
        default_factory=list, init=False, compare=False, repr=False, hash=False
    )
    _member_index: list[NameIndex] = field(
        default_factory=list, init=False, compare=False, repr=False, hash=False
    )

    def with_variable(self, name: str, type_: Type = ANY) -> Scope:
        """Return this scope with one variable more; it shadows one of the same name."""
        return self.with_variables({name: type_})

    def with_variables(self, variables: Mapping[str, Type]) -> Scope:
        """Return this scope with `variables` too; they shadow those of the same names."""
        named = {normalise(name): type_ for name, type_ in variables.items()}
        scope = replace(self, variables={**self.variables, **named})
        # Made from what is there: a model may have a thousand scopes of a thousand names.
        if self._index:
            scope._index.append(  # noqa: SLF001  one of this class
                self._index[0].extended(named.items())
            )
        scope._member_index.extend(self._member_index)  # noqa: SLF001  one of this class
        return scope

    def with_members(self, names: Iterable[str]) -> Scope:
        """Return this scope with more names of entries."""
        new = {normalise(name) for name in names} - self.members
        if not new:
            return self
        scope = replace(self, members=self.members | new)
        scope._index.extend(self._index)  # noqa: SLF001  one of this class
        known = self._members()
        scope._member_index.append(  # noqa: SLF001  one of this class
            known.extended((name, ANY) for name in sorted(new))
        )
        return scope

    def variable_at(self, run: Sequence[Token], start: int) -> Match | None:
        """Return the longest variable that stands in `run` from `start` on."""
        return self._variable_index().longest(run, start)

    def builtin_at(self, run: Sequence[Token], start: int) -> Match | None:
        """Return the longest built-in function's name in `run` from `start` on."""
        return _index_of(self.builtins).longest(run, start)

    def member_at(self, run: Sequence[Token], start: int) -> Match | None:
        """Return the longest name of an entry of any context in `run` from `start` on."""
        return _longer(
            self._members().longest(run, start),
            _index_of(PROPERTIES).longest(run, start),
        )

    def is_begun(self, run: Sequence[Token]) -> bool:
        """Say whether the name of a variable or entry begins with all the tokens of `run`."""
        return (
            self._variable_index().begins(run)
            or _index_of(self.builtins).begins(run)
            or self._members().begins(run)
        )

    def _variable_index(self) -> NameIndex:
        """Return the index of the variables, made at first use.

        A scope is often only a step to the next one and never asked.
        """
        if not self._index:
            self._index.append(NameIndex(self.variables.items()))
        return self._index[0]

    def _members(self) -> NameIndex:
        """Return the index of the members."""
        return self._member_index[0] if self._member_index else _index_of(self.members)

    def type_at(self, run: Sequence[Token], start: int) -> Match | None:
        """Return the longest name of a type in `run` from `start` on."""
        return _longer(
            _index_of(frozenset(self.types)).longest(run, start),
            _index_of(_BUILT_IN_TYPES).longest(run, start),
        )

    def type_names(self) -> tuple[str, ...]:
        """Return the names of all types there are."""
        return (*self.types, *BUILT_IN)

    def resolve(self, node: ast.TypeNode) -> Type | None:
        """Return the type that `node` names, or None when a name in it is unknown."""
        match node:
            case ast.NamedType(name):
                return self.types.get(name) or BUILT_IN.get(name)
            case ast.ListTypeNode(element):
                inner = self.resolve(element)
                return inner and ListType(inner)
            case ast.RangeTypeNode(element):
                inner = self.resolve(element)
                return inner and RangeType(inner)
            case ast.ContextTypeNode(entries):
                known: list[tuple[str, Type]] = []
                for name, entry in entries:
                    type_ = self.resolve(entry)
                    if type_ is None:
                        return None
                    known.append((name, type_))
                return ContextType(tuple(known))
            case ast.FunctionTypeNode(parameters, result):
                types = [self.resolve(parameter) for parameter in parameters]
                known_types = tuple(type_ for type_ in types if type_ is not None)
                answer = self.resolve(result)
                if answer is None or len(known_types) < len(types):
                    return None
                return FunctionType(known_types, answer)
            case _:
                assert_never(node)


_BUILT_IN_TYPES = frozenset(BUILT_IN)
