"""One decision of a model, ready to answer."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydmn.backends import to_python
from pydmn.diagnostics import Diagnostic, Severity
from pydmn.engine.result import Explained, Result
from pydmn.feel import host
from pydmn.feel.types import Type
from pydmn.limits import Limits
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Step
from pydmn.plan.stack import with_room
from pydmn.run import Run
from pydmn.source import Source
from pydmn.trace import Hit, Trace

if TYPE_CHECKING:
    from pydmn.engine.model import Model


class Decide:
    """A decision, service or knowledge model as a Python function of a mapping."""

    def __init__(self, model: Model, step: Step, graph: to_python.Graph, limits: Limits) -> None:
        self._model = model
        self._step = step
        self.graph = graph
        self._limits = limits
        self._inputs = self._readable(model, step, graph)
        self._was_asked = False

    @cached_property
    def _fused(self) -> to_python.Fused | None:
        """The fast function, where the model has one.

        It is made when it is first called for its value: that takes longer than one evaluation,
        and `evaluate` does without the first time, which often is the only one.
        """
        if self._step.kind != "decision":
            return None
        steps = self._model.plan.steps
        inputs = {name: steps[key] for name, (key, _) in self._inputs.items()}
        return self.graph.fused(inputs, self._limits, self._model.clock, self.by_closures)

    @staticmethod
    def _readable(model: Model, step: Step, graph: to_python.Graph) -> dict[str, tuple[str, Type]]:
        """Return, by name, the key and type of each value that the answer reads."""
        steps = model.plan.steps
        if step.kind == "service":
            return {each.name: (each.key, steps[each.key].item.type) for each in step.parameters}
        if step.kind == "knowledge":
            # A knowledge model's parameters are no elements of the graph: names are the keys.
            logic = step.logic
            parameters = getattr(logic, "parameters", ())
            return {each.name: (each.name, each.item.type) for each in parameters}
        needed = {each.key for each in graph.inputs}
        return {
            name: (key, steps[key].item.type)
            for name, key in model.plan.names.items()
            if key in needed
        }

    def __call__(self, inputs: Mapping[str, Any]) -> Any:
        """Return the value alone."""
        return self.by_closures(inputs) if self._fused is None else self._fused(inputs)

    def by_closures(self, inputs: Mapping[str, Any]) -> Any:
        """Return the value in the slow way, which says what the fast one has to."""
        return with_room(lambda: self._answer(inputs))

    def evaluate(self, inputs: Mapping[str, Any]) -> Result:
        """Return the value with its trace and diagnostics, which are made when they are read."""
        asked_again, self._was_asked = self._was_asked, True
        if asked_again and self._fused is not None and self._pure:
            kept = _kept(inputs)
            if kept is not None:
                return Result(self._fused(inputs), lambda: self._explained(kept)[1])
        value, explained = self._explained(inputs)
        return Result(value, lambda: explained)

    def counted(self, inputs: Mapping[str, Any], steps: int) -> tuple[Result, int]:
        """Return the value with its trace, and how many steps it took: `steps` at most."""

        def work() -> tuple[Result, int]:
            run = Run(replace(self._limits, steps=steps), self._model.clock)
            value, explained = self._traced(inputs, run)
            return Result(value, lambda: explained), steps - run.steps

        return with_room(work)

    @cached_property
    def _pure(self) -> bool:
        """Whether the same inputs have the same answer: no clock is read, no host asked."""
        return all(map(is_pure, self.graph.steps))

    def _explained(self, inputs: Mapping[str, Any]) -> tuple[Any, Explained]:
        return with_room(lambda: self._traced(inputs, Run(self._limits, self._model.clock)))

    def _answer(self, inputs: Mapping[str, Any]) -> Any:
        run = Run(self._limits, self._model.clock)
        return host.to_python(self._value(run, self._converted(inputs)), run)

    def _traced(self, inputs: Mapping[str, Any], run: Run) -> tuple[Any, Explained]:
        given = self._converted(inputs)
        self._note_nulls(run.trace, given)
        value = self._value(run, given)
        hits = [_python_hit(hit, run) for hit in run.trace.hits]
        return host.to_python(value, run), (
            Trace(hits, run.trace.notes, run.trace.dropped),
            (*self._unknown_inputs(inputs), *_violations(run.trace)),
        )

    def _value(self, run: Run, given: dict[str, Any]) -> Any:
        value = self.graph.evaluate(run, given)
        if self._step.kind == "decision":
            return value
        arguments = {name: given.get(key) for name, (key, _) in self._inputs.items()}
        return value.call_named(run, arguments)

    def _note_nulls(self, trace: Trace, given: Mapping[str, Any]) -> None:
        """Note the inputs that are null: what reads them may be null for no other reason."""
        for name, (key, _) in self._inputs.items():
            if given.get(key) is None:
                trace.decision = name
                said = "null" if key in given else "not given"
                trace.note("null-input", f"input {name} is {said}")
        trace.decision = None

    def _converted(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return `inputs` as FEEL values by key."""
        given: dict[str, Any] = {}
        for name, (key, type_) in self._inputs.items():
            if name in inputs:
                value = inputs[name]
            elif "." in name and (found := _nested(inputs, name)) is not _ABSENT:
                value = found
            else:
                continue
            given[key] = host.from_python(value, type_, self._limits, f"input `{name}`")
        return given

    def _unknown_inputs(self, inputs: Mapping[str, Any]) -> list[Diagnostic]:
        known = {*self._inputs, *(name.split(".")[0] for name in self._inputs)}
        known.update(self._model.input_names)
        unknown = [name for name in inputs if name not in known]
        found = []
        for name in unknown:
            near = difflib.get_close_matches(str(name), known, 1)
            found.append(
                Diagnostic(
                    "unknown-input",
                    f"`{self._step.name}` reads no input `{name}`",
                    help=f"did you mean `{near[0]}`?" if near else None,
                    severity=Severity.WARNING,
                )
            )
        return found


_LASTING = frozenset({str, int, float, bool, Decimal, type(None), date, datetime, time, timedelta})


def _kept(inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the inputs as they are now, whatever the host does next; None where it may do more.

    Values that nothing changes, and lists of them, are kept; for others it takes longer.
    """
    kept: dict[str, Any] = {}
    for name, value in inputs.items():
        class_ = type(value)
        if class_ in _LASTING:
            kept[name] = value
        elif class_ is list and {*map(type, value)} <= _LASTING:
            kept[name] = value.copy()
        else:
            return None
    return kept


_ABSENT = object()


def _nested(inputs: Mapping[str, Any], name: str) -> Any:
    """Return `inputs["import"]["name"]` for `import.name`, if it is there."""
    package, _, inner = name.partition(".")
    inside = inputs.get(package)
    return inside.get(inner, _ABSENT) if isinstance(inside, Mapping) else _ABSENT


def _python_hit(hit: Hit, run: Run) -> Hit:
    inputs = {name: host.to_python(value, run) for name, value in hit.inputs.items()}
    return Hit(hit.decision, host.to_python(hit.value, run), hit.rules, inputs)


_BLAMED = {"unique-violation", "any-violation", "type", "allowed-values", "input-values"}


def _violations(trace: Trace) -> list[Diagnostic]:
    return [
        Diagnostic(
            note.code, note.message, Source("", place=(note.decision,) if note.decision else ())
        )
        for note in trace.notes
        if note.code in _BLAMED
    ]
