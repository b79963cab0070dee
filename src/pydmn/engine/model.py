"""A DMN model, ready to answer."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from pydmn.backends import to_python
from pydmn.diagnostics import Diagnostic, Severity
from pydmn.engine.files import File, definitions
from pydmn.engine.frames import frame_plan
from pydmn.engine.possible import Condition, Possible, Together
from pydmn.errors import UnknownName
from pydmn.feel import builtins, host, parser
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import NUMBER, Type
from pydmn.limits import Limits
from pydmn.model import Definitions, Models, link
from pydmn.plan.build import build
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Broken, Cell, Feel, Plan, Requirement, Step, Table
from pydmn.plan.stack import with_room
from pydmn.plan.view import InputView, TableView, input_view, reads, table_view, text_of
from pydmn.run import Clock, Run
from pydmn.source import Source
from pydmn.trace import Hit, Trace
from pydmn.verify.atoms import atoms
from pydmn.verify.enumeration import few
from pydmn.verify.outlook import Outlook
from pydmn.verify.worlds import Unknown, Worlds

if TYPE_CHECKING:
    from pydmn.backends.to_polars.decisions import FramePlan
    from pydmn.backends.to_polars.result import FrameResult

_NUMBERS = frozenset({int, float, Decimal})
_KEPT = 1_000
"""So many inputs' atoms are kept: those of a number depend on the other numbers."""

Explained: TypeAlias = tuple[Trace, tuple[Diagnostic, ...]]

Functions: TypeAlias = Mapping[str, Callable[..., Any]]


