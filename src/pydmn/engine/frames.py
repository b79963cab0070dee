"""A model's decisions over frames: what the columns' backend needs of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydmn.backends.to_python import Compiler

if TYPE_CHECKING:
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
