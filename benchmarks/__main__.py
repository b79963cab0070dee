"""The benchmark's command: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import short
from benchmarks.contest import Rules
from benchmarks.roster import ROOT

PARTS = ("decisions", "lines", "frames", "startup", "growth")


def main() -> int:
    """Run the command; the exit status is 1 when a ratio has risen too far."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Who decides how fast.")
    commands = parser.add_subparsers(dest="command", required=True)
    usual = Rules()
    quick = commands.add_parser("short", help="ratios to the floor, against the committed ones")
    quick.add_argument("--write", action="store_true", help="commit to the ratios measured now")
    full = commands.add_parser("full", help="every contestant; writes RESULTS.md and its plots")
    full.add_argument("parts", nargs="*", metavar="PART", help=f"all, or some of {PARTS}")
    full.add_argument("--runs", type=int, default=usual.runs, help="runs of each contestant")
    full.add_argument("--seconds", type=float, default=usual.seconds, help="length of a run")
    full.add_argument("--limit", type=float, default=usual.limit, help="seconds for one answer")
    commands.add_parser("growth", help="each form of index on the same tables; GROWTH.md")
    shown = commands.add_parser(
        "report", help="RESULTS.md, its plots and the README's part, from results.json"
    )
    shown.add_argument("folder", nargs="?", type=Path, default=ROOT / "benchmarks")
    spark = commands.add_parser("spark", help="W1 on Spark, against mapInArrow that does nothing")
    spark.add_argument("--master", default="local[2]")
    spark.add_argument("--rows", type=int, default=4_000_000)
    spark.add_argument("--runs", type=int, default=usual.runs)
    spark.add_argument(
        "--conf", action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark's"
    )
    made = commands.add_parser("claims", help="a synthetic claims file, Parquet")
    made.add_argument("policy", type=Path, help="a policy's folder")
    made.add_argument("out", type=Path)
    made.add_argument("--lines", type=int, default=1_000_000)
    made.add_argument("--seed", type=int, default=1)
    return _run(parser.parse_args())


def _run(arguments: argparse.Namespace) -> int:
    """Run one command; its libraries are imported here, since `short` needs none of them."""
    match arguments.command:
        case "full":
            from benchmarks import full

            parts = frozenset(arguments.parts)
            rules = Rules(arguments.runs, arguments.seconds, arguments.limit)
            return full.run(parts, rules)
        case "growth":
            from benchmarks import crossings

            crossings.write(ROOT / "benchmarks" / "GROWTH.md", print)
        case "report":
            from benchmarks import full
            from benchmarks.results import Results

            full.show(Results.read(arguments.folder / "results.json"), arguments.folder)
        case "spark":
            from benchmarks import spark

            settings = dict(each.split("=", 1) for each in arguments.conf)
            return spark.run(arguments.master, arguments.rows, arguments.runs, settings)
        case "claims":
            import medpolicy
            from benchmarks import claims

            policy = medpolicy.load(arguments.policy).versions[-1]
            claims.write(policy, arguments.out, arguments.lines, arguments.seed)
        case _:
            return short.run(arguments.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
