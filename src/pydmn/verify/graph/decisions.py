"""A graph of decisions over symbols: every decision that a question needs, the needed first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import product

from pydmn.errors import NotDecided
from pydmn.feel.types import Type
from pydmn.plan.logic import Broken, Feel, Plan, Step, Table
from pydmn.run import Run
from pydmn.verify.evaluator import Evaluator
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.expressions import Expressions, Scope
from pydmn.verify.graph.symbols import Constant, Symbol, Symbols, TooMany, constant
from pydmn.verify.graph.tables import Decided, decide
from pydmn.verify.graph.terms import Term


class Decisions:
    """The answers of a plan's decisions for `inputs`: symbols by the key of the input.

    An input that is not among them is null. Answers are worked out when first asked for.
    """

    def __init__(
        self,
        plan: Plan,
        evaluator: Evaluator,
        symbols: Symbols,
        inputs: Mapping[str, Symbol],
        run: Run,
    ) -> None:
        self._plan = plan
        self._evaluator = evaluator
        self._symbols = symbols
        self._run = run
        self._answers: dict[str, Symbol] = dict(inputs)
        self._tables: dict[str, Decided] = {}

    def answer(self, key: str) -> Symbol:
        """Return the symbol of an element of the plan; raises `NotDecided`."""
        self._work_out([key])
        return self._answers[key]

    def table(self, key: str) -> Decided:
        """Return how a table that decides is decided; raises `NotDecided`."""
        self._work_out([key])
        return self._tables[key]

    def named(self) -> dict[Hashable, str]:
        """Return the names of decisions that are no more than one term, by the term's key."""
        found: dict[Hashable, str] = {}
        for key, answer in self._answers.items():
            match answer:
                case ((1, Term() as term),) if self._plan.steps[key].kind == "decision":
                    found.setdefault(term.key, self._plan.steps[key].name)
        return found

    def holds(self, condition: Step) -> Formula:
        """Return where a condition beside the plan is true; raises `NotDecided`."""
        self._work_out([each.key for each in condition.requirements])
        assert isinstance(condition.logic, Feel)
        return self._expressions(condition.types).holds(
            condition.logic.node, self._scope(condition)
        )

    def _work_out(self, keys: list[str]) -> None:
        waiting = list(keys)
        while waiting:
            key = waiting[-1]
            step = self._plan.steps[key]
            missing = [each.key for each in step.requirements if each.key not in self._answers]
            if key in self._answers:
                waiting.pop()
            elif missing and step.kind == "decision":
                waiting.extend(missing)
            else:
                self._answers[key] = self._step(step)
                waiting.pop()

    def _step(self, step: Step) -> Symbol:
        if step.kind == "input":
            return constant(None)
        if step.kind != "decision":
            raise NotDecided(f"{step.source.where}: `{step.name}` is called as a function")
        expressions = self._expressions(step.types)
        match step.logic:
            case Table() as table:
                decided = self._tables[step.key] = decide(table, expressions, self._scope(step))
                answer = expressions.checked(decided.answer, table.item)
            case Feel() as text:
                answer = expressions.feel(text, self._scope(step))
            case Broken(diagnostics):
                raise NotDecided(f"{step.source.where}: {diagnostics[0].message}")
            case _:
                return self._whole(step)
        expressions.place = step.source
        return expressions.checked(answer, step.item)

    def _whole(self, step: Step) -> Symbol:
        """Return what the engine gives for each combination of what a step requires."""
        keys = [each.key for each in step.requirements]
        symbols = self._symbols
        try:
            each = [symbols.values(self._answers[key]) for key in keys]
            symbols.affordable(map(len, each))
        except TooMany:
            why = f"`{step.name}` reads a list, or more combinations than can be tried"
            raise NotDecided(f"{step.source.where}: {why}") from None
        found = []
        for row in product(*each):
            formula = symbols.circuit.all_of(part for part, _ in row)
            if formula != FALSE:
                values = dict(zip(keys, (value for _, value in row), strict=True))
                value, _ = self._evaluator.value(step, self._run, values)
                found.append((formula, Constant(value)))
        return symbols.merged(found)

    def _expressions(self, types: Mapping[str, Type]) -> Expressions:
        return Expressions(self._symbols, self._evaluator, self._run, types)

    def _scope(self, step: Step) -> Scope:
        return {each.name: self._answers[each.key] for each in step.requirements}
