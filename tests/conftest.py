"""What every test shares: the conformance kit's folder, who runs what, skips that fail in CI."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# In CI the examples are the same in each run, so that a change alone can turn it red.
# No deadline anywhere: a shared machine is slow by chance, and a test says nothing of speed.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if IN_CI else "local")


@pytest.fixture(scope="session")
def tck_folder() -> Path:
    """Return the folder of the DMN Technology Compatibility Kit.

    It is the one that the environment names as `DMN_TCK`, else `../shared/tck` beside the
    repository.
    """
    named = os.environ.get("DMN_TCK")
    folder = Path(named) if named else ROOT.parent / "shared" / "tck"
    if not (folder / "compliance-level-2").is_dir():
        pytest.skip(f"no conformance kit at {folder}: set DMN_TCK to its folder")
    return folder


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure in CI, where everything a test needs is installed.

    A test that is expected to fail (`xfail`) reports itself as skipped too, and stays as it is.
    """
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Check the report of each test."""
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Check the report of each module: a module can skip itself as a whole."""
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give one worker of pytest-xdist all tests that start Spark; the others are spread.

    A mark `xdist_group` does not: xdist 3.8 writes it where pytest 9.2 does not look.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Spread(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if file.startswith("tests/spark/"):
                return "spark"
            return f"{file} {crc32(nodeid.encode()) % 16}"

    return Spread(config, log) if config.getvalue("dist") == "load" else None
