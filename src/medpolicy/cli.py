"""The command `medpolicy`: parse the command line, call the package, print.

    medpolicy determine POLICY REQUEST|-      what the policy answers, as JSON or in words
    medpolicy next POLICY REQUEST|-           what to ask next, and what could decide
    medpolicy interview POLICY [REQUEST]      one question after another, at a terminal
    medpolicy check POLICY [--cases DIR]      everything that is wrong with a policy, at once
    medpolicy cases suggest POLICY [-o DIR]   the cases that a policy lacks, to be answered
    medpolicy diff OLD NEW                    what changed between two versions, in meaning
    medpolicy batch POLICY CLAIMS -o FILE     a file of claim lines, answered
    medpolicy impact OLD NEW CLAIMS           what another version means for claims
    medpolicy document POLICY --to FILE       the policy as HTML or PDF
    medpolicy schema WHAT [--policy POLICY]   JSON Schemas

Exit status: 0 well, and of `diff` that the two are equal in meaning; 1 of `diff` that they differ,
or that it is not decided; 2 the input is bad, or `check` found a problem; 130 stopped from the
keyboard; 141 the reader of the output left.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import medpolicy
import pydmn
from medpolicy.files import replaced
from medpolicy.problems import MedpolicyError, Problem, RequestError
from medpolicy.requests import Answer, answer, answers, json_lines, parsed
from medpolicy.versions import AnyPolicy, version_on

if TYPE_CHECKING:
    from medpolicy.changes import Comparison
    from medpolicy.explain import Style

WELL: Final = 0
DIFFERENT: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE

_MAX_WIDTH: Final = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv`, or the process's own arguments; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # The same bytes whatever the locale is.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", newline="\n")
    try:
        arguments = _parser().parse_args(argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except MedpolicyError as error:
        _complain(error.problems)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader left, as `head` does. Python flushes once more at exit: give it a sink.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        _complain([Problem(str(error.filename or ""), error.strerror or str(error))])
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medpolicy",
        description="Clinical policy as code: determine requests by a policy folder, check the "
        "folder, print it as a document. Software never denies.",
    )
    parser.add_argument("--version", action="version", version=f"medpolicy {medpolicy.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    determine = commands.add_parser(
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
    determine.set_defaults(run=_determine)

    next_ = commands.add_parser(
        "next",
        help="say what to ask next about a request",
        description="Say of each line of a request, JSON, which question settles most, and which "
        "facts could decide it.",
    )
    next_.add_argument("policy", type=Path, metavar="POLICY", help="a policy's folder")
    next_.add_argument("request", metavar="REQUEST", help="a file, JSON; - for standard input")
    next_.add_argument("--json", action="store_true", help="give it as JSON")
    next_.set_defaults(run=_next)

    interview = commands.add_parser(
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
    interview.set_defaults(run=_interview)

    check = commands.add_parser(
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
    check.set_defaults(run=_check)

    cases = commands.add_parser("cases", help="suggest the cases that a policy lacks")
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
    suggest.set_defaults(run=_suggest)

    diff = commands.add_parser(
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
    diff.set_defaults(run=_diff)

    document = commands.add_parser(
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
    document.set_defaults(run=_document)

    batch = commands.add_parser(
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
    batch.set_defaults(run=_batch)

    impact = commands.add_parser(
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
    impact.set_defaults(run=_impact)

    schema = commands.add_parser("schema", help="print a JSON Schema (draft 2020-12)")
    schema.add_argument("what", choices=("request", "determination", "case"), metavar="WHAT",
                        help="request, determination or case")  # fmt: skip
    schema.add_argument(
        "--policy", type=Path, metavar="POLICY", help="a policy's folder: add its facts"
    )
    schema.set_defaults(run=_schema)
    return parser


# --- the commands ---------------------------------------------------------------------


def _determine(arguments: argparse.Namespace) -> int:
    policy = medpolicy.load(arguments.policy)
    name = arguments.request
    data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    where = "standard input" if name == "-" else name
    lines = json_lines(data, name)
    if lines is None:
        found = answer(policy, data, where, trace=arguments.trace)
        if arguments.explain:
            print(_explained(policy, Answer(found.id, found)))
        else:
            print(pydmn.write_json(found.to_dict(), indent=2))
        return WELL
    if not lines:
        raise RequestError([Problem(where, "holds no request", "give a JSON object a line")])
    bad = 0
    for number, each in enumerate(answers(policy, lines, trace=arguments.trace)):
        bad += each.error is not None
        if arguments.explain:
            print(f"{'' if number == 0 else chr(10)}{_explained(policy, each)}")
        else:
            print(pydmn.write_json(each.to_dict()))
    if bad:
        _complain([Problem(where, f"{bad} of {len(lines)} requests have an error")])
    return BAD_INPUT if bad else WELL


def _explained(policy: AnyPolicy, each: Answer) -> str:
    from medpolicy.explain import explain  # only people need its words

    if each.determination is None:
        problems = each.error.problems if each.error is not None else ()
        return "\n".join(["A request that cannot be answered", *map(Problem.render, problems)])
    return explain(policy, each.determination, _style())


def _style() -> Style:
    from medpolicy.explain import Style

    width = min(shutil.get_terminal_size((80, 24)).columns, _MAX_WIDTH)
    on_terminal = sys.stdout.isatty()
    colour = on_terminal and not os.environ.get("NO_COLOR")
    return Style(width if on_terminal else 80, colour)


def _next(arguments: argparse.Namespace) -> int:
    from medpolicy.questions import open_lines

    policy = medpolicy.load(arguments.policy)
    name = arguments.request
    data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    read = parsed(data, "standard input" if name == "-" else name)
    request = policy.read(read)
    lines = open_lines(policy, request)
    if arguments.json:
        found = {"id": request.id, "lines": [line.to_dict() for line in lines]}
        print(pydmn.write_json(found, indent=2))
    else:
        width = _style().width
        print("\n\n".join("\n".join(line.lines(width)) for line in lines))
    return WELL


def _interview(arguments: argparse.Namespace) -> int:
    from medpolicy.interview import Stopped, interview  # it needs a person

    policy = medpolicy.load(arguments.policy)
    given = arguments.request
    request = None if given is None else parsed(given.read_bytes(), str(given))
    stopped = WELL

    def ask(prompt: str) -> str:
        nonlocal stopped
        try:
            return input(prompt)
        except KeyboardInterrupt:
            stopped = INTERRUPTED
            raise

    try:
        interview(policy, request, ask, print, _style())
    except Stopped:
        _complain([Problem("", "stopped before there was a request to determine")])
        return stopped or BAD_INPUT
    return stopped


def _check(arguments: argparse.Namespace) -> int:
    from medpolicy.check import check  # it needs the documents, and they their templates

    target: Path | None = arguments.html
    with ExitStack() as stack:
        # A page that cannot be written is said before the policy is checked.
        part = None if target is None else stack.enter_context(replaced(target))
        report = check(arguments.policy, arguments.cases, every_code=arguments.every_code)
        print(report.render())
        if part is not None:
            page = report.page()
            if page is None:
                raise RequestError([Problem(str(target), "not written: there is nothing to show")])
            part.write_text(page, encoding="utf-8")
    return WELL if report.sound else BAD_INPUT


def _suggest(arguments: argparse.Namespace) -> int:
    from medpolicy.cases import laid_out
    from medpolicy.suggest import known_cases, suggest

    policy = medpolicy.load(arguments.policy)
    folder: Path | None = arguments.output
    known = known_cases(policy, [] if folder is None or not folder.is_dir() else [folder])
    found = suggest(policy, known, every_code=arguments.every_code)
    text = laid_out(found.cases)
    for what, why in found.unreachable:
        print(f"unreachable: {what}: {why}", file=sys.stderr)
    for what, why in found.undecided:
        print(f"NOT DECIDED: {what}: {why}", file=sys.stderr)
    if folder is None:
        print(text)
        return WELL
    if not found.cases:
        print("nothing to suggest")
        return WELL
    if not folder.is_dir() and folder.parent.is_dir():
        folder.mkdir()
    target = _free(folder, "suggested")
    with replaced(target) as part:
        part.write_text(f"{text}\n", encoding="utf-8")
    plural = "case" if len(found.cases) == 1 else "cases"
    print(f"{target}: {len(found.cases)} open {plural}; answer each, and argue it in `because`")
    return WELL


def _diff(arguments: argparse.Namespace) -> int:
    from medpolicy import changes  # it needs the solver, and templates

    bulletin: Path | None = arguments.bulletin
    if bulletin is not None:
        _printed_ending(bulletin)
    try:
        compared = changes.compare_folders(
            arguments.old, arguments.new, every_code=arguments.every_code
        )
    except ModuleNotFoundError as error:
        help_ = 'install what this needs: pip install "medpolicy[verify]"'
        raise RequestError([Problem("", f"cannot be done: {error}", help_)]) from error
    if bulletin is not None:
        from medpolicy import documents  # the templates, and Typst, are of no use elsewhere

        content = changes.bulletin(_one_to_print(compared))
        _printed(
            bulletin,
            arguments.new,
            lambda: documents.to_html(content),
            lambda: documents.to_pdf(content),
        )
    if arguments.json:
        print(pydmn.write_json(changes.to_dict(compared), indent=2))
    else:
        print(changes.render(compared, _style().width))
    return WELL if changes.overall(compared) else DIFFERENT


def _one_to_print(compared: Sequence[Comparison]) -> Comparison:
    """Return the one comparison that a bulletin is about."""
    other = [each for each in compared if each.equal is not True or each.changes]
    if len(other) > 1:
        pairs = ", ".join(f"{each.old.folder} {each.new.folder}" for each in other)
        help_ = f"give the folders of two versions: {pairs}"
        raise RequestError([Problem("", "several versions changed; a bulletin is of one", help_)])
    return (other or compared)[-1]


def _printed_ending(target: Path) -> str:
    ending = target.suffix.lower()
    if ending not in (".html", ".pdf"):
        raise RequestError([Problem(str(target), "is neither .html nor .pdf", "name it so")])
    return ending


def _printed(target: Path, policy: Path, html: Callable[[], str], pdf: Callable[[], bytes]) -> None:
    """Write a document; it appears when it is whole."""
    from medpolicy import documents

    try:
        data = html().encode("utf-8") if _printed_ending(target) == ".html" else pdf()
    except (documents.DocumentError, documents.MarkdownError, documents.TypesettingError) as error:
        raise medpolicy.PolicyError([Problem(str(policy), str(error))]) from error
    except ImportError as error:
        help_ = 'install what a PDF needs: pip install "medpolicy[pdf]"'
        raise RequestError([Problem(str(target), f"cannot be made: {error}", help_)]) from error
    with replaced(target) as part:
        part.write_bytes(data)


def _document(arguments: argparse.Namespace) -> int:
    from medpolicy import documents  # the templates, and Typst, are of no use elsewhere

    target: Path = arguments.to
    _printed_ending(target)
    whole = medpolicy.load(arguments.policy)
    day: date | None = arguments.date
    policy = whole.versions[-1] if day is None else version_on(whole, day)
    _printed(
        target,
        arguments.policy,
        lambda: documents.html(policy, day),
        lambda: documents.pdf(policy, day),
    )
    return WELL


def _batch(arguments: argparse.Namespace) -> int:
    extra = "frame" if arguments.spark is None else "spark"
    try:
        from tqdm import tqdm  # with Arrow, for files of claims only

        from medpolicy import batch
        from medpolicy.batch.claims import count

        policy = medpolicy.load(arguments.policy)
        total = count(arguments.claims)
        with ExitStack() as stack:
            run = batch.run
            if arguments.spark is not None:
                from medpolicy.batch.session import session

                context = session(arguments.spark, arguments.spark_log)
                run = partial(batch.run_on_spark, stack.enter_context(context))
            # To a terminal only; standard output has the summary.
            bar = stack.enter_context(
                tqdm(total=total, unit=" rows", disable=None, file=sys.stderr)
            )
            summary = run(policy, arguments.claims, arguments.output, arguments.rejects, bar.update)
    except ImportError as error:
        help_ = f'install what this needs: pip install "medpolicy[{extra}]"'
        raise RequestError([Problem("", f"cannot be done: {error}", help_)]) from error
    print(summary.render())
    return WELL


def _impact(arguments: argparse.Namespace) -> int:
    try:
        from tqdm import tqdm  # with Arrow, for files of claims only

        from medpolicy import impact
        from medpolicy.batch.claims import columns_of, count
        from medpolicy.impact.text import render

        pair = impact.read_pair(arguments.old, arguments.new, by_date=arguments.by_date)
        for note in pair.notes(columns_of(arguments.claims)):
            print(f"medpolicy: note: {note}", file=sys.stderr)
        files = impact.Files(arguments.html, arguments.rows, arguments.rejects)
        total = count(arguments.claims)
        with tqdm(total=total, unit=" rows", disable=None, file=sys.stderr) as bar:
            report = impact.run(pair, arguments.claims, arguments.suppress, files, bar.update)
    except ImportError as error:
        extra = "frame" if arguments.html is None else "impact"
        help_ = f'install what this needs: pip install "medpolicy[{extra}]"'
        raise RequestError([Problem("", f"cannot be done: {error}", help_)]) from error
    if arguments.json:
        print(pydmn.write_json(report.to_dict(), indent=2))
    else:
        print(render(report, _style().width))
    return WELL


def _schema(arguments: argparse.Namespace) -> int:
    from medpolicy.schema import SCHEMAS  # of no use to the other commands

    policy = None if arguments.policy is None else medpolicy.load(arguments.policy)
    print(pydmn.write_json(SCHEMAS[arguments.what](policy), indent=2))
    return WELL


# --- edges ----------------------------------------------------------------------------


def _free(folder: Path, name: str) -> Path:
    """Return the first of `name.json`, `name-2.json` and so on that is not there."""
    target, number = folder / f"{name}.json", 1
    while target.exists():
        number += 1
        target = folder / f"{name}-{number}.json"
    return target


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write it as YYYY-MM-DD") from None


def _threshold(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _complain(problems: Sequence[Problem]) -> None:
    """Print problems to standard error, each with its excerpt and its help."""
    for problem in problems:
        print(f"medpolicy: {problem.render()}", file=sys.stderr)
