"""A million records by columns and one by one, as a table in Markdown: `make agreement`."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

from agreement.subjects import NAMES, WORKLOADS, Agreement, compared, subject

SEED = 20_261_123
POLICY_ROWS = 50_000
WORKLOAD_ROWS = 130_000


def rows_of(name: str) -> int:
    """Return how many records a subject is asked."""
    return WORKLOAD_ROWS if name in WORKLOADS else POLICY_ROWS


def found(name: str) -> list[Agreement]:
    """Return how a subject's decisions fared."""
    return list(compared(subject(name), rows_of(name), SEED))


def main() -> int:
    """Print the table; 1 where a row has another answer by columns than by itself."""
    print("# Columns and records")
    print()
    print(
        "Generated records, each decided by `Model.evaluate_frame` with all others and by its own"
    )
    print("decision alone. They have nulls, empty lists, values at and beside every constant of a")
    print("model, and values that stand in no cell. Written by `make agreement`.")
    print()
    print("| model | decision | path | records | different answers | null | disagreements |")
    print("|---|---|---|---|---|---|---|")
    disagreements = 0
    with ProcessPoolExecutor() as pool:
        for fared in pool.map(found, NAMES):
            for each in fared:
                disagreements += len(each.wrong)
                print(
                    f"| {each.subject} | {each.decision} | {each.path} | {each.rows:,} |"
                    f" {each.different:,} | {each.nulls / each.rows:.0%} | {len(each.wrong)} |",
                    flush=True,
                )
                for row, answer, right in each.wrong[:1]:
                    print(f"{row}: {answer} by columns, {right} alone", file=sys.stderr)
    records = sum(map(rows_of, NAMES))
    print()
    print(f"{records:,} records, {disagreements} disagreements.")
    return int(disagreements > 0)


if __name__ == "__main__":
    sys.exit(main())
