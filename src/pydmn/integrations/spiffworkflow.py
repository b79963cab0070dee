"""SpiffWorkflow: a BPMN business rule task asks `pydmn` for its decision.

    models = {"loans-2026": pydmn.load("loans.dmn")}
    parser = DecisionParser(models)
    parser.add_bpmn_file("apply.bpmn")
    workflow = BpmnWorkflow(parser.get_spec("apply"))

    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config(models)))
    saved = serializer.serialize_json(workflow)

In the process, `calledDecisionId` names a decision, a decision service or a knowledge model by
its name or id, as `model#decision` where several models have it. Two extension properties of the
task say where values are: `inputVariable` names the variable of the task's data that holds the
inputs by name, without it they are the task's data themselves; `resultVariable` names the
variable that the answer goes to, without it that is the decision's name.

An input that is not there is null, as it is everywhere in DMN: not unknown. A process that must
not decide before the facts are in asks `Model.possible` first.

A saved workflow keeps the key of the model and not the model. A key stands for one version of
the rules for good: a workflow restored later goes on by the rules that it began with.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

try:
    from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
    from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
    from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
    from SpiffWorkflow.spiff.serializer.task_spec import SpiffBpmnTaskConverter
    from SpiffWorkflow.spiff.specs.defaults import BusinessRuleTask
except ModuleNotFoundError as error:
    if error.name != "SpiffWorkflow":
        raise
    raise ModuleNotFoundError(
        "`pydmn.integrations.spiffworkflow` needs SpiffWorkflow 3.2 or later: "
        "pip install 'SpiffWorkflow>=3.2'",
        name=error.name,
    ) from error

from pydmn import (
    Date,
    DateTime,
    DaysAndTimeDuration,
    Decide,
    InputError,
    Model,
    ModelError,
    Range,
    Severity,
    Time,
    UnknownName,
    YearsAndMonthsDuration,
)
from pydmn.feel import text

__all__ = ["DecisionConverter", "DecisionEngine", "DecisionParser", "config"]

Models: TypeAlias = Mapping[str, Model]
"""The models that a process may ask, by a key of the host's choice without `#`."""

_EXTENSION: Final = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"


