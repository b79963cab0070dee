"""A graph of decisions over symbols: every decision that a question needs, the needed first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import product
from typing import Final, TypeAlias

from pydmn.errors import NotDecided
from pydmn.feel import ast
from pydmn.feel.types import FunctionType, Type
from pydmn.plan.logic import (
    ANYTHING,
    Broken,
    Choose,
    Entries,
    Feel,
    FunctionOf,
    Invoke,
    Items,
    Logic,
    Loop,
    Plan,
    Select,
    Step,
    Table,
)
from pydmn.run import Run
from pydmn.verify.evaluator import Evaluator
from pydmn.verify.graph.circuit import FALSE, Formula
from pydmn.verify.graph.expressions import Expressions
from pydmn.verify.graph.symbols import (
    Constant,
    Elements,
    Function,
    Scope,
    Symbol,
    Symbols,
    TooMany,
    constant,
)
from pydmn.verify.graph.symbols import Entries as EntriesOf
from pydmn.verify.graph.tables import Decided, decide
from pydmn.verify.graph.terms import Term

_CALLS: Final = 1_000
"""So many calls cost all steps: what calls twice what calls twice is followed so far."""

Arguments: TypeAlias = Sequence[Symbol] | Mapping[str, Symbol]


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
        calling: frozenset[str] = frozenset(),
    ) -> None:
        self._calling = calling
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
            return ((1, Function(lambda given: self._called(step, given))),)
        expressions = self._expressions(step.types)
        try:
            assert step.logic is not None
            answer = self._logic(step.logic, expressions, self._scope(step), step.key)
        except NotDecided:
            if isinstance(step.logic, Feel | Table | Broken):
                raise
            return self._whole(step)
        expressions.place = step.source
        return expressions.checked(answer, step.item)

    def _logic(
        self, logic: Logic, expressions: Expressions, scope: Scope, key: str | None = None
    ) -> Symbol:
        """Return what logic answers; `key` is that of the element of which it is all."""
        match logic:
            case Feel():
                return expressions.feel(logic, scope)
            case Table():
                decided = decide(logic, expressions, scope)
                if key is not None:
                    self._tables[key] = decided
                answer = decided.answer
            case Entries(entries, result):
                inside = dict(scope)
                made = {}
                for name, value in entries:
                    made[name] = inside[name] = self._logic(value, expressions, inside)
                answer = ((1, EntriesOf(made)),)
                if result is not None:
                    answer = self._logic(result, expressions, inside)
            case Choose(condition, then, otherwise):
                asked = self._logic(condition, expressions, scope)
                holds = self._symbols.where(asked, lambda value: value is True)
                branches = [(holds, then), (-holds, otherwise)]
                answer = self._symbols.chosen(
                    (at, self._logic(each, expressions, scope)) for at, each in branches
                )
            case Invoke(function, arguments, source):
                match self._logic(function, expressions, scope):
                    case ((1, Function() as called),):
                        pass
                    case _:
                        raise NotDecided(f"{source.where}: what is invoked is no function")
                given = {name: self._logic(each, expressions, scope) for name, each in arguments}
                answer = called.call(given)
            case FunctionOf(external=None):
                made_of = logic  # a name of its own: `logic` is another one when it is called
                return (
                    (1, Function(lambda given: self._entered(made_of, expressions, scope, given))),
                )
            case Items(items):
                listed = tuple((1, self._logic(each, expressions, scope)) for each in items)
                answer = ((1, Elements(listed, exact=True)),)
            case Loop() | Select() if (node := _written(logic)) is not None:
                answer = expressions.value(node, scope)
            case Broken(diagnostics):
                raise NotDecided(f"{expressions.place.where}: {diagnostics[0].message}")
            case _:
                raise NotDecided(f"{expressions.place.where}: a boxed filter, loop or function")
        return expressions.checked(answer, logic.item)

    # --- calls -------------------------------------------------------------------------

    def _called(self, step: Step, given: Arguments) -> Symbol:
        """Return what a knowledge model, or a service, answers to arguments."""
        if step.key in self._calling:
            raise NotDecided(f"{step.source.where}: `{step.name}` calls itself")
        self._run.charge(self._run.limits.steps // _CALLS)
        before, self._calling = self._calling, self._calling | {step.key}
        try:
            if step.kind == "service":
                return self._served(step, given)
            if not isinstance(step.logic, FunctionOf) or step.logic.external is not None:
                raise NotDecided(f"{step.source.where}: `{step.name}` is no function in FEEL")
            expressions = self._expressions(step.types)
            expressions.place = step.source
            return self._entered(step.logic, expressions, self._scope(step), given)
        finally:
            self._calling = before

    def _entered(
        self, function: FunctionOf, expressions: Expressions, scope: Scope, given: Arguments
    ) -> Symbol:
        items = {each.name: each.item for each in function.parameters}
        taken = self._taken(expressions, {name: item.type for name, item in items.items()}, given)
        if taken is None:
            return constant(None)
        arguments, fits = taken
        inside = {
            name: expressions.checked(each, items[name]) if items[name].constrained else each
            for name, each in arguments.items()
        }
        answer = self._logic(function.body, expressions, {**scope, **inside})
        return self._symbols.chosen([(fits, answer), (-fits, constant(None))])

    def _served(self, step: Step, given: Arguments) -> Symbol:
        """Return what a service answers: one decision, or several by name (10.4)."""
        types = {each.name: self._plan.steps[each.key].item.type for each in step.parameters}
        expressions = self._expressions(step.types)
        expressions.place = step.source
        taken = self._taken(expressions, types, given)
        if taken is None:
            return constant(None)
        arguments, fits = taken
        inputs = {each.key: arguments[each.name] for each in step.parameters}
        inside = Decisions(
            self._plan, self._evaluator, self._symbols, inputs, self._run, self._calling
        )
        answers = {each.name: inside.answer(each.key) for each in step.outputs}
        answer = next(iter(answers.values()))
        if len(answers) > 1:
            answer = ((1, EntriesOf(answers)),)
        assert isinstance(step.item.type, FunctionType)
        answer, gives = expressions.coerced(answer, step.item.type.result)
        fits = self._symbols.circuit.all_of((fits, gives))
        return self._symbols.chosen([(fits, answer), (-fits, constant(None))])

    def _taken(
        self, expressions: Expressions, types: Mapping[str, Type], given: Arguments
    ) -> tuple[Mapping[str, Symbol], Formula] | None:
        """Return arguments by name, and where all fit; None where their names or number do not."""
        if not isinstance(given, Mapping):
            if len(given) != len(types):
                return None
            given = dict(zip(types, given, strict=True))
        if given.keys() - types.keys():
            return None
        found: dict[str, Symbol] = {}
        fitting = []
        for name, type_ in types.items():
            found[name], fits = expressions.coerced(given.get(name, constant(None)), type_)
            fitting.append(fits)
        return found, self._symbols.circuit.all_of(fitting)

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
        for each in step.requirements:
            if each.key not in self._answers:
                self._work_out([each.key])
        found: dict[str, Symbol] = {}
        packages: dict[str, dict[str, Symbol]] = {}
        for each in step.requirements:
            if each.package:
                packages.setdefault(each.package[0], {})[each.name] = self._answers[each.key]
            else:
                found[each.name] = self._answers[each.key]
        return {**found, **{name: ((1, EntriesOf(each)),) for name, each in packages.items()}}


def _written(logic: Loop | Select) -> ast.Expression | None:
    """Return a boxed loop or filter of texts as the text that says the same; None for others."""
    parts = (
        (logic.collection, logic.body)
        if isinstance(logic, Loop)
        else (logic.collection, logic.match)
    )
    if not all(isinstance(each, Feel) and each.item == ANYTHING for each in parts):
        return None
    collection, inner = (each.node for each in parts if isinstance(each, Feel))
    if isinstance(logic, Select):
        return ast.Filter(collection, inner)
    turns = (ast.Iterator(logic.variable, collection),)
    if logic.kind == "for":
        return ast.For(turns, inner)
    return ast.Quantified(logic.kind, turns, inner)
