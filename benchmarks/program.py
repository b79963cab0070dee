"""A contestant's program as its parent sees it: started, asked by lines of JSON, ended."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from benchmarks import exact_json


class Lost(Exception):
    """The program ended, or did not answer in time; the message says which."""


class Program:
    """A running program that speaks the protocol of `benchmarks.worker`."""

    def __init__(self, command: list[str], log: Path, seconds: float) -> None:
        """Start it; it writes its errors to `log`, and has `seconds` for each answer."""
        self._seconds = seconds
        self._log = log
        self._lines: queue.Queue[str] = queue.Queue()
        # The order of a set's elements, and so a program's speed, is the same in each run.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                text=True,
                encoding="utf-8",
            )
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self._input = self._process.stdin
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self._lines.put(line)
        self._lines.put("")

    def ask(self, **message: Any) -> dict[str, Any]:
        """Return the answer to `message`. Raises `Lost`."""
        try:
            self._input.write(exact_json.write(message) + "\n")
            self._input.flush()
            line = self._lines.get(timeout=self._seconds)
        except queue.Empty:
            raise Lost(f"no answer in {self._seconds:.0f} s") from None
        except BrokenPipeError:
            line = ""
        if not line:
            raise Lost(f"it ended: {self._last_words()}")
        answer: dict[str, Any] = exact_json.read(line)
        return answer

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def __enter__(self) -> Self:
        """Return itself: a program is ended when its `with` ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
