"""The keys of a TOML table, handed out by type, with what is wrong said of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from medpolicy.problems import Problem, did_you_mean


def read_toml(data: bytes, where: str, problems: list[Problem]) -> dict[str, Any] | None:
    """Return what a TOML file holds; None, with what is wrong in `problems`, for what is none."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 at byte {error.start}"
    except tomllib.TOMLDecodeError as error:
        message = f"is no TOML: {error}"
    except RecursionError:
        message = "is no TOML that can be read: it is nested too deep"
    except ValueError:
        message = "is no TOML that can be read: a number has too many digits"
    problems.append(Problem(where, message))
    return None


class Keys:
    """One table of a TOML file: hands out its keys by type, and reports the rest.

    What is missing or of another type becomes a problem in `problems`, and None here.
    """

    def __init__(self, data: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
        self._data = dict(data)
        self._where = where
        self._problems = problems
        self._asked: list[str] = []

    @property
    def where(self) -> str:
        """The place of the table, for a message."""
        return self._where

    def _problem(self, message: str, help_: str | None = None) -> None:
        self._problems.append(Problem(self._where, message, help_))

    def _take(self, name: str, required: bool) -> Any:
        self._asked.append(name)
        if name not in self._data:
            if required:
                self._problem(f"`{name}` is missing")
            return None
        return self._data.pop(name)

    def table(self, name: str, *, required: bool = True) -> Keys:
        """Return a table within; an empty one, with what is wrong said, where there is none."""
        value = self._take(name, required)
        if value is not None and not isinstance(value, dict):
            self._problem(f"`{name}` is no table", f"write it as [{name}]")
            value = None
        return Keys(value or {}, f"{self._where}, [{name}]", self._problems)

    def tables(self, name: str) -> list[Keys]:
        """Return the tables of an array of them; none where the key is absent."""
        value = self._take(name, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self._problem(f"`{name}` is no list of tables", f"write each as [[{name}]]")
            return []
        return [
            Keys(each, f"{self._where}, [[{name}]] {number}", self._problems)
            for number, each in enumerate(value, 1)
        ]

    def text(self, name: str, *, required: bool = True) -> str | None:
        """Return a string that is not empty."""
        value = self._take(name, required)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self._problem(f"`{name}` is no text", "give a string that is not empty")
            return None
        return value

    def texts(self, name: str, *, required: bool = True) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._take(name, required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self._problem(f"`{name}` is no list of strings")
            return ()
        return tuple(value)

    def one_of(self, name: str, known: tuple[str, ...]) -> str | None:
        """Return a string that is one of `known`."""
        value = self.text(name)
        if value is not None and value not in known:
            self._problem(f"`{name}` is not one of its values", did_you_mean(value, known))
            return None
        return value

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Return a date."""
        value = self._take(name, required)
        if value is None:
            return None
        if type(value) is not date:
            self._problem(f"`{name}` is no date", "write it as 2020-02-05, without quotes")
            return None
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; false where the key is absent."""
        value = self._take(name, required=False)
        if value is not None and not isinstance(value, bool):
            self._problem(f"`{name}` is neither true nor false")
        return value is True

    def rest(self) -> list[tuple[str, Any]]:
        """Return every key that is left, with its value."""
        taken = list(self._data.items())
        self._data.clear()
        return taken

    def finish(self) -> None:
        """Report every key that nobody asked for."""
        for name in self._data:
            self._problem(f"unknown key `{name}`", did_you_mean(name, self._asked))
