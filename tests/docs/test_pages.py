"""The examples of the documentation run, and its links lead somewhere."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import pydmn
from pydmn import cli

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def names(pages: list[Path]) -> list[str]:
    return [page.name for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_examples_run(page, monkeypatch):
    monkeypatch.chdir(DOCS)
    test = doctest.DocTestParser().get_doctest(read(page), {}, page.name, str(page), 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of the pages with the output shown below it."""
    for page in PAGES:
        for block in CONSOLE.findall(read(page)):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield command, output


@pytest.mark.parametrize(("command", "output"), list(commands()))
def test_the_commands_print_what_is_shown(command, output, monkeypatch, capsys):
    monkeypatch.chdir(DOCS)
    program, *arguments = shlex.split(command)
    assert program == "pydmn"
    assert cli.main(arguments) == cli.WELL
    assert capsys.readouterr() == (output, "")


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_links_lead_somewhere(page):
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in read(page).splitlines()
        if line.startswith("#")
    }
    # What stands in code is no link: `[](a)` is FEEL.
    for link in LINK.findall(re.sub(r"`[^`\n]+`", "", read(page))):
        if link.startswith("#"):
            assert link[1:] in headings
        elif not link.startswith("https://"):
            assert (page.parent / link).is_file(), link


def test_every_limit_stands_on_the_page():
    named = re.findall(r"^\| `([a-z_]+)` \|", read(DOCS / "pydmn.md"), re.MULTILINE)
    assert named == [field.name for field in fields(pydmn.Limits)]


def test_every_error_stands_on_the_page():
    page = read(DOCS / "pydmn.md")
    errors = [
        name
        for name in pydmn.__all__
        if isinstance(each := getattr(pydmn, name), type) and issubclass(each, Exception)
    ]
    assert [name for name in errors if f"| `{name}` |" not in page] == []
