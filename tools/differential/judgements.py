"""Who is right, and why: the judgements, matched with what was found, as a page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import normal
from classes import Class, Classes
from disagreements import ENGINES, ENOUGH
from questions import ROWS, every

PAGE: Final = Path(__file__).parents[2] / "docs" / "differential.md"
FILE: Final = Path(__file__).with_name("judgements.toml")

_LONGEST: Final = 160


@dataclass(frozen=True, slots=True)
class Judgement:
    """An entry of `judgements.toml`, which says what each part means."""

    name: str
    of: tuple[str, ...]
    agree: str
    right: str
    clause: str
    why: str
    kinds: str = ".*"
    text: str = ""
    change: str = ""

    def fits(self, each: Class) -> bool:
        """Say whether the judgement is about this class."""
        example = each.example
        agree, _, kinds = example.pattern.partition(" ")
        asked = " ".join((example.text, *example.row.values()))
        return (
            any(_called(example.production, name) for name in self.of)
            and re.fullmatch(self.agree, agree) is not None
            and re.fullmatch(self.kinds, kinds) is not None
            and re.search(self.text, asked) is not None
        )


def _called(production: str, name: str) -> bool:
    """Say whether `name` is the production's; one that ends in `...` begins it."""
    start = name.removesuffix("...")
    return production == name or (start != name and production.startswith(start))


def judgements() -> tuple[Judgement, ...]:
    """Return the judgements, in the order in which they are tried."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["judgement"]
    return tuple(Judgement(**{**entry, "of": tuple(entry["of"])}) for entry in entries)


def report(found: Classes) -> list[Class]:
    """Write the page; return the classes that no judgement covers."""
    judged: dict[Judgement, list[Class]] = {each: [] for each in judgements()}
    unjudged = []
    for each in found:
        fitting = next((entry for entry in judged if entry.fits(each)), None)
        if fitting is None:
            unjudged.append(each)
        else:
            judged[fitting].append(each)
    rows = [_row(entry, classes) for entry, classes in judged.items() if classes]
    gone = [_gone(entry) for entry, classes in judged.items() if entry.change and not classes]
    PAGE.write_text(_page(found, rows, gone, len(unjudged)), encoding="utf-8")
    return unjudged


def _row(entry: Judgement, classes: Sequence[Class]) -> str:
    shortest = min(classes, key=lambda each: len(each.example.text) + 20 * len(each.example.row))
    example = shortest.example
    inputs = ", ".join(f"{name}: {text}" for name, text in example.row.items())
    asked = _code(_table(example.text)) + (f" with {_code(inputs)}" if inputs else "")
    answers = " | ".join(_code(_answer(each)) for each in example.answers)
    count = sum(each.count for each in classes)
    why = f"{entry.why} ({entry.clause})".replace("|", "\\|")
    return (
        f"| {entry.name} | {count} | {asked} | {answers} | {entry.right} | {why} "
        f"| {entry.change or 'none'} |"
    )


def _gone(entry: Judgement) -> str:
    why = f"{entry.why} ({entry.clause})".replace("|", "\\|")
    return f"| {entry.name} | {entry.right} | {why} | {entry.change} |"


def _table(text: str) -> str:
    """Return the cells of a model's table, and other texts as they are."""
    if not text.startswith("<definitions"):
        return text
    policy = re.search(r'hitPolicy="([^"]*)"', text)
    entries = re.findall(r"<(?:input|output)Entry[^>]*><text>(.*?)</text>", text)
    return f"{policy.group(1) if policy else ''}: {'; '.join(entries)}"


def _answer(value: normal.Normal) -> str:
    if normal.failed(value):
        return "no answer"
    return normal.literal(value)


def _code(text: str) -> str:
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return f"`{short}`".replace("|", "\\|")


def _page(found: Classes, rows: Sequence[str], gone: Sequence[str], unjudged: int) -> str:
    tally = found.tally
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in found.kinds.items() if count)
    counts = {name: tally.productions.get(name, 0) for name in every()}
    rare = sorted(counts, key=lambda name: counts[name])
    least = ", ".join(f"`{name}` {counts[name]:,}" for name in rare[:16])
    share = 100 * tally.agreed / tally.judged if tally.judged else 0
    head = " | ".join(ENGINES)
    return f"""# Other engines as judges

`pydmn`, Apache KIE's DMN engine (Drools) 10.1.0 and jDMN 9.0.0 are given the same questions:
well-typed FEEL expressions, unary tests and decision tables, drawn by Hypothesis from a seed.
This page is written by `tools/differential`; do not edit it. The judgements are in
`tools/differential/judgements.toml`.

    make differential                              # build the judges, run, write this page
    python tools/differential ask 'date(2021, 2, 29)'

## What was asked

{kinds}: {tally.questions:,} questions, of which
no part of a run asks one twice, each with {ROWS} rows of inputs: {tally.rows:,} rows,
{tally.distinct:,} of them distinct for their question (one boolean has three values). For
{tally.judged:,} rows a judge had an answer; for {tally.agreed:,} of them ({share:.1f} %) no judge
contradicted `pydmn`.
Null for no answer is no contradiction. Of the {tally.differing:,} rows that differ,
{tally.small:,} were made small: each is cut down to the smallest part on which the engines
disagree, and its parts are replaced by their values; an operator with the same answers is cut
down {ENOUGH} times in a run. The classes are those of these.

For each of {len(counts)} operators, built-ins, forms of FEEL, forms of a cell and hit policies
the questions that have it in them are counted. The fewest have:
{least}.

## Who is right

A clause is of DMN 1.5, a number such as 0071 a case of the TCK. Where `pydmn` was wrong, the last
column says what was changed. {unjudged} classes have no judgement.

| What | Found | For example | {head} | Right | Why | Changed in pydmn |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

## Agreed since

What earlier runs found, where `pydmn` was wrong. No judge contradicts it there any more.

| What | Right | Why | Changed in pydmn |
| --- | --- | --- | --- |
{chr(10).join(gone)}
"""
