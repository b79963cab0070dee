"""The command `pydmn`: parse the command line, call the package, print.

    pydmn eval MODEL... --decision NAME --input FILE|-    one answer, as JSON
    pydmn feel EXPRESSION [--context FILE|JSON]           one expression's value, as JSON
    pydmn check MODEL...                                  every diagnostic of each model
    pydmn verify MODEL... [--json|--sarif FILE]           what is proved and found of each table
    pydmn diff OLD NEW --decision NAME [--json]           where two versions answer differently
    pydmn tck FOLDER [--csv FILE]                         the conformance kit

Exit status: 0 well; 1 `check` or `verify` found an error, the versions of `diff` are not proved
equal, or a conformance case failed; 2 the input is bad; 130 stopped from the keyboard.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pydmn
from pydmn.diagnostics import Diagnostic, Severity
from pydmn.errors import InputError, PydmnError
from pydmn.feel.json_text import read_json, write_json

WELL: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv`, or the process's own arguments; return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except PydmnError as error:
        _complain(error)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader left, as `head` does. Python flushes once more at exit: give it a sink.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        print(f"pydmn: {_os_message(error)}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pydmn", description="Evaluate and check DMN models and FEEL expressions."
    )
    parser.add_argument("--version", action="version", version=f"pydmn {pydmn.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    evaluate = commands.add_parser("eval", help="evaluate a decision and print its value as JSON")
    evaluate.add_argument(
        "models", nargs="+", metavar="MODEL", help="a DMN file or a folder; the first is the main"
    )
    evaluate.add_argument(
        "--decision",
        required=True,
        metavar="NAME",
        help="a decision, decision service or business knowledge model",
    )
    evaluate.add_argument(
        "--input", metavar="FILE", help="a JSON object of inputs by name; - for standard input"
    )
    evaluate.add_argument(
        "--trace", action="store_true", help="print the rules hit and the reasons for a null too"
    )
    evaluate.set_defaults(run=_eval)

    expression = commands.add_parser("feel", help="evaluate a FEEL expression, print it as JSON")
    expression.add_argument("expression", metavar="EXPRESSION")
    expression.add_argument(
        "--context", metavar="FILE|JSON", help="a JSON object of variables; - for standard input"
    )
    expression.set_defaults(run=_feel)

    check = commands.add_parser("check", help="print every diagnostic of each model")
    check.add_argument("models", nargs="+", metavar="MODEL", help="a DMN file or a folder")
    check.set_defaults(run=_check)

    verify = commands.add_parser("verify", help="print what is proved and found of each table")
    verify.add_argument(
        "models", nargs="+", metavar="MODEL", help="a DMN file or a folder; the first is the main"
    )
    verify.add_argument("--json", action="store_true", help="print an object a table, in a list")
    verify.add_argument(
        "--sarif", metavar="FILE", help="write the findings for code review; - for standard output"
    )
    verify.add_argument("--notes", action="store_true", help="print notes too, not only count them")
    verify.set_defaults(run=_verify)

    versions = commands.add_parser("diff", help="print where two versions answer differently")
    versions.add_argument("old", metavar="OLD", help="a DMN file or a folder")
    versions.add_argument("new", metavar="NEW", help="a DMN file or a folder")
    versions.add_argument(
        "--decision",
        required=True,
        metavar="NAME",
        help="a decision, decision service or business knowledge model of both",
    )
    versions.add_argument("--json", action="store_true", help="print one object")
    versions.set_defaults(run=_diff)

    kit = commands.add_parser("tck", help="run the DMN Technology Compatibility Kit")
    kit.add_argument("folder", type=Path, metavar="FOLDER", help="the kit's `TestCases`")
    kit.add_argument("--csv", type=Path, metavar="FILE", help="write the result file too")
    kit.set_defaults(run=_tck)
    return parser


# --- the commands ---------------------------------------------------------------------


def _eval(arguments: argparse.Namespace) -> int:
    inputs = _object(arguments.input, "--input") if arguments.input is not None else {}
    model = pydmn.load(arguments.models)
    result = model.evaluate(arguments.decision, inputs)
    _print_diagnostics(result.diagnostics)
    print(write_json(_traced(result) if arguments.trace else result.value, indent=2))
    return WELL


def _traced(result: pydmn.Result) -> dict[str, Any]:
    """Return the value with what happened on the way, as JSON holds it."""
    return {
        "value": result.value,
        "decisions": [
            {
                "decision": hit.decision,
                "rules": hit.rules,
                "inputs": hit.inputs,
                "value": hit.value,
            }
            for hit in result.trace.hits
        ],
        "notes": [
            {"code": note.code, "decision": note.decision, "message": note.message}
            for note in result.trace.notes
        ],
        "notes dropped": result.trace.dropped,
    }


def _feel(arguments: argparse.Namespace) -> int:
    given = arguments.context
    if given is None:
        context = {}
    elif given.lstrip().startswith("{"):
        context = _parsed_object(given, "--context")
    else:
        context = _object(given, "--context")
    trace = pydmn.Trace()
    value = pydmn.feel(arguments.expression, context, trace=trace)
    if value is None:
        for note in trace.notes:
            print(f"null: {note.message}", file=sys.stderr)
    print(write_json(value, indent=2))
    return WELL


def _check(arguments: argparse.Namespace) -> int:
    found: dict[Diagnostic, None] = {}  # a set in order: files may import the same model
    unreadable = 0
    for path in arguments.models:
        try:
            found.update(dict.fromkeys(pydmn.load(path).diagnostics))
        except OSError as error:
            unreadable += 1
            print(f"{_os_message(error)}\n")
        except PydmnError as error:
            unreadable += 1
            found.update(
                dict.fromkeys(error.diagnostics or [Diagnostic("model", f"{path}: {error}")])
            )
    for diagnostic in found:
        print(f"{_rendered(diagnostic)}\n")
    errors = sum(each.severity is Severity.ERROR for each in found)
    print(
        f"{_counted(len(arguments.models), 'model')}, {unreadable} not readable: "
        f"{_counted(errors, 'error')}, {_counted(len(found) - errors, 'warning')}"
    )
    if unreadable:
        return BAD_INPUT
    return FAILED if errors else WELL


def _verify(arguments: argparse.Namespace) -> int:
    from pydmn.verify import reports  # of use to two commands alone

    if arguments.json and arguments.sarif == "-":
        raise InputError("`--json` and `--sarif -` would both be printed: choose one, or a file")
    model = pydmn.load(arguments.models)
    broken = [each for each in model.diagnostics if each.severity is Severity.ERROR]
    _print_diagnostics(broken)
    tables = model.verify()
    if arguments.sarif is not None:
        log = write_json(reports.sarif(tables, pydmn.__version__), indent=2)
        if arguments.sarif == "-":
            print(log)
        else:
            Path(arguments.sarif).write_text(f"{log}\n", encoding="utf-8")
    if arguments.json:
        print(write_json([reports.json_object(table) for table in tables], indent=2))
    elif arguments.sarif != "-":
        _print_tables(tables, notes=arguments.notes)
    return FAILED if broken or not all(table.sound for table in tables) else WELL


def _print_tables(tables: Sequence[pydmn.VerifiedTable], *, notes: bool) -> None:
    counts = dict.fromkeys(Severity, 0)
    for table in tables:
        proved = ", ".join(table.proved).replace("-", " ")
        print(f"{table.decision}: {f'proved: {proved}' if proved else 'nothing proved'}")
        for finding in table.findings:
            counts[finding.severity] += 1
            if notes or finding.severity is not Severity.NOTE:
                verdict = "" if finding.verdict is pydmn.Verdict.PROVED else f", {finding.verdict}"
                print(f"    {finding.severity} {finding.code}{verdict}: {finding.message}")
    told = ", ".join(_counted(count, severity.value) for severity, count in counts.items())
    print(f"{_counted(len(tables), 'table')}: {told}")


def _diff(arguments: argparse.Namespace) -> int:
    from pydmn.verify import reports  # of use to two commands alone

    old, new = pydmn.load(arguments.old), pydmn.load(arguments.new)
    found = pydmn.diff(old, new, arguments.decision)
    if arguments.json:
        print(write_json(reports.difference_object(found), indent=2))
    else:
        for line in reports.difference_lines(found):
            print(line)
    return WELL if found.equal else FAILED


def _tck(arguments: argparse.Namespace) -> int:
    from pydmn import tck  # its Java methods and reader are of no use to the other commands

    report = tck.run(arguments.folder)
    if arguments.csv is not None:
        report.write_csv(arguments.csv)
    for outcome in report.failed:
        print(f"{outcome.case.label}: {outcome.message}")
    print(f"{_counted(len(report.tolerant), 'case')} equal within {tck.TOLERANCE:f}, not exactly:")
    for outcome in report.tolerant:
        print(f"    {outcome.case.label}")
    if (arguments.folder / tck.APART).is_dir():
        print(f"{tck.APART}: {tck.run(arguments.folder, (tck.APART,)).summary}")
    print(report.summary)
    return FAILED if report.failed else WELL


# --- edges ----------------------------------------------------------------------------


def _object(path: str, option: str) -> dict[str, Any]:
    """Return the JSON object in a file, or on standard input for `-`."""
    data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    return _parsed_object(data, option if path == "-" else path)


def _parsed_object(content: bytes | str, name: str) -> dict[str, Any]:
    try:
        value = read_json(content)
    except InputError as error:
        raise InputError(f"{name}: {error.message}") from error
    if not isinstance(value, dict):
        raise InputError(f'{name}: expected a JSON object, as in {{"Age": 42}}')
    return value


def _complain(error: PydmnError) -> None:
    """Print an error with its diagnostics; its message alone where there are none."""
    if error.diagnostics:
        _print_diagnostics(error.diagnostics)
    else:
        print(f"pydmn: {error.message}", file=sys.stderr)


def _print_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        print(_rendered(diagnostic), file=sys.stderr)


def _rendered(diagnostic: Diagnostic) -> str:
    """Return a diagnostic as lines, one that is no error marked so."""
    lines = diagnostic.render()
    return lines if diagnostic.severity is Severity.ERROR else f"{diagnostic.severity}: {lines}"


def _os_message(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename is not None else reason


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
