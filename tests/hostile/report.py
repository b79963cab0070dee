"""The table of all hostile inputs under both sets of limits, as Markdown: `make hostile`.

What depends on the machine is given as bounds that were kept; outcomes are given exactly.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from hostile.corpus import FAMILIES, cases
from hostile.measure import LIMITS, MEGABYTES, SECONDS, results


def table(under: str, found: list[dict[str, Any]]) -> list[str]:
    """Return the lines for one set of limits: how each family ended, and its worst case."""
    lines = [
        f"## {under}: {SECONDS[under]} s and {MEGABYTES[under]:,} MB each",
        "",
        "| family | inputs | ended in | longest | largest |",
        "|---|---|---|---|---|",
    ]
    for family in FAMILIES:
        rows = [each for each in found if each["family"] == family]
        counted = Counter(each["ended"] for each in rows)
        ended = ", ".join(f"{count} {end}" for end, count in counted.most_common())
        seconds = max(each["seconds"] for each in rows)
        megabytes = max(each["megabytes"] for each in rows)
        lines.append(f"| {family} | {len(rows)} | {ended} | {seconds:.2f} s | {megabytes:.0f} MB |")
    problems = [each for each in found if each["problem"]]
    lines += ["", f"{len(found)} inputs, {len(problems)} problems."]
    lines += [f"- {each['family']}, {each['name']}: {each['problem']}" for each in problems]
    return [*lines, ""]


def main() -> int:
    """Print the table; 1 when there is a problem."""
    print("# Hostile inputs\n")
    print(
        f"{len(cases())} inputs of {len(FAMILIES)} families, each in a process of its own, in"
        " processor time after the imports. Written by `make hostile`.\n"
    )
    failed = False
    for under in LIMITS:
        found = list(results(under))
        print("\n".join(table(under, found)), flush=True)
        failed = failed or any(each["problem"] for each in found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
