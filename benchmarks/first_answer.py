"""One process that loads a model and asks it once: `python -m benchmarks.first_answer FOLDER`.

Prints, as JSON, the seconds from `pydmn.load` to the first answer, and the megabytes by which the
process grew, kept after it (`kept`) and at the most (`peak`). A model of one rule was loaded and
asked before: what is imported when first used is no part of this model's time, nor of its memory.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Final

import pydmn
from benchmarks import exact_json

SMALL: Final = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m"
 namespace="urn:m"><inputData id="i" name="i"><variable name="i" typeRef="string"/></inputData>
<decision id="D" name="D"><variable name="D"/><informationRequirement><requiredInput href="#i"/>
</informationRequirement><decisionTable id="t" hitPolicy="FIRST"><input id="c"><inputExpression
 id="e"><text>i</text></inputExpression></input><output id="o"/><rule id="r"><inputEntry id="ie">
<text>"a"</text></inputEntry><outputEntry id="oe"><text>1</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def _memory(field: str) -> float:
    """Return the megabytes of the process: `VmRSS` now, `VmHWM` at the most.

    `getrusage` will not do: its maximum is also that of the process which started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    """Measure, and print."""
    folder = Path(sys.argv[1])
    question = exact_json.read((folder / "first.json").read_bytes())
    pydmn.load(SMALL).decision("D")({"i": "a"})
    gc.collect()
    before = _memory("VmRSS")
    start = perf_counter()
    model = pydmn.load(folder / "model.dmn")
    decide = model.decision(question["asked"])
    decide(question["record"])
    seconds = perf_counter() - start
    gc.collect()
    kept = _memory("VmRSS") - before
    peak = max(kept, _memory("VmHWM") - before)
    print(json.dumps({"seconds": seconds, "kept": kept, "peak": peak}))


if __name__ == "__main__":
    main()
