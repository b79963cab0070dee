"""Two versions of a decision compared: what is asked of both, and what both engines answer."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pydmn.diagnostics import Severity
from pydmn.engine.verifying import TableEngine
from pydmn.errors import InputError, ModelError, UnknownName
from pydmn.feel import host
from pydmn.feel.json_text import read_json, write_json
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Step, Table
from pydmn.plan.stack import with_room
from pydmn.run import Run
from pydmn.verify.changes.found import Change, ChangeClass, Difference
from pydmn.verify.changes.matching import Forms
from pydmn.verify.changes.tables import NotBoxes, TwoTables, Version, changes, forms_of, narrowed
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
        self.inputs = {each: step for each, step in model.input_names.items() if step.key in needed}
        self.names = {step.key: each for each, step in self.inputs.items()}

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
            return TableEngine(of, reads, model.backend, model.limits, model.clock)

        return Version(step, requires, engine)

    def answer(self, witness: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
        """Return the answer in a case, and the rules hit on the way to it."""
        if self._large is not None:
            return self._of_large(*self._large, witness)
        result = self._decide.evaluate(witness)
        rules = (rule for hit in result.trace.hits for rule in hit.rules)
        return result.value, tuple(dict.fromkeys(rules))

    @cached_property
    def _decide(self) -> Decide:
        return self.model.decision(self.decision)

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
        self._old, self._new = old, new
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
        try:
            two = TwoTables(old.table(), new.table())
        except NotBoxes as error:
            return Difference(old.decision, None, why=str(error))
        found, why = changes(two, self._replay)
        return Difference(old.decision, _equal(found, why), tuple(found), why)

    def _replay(self, given: Mapping[str, Any]) -> Change | None:
        """Return what the engines answer to FEEL values by name; None where that is the same.

        They are asked as JSON asks them, so that whoever reads the case can ask it.
        """
        witness = {name: host.to_python(given.get(name)) for name in self._old.inputs}
        asked = read_json(write_json(witness))
        try:
            old, old_rules = self._old.answer(asked)
            new, new_rules = self._new.answer(asked)
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
            return frozenset(Counter(identity(run, each) for each in value).items())
        found: Hashable = identity(run, value)
        return found


def _equal(found: list[Change], why: str | None) -> bool | None:
    if found:
        return False
    return True if why is None else None
