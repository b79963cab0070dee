"""The masks of a column of a large table: some are kept, and each other is made of one of those.

A mask for each atom takes as many bits as there are rules, which is quadratic. Neighbours differ
by few rules, so that the mask before it and the rules that turn in between are as good.
"""

from __future__ import annotations

from pydmn.tables.blocks import Sides


class SparseMasks:
    """The rules that accept each atom of a column, as masks in about `size` bytes."""

    def __init__(self, side: Sides, size: int) -> None:
        self._turning: dict[int, list[int]] = {}
        """By atom, the rules that accept it and not the one before, or the other way about."""
        for rule, cell in enumerate(side.cells):
            for run in side.atoms.cells[cell]:
                for atom in run:
                    self._turning.setdefault(atom, []).append(rule)
        self._bytes = len(side.cells) // 8 + 1
        self._step = side.atoms.count * self._bytes // max(size, 1) + 1
        self._kept: list[int] = []
        row = bytearray(self._bytes)
        for atom in range(side.atoms.count):
            self._turn(row, atom)
            if atom % self._step == 0:
                self._kept.append(int.from_bytes(row, "little"))

    def mask(self, atom: int) -> int:
        """Return the rules that accept an atom."""
        number, beyond = divmod(atom, self._step)
        kept = self._kept[number]
        if not beyond:
            return kept
        row = bytearray(kept.to_bytes(self._bytes, "little"))
        for each in range(atom - beyond, atom):
            self._turn(row, each + 1)
        return int.from_bytes(row, "little")

    def _turn(self, row: bytearray, atom: int) -> None:
        for rule in self._turning.get(atom, ()):
            row[rule >> 3] ^= 1 << (rule & 7)
