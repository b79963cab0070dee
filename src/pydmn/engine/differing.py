"""Two versions of a decision compared: what is asked of both, and what both engines answer."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pydmn.backends import to_python
from pydmn.diagnostics import Severity
from pydmn.engine.verifying import TableEngine
from pydmn.errors import InputError, LimitExceeded, ModelError, NotDecided, UnknownName
from pydmn.feel import ast, host
from pydmn.feel.json_text import read_json, write_json
from pydmn.limits import Limits
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Feel, FunctionOf, Plan, Requirement, Step, Table
from pydmn.plan.stack import with_room
from pydmn.run import Run
from pydmn.verify.changes.found import Change, ChangeClass, Difference
from pydmn.verify.changes.graphs import Graph, Replay, TwoGraphs
from pydmn.verify.changes.joint import NotBoxes, Version, forms_of, narrowed
from pydmn.verify.changes.matching import Forms, asked_of
from pydmn.verify.changes.tables import TwoTables, changes
from pydmn.verify.changes.trials import cases
from pydmn.verify.changes.twins import Twins, types_alike
from pydmn.verify.diagrams import identity
from pydmn.verify.graph.unlike import in_no_order

if TYPE_CHECKING:
    from pydmn.engine.model import Model


_MANY: Final = 500
"""A table of so many rules is large."""


def difference(old: Model, new: Model, decision: str) -> Difference:
    """Return where two versions answer differently; see `pydmn.diff`."""
    sides = _Side(old, "old", decision), _Side(new, "new", decision)
    _same_inputs(*sides)
    return with_room(lambda: _Comparison(*sides).difference())


class _Side:
    """One version: its model, its decision, the inputs that the decision hangs on by name."""

    def __init__(self, model: Model, name: str, decision: str) -> None:
        self.model = model
        self.name = name
        self.decision = decision
        broken = [each for each in model.diagnostics if each.severity is Severity.ERROR]
        if broken:
            message = f"the {name} version has an error: {broken[0].message}"
            raise ModelError(message, broken)
        try:
            self.step = model.step(decision)
        except UnknownName as error:
            message = f"the {name} version has no `{decision}`"
            told = [replace(each, message=message) for each in error.diagnostics]
            raise UnknownName(message, told) from None
        if self.step.kind == "input":
            message = f"`{decision}` of the {name} version is an input, and no decision"
            raise ModelError(message)
        self._decide = model.decision(decision)
        self.plan, self.key = model.plan, self.step.key
        if self.step.kind != "decision":
            self.plan, self.key, parameters = _calling(model.plan, self.step)
            self.names = {each.key: each.name for each in parameters}
            self.inputs = {each.name: each for each in parameters}
            return
        needed = {step.key for step in model.backend.graph(self.step.key).inputs}
        # An input of an import has a short name too, where no other has that.
        self.names = {s.key: each for each, s in model.input_names.items() if s.key in needed}
        self.inputs = {each: model.input_names[each] for each in self.names.values()}

    @property
    def rules(self) -> int:
        """How many rules the decision has, if it is a table."""
        return len(self.step.logic.rules) if isinstance(self.step.logic, Table) else 0

    def table(self) -> Version:
        """Return the decision as a table over inputs. Raises `NotBoxes`."""
        step, plan = self.step, self.plan
        if not isinstance(step.logic, Table):
            raise NotBoxes(f"`{self.decision}` is no table")
        requires: dict[str, Step] = {}
        for each in step.requirements:
            required = plan.steps[each.key]
            if each.package or self.names.get(each.key, each.name) != each.name:
                raise NotBoxes(f"`{each.name}` is of an import")
            if required.kind == "decision":
                raise NotBoxes(f"`{each.name}` is no input")
            if required.kind not in ("knowledge", "service"):
                requires[each.name] = required
        model = self.model

        def engine(
            of: Step, reads: Mapping[str, Step], limits: Limits = model.limits
        ) -> TableEngine:
            # One of its own: compilers know steps by their keys, and this one is not of the plan.
            compiler = to_python.Compiler(model.plan, model.backend.functions)
            return TableEngine(of, reads, compiler, limits, model.clock)

        return Version(step, requires, engine)

    def graph(self, leaves: Mapping[str, Step]) -> Graph:
        """Return the version over `leaves` by name: inputs, and what stands for some."""
        model = self.model

        def run() -> Run:
            return Run(replace(model.limits, steps=_STEPS), model.clock)

        def checked(step: Step, value: Any) -> Any:
            return model.backend.checked(step, run(), value)

        return Graph(self.plan, self.key, model.backend, leaves, checked, run)

    def answer(self, witness: Mapping[str, Any], budget: Budget) -> tuple[Any, tuple[str, ...]]:
        """Return the answer in a case, and the rules hit on the way to it.

        Raises `LimitExceeded` where the budget does not do.
        """
        steps = min(budget.a_case, budget.left, self.model.limits.steps)
        if self._large is not None:
            budget.left -= _STEPS_OF_LARGE
            return self._of_large(*self._large, witness, steps)
        try:
            result, spent = self._decide.counted(witness, steps)
        except LimitExceeded:
            budget.left -= steps
            raise
        budget.left -= spent
        hits = (rule for hit in result.trace.hits for rule in hit.rules)
        return result.value, tuple(dict.fromkeys(hits))

    @cached_property
    def _large(self) -> tuple[Version, Forms] | None:
        """The decision as a table, where it has so many rules that compiling them takes long."""
        logic = self.step.logic
        if not isinstance(logic, Table) or len(logic.rules) < _MANY:
            return None
        try:
            version = self.table()
        except NotBoxes:
            return None
        return version, forms_of(version)

    def _of_large(
        self, version: Version, forms: Forms, witness: Mapping[str, Any], steps: int
    ) -> tuple[Any, tuple[str, ...]]:
        """Return what the engine answers by the rules that may match; it sees no others."""
        limits = replace(self.model.limits, steps=steps)
        given = {
            name: host.from_python(witness.get(name), step.item.type, limits, f"input `{name}`")
            for name, step in version.requires.items()
        }
        engine = version.engine(narrowed(version, forms, given), version.requires, limits)
        answered = engine.replay(given)
        return host.to_python(answered.value), answered.hits


def _calling(plan: Plan, step: Step) -> tuple[Plan, str, tuple[Step, ...]]:
    """Return a plan with a decision that calls a service or knowledge model, and its inputs.

    These are the parameters, by their names.
    """
    items = {each.name: plan.steps[each.key].item for each in step.parameters}
    if isinstance(step.logic, FunctionOf):
        items = {each.name: each.item for each in step.logic.parameters}
    inputs = tuple(
        Step(f"{step.key}({name})", name, "input", step.source, item)
        for name, item in items.items()
    )
    node = ast.Call(ast.Name(_CALLED), tuple(map(ast.Name, items)))
    required = (step, *inputs)
    names = (_CALLED, *items)
    asked = Step(
        f"{step.key}()",
        step.name,
        "decision",
        step.source,
        logic=Feel(node, step.source),
        requirements=tuple(
            Requirement(each.key, name) for each, name in zip(required, names, strict=True)
        ),
        types=step.types,
    )
    more = {each.key: each for each in (*inputs, asked)}
    return replace(plan, steps={**plan.steps, **more}), asked.key, inputs


_CALLED: Final = "\0 called"
"""A name that nothing in a model has."""


def _same_inputs(old: _Side, new: _Side) -> None:
    """Raise `ModelError` where a version hangs on an input that the other has not so."""
    kinds = [_KINDS_OF[side.step.kind] for side in (old, new)]
    if kinds[0] != kinds[1]:
        raise ModelError(
            f"`{old.decision}` is a {kinds[0]} in the old version and a {kinds[1]} in the new"
        )
    for one, other in ((old, new), (new, old)):
        for name in one.inputs:
            if name not in other.inputs:
                near = difflib.get_close_matches(name, other.inputs.keys() - one.inputs.keys(), 1)
                hint = f"; is it `{near[0]}` in the {other.name} version?" if near else ""
                raise ModelError(
                    f"`{old.decision}` hangs on the input `{name}` in the {one.name} version only"
                    f"{hint}"
                )
    for name, step in old.inputs.items():
        its = new.inputs[name].item.type
        if step.item.type != its:
            raise ModelError(
                f"the input `{name}` is {step.item.type} in the old version and {its} in the new"
            )


_KINDS_OF: Final = {
    "decision": "decision",
    "service": "decision service",
    "knowledge": "business knowledge model",
}


@dataclass(slots=True)
class Budget:
    """What cases may cost: so many steps are `left` for all, and one may take `a_case`."""

    left: int
    a_case: int


class _Comparison:
    """Two versions of a decision that are asked the same."""

    def __init__(self, old: _Side, new: _Side) -> None:
        self._old, self._new = self.sides = old, new
        self._twins = Twins(old.model.plan, new.model.plan, old.names, new.names)
        self._budget = Budget(_STEPS, _STEPS)
        logics = (old.step.logic, new.step.logic)
        self._collected = all(
            isinstance(each, Table)
            and each.hit_policy is HitPolicy.COLLECT
            and each.aggregation is None
            for each in logics
        )

    def difference(self) -> Difference:
        """Return what is proved or found."""
        old, new = self._old, self._new
        if self._twins.alike(old.step.key, new.step.key):
            return self._told([], None)
        try:
            self._same_beside()
            told = self._told(*changes(TwoTables(old.table(), new.table()), self.replay))
        except NotBoxes:
            return self._of_graphs()
        if told.equal is None and all(each.rules < _MANY for each in self.sides):
            # Outputs in other words may yet be the same.
            by_graphs = self._of_graphs()
            return by_graphs if by_graphs.equal is not None else told
        return told

    def _same_beside(self) -> None:
        """Raise `NotBoxes` where tables that say the same may yet answer otherwise.

        So they do where they call functions that are not the same, name types that are not, or
        where not the same is asked of their answers.
        """
        old, new = self._old.step, self._new.step
        called = [
            {
                (each.name, each.package): each.key
                for each in side.step.requirements
                if side.model.plan.steps[each.key].kind != "input"
            }
            for side in self.sides
        ]
        if called[0].keys() != called[1].keys() or not all(
            self._twins.alike(key, called[1][name]) for name, key in called[0].items()
        ):
            raise NotBoxes("what they call is not the same")
        if asked_of(old.item) != asked_of(new.item) or not types_alike(old, new):
            raise NotBoxes("their types are not the same")

    def _of_graphs(self) -> Difference:
        """Return what is told by all inputs as choices; else, by decisions that both have."""
        old, new = self._old, self._new
        told = self._compared(
            old.graph(old.inputs), new.graph(new.inputs), lambda given, _: self.replay(given)
        )
        if told.equal is not None:
            return told
        shared = {}
        if old.step.kind == "decision":
            shared = self._twins.frontier(old.step.key, new.step.key)
            shared = {name: each for name, each in shared.items() if name not in old.inputs}
        tried = _Tried(self, [old.model.step(name) for name in shared])
        if shared:
            mine, its = ({name: each[place] for name, each in shared.items()} for place in (0, 1))
            by_shared = self._compared(
                old.graph({**old.inputs, **mine}), new.graph({**new.inputs, **its}), tried.inside
            )
            if by_shared.equal is not None:
                return by_shared
        found = tried.changes()
        return self._told(found, f"{told.why}; cases were tried" if found else told.why)

    def _compared(self, old: Graph, new: Graph, replay: Replay) -> Difference:
        try:
            two = TwoGraphs(old, new)
            found, why = two.changes(replay)
        except (NotDecided, LimitExceeded) as error:
            return self._told([], error.message)
        return self._told(found, why or next(iter(two.why), None))

    def _told(self, found: Sequence[Change], why: str | None) -> Difference:
        equal = False if found else True if why is None else None
        return Difference(self._old.decision, equal, tuple(found), why)

    def replay(self, given: Mapping[str, Any]) -> Change | None:
        """Return what the engines answer to FEEL values by name; None where that is the same.

        They are asked as JSON asks them, so that whoever reads the case can ask it.
        """
        try:
            return self.answered(given, self._budget)
        except LimitExceeded:
            return None

    def answered(self, given: Mapping[str, Any], budget: Budget) -> Change | None:
        """Return the same within a budget; raises `LimitExceeded` where that does not do."""
        witness = {name: host.to_python(given.get(name)) for name in self._old.inputs}
        asked = read_json(write_json(witness))
        try:
            old, old_rules = self._old.answer(asked, budget)
            new, new_rules = self._new.answer(asked, budget)
        except InputError:
            return None
        if self._identity(old) == self._identity(new):
            return None
        class_ = ChangeClass.DIFFERENT
        if old is None or new is None:
            class_ = ChangeClass.BROADER if old is None else ChangeClass.NARROWER
        return Change(class_, witness, old, new, old_rules, new_rules)

    def _identity(self, value: Any) -> Hashable:
        value = host.from_python(value)
        run = Run()
        if self._collected and isinstance(value, list):
            # The order of what is collected means nothing (8.2.10).
            each = (in_no_order(identity(run, each)) for each in value)
            return frozenset(Counter(each).items())
        found: Hashable = in_no_order(identity(run, value))
        return found


class _Tried:
    """Cases that are tried, and what `shared` decisions of the old version answer in them."""

    def __init__(self, comparison: _Comparison, shared: Sequence[Step]) -> None:
        self._comparison = comparison
        self._shared = shared

    @cached_property
    def _changes(self) -> list[tuple[Mapping[str, Any], Change]]:
        old, new = self._comparison.sides
        readers = [*old.model.plan.steps.values(), *new.model.plan.steps.values()]
        inputs = {name: (step, new.inputs[name]) for name, step in old.inputs.items()}
        found: dict[int, tuple[Mapping[str, Any], Change]] = {}
        waiting = [*enumerate(cases(inputs, readers))]
        budget = Budget(_STEPS_TRIED, _STEPS_A_CASE)
        # Those that take long are tried last: they keep no other from being tried.
        while waiting and budget.left > 0:
            longer = []
            for number, given in waiting:
                try:
                    change = self._comparison.answered(given, budget)
                except LimitExceeded:
                    longer.append((number, given))
                else:
                    if change is not None:
                        found[number] = given, change
                if budget.left <= 0:
                    break
            budget.a_case *= 8
            waiting = longer
        return [found[number] for number in sorted(found)]

    def inside(self, _: Mapping[str, Any], inside: Callable[..., bool] | None) -> Change | None:
        """Return the first change of a case in a region."""
        if inside is None:
            return None
        for given, change in self._changes:
            if inside({**given, **self._answers(given)}):
                return change
        return None

    def _answers(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        model = self._comparison.sides[0].model
        asked = {name: host.to_python(value) for name, value in given.items()}
        return {
            step.name: host.from_python(model.evaluate(step.name, asked).value)
            for step in self._shared
        }

    def changes(self) -> list[Change]:
        """Return a change of each kind: by its class and the rules hit."""
        found: dict[Hashable, Change] = {}
        for _, change in self._changes:
            found.setdefault((change.class_, change.old_rules, change.new_rules), change)
        return list(found.values())[:_KINDS]


_STEPS: Final = 4_000_000
"""What the formulas of each version may take, and all cases of regions together."""
_STEPS_TRIED: Final = 1_500_000
"""What all cases that are tried may take together."""
_STEPS_A_CASE: Final = 500
"""At first; the cases that need more are tried again with eight times as many."""
_STEPS_OF_LARGE: Final = 1_000
"""What a case of a large table is taken to cost: few of its rules are looked at."""
_KINDS: Final = 20
"""So many kinds of changes are shown where cases are tried."""
