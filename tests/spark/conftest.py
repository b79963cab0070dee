"""One Spark session for all tests that need one: two executors, each a process of its own.

One worker of pytest-xdist runs all tests of this folder, so that one starts it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on `local-cluster[2,1,1024]`."""
    pyspark = pytest.importorskip("pyspark", reason="needs the extra `spark`")
    if shutil.which("java") is None:
        pytest.skip("there is no java")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    changed = {
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "SPARK_HOME": str(_home(Path(pyspark.__file__).parent, folder / "home")),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def _home(pyspark: Path, home: Path) -> Path:
    """Return a home for Spark that is pyspark's, but for the folder that executors write into."""
    home.mkdir()
    for each in pyspark.iterdir():
        if each.name != "work":
            (home / each.name).symlink_to(each)
    return home


@pytest.fixture
def executors(spark: Any) -> Callable[[], dict[str, int]]:
    """What finds the processes of the session's executors, by their ids."""

    def find() -> dict[str, int]:
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_text(encoding="utf-8").split("\0")
            except OSError:  # it has ended meanwhile
                continue
            options = dict(pairwise(words))
            if options.get("--app-id") == spark.sparkContext.applicationId:
                found[options["--executor-id"]] = int(entry.name)
        return found

    return find
