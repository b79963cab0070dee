"""A graph of decisions to one Python function (DMN 1.5, 10.4).

What a decision needs is worked out once, in an order that needs no recursion: a thousand
chained decisions are a loop of a thousand turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydmn.backends.to_python.boxed import compile_logic, size
from pydmn.backends.to_python.columns import TableColumns
from pydmn.backends.to_python.functions import Before, Closure, on_further_stack
from pydmn.backends.to_python.fused import Fused, Setting, Whole, fuse, fuse_whole
from pydmn.backends.to_python.items import Check, compile_item
from pydmn.backends.to_python.layout import Compiled, Frame, FrameSize, Layout
from pydmn.diagnostics import Diagnostic
from pydmn.errors import ModelError
from pydmn.feel import host, static, values
from pydmn.feel.types import FunctionType
from pydmn.limits import Limits
from pydmn.plan.logic import Broken, Plan, Requirement, Step, Table
from pydmn.plan.stack import with_room
from pydmn.run import Clock, Run
from pydmn.trace import Hit

Results = dict[str, Any]

SERVICE_STEPS = 10
"""What a call of a decision service is charged beside its decisions."""


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """One element, ready: where its requirements go in its frame, and its function."""

    step: Step
    slots: int
    reads: tuple[tuple[int, str], ...]
    packages: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    body: Compiled
    check: Check | None
    is_table: bool
    cost: int = 1

    def evaluate(self, run: Run, results: Results) -> Any:
        """Return the element's value, given those of what it requires."""
        run.charge(self.cost)
        frame: Frame = [None] * self.slots
        frame[0] = run
        for slot, key in self.reads:
            frame[slot] = results.get(key)
        for slot, members in self.packages:
            frame[slot] = {name: results.get(key) for name, key in members}
        run.trace.decision = self.step.name
        value = self.body(frame)
        if self.check is not None:
            value = self.check(run, value)
        return value


