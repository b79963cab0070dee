"""A policy's folder, read and checked.

In the folder are these; what is wrong with any of them is said at once.

policy.toml     identity, dates, adoption, precedence, parameters, sources, history
criteria.dmn    the decisions
text/*.md       the words
cases/*.json    requests with the determination expected
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pydmn
from medpolicy.keys import Keys, read_toml
from medpolicy.policy import (
    DISPOSITION,
    MODES,
    RUNTIME_INPUTS,
    Accepted,
    Adoption,
    Change,
    Dates,
    DocumentSettings,
    Metadata,
    Policy,
    Precedence,
    SourceText,
)
from medpolicy.problems import PolicyError, Problem, did_you_mean
from medpolicy.record import MAX_DIGITS, FactType, number_of

# What TOML writes for a value of a declared type; of other types anything is taken.
_PARAMETER_TYPES: Final[Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {"number": (int, float), "string": (str,), "boolean": (bool,), "date": (date,)}
)


def read_policy(folder: str | Path) -> Policy:
    """Return the policy in `folder`. Raises `PolicyError` with every problem found."""
    return _Reader(Path(folder)).policy()


class _Reader:
    """Reads a folder and collects what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._problems: list[Problem] = []
        self._hash = hashlib.sha256()

    def _problem(self, where: str, message: str, help_: str | None = None) -> None:
        self._problems.append(Problem(where, message, help_))

    def policy(self) -> Policy:
        if not self._folder.is_dir():
            raise PolicyError([self._no_folder()])
        toml = self._toml()
        model = self._model()
        text = self._text()
        if toml is None:
            raise PolicyError(self._problems)
        keys = Keys(toml, "policy.toml", self._problems)
        metadata = self._metadata(keys.table("policy"))
        dates = self._dates(keys.table("dates"))
        adoption = tuple(map(self._adoption, keys.tables("adoption")))
        precedence = tuple(map(self._precedence, keys.tables("precedence")))
        parameters = self._parameters(keys.table("parameters", required=False), model)
        facts = {} if model is None else _facts(model, parameters)
        open_when = self._open_when(keys.table("open_when", required=False), model, facts)
        sources = tuple(map(self._source, keys.tables("source")))
        history = tuple(map(self._change, keys.tables("history")))
        document = self._document(keys.table("document"), model)
        accepted = tuple(self._accepted(each, model) for each in keys.tables("accepted"))
        keys.finish()
        if model is not None:
            self._check_model(model, facts)
        if self._problems:
            raise PolicyError(self._problems)
        assert model is not None
        assert metadata is not None
        assert dates is not None
        assert document is not None
        return Policy(
            folder=self._folder,
            metadata=metadata,
            dates=dates,
            adoption=tuple(row for row in adoption if row is not None),
            precedence=tuple(row for row in precedence if row is not None),
            parameters=parameters,
            open_when=open_when,
            sources=tuple(row for row in sources if row is not None),
            history=tuple(row for row in history if row is not None),
            document=document,
            accepted=tuple(row for row in accepted if row is not None),
            text=text,
            model=model,
            content_hash=self._hash.hexdigest(),
            facts=facts,
        )

    def _no_folder(self) -> Problem:
        beside = [str(each.parent) for each in sorted(self._folder.parent.glob("*/policy.toml"))]
        return Problem(
            str(self._folder),
            "there is no such policy folder",
            did_you_mean(str(self._folder), beside) or "give the folder that holds policy.toml",
        )

    # --- files -------------------------------------------------------------------------

    def _read(self, name: str) -> bytes | None:
        """Return a file's bytes, which become part of the content hash."""
        path = self._folder / name
        if path.is_fifo():
            self._problem(name, "the file cannot be read: it is a pipe")  # it might never end
            return None
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            self._problem(name, "the file is missing", f"every policy has a {name}")
            return None
        except OSError as error:
            self._problem(name, f"the file cannot be read: {error.strerror}")
            return None
        self._hash.update(name.encode() + b"\0" + str(len(data)).encode() + b"\0" + data)
        return data

    def _toml(self) -> dict[str, Any] | None:
        data = self._read("policy.toml")
        return None if data is None else read_toml(data, "policy.toml", self._problems)

    def _model(self) -> pydmn.Model | None:
        data = self._read("criteria.dmn")
        if data is None:
            return None
        try:
            model = pydmn.load(self._folder / "criteria.dmn")
        except pydmn.PydmnError as error:
            self._diagnostics(error.diagnostics, error.message)
            return None
        self._diagnostics(model.diagnostics)
        return model

    def _diagnostics(
        self, diagnostics: Iterable[pydmn.Diagnostic], message: str | None = None
    ) -> None:
        errors = [each for each in diagnostics if each.severity is pydmn.Severity.ERROR]
        for each in errors:
            self._problems.append(problem_of(each))
        if message is not None and not errors:
            self._problem("criteria.dmn", message)

    def _text(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for path in sorted((self._folder / "text").glob("*.md")):
            data = self._read(f"text/{path.name}")
            if data is None:
                continue
            try:
                texts[path.stem] = data.decode("utf-8")
            except UnicodeDecodeError as error:
                self._problem(f"text/{path.name}", f"is not UTF-8 at byte {error.start}")
        return texts

    # --- policy.toml -------------------------------------------------------------------

    def _metadata(self, keys: Keys) -> Metadata | None:
        names = ("id", "number", "title", "kind", "publisher", "status", "version")
        given = {name: keys.text(name) for name in names}
        language = keys.text("language", required=False)
        keys.finish()
        known = {name: value for name, value in given.items() if value is not None}
        return None if len(known) < len(given) else Metadata(**known, language=language or "en-US")

    def _dates(self, keys: Keys) -> Dates | None:
        published, review = keys.day("published"), keys.day("last_review")
        start, end = keys.day("effective_from"), keys.day("effective_to", required=False)
        keys.finish()
        if published is None or review is None or start is None:
            return None
        if end is not None and end < start:
            self._problem("policy.toml, [dates]", "`effective_to` is before `effective_from`")
        return Dates(published, review, start, end)

    def _adoption(self, keys: Keys) -> Adoption | None:
        plan, line_of_business = keys.text("plan"), keys.text("line_of_business")
        state = keys.text("state", required=False)
        start, end = keys.day("from"), keys.day("to", required=False)
        mode = keys.one_of("mode", MODES)
        keys.finish()
        if plan is None or line_of_business is None or start is None or mode is None:
            return None
        return Adoption(plan, line_of_business, start, mode, state, end)

    def _precedence(self, keys: Keys) -> Precedence | None:
        name, kind, governs = keys.text("name"), keys.text("kind"), keys.text("governs")
        plan, state = keys.text("plan", required=False), keys.text("state", required=False)
        start, end = keys.day("from"), keys.day("to", required=False)
        named = keys.texts("codes")
        example = keys.flag("example")
        keys.finish()
        if name is None or kind is None or governs is None or start is None:
            return None
        return Precedence(name, kind, named, start, governs, plan, state, end, example)

    def _parameters(self, keys: Keys, model: pydmn.Model | None) -> dict[str, Any]:
        given = dict(keys.rest())
        if model is None:
            return given
        inputs = {each.name: each for each in model.inputs if each.name not in RUNTIME_INPUTS}
        for name, value in given.items():
            where = f"policy.toml, [parameters], {name}"
            if name not in inputs:
                self._problem(
                    where, "criteria.dmn has no such input data", did_you_mean(name, inputs)
                )
            elif not isinstance(value, _PARAMETER_TYPES.get(inputs[name].type, object)) or (
                isinstance(value, bool) and inputs[name].type == "number"
            ):
                self._problem(where, f"is no {inputs[name].type}", "criteria.dmn declares the type")
            elif inputs[name].type == "number" and number_of(value) is None:
                help_ = f"give a finite one of at most {MAX_DIGITS} digits"
                self._problem(where, "is no number that a decision can hold", help_)
        return given

    def _open_when(
        self, keys: Keys, model: pydmn.Model | None, facts: Mapping[str, FactType]
    ) -> dict[str, pydmn.Condition]:
        conditions: dict[str, pydmn.Condition] = {}
        given = keys.rest()
        if model is None:
            return conditions
        for name, text in given:
            where = f"policy.toml, [open_when], {name}"
            if name not in facts:
                self._problem(where, "there is no such fact", did_you_mean(name, facts))
                continue
            if not isinstance(text, str):
                self._problem(where, "is no FEEL condition", "give it as a string")
                continue
            try:
                conditions[name] = model.condition(text)
            except pydmn.PydmnError as error:
                self._problem(where, error.message)
        for circle in _circles(model, conditions):
            self._problem(
                f"policy.toml, [open_when], {circle[0]}",
                "the condition depends on the fact itself: "
                + " reads ".join(f"`{name}`" for name in (*circle, circle[0])),
                "raise a fact by other facts, and by decisions that do not need it",
            )
        return conditions

    def _source(self, keys: Keys) -> SourceText | None:
        title, cited_as, sha256 = keys.text("title"), keys.text("cited_as"), keys.text("sha256")
        read = keys.day("read")
        keys.finish()
        if title is None or cited_as is None or sha256 is None or read is None:
            return None
        return SourceText(title, cited_as, sha256, read)

    def _change(self, keys: Keys) -> Change | None:
        day, change = keys.day("date"), keys.text("change")
        keys.finish()
        return None if day is None or change is None else Change(day, change)

    def _accepted(self, keys: Keys, model: pydmn.Model | None) -> Accepted | None:
        where = keys.where
        decision, reason = keys.text("decision"), keys.text("reason")
        code = keys.one_of("code", tuple(pydmn.FINDINGS))
        rules, day = keys.texts("rules", required=False), keys.day("date")
        keys.finish()
        if decision is None or code is None or reason is None or day is None:
            return None
        if model is not None and decision not in model.names:
            self._problem(
                where,
                f"criteria.dmn has no decision `{decision}`",
                did_you_mean(decision, model.names),
            )
        return Accepted(decision, code, reason, day, rules)

    def _document(self, keys: Keys, model: pydmn.Model | None) -> DocumentSettings | None:
        indications = keys.texts("indications")
        coding, appendix = keys.texts("coding"), keys.texts("appendix", required=False)
        keys.finish()
        tables = (*indications, *coding)
        for name in dict.fromkeys((*tables, *appendix)):
            if model is None:
                break
            if name not in model.names:
                self._problem(
                    "policy.toml, [document]",
                    f"criteria.dmn has no decision `{name}`",
                    did_you_mean(name, model.names),
                )
            elif name in tables and model.kind(name) != "table":
                self._problem("policy.toml, [document]", f"`{name}` is no decision table")
        return DocumentSettings(indications, coding, appendix)

    # --- criteria.dmn ------------------------------------------------------------------

    def _check_model(self, model: pydmn.Model, facts: Mapping[str, FactType]) -> None:
        if DISPOSITION not in model.names:
            self._problem(
                "criteria.dmn",
                f"there is no decision `{DISPOSITION}`",
                did_you_mean(DISPOSITION, model.names),
            )
        for fact in facts.values():
            if fact.type not in ("boolean", "number", "string"):
                self._problem(
                    f"criteria.dmn, {fact.name}",
                    f"a fact is a boolean, a number or a string, not {fact.type}",
                    "give its input data a type",
                )
            elif fact.type == "string" and fact.allowed is None:
                self._problem(
                    f"criteria.dmn, {fact.name}",
                    "a fact that is a string needs allowed values",
                    "give its item definition a list of them",
                )


def _facts(model: pydmn.Model, parameters: Mapping[str, Any]) -> dict[str, FactType]:
    """Return what a request may state: the inputs that nobody else gives."""
    return {
        each.name: FactType(
            each.name,
            each.type,
            each.question,
            each.allowed,
            each.allowed_text,
        )
        for each in model.inputs
        if each.name not in RUNTIME_INPUTS and each.name not in parameters
    }


def _circles(
    model: pydmn.Model, conditions: Mapping[str, pydmn.Condition]
) -> Iterator[tuple[str, ...]]:
    """Yield the way from a fact's condition back to the fact, for each circle one."""
    known = {*model.names, *(each.name for each in model.inputs)}
    told: set[str] = set()
    for fact in conditions:
        ways: list[tuple[str, ...]] = [(fact,)]
        reached = {fact}
        while ways and fact not in told:
            way = ways.pop()
            last = way[-1]
            reads = conditions[last].reads if last in conditions else model.reads(last)
            if fact in reads:
                yield way
                told.update(way)
            fresh = [name for name in reads if name in known and name not in reached]
            reached.update(fresh)
            ways += [(*way, name) for name in fresh]


def problem_of(diagnostic: pydmn.Diagnostic) -> Problem:
    """Return a diagnostic of the model as a problem of the policy, its text underlined."""
    rendered = diagnostic.render().split("\n")
    where = Path(diagnostic.source.file or "criteria.dmn").name
    place = ", ".join((where, *diagnostic.source.place))
    excerpt = tuple(line[4:] for line in rendered[1:] if line.startswith("    "))
    return Problem(place, diagnostic.message, diagnostic.help, excerpt)
