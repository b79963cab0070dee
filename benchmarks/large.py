"""How large a model may be here: the benchmark's own, of up to 100,000 rules."""

from __future__ import annotations

from typing import Final

from pydmn import Limits

LIMITS: Final = Limits(
    model_bytes=1_000_000_000,
    xml_elements=10_000_000,
    cells=2_000_000,
    model_steps=100_000_000,
    steps=100_000_000,
)
"""Above pydmn's defaults, by which a table of a size like Medical Services is refused."""
