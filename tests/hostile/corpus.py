"""The hostile inputs, family by family, made anew at each run: none is kept as a file."""

from __future__ import annotations

from hostile import calls, expressions, hosts, lists, loops, models, numbers, strings, xml
from hostile.case import Case, Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for module in (xml, models, expressions, loops, lists, strings, numbers, calls, hosts)
    for family in module.FAMILIES
}


def cases(families: list[str] | None = None) -> list[Case]:
    """Return the cases of `families`, or all."""
    return [case for name in families or FAMILIES for case in FAMILIES[name]]
