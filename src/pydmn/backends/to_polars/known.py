"""What is known of the steps of one graph, for the rows of one frame: made when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import polars as pl

from pydmn.backends.to_polars.answers import declared_dtype
from pydmn.backends.to_polars.coding import Coded
from pydmn.backends.to_polars.columns import Frame, codes_of, term_of_codes
from pydmn.backends.to_polars.inputs import Inputs
from pydmn.backends.to_polars.shapes import Term, Untranslated
from pydmn.backends.to_polars.tables import Runs
from pydmn.feel.types import Type
from pydmn.limits import Limits

_SAMPLE: Final = 2_048
_REPEATED: Final = 4
"""A column repeats itself where a sample of so many rows has each value so often."""


class Known:
    """The columns of inputs and of the decisions made so far, by the keys of their steps."""

    def __init__(
        self, inputs: Inputs, checked: pl.DataFrame, rows: int, runs: Runs, limits: Limits
    ) -> None:
        self.frame = Frame(checked, rows)
        self._inputs = inputs
        self._checked = checked
        self._runs = runs
        self._limits = limits
        self._coded: dict[str, Coded] = {}
        self._occurring: dict[str, pl.Series] = {}
        self._terms: dict[str, Term] = {}
        self._scales: dict[str, int | None] = {}
        self._dtypes: dict[str, Any] = {}
        self._types: dict[str, Type] = {}

    def read(self, as_codes: Iterable[str]) -> None:
        """Read all columns of the input, those of `as_codes` as codes.

        What is wrong with one is so said before anything is decided. Raises `InputError` and
        `LimitExceeded`.
        """
        self.codes(as_codes)
        for key in self._inputs.keys - self._coded.keys():
            with suppress(Untranslated):
                self.term(key)

    def take_codes(self, key: str, coded: Coded) -> None:
        """Take in a decision's answers as codes."""
        self._coded[key] = coded

    def take_type(self, key: str, dtype: Any, scale: int | None) -> None:
        """Take in what is known of a decision's answers in every frame of these columns.

        That is the type of their column, and the least scale of their numbers; None if unknown.
        """
        self._dtypes[key] = dtype
        self._scales[key] = scale

    def dtype(self, key: str) -> Any:
        """Return the type of the column of a decision's answers, None where it is not known."""
        return self._dtypes.get(key)

    def take_term(self, key: str, term: Term, type_: Type) -> None:
        """Take in a decision's answers as a column; `type_` is what is declared of them."""
        self._terms[key] = term
        self._types[key] = type_

    def coded(self, key: str) -> Coded | None:
        """Return a column's codes, where it has been made as codes."""
        return self._coded.get(key)

    def has_codes(self, keys: Iterable[str]) -> bool:
        """Say whether all these columns have been made as codes."""
        return all(key in self._coded for key in keys)

    def seems_few(self, keys: Iterable[str]) -> bool:
        """Say whether the input's columns among these repeat themselves in a sample of the rows."""
        for key in keys:
            name = self._inputs.name(key)
            if name is None:
                if key in self._terms:
                    return False
            elif key not in self._coded:
                rows = self._checked[name].gather_every(max(1, self.frame.rows // _SAMPLE))
                if len(rows.unique()) * _REPEATED > len(rows):
                    return False
        return True

    def codes(self, keys: Iterable[str]) -> Mapping[str, Coded]:
        """Return columns as codes; of what is no column, as a knowledge model, nothing."""
        wanted = [*keys]
        missing = [key for key in wanted if key not in self._coded]
        for key, (coded, occurring) in self._inputs.coded(
            self._checked, self._runs, missing
        ).items():
            self._coded[key] = coded
            self._occurring[key] = occurring
        for key in missing:
            if key in self._terms and key not in self._coded:
                dtype = declared_dtype(self._types[key])
                self._coded[key] = codes_of(self._terms[key], self.frame, dtype)
        return {key: self._coded[key] for key in wanted if key in self._coded}

    def term(self, key: str) -> Term:
        """Return a column as a term. Raises `Untranslated` for one that has none."""
        known = self._terms.get(key)
        if known is None:
            known = self._terms[key] = self._made(key)
        return known

    def _made(self, key: str) -> Term:
        name = self._inputs.name(key)
        if name is None:
            if key not in self._coded:
                raise Untranslated("a name that is no column")
            return term_of_codes(self._coded[key], self._scales[key], self.frame)
        try:
            occurring = self._occurring.get(key, self._checked[name])
            return self._inputs.term(occurring, name)
        except Untranslated:
            scale = _scale(self._checked.schema[name])
            if scale is None:
                raise
            return term_of_codes(self.codes([key])[key], scale, self.frame)


def _scale(dtype: Any) -> int | None:
    """Return the scale of the numbers in a column of `dtype`; None where that is not fixed."""
    if isinstance(dtype, pl.List | pl.Array):
        return _scale(dtype.inner)
    if isinstance(dtype, pl.Struct):
        return max((_scale(each.dtype) or 0 for each in dtype.fields), default=0)
    if isinstance(dtype, pl.Decimal):
        return dtype.scale
    return None if dtype.is_float() else 0
