"""The conformance runner: the cases of the DMN Technology Compatibility Kit (TCK).

A case is a model, inputs, and the value expected of a decision. Expected values are read here
from XML, by Python's own number and by the lexical forms of XML Schema, and never evaluated by
the engine under test. Numbers compare as in the TCK's own runners: equal within 1e-8, since some
of its values are cut off; the report counts how many needed that.

The Java methods that the kit's models name are here too, as Python functions: the engine knows
none, a host registers its own.
"""

from __future__ import annotations

import csv
import errno
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from pydmn.engine import load
from pydmn.engine.model import Model
from pydmn.errors import InputError, PydmnError
from pydmn.feel import host, numbers, text, values

TOLERANCE: Final = Decimal("1e-8")
LEVELS: Final = ("compliance-level-2", "compliance-level-3")
APART: Final = "non-compliant"

Verdict: TypeAlias = Literal["SUCCESS", "ERROR"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case expects of one decision; an `error` is to be null or to fail."""

    name: str
    value: Any
    error: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One test case.

    `kind` and `invocable` say what is called: decisions, or a service or knowledge model by
    name. It passes when all of `expected` do.
    """

    folder: str
    file: str
    test_id: str
    kind: str
    invocable: str | None
    inputs: Mapping[str, Any]
    expected: tuple[Expected, ...]

    @property
    def label(self) -> str:
        """What the case is called: `folder/file, id`."""
        return f"{self.folder}/{self.file}, {self.test_id}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case; `message` says why it failed, `tolerant` that 1e-8 was needed."""

    case: Case
    verdict: Verdict
    message: str = ""
    tolerant: bool = False


@dataclass(slots=True)
class Report:
    """The outcomes of a run, and the line that sums them up."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(outcome.verdict == "SUCCESS" for outcome in self.outcomes)

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes that failed, in order."""
        return [outcome for outcome in self.outcomes if outcome.verdict != "SUCCESS"]

    @property
    def tolerant(self) -> list[Outcome]:
        """The outcomes that needed the tolerance."""
        return [outcome for outcome in self.outcomes if outcome.tolerant]

    @property
    def summary(self) -> str:
        """`3391 passed, 0 failed`."""
        return f"{self.passed} passed, {len(self.failed)} failed"

    def write_csv(self, path: Path) -> None:
        """Write the result file in the TCK's own format."""
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for outcome in self.outcomes:
                case = outcome.case
                writer.writerow(
                    (case.folder, case.file, case.test_id, outcome.verdict, outcome.message)
                )


def run(folder: Path, levels: tuple[str, ...] = LEVELS) -> Report:
    """Run every case of `levels` below `folder`, in the order of their names.

    Raises `FileNotFoundError` where there is none, `InputError` for a test file that is not
    as the kit's schema says.
    """
    report = Report()
    folders = [each for level in levels for each in sorted((folder / level).glob("*/"))]
    if not folders:
        raise FileNotFoundError(
            errno.ENOENT, f"no test cases of {' or '.join(levels)}", str(folder)
        )
    for each in folders:
        report.outcomes.extend(_run_folder(each, f"{each.parent.name}/{each.name}"))
    return report


def _run_folder(folder: Path, label: str) -> Iterator[Outcome]:
    models: dict[str, Model | PydmnError] = {}
    for path in sorted(folder.glob("*-test-*.xml")):
        model_name, cases = read_cases(path, label)
        if model_name not in models:
            models[model_name] = _load(folder / model_name)
        for case in cases:
            yield judge(case, models[model_name])


def _load(path: Path) -> Model | PydmnError:
    try:
        return load(path, functions=JAVA)
    except PydmnError as error:
        return error


def judge(case: Case, model: Model | PydmnError) -> Outcome:
    """Run one case and compare."""
    difference = Difference()
    for expected in case.expected:
        message = _complaint(case, expected, model, difference)
        if message:
            return Outcome(case, "ERROR", message)
    return Outcome(case, "SUCCESS", tolerant=difference.tolerant)


def _complaint(
    case: Case, expected: Expected, model: Model | PydmnError, difference: Difference
) -> str:
    """Return why an expectation is not met; empty when it is."""
    try:
        if isinstance(model, PydmnError):
            raise model
        value = _evaluate(case, expected.name, model)
    except PydmnError as error:
        return "" if expected.error else f"{expected.name}: {type(error).__name__}: {error.message}"
    if expected.error:
        return "" if value is None else f"{expected.name}: expected an error, got {value!r:.200}"
    if difference.same(expected.value, value):
        return ""
    return f"{expected.name}: expected {expected.value!r:.200}, got {value!r:.200}"


def _evaluate(case: Case, name: str, model: Model) -> Any:
    if case.kind == "decision":
        return host.from_python(model.evaluate(name, case.inputs).value)
    invocable = case.invocable or name
    value = host.from_python(model.evaluate(invocable, case.inputs).value)
    if isinstance(value, dict) and len(model.step(invocable).outputs) > 1:
        return value.get(name)
    return value


class Difference:
    """Compares an expected value with an actual one, and remembers whether 1e-8 was needed."""

    def __init__(self) -> None:
        self.tolerant = False

    def same(self, expected: Any, actual: Any) -> bool:
        """Say whether both are the same value."""
        if isinstance(expected, Decimal) and type(actual) is Decimal:
            if expected == actual:
                return True
            if abs(expected - actual) < TOLERANCE:
                self.tolerant = True
                return True
            return False
        if isinstance(expected, list) and isinstance(actual, list):
            return len(expected) == len(actual) and all(
                self.same(one, other) for one, other in zip(expected, actual, strict=True)
            )
        if isinstance(expected, dict) and isinstance(actual, dict):
            return expected.keys() == actual.keys() and all(
                self.same(value, actual[key]) for key, value in expected.items()
            )
        if expected is None or actual is None:
            return expected is actual
        return type(expected) is type(actual) and values.equal(expected, actual) is True


# --- reading cases --------------------------------------------------------------------

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def read_cases(path: Path, label: str) -> tuple[str, list[Case]]:
    """Return the model's file name and the cases of a test file; `label` names its folder.

    Raises `InputError` for what is not as the kit's schema says.
    """
    from lxml import etree  # here, so that importing the engine stays cheap

    safe = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        root = etree.parse(str(path), safe).getroot()
        return _child_text(root, "modelName"), [
            _case(test, label, path) for test in _children(root, "testCase")
        ]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{path}: {error}") from error


def _case(test: Any, label: str, path: Path) -> Case:
    return Case(
        folder=label,
        file=path.name.removesuffix(".xml"),
        test_id=test.get("id") or "",
        kind=test.get("type") or "decision",
        invocable=test.get("invocableName"),
        inputs={node.get("name"): _value(node) for node in _children(test, "inputNode")},
        expected=tuple(_expected(node) for node in _children(test, "resultNode")),
    )


def _expected(node: Any) -> Expected:
    value = next(_children(node, "expected"), None)
    return Expected(
        node.get("name"),
        None if value is None else _value(value),
        node.get("errorResult") == "true",
    )


def _children(node: Any, name: str) -> Iterator[Any]:
    return (
        child
        for child in node
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name
    )


def _child_text(node: Any, name: str) -> str:
    child = next(_children(node, name), None)
    return "" if child is None else (child.text or "")


def _value(node: Any) -> Any:
    """Return the value that an element of the test schema's `valueType` holds."""
    if node.get(f"{_XSI}nil") == "true":
        return None
    single = next(_children(node, "value"), None)
    if single is not None:
        return _simple(single)
    collection = next(_children(node, "list"), None)
    if collection is not None:
        if collection.get(f"{_XSI}nil") == "true":
            return None
        return [_value(item) for item in _children(collection, "item")]
    components = list(_children(node, "component"))
    return {each.get("name"): _value(each) for each in components} if components else None


def _simple(node: Any) -> Any:
    """Return a value by its XML Schema type, a string where none is given.

    Raises `ValueError` for a text that is no value of its type.
    """
    if node.get(f"{_XSI}nil") == "true":
        return None
    content = node.text or ""
    type_ = (node.get(f"{_XSI}type") or "xsd:string").rpartition(":")[2]
    if type_ == "string":
        return content
    read = _READERS.get(type_)
    value = None if read is None else read(content.strip())
    if value is None:
        message = f"`{content}` is no {type_}"
        raise ValueError(message)
    return value


_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "boolean": _BOOLEANS.get,
    "decimal": numbers.from_text,
    "double": numbers.from_text,
    "float": numbers.from_text,
    "integer": numbers.from_text,
    "int": numbers.from_text,
    "long": numbers.from_text,
    "date": text.parse_date,
    "time": text.parse_time,
    "dateTime": text.parse_date_and_time,
    "duration": text.parse_duration,
    "dayTimeDuration": text.parse_duration,
    "yearMonthDuration": text.parse_duration,
}
"""What reads the lexical form of a type of XML Schema; None where the text has another form."""


