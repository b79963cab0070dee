"""The files of a model: read from the disk, and completed by what they import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydmn.diagnostics import Diagnostic
from pydmn.errors import ModelError
from pydmn.limits import Limits
from pydmn.model import Definitions, read_xml

ModelSource: TypeAlias = str | Path | bytes


@dataclass(frozen=True, slots=True)
class File:
    """A model's bytes, and the path it was read from."""

    data: bytes
    path: str | None = None


def read_files(source: ModelSource | Iterable[ModelSource], limits: Limits) -> tuple[File, ...]:
    """Return the files in `source`: a path, bytes, a folder, or several of them.

    Raises `ModelError` where there is none, `OSError` for one that cannot be read,
    `LimitExceeded` for one that is too large.
    """
    sources = [source] if isinstance(source, str | Path | bytes) else list(source)
    files = tuple(file for each in sources for file in _files(each, limits))
    if not files:
        message = "there is no DMN file"
        raise ModelError(message)
    return files


def _files(source: ModelSource, limits: Limits) -> list[File]:
    if isinstance(source, bytes):
        return [File(source)]
    path = Path(source)
    if path.is_dir():
        return [_read(each, limits) for each in sorted(path.glob("*.dmn"))]
    return [_read(path, limits)]


def _read(path: Path, limits: Limits) -> File:
    with path.open("rb") as stream:
        data = stream.read(limits.model_bytes + 1)
    if len(data) > limits.model_bytes:
        limits.exceeded("model_bytes")
    return File(data, str(path))


def definitions(
    files: tuple[File, ...], limits: Limits
) -> tuple[list[Definitions], list[Diagnostic], tuple[File, ...]]:
    """Read `files` and, from the first one's folder, what they import.

    Returns the models, what was found in them, and their files: those given, and behind them
    those that were imported. Raises `ModelError` where one of `files` is no model: with the
    message of the first that is none, and all that was found in any.
    """
    models: list[Definitions] = []
    found: list[Diagnostic] = []
    unreadable: list[Diagnostic] = []
    for file in files:
        model, diagnostics = read_xml(file.data, file.path, limits)
        found.extend(diagnostics)
        if model is None:
            unreadable.extend(diagnostics)
        else:
            models.append(model)
    if unreadable:
        raise ModelError(unreadable[0].message, found)
    main = files[0].path
    read = [*files]
    if main is not None:
        _add_imported(models, found, Path(main).parent, read, limits)
    return models, found, tuple(read)


def _add_imported(
    definitions: list[Definitions],
    found: list[Diagnostic],
    folder: Path,
    read: list[File],
    limits: Limits,
) -> None:
    """Add the models of `folder` that are imported, directly or not, and what is `found` in them.

    Looks at no other folder: a model says nothing about where else to read.
    """
    wanted = _missing(definitions)
    if not wanted:
        return
    for path in sorted(folder.glob("*.dmn")):
        if any(str(path) == file.path for file in read):
            continue
        file = _read(path, limits)
        model, diagnostics = read_xml(file.data, file.path, limits)
        if model is not None and model.namespace in _missing(definitions):
            definitions.append(model)
            found.extend(diagnostics)
            read.append(file)
            _add_imported(definitions, found, folder, read, limits)


def _missing(definitions: list[Definitions]) -> set[str]:
    """Return the namespaces that are imported and not there."""
    there = {model.namespace for model in definitions}
    return {each.namespace for model in definitions for each in model.imports} - there
