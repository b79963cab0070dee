"""A run: questions drawn, asked and sorted, in parts that work side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import count, islice
from multiprocessing import get_context
from typing import Final

from bank import Bank
from classes import FOLDER, Classes
from disagreements import Asked, answered, found
from peers import running
from questions import kinds, stream

_CHUNK: Final = 250
_REPORTED: Final = 20
"""After so many chunks a part writes what it has found, and says so."""


def run(seed: int, wanted: Mapping[str, int], parts: int) -> None:
    """Ask as many questions of each kind as `wanted` says; leave what is found in `FOLDER`.

    Each part has some of the names, judges of its own, and draws from the same seed: what is
    asked is the same for any number of parts.
    """
    for old in [*FOLDER.glob(f"found-{seed}-*.json"), *FOLDER.glob(f"bank-{seed}-*.jsonl")]:
        old.unlink()
    # Spawned: what is loaded when a question is drawn has a part in what is drawn.
    with ProcessPoolExecutor(parts, mp_context=get_context("spawn")) as pool:
        for each in [pool.submit(_part, seed, wanted, part, parts) for part in range(parts)]:
            each.result()


def _part(seed: int, wanted: Mapping[str, int], part: int, parts: int) -> None:
    run_of_part = _Part(f"{seed}-{part}")
    for kind, strategies in kinds().items():
        each, more = divmod(wanted[kind], len(strategies))
        quotas = {name: each + (number < more) for number, name in enumerate(strategies)}
        mine = {name: strategies[name] for name in list(strategies)[part::parts]}
        run_of_part.ask(kind, stream(mine, quotas, seed))
    run_of_part.write()


class _Part:
    """What a part has found; `label` is in the names of its files."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._classes, self._bank = Classes(), Bank()
        self._start = time.monotonic()

    def ask(self, kind: str, questions: Iterator[Asked]) -> None:
        """Ask all questions of a kind, and sort what is found."""
        tally = self._classes.tally
        with running() as peers:
            chunk = list(islice(questions, _CHUNK))
            for number in count(1):
                if not chunk:
                    return
                answers = answered(peers, [each.question for each in chunk])
                # Drawn while the judges answer.
                following = list(islice(questions, _CHUNK))
                self._classes.add(found(peers, chunk, answers, tally, self._bank))
                self._classes.kinds[kind] = self._classes.kinds.get(kind, 0) + len(chunk)
                if number % _REPORTED == 0:
                    self.write()
                chunk = following

    def write(self) -> None:
        """Write what is found so far."""
        self._classes.write(self._label)
        self._bank.write(self._label)
        asked = ", ".join(f"{many:,} {kind}" for kind, many in self._classes.kinds.items())
        print(f"{self._label}: {asked} in {time.monotonic() - self._start:.0f} s", flush=True)
