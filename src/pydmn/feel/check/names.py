"""What may be read at a place of a tree, and its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from pydmn.diagnostics import Severity
from pydmn.feel import ast, static
from pydmn.feel.findings import Findings, shown
from pydmn.feel.names import Scope
from pydmn.feel.signatures import Function
from pydmn.feel.types import ANY, FUNCTION, ContextType, Type


class Names:
    """The names in scope while a tree is walked: the model's, the text's own, those of items."""

    def __init__(self, scope: Scope, functions: Mapping[str, Function], findings: Findings) -> None:
        self._scope = scope
        self._functions = functions
        self._findings = findings
        self._local: dict[str, list[Type]] = {}
        """Names that the text defines, each with the types it has from outside in."""
        self._items: list[Mapping[str, Type] | None] = []
        """Entries of the items of the filters around; None where they are not known."""

    def enter(self, name: str, type_: Type) -> None:
        """Bring a variable of the text into scope."""
        self._local.setdefault(name, []).append(type_)

    def leave(self, *names: str) -> None:
        """Take variables out of scope; the latest of each name."""
        for name in names:
            self._local[name].pop()

    def enter_filter(self, item: Type) -> None:
        """Bring the item of a filter into scope, and the entries that it has."""
        # Properties of dates and the like are no entries: only contexts open their names.
        if isinstance(item, ContextType):
            self._items.append(static.members(item))
        else:
            self._items.append(None if static.unknown(item) else {})
        self.enter("item", item)

    def leave_filter(self) -> None:
        """Take the item of the innermost filter out of scope."""
        self.leave("item")
        self._items.pop()

    def infer(self, node: ast.Name) -> Type:
        """Return the type of what a name reads; report a name that nothing has."""
        name = node.name
        unsure = False
        for entries in reversed(self._items):
            if entries is None:
                unsure = True
            elif name in entries:
                return ANY if unsure else entries[name]
        local = self._local.get(name)
        if local:
            return local[-1]
        if name in self._scope.variables:
            # Within a filter over unknown items an entry of the name would come first.
            return ANY if unsure else self._scope.variables[name]
        if name in self._functions or name in self._scope.builtins:
            return FUNCTION
        if not unsure:
            severity = Severity.WARNING if self._items else Severity.ERROR
            self._findings.report(
                "unknown-name",
                f"unknown name `{shown(name)}`",
                node.span,
                self._findings.meant(
                    name, self._readable(), "declare it, or write a string in double quotes"
                ),
                severity,
            )
        return ANY

    def _readable(self) -> Iterator[str]:
        """Yield all that may be read here, for a guess at what was meant."""
        local = (name for name, types in self._local.items() if types)
        entries = chain.from_iterable(known for known in self._items if known is not None)
        return chain(
            local,
            entries,
            self._scope.variables,
            self._functions,
            ("true", "false", "null"),
        )

    def function(self, name: str) -> Function | None:
        """Return the function of that name whose parameters are known."""
        return None if self._local.get(name) else self._functions.get(name)

    def check_called(self, node: ast.Name) -> bool:
        """Say whether what is called is, or may be, something in scope; report what is not."""
        name = node.name
        if (
            bool(self._local.get(name))
            or name in self._scope.variables
            or name in self._scope.builtins
            or any(entries is None or name in entries for entries in self._items)
        ):
            return True
        candidates = (*self._functions, *self._scope.variables)
        self._findings.report(
            "unknown-function",
            f"unknown function `{shown(name)}`",
            node.span,
            self._findings.meant(name, candidates, "define it as a business knowledge model"),
        )
        return False
