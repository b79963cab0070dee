"""The cases of a policy: requests, each with the determination that the text asks for.

A file holds one case or a list of cases:

    {"id": "...", "title": "...", "because": "the argument, by citation",
     "covers": {"criteria": ["A"], "register": [4], "dates": []},
     "request": {...},
     "expect": {"lines": [{"id": "1", "disposition": "APPROVE", ...}]}}

`expect` names any part of the determination: of a line, those keys that the case is about, and
beside `lines` the `version` that answers. In place of `lines` it may have `error`, a piece of the
message that the request gets.

A case whose answer nobody has argued yet is *open*: `{"open": ["what it is for", ...]}` stands in
place of `lines`, and it needs no `because`. It never passes; who answers it replaces `open`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import pydmn
from medpolicy.determination import Determination, LineDetermination
from medpolicy.problems import MedpolicyError, Problem, did_you_mean, shown
from medpolicy.versions import AnyPolicy


@dataclass(frozen=True, slots=True)
class Covers:
    """What a case is about: criteria, rows of the register, edges of dates by a name."""

    criteria: tuple[str, ...] = ()
    register: tuple[int, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `lines` or `error` says what is expected, `open` that nothing is yet."""

    file: str
    id: str
    title: str | None
    because: str | None
    covers: Covers
    request: Any
    lines: tuple[Mapping[str, Any], ...] | None
    error: str | None
    version: str | None = None
    open: tuple[str, ...] | None = None
    """What an open case is for."""

    @property
    def where(self) -> str:
        """The case's place, for a message."""
        return f"{self.file}, {self.id}"


def read_cases(path: Path, *, argued: bool) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """Return the cases in a file or in the `*.json` of a folder, and what is wrong with them.

    `argued` cases must say what they cover and why the answer is right.
    """
    reader = _Reader(argued)
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    for file in files:
        reader.file(file, f"{path.name}/{file.name}" if path.is_dir() else file.name)
    if not reader.cases and not reader.problems:
        reader.problems.append(Problem(str(path), "holds no case", "write cases in *.json files"))
    return tuple(reader.cases), tuple(reader.problems)


_WIDTH: Final = 96


def laid_out(value: Any, indent: str = "") -> str:
    """Return JSON values as a file of cases has them: what fits on a line is on one.

    >>> print(laid_out([{"id": "1", "facts": {}}]))
    [{"id": "1", "facts": {}}]
    """
    inner = f"{indent}  "
    match value:
        case Mapping():
            ends = "{}"
            parts = [
                f"{pydmn.write_json(name)}: {laid_out(each, inner)}" for name, each in value.items()
            ]
        case list() | tuple():
            ends, parts = "[]", [laid_out(each, inner) for each in value]
        case _:
            return pydmn.write_json(value)
    line = f"{ends[0]}{', '.join(parts)}{ends[1]}"
    if "\n" not in line and len(indent) + len(line) <= _WIDTH:
        return line
    separator = f",\n{inner}"
    return f"{ends[0]}\n{inner}{separator.join(parts)}\n{indent}{ends[1]}"


_KEYS: Final = ("id", "title", "covers", "because", "request", "expect")
_PLAIN: Final = ("disposition", "criteria_result", "recommendation", "governed_by")
_LISTS: Final = ("rationale", "flags", "missing", "criteria", "rules")
LINE_KEYS: Final = ("id", *_PLAIN, *_LISTS)
_MISSING_KEYS: Final = ("fact", "question", "would_decide")


_Expected: TypeAlias = tuple[
    tuple[Mapping[str, Any], ...] | None, str | None, str | None, tuple[str, ...] | None
]


