"""A Spark session for one command: quiet, and with words for what keeps it from starting."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from medpolicy.problems import Problem, RequestError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PATIENCE: Final = 10.0
"""Seconds for a master to answer; Spark itself tries for a minute, and then says little."""
_HERE: Final = "local"
"""A master whose name begins so is on this machine: `local[2]`, `local-cluster[2,1,1024]`."""


@contextmanager
def session(master: str, log: Path | None = None) -> Iterator[SparkSession]:
    """Give a session on `master`, and stop it in the end.

    What Spark says of itself is added to `log`, and else lost. Its settings are those of
    `SPARK_CONF_DIR`. Raises `RequestError` for a machine without Java and for a master that
    cannot be used, `ModuleNotFoundError` without the extra `spark`.
    """
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    _check_master(master)
    _check_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with Path(os.devnull if log is None else log).open("ab") as said:
        try:
            conf = SparkConf(loadDefaults=False).setMaster(master).setAppName("medpolicy batch")
            for name, value in _settings(master).items():
                conf.set(name, value)
            streams = {"stdout": said, "stderr": subprocess.STDOUT}
            gateway = launch_gateway(conf, popen_kwargs=streams)
            context = SparkContext(conf=conf, gateway=gateway)
        except (Py4JError, PySparkException) as error:
            raise RequestError([_no_start(master, error)]) from error
        made = SparkSession(context)
        try:
            yield made
        finally:
            made.stop()


def _settings(master: str) -> dict[str, str]:
    settings = {"spark.ui.showConsoleProgress": "false"}
    if master.startswith(_HERE):
        # Nobody else is to reach it, and no name of the machine need be known.
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
        }
    return settings


def _check_java() -> None:
    """Raise `RequestError` where Spark would find no Java."""
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else Path("java")
    if shutil.which(java) is None:
        said = f"there is no Java at JAVA_HOME, {home}" if home else "there is no Java"
        help_ = "install Java 17 or later, or set JAVA_HOME to where it is"
        raise RequestError([Problem("", said, help_)])


def _check_master(master: str) -> None:
    """Raise `RequestError` for what is no master, and a standalone one that does not answer."""
    if not master.startswith((_HERE, "k8s://", "spark://", "yarn")):
        help_ = "name one as Spark does: spark://host:7077, yarn, k8s://https://host, local[2]"
        raise RequestError([Problem(master, "is no master", help_)])
    if not master.startswith("spark://"):
        return
    problems = []
    for each in master.removeprefix("spark://").split(","):
        try:
            url = urlsplit(f"//{each}")
            with socket.create_connection((url.hostname or "", url.port or 7077), _PATIENCE):
                return
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            help_ = "start it, or name another master"
            problems.append(Problem(f"spark://{each}", f"cannot be reached: {said}", help_))
    raise RequestError(problems)


def _no_start(master: str, error: Any) -> Problem:
    """Return what to say of a session that did not start."""
    said = str(getattr(error, "java_exception", error)).strip().splitlines()
    message = f"Spark does not start: {said[0] if said else type(error).__name__}"
    return Problem(master, message, "name another master, or see Spark's log: --spark-log FILE")
