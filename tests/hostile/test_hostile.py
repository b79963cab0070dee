"""Hostile inputs end in time, within memory and in a typed error; a process for each."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from hostile.case import VALUE, limit
from hostile.corpus import FAMILIES, cases
from hostile.measure import SECONDS

from pydmn.limits import Limits

TESTS = Path(__file__).parents[1]

SAMPLE = ("entities", "nesting", "cyclic imports", "cyclic requirements", "bytes", "recursion")
"""The families that end soon under the defaults; `make hostile` measures all."""


def measured(under: str, family: str) -> list[dict[str, Any]]:
    """Return what is measured for each case of `family`."""
    path = os.pathsep.join(
        [str(TESTS.parent / "src"), str(TESTS), os.environ.get("PYTHONPATH", "")]
    )
    done = subprocess.run(
        [sys.executable, "-m", "hostile.measure", under, family],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def problems(under: str, found: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong; `make hostile` holds the times to the letter.

    Tests that run beside make processor time longer, and machines differ: here a case may take
    three times as long.
    """
    return [
        f"{each['name']}: {each['problem']}"
        for each in found
        if each["problem"]
        and not (each["problem"].endswith(" s") and each["seconds"] <= 3 * SECONDS[under])
    ]


def lasting(under: str, family: str) -> list[str]:
    """Return what is wrong with a family; what takes too long, if it does so twice."""
    found = measured(under, family)
    assert len(found) == len(FAMILIES[family].cases)
    wrong = problems(under, found)
    if wrong and all(each.endswith(" s") for each in wrong):
        slow = {each.rpartition(": ")[0] for each in wrong}
        again = problems(under, measured(under, family))
        wrong = [each for each in again if each.rpartition(": ")[0] in slow]
    return wrong


@pytest.mark.parametrize("family", [*FAMILIES])
def test_ends_as_it_should_under_the_limits_for_strangers(family):
    assert lasting("untrusted", family) == []


@pytest.mark.parametrize("family", [*SAMPLE])
def test_ends_under_the_defaults(family):
    assert lasting("default", family) == []


def test_the_corpus_is_large_and_its_names_are_unique():
    names = [(case.family, case.name) for case in cases()]
    assert len(FAMILIES) >= 15
    assert len(names) >= 300
    assert len(set(names)) == len(names)


def test_each_limit_is_met_from_below_and_from_above():
    exact = [case for case in cases() if case.exact]
    for each in fields(Limits):
        below = [case for case in exact if case.name.endswith(f"at {each.name}")]
        above = [case for case in exact if case.name.endswith(f"above {each.name}")]
        assert below
        assert all(case.ends == VALUE for case in below)
        assert above
        assert all(case.ends == limit(each.name) for case in above)


def test_each_limit_says_what_it_bounds():
    assert Limits.__doc__ is not None
    described = re.findall(r"^ {4}(\w+)  ", cleandoc(Limits.__doc__), re.MULTILINE)
    assert described == [each.name for each in fields(Limits)]