class _Reader:
    """Reads files of cases and collects what is wrong with them."""

    def __init__(self, argued: bool) -> None:
        self._argued = argued
        self._places: dict[str, str] = {}
        self.cases: list[Case] = []
        self.problems: list[Problem] = []

    def _problem(self, where: str, message: str, help_: str | None = None) -> None:
        self.problems.append(Problem(where, message, help_))

    def file(self, path: Path, name: str) -> None:
        try:
            data = pydmn.read_json(path.read_bytes())
        except pydmn.InputError as error:
            self._problem(name, error.message)
            return
        except OSError as error:
            self._problem(name, f"the file cannot be read: {error.strerror}")
            return
        for number, each in enumerate(data if isinstance(data, list) else [data], 1):
            self._case(name, f"{name}, case {number}", each)

    def _case(self, file: str, where: str, data: Any) -> None:
        if not isinstance(data, Mapping):
            self._problem(where, "is no JSON object")
            return
        if isinstance(data.get("id"), str):
            where = f"{file}, {data['id']}"
        before = len(self.problems)
        self._unknown(where, data, _KEYS)
        expect = data.get("expect")
        answered = not (isinstance(expect, Mapping) and "open" in expect)
        wanted = ("id", *(("because",) if answered else ()), "covers") if self._argued else ("id",)
        for name in (*wanted, "request", "expect"):
            if data.get(name) is None:
                self._problem(where, f"`{name}` is missing", "every case needs it")
        id_, title, because = (self._text(where, data, name) for name in ("id", "title", "because"))
        covers = self._covers(f"{where}, covers", data.get("covers"))
        expected = self._expected(f"{where}, expect", data.get("expect"))
        if id_ is not None and self._places.setdefault(id_, file) != file:
            self._problem(where, f"the id stands in {self._places[id_]} too")
        if len(self.problems) == before and id_ is not None:
            request = data["request"]
            self.cases.append(Case(file, id_, title, because, covers, request, *expected))

    def _covers(self, where: str, data: Any) -> Covers:
        if data is None:
            return Covers()
        if not isinstance(data, Mapping):
            self._problem(where, "is no JSON object")
            return Covers()
        self._unknown(where, data, ("criteria", "register", "dates"))
        rows = self._items(where, data, "register", Decimal)
        for row in rows:
            if row != row.to_integral_value():
                self._problem(where, "`register` holds something other than the numbers of rows")
        return Covers(
            tuple(self._items(where, data, "criteria", str)),
            tuple(int(row) for row in rows),
            tuple(self._items(where, data, "dates", str)),
        )

    def _expected(self, where: str, data: Any) -> _Expected:
        """Return the lines, the error, the version and what is open, None where not said."""
        nothing = None, None, None, None
        if data is None:
            return nothing
        if not isinstance(data, Mapping):
            self._problem(where, "is no JSON object")
            return nothing
        self._unknown(where, data, ("lines", "error", "version", "open"))
        if "open" in data and ("lines" in data or "error" in data):
            self._problem(where, "is `open` and has an answer too", "remove `open` if it is right")
            return nothing
        if "open" not in data and ("lines" in data) == ("error" in data):
            self._problem(where, "needs either `lines` or `error`")
            return nothing
        version = self._text(where, data, "version")
        if "error" in data:
            if version is not None:
                self._problem(where, "an error has no `version`", "remove it")
            return None, self._text(where, data, "error"), None, None
        if "open" in data:
            purposes = self._items(where, data, "open", str)
            if not purposes:
                self._problem(where, "`open` says nothing", "say what the case is for")
            return None, None, version, tuple(purposes)
        lines = self._items(where, data, "lines", dict)
        if not lines:
            self._problem(where, "`lines` names no line")
        for number, line in enumerate(lines, 1):
            self._line(f"{where}, line {number}", line)
        return tuple(lines), None, version, None

    def _line(self, where: str, line: Mapping[str, Any]) -> None:
        self._unknown(where, line, LINE_KEYS)
        if self._text(where, line, "id") is None:
            self._problem(where, "needs the `id` of the line of the request")
        for name in ("rationale", "flags", "criteria", "rules"):
            self._items(where, line, name, str)
        for each in self._items(where, line, "missing", str | dict):
            if isinstance(each, dict):
                self._unknown(f"{where}, missing", each, _MISSING_KEYS)
                if not isinstance(each.get("fact"), str):
                    self._problem(f"{where}, missing", "an object needs its `fact`")

    # --- pieces ------------------------------------------------------------------------

    def _unknown(self, where: str, data: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for name in data:
            if name not in known:
                self._problem(where, f"unknown field {shown(name)}", did_you_mean(name, known))

    def _text(self, where: str, data: Mapping[str, Any], name: str) -> str | None:
        value = data.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self._problem(where, f"`{name}` is no text", "give a string that is not empty")
            return None
        return value

    def _items(self, where: str, data: Mapping[str, Any], name: str, kind: Any) -> list[Any]:
        """Return a list, empty if absent; report what is no list of `kind`."""
        value = data.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
            words = {str: "strings", Decimal: "numbers", dict: "objects"}.get(kind, "facts")
            self._problem(where, f"`{name}` is no list of {words}")
            return []
        return value


ANSWER: Final = "put `lines` with the answer in place of `open`, and argue it in `because`"


def run_case(policy: AnyPolicy, case: Case) -> Problem | None:
    """Return how the policy's answer differs from what the case expects; None where it agrees."""
    # The rules that were hit stand in a trace only.
    trace = any("rules" in line for line in case.lines or ())
    return difference(case, answer_to(policy, case, trace=trace))


def answer_to(policy: AnyPolicy, case: Case, *, trace: bool) -> Determination | MedpolicyError:
    """Return the policy's answer to the case's request, or its error."""
    try:
        return policy.determine(case.request, trace=trace)
    except MedpolicyError as error:
        return error


def counting(case: Case, answer: Determination) -> tuple[LineDetermination, ...]:
    """Return the lines of which the case expects something; of an open case the first."""
    if case.open is not None:
        return answer.lines[:1]
    named = {line["id"] for line in case.lines or ()}
    return tuple(line for line in answer.lines if line.id in named)


def difference(case: Case, answer: Determination | MedpolicyError) -> Problem | None:
    """Return how `answer` differs from what the case expects; None where it agrees.

    A case that expects rules needs an answer with its traces. An open case agrees with nothing.
    """
    if case.open is not None:
        return Problem(case.where, "the case is open: nobody has argued its answer yet", ANSWER)
    differences = _differences(case, answer)
    if not differences:
        return None
    because = None if case.because is None else f"the case argues: {case.because}"
    return Problem(case.where, "the determination differs", because, tuple(differences))


def _differences(case: Case, answer: Determination | MedpolicyError) -> list[str]:
    if isinstance(answer, MedpolicyError):
        said = str(answer)
        if case.error is None:
            return [f"expected a determination, came an error: {line}" for line in said.split("\n")]
        return (
            [] if case.error in said else [f"expected an error with {case.error!r}, came: {said}"]
        )
    if case.error is not None:
        return [f"expected an error with {case.error!r}, came a determination"]
    lines = {line["id"]: line for line in answer.to_dict()["lines"]}
    found = []
    if case.version not in (None, answer.policy.version):
        found.append(f"version: {_unlike(case.version, answer.policy.version)}")
    for expected in case.lines or ():
        line = lines.get(expected["id"])
        if line is None:
            found.append(f"line {shown(expected['id'])}: the request has no such line")
            continue
        found.extend(
            f"line {line['id']}, {key}: {unlike}"
            for key, value in expected.items()
            if (unlike := _COMPARED[key](value, line)) is not None
        )
    return found


# --- comparisons: None where the line holds what is expected ----------------------------


def _same(key: str) -> Callable[[Any, Mapping[str, Any]], str | None]:
    def compare(expected: Any, line: Mapping[str, Any]) -> str | None:
        return None if line[key] == expected else _unlike(expected, line[key])

    return compare


def _same_members(key: str) -> Callable[[Any, Mapping[str, Any]], str | None]:
    def compare(expected: Any, line: Mapping[str, Any]) -> str | None:
        agrees = sorted(expected or ()) == sorted(line[key])
        return None if agrees else _unlike(expected, line[key])

    return compare


def _missing(expected: Any, line: Mapping[str, Any]) -> str | None:
    """Compare the facts asked for, in any order, and what else the case says of each."""
    wanted = [each if isinstance(each, dict) else {"fact": each} for each in expected or ()]
    came = {each["fact"]: each for each in line["missing"]}
    agrees = sorted(each["fact"] for each in wanted) == sorted(came) and all(
        came[each["fact"]][key] == value for each in wanted for key, value in each.items()
    )
    if agrees:
        return None
    detailed = any(len(each) > 1 for each in wanted)
    return _unlike(expected, line["missing"] if detailed else list(came))


def _criteria(expected: Any, line: Mapping[str, Any]) -> str | None:
    came = [reason["criterion"] for reason in line["reasons"] if reason["criterion"] is not None]
    return _holds(expected, came)


def _rules(expected: Any, line: Mapping[str, Any]) -> str | None:
    came = [reason["rule"] for reason in line["reasons"] if reason["rule"] is not None]
    came += [rule for entry in line["trace"] for rule in entry["rules"]]
    return _holds(expected, list(dict.fromkeys(came)))


def _holds(expected: Iterable[str] | None, came: list[str]) -> str | None:
    lacking = [each for each in expected or () if each not in came]
    if not lacking:
        return None
    return f"expected {pydmn.write_json(lacking)} too, came {pydmn.write_json(came)}"


def _unlike(expected: Any, came: Any) -> str:
    return f"expected {pydmn.write_json(expected)}, came {pydmn.write_json(came)}"


_COMPARED: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], str | None]]] = MappingProxyType(
    {
        "id": _same("id"),
        **{key: _same(key) for key in _PLAIN},
        "rationale": _same_members("rationale"),
        "flags": _same_members("flags"),
        "missing": _missing,
        "criteria": _criteria,
        "rules": _rules,
    }
)
