"""A DMN model, ready to answer."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from pydmn.backends import to_python
from pydmn.diagnostics import Diagnostic
from pydmn.engine.decide import Decide
from pydmn.engine.files import File, definitions
from pydmn.engine.frames import frame_plan, over_spark
from pydmn.engine.openings import Openings
from pydmn.engine.possible import Possible
from pydmn.engine.result import Result
from pydmn.engine.together import Condition
from pydmn.errors import UnknownName
from pydmn.feel import host
from pydmn.limits import Limits
from pydmn.model import Definitions, Models, link
from pydmn.plan.build import build
from pydmn.plan.logic import Broken, Feel, Plan, Step, Table
from pydmn.plan.view import InputView, TableView, input_view, table_view, text_of
from pydmn.run import Clock

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from pydmn.backends.to_polars.decisions import FramePlan
    from pydmn.backends.to_polars.result import FrameResult
    from pydmn.tables.bounds import TableBounds
    from pydmn.verify.outlook import Outlook
    from pydmn.verify.tables import VerifiedTable

Functions: TypeAlias = Mapping[str, Callable[..., Any]]


class Model:
    """A DMN model, ready to answer."""

    def __init__(
        self, files: tuple[File, ...], functions: Functions, limits: Limits, clock: Clock
    ) -> None:
        self._functions = dict(functions)
        self.limits = limits
        self._clock = clock
        self._decisions: dict[str, Decide] = {}
        self._frames: dict[str, FramePlan] = {}
        self._views: dict[str, TableView] = {}
        read, found, self._files = definitions(files, limits)
        self.models: Models
        self.models, linked = link(read)
        self.plan: Plan = build(self.models, limits)
        self.diagnostics: tuple[Diagnostic, ...] = (*found, *linked, *self.plan.diagnostics)
        self._compiler = to_python.Compiler(self.plan, self._functions)
        self._openings = Openings(self, self._compiler)

    def __reduce__(self) -> tuple[Any, ...]:
        """A model travels as its files, with those it imports: it is compiled again elsewhere."""
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
        """Return `name` compiled: a function of a mapping. Raises as `evaluate` does.

        It is made once, and again for each call with limits of its own.
        """
        kept = None if limits else self._decisions.get(name)
        if kept is not None:
            return kept
        step = self.step(name)
        if step.kind == "input":
            message = f"`{name}` is an input: it is given, not asked for"
            raise UnknownName(message)
        made = Decide(self, step, self._compiler.graph(step.key), limits or self.limits)
        return made if limits else self._decisions.setdefault(name, made)

    def evaluate_frame(
        self, name: str, frame: Any, *, hits: bool = False, fallback: bool = False
    ) -> FrameResult:
        """Return the answers to the decision `name` for every row of a frame, in its order.

        `frame` is a polars DataFrame or a pyarrow Table, and the answer's is of the same kind;
        its columns go by the names of input data, nulls are FEEL's null, and what no decision
        reads may be absent. With `hits` there is a column `NAME: rules` too, the ids of the
        rules hit. Each value is what `evaluate` gives for that row; a frame of which a row may take
        more than the limit `steps` in all is refused.

        Raises, before anything is decided, `InputError` for a column that is missing, of
        another type, or holds what FEEL has not, and `NotColumnar` for what cannot be worked out
        by columns: with `fallback` such rows are decided one by one instead. Raises
        `NotColumnar` for answers that no column holds exactly. Else as `evaluate` does. Needs
        the extra `frame`.
        """
        return self._frame_plan(name).evaluated(frame, hits=hits, fallback=fallback)

    def _frame_plan(self, name: str) -> FramePlan:
        plan = self._frames.get(name)
        if plan is None:
            plan = self._frames[name] = frame_plan(self, self.decision(name), self._compiler)
        return plan

    def evaluate_spark(
        self,
        name: str,
        dataframe: Any,
        *,
        hits: bool = False,
        fallback: bool = False,
        keep: Sequence[str] | None = None,
        returns: DataType | str | None = None,
    ) -> DataFrame:
        """Return a Spark DataFrame with the answers to the decision `name` for every row.

        Rows, in their order, have the columns of `dataframe` that `keep` names, by default all;
        then a column `name`, and with `hits` a column `NAME: rules`. Each value is what
        `evaluate_frame` gives for the rows that a worker takes at once. `returns` is the type of
        the answers in Spark, also as text (`"decimal(20, 2)"`); by default it follows from what
        the model declares, where numbers are `decimal(38, 18)`.

        Nothing runs yet. Raises at once `InputError` and `NotColumnar` for what stands against
        any rows of these columns, as `evaluate_frame` does. What only the rows show fails the
        job that reads them, with the same message: among it answers that their type does not
        hold exactly. Needs the extra `spark`, and it on the workers too.
        """
        return over_spark(
            self, self.decision(name), self._frame_plan(name), dataframe,
            hits=hits, fallback=fallback, keep=keep, returns=returns,
        )  # fmt: skip

    @property
    def backend(self) -> to_python.Compiler:
        """What runs a decision."""
        return self._compiler

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
        view = self._views.get(name)
        if view is None:
            view = table_view(self.step(name))
            if view is None:
                message = f"`{name}` is no decision table"
                raise UnknownName(message)
            self._views[name] = view
        return view

    def bounds(
        self, name: str, known: Mapping[str, Any] | None = None, whole: Collection[str] = ()
    ) -> TableBounds:
        """Return where the intervals of the cells of the table `name` end.

        A name of `known` counts as a constant where it is compared with; inputs that are
        `whole` have whole numbers only. Raises `UnknownName` for what is no table.
        """
        from pydmn.tables.bounds import bounds

        self.table(name)
        fixed = {
            self.step(each).name: host.from_python(value) for each, value in (known or {}).items()
        }
        return bounds(self.step(name), fixed, whole)

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

    def verify(self) -> tuple[VerifiedTable, ...]:
        """Return what is proved and found of each decision table, in graph order."""
        from pydmn.engine.verifying import verified

        return verified(self.plan, self._compiler, self.limits, self._clock)

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
        conditions = open_when or {}
        return self._openings.possible(tuple(names), known, conditions, tuple(unknown))

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
        return self._openings.outlook(names, fixed or {}, unknown, open_when or {})

    def atoms(
        self,
        name: str,
        known: Mapping[str, Any] | None = None,
        conditions: Iterable[Condition] = (),
    ) -> tuple[Any, ...]:
        """Return values, in the host's types, that stand for all values of an input; not null.

        A number of `known` counts as a constant where it is compared with; `conditions` tell
        values apart as decisions do. Raises `NotFinite`.
        """
        return self._openings.atoms(name, known or {}, conditions)

    def holds(self, condition: Condition, inputs: Mapping[str, Any]) -> bool | None:
        """Return whether a condition is true for these inputs; null where it is neither.

        Raises as `evaluate` does.
        """
        return self._openings.holds(condition, inputs)

    def condition(self, text: str) -> Condition:
        """Return a FEEL condition on this model's inputs and decisions, to use in `possible`.

        Raises `FeelSyntaxError`.
        """
        return self._openings.condition(text)
