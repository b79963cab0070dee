"""The look that both formats share: typefaces and colours, named by what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """Typefaces by family name, colours as `#rrggbb`.

    Text in `ink`, `muted`, `accent` or `alarm` keeps a contrast of at least 4.5 to 1 on `paper`,
    `tint` and the other tints (WCAG 2.1, success criterion 1.4.3).
    """

    sans: str = "IBM Plex Sans"
    mono: str = "IBM Plex Mono"
    ink: str = "#1c2530"
    muted: str = "#4d5a68"
    accent: str = "#1b4b72"
    rule: str = "#c3ccd5"
    paper: str = "#ffffff"
    tint: str = "#f3f6f8"
    accent_tint: str = "#e6eef5"
    alarm: str = "#8f3410"
    alarm_tint: str = "#fcf0e9"
    added_tint: str = "#e3f3e6"
    removed_tint: str = "#fbe7e4"
    input_tint: str = "#fbf7ec"
    input_line: str = "#8a7433"

    @property
    def sans_stack(self) -> str:
        """The family for text, and what a reader without it has."""
        return f"'{self.sans}', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

    @property
    def mono_stack(self) -> str:
        """The family for codes and expressions, and what a reader without it has."""
        return f"'{self.mono}', Consolas, 'Liberation Mono', monospace"


THEME: Final = Theme()
