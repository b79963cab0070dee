"""The command line of `medpolicy`, as `argparse` reads it."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import medpolicy
from medpolicy.cli import commands


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it parses has the command as `run`."""
    whole = argparse.ArgumentParser(
        prog="medpolicy",
        description="Clinical policy as code: determine requests by a policy folder, check the "
        "folder, print it as a document. Software never denies.",
    )
    whole.add_argument("--version", action="version", version=f"medpolicy {medpolicy.__version__}")
    of_whole = whole.add_subparsers(required=True, metavar="COMMAND")

    determine = of_whole.add_parser(
        "determine",
        help="answer requests by a policy",
        description="Answer a request, JSON, by a policy: one determination, JSON, to standard "
        "output. With JSON lines in, one compact object a line comes out, in the same order; a "
        'bad line becomes {"id": ..., "error": ...}, and the exit status is 2.',
    )
    determine.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    determine.add_argument(
        "request", metavar="REQUEST", help="a file, JSON or JSON lines; - for standard input"
    )
    determine.add_argument("--explain", action="store_true", help="say it in words, for people")
    determine.add_argument(
        "--trace",
        action="store_true",
        help="add every decision: its inputs, the rules hit, the near misses",
    )
    determine.set_defaults(run=commands.determine)

    next_ = of_whole.add_parser(
        "next",
        help="say what to ask next about a request",
        description="Say of each line of a request, JSON, which question settles most, and which "
        "facts could decide it.",
    )
    next_.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    next_.add_argument("request", metavar="REQUEST", help="a file, JSON; - for standard input")
    next_.add_argument("--json", action="store_true", help="give it as JSON")
    next_.set_defaults(run=commands.ask_next)

    interview = of_whole.add_parser(
        "interview",
        help="ask one question after another, and determine",
        description="Ask at a terminal for what is not known, one question after another and "
        "none that can no longer matter, and end with the determination in words. Type ? for what "
        "is not known; Ctrl-C or the end of input ends it with what is known so far.",
    )
    interview.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    interview.add_argument(
        "request", nargs="?", type=Path, metavar="REQUEST", help="a file, JSON, to begin with"
    )
    interview.set_defaults(run=commands.interview)

    check = of_whole.add_parser(
        "check",
        help="say everything that is wrong with a policy",
        description="Read a policy's folder, run its cases, and say at once everything that is "
        "to be mended (exit status 2), and what its editor should look at.",
    )
    check.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    check.add_argument(
        "--cases", type=Path, metavar="DIR", help="run these cases, not the policy's own"
    )
    check.add_argument(
        "--every-code",
        action="store_true",
        help="prove its properties over all codes there are, not those alone that it names",
    )
    check.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write what the cases try, beside the tables, as an HTML page too",
    )
    check.set_defaults(run=commands.check)

    cases = of_whole.add_parser("cases", help="suggest the cases that a policy lacks")
    of_cases = cases.add_subparsers(required=True, metavar="COMMAND")
    suggest = of_cases.add_parser(
        "suggest",
        help="write cases for what no case tries, their answers left open",
        description="Find a request for each rule that no case hits and each side of a bound that "
        "none touches, and write them as cases, JSON, whose answers a person has to argue. What no "
        "request can try is named on standard error. Without -o they go to standard output.",
    )
    suggest.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    suggest.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="a folder of cases, such as the policy's own, for a new file; nothing is overwritten",
    )
    suggest.add_argument(
        "--every-code",
        action="store_true",
        help="look among all codes there are, not those alone that the policy names",
    )
    suggest.set_defaults(run=commands.suggest)

    diff = of_whole.add_parser(
        "diff",
        help="say what changed between two versions, in meaning",
        description="Compare two versions of a policy over all requests there can be: which are "
        "determined otherwise, as broader, narrower, a different question or wording only, each "
        "with an example that both versions have been asked; and the rules, codes, questions and "
        "dates that changed. Exit status 0: equal in meaning; 1: different, or not decided.",
    )
    diff.add_argument("old", type=Path, metavar="OLD", help="a policy's folder, or a version's")
    diff.add_argument("new", type=Path, metavar="NEW", help="the same, of the same policy")
    diff.add_argument("--json", action="store_true", help="give it as JSON")
    diff.add_argument(
        "--bulletin", type=Path, metavar="FILE", help="print it as a document, .html or .pdf"
    )
    diff.add_argument(
        "--every-code",
        action="store_true",
        help="over all codes there are, not those alone that a version names; it takes minutes",
    )
    diff.set_defaults(run=commands.diff)

    document = of_whole.add_parser(
        "document",
        help="print a policy as HTML or PDF",
        description="Print a policy as a document. The criteria, the codes and the register of "
        "readings come from the rules that run.",
    )
    document.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    document.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="a name in .html or .pdf"
    )
    document.add_argument(
        "--date",
        type=_day,
        metavar="YYYY-MM-DD",
        help="the day for which it is made, and by which a version is chosen; by default, that "
        "of the last change, of the newest version",
    )
    document.set_defaults(run=commands.document)

    batch = of_whole.add_parser(
        "batch",
        help="answer a file of claim lines",
        description="Answer the lines of a claims file (Parquet, CSV or JSON lines) by a policy. "
        "Lines that follow one another with one request_id are a request. A row that cannot be "
        "read goes to a file of its own with its number and the reason, and the others are "
        "answered. Standard output gets a summary by disposition and criterion.",
    )
    batch.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    batch.add_argument(
        "claims", type=Path, metavar="CLAIMS", help="a name in .parquet, .csv or .jsonl"
    )
    batch.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the same kinds of names"
    )
    batch.add_argument(
        "--rejects",
        type=Path,
        metavar="FILE",
        help="the rows refused, JSON lines; by default beside the output",
    )
    batch.add_argument(
        "--spark",
        metavar="MASTER",
        help="answer on a Spark cluster, such as spark://host:7077 or local[2]; the output is then "
        "a folder of files in the order of the lines, and all executors must see both",
    )
    batch.add_argument(
        "--spark-log", type=Path, metavar="FILE", help="add what Spark says of itself to this file"
    )
    batch.set_defaults(run=commands.batch)

    impact = of_whole.add_parser(
        "impact",
        help="say what another version of a policy means for a file of claim lines",
        description="Answer a claims file, as `batch` takes it, by two versions of a policy, and "
        "say whose answers differ, and how. Each version answers as if it were in force on every "
        "day; a folder of versions stands for its newest. Counts that are too small to leave are "
        "hidden, with those from which they could be worked out.",
    )
    impact.add_argument("old", type=Path, metavar="OLD", help="a policy's folder, or a version's")
    impact.add_argument("new", type=Path, metavar="NEW", help="the same of the newer one")
    impact.add_argument(
        "claims", type=Path, metavar="CLAIMS", help="a name in .parquet, .csv or .jsonl"
    )
    impact.add_argument("--json", action="store_true", help="give the counts as JSON")
    impact.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots")
    impact.add_argument(
        "--rows",
        type=Path,
        metavar="FILE",
        help="write the lines that flip, Parquet; it names them, and is for use inside",
    )
    impact.add_argument(
        "--rejects",
        type=Path,
        metavar="FILE",
        help="the rows refused, JSON lines; by default beside --rows",
    )
    impact.add_argument(
        "--suppress",
        type=_threshold,
        default=11,
        metavar="N",
        help="hide counts below N (default: 11); 1 hides none",
    )
    impact.add_argument(
        "--by-date",
        action="store_true",
        help="answer each line by the version in force on its day, as `batch` does",
    )
    impact.set_defaults(run=commands.impact)

    schema = of_whole.add_parser("schema", help="print a JSON Schema (draft 2020-12)")
    schema.add_argument("what", choices=("request", "determination", "case"), metavar="WHAT",
                        help="request, determination or case")  # fmt: skip
    schema.add_argument(
        "--policy", type=Path, metavar="POLICY", help="a policy's folder: add its facts"
    )
    schema.set_defaults(run=commands.schema)
    return whole


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write it as YYYY-MM-DD") from None


def _threshold(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)
