"""Decisions over all inputs at once, against the engine's answer to each input by itself."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from contextlib import nullcontext, suppress
from decimal import Decimal
from typing import Any

import pytest
from dmn_text import decision, input_data, literal, model, output, table
from hypothesis import HealthCheck, Phase, given, settings
from random_tables import VALUES, expected, loaded, tables

import pydmn
from pydmn.verify.graph.circuit import FALSE, TRUE, Circuit
from pydmn.verify.graph.symbols import Constant, Count, Elements, Entries, Symbol

# A shrunk table is no clearer, and takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
CODES = "list&lt;string&gt;"
FIXED = {"y": (None, 1, 2), "s": (None, "a")}


def read(symbol: Symbol, holds: Any) -> Any:
    """Return the value of a symbol where `holds` says which formulas do; a list as a Counter."""
    (shape,) = [shape for formula, shape in symbol if holds(formula)]
    match shape:
        case Constant(value):
            return value
        case Entries(entries):
            return {name: read(each, holds) for name, each in entries.items()}
        case Elements(items):
            return [read(each, holds) for at, each in items if holds(at)]
        case Count():
            return "some"


def plain(value: Any) -> Any:
    """Return a value without the order of its lists."""
    if isinstance(value, list):
        return Counter(map(repr, map(plain, value)))
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return Decimal(value) if type(value) is int else value


def everywhere(dmn: pydmn.Model, names: dict[str, Any], asked: str):
    """Yield each input with the symbol's value there."""
    space = pydmn.Space()
    choices = {name: space.choice(name, values) for name, values in names.items()}
    world = space.world(
        dmn, {name: space.value(lambda value: value, each) for name, each in choices.items()}
    )
    symbol = world._answer(asked, None)
    rows = list(itertools.product(*(range(len(values)) for values in names.values())))
    for row in random.Random(1).sample(rows, min(60, len(rows))):
        at = [each.formulas[place] for each, place in zip(choices.values(), row, strict=True)]
        assert space.find(*at) is not None
        found = space._solver.find(at)
        yield (
            {name: values[place] for (name, values), place in zip(names.items(), row, strict=True)},
            read(symbol, found.holds),
        )


@settings(max_examples=40, phases=PHASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=tables())
def test_a_table_answers_everywhere_what_the_engine_answers(drawn):
    dmn = loaded(drawn)
    names = {f"i{n}": VALUES[kind] for n, kind in enumerate(drawn["kinds"])} | FIXED
    varies = any(text in {"y + 1", "s"} for rule in drawn["rules"] for text in rule)
    may_refuse = drawn["policy"] in {"COLLECT+SUM", "COLLECT+MIN", "COLLECT+MAX"} or (
        drawn["policy"] in {"ANY", "PRIORITY"} and varies
    )
    with suppress(pydmn.NotDecided) if may_refuse else nullcontext():
        for inputs, found in everywhere(dmn, names, "D"):
            assert plain(found) == plain(expected(drawn, inputs)), inputs


CHAIN = model(
    input_data("codes", CODES),
    input_data("size", "number"),
    input_data("kind", "string"),
    decision(
        "Rows",
        table(
            "COLLECT",
            (("codes", CODES), ("size", "number")),
            (output("name", "string"), output("fits", "Any")),
            (
                ('list contains(?, "a")', "-", '"one"', '["k", "m"]'),
                ('some c in ? satisfies c in ("b", "c")', "> 2", '"two"', '["k"]'),
                ('not(list contains(?, "a"))', "<= 2", '"three"', "null"),
                ("-", "null", '"four"', '["m"]'),
            ),
        ),
        inputs=("codes", "size"),
    ),
    *(
        decision(name, literal(text), inputs=inputs, decisions=decisions)
        for name, text, inputs, decisions in (
            ("Any", "Rows != null", (), ("Rows",)),
            ("Fits", "some r in Rows satisfies list contains(r.fits, kind)", ("kind",), ("Rows",)),
            ("All", 'every c in codes satisfies c != "b"', ("codes",), ()),
            ("Names", 'Rows[name != "one"].name', (), ("Rows",)),
            ("Few", "if count(codes) = 0 then 0 else if count(codes) > 0 then 1 else 2",
             ("codes",), ()),
            ("Of", 'codes[item in ("b", "c")]', ("codes",), ()),
            ("Chosen", 'if kind = "k" then Names else null', ("kind",), ("Names",)),
            ("Sum", 'size + 1 > 2 and kind in ("k", "m") or size = null', ("size", "kind"), ()),
            ("Between", "if size between 1 and 3 then [size, 2] else [size]", ("size",), ()),
        )
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    ["Rows", "Any", "Fits", "All", "Names", "Few", "Of", "Chosen", "Sum", "Between"],
)
def test_a_graph_answers_everywhere_what_the_engine_answers(asked):
    dmn = pydmn.load(CHAIN)
    space = pydmn.Space()
    codes = space.membership("codes", ["a", "b", "c", "z"])
    size = space.choice("size", [None, 1, 2, 3])
    kind = space.choice("kind", [None, "k", "m", "x"])
    world = space.world(
        dmn,
        {
            "codes": space.elements((codes, lambda _: TRUE)),
            "size": space.value(lambda value: value, size),
            "kind": space.value(lambda value: value, kind),
        },
    )
    symbol = world._answer(asked, None)
    subsets = itertools.product((False, True), repeat=4)
    for there, one, other in itertools.product(subsets, range(4), range(4)):
        at = [
            size.formulas[one],
            kind.formulas[other],
            *(f if is_in else -f for f, is_in in zip(codes.formulas, there, strict=True)),
        ]
        found = space.find(*at)
        right = dmn.evaluate(
            asked, {name: value for name, value in found.items() if value is not None}
        ).value
        assert plain(read(symbol, space._solver.find(at).holds)) == plain(right), found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("count(codes) = 1", "more of a list's length"),
        ("codes[1]", "by its place"),
        ("string join(codes)", "reads a list"),
        ('codes = ["a"]', "reads a list"),
    ],
)
def test_what_asks_more_of_a_list_is_refused_by_name(text, why):
    dmn = pydmn.load(
        model(
            input_data("codes", CODES),
            decision("D", literal(text), inputs=("codes",)),
        )
    )
    space = pydmn.Space()
    codes = space.membership("codes", ["a", "b"])
    world = space.world(dmn, {"codes": space.elements((codes, lambda _: TRUE))})
    with pytest.raises(pydmn.NotDecided, match=why):
        world.holds(dmn.condition("D"))