class Result:
    """The answer to one question.

    `value` in the host's types; `trace`, what happened on the way, with values of the host
    too; `diagnostics`, what the model or the input is to blame for. A trace that was not kept
    is made when it is first read, from the inputs as they were.
    """

    __slots__ = ("_explain", "_explained", "value")

    def __init__(self, value: Any, explain: Callable[[], Explained]) -> None:
        self.value = value
        self._explain = explain
        self._explained: Explained | None = None

    def __repr__(self) -> str:
        return f"Result({self.value!r})"

    @property
    def trace(self) -> Trace:
        """What happened on the way."""
        return self._both()[0]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the model or the input is to blame for."""
        return self._both()[1]

    def _both(self) -> Explained:
        if self._explained is None:
            self._explained = self._explain()
        return self._explained

    def __reduce__(self) -> tuple[Any, ...]:
        """A result travels with its trace."""
        return _result, (self.value, self._both())


def _result(value: Any, explained: Explained) -> Result:
    return Result(value, lambda: explained)


class Model:
    """A DMN model, ready to answer."""

    def __init__(
        self, files: tuple[File, ...], functions: Functions, limits: Limits, clock: Clock
    ) -> None:
        self._files = files
        self._functions = dict(functions)
        self.limits = limits
        self._clock = clock
        self._togethers: dict[Any, Together] = {}
        self._unknowns: dict[Any, Unknown] = {}
        self._frames: dict[str, FramePlan] = {}
        read, found = definitions(files, limits)
        self.models: Models
        self.models, linked = link(read)
        self.plan: Plan = build(self.models, limits)
        self.diagnostics: tuple[Diagnostic, ...] = (*found, *linked, *self.plan.diagnostics)
        self._compiler = to_python.Compiler(self.plan, self._functions)

    def __reduce__(self) -> tuple[Any, ...]:
        """A model travels as its files: what is compiled is compiled again."""
        return Model, (self._files, self._functions, self.limits, self._clock)

    @property
    def definitions(self) -> Definitions:
        """The main file, as data."""
        return next(iter(self.models.models.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """What can be asked: decisions, knowledge models, services; in graph order."""
        by_key = {key: name for name, key in reversed(list(self.plan.names.items()))}
        return tuple(
            by_key.get(key, step.name)
            for key, step in self.plan.steps.items()
            if step.kind != "input"
        )

    def step(self, name: str) -> Step:
        """Return the plan of what is called `name`; raises `UnknownName`."""
        key = self.plan.names.get(name)
        if key is None:
            near = difflib.get_close_matches(name, self.plan.names, 1)
            help_ = f"did you mean `{near[0]}`?" if near else None
            message = f"the model has no `{name}`"
            raise UnknownName(message, [Diagnostic("unknown-name", message, help=help_)])
        return self.plan.steps[key]

    def evaluate(
        self, name: str, inputs: Mapping[str, Any] | None = None, *, limits: Limits | None = None
    ) -> Result:
        """Return the answer to `name`: a decision, a decision service or a knowledge model.

        `inputs` go by the names of input data, of a service's inputs, or of parameters;
        those of an import by `import.name`, or nested. What is not given is null. Raises
        `UnknownName`, `ModelError` where what is asked cannot run, `InputError` for a value
        without meaning, `LimitExceeded`.
        """
        return self.decision(name, limits=limits).evaluate(inputs or {})

    def decision(self, name: str, *, limits: Limits | None = None) -> Decide:
        """Return `name` compiled: a function of a mapping. Raises as `evaluate` does."""
        step = self.step(name)
        if step.kind == "input":
            message = f"`{name}` is an input: it is given, not asked for"
            raise UnknownName(message)
        graph = self._compiler.graph(step.key)
        return Decide(self, step, graph, limits or self.limits)

    def evaluate_frame(
        self, name: str, frame: Any, *, hits: bool = False, fallback: bool = False
    ) -> FrameResult:
        """Return the answers to the decision `name` for every row of a frame, in its order.

        `frame` is a polars DataFrame or a pyarrow Table, and the answer's is of the same kind;
        its columns go by the names of input data, nulls are FEEL's null, and what no decision
        reads may be absent. With `hits` there is a column `NAME: rules` too, the ids of the
        rules hit. Each value is what `evaluate` gives for that row; the limits are for each
        decision of a row.

        Raises, before anything is decided, `InputError` for a column that is missing, of
        another type, or holds what FEEL has not, and `NotColumnar` for what cannot be worked out
        by columns: with `fallback` such rows are decided one by one instead. Raises
        `NotColumnar` for answers that no column holds exactly. Else as `evaluate` does. Needs
        the extra `frame`.
        """
        plan = self._frames.get(name)
        if plan is None:
            plan = self._frames[name] = frame_plan(self, self.decision(name), self._compiler)
        return plan.evaluated(frame, hits=hits, fallback=fallback)

    @property
    def clock(self) -> Clock:
        """Where `now()` comes from."""
        return self._clock

    @cached_property
    def input_names(self) -> Mapping[str, Step]:
        """The input data by the name that a host uses."""
        return {
            name: self.plan.steps[key]
            for name, key in self.plan.names.items()
            if self.plan.steps[key].kind == "input"
        }

    # --- the model as data -------------------------------------------------------------

    def table(self, name: str) -> TableView:
        """Return the decision table of `name` as written. Raises `UnknownName` without one."""
        view = table_view(self.step(name))
        if view is None:
            message = f"`{name}` is no decision table"
            raise UnknownName(message)
        return view

    def kind(self, name: str) -> str:
        """Return what `name` is: `table`, `literal`, `boxed`, `knowledge` or `service`."""
        step = self.step(name)
        if step.kind != "decision":
            return step.kind
        match step.logic:
            case Table():
                return "table"
            case Feel():
                return "literal"
            case _:
                return "boxed"

    def literal(self, name: str) -> str:
        """Return the text of a decision that is a literal expression."""
        return text_of(self.step(name).logic or Broken(()))

    def reads(self, name: str) -> tuple[str, ...]:
        """Return the names of what `name` requires, in the author's order."""
        return tuple(each.name for each in self.step(name).requirements)

    @cached_property
    def inputs(self) -> tuple[InputView, ...]:
        """The input data as declared, in the model's order."""
        return tuple(input_view(step) for step in self.input_names.values())

    # --- what is still possible --------------------------------------------------------

    def possible(
        self,
        names: Iterable[str],
        known: Mapping[str, Any],
        open_when: Mapping[str, Condition] | None = None,
        unknown: Iterable[str] = (),
    ) -> Possible:
        """Return every answer to `names` that the `unknown` inputs leave possible.

        What is neither known nor unknown is null. An unknown in `open_when` is open only
        where the condition holds (see `condition`). Raises `NotFinite` for an unknown whose
        values cannot be enumerated, and as `evaluate` does.
        """
        fixed = {name: value for name, value in known.items() if type(value) in _NUMBERS}
        unknowns = [self._unknown(name, fixed) for name in unknown]
        conditions = dict(open_when or {})
        enumeration = None
        asked = tuple(names)
        if few(unknowns):
            gated = {each.name for each in unknowns if each.name in conditions}
            together = self._together(asked, conditions if gated else {})
            enumeration = together.enumeration(known, unknowns)
        return Possible(self, asked, lambda: self._worlds(known, unknowns, conditions), enumeration)

    def outlook(
        self,
        names: Iterable[str],
        fixed: Mapping[str, Any] | None = None,
        unknown: Iterable[str] = (),
        open_when: Mapping[str, Condition] | None = None,
    ) -> Outlook:
        """Return what the decisions `names` can answer, ready for any number of questions.

        Inputs have the values of `fixed` or those of a question, where those in `unknown` may
        be left open, as in `possible`; a comparison with a fixed number is one with a constant.
        Raises `NotFinite` for an unknown whose values cannot be enumerated so, and for
        decisions that read a clock or call the host; else as `possible` does.
        """
        constants = dict(fixed or {})
        numbers = {name: each for name, each in constants.items() if type(each) in _NUMBERS}
        unknowns = [self._unknown(name, numbers) for name in unknown]
        conditions = {name: each.step for name, each in (open_when or {}).items()}
        asked = [self.step(name).key for name in names]
        graph = self._compiler.graph(*asked, beside=conditions.values())
        given = {}
        for name, value in constants.items():
            step = self.step(name)
            read = host.from_python(value, step.item.type, self.limits, f"input `{name}`")
            given[step.key] = self._compiler.checked(step, Run(self.limits, self._clock), read)
        return Outlook(
            self.plan,
            (*graph.inputs, *graph.steps),
            asked,
            self._compiler,
            given,
            unknowns,
            conditions,
            lambda: Run(self.limits, self._clock),
        )

    def _together(self, names: tuple[str, ...], conditions: Mapping[str, Condition]) -> Together:
        """Return `names` as one function, made at first need."""
        key = (names, tuple((name, each.step.key) for name, each in conditions.items()))
        found = self._togethers.get(key)
        if found is None:
            beside = {each.step.key: each.step for each in conditions.values()}
            graph = self._compiler.graph(
                *(self.step(name).key for name in names), beside=beside.values()
            )
            needed = {step.key for step in graph.inputs}
            inputs = {name: step for name, step in self.input_names.items() if step.key in needed}
            found = self._togethers[key] = Together(self, graph, inputs, conditions)
        return found

    def _worlds(
        self,
        known: Mapping[str, Any],
        unknowns: Sequence[Unknown],
        conditions: Mapping[str, Condition],
    ) -> Worlds:
        given = {}
        for name, value in known.items():
            step = self.step(name)
            where = f"input `{name}`"
            given[step.key] = host.from_python(value, step.item.type, self.limits, where)
        steps = {name: each.step for name, each in conditions.items()}
        run = Run(self.limits, self._clock)
        return Worlds(self.plan, self._compiler, given, unknowns, steps, run)

    def condition(self, text: str) -> Condition:
        """Return a FEEL condition on this model's inputs and decisions, to use in `possible`.

        Raises `FeelSyntaxError`.
        """
        source = Source(text, place=("condition",))
        names = {normalise(name): name for name in self.plan.names}
        steps = {name: self.step(given) for name, given in names.items()}
        scope = Scope(
            {name: step.item.type for name, step in steps.items()},
            builtins.NAMES,
            types=self.plan.types,
        )
        node = parser.parse_expression(source, scope, self.limits)
        logic = Feel(node, source)
        read = reads(logic)
        requirements = tuple(
            Requirement(step.key, name) for name, step in steps.items() if name in read
        )
        return Condition(
            Step(f"condition {text}", "condition", "decision", source, logic=logic,
                 requirements=requirements),
            tuple(names[each.name] for each in requirements),
        )  # fmt: skip

    def _unknown(self, name: str, fixed: Mapping[str, Any]) -> Unknown:
        """Return an input with atoms for its values; `fixed` are the numbers that are known."""
        key = (name, *fixed.items()) if self.step(name).item.type == NUMBER else (name,)
        found = self._unknowns.get(key)
        if found is None:
            step = self.step(name)
            readers = [
                each
                for each in self.plan.steps.values()
                if any(required.key == step.key for required in each.requirements)
            ]
            numbers_ = {
                self.step(each).name: host.from_python(value) for each, value in fixed.items()
            }
            accepts = self._accepts(Run(self.limits, self._clock))
            found = Unknown(step.key, name, atoms(step, readers, numbers_, accepts))
            if len(self._unknowns) >= _KEPT:
                self._unknowns.clear()
            self._unknowns[key] = found
        return found

    def _accepts(self, run: Run) -> Callable[[Cell, Any], bool]:
        """Return what says whether allowed values hold a value."""

        def accepts(cell: Cell, value: Any) -> bool:
            size = to_python.FrameSize()
            layout, (slot,) = to_python.Layout(size, types=cell.types).bind(to_python.INPUT)
            test = to_python.compile_unary_tests(cell.tests, layout, slot)
            frame: list[Any] = [None] * size.slots
            frame[0] = run
            frame[slot] = value
            return test is None or test(frame, value) is True

        return accepts


