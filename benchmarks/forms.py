"""A table in a form of index that is forced on it: what the choice of one is measured by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydmn import Model
from pydmn.backends.to_python.fused import CHOSEN, Forms, Setting, fuse, fuse_whole

_NEVER: Final = 2.0
"""More than all rules match in no table."""

FORMS: Final[Mapping[str, Forms]] = {
    "chosen": CHOSEN,
    "keys": Forms(mask_bytes=-1, many_hits=_NEVER),
    "masks": Forms(keys_per_rule=0, mask_bytes=10**15),
    "sparse": Forms(keys_per_rule=0, mask_bytes=-1, many_hits=0.0),
    "blocks": Forms(keys_per_rule=0, mask_bytes=-1, many_hits=_NEVER),
}
"""`keys` are blocks where a table has no keys, `sparse` where its answer is no list."""


def decided(model: Model, name: str, forms: Forms) -> Callable[[Mapping[str, Any]], Any]:
    """Return the decision `name` as a function, its tables in the form that `forms` choose."""
    decide = model.decision(name)
    made = fuse(decide.graph.steps, decide.graph.key, _setting(model, forms), decide.by_closures)
    return made or decide.by_closures


def explained(
    model: Model, name: str, forms: Forms
) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    """Return the function that gives the ids of the rules hit, as `decided` looks them up."""
    graph = model.decision(name).graph
    setting = _setting(model, forms)
    usual = graph.whole(setting.inputs, setting.limits, setting.clock)
    made = fuse_whole(graph.steps, setting, usual.function) or usual

    def rules(record: Mapping[str, Any]) -> tuple[str, ...]:
        found = made.function(record)
        pairs = zip(made.rules, found[1::2], strict=True)
        ids = (hit if type(hit) is tuple else of(hit) for of, hit in pairs)
        return tuple(rule for each in ids for rule in each)

    return rules


def _setting(model: Model, forms: Forms) -> Setting:
    return Setting(model.input_names, {}, model.limits, model.clock, forms)
