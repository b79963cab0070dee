"""Two graphs of decisions, compared as formulas over the same choices.

Where both have a decision that says the same, and all that it hangs on does too, that decision
may stand for an input: what both make of it is then compared for every answer that it may have.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, Final, TypeAlias

from pydmn.errors import NotDecided, Spent
from pydmn.feel import ast, host
from pydmn.feel.types import ANY, BOOLEAN, Type
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Plan, Step
from pydmn.plan.results import result_type
from pydmn.run import Run
from pydmn.tables.cells import literal
from pydmn.verify.changes.found import Change
from pydmn.verify.changes.inputs import Inputs
from pydmn.verify.changes.leaves import Leaf, Leaves
from pydmn.verify.changes.trials import nodes_of
from pydmn.verify.changes.uses import Path, Use, both, uses
from pydmn.verify.diagrams import identity
from pydmn.verify.evaluator import Evaluator
from pydmn.verify.graph.circuit import TRUE, Circuit, Formula
from pydmn.verify.graph.decisions import Decisions
from pydmn.verify.graph.expressions import Expressions
from pydmn.verify.graph.proofs import SOLVER, Found, Solver
from pydmn.verify.graph.regions import Region, Regions, regions
from pydmn.verify.graph.space import Choice, Choices
from pydmn.verify.graph.symbols import Constant, Symbol, Symbols, TooMany, constant
from pydmn.verify.graph.terms import Term
from pydmn.verify.graph.unlike import Unlike

Given: TypeAlias = Mapping[str, Any]
"""A FEEL value for each leaf by name."""

Replay: TypeAlias = Callable[[Given, "Callable[[Given], bool] | None"], Change | None]
"""Says what both engines answer in a case, where that is not the same.

