"""The names that may stand at a place of a text: those in scope, and those it defines itself."""

from __future__ import annotations

from collections.abc import Sequence

from pydmn.feel.lexer import Token
from pydmn.feel.names import Match, NameIndex, Scope
from pydmn.feel.static import element
from pydmn.feel.types import ANY, ContextType, Type


class TextNames:
    """The names in scope while a text is read from left to right (10.3.1.4)."""

    __slots__ = ("_entries", "_items", "_keys", "_local", "_scope")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._local = NameIndex()
        """Names that the text itself defines, where they are in scope."""
        self._keys = NameIndex()
        """Keys of the text's contexts: entries of something, for paths and filters."""
        self._items: list[NameIndex | None] = []
        """Entries of the items of the filters around; None where they are not known."""
        self._entries: dict[int, tuple[ContextType, NameIndex]] = {}

    def enter(self, name: str, type_: Type) -> None:
        """Bring a variable of the text into scope."""
        self._local.push(name, type_)

    def enter_entry(self, key: str, type_: Type) -> None:
        """Bring an entry into scope for the entries after it, and for paths from here on."""
        self._local.push(key, type_)
        self._keys.push(key, ANY)

    def leave(self, *names: str) -> None:
        """Take variables out of scope; the latest of each name."""
        for name in names:
            self._local.pop(name)

    def enter_filter(self, item: Type) -> None:
        """Bring the item of a filter into scope, and the entries that it has."""
        known = isinstance(item, ContextType) and item.entries
        self._items.append(
            self._entries_of(item) if isinstance(item, ContextType) and known else None
        )
        self._local.push("item", item)

    def leave_filter(self) -> None:
        """Take the item of the innermost filter out of scope."""
        self._local.pop("item")
        self._items.pop()

    def known(self, run: Sequence[Token], at: int) -> Match | None:
        """Return the longest known name at `at`; variables before built-in functions."""
        best = self._local.longest(run, at)
        for match in (self._scope.variable_at(run, at), *self._item_entries(run, at)):
            if match is not None and (best is None or match.end > best.end):
                best = match
        builtin = self._scope.builtin_at(run, at)
        if builtin is None or (best is not None and best.end >= builtin.end):
            return best
        return builtin if best is None or run[builtin.end].text == "(" else best

    def entry(self, run: Sequence[Token], at: int, base: Type) -> Match | None:
        """Return the longest name of an entry of a value of `base`, or of an item of it.

        Where the type of `base` does not tell, of anything that may be one.
        """
        item = element(base)
        match = self._entries_of(item).longest(run, at) if isinstance(item, ContextType) else None
        if match is not None:
            return match
        found = (self._keys.longest(run, at), self._scope.member_at(run, at))
        known = [candidate for candidate in found if candidate is not None]
        return max(known, key=lambda candidate: candidate.end, default=None)

    def _item_entries(self, run: Sequence[Token], at: int) -> list[Match | None]:
        """Return the entry names here of the items of the filters around."""
        if not self._items:
            return []
        found = [index.longest(run, at) for index in self._items if index is not None]
        found.append(self._keys.longest(run, at))
        if None in self._items:
            found.append(self._scope.member_at(run, at))
        return found

    def _entries_of(self, type_: ContextType) -> NameIndex:
        """Return the index of a context's entries, made once."""
        found = self._entries.get(id(type_))
        if found is None:
            found = self._entries[id(type_)] = (type_, NameIndex(type_.entries))
        return found[1]
