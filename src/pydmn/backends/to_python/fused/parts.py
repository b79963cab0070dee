"""A region to a Python expression: from a value to what holds for its part."""

from __future__ import annotations

import ast as py
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from pydmn.backends.to_python.fused import writer
from pydmn.backends.to_python.fused.variables import Value
from pydmn.backends.to_python.fused.writer import NONE, Writer
from pydmn.feel.types import DATE
from pydmn.tables.cells import rank
from pydmn.tables.regions import Region


class Parts:
    """Writes the look-up of a value in a region; `of` makes what is found of a mask."""

    def __init__(self, code: Writer, region: Region, of: Callable[[int], Any]) -> None:
        self._code = code
        self._region = region
        self._of = of

    def found(self, value: Value) -> py.expr:
        """Return what holds for `value`, which is of the region's kind or null."""
        if self._region.cuts:
            return self._between(value)
        other = self._code.constant(self._of(self._region.other))
        return writer.method(self._points(), "get", value.read, other)

    def named(self, value: Value) -> py.expr:
        """Return what holds for a value that is a point; of another it is null."""
        return writer.method(self._points(), "get", value.read)

    def _points(self) -> py.expr:
        region, of = self._region, self._of
        points = {point: of(mask) for point, mask in region.points.items()}
        points[None] = of(region.null)
        return self._code.constant(points, "points")

    def _between(self, value: Value) -> py.expr:
        code, region = self._code, self._region
        masks = list(region.between)
        at, after = masks[1::2], masks[2::2]
        if at == after:  # every cut belongs to what comes after it
            place = self._place(value, bisect_right)
            masks = masks[::2]
        elif at == masks[0:-1:2]:
            place = self._place(value, bisect_left)
            masks = masks[::2]
        else:
            left, right = (self._place(value, each) for each in (bisect_left, bisect_right))
            place = writer.joined(py.Add(), left, right)
        found: py.expr = writer.item(code.constant(list(map(self._of, masks)), "between"), place)
        if value.nullable:
            null = writer.is_(value.read, NONE)
            found = writer.either(null, code.constant(self._of(region.null)), found)
        return found

    def _place(self, value: Value, bisect: Callable[[list[Any], Any], int]) -> py.expr:
        """Return where a value stands among the cuts; numbers are compared with their like."""
        code, region = self._code, self._region
        search = code.constant(bisect, bisect.__name__)
        read: py.expr = value.read
        if region.kind == DATE:
            read = py.Attribute(read, "days", py.Load())
        cuts = [rank(cut) for cut in region.cuts]
        place = writer.call(search, code.constant(cuts, "cuts"), read)
        if not value.loose:
            return place
        integers = [int(cut) if cut == int(cut) else cut for cut in cuts]
        class_ = writer.call(code.constant(type, "type"), read)
        return writer.either(
            writer.is_(class_, code.constant(int, "int")),
            writer.call(search, code.constant(integers, "cuts"), read),
            place,
        )
