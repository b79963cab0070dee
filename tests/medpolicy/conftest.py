"""Policies, loaded once; a request that a test may change; a copy of a folder; comparisons."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from changes_told import APNEA, LUNG, as_json
from patching import patch, patched

import medpolicy
from medpolicy import changes
from medpolicy.changes import Comparison

POLICIES = Path(__file__).resolve().parents[2] / "policies"


@cache
def loaded(name: str) -> medpolicy.Policy:
    """Return a policy of the repository, read once for all tests of a process."""
    return medpolicy.load(POLICIES / name)


@pytest.fixture(scope="session")
def policies() -> Callable[[str], medpolicy.Policy]:
    """What loads a policy of the repository by its name, once."""
    return loaded


@pytest.fixture(scope="session")
def venous() -> medpolicy.Policy:
    """The policy CG-SURG-106."""
    return loaded("cg-surg-106")


@pytest.fixture(scope="session")
def airway() -> medpolicy.Policy:
    """The policy NCD 240.4."""
    return loaded("ncd-240-4")


@pytest.fixture
def request_of() -> Callable[..., dict[str, Any]]:
    """Return a builder of requests: the requirement's own example, with fields replaced.

    A name such as `facts` or `procedure` is one of the line, `None` takes a field away.
    """

    def build(**changes: Any) -> dict[str, Any]:
        line: dict[str, Any] = {
            "id": "1",
            "procedure": {"system": "CPT", "code": "37238"},
            "diagnoses": ["I87.1"],
            "facts": {
                "indication": "iliac vein compression syndrome",
                "site": "common iliac vein",
                "lesion confirmed by imaging": True,
                "occlusion or thrombosis": False,
            },
        }
        request: dict[str, Any] = {
            "id": "r1",
            "service_date": "2020-03-02",
            "request_date": "2020-02-20",
            "member": {"birth_date": "1961-04-05"},
            "plan": {"name": "healthy-blue", "line_of_business": "medicaid", "state": "MO"},
            "lines": [line],
        }
        for name, value in changes.items():
            place = line if name in line and name != "id" else request
            if value is None:
                del place[name]
            else:
                place[name] = value
        return request

    return build


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of policy folders: a copy of CG-SURG-106 with texts replaced in its files.

    `folder({"policy.toml": ("old", "new")})`; a text that is not there fails the test. `None` in
    place of the pair takes the file away, and one text writes the file anew.
    """

    def make(changes: Mapping[str, tuple[str, str] | str | None], *, cases: bool = False) -> Path:
        target = tmp_path / "cg-surg-106"
        ignored = shutil.ignore_patterns() if cases else shutil.ignore_patterns("cases")
        shutil.copytree(POLICIES / "cg-surg-106", target, ignore=ignored)
        for name, change in changes.items():
            file = target / name
            if change is None:
                file.unlink()
            elif isinstance(change, str):
                file.parent.mkdir(exist_ok=True)
                file.write_text(change, encoding="utf-8")
            else:
                text = file.read_text(encoding="utf-8")
                assert change[0] in text, change[0]
                file.write_text(text.replace(*change, 1), encoding="utf-8")
        return target

    return make


# --- comparisons that take seconds, made once ----------------------------------------------


@pytest.fixture(scope="session")
def screening() -> Comparison:
    """NCD 210.14, version 1 and version 2, compared."""
    (found,) = changes.compare_folders(LUNG / "1", LUNG / "2")
    return found


@pytest.fixture(scope="session")
def said(screening: Comparison) -> dict[str, Any]:
    """The same as JSON."""
    return as_json([screening])


@pytest.fixture(scope="session")
def row_34(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """CG-SURG-106 and a copy with the change that row 34 of its register names, compared."""
    folder = tmp_path_factory.mktemp("row34")
    new = patched(folder, "cg-surg-106", **patch("cg-surg-106-row-34"))
    (found,) = changes.compare_folders(POLICIES / "cg-surg-106", new)
    return found


@pytest.fixture(scope="session")
def coded(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Comparison, ...], Path]:
    """NCD 240.4 and a copy with one more code in a cell, compared; and the copy's folder."""
    texts = {"diagnosis-g47-33-in-1": 'some d in ? satisfies d in ("G47.33", "G47.30")'}
    new = patched(tmp_path_factory.mktemp("coded"), APNEA, texts=texts)
    return changes.compare_folders(POLICIES / APNEA, new), new
