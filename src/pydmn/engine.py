"""The face: load, evaluate, compile.

    model = pydmn.load("criteria.dmn")
    result = model.evaluate("Determination", {"Age": 42})
    decide = model.decision("Determination")
    pydmn.feel("sum(xs) / count(xs)", {"xs": [1, 2]})
    pydmn.unary_tests("> 5, null", 7)

A model is immutable and may be shared among threads; every evaluation has a `Run` of its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from pydmn.backends import to_python
from pydmn.diagnostics import Diagnostic, Severity
from pydmn.errors import InputError, LimitExceeded, ModelError, UnknownName
from pydmn.feel import builtins, host, parser
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import ANY, Type
from pydmn.feel.values import type_of
from pydmn.limits import DEFAULT, Limits
from pydmn.model import Definitions, Models, link, read_xml
from pydmn.plan.build import build
from pydmn.plan.logic import Broken, Cell, Feel, Plan, Requirement, Step, Table
from pydmn.plan.view import InputView, TableView, input_view, reads, table_view, text_of
from pydmn.run import Run, system_clock
from pydmn.source import Source
from pydmn.trace import Hit, Trace
from pydmn.verify.atoms import atoms
from pydmn.verify.worlds import Leaf, Node, Unknown, Worlds, restricted, support, values

ModelSource: TypeAlias = str | Path | bytes
Clock: TypeAlias = Callable[[], datetime]
Functions: TypeAlias = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one question.

    `value` in the host's types; `trace`, what happened on the way, with values of the host
    too; `diagnostics`, what the model or the input is to blame for.
    """

    value: Any
    trace: Trace
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A model's bytes, and the path it was read from."""

    data: bytes
    path: str | None = None


def load(
    source: ModelSource | Iterable[ModelSource],
    *,
    functions: Functions | None = None,
    limits: Limits = DEFAULT,
    clock: Clock = system_clock,
) -> Model:
    """Return the model in `source`: a path, bytes, a folder, or several of them.

    The first file is the main one. Imports are looked for among the files given, then in
    the main file's folder. `functions` are the external functions of the host by key, such
    as `java.lang.Math.cos(double)`.

    Raises `ModelError` with every diagnostic when a file cannot be read as DMN, `OSError`
    when it cannot be read at all, `LimitExceeded` when it is too large. Parts of a model
    that cannot run do not stop it from loading: see `Model.diagnostics`.
    """
    sources = [source] if isinstance(source, str | Path | bytes) else list(source)
    files = [file for each in sources for file in _files(each, limits)]
    if not files:
        message = "there is no DMN file"
        raise ModelError(message)
    return Model(tuple(files), functions or {}, limits, clock)


def _files(source: ModelSource, limits: Limits) -> list[File]:
    if isinstance(source, bytes):
        return [File(source)]
    path = Path(source)
    if path.is_dir():
        return [_read(each, limits) for each in sorted(path.glob("*.dmn"))]
    return [_read(path, limits)]


def _read(path: Path, limits: Limits) -> File:
    with path.open("rb") as stream:
        data = stream.read(limits.model_bytes + 1)
    if len(data) > limits.model_bytes:
        limits.exceeded("model_bytes")
    return File(data, str(path))


