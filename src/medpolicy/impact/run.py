"""A claims file through two versions, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path
from typing import Any

from medpolicy.batch.claims import chunks, columns_of
from medpolicy.batch.requests import Reject
from medpolicy.batch.run import refusing
from medpolicy.files import replaced
from medpolicy.impact.comparing import Compared, compared
from medpolicy.impact.flips import check_name, flips_schema, flips_writer
from medpolicy.impact.pair import Pair
from medpolicy.impact.report import Report, report_of
from medpolicy.impact.tally import Tally
from medpolicy.problems import Problem, RequestError


@dataclass(frozen=True, slots=True)
class Files:
    """The files to write: a page, the flipped lines, and the rows refused.

    Without a name for the rows refused they stand beside the flipped lines, if those are written.
    """

    html: Path | None = None
    flips: Path | None = None
    rejects: Path | None = None

    def named_for(self, claims: Path) -> Files:
        """Return the files with all their names; raises `RequestError` for what cannot be."""
        if self.flips is not None:
            check_name(self.flips)
        if self.html is not None and self.html.suffix.lower() != ".html":
            raise RequestError([Problem(str(self.html), "is not named .html", "name it so")])
        rejects = self.rejects
        if rejects is None and self.flips is not None:
            rejects = self.flips.with_name(f"{self.flips.stem}.rejects.jsonl")
        given = [each for each in (claims, self.html, self.flips, rejects) if each is not None]
        resolved = [realpath(each) for each in given]
        for place, path in enumerate(resolved):
            if path in resolved[:place]:
                message = "is read and written, or written twice"
                raise RequestError([Problem(str(given[place]), message, "name another file")])
        return Files(self.html, self.flips, rejects)


def run(
    pair: Pair,
    claims: Path,
    below: int,
    files: Files,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Compare the answers of two versions to the lines of a file; return what leaves.

    Counts under `below` are hidden in the report and in the page, not in the flipped lines.
    `progress` is told of rows done. Files take their place when all is done, and are nowhere
    before. Raises `RequestError` for a file that cannot be read at all, `PolicyError` as
    `Policy.determine` does, `OSError`, and `ImportError` where what a page needs is not there.
    """
    named = files.named_for(claims)
    page = _page() if named.html is not None else None
    tally = Tally()
    with ExitStack() as stack:
        html = None if named.html is None else stack.enter_context(replaced(named.html))
        flips = None
        if named.flips is not None:
            flips = stack.enter_context(flips_writer(stack.enter_context(replaced(named.flips))))
        rejects = None if named.rejects is None else stack.enter_context(refusing(named.rejects))
        read = chunks(claims, pair.facts)
        for found in compared(pair, read, with_flips=flips is not None):
            tally.add(found.tally)
            if flips is not None and found.flips is not None:
                flips.write_table(found.flips.cast(flips_schema()))
            if rejects is not None:
                rejects.write(list(_refused(found)))
            progress(found.tally.rows)
        columns = columns_of(claims)
        never = () if columns is None else pair.without_column(columns)
        report = report_of(pair, tally, below, never)
        if html is not None and page is not None:
            html.write_text(page(report), encoding="utf-8", newline="\n")
    return report


def _page() -> Callable[[Report], str]:
    """Return what makes the page; raises `ImportError` without what that needs."""
    from medpolicy.impact.to_html import to_html

    return to_html


@dataclass(frozen=True, slots=True)
class RefusedBy(Reject):
    """A row that is not answered, and by which versions."""

    by: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**Reject.to_dict(self), "by": list(self.by)}


def _refused(found: Compared) -> Iterator[RefusedBy]:
    """Yield the rows refused; one that both refuse for one reason comes once."""
    old = {each.row: each for each in found.old_rejects}
    new = {each.row: each for each in found.new_rejects}
    for row in sorted({*old, *new}):
        if old.get(row) == new.get(row):
            yield _by(old[row], "old", "new")
            continue
        for version, rejects in (("old", old), ("new", new)):
            if row in rejects:
                yield _by(rejects[row], version)


def _by(reject: Reject, *versions: str) -> RefusedBy:
    return RefusedBy(reject.row, reject.request_id, reject.line_id, reject.problem, versions)