# --- the Java methods that the test kit names -----------------------------------------


def _cosine(x: Decimal) -> Decimal:
    return Decimal(repr(math.cos(float(x))))


def _parsed(content: str) -> Decimal:
    number = numbers.from_text(content)
    if number is None:
        message = "no number"
        raise ValueError(message)
    return number


def _character(content: str) -> str:
    if len(content) != 1:
        message = "a `char` is one character"
        raise ValueError(message)
    return content


def _whole(bits: int) -> Callable[[Decimal], Decimal]:
    """Return the conversion to a signed whole number of `bits`, which refuses what it loses."""
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def convert(number: Decimal) -> Decimal:
        if numbers.integer(number) is None or not least <= number <= most:
            message = f"{number} is no {bits}-bit whole number"
            raise ValueError(message)
        return number

    return convert


def _format(pattern: str, argument: str) -> str:
    return pattern.replace("%s", argument)


JAVA: Final[Mapping[str, Callable[..., Any]]] = {
    "java.lang.Math.cos(double)": _cosine,
    "java.lang.Math.max(double,double)": max,
    "java.lang.Math.max(float,float)": max,
    "java.lang.Math.max(int,int)": max,
    "java.lang.Math.max(long,long)": max,
    "java.lang.Short.valueOf(short)": _whole(16),
    "java.lang.Byte.valueOf(byte)": _whole(8),
    "java.lang.String.valueOf(char)": _character,
    "java.lang.Integer.valueOf(java.lang.String)": _parsed,
    "java.lang.Float.valueOf(java.lang.String)": _parsed,
    "java.lang.Double.valueOf(java.lang.String)": _parsed,
    "java.lang.String.format(java.lang.String,[Ljava.lang.Object;)": _format,
}
