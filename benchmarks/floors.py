"""The floor: the fastest Python that could stand in for an engine, generated for one workload.

Two forms, and the faster of them is the floor. Neither tests a type or minds a null; both give a
fresh value at each call.

    chain    if after if, in the rules' order; one dict look-up where every cell is an equality
    masks    a bit mask of rules for each value or interval; the masks of all columns, and-ed
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias, assert_never

from benchmarks.tables import (
    Below,
    Cell,
    Formula,
    From,
    In,
    Interval,
    Number,
    Record,
    Rule,
    Scalar,
    Table,
    Workload,
)

Decide: TypeAlias = Callable[[Record], Any]
Form: TypeAlias = Literal["chain", "masks"]


def floor(workload: Workload, form: Form) -> Decide:
    """Return a function that answers the workload's records."""
    first = workload.records[0]
    decimals = {name for name, value in first.items() if isinstance(value, Decimal)}
    source = _Source(decimals | {step.name for step in workload.steps})
    for step in workload.steps:
        if isinstance(step, Table):
            (_chain if form == "chain" else _masks)(source, step)
    source.line("def decide(record):")
    made: set[str] = set()
    for step in workload.steps:
        arguments = ", ".join(
            f"s_{name}" if name in made else f"record[{name!r}]" for name in step.reads
        )
        if isinstance(step, Formula):
            _formula(source, step, made)
        elif step is workload.asked:
            source.line(f"    return t_{step.name}({arguments})")
        else:
            source.line(f"    s_{step.name} = t_{step.name}({arguments})")
        made.add(step.name)
    if isinstance(workload.asked, Formula):
        source.line(f"    return s_{workload.asked.name}")
    decide: Decide = source.compiled()["decide"]
    return decide


