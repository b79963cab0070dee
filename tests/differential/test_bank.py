"""Answers that another engine gave too, replayed; `tools/differential` makes the bank."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest

import pydmn

BANK = Path(__file__).with_name("bank.jsonl")
SEEDS = [json.loads(line) for line in BANK.read_text(encoding="utf-8").splitlines()]
FORMS = ("expression", "tests", "model")


def same(left: Any, right: Any) -> bool:
    """Say whether two values are the same: unlike Python's `==`, types and offsets count."""
    match left, right:
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case dict(), dict():
            return left.keys() == right.keys() and all(
                same(each, right[key]) for key, each in left.items()
            )
        case pydmn.Range(), pydmn.Range():
            ends = (left.low, left.high, left.low_closed, left.high_closed)
            return same(list(ends), [right.low, right.high, right.low_closed, right.high_closed])
        case (datetime() | time(), datetime() | time()):
            return type(left) is type(right) and left.isoformat() == right.isoformat()
    return type(left) is type(right) and left == right


def answer(seed: dict[str, Any]) -> Any:
    inputs = {name: pydmn.feel(text) for name, text in seed["inputs"].items()}
    if "tests" in seed:
        return pydmn.unary_tests(seed["tests"], pydmn.feel(seed["tested"]), inputs)
    if "model" in seed:
        return pydmn.load(seed["model"].encode()).evaluate("Answer", inputs).value
    return pydmn.feel(seed["expression"], inputs)


@pytest.mark.parametrize("form", FORMS)
def test_the_answers_are_those_of_another_engine(form: str) -> None:
    found = defaultdict(list)
    for seed in SEEDS:
        if form in seed:
            right = same(answer(seed), pydmn.feel(seed["value"]))
            found[right].append(seed)
    assert found[True]
    assert not found[False]
