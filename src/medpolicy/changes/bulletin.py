"""The bulletin of a change: what changes for whom, and from when, as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from medpolicy.changes import sides
from medpolicy.changes.comparison import Comparison
from medpolicy.changes.outcome import CRITERIA, ChangeClass, Outcome
from medpolicy.changes.report import SHORT, Way, headline, in_short, ways
from medpolicy.changes.search import Change
from medpolicy.changes.settings import Kind, SettingChange
from medpolicy.changes.words import outcome
from medpolicy.determination import Disposition
from medpolicy.documents.columns import STATEMENT
from medpolicy.documents.content import (
    Column,
    ColumnKind,
    Comparisons,
    DocumentContext,
    Effect,
    Effects,
    EffectWay,
    Fact,
    Grid,
    Grids,
    Prose,
    Section,
)
from medpolicy.documents.markdown import BulletList, Paragraph, Text

_WAYS: Final = 6
"""So many ways of an effect are printed, the largest regions first."""

_FEW_WAYS: Final = 3
"""Of what leaves the disposition as it was."""

_DISPOSITIONS: Final = {
    Disposition.APPROVE.value: "approved",
    Disposition.PEND_INFO.value: "pended for information",
    Disposition.CLINICAL_REVIEW.value: "sent to clinical review",
    Disposition.NOT_APPLICABLE.value: "left to what else governs",
    Disposition.NO_REVIEW_REQUIRED.value: "not reviewed under this policy",
    Disposition.CODING_ERROR.value: "returned for the coding to be mended",
    None: "without an answer",
}
_CLASSES: Final = (
    "Broader: more is let through without a person, or the criteria say more in favor. Narrower: "
    "the reverse. Different question: something else is asked, held or flagged. Wording only: the "
    "same answer in other words."
)


def bulletin(comparison: Comparison) -> DocumentContext:
    """Return the bulletin of a comparison."""
    old, new = comparison.old, comparison.new
    metadata = new.metadata
    return DocumentContext(
        language=metadata.language,
        number=metadata.number,
        title=f"What changes in {metadata.number}: {metadata.title}",
        kind_of_policy=f"Policy bulletin, {metadata.kind}",
        publisher=metadata.publisher,
        status=comparison.verdict.value,
        version=metadata.version,
        as_of=new.dates.effective_from.isoformat(),
        content_hash=new.content_hash,
        identity=(
            Fact("Policy", f"{metadata.number}, {metadata.title}"),
            Fact("Before", f"version {old.metadata.version}"),
            Fact("Now", f"version {metadata.version}"),
            Fact("Effective", _effective(comparison)),
            Fact("In meaning", _MEANING[comparison.equal]),
            Fact("Content, before", old.content_hash),
            Fact("Content, now", new.content_hash),
        ),
        notice=_notice(comparison),
        front=(),
        sections=tuple(_sections(comparison)),
    )


_MEANING: Final = {
    True: "Equal, proved",
    False: "Different",
    None: "Not decided; see what stays the same",
}


def _effective(comparison: Comparison) -> str:
    start, end = comparison.new.dates.effective_from, comparison.new.dates.effective_to
    return f"from {start}" + ("" if end is None else f" to {end}")


def _notice(comparison: Comparison) -> str:
    counts = {each: len(comparison.of_class(each)) for each in ChangeClass}
    found = ", ".join(f"{count} {each.value}" for each, count in counts.items() if count)
    since = comparison.period.since
    when = "" if since is None else f" for requests of {since} and after"
    if found:
        return f"Changes in the answers{when}: {found}. {_CLASSES}"
    if comparison.undecided:
        return f"Whether any answer changes{when} is not decided."
    return f"No request is answered otherwise{when}: that is proved."


def _sections(comparison: Comparison) -> Iterator[Section]:
    yield _summary(comparison)
    dates = [each for each in comparison.settings if each.part in _WHEN]
    if dates:
        yield _grids(
            "dates",
            "Dates, adoption and precedence",
            "",
            _settings("when", "What applies when", dates),
        )
    tables = sides.criteria(comparison)
    if tables:
        introduction = "What was taken out is struck through, what is new is underlined."
        yield Comparisons("criteria", "The criteria before and now", introduction, tables)
    yield from _effects(comparison)
    questions = [each for each in comparison.settings if each.part in ("question", "open_when")]
    if questions:
        introduction = (
            "What a request may state. A fact that is not stated is unknown, never false: where it "
            "could change the answer, it is asked for."
        )
        grid = _settings("asked", "Questions that are new, gone or other", questions)
        yield _grids("questions", "Questions", introduction, grid)
    yield _codes(comparison)
    yield _same(comparison)
    rules = sides.rules(comparison)
    if rules:
        introduction = "Each rule that changed in meaning, as it runs, by the columns of its table."
        yield Comparisons("rules", "Appendix: the rules that changed", introduction, rules)


_WHEN: Final = ("dates", "adoption", "precedence", "chosen_by", "parameters")


# --- in sentences ----------------------------------------------------------------------


def _summary(comparison: Comparison) -> Prose:
    sentences = [*_sentences(comparison)]
    entries = tuple((Paragraph((Text(each),)),) for each in sentences)
    return Prose("summary", "In short", (BulletList(entries),))


def _sentences(comparison: Comparison) -> Iterator[str]:
    new = comparison.new
    yield f"Version {new.metadata.version} is in force {_effective(comparison)}."
    held = comparison.period.held
    if held is not None:
        yield (
            f"It is compared with what version {held} would answer by the same days, were it still "
            "in force."
        )
    for row in (row for table in sides.criteria(comparison) for row in table.rows):
        before, after = (
            "".join(run.text for run in side).strip() for side in (row.before, row.after)
        )
        if not any(_FAVOURED in each.casefold() for each in (before, after)):
            continue
        if before and after:
            yield f"{row.label} now reads: {after}"
        else:
            yield f"{row.label}, {'new' if after else 'no longer'}: {after or before}"
    for change in comparison.changes:
        if change.class_ is not ChangeClass.WORDING_ONLY and change.fact is None:
            yield f"{_capital(change.class_.value)}: {_sentence(change)}"
    yield from _asked(comparison)
    reworded = sum(each.wording for each in comparison.rules.changes)
    if reworded:
        rules = "rule says" if reworded == 1 else "rules say"
        yield f"Wording only: {reworded} {rules} the same in other words, or by other citations."


def _asked(comparison: Comparison) -> Iterator[str]:
    """Yield which questions are asked by one version alone, and which otherwise."""
    old, new = comparison.old.facts, comparison.new.facts
    named = [each.fact for each in comparison.of_class(ChangeClass.DIFFERENT_QUESTION) if each.fact]
    for says, facts in (
        ("now asked for", [name for name in named if name not in old]),
        ("no longer asked for", [name for name in named if name not in new]),
        ("asked for otherwise", [name for name in named if name in old and name in new]),
    ):
        if facts:
            yield f"Different question: {', '.join(dict.fromkeys(facts))}: {says}."


_FAVOURED: Final = "medically necessary: "


def _sentence(change: Change) -> str:
    if change.fact is not None or change.old is None or change.new is None:
        return f"{_capital(headline(change))}."
    if "disposition" in change.fields:
        before, after = (_DISPOSITIONS[each.disposition] for each in (change.old, change.new))
        return f"Some requests that were {before} are now {after}."
    if CRITERIA in change.fields:
        before, after = change.old.criteria_result, change.new.criteria_result
        return f"For some requests the criteria now say “{after}”, where they said “{before}”."
    return f"Some requests with the same disposition change in this: {headline(change)}."


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


# --- effects ---------------------------------------------------------------------------


def _effects(comparison: Comparison) -> Iterator[Section]:
    answers = [each for each in comparison.changes if each.fact is None]
    questions = [each for each in comparison.changes if each.fact is not None]
    if answers:
        introduction = (
            "Each change of an answer, with an example that both versions have been asked. None of "
            "the answers is a denial: what is not let through goes to a person, or waits for one."
        )
        effects = tuple(_effect(comparison, each) for each in answers)
        yield Effects("effects", "For whom", introduction, effects)
    if questions:
        introduction = (
            "An example of each question that is asked otherwise, with what it was and is answered."
        )
        yield _grids(
            "asking", "What is asked otherwise", introduction, _asking(comparison, questions)
        )


def _asking(comparison: Comparison, questions: Sequence[Change]) -> Grid:
    words = comparison.words
    assert words is not None
    return Grid(
        id="asked-otherwise",
        caption="Examples of what is asked otherwise",
        columns=(Column("Fact"), Column("Example, before and now", ColumnKind.PROSE)),
        rows=tuple(
            (
                each.fact or "",
                f"{words.case(each.witness)} Before: {_short(each.old)}. Now: {_short(each.new)}.",
            )
            for each in questions
        ),
    )


def _effect(comparison: Comparison, change: Change) -> Effect:
    words = comparison.words
    assert words is not None
    found = ways(change)
    told: tuple[EffectWay, ...]
    if change.class_ is ChangeClass.WORDING_ONLY and change.fact is None:
        told = (EffectWay("Rules with other words or citations", _rules(change.rules)),)
    else:
        most = _WAYS if "disposition" in change.fields else _FEW_WAYS
        told = tuple(_way(comparison, each) for each in found[:most])
    more = len(found) - len(told)
    return Effect(
        class_=change.class_.value,
        title=_title(change),
        sentence=_sentence(change) if change.class_ is not ChangeClass.WORDING_ONLY else _REWORDED,
        short=_in_short(comparison, change),
        ways=told,
        more=f"{more} further ways are in the JSON of the comparison." if more > 0 else "",
        example=words.case(change.witness),
        before=_answer(change.old),
        after=_answer(change.new),
    )


def _in_short(comparison: Comparison, change: Change) -> tuple[str, ...]:
    found = in_short(change, comparison.words)
    told = tuple(_capital("; ".join(phrases)) for phrases in found[:SHORT])
    more = len(found) - len(told)
    return (*told, f"{more} further groups are in the JSON of the comparison") if more else told


def _title(change: Change) -> str:
    if change.fields == ("disposition",) and change.old is not None and change.new is not None:
        before, after = (_DISPOSITIONS[each.disposition] for each in (change.old, change.new))
        return f"{_capital(before)}, now {after}"
    if change.fields == (CRITERIA,) and change.old is not None and change.new is not None:
        before, after = change.old.criteria_result, change.new.criteria_result
        return f"Criteria: {before}, now {after}"
    return _capital(headline(change).replace("->", "to").replace("`", ""))


_REWORDED: Final = "The answer is the same; its reasons are given in other words."


def _way(comparison: Comparison, way: Way) -> EffectWay:
    words = comparison.words
    assert words is not None
    count = len(way.boxes)
    causes = [f"{_capital(name)}, as the policy sets it" for name in way.causes.inputs]
    by_table: dict[str, str] = {}
    for table, rule in way.causes.rules:
        by_table[table] = by_table.get(table) or _statement(comparison, table, rule)
    causes += [f"{table}: {said}" if said else table for table, said in by_table.items()]
    sentences = " ".join(f"{each.removesuffix('.')}." for each in causes)
    also = "" if count == 1 else f" The largest of {count} groups of requests:"
    return EffectWay(f"{sentences}{also}".strip(), words.region(way.boxes[0], way.causes))


def _statement(comparison: Comparison, table: str, rule: str) -> str:
    """Return what a rule says now, or else said before."""
    for policy, gone in ((comparison.new, ""), (comparison.old, "no longer: ")):
        view = sides.rule_of(policy, table, rule)
        said = None if view is None else view.values.get(STATEMENT)
        if isinstance(said, str):
            return f"{gone}{said}"
    return ""


def _rules(rules: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    by_table: dict[str, list[str]] = {}
    for table, rule in rules:
        by_table.setdefault(table, []).append(rule)
    return tuple(f"{table}: {', '.join(ids)}" for table, ids in by_table.items())


_REFUSED: Final = "The request is refused: the fact has no such answer."


def _short(answered: Outcome | None) -> str:
    return _REFUSED if answered is None else outcome(answered)


def _answer(answered: Outcome | None) -> str:
    if answered is None:
        return _REFUSED
    parts = [f"{_capital(_DISPOSITIONS[answered.disposition])} ({answered.disposition})"]
    if answered.missing:
        parts.append(f"asks for {', '.join(sorted(answered.missing))}")
    parts.append(f"the criteria say: {answered.criteria_result}")
    if answered.governed_by is not None:
        parts.append(f"governed by {answered.governed_by}")
    if answered.flags:
        parts.append(f"flags: {', '.join(sorted(answered.flags))}")
    return "; ".join(parts) + "."


# --- grids -----------------------------------------------------------------------------


def _grids(id_: str, title: str, introduction: str, *grids: Grid) -> Grids:
    return Grids(id_, title, introduction, grids)


_PARTS: Final = {"open_when": "asked only where", "chosen_by": "which date decides"}
_NAMES: Final = {"effective_from": "effective from", "effective_to": "effective to",
                 "last_review": "last review"}  # fmt: skip


def _settings(id_: str, caption: str, changes: Sequence[SettingChange]) -> Grid:
    return Grid(
        id=id_,
        caption=caption,
        columns=(
            Column("What"),
            Column("Before", ColumnKind.PROSE),
            Column("Now", ColumnKind.PROSE),
        ),
        rows=tuple(
            (
                _what(each),
                "none" if each.old is None else each.old,
                "none" if each.new is None else each.new,
            )
            for each in changes
        ),
    )


def _what(change: SettingChange) -> str:
    name = _NAMES.get(change.name, change.name)
    if change.part in ("question", "dates"):
        return name
    return f"{_PARTS.get(change.part, change.part)}: {name}"


def _codes(comparison: Comparison) -> Grids:
    introduction = (
        "Codes of the coding tables. A code has expired that could be reported under the version "
        "before, by its days, and can no longer on the day on which this one takes effect."
    )
    if not comparison.codes:
        return _grids(
            "codes", "Codes", "No code of the coding tables is added, removed or has expired."
        )
    grid = Grid(
        id="code-changes",
        caption="Codes added, removed, expired",
        columns=(
            Column("Code", ColumnKind.CODE),
            Column("System"),
            Column("Table"),
            Column("Change"),
            Column("Rules", ColumnKind.CODE),
        ),
        rows=tuple(
            (
                each.code,
                each.system.value,
                each.table,
                each.change if each.until is None else f"{each.change}, valid until {each.until}",
                ", ".join(each.rules),
            )
            for each in comparison.codes
        ),
    )
    return _grids("codes", "Codes", introduction, grid)


def _same(comparison: Comparison) -> Grids:
    changed = {each.decision for each in comparison.rules.changes}
    changed |= {each.decision for each in comparison.rules.decisions}
    tables = [name for name in comparison.new.model.names if name not in changed]
    facts = {each.name for each in comparison.settings if each.part in ("question", "open_when")}
    asked = [name for name in comparison.new.facts if name not in facts]
    texts = {each.name for each in comparison.settings if each.kind is not Kind.ADDED}
    words = [name for name in comparison.new.text if f"text/{name}.md" not in texts]
    rows = [
        ("Decisions without a changed rule", ", ".join(tables)),
        ("Questions asked as before", ", ".join(asked)),
        ("Texts left as they were", ", ".join(words)),
    ]
    grid = Grid(
        id="unchanged",
        caption="Left as it was",
        columns=(Column("What"), Column("Which", ColumnKind.PROSE)),
        rows=tuple((name, listed) for name, listed in rows if listed),
    )
    return _grids("same", "What stays the same, proved", _proof(comparison), grid)


def _proof(comparison: Comparison) -> str:
    if comparison.undecided:
        return f"Not all of it is decided: {'; '.join(comparison.undecided)}."
    over = "all codes there are" if comparison.every_code else (
        "all codes that a version names, and examples of all others"
    )  # fmt: skip
    others = "Every" if comparison.equal else "Outside of what is said above, every"
    return (
        f"{others} request gets the same determination by both versions. This is proved and not "
        f"sampled: over all days, plans, states and ages, {over}, and all facts, stated or not."
    )
