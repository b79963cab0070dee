"""The main job on the real guideline: determine, explain, check, print.

    python tools/demo.py

Runs the commands that a person would type, shows what they print, and leaves the documents in
build/demo.
"""

from __future__ import annotations

import sys
from pathlib import Path

from medpolicy.cli import main as medpolicy

ROOT = Path(__file__).resolve().parents[1]
REQUESTS = ROOT / "tools" / "demo_requests.jsonl"
OUT = ROOT / "build" / "demo"


def run(*arguments: str) -> None:
    """Show a command and run it; the first that fails ends the demonstration."""
    shown = [argument.replace(f"{ROOT}/", "") for argument in arguments]
    print("\n$ medpolicy " + " ".join(shown), flush=True)
    status = medpolicy(list(arguments))
    sys.stdout.flush()
    if status:
        raise SystemExit(status)


def main() -> None:
    """Run the demonstration."""
    OUT.mkdir(parents=True, exist_ok=True)
    policy = str(ROOT / "policies" / "cg-surg-106")
    for number, request in enumerate(REQUESTS.read_text(encoding="utf-8").splitlines(), 1):
        path = OUT / f"request-{number}.json"
        path.write_text(request + "\n", encoding="utf-8")
        run("determine", policy, str(path), "--explain")
    run("check", policy)
    for name in ("cg-surg-106", "ncd-240-4", "ncd-210-14"):
        for ending in ("html", "pdf"):
            run("document", str(ROOT / "policies" / name), "--to", str(OUT / f"{name}.{ending}"))
    print(f"\nThe documents are in {OUT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
