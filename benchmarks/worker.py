"""A contestant of Python in a process of its own: `python -m benchmarks.worker NAME`.

The protocol, which every contestant's program speaks: one line of JSON in, one out.

    {"do": "load", "folder": PATH}   the task; {"ok": true}, or {"refused": "why not"}
    {"do": "answer"}                 {"answers": [...]}, one for each record, in order
    {"do": "time", "calls": N}       {"seconds": S}: N decisions, records in rotation, going on
                                     where the last rotation stopped

A program of Python also says the seconds of processor time, as "processor".

A program ends when its input ends. Garbage collection is as Python sets it.
"""

from __future__ import annotations

import sys
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import exact_json
from benchmarks.contestants import contestant
from benchmarks.contestants.ready import Ready, Refused


class Worker:
    """Answers the lines of the protocol for one contestant."""

    def __init__(self, name: str) -> None:
        self._prepare = contestant(name)
        self._ready: Ready
        self._rotation: Any

    def reply(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one message; raises `ValueError` for what the protocol lacks."""
        match message:
            case {"do": "load", "folder": folder}:
                try:
                    self._ready = self._prepare(Path(folder))
                except Refused as refused:
                    return {"refused": str(refused)}
                self._rotation = cycle(self._ready.records)
                return {"ok": True}
            case {"do": "answer"}:
                ready = self._ready
                return {"answers": [ready.answer(ready.decide(each)) for each in ready.records]}
            case {"do": "time", "calls": calls}:
                return self._timed(calls)
            case _:
                raise ValueError(f"the protocol has no {message}")

    def _timed(self, calls: int) -> dict[str, float]:
        decide = self._ready.decide
        records = list(islice(self._rotation, calls))
        processor = process_time()
        start = perf_counter()
        for record in records:
            decide(record)
        seconds = perf_counter() - start
        return {"seconds": seconds, "processor": process_time() - processor}


def main() -> None:
    """Answer standard input's lines until it ends. What a library prints goes to the errors."""
    out, sys.stdout = sys.stdout, sys.stderr
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        out.write(exact_json.write(worker.reply(exact_json.read(line))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
