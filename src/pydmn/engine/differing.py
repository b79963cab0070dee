"""Two versions of a decision compared: what is asked of both, and what both engines answer."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pydmn.backends import to_python
from pydmn.diagnostics import Severity
from pydmn.engine.space import STEPS
from pydmn.engine.verifying import TableEngine
from pydmn.errors import InputError, LimitExceeded, ModelError, NotDecided, UnknownName
from pydmn.feel import host
from pydmn.feel.json_text import read_json, write_json
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Step, Table
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

if TYPE_CHECKING:
    from pydmn.engine.decide import Decide
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
        self._decides: dict[int | None, Decide] = {}
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
        if self.step.kind != "decision":
            message = f"`{decision}` of the {name} version is no decision"
            raise ModelError(message)
        needed = {step.key for step in model.backend.graph(self.step.key).inputs}
        # An input of an import has a short name too, where no other has that.
        self.names = {s.key: each for each, s in model.input_names.items() if s.key in needed}
        self.inputs = {each: model.input_names[each] for each in self.names.values()}

    def table(self) -> Version:
        """Return the decision as a table over inputs. Raises `NotBoxes`."""
        step, plan = self.step, self.model.plan
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

        def engine(of: Step, reads: Mapping[str, Step]) -> TableEngine:
            # One of its own: compilers know steps by their keys, and this one is not of the plan.
            compiler = to_python.Compiler(model.plan, model.backend.functions)
            return TableEngine(of, reads, compiler, model.limits, model.clock)

        return Version(step, requires, engine)

    def graph(self, leaves: Mapping[str, Step]) -> Graph:
        """Return the version over `leaves` by name: inputs, and what stands for some."""
        model = self.model

        def run() -> Run:
            return Run(replace(model.limits, steps=STEPS), model.clock)

        def checked(step: Step, value: Any) -> Any:
            return model.backend.checked(step, run(), value)

        return Graph(model.plan, self.step.key, model.backend, leaves, checked, run)

    def answer(
        self, witness: Mapping[str, Any], steps: int | None = None
    ) -> tuple[Any, Callable[[], tuple[str, ...]]]:
        """Return the answer in a case, and what returns the rules hit on the way to it.

        It may take so many `steps`, if they are given, in place of those of the model's limits.
        """
        if self._large is not None:
            value, hits = self._of_large(*self._large, witness)
            return value, lambda: hits
        result = self._decide(steps).evaluate(witness)

        def rules() -> tuple[str, ...]:
            hits = (rule for hit in result.trace.hits for rule in hit.rules)
            return tuple(dict.fromkeys(hits))

        return result.value, rules

    def _decide(self, steps: int | None) -> Decide:
        found = self._decides.get(steps)
        if found is None:
            limits = None if steps is None else replace(self.model.limits, steps=steps)
            found = self._decides[steps] = self.model.decision(self.decision, limits=limits)
        return found

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
        self, version: Version, forms: Forms, witness: Mapping[str, Any]
    ) -> tuple[Any, tuple[str, ...]]:
        """Return what the engine answers by the rules that may match; it sees no others."""
        limits = self.model.limits
        given = {
            name: host.from_python(witness.get(name), step.item.type, limits, f"input `{name}`")
            for name, step in version.requires.items()
        }
        engine = version.engine(narrowed(version, forms, given), version.requires)
        answered = engine.replay(given)
        return host.to_python(answered.value), answered.hits


def _same_inputs(old: _Side, new: _Side) -> None:
    """Raise `ModelError` where a version hangs on an input that the other has not so."""
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


class _Comparison:
    """Two versions of a decision that are asked the same."""

    def __init__(self, old: _Side, new: _Side) -> None:
        self._old, self._new = self.sides = old, new
        self._twins = Twins(old.model.plan, new.model.plan, old.names, new.names)
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
            return self._told(*changes(TwoTables(old.table(), new.table()), self.replay))
        except NotBoxes:
            return self._of_graphs()

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
        shared = self._twins.frontier(old.step.key, new.step.key)
        shared = {name: each for name, each in shared.items() if name not in old.inputs}
        tried = _Tried(self, [old.model.step(name) for name in shared])
        if shared:
            mine, its = ({name: each[place] for name, each in shared.items()} for place in (0, 1))
            by_shared = self._compared(
                old.graph({**old.inputs, **mine}), new.graph({**new.inputs, **its}), tried.within
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
        reasons = [*two.why, *(two.vague if found else ())]
        return self._told(found, why or next(iter(reasons), None))

    def _told(self, found: Sequence[Change], why: str | None) -> Difference:
        equal = False if found else True if why is None else None
        return Difference(self._old.decision, equal, tuple(found), why)

    def replay(self, given: Mapping[str, Any]) -> Change | None:
        """Return what the engines answer to FEEL values by name; None where that is the same.

        They are asked as JSON asks them, so that whoever reads the case can ask it.
        """
        try:
            return self.within(given, None)
        except LimitExceeded:
            return None

    def within(self, given: Mapping[str, Any], steps: int | None) -> Change | None:
        """Return the same within so many steps; raises `LimitExceeded` where these are spent."""
        witness = {name: host.to_python(given.get(name)) for name in self._old.inputs}
        asked = read_json(write_json(witness))
        try:
            old, old_rules = self._old.answer(asked, steps)
            new, new_rules = self._new.answer(asked, steps)
        except InputError:
            return None
        if self._identity(old) == self._identity(new):
            return None
        class_ = ChangeClass.DIFFERENT
        if old is None or new is None:
            class_ = ChangeClass.BROADER if old is None else ChangeClass.NARROWER
        return Change(class_, witness, old, new, old_rules(), new_rules())

    def _identity(self, value: Any) -> Hashable:
        value = host.from_python(value)
        run = Run()
        if self._collected and isinstance(value, list):
            # The order of what is collected means nothing (8.2.10).
            return frozenset(Counter(identity(run, each) for each in value).items())
        found: Hashable = identity(run, value)
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
        steps = _STEPS_A_CASE
        # Few of those that take long are tried, and last: they keep no other from being tried.
        while waiting and steps <= _MOST_STEPS:
            longer = []
            for number, given in waiting:
                try:
                    change = self._comparison.within(given, steps)
                except LimitExceeded:
                    longer.append((number, given))
                else:
                    if change is not None:
                        found[number] = given, change
            steps *= 8
            waiting = longer[: max(1, _STEPS_A_ROUND // steps)]
        return [found[number] for number in sorted(found)]

    def within(self, _: Mapping[str, Any], inside: Callable[..., bool] | None) -> Change | None:
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


_STEPS_A_CASE: Final = 1_000
"""At first; some of the cases that need more are tried again with eight times as many."""
_STEPS_A_ROUND: Final = 1_000_000
"""What those that are tried again may take together."""
_MOST_STEPS: Final = 4_096_000
_KINDS: Final = 20
"""So many kinds of changes are shown where cases are tried."""
