"""The workloads W1 to W5: tables of the shapes that medical policies have.

    W1       a guideline: 20 rules, 4 inputs, lists of codes in cells, FIRST
    W2_1k    a code table: 1,000 pairs of codes, UNIQUE; W2_10k has 10,000
    W3_100   intervals: 100 rules over 4 numbers, FIRST; W3_1k has 1,000
    W4       flags: 100 rules, COLLECT, about half of them hit
    W5       three chained tables and a formula with arithmetic and list functions

One seed gives the same tables and records everywhere. The tables come from one stream of random
numbers, in this order; each workload's records from a stream of their own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, Final, TypeAlias

from benchmarks import exact_json
from benchmarks.medical_services import medical_services
from benchmarks.tables import (
    Below,
    Cell,
    Column,
    Formula,
    From,
    In,
    Interval,
    Record,
    Rule,
    Step,
    Table,
    Workload,
)

SEED: Final = 20240501
RECORDS: Final = 1_000
SERVICES: Final = "Medical Services"
NAMES: Final = ("W1", "W2_1k", "W2_10k", "W3_100", "W3_1k", "W4", "W5", SERVICES)

Draw: TypeAlias = Callable[[random.Random], Record]
Drawn: TypeAlias = tuple[tuple[Step, ...], Draw]


def workloads(
    seed: int = SEED, records: int = RECORDS, names: Collection[str] = NAMES
) -> dict[str, Workload]:
    """Return the workloads by name, each with that many records, no two of them alike."""
    stream = random.Random(seed)
    made = {
        "W1": guideline(stream),
        "W2_1k": code_table(stream, 1_000),
        "W2_10k": code_table(stream, 10_000),
        "W3_100": intervals(stream, 100),
        "W3_1k": intervals(stream, 1_000),
        "W4": flags(),
        "W5": chain(),
    }
    if SERVICES in names:
        made[SERVICES] = medical_services(random.Random(f"{seed} services"))
    return {
        name: Workload(name, steps, distinct(name, draw, seed, records))
        for name, (steps, draw) in made.items()
        if name in names
    }


def distinct(name: str, draw: Draw, seed: int, count: int) -> tuple[Record, ...]:
    """Return `count` records that `draw` draws, no two of them alike."""
    stream = random.Random(f"{seed} records of {name}")
    found: dict[str, Record] = {}
    while len(found) < count:
        record = draw(stream)
        found.setdefault(exact_json.write(record), record)
    return tuple(found.values())


def guideline(stream: random.Random) -> Drawn:
    """Return W1."""
    procedures = [str(37220 + i) for i in range(60)] + [str(27400 + i) for i in range(40)]
    diagnoses = [f"I{83 + i // 10}.{i % 10}" for i in range(20)]
    diagnoses += [f"M{17 + i // 10}.{i % 10}" for i in range(20)]
    conditions = ["stable", "acute", "chronic", "post-op", "trauma"]
    outcomes = ["APPROVE", "REVIEW", "PEND", "REFER"]
    ages: list[Cell] = [None, From(18), Below(65), Interval(18, 65)]

    def some(values: list[str], least: int, most: int) -> In:
        return In(tuple(stream.sample(values, stream.randint(least, most))))

    rules = []
    for i in range(19):
        procedure = some(procedures, 4, 9) if i % 5 != 4 else None
        diagnosis = some(diagnoses, 4, 10) if i % 3 != 2 else None
        condition = some(conditions, 1, 3) if i % 2 == 0 or i % 5 == 4 else None
        results = (outcomes[i % 4], f"Guideline section {i + 1}: criteria met")
        rules.append(Rule((procedure, diagnosis, condition, ages[i % 4]), results))
    rules.append(Rule((None,) * 4, ("PEND", "No guideline matched; manual review")))
    table = Table(
        "guideline",
        "FIRST",
        (*map(_string, ("procedure", "diagnosis", "condition")), Column("age", "number")),
        (_string("determination"), _string("rationale")),
        tuple(rules),
    )
    pool = [*procedures, "99999", "00100"]

    def draw(rng: random.Random) -> Record:
        return {
            "procedure": rng.choice(pool),
            "diagnosis": rng.choice(diagnoses),
            "condition": rng.choice(conditions),
            "age": rng.randint(0, 95),
        }

    return (table,), draw


def code_table(stream: random.Random, count: int) -> Drawn:
    """Return W2 with `count` rules: a tenth to a quarter of all pairs of codes have one."""
    many, few = (100, 40) if count <= 1_000 else (500, 100)
    while many * few < 2 * count:
        many, few = 2 * many, 2 * few
    procedures = [str(10_000 + 7 * i) for i in range(many)]
    diagnoses = [f"{chr(65 + i % 26)}{10 + i}" for i in range(few)]
    pairs = stream.sample([(p, d) for p in procedures for d in diagnoses], count)
    outcomes = ["COVERED", "NOT COVERED", "PRIOR AUTH", "REVIEW"]
    rules = tuple(
        Rule((In((procedure,)), In((diagnosis,))), (f"{outcomes[i % 4]} {i % 97}",))
        for i, (procedure, diagnosis) in enumerate(pairs)
    )
    inputs = (_string("procedure"), _string("diagnosis"))
    table = Table("codetable", "UNIQUE", inputs, (_string("coverage"),), rules)

    def draw(rng: random.Random) -> Record:
        if rng.random() < 0.8:
            procedure, diagnosis = rng.choice(pairs)
        else:
            procedure, diagnosis = rng.choice(procedures), rng.choice(diagnoses)
        return {"procedure": procedure, "diagnosis": diagnosis}

    return (table,), draw


def intervals(stream: random.Random, count: int) -> Drawn:
    """Return W3 with `count` rules, narrower the more there are, so that about half hit."""
    width = int(1_000 * count**-0.25)
    rules = []
    for i in range(count):
        cells = []
        for _ in range(4):
            low = stream.randint(-width // 2, 1_000 - width // 2)
            cells.append(Interval(max(low, 0), low + width))
        rules.append(Rule(tuple(cells), (i,)))
    inputs = tuple(Column(name, "number") for name in "abcd")
    table = Table("ranges", "FIRST", inputs, (Column("band", "number"),), tuple(rules))

    def draw(rng: random.Random) -> Record:
        return {name: Decimal(5 * rng.randint(0, 1_999)).scaleb(-1) for name in "abcd"}

    return (table,), draw


def flags() -> Drawn:
    """Return W4."""
    rules = tuple(
        Rule((From(8 * i), None if i % 3 else In(("gold", "silver"))), (f"flag{i}",))
        for i in range(100)
    )
    inputs = (Column("score", "number"), _string("tier"))
    table = Table("flags", "COLLECT", inputs, (_string("flag"),), rules)

    def draw(rng: random.Random) -> Record:
        # From 8 on at least one flag is raised: what no flag is, null or an empty list, differs
        # from engine to engine, and is not what is measured.
        return {"score": rng.randint(8, 1_000), "tier": rng.choice(["gold", "silver", "bronze"])}

    return (table,), draw


def chain() -> Drawn:
    """Return W5."""
    fees = "count(amounts) * 10", "len(amounts) * 10"
    high = "some x in amounts satisfies x > 900"
    premium = Formula(
        "premium",
        ("factor", "amounts"),
        {
            "FEEL": f"sum(amounts) * factor / 4 + {fees[0]} + (if {high} then 100 else 0)",
            "Python": f"sum(amounts) * factor / 4 + {fees[1]}"
            " + (100 if any(x > 900 for x in amounts) else 0)",
            "ZEN": f"sum(amounts) * factor / 4 + {fees[1]} + (some(amounts, # > 900) ? 100 : 0)",
        },
    )

    def draw(rng: random.Random) -> Record:
        return {
            "age": rng.randint(0, 95),
            "bmi": rng.randint(16, 44),
            "plan": rng.choice(["basic", "plus", "max"]),
            "amounts": [rng.randint(1, 1_000) for _ in range(rng.randint(1, 8))],
        }

    return (_risk(), _factor(), premium, _tier()), draw


def _risk() -> Table:
    rules: list[tuple[Cell, Cell, int]] = [
        (Below(30), Below(25), 1),
        (Below(30), None, 2),
        (Interval(30, 50), Below(25), 2),
        (Interval(30, 50), Below(30), 3),
        (Interval(30, 50), None, 4),
        (Interval(50, 65), Below(27), 4),
        (Interval(50, 65), None, 6),
        (From(65), Below(27), 6),
        (From(65), None, 8),
    ]
    inputs = Column("age", "number"), Column("bmi", "number")
    return Table("risk", "FIRST", inputs, (Column("risk", "number"),), _rules(rules))


def _factor() -> Table:
    rules: list[tuple[Cell, Cell, Any]] = [
        (Below(3), In(("basic",)), 1),
        (Below(3), In(("plus", "max")), Decimal("1.25")),
        (Interval(3, 6), In(("basic",)), Decimal("1.5")),
        (Interval(3, 6), In(("plus",)), Decimal("1.75")),
        (Interval(3, 6), In(("max",)), 2),
        (From(6), In(("basic", "plus")), Decimal("2.5")),
        (From(6), None, 3),
    ]
    inputs = Column("risk", "number"), _string("plan")
    return Table("factor", "FIRST", inputs, (Column("factor", "number"),), _rules(rules))


def _tier() -> Table:
    rules: list[tuple[Cell, Cell, str]] = [
        (Below(400), None, "A"),
        (Interval(400, 900), In(("max",)), "B+"),
        (Interval(400, 900), None, "B"),
        (Interval(900, 1_800), None, "C"),
        (From(1_800), None, "D"),
    ]
    inputs = Column("premium", "number"), _string("plan")
    return Table("tier", "FIRST", inputs, (_string("tier"),), _rules(rules))


def _rules(rows: list[tuple[Cell, Cell, Any]]) -> tuple[Rule, ...]:
    return tuple(Rule((first, second), (result,)) for first, second, result in rows)


def _string(name: str) -> Column:
    return Column(name, "string")
