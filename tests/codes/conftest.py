"""The tools under test are scripts: load one by its path."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def build_codes() -> ModuleType:
    """The tool that builds the tables."""
    return _load("build_codes")


@pytest.fixture(scope="session")
def read_coding_section() -> ModuleType:
    """The tool that reads a guideline's coding section."""
    return _load("read_coding_section")
