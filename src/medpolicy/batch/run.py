"""A claims file to determinations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from os.path import realpath
from pathlib import Path

from medpolicy.batch.claims import chunks, ending_of
from medpolicy.batch.output import Rejects, writing
from medpolicy.batch.tables import Answered, answered
from medpolicy.files import replaced
from medpolicy.problems import Problem, RequestError
from medpolicy.versions import AnyPolicy


@dataclass(slots=True)
class Summary:
    """What came out: lines by disposition and criterion, and rows refused.

    A line without a criterion is counted under None.
    """

    lines: int = 0
    rows: int = 0
    rejected: int = 0
    outcomes: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def add(self, rows: int, found: Answered) -> None:
        """Count what came of so many rows."""
        self.rows += rows
        self.lines += found.answers.num_rows
        self.rejected += len(found.rejects)
        outcomes = found.answers.group_by(["disposition", "criterion"])
        for each in outcomes.aggregate([([], "count_all")]).to_pylist():
            self.outcomes[each["disposition"], each["criterion"]] += each["count_all"]

    def render(self) -> str:
        """Return it as a table for people, the most frequent first."""
        width = max((len(disposition) for disposition, _ in self.outcomes), default=11)
        rows = [f"{'disposition':{width}}  {'criterion':9}  {'lines':>12}"]
        rows += [
            f"{disposition:{width}}  {criterion or '-':9}  {count:>12,}"
            for (disposition, criterion), count in sorted(
                self.outcomes.items(), key=lambda each: (-each[1], each[0][0], each[0][1] or "")
            )
        ]
        rows.append(f"{self.rows:,} rows: {self.lines:,} lines answered, {self.rejected:,} refused")
        return "\n".join(rows)


def checked(source: Path, target: Path, rejects: Path | None) -> Path:
    """Return where rows refused go. Raises `RequestError` for names that cannot be."""
    ending_of(source)
    ending_of(target)
    refused = rejects or target.with_name(f"{target.stem}.rejects.jsonl")
    if len({*map(realpath, (source, target, refused))}) < 3:
        message = "is read and written, or written twice"
        raise RequestError([Problem(str(target), message, "name another file")])
    return refused


def run(
    policy: AnyPolicy,
    source: Path,
    target: Path,
    rejects: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Answer the lines of `source` by `policy`, into `target`; return what came out.

    Rows that cannot be read go to `rejects`, by default beside the target, as JSON lines with
    their number and the reason; without any there is no such file. `progress` is told of rows
    done. Both files take their place when all is done, and are nowhere before. Raises
    `RequestError` for a file that cannot be read at all, `PolicyError` as `determine` does,
    `OSError`.
    """
    refused = checked(source, target, rejects)
    summary = Summary()
    with replaced(target) as part, refusing(refused) as rejecting, writing(part, target) as writer:
        for rows, found in answered(policy, chunks(source, policy.facts)):
            summary.add(rows, found)
            if found.answers.num_rows:
                writer.write(found.answers)
            rejecting.write(found.rejects)
            progress(rows)
    return summary


@contextmanager
def refusing(target: Path) -> Iterator[Rejects]:
    """Give what writes refused rows; an older file of them goes where there are none."""
    with replaced(target) as part:
        part.touch()
        rejecting = Rejects(part)
        yield rejecting
    if not rejecting.count:
        target.unlink()