class Model:
    """A DMN model, ready to answer."""

    def __init__(
        self, files: tuple[File, ...], functions: Functions, limits: Limits, clock: Clock
    ) -> None:
        self._files = files
        self._functions = dict(functions)
        self._limits = limits
        self._clock = clock
        definitions, found = _definitions(files, limits)
        self.models: Models
        self.models, linked = link(definitions)
        self.plan: Plan = build(self.models, limits)
        self.diagnostics: tuple[Diagnostic, ...] = (*found, *linked, *self.plan.diagnostics)
        self._compiler = to_python.Compiler(self.plan, self._functions)

    def __reduce__(self) -> tuple[Any, ...]:
        """A model travels as its files: what is compiled is compiled again."""
        return Model, (self._files, self._functions, self._limits, self._clock)

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
        return Decide(self, step, graph, limits or self._limits)

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
        given = {
            self.step(name).key: host.from_python(
                value, self.step(name).item.type, self._limits, f"input `{name}`"
            )
            for name, value in known.items()
        }
        fixed = {self.plan.steps[key].name: value for key, value in given.items()}
        run = Run(self._limits, self._clock)
        unknowns = [self._unknown(name, fixed, run) for name in unknown]
        worlds = Worlds(
            self.plan,
            self._compiler,
            given,
            unknowns,
            {name: each.step for name, each in (open_when or {}).items()},
            run,
        )
        return Possible(self, worlds, tuple(names))

    def condition(self, text: str) -> Condition:
        """Return a FEEL condition on this model's inputs and decisions, to use in `possible`.

        Raises `FeelSyntaxError`.
        """
        source = Source(text, place=("condition",))
        steps = {normalise(name): self.plan.steps[key] for name, key in self.plan.names.items()}
        scope = Scope(
            {name: step.item.type for name, step in steps.items()},
            builtins.NAMES,
            types=self.plan.types,
        )
        node = parser.parse_expression(source, scope, self._limits)
        logic = Feel(node, source)
        read = reads(logic)
        requirements = tuple(
            Requirement(step.key, name) for name, step in steps.items() if name in read
        )
        return Condition(
            Step(f"condition {text}", "condition", "decision", source, logic=logic,
                 requirements=requirements)
        )  # fmt: skip

    def _unknown(self, name: str, fixed: Mapping[str, Any], run: Run) -> Unknown:
        step = self.step(name)
        readers = [
            each
            for each in self.plan.steps.values()
            if any(required.key == step.key for required in each.requirements)
        ]
        return Unknown(step.key, name, atoms(step, readers, fixed, self._accepts(run)))

    def _accepts(self, run: Run) -> Callable[[Cell, Any], bool]:
        """Return what says whether allowed values hold a value."""

        def accepts(cell: Cell, value: Any) -> bool:
            layout, (slot,) = to_python.Layout(size := to_python.FrameSize()).bind("?")
            test = to_python.compile_unary_tests(cell.tests, layout, slot)
            frame: list[Any] = [None] * size.slots
            frame[0] = run
            frame[slot] = value
            return test is None or test(frame, value) is True

        return accepts


@dataclass(frozen=True, slots=True)
class Condition:
    """A FEEL condition on a model's inputs and decisions, parsed."""

    step: Step


class Possible:
    """What some decisions can still answer; see `Model.possible`.

    A value is in the host's types. `certain` says whether there is only one.
    """

    def __init__(self, model: Model, worlds: Worlds, names: tuple[str, ...]) -> None:
        self._model = model
        self._worlds = worlds
        self.names = names

    def values(self, name: str, entry: str | None = None) -> list[Any]:
        """Return every value that `name`, or its `entry`, can have, each once."""
        return [host.to_python(value) for value in values(self._node(name, entry))]

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        return values(self._worlds.hits(self._model.step(name).key))

    def inputs(self, name: str) -> dict[str, Any]:
        """Return the value of each column of a table, by label, where it is certain."""
        table = self._model.table(name)
        found = {}
        for position, column in enumerate(table.inputs):
            seen = values(self._worlds.column(self._model.step(name).key, position))
            if len(seen) == 1:
                found[column.label] = host.to_python(seen[0].value)
        return found

    def near_misses(self, name: str) -> list[tuple[str, str, str, Any]]:
        """Return the rules that certainly fail by one cell only: id, column, cell, value.

        In the table's order; a rule that a column leaves open is none.
        """
        table = self._model.table(name)
        key = self._model.step(name).key
        columns = [values(self._worlds.column(key, each)) for each in range(len(table.inputs))]
        if not all(len(seen) == 1 for seen in columns):
            return []
        certain = [seen[0] for seen in columns]
        missed = []
        for number, rule in enumerate(table.rules):
            failed = [
                position for position, each in enumerate(certain) if not each.mask >> number & 1
            ]
            if len(failed) == 1:
                (position,) = failed
                value = host.to_python(certain[position].value)
                missed.append((rule.id, table.inputs[position].label, rule.cells[position], value))
        return missed

    def deciding(self, name: str, entry: str | None = None) -> list[Deciding]:
        """Return the unknowns that can still change `name`, those that settle most first.

        Ties go by the order in which the unknowns were given.
        """
        node = self._node(name, entry)
        found = [
            self._deciding(node, number) for number in sorted(support(node))
        ]
        return sorted(found, key=lambda each: -each.settles)

    def _deciding(self, node: Node, number: int) -> Deciding:
        unknown = self._worlds.unknowns[number]
        settled = [
            isinstance(restricted(self._worlds.diagrams, node, number, position), Leaf)
            for position in range(len(unknown.atoms))
        ]
        return Deciding(unknown.name, all(settled), sum(settled) / len(settled))

    def _node(self, name: str, entry: str | None) -> Node:
        node = self._worlds.answer(self._model.step(name).key)
        if entry is None:
            return node
        return self._worlds.diagrams.combine(
            (node,), lambda at, _: at[0].get(entry) if isinstance(at[0], dict) else None
        )


