"""What a model can still answer: its unknowns, its conditions, and the decisions asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pydmn.backends import to_python
from pydmn.engine.possible import Possible
from pydmn.engine.together import Condition, Together
from pydmn.feel import builtins, host, parser
from pydmn.feel.check import check
from pydmn.feel.names import Scope, normalise
from pydmn.feel.types import NUMBER
from pydmn.plan.logic import Cell, Feel, Requirement, Step
from pydmn.plan.view import reads
from pydmn.run import Run
from pydmn.source import Source
from pydmn.verify.atoms import atoms
from pydmn.verify.outcomes import Unknown, keep
from pydmn.verify.outlook import Outlook
from pydmn.verify.worlds import Worlds

if TYPE_CHECKING:
    from pydmn.engine.model import Model

_NUMBERS: Final = frozenset({int, float, Decimal})


class Openings:
    """What `Model.possible` needs of a model beside its decisions, each made at first need."""

    def __init__(self, model: Model, compiler: to_python.Compiler) -> None:
        self._model = model
        self._compiler = compiler
        self._togethers: dict[Any, Together] = {}
        self._unknowns: dict[Any, Unknown] = {}

    def possible(
        self,
        names: tuple[str, ...],
        known: Mapping[str, Any],
        conditions: Mapping[str, Condition],
        unknown: Iterable[str],
    ) -> Possible:
        """Return every answer to `names`; see `Model.possible`."""
        fixed = {name: value for name, value in known.items() if type(value) in _NUMBERS}
        unknowns = tuple(self._unknown(name, fixed) for name in unknown)
        gated = any(each.name in conditions for each in unknowns)
        together = self._together(names, conditions if gated else {})
        stated = spreads = None
        if not unknowns:
            stated = together.stating(known)
        elif together.course is not None:
            stated = together.stating(known)
            spreads = together.spreads(stated, unknowns)
            stated = stated if spreads is not None else None
        return Possible(
            self._model,
            names,
            unknowns,
            stated,
            spreads,
            lambda: self._worlds(known, unknowns, conditions),
        )

    def outlook(
        self,
        names: Iterable[str],
        constants: Mapping[str, Any],
        unknown: Iterable[str],
        open_when: Mapping[str, Condition],
    ) -> Outlook:
        """Return what decisions can answer to any number of questions; see `Model.outlook`."""
        model = self._model
        numbers = {name: each for name, each in constants.items() if type(each) in _NUMBERS}
        unknowns = [self._unknown(name, numbers) for name in unknown]
        conditions = {name: each.step for name, each in open_when.items()}
        asked = [model.step(name).key for name in names]
        graph = self._compiler.graph(*asked, beside=conditions.values())
        given = {}
        for name, value in constants.items():
            step = model.step(name)
            read = host.from_python(value, step.item.type, model.limits, f"input `{name}`")
            given[step.key] = self._compiler.checked(step, Run(model.limits, model.clock), read)
        return Outlook(
            model.plan,
            (*graph.inputs, *graph.steps),
            asked,
            self._compiler,
            given,
            unknowns,
            conditions,
            lambda: Run(model.limits, model.clock),
        )

    def _together(self, names: tuple[str, ...], conditions: Mapping[str, Condition]) -> Together:
        """Return `names` as one function, made at first need."""
        key = (names, tuple((name, each.step.key) for name, each in conditions.items()))
        found = self._togethers.get(key)
        if found is None:
            found = Together(self._model, self._compiler, names, conditions)
            self._togethers[key] = found
        return found

    def _worlds(
        self,
        known: Mapping[str, Any],
        unknowns: Sequence[Unknown],
        conditions: Mapping[str, Condition],
    ) -> Worlds:
        model = self._model
        run = Run(model.limits, model.clock)
        given: dict[str, Any] = {}
        for name, value in known.items():
            step = model.step(name)
            if step.kind == "input":
                where = f"input `{name}`"
                given[step.key] = host.from_python(value, step.item.type, model.limits, where)
        if given:
            self._compiler.graph(*given).check_inputs(run, given)
        steps = {name: each.step for name, each in conditions.items()}
        return Worlds(model.plan, self._compiler, given, unknowns, steps, run)

    def condition(self, text: str) -> Condition:
        """Return a FEEL condition, parsed; see `Model.condition`."""
        source = Source(text, place=("condition",))
        plan = self._model.plan
        names = {normalise(name): name for name in plan.names}
        steps = {name: self._model.step(given) for name, given in names.items()}
        scope = Scope(
            {name: step.item.type for name, step in steps.items()},
            builtins.NAMES,
            types=plan.types,
        )
        node = parser.parse_expression(source, scope, self._model.limits)
        logic = Feel(node, source)
        _, found = check(node, source, scope, builtins.registry)
        read = reads(logic)
        requirements = tuple(
            Requirement(step.key, name) for name, step in steps.items() if name in read
        )
        return Condition(
            Step(f"condition {text}", "condition", "decision", source, logic=logic,
                 requirements=requirements),
            tuple(names[each.name] for each in requirements),
            text,
            found,
        )  # fmt: skip

    def _unknown(self, name: str, fixed: Mapping[str, Any]) -> Unknown:
        """Return an input with atoms for its values; `fixed` are the numbers that are known."""
        found = self._unknowns.get(name)
        if found is None:
            step = self._model.step(name)
            key = (name, *fixed.items()) if step.item.type == NUMBER else name
            found = self._unknowns.get(key)
        if found is None:
            found = Unknown(step.key, name, self._atoms(step, fixed, ()))
            keep(self._unknowns, key, found)
        return found

    def atoms(
        self, name: str, known: Mapping[str, Any], conditions: Iterable[Condition]
    ) -> tuple[Any, ...]:
        """Return values that stand for all of an input; see `Model.atoms`."""
        fixed = {each: value for each, value in known.items() if type(value) in _NUMBERS}
        beside = [each.step for each in conditions if name in each.reads]
        return tuple(map(host.to_python, self._atoms(self._model.step(name), fixed, beside)))

    def _atoms(
        self, step: Step, fixed: Mapping[str, Any], beside: Iterable[Step]
    ) -> tuple[Any, ...]:
        """Return the atoms of an input for all that reads it, and for steps beside the plan."""
        model = self._model
        readers = [
            each
            for each in model.plan.steps.values()
            if any(required.key == step.key for required in each.requirements)
        ]
        numbers = {model.step(each).name: host.from_python(value) for each, value in fixed.items()}
        return atoms(step, (*readers, *beside), numbers, self._accepts())

    def holds(self, condition: Condition, inputs: Mapping[str, Any]) -> bool | None:
        """Return whether a condition is true; see `Model.holds`."""
        model, step = self._model, condition.step
        keys = [each.key for each in step.requirements]
        graph = self._compiler.graph(*(keys or [step.key]), beside=(step,))
        whole = graph.whole(model.input_names, model.limits, model.clock)
        value = whole.function(inputs)[2 * graph.steps.index(step)]
        return value if type(value) is bool else None

    def _accepts(self) -> Callable[[Cell, Any], bool]:
        """Return what says whether allowed values hold a value."""
        run = Run(self._model.limits, self._model.clock)

        def accepts(cell: Cell, value: Any) -> bool:
            size = to_python.FrameSize()
            layout, (slot,) = to_python.Layout(size, types=cell.types).bind(to_python.INPUT)
            test = to_python.compile_unary_tests(cell.tests, layout, slot)
            frame: list[Any] = [None] * size.slots
            frame[0] = run
            frame[slot] = value
            return test is None or test(frame, value) is True

        return accepts
