"""A model's decisions over frames: what the backends for many records need of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pydmn.backends.to_python import Compiler

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from pydmn.backends.to_polars.decisions import FramePlan
    from pydmn.engine.decide import Decide
    from pydmn.engine.model import Model


def frame_plan(model: Model, decide: Decide, compiler: Compiler) -> FramePlan:
    """Return a decision ready for frames. Raises `ModuleNotFoundError` without the extra."""
    try:
        from pydmn.backends.to_polars.decisions import FramePlan
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "polars"):
            raise
        message = "frames need polars and numpy: pip install 'medpolicy[frame]'"
        raise ModuleNotFoundError(message, name=error.name) from error
    needed = {step.key for step in decide.graph.inputs}
    inputs = {name: step for name, step in model.input_names.items() if step.key in needed}

    def one(row: Mapping[str, Any], explained: bool) -> tuple[Any, tuple[str, ...]]:
        if not explained:
            return decide(row), ()
        result = decide.evaluate(row)
        return result.value, result.trace.hits[-1].rules if result.trace.hits else ()

    return FramePlan(
        model.plan, decide.graph.steps, inputs, compiler, one, model.limits, model.clock
    )


def over_spark(
    model: Model,
    decide: Decide,
    plan: FramePlan,
    dataframe: Any,
    *,
    hits: bool,
    fallback: bool,
    keep: Sequence[str] | None,
    returns: DataType | str | None,
) -> DataFrame:
    """Return a Spark DataFrame with answers. Raises `ModuleNotFoundError` without the extra."""
    try:
        from pydmn.backends.to_polars.answers import declared
        from pydmn.backends.to_spark.job import Asked, evaluated
    except ModuleNotFoundError as error:
        if error.name not in ("pyarrow", "pyspark"):
            raise
        message = "Spark DataFrames need pyspark and pyarrow: pip install 'medpolicy[spark]'"
        raise ModuleNotFoundError(message, name=error.name) from error
    step = decide.graph.steps[-1]
    inputs = plan.inputs.names if step.kind == "decision" else None
    evaluate = partial(model.evaluate_frame, step.name, hits=hits, fallback=fallback)
    asked = Asked(step.name, declared(step), inputs, evaluate)
    return evaluated(asked, dataframe, hits=hits, keep=keep, returns=returns)
