"""The commands of `medpolicy`: each calls the package, prints, and returns the exit status."""

from __future__ import annotations

import argparse
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
from medpolicy.cli.exits import BAD_INPUT, DIFFERENT, INTERRUPTED, WELL, complain
from medpolicy.files import replaced
from medpolicy.problems import Problem, RequestError
from medpolicy.requests import Answer, answer, answers, json_lines, parsed
from medpolicy.versions import AnyPolicy, version_on

if TYPE_CHECKING:
    from medpolicy.changes import Comparison
    from medpolicy.explain import Style

_MAX_WIDTH: Final = 100


def determine(arguments: argparse.Namespace) -> int:
    """Answer requests."""
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
        complain([Problem(where, f"{bad} of {len(lines)} requests have an error")])
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


def ask_next(arguments: argparse.Namespace) -> int:
    """Say what to ask next about a request."""
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


def interview(arguments: argparse.Namespace) -> int:
    """Ask at a terminal, and determine."""
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
        complain([Problem("", "stopped before there was a request to determine")])
        return stopped or BAD_INPUT
    return stopped


def check(arguments: argparse.Namespace) -> int:
    """Say everything that is wrong with a policy."""
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


def suggest(arguments: argparse.Namespace) -> int:
    """Write the cases that a policy lacks."""
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


def diff(arguments: argparse.Namespace) -> int:
    """Say what changed between two versions."""
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


def document(arguments: argparse.Namespace) -> int:
    """Print a policy as a document."""
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


def batch(arguments: argparse.Namespace) -> int:
    """Answer a file of claim lines."""
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


def impact(arguments: argparse.Namespace) -> int:
    """Say what another version means for a file of claims."""
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


def schema(arguments: argparse.Namespace) -> int:
    """Print a JSON Schema."""
    from medpolicy.schema import SCHEMAS  # of no use to the other commands

    policy = None if arguments.policy is None else medpolicy.load(arguments.policy)
    print(pydmn.write_json(SCHEMAS[arguments.what](policy), indent=2))
    return WELL


def _free(folder: Path, name: str) -> Path:
    """Return the first of `name.json`, `name-2.json` and so on that is not there."""
    target, number = folder / f"{name}.json", 1
    while target.exists():
        number += 1
        target = folder / f"{name}-{number}.json"
    return target
