"""Tables that ask a list for many members: what is left of a list is no matter of luck."""

from __future__ import annotations

import pytest
from dmn_text import decision, input_data, model, output, table

import pydmn
from pydmn.engine.verifying import verified

CODES = """<itemDefinition name="codes" isCollection="true"><typeRef>string</typeRef>
</itemDefinition>"""
COUNT = 40
MEMBERS = tuple(
    (f'list contains(?, "c{n}")', f'"p{n}"', f'"{n % 3}"') for n in range(COUNT)
)  # fmt: skip
REST = ("-", ", ".join(f'"p{n}"' for n in range(COUNT)), '"else"')


def found(rules: tuple[tuple[str, ...], ...], steps: int) -> pydmn.VerifiedTable:
    columns = (("l", "codes"), ("s", "string"))
    logic = table("FIRST", columns, (output(),), rules)
    given = [input_data(*each) for each in columns]
    loaded = pydmn.load(model(CODES, *given, decision("D", logic, inputs=("l", "s"))))
    (each,) = verified(loaded.plan, loaded._compiler, loaded.limits, loaded.clock, steps=steps)
    return each


@pytest.mark.parametrize("rules", [MEMBERS, (*MEMBERS, REST)])
def test_gaps_of_many_members_take_few_steps(rules):
    table_ = found(rules, 1_000_000)
    assert [each.message for each in table_.findings if each.code == "not-decided"] == []
    gaps = [each.witness for each in table_.findings if each.code == "gap"]
    assert any(witness["l"] is None or witness["s"] is None for witness in gaps)
    assert "no-dead-rule" in table_.proved
