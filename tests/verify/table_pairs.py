"""Random pairs of small tables, and what differs between them by going through all inputs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

from verify.random_grids import KINDS, POLICIES, SINGLE, Drawn, accepts, draw, text
from verify.random_grids import _cell as cell

import pydmn


def changed(chance: random.Random, drawn: Drawn) -> Drawn:
    """Return a table with some things changed, or none that matters, or none at all."""
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        drawn = _change(chance, drawn)
    return drawn


def _change(chance: random.Random, drawn: Drawn) -> Drawn:
    count = len(drawn.conclusions)
    order = list(drawn.rules)
    what = chance.choice(("cell", "cell", "cell", "output", "order", "out", "twice", "policy",
                          "default", "declared", "columns"))  # fmt: skip
    match what:
        case "cell":
            place, rule = chance.randrange(len(drawn.columns)), chance.randrange(count)
            column = drawn.columns[place]
            cells = list(column.cells)
            cells[rule] = cell(chance, column.kind, with_open=False)
            columns = list(drawn.columns)
            columns[place] = replace(column, cells=tuple(cells))
            return replace(drawn, columns=tuple(columns))
        case "output":
            rows = list(drawn.conclusions)
            rows[chance.randrange(count)] = chance.choice(rows)
            return replace(drawn, conclusions=tuple(rows))
        case "order":
            chance.shuffle(order)
        case "out" if count > 1:
            order.pop(chance.randrange(count))
        case "twice":
            order.insert(chance.randrange(count + 1), chance.choice(order))
        case "policy" if "+" not in drawn.policy:
            return replace(drawn, policy=chance.choice([p for p in POLICIES if "+" not in p]))
        case "default" if drawn.policy != "COLLECT+COUNT":
            return replace(drawn, default=not drawn.default)
        case "declared":
            name = chance.choice(drawn.columns).name
            kind = next(each.kind for each in drawn.columns if each.name == name)
            declared = chance.choice([None, *KINDS[kind].declared])
            columns = tuple(
                replace(each, declared=declared) if each.name == name else each
                for each in drawn.columns
            )
            return replace(drawn, columns=columns)
        case "columns":
            columns = list(drawn.columns)
            chance.shuffle(columns)
            return replace(drawn, columns=tuple(columns))
    columns = tuple(
        replace(each, cells=tuple(each.cells[rule] for rule in order)) for each in drawn.columns
    )
    return replace(
        drawn, columns=columns, conclusions=tuple(drawn.conclusions[rule] for rule in order)
    )


def pair(seed: int) -> tuple[Drawn, Drawn]:
    """Return the two tables of a seed."""
    chance = random.Random(seed)
    old = draw(seed, with_open=False)
    return old, changed(chance, old)


def differing(old: Drawn, new: Drawn) -> list[tuple[dict[str, Any], Any, Any]]:
    """Return every combination of values to which the answers differ, with both answers.

    What two COLLECT tables collect is in no order (8.2.10).
    """
    kinds = {column.name: column.kind for column in old.columns}
    unordered = old.policy == new.policy == "COLLECT"
    found = []
    for values in product(*((None, *KINDS[kind].values) for kind in kinds.values())):
        given = dict(zip(kinds, values, strict=True))
        mine, its = (answer(each, given, unordered=unordered) for each in (old, new))
        if mine != its:
            found.append((given, mine, its))
    return found


def answer(drawn: Drawn, given: dict[str, Any], *, unordered: bool) -> Any:
    """Return what a table answers: a list as a tuple, a context as a row."""
    # A value that is not declared is null.
    seen = {c.name: v for c in drawn.columns if (v := given[c.name]) in c.values}
    matching = frozenset(
        rule
        for rule in drawn.rules
        if all(accepts(text(c.cells[rule]), seen.get(c.name)) for c in drawn.columns)
    )
    found = drawn.answer(matching)
    if drawn.policy.startswith("COLLECT+"):
        return found[0] if isinstance(found, tuple) else found
    if matching and drawn.policy not in SINGLE:
        values = tuple(_value(drawn, row) for row in found)
        return frozenset(Counter(values).items()) if unordered else ("list", *values)
    return _value(drawn, found)


def _value(drawn: Drawn, row: Any) -> Any:
    return row[0] if row is not None and len(drawn.outputs) == 1 else row


def replayed(value: Any, *, unordered: bool) -> Any:
    """Return an answer of the engine in the same form."""
    match value:
        case dict():
            return tuple(value.values())
        case list():
            values = tuple(replayed(each, unordered=False) for each in value)
            return frozenset(Counter(values).items()) if unordered else ("list", *values)
    return value


def wrong(seed: int) -> tuple[bool | None, list[str]]:
    """Return what is said of the pair of a seed, and all that is wrong with it."""
    old, new = pair(seed)
    models = old.load(), new.load()
    said = pydmn.diff(*models, "D")
    unordered = old.policy == new.policy == "COLLECT"
    right = differing(old, new)
    if said.equal is None:
        return None, []
    if said.equal is not (not right):
        return said.equal, [f"{seed}: said {said.equal}, but {len(right)} differ"]
    found = [f"{seed}: changes beside `equal`"] if said.equal and said.changes else []
    # A value that is declared in neither version is null to both, and in no region but for null.
    columns = (*old.columns, *new.columns)
    undeclared = [
        n for n, (given, _, _) in enumerate(right)
        if any(given[c.name] not in c.values for c in columns)
    ]  # fmt: skip
    held = set(undeclared)
    for change in said.changes:
        values = [change.old, change.new]
        for model, value in zip(models, values, strict=True):
            if (
                model.evaluate("D", pydmn.read_json(pydmn.write_json(change.witness))).value
                != value
            ):
                found.append(f"{seed}: {change.witness} is not answered with {value}")
        if replayed(change.old, unordered=unordered) == replayed(change.new, unordered=unordered):
            found.append(f"{seed}: no change in {change}")
        wanted = (
            "broader" if change.old is None else "narrower" if change.new is None else "different"
        )
        if change.class_ != wanted:
            found.append(f"{seed}: {change.class_}, not {wanted}")
        if change.region is None:
            continue  # it is said why there may be more
        if not _inside(change.region, change.witness):
            found.append(f"{seed}: {change.witness} is not in {change.region}")
        held |= {n for n, (given, _, _) in enumerate(right) if _inside(change.region, given)}
    if said.why is None and len(held) < len(right):
        missed = next(given for n, (given, _, _) in enumerate(right) if n not in held)
        found.append(f"{seed}: {missed} is in no region")
    differ = [given for given, _, _ in right]
    kinds = {column.name: column.kind for column in old.columns}
    for values in product(*((None, *KINDS[kind].values) for kind in kinds.values())):
        given = dict(zip(kinds, values, strict=True))
        declared = all(given[c.name] in c.values for c in columns)
        if (
            declared
            and given not in differ
            and any(
                each.region is not None and _inside(each.region, given) for each in said.changes
            )
        ):
            found.append(f"{seed}: {given} is in a region")
    return said.equal, found


def _inside(region: Any, given: Any) -> bool:
    return all(
        accepts(tests, tuple(v) if isinstance(v := given[name], list) else v)
        for name, tests in region.items()
    )
