"""The questions as Hypothesis draws them, and the stream of them that a run asks.

The grammar takes its choices from a `random.Random`. The one that it is given is Hypothesis'
(`st.randoms`), so that each choice is Hypothesis' own: a property that a question breaks is shown
a smaller question, with smaller inputs.

A run is not one search for 100,000 examples, of which Hypothesis would remember every choice. It
goes round the names instead, and draws some questions for each by a seed of their own, made of
the run's seed, the name, the round and the batch. So each name is asked as often as the others.
The same seed draws the same questions with the same code: Hypothesis takes a number now and then
that it has read there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count, islice
from typing import Final

import hypothesis
from cells import FORMS, cell, types_of
from disagreements import Asked
from grammar import SCALARS
from hypothesis import HealthCheck, Phase, assume
from hypothesis import strategies as st
from models import POLICIES, model
from productions import names
from trees import Grower

ROWS: Final = 10
"""How many rows of inputs a question is asked with."""

_SHARE: Final = 50


@st.composite
def expressions(draw: st.DrawFn, name: str | None = None) -> Asked:
    """Draw an expression that reads a variable or more; its root is `name`, or any."""
    grower = Grower(draw(st.randoms(use_true_random=False)))
    tree = grower.expression(name or grower.random.choice(names()))
    assume(tree.reads)
    return Asked(tree, tuple(grower.row(tree.reads) for _ in range(ROWS)))


@st.composite
def cells(draw: st.DrawFn, form: str | None = None) -> Asked:
    """Draw unary tests of `form`, or of any; their rows have `?`, the value that they test."""
    grower = Grower(draw(st.randoms(use_true_random=False)))
    type_ = grower.random.choice(SCALARS if form is None else types_of(form))
    tree = cell(grower, type_, form=form)
    assume(form is None or form == tree.production)
    rows = tuple({**grower.row(tree.reads), "?": grower.literal(type_)} for _ in range(ROWS))
    return Asked(tree, rows, type_)


@st.composite
def tables(draw: st.DrawFn, policy: str | None = None) -> Asked:
    """Draw a model with a decision table of `policy`, or of any."""
    grower = Grower(draw(st.randoms(use_true_random=False)))
    tree = model(grower, policy or grower.random.choice(POLICIES))
    return Asked(tree, tuple(grower.row(tree.reads) for _ in range(ROWS)))


def kinds() -> dict[str, dict[str, st.SearchStrategy[Asked]]]:
    """Return the strategies by kind of question, and by the name that a question is about."""
    return {
        "expressions": {name: expressions(name) for name in names()},
        "cells": {form: cells(form) for form in FORMS},
        "tables": {policy: tables(policy) for policy in POLICIES},
    }


def every() -> tuple[str, ...]:
    """Return the name of all that is asked: what `Tally.count` counts."""
    return (*names(), *FORMS, *(f"table {policy}" for policy in POLICIES))


def stream(
    strategies: Mapping[str, st.SearchStrategy[Asked]], quotas: Mapping[str, int], seed: int
) -> Iterator[Asked]:
    """Yield distinct questions, in turns: of each strategy its quota, as far as it has them."""
    seen: set[tuple[str, str | None]] = set()
    left = {name: quotas[name] for name in strategies}
    for turn in count():
        for name in [name for name, many in left.items() if many]:
            new = _new(strategies[name], f"{seed} {name} {turn}", seen)
            share = list(islice(new, min(_SHARE, left[name])))
            yield from share
            left[name] = left[name] - len(share) if share else 0
        if not any(left.values()):
            return


def _new(
    strategy: st.SearchStrategy[Asked], seed: str, seen: set[tuple[str, str | None]]
) -> Iterator[Asked]:
    """Yield questions that are not in `seen`, till none comes in a batch."""
    for batch in count():
        before = len(seen)
        for each in drawn(strategy, f"{seed} {batch}", _SHARE):
            key = (each.tree.text, each.tested)
            if key not in seen:
                seen.add(key)
                yield each
        if len(seen) == before:
            return


def drawn(strategy: st.SearchStrategy[Asked], seed: str, most: int) -> list[Asked]:
    """Return what Hypothesis draws by `seed`: `most` questions, or all where there are fewer."""
    questions: list[Asked] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=most,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=tuple(HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(question: Asked) -> None:
        questions.append(question)

    collect()
    return questions
