"""Read the coding section of a clinical guideline, as text, into data: JSON to stdout.

    python tools/read_coding_section.py CG-SURG-106.txt --on 2020-02-05 > coding.json

The section says by outcome, then by code system, which codes belong. A procedure row has a range
as its caption, a vessel, and the list of its members; a diagnosis row has a code or a range. The
list of members wins over the range: where they differ, the row says so. `--on` is the day on
which ranges are expanded: the day the text was published.

The reader takes the codes and facts, and leaves the sentences: of CPT, only the codes. It
survives the slips of a typist (doubled commas, blanks before commas, a missing word, `&`, lists
broken across pages) and reports each with its row under `slips`. Text that fits no row is an
error with its line, so that nothing is lost in silence.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from medpolicy.codes import (
    SOURCE,
    CodeFormError,
    CodeStatus,
    CodeSystem,
    expand_range,
    status,
    windows,
)

PCS = CodeSystem.ICD_10_PCS
CM = CodeSystem.ICD_10_CM

SECTION = re.compile(r"Coding")
SECTION_END = re.compile(r"Discussion/General Information")
NECESSARY = re.compile(r"When services are Medically Necessary:")
OTHERWISE = re.compile(r"When services are Investigational and Not Medically Necessary:")
ALSO_INVESTIGATIONAL = re.compile(r"When services are also Investigational and Not .*:")
HEADINGS = {"CPT": "cpt", "ICD-10 Procedure": "procedure", "ICD-10 Diagnosis": "diagnosis"}
PAGE_FURNITURE = re.compile(r"(?:CPT Only\b.*)?\bPage \d+ of \d+|Clinical UM Guideline\b.*")

PROCEDURE_ROW = re.compile(r"([0-9A-HJ-NP-Z]{7})-([0-9A-HJ-NP-Z]{7}) Dilation of ")
PROCEDURE_CODE = re.compile(r"\b[0-9][0-9A-HJ-NP-Z]{6}\b")
DIAGNOSIS_ROW = re.compile(r"([A-Z]\d\w(?:\.\w{1,4})?)(?:-([A-Z]\d\w(?:\.\w{1,4})?))? (?=[A-Z])")
CPT_ROW = re.compile(r"(\d{5}) (?=[A-Z])")
VESSEL = re.compile(r"(?:(right|left) )?([a-z ]+?) ?\[")
BRACKET = re.compile(r"\[(.*?)\]")
LATE_NOTE = re.compile(r"Note: codes ending in (\w) effective (\d\d)/(\d\d)/(\d\d)\.")
EXPECTED_LEAD = re.compile(
    r"(?:right or left, )?by approach and with or without device(?: or drug-coated balloon)?"
    r"[,;] includes codes (?=[0-9])"
)
SLIPS = (
    (re.compile(r", ?,"), "a comma is doubled"),
    (re.compile(r"\w ,"), "a blank stands before a comma"),
    (re.compile(r"\w \]"), "a blank stands before the bracket"),
    (re.compile(r" & "), "`&` stands for `and`"),
    (re.compile(r"includes (?!codes\b)"), "the word `codes` is missing"),
)


class SectionError(Exception):
    """The text is not a coding section as this tool knows it; the message names the line."""


@dataclass(slots=True)
class Block:
    """The rows of one code system under one outcome: each row's text on one line."""

    rows: list[str] = field(default_factory=list)


Blocks = dict[str, Block]
"""Heading, as `HEADINGS` names it, to its rows."""


