"""How a built-in function is declared: its Python signature says everything.

    @builtin("substring before")
    def substring_before(run: Run, string: str, match: str) -> str: ...

The parameters' names are the standard's, underscores standing for blanks and a trailing one
dropped (`from_` is `from`). The annotations are the domains, a default makes a parameter
optional, `| None` admits null, `*args` takes one or more, and a first parameter `run: Run`
is filled in. Declaring a name again adds an overload; overloads are tried in order, first
with the arguments as they are, then with the conversions of 10.3.2.9.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import UnionType
from typing import Any, Final, TypeAlias, TypeVar

from pydmn.feel import types
from pydmn.feel.temporal import (
    MIDNIGHT_UTC,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.types import ANY, Type
from pydmn.feel.values import Function, Parameter, Range, Signature, Value, described
from pydmn.run import Run

Context: TypeAlias = dict[str, Value]
"""A FEEL context in the annotations of built-in functions."""

Point: TypeAlias = (
    Decimal | str | Date | Time | DateTime | DaysAndTimeDuration | YearsAndMonthsDuration
)
"""A value that has an order, in the annotations of built-in functions."""

_Implementation = TypeVar("_Implementation", bound=Callable[..., Any])

_ANNOTATIONS: Final[dict[str, tuple[type | UnionType, Type]]] = {
    "Value": (object, ANY),
    "Point": (Point, ANY),
    "Decimal": (Decimal, types.NUMBER),
    "str": (str, types.STRING),
    "bool": (bool, types.BOOLEAN),
    "list[Value]": (list, types.LIST),
    "list[str]": (list, types.ListType(types.STRING)),
    "list[Decimal]": (list, types.ListType(types.NUMBER)),
    "Context": (dict, types.CONTEXT),
    "Date": (Date, types.DATE),
    "Time": (Time, types.TIME),
    "DateTime": (DateTime, types.DATE_AND_TIME),
    "DaysAndTimeDuration": (DaysAndTimeDuration, types.DAYS_AND_TIME_DURATION),
    "YearsAndMonthsDuration": (YearsAndMonthsDuration, types.YEARS_AND_MONTHS_DURATION),
    "Range": (Range, types.RANGE),
    "Function": (Function, types.FUNCTION),
    "None": (type(None), types.NULL),
}

_SHORT: Final[dict[Type, str]] = {
    ANY: "value with an order",
    types.LIST: "list",
    types.RANGE: "range",
}
"""Names of types in notes, where their own say too much or too little."""

REGISTRY: Final[dict[str, Builtin]] = {}
"""Filled by the families when `pydmn.feel.builtins` is imported; read it there."""


def builtin(
    name: str, names: Mapping[str, str] | None = None
) -> Callable[[_Implementation], _Implementation]:
    """Declare the built-in function `name`; `names` maps parameters whose names no rule gives."""

    def declare(implementation: _Implementation) -> _Implementation:
        overload = _Overload(implementation, names or {})
        known = REGISTRY.get(name)
        overloads = (overload,) if known is None else (*known.overloads, overload)
        REGISTRY[name] = Builtin(name, overloads)
        return implementation

    return declare


class Builtin(Function):
    """A function of 10.3.4."""

    __slots__ = ("overloads",)

    def __init__(self, name: str, overloads: tuple[_Overload, ...]) -> None:
        results = {overload.result for overload in overloads}
        super().__init__(
            name,
            tuple(overload.signature for overload in overloads),
            results.pop() if len(results) == 1 else ANY,
        )
        self.overloads = overloads

    def __reduce__(self) -> str | tuple[Any, ...]:
        """A built-in function crosses process borders by its name."""
        return _by_name, (self.name,)

    def call(self, run: Run, args: Sequence[Value]) -> Value:
        """Call the first overload that takes `args`; null, with a note, when none does."""
        for convert in (False, True):
            for overload in self.overloads:
                bound = overload.bind(args, convert)
                if bound is not None:
                    return overload.run(run, bound)
        self._refuse(run, args)
        return None

    def call_named(self, run: Run, named: Mapping[str, Value]) -> Value:
        """Call the first overload that has all the names of `named`."""
        arranged = [
            (overload, args)
            for overload in self.overloads
            if (args := overload.arrange(named)) is not None
        ]
        for convert in (False, True):
            for overload, args in arranged:
                bound = overload.bind(args, convert)
                if bound is not None:
                    return overload.run(run, bound)
        if arranged:
            self._refuse(run, arranged[0][1])
        else:
            run.note("arguments", f"`{self.name}` does not have the parameters {', '.join(named)}")
        return None

    def _refuse(self, run: Run, args: Sequence[Value]) -> None:
        for overload in self.overloads:
            if overload.signature.takes(len(args)):
                run.note("argument-type", f"`{self.name}` {overload.complaint(args)}")
                return
        run.note("arguments", f"`{self.name}` does not take {len(args)} arguments")


class _Domain:
    """What one parameter accepts."""

    __slots__ = ("classes", "converts_date", "default", "name", "type")

    def __init__(self, annotation: str, default: Value) -> None:
        parts = [_ANNOTATIONS[part] for part in annotation.split(" | ")]
        described_types = [type_ for _, type_ in parts if type_ != types.NULL]
        self.classes = tuple(class_ for class_, _ in parts)
        self.type = described_types[0] if len(described_types) == 1 else ANY
        self.name = " or ".join(_SHORT.get(type_, str(type_)) for type_ in described_types)
        self.default = default
        self.converts_date = DateTime in self.classes and Date not in self.classes

    def convert(self, value: Value) -> Value:
        """Return `value` converted into the domain, or `_UNFIT` (10.3.2.9.4)."""
        classes = self.classes
        if value is None:
            # `Value` admits null; a class of its own for it would slow every call.
            return value if object in classes or type(None) in classes else _UNFIT
        if isinstance(value, classes):
            return value
        if isinstance(value, list):
            if len(value) == 1 and value[0] is not None and isinstance(value[0], classes):
                return value[0]
        elif list in classes:
            return [value]
        elif self.converts_date and isinstance(value, Date):
            return DateTime(value, MIDNIGHT_UTC)
        return _UNFIT


class _Overload:
    """One implementation with what it accepts."""

    __slots__ = ("_domains", "_implementation", "_takes_run", "_variadic", "result", "signature")

    def __init__(self, implementation: Callable[..., Any], names: Mapping[str, str]) -> None:
        code = implementation.__code__
        annotations = implementation.__annotations__
        self._implementation = implementation
        self._variadic = bool(code.co_flags & _HAS_VARARGS)
        plain = list(code.co_varnames[: code.co_argcount + self._variadic])
        self._takes_run = bool(plain) and annotations[plain[0]] == "Run"
        del plain[: self._takes_run]
        defaults = implementation.__defaults__ or ()
        required = len(plain) - self._variadic - len(defaults)
        filled = (*[_REQUIRED] * required, *defaults, *[_REQUIRED] * self._variadic)
        self._domains = tuple(
            _Domain(annotations[name], default) for name, default in zip(plain, filled, strict=True)
        )
        self.signature = Signature(
            tuple(
                Parameter(_feel_name(name, names), domain.type, domain.default is not _REQUIRED)
                for name, domain in zip(plain, self._domains, strict=True)
            ),
            self._variadic,
        )
        self.result = _Domain(annotations["return"], _REQUIRED).type

    def run(self, run: Run, args: list[Value]) -> Value:
        """Return the implementation's answer for bound arguments."""
        if self._takes_run:
            return self._implementation(run, *args)
        return self._implementation(*args)

    def bind(self, args: Sequence[Value], convert: bool) -> list[Value] | None:
        """Return the arguments to pass, converted if `convert`; None when they do not fit."""
        count = len(args)
        domains = self._domains
        if count != len(domains):
            if not self.signature.takes(count):
                return None
            if count > len(domains):
                domains += (domains[-1],) * (count - len(domains))
        bound: list[Value] = []
        for value, domain in zip(args, domains, strict=False):
            if convert:
                converted = domain.convert(value)
                if converted is _UNFIT:
                    return None
                bound.append(converted)
            elif isinstance(value, domain.classes):
                bound.append(value)
            else:
                return None
        return bound

    def arrange(self, named: Mapping[str, Value]) -> list[Value] | None:
        """Return positional arguments for `named`; None when a name is unknown.

        A parameter left out is its default, or null (10.3.2.13.5).
        """
        names = {parameter.name for parameter in self.signature.parameters}
        if not named.keys() <= names:
            return None
        return [
            named.get(parameter.name, None if domain.default is _REQUIRED else domain.default)
            for parameter, domain in zip(self.signature.parameters, self._domains, strict=True)
        ]

    def complaint(self, args: Sequence[Value]) -> str:
        """Say which of `args`, whose number fits and which cannot be bound, does not fit."""
        last = len(self._domains) - 1
        position, value = next(
            (min(index, last), value)
            for index, value in enumerate(args)
            if self._domains[min(index, last)].convert(value) is _UNFIT
        )
        name = self.signature.parameters[position].name
        return f"takes a {self._domains[position].name} as `{name}`, not {described(value)}"


class _Marker:
    """The class of the two markers below."""


_UNFIT: Final = _Marker()
_REQUIRED: Final = _Marker()
_HAS_VARARGS: Final = 0x04


def _feel_name(name: str, names: Mapping[str, str]) -> str:
    return names.get(name) or name.removesuffix("_").replace("_", " ")


def _by_name(name: str) -> Builtin:
    return REGISTRY[name]