@dataclass(frozen=True, slots=True)
class Deciding:
    """An unknown that matters: whether it alone decides, and in which share of its values."""

    name: str
    alone: bool
    settles: float


def _definitions(
    files: tuple[File, ...], limits: Limits
) -> tuple[list[Definitions], list[Diagnostic]]:
    """Read `files` and, for the first one's folder, what they import from it."""
    definitions: list[Definitions] = []
    found: list[Diagnostic] = []
    for file in files:
        model, diagnostics = read_xml(file.data, file.path, limits)
        found.extend(diagnostics)
        if model is not None:
            definitions.append(model)
        elif not diagnostics:
            found.append(Diagnostic("not-dmn", "this is no DMN model", Source("", file.path)))
    if len(definitions) < len(files):
        errors = [each for each in found if each.severity is Severity.ERROR]
        message = errors[0].message if errors else "a file is no DMN model"
        raise ModelError(message, found)
    main = files[0].path
    if main is not None:
        _add_imported(definitions, Path(main).parent, {file.path for file in files}, limits)
    return definitions, found


def _add_imported(
    definitions: list[Definitions], folder: Path, read: set[str | None], limits: Limits
) -> None:
    """Add the models of `folder` that are imported, directly or not, and not yet read.

    Looks at no other folder: a model says nothing about where else to read.
    """
    wanted = _missing(definitions)
    if not wanted:
        return
    for path in sorted(folder.glob("*.dmn")):
        if str(path) in read:
            continue
        model, _ = read_xml(_read(path, limits).data, str(path), limits)
        if model is not None and model.namespace in _missing(definitions):
            definitions.append(model)
            read.add(str(path))
            _add_imported(definitions, folder, read, limits)


def _missing(definitions: list[Definitions]) -> set[str]:
    """Return the namespaces that are imported and not there."""
    there = {model.namespace for model in definitions}
    return {each.namespace for model in definitions for each in model.imports} - there


class Decide:
    """A decision, service or knowledge model as a Python function of a mapping."""

    def __init__(self, model: Model, step: Step, graph: to_python.Graph, limits: Limits) -> None:
        self._model = model
        self._step = step
        self._graph = graph
        self._limits = limits
        self._inputs = self._readable(model, step, graph)

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
        run = Run(self._limits, self._model.clock)
        return host.to_python(self._value(run, self._converted(inputs)))

    def evaluate(self, inputs: Mapping[str, Any]) -> Result:
        """Return the value with its trace and diagnostics."""
        run = Run(self._limits, self._model.clock)
        value = self._value(run, self._converted(inputs))
        return Result(
            host.to_python(value),
            Trace(
                [_python_hit(hit) for hit in run.trace.hits], run.trace.notes, run.trace.dropped
            ),
            (*self._unknown_inputs(inputs), *_violations(run.trace)),
        )

    def _value(self, run: Run, given: dict[str, Any]) -> Any:
        try:
            value = self._graph.evaluate(run, given)
            if self._step.kind == "decision":
                return value
            arguments = {name: given.get(key) for name, (key, _) in self._inputs.items()}
            return value.call_named(run, arguments)
        except RecursionError:
            # The host's stack is smaller than `call_depth` asks for.
            raise LimitExceeded("limit `call_depth` exceeded: the host's stack is full") from None

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