The function says of another case whether it lies in the same region; None for none but this.
"""

_CASES: Final = 20_000
"""So many combinations of values may be gone through for one operation."""

_ANSWERS: Final = 60
"""So many pairs of answers have regions of their own; what else differs is told together."""

_BOXES: Final = 500

_CONFLICTS: Final = 10_000
_PROPAGATIONS: Final = 6_000_000
"""What all questions may cost together, and all regions."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One version: its plan, the key of its decision, and what runs its steps.

    `leaves` are the steps that stand for inputs, by name; `checked` returns what an input has of a
    value, by its step.
    """

    plan: Plan
    key: str
    evaluator: Evaluator
    leaves: Mapping[str, Step]
    checked: Callable[[Step, Any], Any]
    run: Callable[[], Run]

    def uses(self, name: str) -> dict[Path, Use]:
        """Return how a leaf is used by the steps that the decision needs."""
        leaf = self.leaves[name]
        readers = [s for s in self.needed() if any(r.key == leaf.key for r in s.requirements)]
        return uses(leaf, readers, self._requires, self.key)

    def _requires(self, step: Step) -> Mapping[str, Step]:
        steps = self.plan.steps
        return {
            each.name: steps[each.key]
            for each in step.requirements
            if each.key in steps and not each.package
        }

    def literals(self) -> dict[Any, ast.Expression]:
        """Return the constants that the needed steps write, by type and value."""
        found: dict[Any, ast.Expression] = {}
        for step in (*self.needed(), *self.leaves.values()):
            for node in nodes_of(step):
                known, value = literal(node)
                if known and value is not None:
                    found.setdefault((type(value), value), node)  # type: ignore[arg-type]
        return found

    def needed(self) -> Iterator[Step]:
        """Yield the steps that the decision needs, as far as the leaves."""
        steps = self.plan.steps
        stop = {step.key for step in self.leaves.values()}
        seen: set[str] = set()
        waiting = [self.key]
        while waiting:
            key = waiting.pop()
            if key in seen or key in stop or key not in steps:
                continue
            seen.add(key)
            step = steps[key]
            waiting += (each.key for each in (*step.requirements, *step.outputs))
            yield step


class TwoGraphs:
    """Two versions over the same leaves. Raises `NotDecided`, `LimitExceeded`.

    `why` are the reasons for which equality cannot be told: values that stand for no others, lists
    of which only the members are compared.
    """

    def __init__(self, old: Graph, new: Graph) -> None:
        run = old.run()
        self._circuit = Circuit()
        self._symbols = Symbols(self._circuit, lambda value: identity(run, value), _CASES)
        self._unlike = Unlike(self._symbols)
        self._choices = Choices(self._symbols)
        self._leaves = Leaves(self._choices, lambda: {**old.literals(), **new.literals()})
        self.why: list[str] = []
        self._left = _PROPAGATIONS
        self._named: list[Mapping[Hashable, str]] = []
        made: dict[str, Leaf] = {}
        for name, step in old.leaves.items():
            its = new.leaves[name]
            used = both(old.uses(name), new.uses(name))
            leaf = self._leaves.leaf(name, _type(step), (step.item, its.item), used)
            made[name] = leaf
            self.why += leaf.why
        self._made = made
        self.why += [
            f"{step.source.where}: it reads the clock or calls the host"
            for graph in (old, new)
            for step in graph.needed()
            if not is_pure(step)
        ]
        self._old, self._new = (self._answer(each) for each in (old, new))
        try:
            self.differs = self._unlike.where(self._old, self._new)
        except TooMany:
            raise NotDecided("the answer has the length of a list in it") from None
        if self._unlike.by_members:
            self.why.append("lists are compared by what is in them, not by order and number")
        self.why += self._leaves.unfollowed(self._symbols.asked)
        first, second = self._named
        self._leaves.close({key: name for key, name in first.items() if second.get(key) == name})
        self._expressions = Expressions(self._symbols, old.evaluator, run, {})

    def _vague(self, formula: Formula) -> str | None:
        """Return why the regions of a formula have no words; None where they have."""
        if self.why or not self._leaves.vague:
            return next(iter(self.why), None)
        if self._wordless.isdisjoint(self._circuit.variables([formula])):
            return None
        return next(iter(self._leaves.vague.values()))

    @cached_property
    def _wordless(self) -> set[Formula]:
        """The variables of the choices for which there are no words."""
        choices = self._choices.choices.items()
        vague = [each.formulas for name, each in choices if self._leaves.why_vague([name])]
        return self._circuit.variables(chain.from_iterable(vague)) - {TRUE}

    def _answer(self, graph: Graph) -> Symbol:
        given = {
            step.key: self._taken(graph, step, self._made[name].symbol)
            for name, step in graph.leaves.items()
        }
        decisions = Decisions(graph.plan, graph.evaluator, self._symbols, given, graph.run())
        answer = decisions.answer(graph.key)
        self._named.append(decisions.named())
        return answer

    def _taken(self, graph: Graph, step: Step, symbol: Symbol) -> Symbol:
        """Return what is left of an input's values by what the version asks of it."""
        if step.kind != "input":
            return symbol
        if all(isinstance(shape, Term) for _, shape in symbol):
            expressions = Expressions(self._symbols, graph.evaluator, graph.run(), step.types)
            expressions.place = step.source
            return expressions.checked(symbol, step.item)
        if not all(isinstance(shape, Constant) for _, shape in symbol):
            return symbol
        return self._symbols.merged(
            (at, Constant(graph.checked(step, shape.value)))
            for at, shape in symbol
            if isinstance(shape, Constant)
        )

    # --- changes -----------------------------------------------------------------------

    def changes(self, replay: Replay) -> tuple[list[Change], str | None]:
        """Return where the answers differ, the largest region first.

        Beside it, why there may be more than that; None where these are all.
        """
        solver = self._solver(_PROPAGATIONS)
        rest = self.differs
        found: list[tuple[float, Change]] = []
        why: str | None = None
        try:
            answers = 0
            while (at := solver.find([rest])) is not None:
                answers += 1
                change = self._replayed(replay, self._read(at.holds), None)
                alike = rest
                if change is not None and answers <= _ANSWERS:
                    alike = self._circuit.all_of((rest, self._answered(change, at)))
                if (vague := self._vague(alike)) is not None:
                    if solver.find([alike]) is None:
                        # The case is another one than was asked for.
                        held = (self._held(each, at) for each in (self._old, self._new))
                        alike = self._circuit.all_of((rest, *held))
                    # Of values that stand for no others, a case is all that is known.
                    plainer = self._replayed(replay, self._plainest(solver, (), alike), None)
                    shown = plainer or change
                    found += [] if shown is None else [(0.0, shown)]
                    why = vague if found else _OTHERWISE
                    if alike == rest:
                        break
                    rest = self._circuit.all_of((rest, -alike))
                    continue
                within = self._regions(alike)
                why = why or within.spent
                for region in within.boxes:
                    plain = self._plainest(solver, region.formulas, alike)
                    shown = self._replayed(replay, plain, region)
                    if shown is None:
                        why = why or _OTHERWISE
                        continue
                    part, whole = region.share
                    asked = [*region.values, *region.there, *region.absent]
                    words = None if self._leaves.why_vague(asked) else self._leaves.words(region)
                    found.append((part / whole, replace(shown, region=words)))
                if alike == rest or within.spent:
                    break
                rest = self._circuit.all_of((rest, -alike))
        except Spent as error:
            why = error.message
        found.sort(key=lambda each: -each[0])
        return [change for _, change in found], why

    @staticmethod
    def _held(symbol: Symbol, found: Found) -> Formula:
        """Return where the case of a symbol is the one found."""
        return next(at for at, _ in symbol if found.holds(at))

    def _solver(self, steps: int) -> Solver:
        return Solver(self._circuit, _CONFLICTS, SOLVER, in_all=True, propagations=steps)

    def _regions(self, formula: Formula) -> Regions:
        solver = self._solver(self._left)
        # What a text starts with is left out first: what it is says that too, and plainer.
        derived = self._leaves.derived.items()
        free = [name for name, term in derived if term.kind == BOOLEAN]
        found = regions(
            self._circuit, self._choices.choices, [formula], solver, free=free, boxes=_BOXES
        )
        self._left -= solver.propagated
        return found

    def _answered(self, change: Change, found: Found) -> Formula:
        """Return where both versions answer as they do in a case; everywhere, if none can tell."""
        sides = ((self._old, change.old), (self._new, change.new))
        return self._circuit.all_of(self._alike(symbol, value, found) for symbol, value in sides)

    def _alike(self, symbol: Symbol, value: Any, found: Found) -> Formula:
        if self._symbols.is_opaque(symbol):
            return self._held(symbol, found)
        try:
            return -self._unlike.where(symbol, constant(host.from_python(value)))
        except TooMany:
            return TRUE

    def _replayed(
        self, replay: Replay, found: Mapping[str, Any], region: Region | None
    ) -> Change | None:
        """Return what the engines answer where inputs and terms are as found, or in a region."""
        members = {name: value(found) for name, value in self._leaves.members.items()}
        given = {**self._given(found), **members}
        terms = self._leaves.derived
        wanted = {term.node: found[name] for name, term in terms.items()}
        names = {term.node: name for name, term in terms.items()}

        def inside(case: Given) -> bool:
            derived = {name: self._evaluated(term.node, case) for name, term in terms.items()}
            return region is None or self._leaves.within(region, {**case, **derived})

        def holds(node: ast.Expression, value: Any) -> bool:
            return self._leaves.alike(names[node], value, wanted[node])

        for case in Inputs(self._evaluated).proposed(given, wanted, holds):
            if wanted and not inside(case):
                continue
            asked = case
            if members:
                now = {each: case[each] for each in members}
                asked = {**case, **self._given({**found, **now})}
            change = replay(asked, None if region is None else inside)
            if change is not None:
                return change
        return None

    def _evaluated(self, node: ast.Expression, given: Given) -> Any:
        return self._expressions.evaluated(node, given)

    def _plainest(
        self, solver: Solver, region: Sequence[Formula], formula: Formula
    ) -> Mapping[str, Any]:
        """Return a case in a region that is plain to read: named values, short lists."""
        wanted = [formula, *region]
        found = solver.find(wanted)
        assert found is not None
        for name, choice in self._choices.choices.items():
            for formula_ in self._leaves.plainest(name, choice):
                if found.holds(formula_):
                    wanted.append(formula_)
                    if isinstance(choice, Choice):
                        break
                    continue
                plainer = solver.find([*wanted, formula_])
                if plainer is not None:
                    found = plainer
                    wanted.append(formula_)
                    if isinstance(choice, Choice):
                        break
        return self._read(found.holds)

    def _read(self, holds: Callable[[Formula], bool]) -> Mapping[str, Any]:
        return self._choices.read(holds)

    def _given(self, found: Mapping[str, Any]) -> Given:
        return {name: leaf.value(found) for name, leaf in self._made.items()}


_OTHERWISE: Final = "no input was found that is answered otherwise where one may be"


def _type(step: Step) -> Type:
    if step.kind == "input" or step.item.type != ANY or step.logic is None:
        return step.item.type
    return result_type(step.logic)
