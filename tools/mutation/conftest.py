"""What the tests need among mutants: each call passes two frames of mutmut's more."""

from __future__ import annotations

import sys

sys.setrecursionlimit(6_000)
