"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medpolicy.problems import Problem, RequestError


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a file beside `target` to write, which takes its place when all is well.

    Raises `RequestError` where there is no folder for it, or one of its name.
    """
    if not target.parent.is_dir():
        raise RequestError([Problem(str(target.parent), "there is no such folder", "create it")])
    if target.is_dir():
        raise RequestError([Problem(str(target), "is a folder", "name a file")])
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
