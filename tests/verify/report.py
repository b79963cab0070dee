"""Hold many random tables against brute force, time large ones, and write the results.

python -m verify.report [COUNT]
"""

from __future__ import annotations

import platform
import sys
import time
from collections import Counter

from tqdm import tqdm
from verify.large_grids import tables
from verify.table_claims import drawn_and_found
from verify.table_claims import wrong as claims_wrong

import pydmn

SIZES = (1_000, 10_000)


def main(count: int) -> int:
    """Print the results of `count` tables; return 1 where a verdict is wrong."""
    said: Counter[str] = Counter()
    proved: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in tqdm(range(count), mininterval=5, smoothing=0):
        drawn, model, found = drawn_and_found(seed)
        wrong += claims_wrong(seed, drawn, model, found)
        said.update(each.code for each in found.findings)
        proved.update(found.proved)
    print("# Tables verified\n")
    print(
        f"{count:,} random tables of up to six rules and three columns (seeds 0 to {count - 1:,}): "
        "every verdict held against going through all inputs, as "
        "[table_claims.py](table_claims.py) has it. A fifth may have cells that are no set of "
        "values; of those what is said has to be so, and something may stay unsaid. "
        f"**Wrong: {len(wrong)}.** `make verified` makes this page.\n"
    )
    for each in wrong:
        print(f"- {each}")
    _table("Said", said)
    _table("Proved", proved)
    print("## Large tables\n")
    print(
        "Four numeric columns of up to 2,001 atoms each and two of six listed values; seconds of "
        f"processor time for everything, best of three (of one above 1,000 rules). "
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}.\n"
    )
    print("| Table | Rules | Seconds | Findings |")
    print("| --- | --- | --- | --- |")
    for size in SIZES:
        for name, model in tables(size).items():
            best, found = _timed(model, 3 if size <= 1_000 else 1)
            counts = Counter(each.code for each in found.findings)
            told = ", ".join(f"{n} {code}" for code, n in sorted(counts.items())) or "none"
            print(f"| {name} | {size:,} | {best:.2f} | {told} |")
    return 1 if wrong else 0


def _table(title: str, counts: Counter[str]) -> None:
    print(f"| {title} | Times |")
    print("| --- | --- |")
    for name, count in sorted(counts.items()):
        print(f"| `{name}` | {count:,} |")
    print()


def _timed(model: pydmn.Model, times: int) -> tuple[float, pydmn.VerifiedTable]:
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        (found,) = model.verify()
        best = min(best, time.process_time() - start)
    return best, found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