@dataclass
class _Source:
    """Python text as it grows, with the constants that it reads by name.

    A decimal is compared faster with a decimal, an integer with an integer: the bounds are of
    the kind that the values have, by the names in `decimals`.
    """

    decimals: AbstractSet[str]
    constants: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def constant(self, value: Any) -> str:
        """Return the name of a new constant."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def scalar(self, value: Scalar) -> str:
        return self.constant(value) if isinstance(value, Decimal) else repr(value)

    def bound(self, name: str, value: Number) -> Number:
        return Decimal(value) if name in self.decimals else value

    def compiled(self) -> Mapping[str, Any]:
        """Return the module that the text makes."""
        module = dict(self.constants)
        # The text is made above, from the project's own tables.
        exec(compile("\n".join(self.lines), "<floor>", "exec"), module)  # noqa: S102
        return module


def _formula(source: _Source, step: Formula, made: set[str]) -> None:
    for name in step.reads:
        source.line(f"    {name} = " + (f"s_{name}" if name in made else f"record[{name!r}]"))
    source.line(f"    s_{step.name} = {step.texts['Python']}")


def _result(source: _Source, table: Table, rule: Rule) -> str:
    """Return the text that makes a rule's result anew; a number is a decimal, as FEEL's are."""
    texts = [
        source.scalar(Decimal(value) if column.type == "number" else value)
        for column, value in zip(table.outputs, rule.results, strict=True)
    ]
    if len(texts) == 1:
        return texts[0]
    pairs = zip(table.outputs, texts, strict=True)
    return "{" + ", ".join(f"{column.name!r}: {text}" for column, text in pairs) + "}"


def _head(table: Table) -> str:
    return f"def t_{table.name}({', '.join(table.reads)}):"


# --- chain -----------------------------------------------------------------------------------


def _chain(source: _Source, table: Table) -> None:
    if table.is_map and len(table.outputs) == 1:
        _look_up(source, table)
        return
    collects = table.hit == "COLLECT"
    source.line(_head(table))
    if collects:
        source.line("    hits = []")
    for rule in table.rules:
        conditions = " and ".join(_conditions(source, table, rule)) or "True"
        result = _result(source, table, rule)
        done = f"hits.append({result})" if collects else f"return {result}"
        source.line(f"    if {conditions}: {done}")
    source.line("    return hits or None" if collects else "    return None")


def _look_up(source: _Source, table: Table) -> None:
    found: dict[Any, Scalar] = {}
    for rule in table.rules:
        key = tuple(cell.values[0] for cell in rule.cells if isinstance(cell, In))
        found.setdefault(key, rule.results[0])
    name = source.constant(found)
    source.line(_head(table))
    source.line(f"    return {name}.get(({', '.join(table.reads)},))")


def _conditions(source: _Source, table: Table, rule: Rule) -> Iterator[str]:
    def bound(name: str, value: Number) -> str:
        return source.scalar(source.bound(name, value))

    for name, cell in zip(table.reads, rule.cells, strict=True):
        match cell:
            case None:
                pass
            case In((value,)):
                yield f"{name} == {source.scalar(value)}"
            case In(values):
                yield f"{name} in {{{', '.join(map(source.scalar, values))}}}"
            case Interval(low, high):
                yield f"{bound(name, low)} <= {name} < {bound(name, high)}"
            case From(least):
                yield f"{name} >= {bound(name, least)}"
            case Below(most):
                yield f"{name} < {bound(name, most)}"
            case _:
                assert_never(cell)


# --- masks -----------------------------------------------------------------------------------


def _masks(source: _Source, table: Table) -> None:
    looked_up = [
        _column(source, name, [rule.cells[number] for rule in table.rules])
        for number, name in enumerate(table.reads)
    ]
    source.line(_head(table))
    source.line(f"    mask = {' & '.join(looked_up)}")
    if table.hit == "COLLECT":
        _collect(source, table)
    else:
        _lowest(source, table)


def _lowest(source: _Source, table: Table) -> None:
    source.line("    if not mask: return None")
    source.line("    rule = (mask & -mask).bit_length() - 1")
    columns = []
    for number, column in enumerate(table.outputs):
        values = [rule.results[number] for rule in table.rules]
        numeric = column.type == "number"
        columns.append(source.constant([Decimal(each) if numeric else each for each in values]))
    if len(columns) == 1:
        source.line(f"    return {columns[0]}[rule]")
    else:
        pairs = zip(table.outputs, columns, strict=True)
        fields = ", ".join(f"{column.name!r}: {name}[rule]" for column, name in pairs)
        source.line(f"    return {{{fields}}}")


def _collect(source: _Source, table: Table) -> None:
    if len(table.outputs) != 1:
        raise ValueError(f"{table.name}: a collecting floor is made for one output")
    results = source.constant([rule.results[0] for rule in table.rules])
    source.line("    hits = []")
    source.line("    while mask:")
    source.line("        lowest = mask & -mask")
    source.line(f"        hits.append({results}[lowest.bit_length() - 1])")
    source.line("        mask ^= lowest")
    source.line("    return hits or None")


def _column(source: _Source, name: str, cells: list[Cell]) -> str:
    """Return the text that gives the mask of the rules that `name`'s value passes."""
    if any(isinstance(cell, In) for cell in cells):
        by_value, others = _value_masks(cells)
        return f"{source.constant(by_value)}.get({name}, {source.constant(others)})"
    cuts, masks = _interval_masks(cells)
    source.constants["bisect_right"] = bisect_right
    bounds = source.constant([source.bound(name, cut) for cut in cuts])
    return f"{source.constant(masks)}[bisect_right({bounds}, {name})]"


def _value_masks(cells: list[Cell]) -> tuple[dict[Scalar, int], int]:
    """Return the mask for each value that a cell names, and the mask for any other."""
    others = 0
    named: dict[Scalar, int] = {}
    for number, cell in enumerate(cells):
        match cell:
            case None:
                others |= 1 << number
            case In(values):
                for value in values:
                    named[value] = named.get(value, 0) | 1 << number
            case _:
                raise ValueError("a column of values and of intervals has no floor")
    return {value: mask | others for value, mask in named.items()}, others


def _interval_masks(cells: list[Cell]) -> tuple[list[Any], list[int]]:
    """Return the cut points, and the mask from each of them to the next; the first from below.

    Every bound here is the first value of what is above it, so a point needs no atom of its own.
    """
    spans = [_span(cell) for cell in cells]
    cuts = sorted({bound for span in spans for bound in span if bound is not None})
    starts, ends = dict.fromkeys(cuts, 0), dict.fromkeys(cuts, 0)
    mask = 0
    for number, (low, high) in enumerate(spans):
        if low is None:
            mask |= 1 << number
        else:
            starts[low] |= 1 << number
        if high is not None:
            ends[high] |= 1 << number
    masks = [mask]
    for cut in cuts:
        mask = (mask | starts[cut]) & ~ends[cut]
        masks.append(mask)
    return cuts, masks


def _span(cell: Cell) -> tuple[Any, Any]:
    match cell:
        case None:
            return None, None
        case Interval(low, high):
            return low, high
        case From(bound):
            return bound, None
        case Below(bound):
            return None, bound
        case In():
            raise ValueError("a column of values has no cut points")
        case _:
            assert_never(cell)
