"""What `Model.verify` says of a random table, held against all that is true of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verify.random_grids import LISTED, SINGLE, Drawn, accepts, draw, text

import pydmn

PROOFS = {
    "no-overlap": lambda drawn: not drawn.met,
    "no-dead-rule": lambda drawn: not drawn.dead,
    "every-input-matters": lambda drawn: not drawn.irrelevant,
    "none-outside-allowed": lambda drawn: not drawn.outside,
    "no-unreachable-output": lambda drawn: not drawn.unreachable,
    "complete": lambda drawn: not drawn.gap(null=False),
    "complete-with-null": lambda drawn: not drawn.gap(null=False) and not drawn.gap(null=True),
    "no-conflict": lambda drawn: not conflicts(drawn),
    "no-masking": lambda drawn: not drawn.masked,
}  # fmt: skip
ONLY_FOR = {"no-conflict": ("ANY",), "no-masking": ("FIRST", "PRIORITY")}
AGGREGATED = ("no-unreachable-output",)


def conflicts(drawn: Drawn) -> set[tuple[int, int]]:
    return {(r, s) for r, s in drawn.met if drawn.rows[r] != drawn.rows[s]}


def drawn_and_found(seed: int) -> tuple[Drawn, pydmn.Model, pydmn.VerifiedTable]:
    """Return the table of a seed, drawn, loaded and verified.

    Every fifth may have cells that are no sets of values.
    """
    drawn = draw(seed, with_open=seed % 5 == 4)
    loaded = drawn.load()
    (found,) = loaded.verify()
    return drawn, loaded, found


def disagreements(seed: int) -> Iterator[str]:
    """Yield what is said wrongly of the table of a seed, or is not said."""
    return wrong(seed, *drawn_and_found(seed))


def wrong(
    seed: int, drawn: Drawn, loaded: pydmn.Model, found: pydmn.VerifiedTable
) -> Iterator[str]:
    """Yield what is said wrongly of a table, or is not said.

    Where a cell is no set of values, something may stay unsaid.
    """
    decide = loaded.decision("D")
    for said in (_untrue if drawn.opened else _disagreements)(drawn, decide, found):
        yield f"seed {seed}: {said}"


def _untrue(drawn: Drawn, decide: pydmn.Decide, found: pydmn.VerifiedTable) -> Iterator[str]:
    """Yield what is said of a table and is not so."""
    if not any(finding.code == "not-decided" for finding in found.findings):
        yield "a cell that is no set of values is not named"
    for name, holds in PROOFS.items():
        if name in found.proved and not holds(drawn):
            yield f"{name} is proved, and is not so"
    for finding in found.findings:
        rules = [int(rule[1:]) - 1 for rule in finding.rules]
        match finding.code:
            case "dead-rule":
                true = rules[0] in drawn.dead
            case "redundant" if len(rules) == 1:
                true = rules[0] in drawn.redundant
            case "redundant":
                true = drawn.merges(rules)
            case "irrelevant-input":
                true = finding.message.partition(" ")[0] in drawn.irrelevant
            case "unreachable-output":
                never = {_never(drawn, place, value) for place, value in drawn.unreachable}
                true = finding.message.partition(":")[0] in never
            case "outside-allowed":
                said = _spelt(finding.message)
                true = said in {_spelt(_outside(*each)) for each in drawn.outside}
            case "not-decided":
                true = True
            case _:
                true = _shows(drawn, decide, finding)
        if not true:
            yield f"{finding} is not so"


def _disagreements(drawn: Drawn, decide: pydmn.Decide, found: pydmn.VerifiedTable) -> Iterator[str]:
    by_code: dict[str, list[pydmn.TableFinding]] = {}
    for finding in found.findings:
        by_code.setdefault(finding.code, []).append(finding)
    numbers = {f"r{rule + 1}": rule for rule in drawn.rules}

    def rules(code: str) -> list[list[int]]:
        return [[numbers[rule] for rule in each.rules] for each in by_code.get(code, [])]

    def pairs(code: str) -> set[tuple[int, int]]:
        return {(first, other) for first, *others in rules(code) for other in others}

    yield from _unequal("not decided", bool(by_code.get("not-decided")), wanted=False)
    gaps = [each.witness or {} for each in by_code.get("gap", [])]
    null = [None in witness.values() for witness in gaps]
    yield from _unequal("gap", False in null, drawn.gap(null=False))
    yield from _unequal("gap with null", True in null, drawn.gap(null=True))
    yield from _unequal(
        "overlap", pairs("overlap"), drawn.met if drawn.policy == "UNIQUE" else set()
    )
    yield from _unequal(
        "conflict", pairs("conflict"), conflicts(drawn) if drawn.policy == "ANY" else set()
    )
    yield from _unequal("masked", {each[0] for each in rules("masked")}, drawn.masked)
    yield from _unequal("dead", {each[0] for each in rules("dead-rule")}, drawn.dead)
    dropped = {each[0] for each in rules("redundant") if len(each) == 1}
    yield from _unequal("redundant", dropped, drawn.redundant)
    groups = [each for each in rules("redundant") if len(each) > 1]
    for group in groups:
        yield from _unequal(f"{group} as one", drawn.merges(group), wanted=True)
    merged = {rule for group in groups for rule in group}
    missed = [pair for pair in drawn.mergeable() if not merged & {*pair}]
    yield from _unequal("not merged", missed, wanted=[])
    yield from _unequal(
        "unreachable", {each.message for each in by_code.get("unreachable-output", [])},
        {_never(drawn, place, value) for place, value in drawn.unreachable}, part=True,
    )  # fmt: skip
    yield from _unequal(
        "outside", {each.message for each in by_code.get("outside-allowed", [])},
        {_outside(*each) for each in drawn.outside},
        printed=True,
    )  # fmt: skip
    irrelevant = {each.message.partition(" ")[0] for each in by_code.get("irrelevant-input", [])}
    yield from _unequal("irrelevant", irrelevant, drawn.irrelevant)
    yield from _proofs(drawn, found, by_code)
    for finding in found.findings:
        if finding.witness is not None and not _shows(drawn, decide, finding):
            yield f"{finding.code}: the case {finding.witness} does not show it"


def _unequal(
    what: str, said: Any, wanted: Any, *, part: bool = False, printed: bool = False
) -> Iterator[str]:
    if part:
        said = {each.partition(":")[0] for each in said}
    if printed:
        said, wanted = ({_spelt(each) for each in side} for side in (said, wanted))
    if said != wanted:
        yield f"{what}: said {said}, true {wanted}"


def _spelt(message: str) -> str:
    """Return a message without what printing a test again may change."""
    return message.replace(" ", "").replace("1.0", "1")


def _outside(name: str, test: str) -> str:
    return f"{name}: {test} is outside of the values allowed"


def _never(drawn: Drawn, place: int, value: Any) -> str:
    of = f" of o{place}" if len(drawn.outputs) > 1 else ""
    shown = f'"{value}"' if drawn.outputs[place] == "string" else str(value)
    assert shown.strip('"') in LISTED[drawn.outputs[place]]
    return f"the output {shown}{of} never occurs"


def _proofs(drawn: Drawn, found: pydmn.VerifiedTable, by_code: dict[str, Any]) -> Iterator[str]:
    for name, holds in PROOFS.items():
        asked = drawn.policy in ONLY_FOR.get(name, (drawn.policy,))
        asked = asked and not ("+" in drawn.policy and name in AGGREGATED)
        yield from _unequal(f"proved {name}", name in found.proved, asked and holds(drawn))
    if drawn.policy in SINGLE or "+" in drawn.policy:
        none = not drawn.dead and not by_code.get("redundant")
        yield from _unequal("proved no-redundant-rule", "no-redundant-rule" in found.proved, none)


def _shows(drawn: Drawn, decide: pydmn.Decide, finding: pydmn.TableFinding) -> bool:
    """Say whether a finding's case shows it, when the model is asked as anybody asks it."""
    given = dict(finding.witness or {})
    result = decide.evaluate(given)
    hits = result.trace.hits[-1].rules if result.trace.hits else ()
    plain = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    matching = {
        f"r{rule + 1}"
        for rule in drawn.rules
        if all(accepts(text(each.cells[rule]), plain[each.name]) for each in drawn.columns)
    }
    match finding.code:
        case "gap":
            return not matching and not hits and result.value is None
        case "overlap" | "conflict":
            return result.value is None and {*finding.rules} <= matching == {*hits}
        case "masked":
            return {*finding.rules} <= matching and hits == finding.rules[1:]
    return False
