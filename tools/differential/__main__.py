"""Ask pydmn and other engines the same questions; see docs/differential.md and `--help`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from itertools import islice

import classes
import judgements
import normal
from bank import Bank, collect
from classes import Classes
from disagreements import ENGINES, Asked, answered, found
from peers import Peers, Question, running
from questions import kinds, stream

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
    run.add_argument("--tables", type=int, default=6_600)
    run.add_argument("--seed", type=int, default=1)
    commands.add_parser("report", help="write docs/differential.md and the bank from the runs")
    arguments = parser.parse_args()
    if arguments.command == "ask":
        _ask(arguments.expression)
        return 0
    if arguments.command == "run":
        _run(arguments.seed, {kind: getattr(arguments, kind) for kind in kinds()})
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


def _run(seed: int, wanted: Mapping[str, int]) -> None:
    everything, bank = Classes(), Bank()
    with running() as peers:
        for kind, strategies in kinds().items():
            questions = islice(stream(strategies, seed), wanted[kind])
            _all(peers, kind, questions, everything, bank, seed)
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
    chunk = list(islice(questions, _CHUNK))
    while chunk:
        answers = answered(peers, [each.question for each in chunk])
        # Drawn while the judges answer.
        following = list(islice(questions, _CHUNK))
        everything.add(found(peers, chunk, answers, everything.tally, bank))
        count += len(chunk)
        everything.kinds[kind] = count
        if count % (_CHUNK * 20) == 0:
            everything.write(seed)
            bank.write(seed)
            print(f"{count} {kind} in {time.monotonic() - start:.0f} s", flush=True)
        chunk = following


if __name__ == "__main__":
    raise SystemExit(main())
