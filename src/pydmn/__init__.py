"""A DMN runtime: decision models executed in Python (DMN 1.5).

    model = pydmn.load("criteria.dmn")
    model.evaluate("Determination", {"Age": 42}).value

What is not exported here is private. The four functions and the errors are here at once; the
other names are imported when first used, so that `import pydmn` costs a few milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

# The package `pydmn.feel` first: importing it later would put it in the place of the function.
import pydmn.feel  # noqa: F401  for its effect
from pydmn.diagnostics import Diagnostic, Severity
from pydmn.engine import diff, feel, load, unary_tests
from pydmn.errors import (
    FeelSyntaxError,
    InputError,
    LimitExceeded,
    ModelError,
    NotColumnar,
    NotDecided,
    NotFinite,
    PydmnError,
    Spent,
    UnknownName,
)
from pydmn.limits import Limits
from pydmn.trace import Hit, Note, Trace

if TYPE_CHECKING:
    from pydmn.backends.to_polars.result import FrameResult, Refusal
    from pydmn.engine.decide import Decide
    from pydmn.engine.model import Model
    from pydmn.engine.possible import DecidingSet, Possible
    from pydmn.engine.result import Result
    from pydmn.engine.space import Space, World
    from pydmn.engine.together import Condition
    from pydmn.feel.json_text import read_json, write_json
    from pydmn.feel.temporal import (
        Date,
        DateTime,
        DaysAndTimeDuration,
        Time,
        YearsAndMonthsDuration,
    )
    from pydmn.feel.values import Function, Range
    from pydmn.model import (
        Association,
        Bounds,
        BusinessKnowledgeModel,
        Decision,
        DecisionService,
        Definitions,
        Diagram,
        Edge,
        Group,
        InputData,
        KnowledgeSource,
        Point,
        Shape,
        TextAnnotation,
    )
    from pydmn.plan.view import Column, InputView, RuleView, TableView
    from pydmn.tables.bounds import Bound, Side, TableBounds, UnreadCell
    from pydmn.verify.changes.found import Change, ChangeClass, Difference
    from pydmn.verify.deciding import Deciding
    from pydmn.verify.graph.regions import Region, Regions
    from pydmn.verify.outlook import Members, Outlook, Prospect
    from pydmn.verify.spread import Spread
    from pydmn.verify.tables.findings import FINDINGS, TableFinding, Verdict, VerifiedTable

__version__ = "0.1.0"

_LATER: Final = {
    "pydmn.backends.to_polars.result": ("FrameResult", "Refusal"),
    "pydmn.engine.decide": ("Decide",),
    "pydmn.engine.model": ("Model",),
    "pydmn.engine.possible": ("DecidingSet", "Possible"),
    "pydmn.engine.result": ("Result",),
    "pydmn.engine.together": ("Condition",),
    "pydmn.engine.space": ("Space", "World"),
    "pydmn.feel.json_text": ("read_json", "write_json"),
    "pydmn.feel.temporal": (
        "Date", "DateTime", "DaysAndTimeDuration", "Time", "YearsAndMonthsDuration",
    ),
    "pydmn.feel.values": ("Function", "Range"),
    "pydmn.model": (
        "Association", "Bounds", "BusinessKnowledgeModel", "Decision", "DecisionService",
        "Definitions", "Diagram", "Edge", "Group", "InputData", "KnowledgeSource", "Point",
        "Shape", "TextAnnotation",
    ),
    "pydmn.plan.view": ("Column", "InputView", "RuleView", "TableView"),
    "pydmn.tables.bounds": ("Bound", "Side", "TableBounds", "UnreadCell"),
    "pydmn.verify.changes.found": ("Change", "ChangeClass", "Difference"),
    "pydmn.verify.deciding": ("Deciding",),
    "pydmn.verify.graph.regions": ("Region", "Regions"),
    "pydmn.verify.outlook": ("Members", "Outlook", "Prospect"),
    "pydmn.verify.spread": ("Spread",),
    "pydmn.verify.tables.findings": ("FINDINGS", "TableFinding", "Verdict", "VerifiedTable"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is exported under `name`, and keep it."""
    for module, names in _LATER.items():
        if name in names:
            value = globals()[name] = getattr(import_module(module), name)
            return value
    message = f"module `pydmn` has no attribute `{name}`"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """Return the exported names."""
    return sorted(__all__)


__all__ = [
    "FINDINGS",
    "Association",
    "Bound",
    "Bounds",
    "BusinessKnowledgeModel",
    "Change",
    "ChangeClass",
    "Column",
    "Condition",
    "Date",
    "DateTime",
    "DaysAndTimeDuration",
    "Decide",
    "Deciding",
    "DecidingSet",
    "Decision",
    "DecisionService",
    "Definitions",
    "Diagnostic",
    "Diagram",
    "Difference",
    "Edge",
    "FeelSyntaxError",
    "FrameResult",
    "Function",
    "Group",
    "Hit",
    "InputData",
    "InputError",
    "InputView",
    "KnowledgeSource",
    "LimitExceeded",
    "Limits",
    "Members",
    "Model",
    "ModelError",
    "NotColumnar",
    "NotDecided",
    "NotFinite",
    "Note",
    "Outlook",
    "Point",
    "Possible",
    "Prospect",
    "PydmnError",
    "Range",
    "Refusal",
    "Region",
    "Regions",
    "Result",
    "RuleView",
    "Severity",
    "Shape",
    "Side",
    "Space",
    "Spent",
    "Spread",
    "TableBounds",
    "TableFinding",
    "TableView",
    "TextAnnotation",
    "Time",
    "Trace",
    "UnknownName",
    "UnreadCell",
    "Verdict",
    "VerifiedTable",
    "World",
    "YearsAndMonthsDuration",
    "__version__",
    "diff",
    "feel",
    "load",
    "read_json",
    "unary_tests",
    "write_json",
]