_ABSENT = object()


def _nested(inputs: Mapping[str, Any], name: str) -> Any:
    """Return `inputs["import"]["name"]` for `import.name`, if it is there."""
    package, _, inner = name.partition(".")
    inside = inputs.get(package)
    return inside.get(inner, _ABSENT) if isinstance(inside, Mapping) else _ABSENT


def _python_hit(hit: Hit) -> Hit:
    inputs = {name: host.to_python(value) for name, value in hit.inputs.items()}
    return Hit(hit.decision, host.to_python(hit.value), hit.rules, inputs)


_BLAMED = {"unique-violation", "any-violation", "type", "allowed-values", "input-values"}


def _violations(trace: Trace) -> list[Diagnostic]:
    return [
        Diagnostic(note.code, note.message, Source("", place=(note.decision or "",)))
        for note in trace.notes
        if note.code in _BLAMED
    ]


# --- one expression -------------------------------------------------------------------


def feel(
    text: str,
    context: Mapping[str, Any] | None = None,
    *,
    limits: Limits = DEFAULT,
    clock: Clock = system_clock,
) -> Any:
    """Return the value of a FEEL expression, with the entries of `context` as variables.

    Raises `FeelSyntaxError` when the text is not FEEL, `InputError`, `LimitExceeded`.

    >>> feel("sum(xs) / count(xs)", {"xs": [1, 2]})
    Decimal('1.5')
    """
    variables = _variables(context or {}, limits)
    node = parser.parse_expression(Source(text), _scope(variables), limits)
    size = to_python.FrameSize()
    layout, slots = to_python.Layout(size).bind(*variables)
    compiled = to_python.compile_expression(node, layout)
    run = Run(limits, clock)
    frame: list[Any] = [None] * size.slots
    frame[0] = run
    for slot, value in zip(slots, variables.values(), strict=True):
        frame[slot] = value
    try:
        return host.to_python(compiled(frame))
    except RecursionError:
        raise LimitExceeded("limit `call_depth` exceeded: the host's stack is full") from None


def unary_tests(
    text: str,
    value: Any,
    context: Mapping[str, Any] | None = None,
    *,
    limits: Limits = DEFAULT,
    clock: Clock = system_clock,
) -> bool:
    """Say whether a decision table's cell accepts `value`. Raises as `feel` does.

    >>> unary_tests("> 5, null", 7)
    True
    """
    variables = _variables(context or {}, limits)
    tested = host.from_python(value, ANY, limits, "the value tested")
    scope = _scope(variables).with_variable(to_python.INPUT, type_of(tested))
    node = parser.parse_unary_tests(Source(text), scope, limits)
    size = to_python.FrameSize()
    layout, (slot, *slots) = to_python.Layout(size).bind(to_python.INPUT, *variables)
    test = to_python.compile_unary_tests(node, layout, slot)
    if test is None:
        return True
    frame: list[Any] = [None] * size.slots
    frame[0] = Run(limits, clock)
    frame[slot] = tested
    for each, variable in zip(slots, variables.values(), strict=True):
        frame[each] = variable
    try:
        return test(frame, tested) is True
    except RecursionError:
        raise LimitExceeded("limit `call_depth` exceeded: the host's stack is full") from None


def _variables(context: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    for name in context:
        if not isinstance(name, str):
            message = f"a variable's name is a string, not {name!r}"
            raise InputError(message)
    return {
        normalise(name): host.from_python(value, ANY, limits, f"`{name}`")
        for name, value in context.items()
    }


def _scope(variables: Mapping[str, Any]) -> Scope:
    """Return the names that an expression may read, with all entry names inside them."""
    members: set[str] = set()
    waiting = list(variables.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            members.update(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    types = {name: type_of(value) for name, value in variables.items()}
    return Scope(types, builtins.NAMES, frozenset(map(normalise, members)))