def test_elements_of_several_kinds_are_filtered_case_by_case():
    dmn = pydmn.load(
        model(
            input_data("kind", "string"),
            decision(
                "Rows",
                table(
                    "COLLECT",
                    (("kind", "string"),),
                    (output("", "Any"),),
                    (("-", 'if kind = "k" then {a: 1} else {b: 2}'),),
                ),
                inputs=("kind",),
            ),
            decision("D", literal("count(Rows[a = 1]) > 0"), decisions=("Rows",)),
        )
    )
    space = pydmn.Space()
    kind = space.choice("kind", ["k", "m"])
    world = space.world(dmn, {"kind": space.value(lambda value: value, kind)})
    holds = world.holds(dmn.condition("D"))
    assert space.find(holds) == {"kind": "k"}
    assert space.find(-holds) == {"kind": "m"}


def test_a_property_is_proved_or_broken_by_what_is_chosen():
    dmn = pydmn.load(
        model(
            input_data("size", "number"),
            decision(
                "D",
                table(
                    "FIRST",
                    (("size", "number"),),
                    (output("", "string"),),
                    (("< 10", '"small"'), (">= 10", '"large"')),
                ),
                inputs=("size",),
            ),
        )
    )
    space = pydmn.Space()
    size = space.choice("size", [None, 9, 10, 11])
    world = space.world(dmn, {"size": space.value(lambda value: value, size)})
    stated = dmn.condition("size != null")
    answered = dmn.condition("D != null")
    assert space.find(-world.holds(answered)) == {"size": None}
    assert space.find(world.holds(stated), -world.holds(answered)) is None


def test_two_worlds_differ_where_their_answers_do():
    def loaded_with(bound: int) -> pydmn.Model:
        text = f'if size < {bound} then ["a"] else if size = null then [] else ["a", "b"]'
        return pydmn.load(
            model(input_data("size", "number"), decision("D", literal(text), inputs=("size",)))
        )

    space = pydmn.Space()
    size = space.choice("size", list(range(20)))
    inputs = {"size": space.value(lambda value: value, size)}
    old, new = (space.world(loaded_with(bound), inputs) for bound in (10, 12))
    differs = old.differs("D", None, new)
    assert {place for place in range(20) if space.find(size.formulas[place], differs)} == {10, 11}
    assert space.find(old.differs("D", None, old)) is None


def test_a_budget_that_is_spent_says_so():
    # Eleven pigeons in ten holes: a solver needs many conflicts for that.
    space = pydmn.Space(conflicts=10)
    holes = [space.choice(f"pigeon {n}", list(range(10))) for n in range(11)]
    for one, other in itertools.combinations(holes, 2):
        for place in range(10):
            space.require(-one.formulas[place], -other.formulas[place])
    with pytest.raises(pydmn.Spent):
        space.find(TRUE)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_formulas_hold_where_their_parts_say(count):
    circuit = Circuit()
    parts = [circuit.variable() for _ in range(count)]
    every, some = circuit.all_of(parts), circuit.any_of(parts)
    several = circuit.several(parts)
    firsts, none = circuit.firsts(parts)
    from pysat.solvers import Cadical195

    with Cadical195(bootstrap_with=circuit.clauses) as solver:
        for row in itertools.product((False, True), repeat=count):
            assert solver.solve(
                [part if is_so else -part for part, is_so in zip(parts, row, strict=True)]
            )
            true = set(solver.get_model())
            assert (every in true) == all(row)
            assert (some in true) == any(row)
            assert (several in true or several == TRUE) == (sum(row) > 1)
            assert [each in true for each in firsts] == [
                is_so and not any(row[:place]) for place, is_so in enumerate(row)
            ]
            assert (none in true) == (not any(row))
    assert circuit.all_of([]) == TRUE
    assert circuit.any_of([]) == FALSE
    assert circuit.all_of([parts[0], -parts[0]]) == FALSE


POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")


@pytest.mark.parametrize("policy", POLICIES)
def test_rules_are_hit_where_the_engine_says(policy):
    """With rules that overlap, that no value matches, and one that a list may match."""
    rules = (("< 5", "-", '"b"'), ("[3..8]", '"k"', '"a"'), ("> 7", "-", '"b"'),
             ("5", '"k", "m"', '"a"'), ("< 0", "-", '"b"'))  # fmt: skip
    dmn = pydmn.load(
        model(
            input_data("size", "number"),
            input_data("kind", "string"),
            decision(
                "D",
                table(
                    policy,
                    (("size", "number"), ("kind", "string")),
                    (output("", "string", '"a", "b"'),),
                    rules,
                ),
                inputs=("size", "kind"),
            ),
        )
    )
    names: dict[str, Any] = {"size": (0, 3, 5, 8, 9, None), "kind": ("k", "m", None)}
    space = pydmn.Space()
    choices = {name: space.choice(name, values) for name, values in names.items()}
    world = space.world(
        dmn, {name: space.value(lambda value: value, each) for name, each in choices.items()}
    )
    hits = world.hits("D")
    assert list(hits) == ["r1", "r2", "r3", "r4", "r5"]
    for size, kind in itertools.product(*names.values()):
        at = [
            each.formulas[each.values.index(value)]
            for each, value in zip(choices.values(), (size, kind), strict=True)
        ]
        traced = dmn.evaluate("D", {"size": size, "kind": kind}).trace.hits
        right = {rule for hit in traced for rule in hit.rules}
        found = {rule for rule, hit in hits.items() if space.find(*at, hit) is not None}
        assert found == right, (size, kind)
    assert space.find(hits["r5"]) is None
    large = world.tests("D", 0, lambda value: value is not None and value > 8)
    assert space.find(large)["size"] == 9
    assert space.find(large, hits["r1"]) is None


# --- values, members and rules hit --------------------------------------------------------------

ROWS = (('"a"', "-", '"one"'), ('"a", "b"', "> 1", '"two"'), ("-", "> 2", '"three"'))


@pytest.mark.parametrize("policy", ["FIRST", "UNIQUE", "ANY", "PRIORITY", "COLLECT", "RULE ORDER"])
def test_the_rules_hit_and_the_values_are_those_of_the_engine(policy):
    ranks = '"three", "one", "two"' if policy == "PRIORITY" else ""
    dmn = pydmn.load(
        model(
            input_data("kind", "string"),
            input_data("size", "number"),
            decision(
                "D",
                table(policy, (("kind", "string"), ("size", "number")),
                      (output("name", "string", ranks),), ROWS),
                inputs=("kind", "size"),
            ),
        )
    )  # fmt: skip
    space = pydmn.Space()
    choices = [space.choice("kind", [None, "a", "b"]), space.choice("size", [None, 1, 2, 3])]
    given_ = dict(zip(("kind", "size"), choices, strict=True))
    world = space.world(
        dmn, {name: space.value(lambda value: value, each) for name, each in given_.items()}
    )
    collects = policy in ("COLLECT", "RULE ORDER")
    hits = world.hits("D")
    told = world.members("D") if collects else world.values("D")
    for kind, size in itertools.product(*(each.values for each in choices)):
        at = [
            each.formulas[each.values.index(value)]
            for each, value in zip(choices, (kind, size), strict=True)
        ]

        def holds(formula, at=at):
            return space.find(*at, formula) is not None

        result = dmn.evaluate("D", {"kind": kind, "size": size})
        (hit,) = [each for each in result.trace.hits if each.decision == "D"]
        assert [id_ for id_, formula in hits.items() if holds(formula)] == sorted(hit.rules)
        found = [value for value, formula in told if holds(formula)]
        assert sorted(found) == sorted(result.value or []) if collects else found == [result.value]


def test_of_what_is_no_table_no_rule_is_hit():
    dmn = pydmn.load(model(decision("D", literal("1 + 1"))))
    world = pydmn.Space().world(dmn, {})
    assert world.hits("D") == {}
    assert world.values("D") == [(Decimal(2), TRUE)]
    assert world.members("D") == []


def test_the_members_of_any_number_cannot_be_told_as_values():
    space = pydmn.Space()
    codes = space.membership("codes", ["a", "b"])
    world = space.world(pydmn.load(CHAIN), {"codes": space.elements((codes, lambda _: TRUE))})
    assert [value for value, _ in world.members("codes")] == ["a", "b"]
    with pytest.raises(pydmn.NotDecided, match="any number of members"):
        world.values("codes")
