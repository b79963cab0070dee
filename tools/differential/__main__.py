"""Ask pydmn and other engines the same questions; see docs/differential.md and `--help`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from itertools import islice

import classes
import judgements
import normal
from bank import Bank, collect
from cells import cells
from classes import Classes
from disagreements import ENGINES, Asked, Disagreement, answered, differ, found
from models import models
from peers import Peers, Question, running
from trees import VARIABLES, Grower

_ROWS = 10
_CHUNK = 250


def main() -> int:
    """Run the command; the exit status is 1 when a disagreement has no judgement."""
    parser = argparse.ArgumentParser(description="Other engines as judges.")
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="the answers to one expression")
    ask.add_argument("expression")
    run = commands.add_parser("run", help="grow questions, ask them, sort the disagreements")
    run.add_argument("--expressions", type=int, default=100_000)
    run.add_argument("--cells", type=int, default=10_000)
    run.add_argument("--tables", type=int, default=2_000)
    run.add_argument("--seed", type=int, default=1)
    commands.add_parser("report", help="write docs/differential.md and the bank from the runs")
    arguments = parser.parse_args()
    if arguments.command == "ask":
        _ask(arguments.expression)
        return 0
    if arguments.command == "run":
        _run(arguments.seed, arguments.expressions, arguments.cells, arguments.tables)
    return _report()


def _ask(expression: str) -> None:
    question = Question("expression", expression, {}, ({},))
    with running() as peers:
        (rows,) = answered(peers, [question])
    for engine, answer in zip(ENGINES, rows[0], strict=True):
        print(f"{engine:6} {normal.shown(answer)}")


def _report() -> int:
    print(f"{collect()} seeds in the bank")
    unjudged = judgements.report(classes.read())
    print(f"{judgements.PAGE.name} written")
    for each in unjudged:
        answers = "; ".join(map(normal.shown, each.example.answers))
        print(f"no judgement: {each.example.text} {dict(each.example.row) or ''}: {answers}")
    return 1 if unjudged else 0


def _run(seed: int, expressions: int, unary: int, tables: int) -> None:
    grower = Grower(seed)
    everything, bank = Classes(), Bank()
    asked = {
        "expressions": islice(_expressions(grower), expressions),
        "cells": islice(_cells(grower), unary),
    }
    with running() as peers:
        for kind, questions in asked.items():
            _all(peers, kind, questions, everything, bank, seed)
        _tables(peers, grower, tables, everything, bank)
    everything.write(seed)
    bank.write(seed)


def _all(
    peers: Peers,
    kind: str,
    questions: Iterator[Asked],
    everything: Classes,
    bank: Bank,
    seed: int,
) -> None:
    start = time.monotonic()
    count = 0
    while chunk := list(islice(questions, _CHUNK)):
        everything.add(found(peers, chunk, everything.tally, bank))
        count += len(chunk)
        everything.kinds[kind] = count
        if count % (_CHUNK * 20) == 0:
            everything.write(seed)
            bank.write(seed)
            print(f"{count} {kind} in {time.monotonic() - start:.0f} s", flush=True)


def _expressions(grower: Grower) -> Iterator[Asked]:
    """Yield distinct expressions with their rows, without end."""
    seen: set[int] = set()
    while True:
        tree = grower.expression()
        if hash(tree.text) not in seen:
            seen.add(hash(tree.text))
            yield Asked(tree, tuple(grower.row(tree.reads) for _ in range(_ROWS)))


def _cells(grower: Grower) -> Iterator[Asked]:
    seen: set[tuple[str, str]] = set()
    for type_, tree in cells(grower):
        if (type_, tree.text) not in seen:
            seen.add((type_, tree.text))
            rows = tuple(
                {**grower.row(tree.reads), "?": grower.literal(type_)} for _ in range(_ROWS)
            )
            yield Asked(tree, rows, type_)


def _tables(peers: Peers, grower: Grower, count: int, everything: Classes, bank: Bank) -> None:
    """Ask decision tables; a table's disagreement is sorted by its hit policy."""
    source = models(grower)
    for start in range(0, count, _CHUNK):
        made = list(islice(source, min(_CHUNK, count - start)))
        questions = [
            Question(
                "table",
                model.text,
                {},
                tuple(
                    {name: grower.literal(VARIABLES[name]) for name in model.inputs}
                    for _ in range(_ROWS)
                ),
            )
            for model in made
        ]
        for model, question, rows in zip(made, questions, answered(peers, questions), strict=True):
            everything.tally.questions += 1
            everything.tally.rows += len(rows)
            for row, answers in zip(question.rows, rows, strict=True):
                judged = not all(normal.failed(each) for each in answers[1:])
                everything.tally.judged += judged
                if differ(answers):
                    everything.tally.differing += 1
                    everything.tally.small += 1
                    name = f"table {model.policy}"
                    everything.add([Disagreement(name, (), model.text, row, answers)])
                else:
                    everything.tally.agreed += judged
                    bank.offer(f"table {model.policy}", question, row, answers)
        everything.kinds["tables"] = start + len(made)


if __name__ == "__main__":
    raise SystemExit(main())