def section_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of the section with their numbers, without blanks and page furniture."""
    inside = False
    for number, raw in enumerate(text.replace("\f", "\n").splitlines(), start=1):
        line = " ".join(raw.split())
        if not inside:
            inside = SECTION.fullmatch(line) is not None
        elif SECTION_END.fullmatch(line):
            return
        elif line and not PAGE_FURNITURE.fullmatch(line):
            yield number, line
    raise SectionError("the text has no coding section that a discussion follows")


def blocks(lines: Iterable[tuple[int, str]]) -> tuple[Blocks, Blocks]:
    """Return the blocks of the necessary part and of the part that is also investigational."""
    necessary: Blocks = {}
    investigational: Blocks = {}
    part: Blocks | None = None
    heading: str | None = None
    row_starts = {"cpt": CPT_ROW, "procedure": PROCEDURE_ROW, "diagnosis": DIAGNOSIS_ROW}
    for number, line in lines:
        if NECESSARY.fullmatch(line):
            part, heading = necessary, None
        elif OTHERWISE.fullmatch(line):
            part, heading = None, None
        elif ALSO_INVESTIGATIONAL.fullmatch(line):
            part, heading = investigational, None
        elif part is not None and line in HEADINGS:
            heading = HEADINGS[line]
            part[heading] = Block()
        elif part is not None and heading is not None:
            rows = part[heading].rows
            if row_starts[heading].match(line):
                rows.append(line)
            elif rows:
                rows[-1] += " " + line
            else:
                raise SectionError(f"line {number}: text before the first row of a list")
    return necessary, investigational


def read_procedure(row: str, on: date) -> dict[str, Any]:
    """Return a procedure row: its range, vessel, members, and how they differ."""
    caption = PROCEDURE_ROW.match(row)
    vessel = VESSEL.match(row, caption.end()) if caption else None
    bracket = BRACKET.search(row)
    if caption is None or vessel is None or bracket is None:
        raise SectionError(f"a procedure row cannot be read: {row[:40]}...")
    first, last = caption.groups()
    inside = bracket.group(1)
    codes = PROCEDURE_CODE.findall(inside)
    strange = re.search(r"\S*\d\S*", PROCEDURE_CODE.sub("", inside))
    if strange:
        raise SectionError(f"row {first}-{last}: `{strange.group()}` is no code")
    expansion = set(expand_range(PCS, first, last, on))
    note = LATE_NOTE.search(row, bracket.end())
    late = None
    if note:
        ending, month, day, year = note.groups()
        late = {"ending": ending, "from": date(2000 + int(year), int(month), int(day)).isoformat()}
    stray = (
        (row[bracket.end() : note.start()] + row[note.end() :]) if note else row[bracket.end() :]
    )
    if stray.strip():
        raise SectionError(f"row {first}-{last}: text after its list: {stray.strip()[:40]}")
    return {
        "range": f"{first}-{last}",
        "vessel": vessel.group(2),
        "sides": vessel.group(1) or ("right or left" if "right or left" in inside else None),
        "body_parts": sorted({code[:4] for code in codes}),
        "drug_coated_balloon": "drug-coated balloon" in inside,
        "codes": codes,
        "repeated": sorted({code for code in codes if codes.count(code) > 1}),
        "late": late,
        "range_only": sorted(expansion - set(codes)),
        "list_only": sorted(set(codes) - expansion),
        "not_valid": [code for code in codes if status(PCS, code, on) is not CodeStatus.VALID],
    }


def slips_of(row: str) -> list[str]:
    """Return what is mistyped in a procedure row."""
    bracket = BRACKET.search(row)
    lead = bracket.group(1) if bracket else row
    found = [what for pattern, what in SLIPS if pattern.search(row)]
    if not found and not EXPECTED_LEAD.match(lead):
        found.append("the words before the list differ from the other rows")
    return found


def ever_in_range(first: str, last: str) -> list[str]:
    """Return the codes of a range that were valid on the first of any month covered."""
    found: set[str] = set()
    on = SOURCE.covered_from
    while on <= SOURCE.covered_to:
        found.update(expand_range(CM, first, last, on))
        on = (on.replace(day=1) + timedelta(days=32)).replace(day=1)
    return sorted(found)


def read_diagnosis(row: str, on: date) -> dict[str, Any]:
    """Return a diagnosis row: its codes on the day, and those that came or went at other times."""
    caption = DIAGNOSIS_ROW.match(row)
    if caption is None:
        raise SectionError(f"a diagnosis row cannot be read: {row[:40]}...")
    first, last = caption.group(1), caption.group(2)
    specified = re.search(r"\[specified as (.*?)\]", row)
    now = expand_range(CM, first, last or first, on)
    later: dict[str, str] = {}
    earlier: dict[str, str] = {}
    ended: dict[str, str] = {}
    for code in ever_in_range(first, last or first):
        for window in windows(CM, code):
            if window.start > on:
                later[code] = window.start.isoformat()
            elif window.end is not None:
                (ended if on in window else earlier)[code] = window.end.isoformat()
    return {
        "range": f"{first}-{last}" if last else first,
        "specified_as": specified.group(1) if specified else None,
        "codes": list(now),
        "later": later,
        "ended": ended,
        "earlier": earlier,
    }


def read_part(part: Blocks, on: date) -> dict[str, Any]:
    """Return one outcome's rows by code system."""
    missing = [name for name, key in HEADINGS.items() if key not in part or not part[key].rows]
    if missing:
        raise SectionError(f"no rows under {' and '.join(missing)}")
    rows = part["procedure"].rows
    return {
        "cpt": [row.split(maxsplit=1)[0] for row in part["cpt"].rows],
        "pcs": [read_procedure(row, on) for row in rows],
        "diagnoses": [read_diagnosis(row, on) for row in part["diagnosis"].rows],
        "slips": [
            {"row": row.split(maxsplit=1)[0], "slip": slip}
            for row in rows
            for slip in slips_of(row)
        ],
    }


def read_section(text: str, on: date) -> dict[str, Any]:
    """Return the whole section: the necessary part on top, the intracranial part below it."""
    necessary, investigational = (read_part(part, on) for part in blocks(section_lines(text)))
    everything = [*necessary["pcs"], *investigational["pcs"]]
    return {
        "on": on.isoformat(),
        "tables": f"{SOURCE.package} {SOURCE.version}",
        **necessary,
        "intracranial": investigational,
        "summary": {
            "pcs_ranges": len(necessary["pcs"]),
            "pcs_codes": len({code for row in everything for code in row["codes"]}),
            "differing": [
                row["range"] for row in everything if row["range_only"] or row["list_only"]
            ],
        },
    }


def main() -> int:
    """Read a guideline and print its coding section; return the exit status."""
    parser = argparse.ArgumentParser(description="Read a guideline's coding section into JSON.")
    parser.add_argument("guideline", type=Path, help="the guideline as text, UTF-8")
    parser.add_argument(
        "--on", type=date.fromisoformat, required=True, help="day on which ranges are expanded"
    )
    arguments = parser.parse_args()
    try:
        content = read_section(arguments.guideline.read_text(encoding="utf-8"), arguments.on)
    except (OSError, UnicodeDecodeError, SectionError, CodeFormError) as error:
        print(f"read_coding_section: {error}", file=sys.stderr)
        return 2
    json.dump(content, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