class Compiler:
    """Compiles steps of a plan on demand, each once."""

    def __init__(self, plan: Plan, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions
        self._plan = plan
        self._steps: dict[str, CompiledStep] = {}
        self._columns: dict[str, TableColumns] = {}
        self._checks: dict[str, Check | None] = {}

    def graph(self, *keys: str, given: Iterable[str] = (), beside: Iterable[Step] = ()) -> Graph:
        """Return the graph that ends in `keys`; what is `given` is not worked out.

        `beside` are steps that are not part of the plan, and worked out last. Raises
        `ModelError` where something that it needs cannot run.
        """
        return Graph(self, self._plan, keys, frozenset(given), tuple(beside))

    def compiled(self, step: Step) -> CompiledStep:
        """Return a step compiled."""
        known = self._steps.get(step.key)
        if known is None:
            known = self._steps[step.key] = self._compile(step)
        return known

    def setting(self, inputs: Mapping[str, Step], limits: Limits, clock: Clock) -> Setting:
        """Return what fused functions are run with."""
        return Setting(inputs, self.functions, limits, clock)

    def columns(self, step: Step) -> TableColumns:
        """Return the columns of a decision that is a table."""
        known = self._columns.get(step.key)
        if known is None:
            known = self._columns[step.key] = TableColumns(self._plan, step, self.functions)
        return known

    def expression(self, step: Step) -> Callable[[Run, Mapping[str, Any]], Any]:
        """Return the function that evaluates a step which is not part of the plan."""
        compiled = self._compile(step)
        return lambda run, values: compiled.evaluate(run, dict(values))

    def checked(self, step: Step, run: Run, value: Any) -> Any:
        """Return the value that an input has: `value`, or null where its item forbids it."""
        if step.key not in self._checks:
            layout = Layout(FrameSize(), types=self._plan.types)
            self._checks[step.key] = compile_item(step.item, f"input {step.name}", layout)
        check = self._checks[step.key]
        return value if check is None else check(run, value)

    def value(self, step: Step, run: Run, values: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
        """Return the value of one step and the ids of the rules hit.

        `values` are those of what it requires, by key.
        """
        hits = run.trace.hits
        before = len(hits)
        compiled = self.compiled(step)
        value = compiled.evaluate(run, dict(values))
        rules = tuple(rule for hit in hits[before:] for rule in hit.rules)
        del hits[before:]
        return value, rules if compiled.is_table else ()

    def _compile(self, step: Step) -> CompiledStep:
        if step.kind == "service":
            return self._compile_service(step)
        if step.logic is None:
            raise ModelError(f"`{step.name}` has no logic", step.diagnostics)
        if isinstance(step.logic, Broken):
            raise ModelError(step.logic.diagnostics[0].message, step.logic.diagnostics)
        slots = FrameSize()
        layout = Layout(slots, types=step.types, functions=self.functions)
        layout, reads, packages = _bind(layout, step.requirements)
        own: int | None = None
        if step.kind == "knowledge":
            # A business knowledge model may call itself.
            layout, (own,) = layout.bind(step.name)
        body = compile_logic(step.logic, layout)
        what = f"the result of {step.name}"
        # What the logic has asked of its value already need not be asked again.
        asked = step.kind == "decision" and step.item != step.logic.item
        check = compile_item(step.item, what, layout) if asked else None
        if own is not None:
            body = _self_calling(body, own, step.name)
        is_table = isinstance(step.logic, Table)
        # A table charges itself.
        cost = 1 if is_table else size(step.logic)
        return CompiledStep(step, slots.slots, reads, packages, body, check, is_table, cost)

    def _compile_service(self, step: Step) -> CompiledStep:
        function = Service(self, self._plan, step)
        return CompiledStep(step, 1, (), (), lambda _: function, None, False)


def _bind(
    layout: Layout, requirements: tuple[Requirement, ...]
) -> tuple[
    Layout, tuple[tuple[int, str], ...], tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
]:
    """Return a layout with all requirements bound, and which slot takes what."""
    reads: list[tuple[int, str]] = []
    packages: dict[str, list[tuple[str, str]]] = {}
    for each in requirements:
        if each.package:
            packages.setdefault(each.package[0], []).append((each.name, each.key))
        else:
            layout, (slot,) = layout.bind(each.name)
            reads.append((slot, each.key))
    packed: list[tuple[int, tuple[tuple[str, str], ...]]] = []
    for name, members in packages.items():
        layout, (slot,) = layout.bind(name)
        packed.append((slot, tuple(members)))
    return layout, tuple(reads), tuple(packed)


def _self_calling(body: Compiled, slot: int, name: str) -> Compiled:
    """Return a knowledge model that finds itself under its own name, and bears that name."""

    def knowledge(frame: Frame) -> Any:
        function = body(frame)
        if isinstance(function, Closure):
            function.name = name
            function.see(slot, function)
        return function

    return knowledge


class Graph:
    """What one element needs, in order; immutable once made, safe to share among threads."""

    __slots__ = ("_compiler", "_input_checks", "_inputs", "key", "steps")

    def __init__(
        self,
        compiler: Compiler,
        plan: Plan,
        keys: tuple[str, ...],
        given: frozenset[str],
        beside: tuple[Step, ...] = (),
    ) -> None:
        self.key = keys[0]
        """What `evaluate` gives the value of: the first of several."""
        wanted = {*keys, *(each.key for step in beside for each in step.requirements)}
        needed = [plan.steps[each] for each in _needed(plan, wanted, given)]
        self._inputs = tuple(step for step in needed if step.kind == "input")
        planned = (step for step in needed if step.kind != "input" and step.key not in given)
        self.steps = (*planned, *beside)
        _check_order(self.steps, given)
        self._compiler = compiler
        for step in self.steps:
            if not isinstance(step.logic, Table):
                compiler.compiled(step)  # what cannot run is said now
        layout = Layout(FrameSize(), types=plan.types)
        self._input_checks = tuple(
            (step.key, step.name, check)
            for step in self._inputs
            if (check := compile_item(step.item, f"input {step.name}", layout)) is not None
        )

    @property
    def inputs(self) -> tuple[Step, ...]:
        """The input data that the answer may depend on."""
        return self._inputs

    def fused(
        self, inputs: Mapping[str, Step], limits: Limits, clock: Clock, slow: Fused
    ) -> Fused | None:
        """Return the fast function of the host's mapping; None where there is none.

        `inputs` are the input data by the host's name; `slow` is what answers in its place.
        """
        return fuse(self.steps, self.key, self._compiler.setting(inputs, limits, clock), slow)

    def whole(self, inputs: Mapping[str, Step], limits: Limits, clock: Clock) -> Whole:
        """Return the function that gives the value and the hit of each of `steps`."""

        def slow(given: Mapping[str, Any]) -> tuple[Any, ...]:
            return with_room(lambda: self._parts(inputs, given, Run(limits, clock)))

        setting = self._compiler.setting(inputs, limits, clock)
        found = fuse_whole(self.steps, setting, slow)
        return found or Whole(slow, (tuple,) * len(self.steps))

    def _parts(
        self, inputs: Mapping[str, Step], given: Mapping[str, Any], run: Run
    ) -> tuple[Any, ...]:
        results = {
            step.key: host.from_python(given[name], step.item.type, run.limits, f"input `{name}`")
            for name, step in inputs.items()
            if name in given
        }
        return tuple(part for both in self.explained(run, results) for part in both)

    def explained(self, run: Run, results: Results) -> Iterator[tuple[Any, tuple[str, ...]]]:
        """Yield the value and the ids of the rules hit of each of `steps`, in turn."""
        self.check_inputs(run, results)
        for step in self.steps:
            value, rules = self._compiler.value(step, run, results)
            results[step.key] = value
            yield value, rules

    def check_inputs(self, run: Run, results: Results) -> None:
        """Make null, in `results` by key, each input that is not what it is declared to be."""
        for key, name, check in self._input_checks:
            if key in results:
                run.trace.decision = name
                results[key] = check(run, results[key])

    def evaluate(self, run: Run, results: Results) -> Any:
        """Return the value of `key`; `results` has the inputs by key, and takes the rest."""
        self.check_inputs(run, results)
        trace = run.trace
        for step in self.steps:
            before = len(trace.hits)
            compiled = self._compiler.compiled(step)
            value = compiled.evaluate(run, results)
            results[step.key] = value
            if step.kind == "decision" and not compiled.is_table:
                del trace.hits[before:]
                trace.hits.append(Hit(step.name, value))
        return results.get(self.key)


def _needed(plan: Plan, keys: Iterable[str], given: frozenset[str]) -> list[str]:
    """Return the keys that `keys` need, in the plan's order; nothing beyond what is given."""
    wanted = frozenset(keys)
    needed = set(wanted)
    waiting = list(wanted)
    while waiting:
        each = waiting.pop()
        if each in given and each not in wanted:
            continue
        for required in plan.steps[each].requirements:
            if required.key not in needed and required.key in plan.steps:
                needed.add(required.key)
                waiting.append(required.key)
    return [each for each in plan.steps if each in needed]


def _check_order(steps: Sequence[Step], given: frozenset[str]) -> None:
    """Raise `ModelError` where a step needs itself, directly or not (6.3.7)."""
    waiting = {step.key for step in steps}
    for step in steps:
        for required in step.requirements:
            if required.key in waiting and required.key not in given:
                message = f"`{step.name}` needs `{required.name}`, which needs it in turn"
                found = Diagnostic(
                    "requirement-cycle", message, step.source, help="remove one requirement"
                )
                raise ModelError(message, (found,))
        waiting.discard(step.key)


class Service(values.Function):
    """A decision service as a function (10.4): its inputs are its parameters."""

    __slots__ = ("_compiler", "_graphs", "_plan", "_step")

    def __init__(self, compiler: Compiler, plan: Plan, step: Step) -> None:
        parameters = tuple(
            values.Parameter(each.name, plan.steps[each.key].item.type) for each in step.parameters
        )
        assert isinstance(step.item.type, FunctionType)
        super().__init__(step.name, (values.Signature(parameters),), step.item.type.result)
        self._compiler = compiler
        self._plan = plan
        self._step = step
        self._graphs: tuple[tuple[str, Graph], ...] | None = None

    def graphs(self) -> tuple[tuple[str, Graph], ...]:
        """Return the graph of each output decision, by name; made at first need."""
        if self._graphs is None:
            given = [each.key for each in self._step.parameters]
            self._graphs = tuple(
                (each.name, self._compiler.graph(each.key, given=given))
                for each in self._step.outputs
            )
        return self._graphs

    def invoke(self, run: Run, args: list[Any]) -> Any:
        """Return the output decision's value, or a context of them where there are several."""
        run.charge(SERVICE_STEPS)
        before = Before(run)
        try:
            answers = self._answers(run, args)
        except RecursionError:
            before.restore(run)
            answers = on_further_stack(run, lambda: self._answers(run, args))
        run.trace.decision = before.decision
        answer = next(iter(answers.values())) if len(answers) == 1 else answers
        converted = values.coerce(answer, self.result_type, run)
        if converted is values.NOT_COERCIBLE:
            wanted = static.kind(self.result_type)
            run.note(
                "type",
                f"the result of {self.name} is {values.described(answer)}, not a {wanted}",
            )
            return None
        return converted

    def _answers(self, run: Run, args: list[Any]) -> dict[str, Any]:
        """Return the value of each output decision by name."""
        results = {
            each.key: argument for each, argument in zip(self._step.parameters, args, strict=True)
        }
        return {name: graph.evaluate(run, results) for name, graph in self.graphs()}