class Decide:
    """A decision, service or knowledge model as a Python function of a mapping."""

    def __init__(self, model: Model, step: Step, graph: to_python.Graph, limits: Limits) -> None:
        self._model = model
        self._step = step
        self.graph = graph
        self._limits = limits
        self._inputs = self._readable(model, step, graph)

    @cached_property
    def _fused(self) -> to_python.Fused | None:
        """The fast function, where the model has one; made when first called for its value.

        Making it takes longer than one evaluation, and `evaluate` does without.
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
        if self._fused is not None and self._pure:
            kept = _kept(inputs)
            if kept is not None:
                return Result(self._fused(inputs), lambda: self._explained(kept)[1])
        value, explained = self._explained(inputs)
        return Result(value, lambda: explained)

    @cached_property
    def _pure(self) -> bool:
        """Whether the same inputs have the same answer: no clock is read, no host asked."""
        return all(map(is_pure, self.graph.steps))

    def _explained(self, inputs: Mapping[str, Any]) -> tuple[Any, Explained]:
        return with_room(lambda: self._traced(inputs))

    def _answer(self, inputs: Mapping[str, Any]) -> Any:
        run = Run(self._limits, self._model.clock)
        return host.to_python(self._value(run, self._converted(inputs)), run)

    def _traced(self, inputs: Mapping[str, Any]) -> tuple[Any, Explained]:
        run = Run(self._limits, self._model.clock)
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
