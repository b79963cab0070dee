"""The face: load, evaluate, compile.

    model = pydmn.load("criteria.dmn")
    result = model.evaluate("Determination", {"Age": 42})
    decide = model.decision("Determination")
    pydmn.feel("sum(xs) / count(xs)", {"xs": [1, 2]})
    pydmn.unary_tests("> 5, null", 7)

A model is immutable and may be shared among threads; every evaluation has a `Run` of its own.
What does the work is imported at the first call, so that importing the package costs little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydmn.limits import DEFAULT, Limits
from pydmn.run import Clock, Run, system_clock
from pydmn.trace import Trace

if TYPE_CHECKING:
    from pydmn.engine.files import ModelSource
    from pydmn.engine.model import Model
    from pydmn.verify.changes.found import Difference

__all__ = ["diff", "feel", "load", "unary_tests"]


def load(
    source: ModelSource | Iterable[ModelSource],
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    limits: Limits = DEFAULT,
    clock: Clock = system_clock,
) -> Model:
    """Return the model in `source`: a path, bytes, a folder, or several of them.

    The first file is the main one. Imports are looked for among the files given, then in
    the main file's folder. `functions` are the external functions of the host by key, such
    as `java.lang.Math.cos(double)`.

    Raises `ModelError` with every diagnostic when a file cannot be read as DMN, `OSError`
    when it cannot be read at all, `LimitExceeded` when it is too large. Parts of a model
    that cannot run do not stop it from loading: see `Model.diagnostics`.
    """
    from pydmn.engine.files import read_files
    from pydmn.engine.model import Model
    from pydmn.plan.stack import with_room

    files = read_files(source, limits)
    return with_room(lambda: Model(files, functions or {}, limits, clock))


def diff(old: Model, new: Model, decision: str) -> Difference:
    """Return where two versions of a decision answer differently, or that they never do.

    A decision goes by its name in both, its rules by their ids, and its inputs by their names;
    so does a decision service, and a knowledge model by its parameters. Raises `ModelError` where a
    version has errors, has nothing of that name (`UnknownName`) or something else, or hangs on an
    input that the other does not have, or has of another type.
    """
    from pydmn.engine.differing import difference

    return difference(old, new, decision)


def feel(
    text: str,
    context: Mapping[str, Any] | None = None,
    *,
    limits: Limits = DEFAULT,
    clock: Clock = system_clock,
    trace: Trace | None = None,
) -> Any:
    """Return the value of a FEEL expression, with the entries of `context` as variables.

    A name that `context` does not have is null. Why an answer is null is added to `trace`.
    Raises `FeelSyntaxError` when the text is not FEEL, `InputError`, `LimitExceeded`.

    >>> feel("sum(xs) / count(xs)", {"xs": [1, 2]})
    Decimal('1.5')
    """
    from pydmn.engine.expression import evaluate
    from pydmn.plan.stack import with_room

    def work() -> tuple[Any, Trace]:
        run = Run(limits, clock)  # anew, for this may be done twice
        return evaluate(text, context or {}, run), run.trace

    value, happened = with_room(work)
    if trace is not None:
        trace.add(happened)
    return value


def unary_tests(
    text: str,
    value: Any,
    context: Mapping[str, Any] | None = None,
    *,
    limits: Limits = DEFAULT,
    clock: Clock = system_clock,
    trace: Trace | None = None,
) -> bool:
    """Say whether a decision table's cell accepts `value`. Traces and raises as `feel` does.

    >>> unary_tests("> 5, null", 7)
    True
    """
    from pydmn.engine.expression import accepts
    from pydmn.plan.stack import with_room

    def work() -> tuple[bool, Trace]:
        run = Run(limits, clock)  # as in `feel`
        return accepts(text, value, context or {}, run), run.trace

    accepted, happened = with_room(work)
    if trace is not None:
        trace.add(happened)
    return accepted
