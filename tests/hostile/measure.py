"""Each input in a process of its own: how it ends, in which processor time and memory.

    python -m hostile.measure untrusted "loops" "recursion"

prints a line of JSON for each input of these families, or of all. The libraries are imported
before a process is forked, so that what is measured is the input.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any

from hostile.case import VALUE, Case, limit
from hostile.corpus import cases

import pydmn
from pydmn.limits import Limits

LIMITS = {"untrusted": Limits.untrusted(), "default": Limits()}
SECONDS = {"untrusted": 0.25, "default": 10.0}
MEGABYTES = {"untrusted": 256, "default": 1_024}

_WARM = ("lxml.etree", "elementpath", "re2", "zoneinfo", "difflib")
_HARD_SECONDS = 30
_HARD_BYTES = 4 << 30


def outcome(case: Case, limits: Limits) -> str:
    """Return how `case` ends: `value`, the class of an error, or `limit` and its name."""
    try:
        case.run(limits)
    except pydmn.LimitExceeded as error:
        found = re.search(r"limit `(\w+)` exceeded|(nested)", error.message)
        return limit(found[1] or found[2]) if found else f"limit: {error.message}"
    except pydmn.PydmnError as error:
        return type(error).__name__
    except BaseException as error:  # noqa: BLE001  that there is none is what is tested
        return f"UNTYPED {type(error).__name__}: {error}"[:200]
    return VALUE


def measured(case: Case, limits: Limits) -> dict[str, Any]:
    """Return the outcome of `case` in a process of its own, with its seconds and megabytes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_CPU, (_HARD_SECONDS, _HARD_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_HARD_BYTES, _HARD_BYTES))
        before = resource.getrusage(resource.RUSAGE_SELF)
        ended = outcome(case, limits)
        after = resource.getrusage(resource.RUSAGE_SELF)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        os.write(writer, json.dumps([ended, seconds, after.ru_maxrss / 1_024]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    ended, seconds, megabytes = json.loads(said) if said else (f"KILLED {status}", 99.0, 0.0)
    return {
        "family": case.family,
        "name": case.name,
        "expected": case.ends,
        "ended": ended,
        "seconds": round(seconds, 4),
        "megabytes": round(megabytes, 1),
    }


def problem(case: Case, found: dict[str, Any], under: str) -> str | None:
    """Return what is wrong with how `case` ended, or None."""
    ended = found["ended"]
    if ended.startswith(("UNTYPED", "KILLED")):
        return ended
    if (under == "untrusted" or case.exact) and ended != case.ends:
        return f"ends in {ended}, not in {case.ends}"
    if found["seconds"] > SECONDS[under]:
        return f"takes {found['seconds']} s"
    if found["megabytes"] > MEGABYTES[under]:
        return f"takes {found['megabytes']} MB"
    return None


def results(
    under: str, families: list[str] | None = None, tries: int = 3
) -> Iterator[dict[str, Any]]:
    """Yield what is measured for each case, with its `problem`.

    Another process on the machine makes processor time longer: a case that takes too long is
    tried again, `tries` times in all.
    """
    for module in _WARM:
        importlib.import_module(module)
    for case in cases(families):
        for _ in range(tries):
            found = measured(case, LIMITS[under])
            found["problem"] = problem(case, found, under)
            if not (found["problem"] or "").startswith("takes"):
                break
        yield found


def main(arguments: list[str]) -> int:
    """Print the results; 1 when there is a problem."""
    parser = argparse.ArgumentParser(prog="python -m hostile.measure")
    parser.add_argument("under", choices=[*LIMITS])
    parser.add_argument("families", nargs="*")
    chosen = parser.parse_args(arguments)
    failed = False
    for found in results(chosen.under, chosen.families):
        print(json.dumps(found), flush=True)
        failed = failed or found["problem"] is not None
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
