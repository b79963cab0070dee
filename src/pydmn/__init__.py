"""A DMN runtime: decision models executed in Python (DMN 1.5).

    model = pydmn.load("criteria.dmn")
    model.evaluate("Determination", {"Age": 42}).value

What is not exported here is private.
"""

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.engine import Decide, Model, Result, feel, load, unary_tests
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
from pydmn.trace import Hit, Note, Trace

__version__ = "0.1.0"

__all__ = [
    "Date",
    "DateTime",
    "DaysAndTimeDuration",
    "Decide",
    "Diagnostic",
    "FeelSyntaxError",
    "Function",
    "Hit",
    "InputError",
    "LimitExceeded",
    "Limits",
    "Model",
    "ModelError",
    "NotColumnar",
    "Note",
    "PydmnError",
    "Range",
    "Result",
    "Severity",
    "Time",
    "Trace",
    "UnknownName",
    "YearsAndMonthsDuration",
    "__version__",
    "feel",
    "load",
    "unary_tests",
]
