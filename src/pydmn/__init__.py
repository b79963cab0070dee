"""A DMN runtime: decision models executed in Python (DMN 1.5).

    model = pydmn.load("criteria.dmn")
    model.evaluate("Determination", {"Age": 42}).value

What is not exported here is private.
"""

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.engine import (
    Condition,
    Decide,
    Deciding,
    Model,
    Possible,
    Result,
    feel,
    load,
    unary_tests,
)
from pydmn.errors import (
    FeelSyntaxError,
    InputError,
    LimitExceeded,
    ModelError,
    NotColumnar,
    PydmnError,
    UnknownName,
)
from pydmn.feel.temporal import Date, DateTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from pydmn.feel.values import Function, Range
from pydmn.limits import Limits
from pydmn.plan.view import Column, InputView, RuleView, TableView
from pydmn.trace import Hit, Note, Trace
from pydmn.verify.atoms import NotFinite

__version__ = "0.1.0"

__all__ = [
    "Column",
    "Condition",
    "Date",
    "DateTime",
    "DaysAndTimeDuration",
    "Decide",
    "Deciding",
    "Diagnostic",
    "FeelSyntaxError",
    "Function",
    "Hit",
    "InputError",
    "InputView",
    "LimitExceeded",
    "Limits",
    "Model",
    "ModelError",
    "NotColumnar",
    "NotFinite",
    "Note",
    "Possible",
    "PydmnError",
    "Range",
    "Result",
    "RuleView",
    "Severity",
    "TableView",
    "Time",
    "Trace",
    "UnknownName",
    "YearsAndMonthsDuration",
    "__version__",
    "feel",
    "load",
    "unary_tests",
]
