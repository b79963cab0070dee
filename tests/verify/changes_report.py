"""Hold many random pairs of versions against brute force, time large ones, write the results.

python -m verify.changes_report [TABLES [GRAPHS [TERMS]]]
"""

from __future__ import annotations

import platform
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tqdm import tqdm
from verify import graph_pairs, table_pairs, term_pairs
from verify.large_grids import versions

import pydmn

SIZES = (1_000, 5_000)
Wrong = Callable[[int], tuple[Any, list[str]]]


def main(tables: int, graphs: int, terms: int) -> int:
    """Print the results of so many pairs; return 1 where something is wrong."""
    print("# Versions compared\n")
    print(
        "Random pairs of which one is the other with something changed, or nothing, or nothing "
        "that matters: what `pydmn.diff` says held against asking both versions every input, as "
        "[table_pairs.py](table_pairs.py) and [graph_pairs.py](graph_pairs.py) have it, or many "
        "inputs, as [term_pairs.py](term_pairs.py) has it. Whether "
        "they are equal, each witness, and each region has to be so; a region holds all inputs "
        "that are answered otherwise, and no others. `make versions` makes this page.\n"
    )
    print("| Pairs | Number | Equal | Different | Not decided | Wrong |")
    print("| --- | --- | --- | --- | --- | --- |")
    bad = _held("two tables", table_pairs.wrong, tables)
    bad += _held("two graphs: two tables and a literal expression", graph_pairs.wrong, graphs)
    bad += _held("graphs over all types, asked for 1,000 inputs", term_pairs.wrong, terms)
    for each in bad:
        print(f"- {each}")
    print("\n## Large tables\n")
    print(
        "Four numeric columns of up to 2,001 atoms each and two of six listed values; seconds of "
        f"processor time of `pydmn.diff`, best of three. {platform.python_implementation()} "
        f"{platform.python_version()}, {platform.machine()}.\n"
    )
    print("| Versions | Rules | Seconds | Equal | Regions |")
    print("| --- | --- | --- | --- | --- |")
    for size in SIZES:
        for name, (old, new) in versions(size).items():
            best, found = _timed(old, new)
            equal = "yes" if found.equal else "no" if found.equal is False else "not decided"
            print(f"| {name} | {size:,} | {best:.2f} | {equal} | {len(found.changes)} |")
    return 1 if bad else 0


def _held(name: str, wrong: Wrong, count: int) -> list[str]:
    said: Counter[bool | None] = Counter()
    bad: list[str] = []
    for seed in tqdm(range(count), mininterval=5, smoothing=0):
        equal, found = wrong(seed)
        said[equal] += 1
        bad += found
    print(
        f"| {name} | {count:,} | {said[True]:,} | {said[False]:,} | {said[None]:,} | {len(bad):,} |"
    )
    return bad


def _timed(old: pydmn.Model, new: pydmn.Model) -> tuple[float, pydmn.Difference]:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        found = pydmn.diff(old, new, "D")
        best = min(best, time.process_time() - start)
    return best, found


if __name__ == "__main__":
    asked = [int(each) for each in sys.argv[1:]]
    sys.exit(main(*asked, *(2_000, 200, 300)[len(asked) :]))
