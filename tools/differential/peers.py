"""The judges: the Java program beside this file, kept running and asked by lines of JSON."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from normal import Normal

JAR: Final = Path(__file__).parents[2] / "build" / "differential" / "differential.jar"
NAMES: Final = ("kie", "jdmn")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `text` with each of `rows`, literals by variable (see `Main.java`)."""

    kind: str
    text: str
    samples: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]


class Peers:
    """A running judge's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, questions: Iterable[Question]) -> Iterator[dict[str, list[Normal]]]:
        """Ask at once; return, for each question in order, each engine's answers, one a row."""
        asked = list(questions)
        threading.Thread(target=self._write, args=(asked,), daemon=True).start()
        return self._answers(asked)

    def _answers(self, asked: list[Question]) -> Iterator[dict[str, list[Normal]]]:
        for number, question in enumerate(asked):
            line = self._lines.get()
            if not line:
                raise RuntimeError(f"the judges ended at {question.text!r}")
            answer = json.loads(line)
            if answer["id"] != str(number):
                raise RuntimeError(f"an answer to {answer['id']} where {number} was asked")
            yield {name: answer[name] for name in NAMES}

    def _read(self) -> None:
        """Take the answers as they come: a full pipe would make the judges wait."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _write(self, questions: list[Question]) -> None:
        assert self._process.stdin is not None
        for number, question in enumerate(questions):
            line = {
                "id": str(number),
                "kind": question.kind,
                "text": question.text,
                "samples": question.samples,
                "inputs": question.rows,
            }
            self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()


@contextmanager
def running(jar: Path = JAR) -> Iterator[Peers]:
    """Run the judges for a while. Raises `FileNotFoundError` when they are not built."""
    if not jar.exists():
        raise FileNotFoundError(f"{jar} is not there: run `make differential`")
    with subprocess.Popen(
        ["java", "-Xmx2g", "-XX:+UseSerialGC", "-jar", str(jar)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield Peers(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()
