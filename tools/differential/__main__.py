"""Ask pydmn and other engines the same questions; see docs/differential.md and `--help`."""

from __future__ import annotations

import argparse
import os

import classes
import judgements
import normal
from bank import collect
from disagreements import ENGINES, answered
from peers import Question, running
from questions import kinds
from runs import run


def main() -> int:
    """Run the command; the exit status is 1 when a disagreement has no judgement."""
    parser = argparse.ArgumentParser(description="Other engines as judges.")
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="the answers to one expression")
    ask.add_argument("expression")
    full = commands.add_parser("run", help="draw questions, ask them, sort the disagreements")
    full.add_argument("--expressions", type=int, default=100_500)
    full.add_argument("--cells", type=int, default=12_000)
    full.add_argument("--tables", type=int, default=6_600)
    full.add_argument("--seed", type=int, default=1)
    full.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    commands.add_parser("report", help="write docs/differential.md and the bank from the runs")
    arguments = parser.parse_args()
    if arguments.command == "ask":
        _ask(arguments.expression)
        return 0
    if arguments.command == "run":
        wanted = {kind: getattr(arguments, kind) for kind in kinds()}
        run(arguments.seed, wanted, arguments.jobs)
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


if __name__ == "__main__":
    raise SystemExit(main())