@dataclass(frozen=True)
class DecisionEngine:
    """What a business rule task asks: the decision `name` of the model under `key`.

    Raises `UnknownName` where the model has no such decision, `ModelError` where it cannot run.
    """

    models: Models = field(repr=False)
    key: str
    name: str
    result_variable: str
    input_variable: str | None = None

    def __post_init__(self) -> None:
        self._decide()

    def result(self, task: Any) -> dict[str, Any]:
        """Return the answer, by the name of its variable, for the data of a SpiffWorkflow task.

        What was under that name is taken away first, since SpiffWorkflow would merge the two.
        `task.internal_data["decision"]` keeps what happened: the rules hit by decision, and
        the diagnostics of severity error as text. Raises `InputError` and `LimitExceeded`.
        """
        result = self._decide().evaluate(self._inputs(task.data))
        task.internal_data["decision"] = {
            "model": self.key,
            "rules": {hit.decision: list(hit.rules) for hit in result.trace.hits if hit.rules},
            "diagnostics": [
                each.render() for each in result.diagnostics if each.severity is Severity.ERROR
            ],
        }
        task.data.pop(self.result_variable, None)
        return {self.result_variable: result.value}

    def _inputs(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.input_variable is None:
            return data
        inputs = data.get(self.input_variable)
        if not isinstance(inputs, Mapping):
            raise InputError(
                f"the task's variable `{self.input_variable}` is to hold the inputs of"
                f" `{self.name}` by name: it is no mapping"
            )
        return inputs

    def _decide(self) -> Decide:
        return self.models[self.key].decision(self.name)


class DecisionParser(SpiffBpmnParser):  # type: ignore[misc]  # SpiffWorkflow has no types
    """SpiffWorkflow's parser, with the decisions of `models`.

    A business rule task that names no decision, an unknown or ambiguous one, or one that
    cannot run makes `get_spec` raise SpiffWorkflow's `ValidationException`.
    """

    def __init__(self, models: Models, **options: Any) -> None:
        """`options` are those of SpiffWorkflow's own parser."""
        super().__init__(**options)
        _check_keys(models)
        self._models = models

    def get_engine(self, decision_ref: str | None, node: Any) -> DecisionEngine:
        """Return what the business rule task at `node`, an element of lxml, asks."""
        try:
            key, name = _find(self._models, (decision_ref or "").strip())
            result_variable = _property(node, "resultVariable") or name
            input_variable = _property(node, "inputVariable")
            return DecisionEngine(self._models, key, name, result_variable, input_variable)
        except ModelError as error:
            raise ValidationException(str(error), node=node) from error


def _check_keys(models: Models) -> None:
    for key in models:
        if not key or "#" in key:
            raise ValueError(f"the key of a model is a text without `#`, not {key!r}")


def _find(models: Models, reference: str) -> tuple[str, str]:
    """Return the key of a model and the name of a decision in it. Raises `UnknownName`."""
    if not reference:
        raise UnknownName("the business rule task names no decision: set its `calledDecisionId`")
    key, separator, wanted = reference.partition("#")
    if not separator:
        key, wanted = "", reference
    elif key not in models:
        raise UnknownName(f"there is no model `{key}`; {_known(models)}")
    named = {each: _names(models[each]) for each in models if each == key or not separator}
    found = [each for each, names in named.items() if wanted in names]
    if len(found) == 1:
        return found[0], named[found[0]][wanted]
    if found:
        choice = " or ".join(f"`{each}#{wanted}`" for each in sorted(found))
        raise UnknownName(f"several models have `{wanted}`: name {choice}")
    there = sorted({name for names in named.values() for name in names})
    near = difflib.get_close_matches(wanted, there, 1)
    help_ = f"; did you mean `{near[0]}`?" if near else ""
    raise UnknownName(f"no model has `{wanted}`{help_}")


def _known(models: Models) -> str:
    return f"there is {', '.join(f'`{each}`' for each in sorted(models)) or 'none'}"


def _names(model: Model) -> dict[str, str]:
    """Return the name of each thing that `model` can be asked, by its name and by its id."""
    definitions = model.definitions
    invocable = (
        *definitions.decisions,
        *definitions.decision_services,
        *definitions.business_knowledge_models,
    )
    by_id = {each.id: each.name for each in invocable if each.id is not None}
    return by_id | {name: name for name in model.names}


def _property(node: Any, name: str) -> str | None:
    """Return the value of the extension property `name` of a task, if it has one."""
    for each in node.iter(f"{_EXTENSION}property"):
        if each.get("name") == name:
            value: str | None = each.get("value")
            return value
    return None


# --- saving and restoring -------------------------------------------------------------


class DecisionConverter(SpiffBpmnTaskConverter):  # type: ignore[misc]  # no types there
    """Saves a business rule task as the key of its model and the name of its decision."""

    def __init__(
        self, target_class: type, registry: Any, typename: str | None = None, *, models: Models
    ) -> None:
        """`target_class`, `registry` and `typename` as SpiffWorkflow's converters take them."""
        super().__init__(target_class, registry, typename)
        _check_keys(models)
        self._models = models

    def to_dict(self, spec: Any) -> dict[str, Any]:
        """Return the task as SpiffWorkflow's `registry` saves it."""
        engine: DecisionEngine = spec.dmnEngine
        saved: dict[str, Any] = super().to_dict(spec)
        saved["decision"] = {
            "model": engine.key,
            "name": engine.name,
            "result_variable": engine.result_variable,
            "input_variable": engine.input_variable,
        }
        return saved

    def from_dict(self, dct: dict[str, Any]) -> Any:
        """Return the task that was saved.

        Raises `ModelError` where the model is not among those given, or another engine saved
        the task.
        """
        saved = dct.pop("decision", None)
        if saved is None:
            message = f"another engine than pydmn saved the business rule task `{dct['name']}`"
            raise ModelError(message)
        key = saved.pop("model")
        if key not in self._models:
            message = f"the workflow was saved with the model `{key}`; {_known(self._models)}"
            raise ModelError(message)
        dct["dmnEngine"] = DecisionEngine(self._models, key, **saved)
        return self.task_spec_from_dict(dct)


def config(models: Models) -> dict[type, Callable[..., Any]]:
    """Return what `BpmnWorkflowSerializer.configure` takes, by class: how each is saved.

    SpiffWorkflow's own configuration, with business rule tasks that ask `models`, and with
    every value that a decision answers but functions: decimals, temporal values and ranges come
    back exact.
    """
    return {
        **SPIFF_CONFIG,
        BusinessRuleTask: partial(DecisionConverter, models=models),
        Decimal: _as_text(str, Decimal),
        datetime.date: _as_text(datetime.date.isoformat, datetime.date.fromisoformat),
        datetime.time: _as_text(datetime.time.isoformat, datetime.time.fromisoformat),
        # In place of SpiffWorkflow's own, which lose the zone's name and the microseconds.
        datetime.datetime: _register(_save_moment, _restore_moment),
        datetime.timedelta: _register(_save_duration, lambda saved: datetime.timedelta(**saved)),
        Date: _as_text(str, text.parse_date),
        Time: _as_text(str, text.parse_time),
        DateTime: _as_text(str, text.parse_date_and_time),
        DaysAndTimeDuration: _as_text(str, text.parse_duration),
        YearsAndMonthsDuration: _as_text(str, text.parse_duration),
        Range: _register_range,
    }


def _register(
    save: Callable[[Any], dict[str, Any]], restore: Callable[[dict[str, Any]], Any]
) -> Callable[..., None]:
    """Return what registers a class with its two conversions."""

    def register(class_: type, registry: Any) -> None:
        # The standard library's classes keep SpiffWorkflow's bare names, ours say whose they are.
        own = class_.__module__.startswith("pydmn.")
        name = f"pydmn.{class_.__name__}" if own else class_.__name__
        registry.register(class_, save, restore, name)

    return register


def _as_text(write: Callable[[Any], str], read: Callable[[str], Any]) -> Callable[..., None]:
    return _register(lambda value: {"value": write(value)}, lambda saved: read(saved["value"]))


def _save_moment(moment: datetime.datetime) -> dict[str, Any]:
    return {"value": moment.isoformat(), "zone": getattr(moment.tzinfo, "key", None)}


def _restore_moment(saved: dict[str, Any]) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(saved["value"])
    zone = saved.get("zone")
    # The offset tells which of a repeated hour's two passings it was.
    return moment if zone is None else moment.astimezone(ZoneInfo(zone))


def _save_duration(duration: datetime.timedelta) -> dict[str, int]:
    return {
        "days": duration.days,
        "seconds": duration.seconds,
        "microseconds": duration.microseconds,
    }


def _register_range(class_: type, registry: Any) -> None:
    def save(range_: Range) -> dict[str, Any]:
        return {
            "low": registry.convert(range_.low),
            "high": registry.convert(range_.high),
            "low_closed": range_.low_closed,
            "high_closed": range_.high_closed,
            "operator": range_.operator,
        }

    def restore(saved: dict[str, Any]) -> Range:
        return Range(**{name: registry.restore(value) for name, value in saved.items()})

    _register(save, restore)(class_, registry)
