"""Several decisions of a model, with all that they need, answered at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, final

from pydmn.backends.to_python import Compiler, Graph
from pydmn.diagnostics import Diagnostic
from pydmn.feel import host
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Step, Table
from pydmn.plan.stack import with_room
from pydmn.plan.view import NOT_CONSTANT, constant
from pydmn.run import Run
from pydmn.verify.course import Course, CourseError
from pydmn.verify.joint import TooManyWorlds
from pydmn.verify.outcomes import Outcome, Unknown, keep
from pydmn.verify.spreads import Spreads

if TYPE_CHECKING:
    from pydmn.engine.model import Model


@dataclass(frozen=True, slots=True)
class Condition:
    """A FEEL condition on a model's inputs and decisions, parsed; `reads` names them.

    `text` is as written; `diagnostics` say what is wrong with its names and types.
    """

    step: Step
    reads: tuple[str, ...]
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()


class Together:
    """Some decisions and all that they need: as one function, and as the course of their steps.

    `conditions` are worked out too, by the name of the input that each opens.
    """

    def __init__(
        self,
        model: Model,
        compiler: Compiler,
        names: Sequence[str],
        conditions: Mapping[str, Condition],
    ) -> None:
        beside = {each.step.key: each.step for each in conditions.values()}
        self.graph: Graph = compiler.graph(
            *(model.step(name).key for name in names), beside=beside.values()
        )
        needed = {step.key for step in self.graph.inputs}
        self.inputs = {
            step.key: (name, step) for name, step in model.input_names.items() if step.key in needed
        }
        by_name = dict(self.inputs.values())
        self.whole = self.graph.whole(by_name, model.limits, model.clock)
        self.places = {step.key: 2 * number for number, step in enumerate(self.graph.steps)}
        self._nulls = dict.fromkeys(by_name)
        self._conditions = {model.step(name).key: each for name, each in conditions.items()}
        self._compiler = compiler
        self.limits, self.clock = model.limits, model.clock
        self._steps = tuple(step for step in self.graph.steps if step.key not in beside)
        self._pure = all(map(is_pure, self.graph.steps))
        self.by_hit: dict[str, dict[Any, Outcome]] = {
            step.key: {} for step in self._steps if _told_by_hit(step)
        }
        self.ids: tuple[dict[Any, tuple[str, ...]], ...] = tuple({} for _ in self.graph.steps)
        self.stated: dict[str, dict[Any, Outcome]] = {key: {} for key in self.inputs}

    def run(self) -> Run:
        """Return what one evaluation carries with it."""
        return Run(self.limits, self.clock)

    def stating(self, known: Mapping[str, Any]) -> Stated:
        """Return the answers for the host's values of the inputs; the others are null."""
        # Nulls for what is left out, so that the function need not look for them.
        given = {**self._nulls, **known}
        return Stated(self, given, self.whole.function(given))

    def spreads(self, stated: Stated, unknowns: Sequence[Unknown]) -> Spreads | None:
        """Return the answers with some inputs unknown; None where that is for diagrams.

        So it is where conditions hang on one another, and where worlds are too many.
        """
        course = self.course
        if course is None:
            return None
        needed = [each for each in unknowns if each.key in self.inputs]
        try:
            return with_room(
                lambda: Spreads(course, needed, lambda key: stated.outcome(course, key), self.run())
            )
        except TooManyWorlds:
            return None

    @property
    def course(self) -> Course | None:
        """The steps in order; None where there is no order."""
        # What hangs on a clock or on the host is not the same the next time.
        return self._course if self._pure else self._new_course()

    @cached_property
    def _course(self) -> Course | None:
        return self._new_course()

    def _new_course(self) -> Course | None:
        conditions = {key: each.step for key, each in self._conditions.items()}
        try:
            return Course(self._steps, conditions, self._compiler, self.run)
        except CourseError:
            return None


@final
class Stated:
    """What the decisions answer where all unknown inputs are null, with the rules they hit."""

    __slots__ = ("_given", "_parts", "_together")

    def __init__(
        self, together: Together, given: Mapping[str, Any], parts: tuple[Any, ...]
    ) -> None:
        self._together = together
        self._given = given
        self._parts = parts

    def has(self, key: str) -> bool:
        """Say whether a step is among those that were worked out."""
        return key in self._together.places

    def value(self, key: str) -> Any:
        """Return the FEEL value of a step."""
        return self._parts[self._together.places[key]]

    def hits(self, key: str) -> tuple[str, ...]:
        """Return the ids of the rules hit by a step."""
        place = self._together.places[key]
        hit = self._parts[place + 1]
        if type(hit) is tuple:
            return hit
        ids = self._together.ids[place // 2]
        found = ids.get(hit)
        if found is None:
            found = self._together.whole.rules[place // 2](hit)
            keep(ids, hit, found)
        return found

    def outcome(self, course: Course, key: str) -> Outcome:
        """Return the value and the hits of a step, or of an input, as an outcome."""
        together = self._together
        place = together.places.get(key)
        if place is None:
            return self._input(key)
        by_hit = together.by_hit.get(key)
        hit = self._parts[place + 1]
        if by_hit is None or type(hit) is tuple:
            return course.outcomes[key].of(self._parts[place], self.hits(key))
        found = by_hit.get(hit)
        if found is None:
            found = course.outcomes[key].of(self._parts[place], self.hits(key))
            keep(by_hit, hit, found)
        return found

    def _input(self, key: str) -> Outcome:
        together = self._together
        name, step = together.inputs[key]
        given = self._given[name]
        written = _written(given)
        kept = together.stated[key]
        found = kept.get(written)
        if found is None:
            value = host.from_python(given, step.item.type, together.limits, f"input `{name}`")
            results = {key: value}
            together.graph.check_inputs(together.run(), results)
            found = Outcome(results[key])
            if written is not None:
                keep(kept, written, found)
        return found


_WRITTEN: Final = frozenset({str, bool, int, type(None)})


def _written(given: Any) -> Any:
    """Return what tells a host's value from all others; None where that is not plain."""
    class_ = type(given)
    if class_ in _WRITTEN:
        return class_, given
    if class_ is Decimal:
        return class_, str(given)  # 1.0 is written otherwise than 1
    if class_ is list and {*map(type, given)} <= {str}:
        return tuple(given)
    return None


def _told_by_hit(step: Step) -> bool:
    """Say whether the rules hit tell the answer of a step: a table that writes constants."""
    if not isinstance(step.logic, Table):
        return False
    table = step.logic
    concluded = [output for rule in table.rules for output in rule.outputs]
    concluded += [each.default for each in table.outputs if each.default is not None]
    return all(constant(output) is not NOT_CONSTANT for output in concluded)
