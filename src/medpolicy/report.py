"""What `check` has to say of a policy: as lines for a terminal, and its coverage as a page."""

from __future__ import annotations

from dataclasses import dataclass

import pydmn
from medpolicy.coverage import Coverage
from medpolicy.documents.to_html import rendered
from medpolicy.findings import Finding
from medpolicy.problems import Problem


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what was found."""

    policy: str
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    cases: int = 0
    failed: int = 0
    criteria: int | None = None
    rows: int | None = None
    proved: int | None = None
    versions: tuple[Report, ...] = ()
    open: int = 0
    coverage: Coverage | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing has to be mended, in any version."""
        return not self.problems and all(each.sound for each in self.versions)

    def render(self) -> str:
        """Return the report as lines for a terminal; the last line sums it up."""
        parts = [f"{each.render()}\n" for each in self.versions]
        if self.problems:
            parts += ["Problems", "", *(f"{each.render()}\n" for each in self.problems)]
        # That a rule is never hit is said where the coverage is.
        of_coverage = () if self.coverage is None else self.coverage.findings
        findings = [each for each in self.findings if each not in of_coverage]
        if findings:
            parts += ["Findings", "", *(f"{each.render()}\n" for each in findings)]
        if self.coverage is not None:
            parts += ["Coverage", "", *self.coverage.lines(), ""]
        if self.open:
            verbs = "is open, and does" if self.open == 1 else "are open, and do"
            parts.append(f"{plural(self.open, 'case')} {verbs} not pass\n")
        return "\n".join([*parts, self.summary])

    def page(self) -> str | None:
        """Return the coverage as an HTML page that needs nothing else, beside the tables.

        None for a policy that could not be read.
        """
        parts = [each.coverage for each in (*self.versions, self) if each.coverage is not None]
        if not parts:
            return None
        return rendered(
            "coverage.html.j2",
            parts=parts,
            summary=self.summary,
            open=sum(each.open for each in (*self.versions, self)),
            sides=tuple(pydmn.Side),
        )

    @property
    def summary(self) -> str:
        """One line: the counts, and whether the policy is sound."""
        parts = (self, *self.versions)
        cases, open_ = sum(each.cases for each in parts), sum(each.open for each in parts)
        failed = sum(each.failed for each in parts)
        counts = [plural(len(self.versions), "version")] if self.versions else []
        counts.append(f"{cases - failed - open_} of {plural(cases, 'case')} pass")
        if self.criteria is not None and self.rows is not None:
            covered = f"{plural(self.criteria, 'criterion', 'criteria')}"
            counts.append(f"{covered} and {plural(self.rows, 'register row')} covered")
        proved = [each.proved for each in parts if each.proved is not None]
        if proved:
            counts.append(f"{plural(sum(proved), 'property', 'properties')} proved")
        counts.append(plural(sum(len(each.findings) for each in parts), "finding"))
        counts.append(plural(sum(len(each.problems) for each in parts), "problem"))
        return f"{self.policy}: {', '.join(counts)}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 case`, `2 cases`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
