"""From the rules that match to a table's answer, as statements."""

from __future__ import annotations

import ast as py
from collections.abc import Callable

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.tables import UNMADE
from pydmn.backends.to_python.fused.variables import RUN, Value
from pydmn.backends.to_python.fused.writer import NONE, load
from pydmn.backends.to_python.fused.writing import Hit, Writing
from pydmn.model.expressions import HitPolicy


class Answers:
    """Writes the answers of one table."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    def value(self, name: str) -> Value:
        """Return the variable `name`, which holds the answer."""
        return Value(name, self._writing.parts.type)

    def default(self) -> py.expr:
        """Return the answer when no rule matches."""
        writing, parts = self._writing, self._writing.parts
        if all(column.default is None for column in parts.table.outputs) and not parts.checked:
            return NONE
        writing.code.needs_run = True
        answered = writing.code.constant(parts.answered, "answered")
        nothing = py.Tuple([], py.Load())
        return writer.call(answered, load(RUN), nothing, writing.exact(writing.given))

    def of_rule(self, answer: str, number: str) -> None:
        """Write the answer of one rule, counted from 1; 0 is null."""
        writing, parts = self._writing, self._writing.parts
        code = writing.code
        code.set(answer, writer.item(code.constant(parts.answers, "answers"), load(number)))
        unmade = writer.is_(load(answer), code.constant(UNMADE, "unmade"))
        made = code.constant(parts.made, "made")
        if all(parts.constant):
            code.when(unmade, lambda: code.set(answer, writer.call(made, load(number))))
            return
        writing.code.needs_run = True

        def worked_out() -> None:
            arguments = (load(number), load(RUN), writing.exact(writing.given))
            code.set(answer, writer.call(made, *arguments))

        code.when(unmade, worked_out)

    def of_one(self, matched: py.expr, several: py.expr, lowest: Callable[[], py.expr]) -> Value:
        """Write the answer of FIRST or UNIQUE.

        `matched` says whether any rule matches, `several` whether more than one does, `lowest`
        writes the number of the first that does, from 1, and 0 where none does.
        """
        code = self._writing.code
        answer = code.fresh("answer")

        def first() -> None:
            self.of_rule(answer, code.let("rule", lowest()))

        def one() -> None:
            code.when(several, lambda: code.set(answer, NONE), first)

        unique = self._writing.parts.table.hit_policy is HitPolicy.UNIQUE
        default = self.default()
        if default is NONE and not unique:
            first()  # of no rule the number is 0, the answer null
        else:
            code.when(matched, one if unique else first, lambda: code.set(answer, default))
        return self.value(answer)

    def of_all(self, matched: py.expr, rules: Hit) -> tuple[Value, Hit]:
        """Write the answer by the hit policy; `matched` are the numbers of the rules."""
        writing, code = self._writing, self._writing.code
        parts = writing.parts
        writing.code.needs_run = True
        arguments = (load(RUN), matched, writing.exact(writing.given))
        if not writing.whole:
            answered = code.constant(parts.answered, "answered")
            return self.value(code.let("answer", writer.call(answered, *arguments))), rules
        explained = code.constant(parts.explained, "explained")
        both = code.let("explained", writer.call(explained, *arguments))
        hit = Hit(writer.item(load(both), py.Constant(1)), tuple)
        return self.value(code.let("answer", writer.item(load(both), py.Constant(0)))), hit
