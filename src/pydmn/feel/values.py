"""FEEL's values: what they are, when they are equal, which comes first, what type they have.

A value is a `Decimal` (number), `str`, `bool`, None (null), one of the classes of
`pydmn.feel.temporal`, a `Range`, a `Function`, a `list`, or a `dict` (context) with string
keys in order. Lists and dicts are never changed once made. Python's `==` is not FEEL's: in
Python `True == Decimal(1)`. Use `equal` and `compare`.

Lists and contexts may share parts and be nested deeper than Python calls, so whatever walks
them keeps a stack of its own and charges the run, where one is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, assert_never

from pydmn.feel import types
from pydmn.feel.temporal import (
    MIDNIGHT_UTC,
    NANOS,
    Date,
    DateTime,
    DaysAndTimeDuration,
    Time,
    YearsAndMonthsDuration,
)
from pydmn.feel.types import (
    ANY,
    NULL,
    BasicType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from pydmn.run import Run

Value: TypeAlias = Any
"""Any FEEL value; the module's docstring lists the classes."""


# --- ranges and functions -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of ordered values (10.3.2.7); a bound that is None is open to infinity.

    `operator` is set for `(= x)` and `(!= x)`, which keep x in both bounds: as ranges they
    equal only their like (Table 53).
    """

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True
    operator: Literal["=", "!="] | None = None

    def contains(self, value: Value) -> bool | None:
        """Say whether `value` lies in the range; None when they cannot be compared (Table 55)."""
        if self.operator is not None:
            same = equal(value, self.low)
            return same if self.operator == "=" or same is None else not same
        if self.low is not None:
            order = compare(self.low, value)
            if order is None:
                return None
            if order > 0 or (order == 0 and not self.low_closed):
                return False
        if self.high is not None:
            order = compare(value, self.high)
            if order is None:
                return None
            return order < 0 or (order == 0 and self.high_closed)
        return True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter; an `optional` one may be left out."""

    name: str
    type: Type = ANY
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function; `variadic`: the last parameter takes one or more arguments."""

    parameters: tuple[Parameter, ...]
    variadic: bool = False

    def takes(self, count: int) -> bool:
        """Say whether `count` positional arguments fit."""
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= count and (self.variadic or count <= len(self.parameters))


class Function:
    """A function value (10.3.2.8); subclasses say in `invoke` what it does.

    `signatures` has one entry but for overloaded built-in functions; `parameters` and
    `variadic` are those of the first.
    """

    __slots__ = ("name", "result_type", "signatures")

    def __init__(
        self, name: str, signatures: tuple[Signature, ...], result_type: Type = ANY
    ) -> None:
        self.name = name
        self.signatures = signatures
        self.result_type = result_type

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The formal parameters, in order."""
        return self.signatures[0].parameters

    @property
    def variadic(self) -> bool:
        """True when the last parameter takes any number of arguments."""
        return self.signatures[0].variadic

    @property
    def type(self) -> FunctionType:
        """The function's own type; parameters are unknown where it is overloaded or variadic."""
        if len(self.signatures) > 1 or self.variadic:
            return FunctionType(None, self.result_type)
        return FunctionType(tuple(p.type for p in self.parameters), self.result_type)

    def invoke(self, run: Run, args: list[Value]) -> Value:
        """Return the result for `args`, one for each parameter, already converted."""
        raise NotImplementedError

    def call(self, run: Run, args: Sequence[Value]) -> Value:
        """Call with positional arguments, all of which are needed (10.3.2.13.5).

        Null with a note where number or type of the arguments do not fit.
        """
        if len(args) != len(self.parameters):
            run.note(
                "arguments",
                f"`{self.name}` takes {len(self.parameters)} arguments, not {len(args)}",
            )
            return None
        return self._enter(run, args)

    def call_named(self, run: Run, named: Mapping[str, Value]) -> Value:
        """Call with named arguments; a parameter that is left out is null (10.3.2.13.5)."""
        unknown = named.keys() - {parameter.name for parameter in self.parameters}
        if unknown:
            run.note("arguments", f"`{self.name}` has no parameter `{min(unknown)}`")
            return None
        return self._enter(run, [named.get(parameter.name) for parameter in self.parameters])

    def _enter(self, run: Run, args: Sequence[Value]) -> Value:
        converted = []
        for parameter, value in zip(self.parameters, args, strict=True):
            argument = coerce(value, parameter.type, run)
            if argument is NOT_COERCIBLE:
                run.note(
                    "argument-type",
                    f"`{self.name}` takes {parameter.type} as `{parameter.name}`,"
                    f" not {described(value)}",
                )
                return None
            converted.append(argument)
        run.charge(1)
        run.depth += 1
        try:
            if run.depth > run.limits.call_depth:
                run.limits.exceeded("call_depth")
            return self.invoke(run, converted)
        finally:
            run.depth -= 1


# --- kinds ----------------------------------------------------------------------------

_KINDS: Final[dict[type, str]] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysAndTimeDuration: "days and time duration",
    YearsAndMonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
}
_BASIC: Final[Mapping[str, Type]] = {"null": NULL} | {
    name: type_ for name, type_ in types.BUILT_IN.items() if isinstance(type_, BasicType)
}
"""The types of the kinds that have no structure."""


def kind(value: Value) -> str:
    """Return the kind of `value`: `number`, `list`, `null`, ..."""
    return _KINDS.get(type(value), "function")


def described(value: Value) -> str:
    """Return the kind of `value` for a message: `a number`, `null`."""
    name = kind(value)
    return name if name == "null" else f"a {name}"


# --- equality and order ---------------------------------------------------------------


def equal(left: Value, right: Value, run: Run | None = None) -> bool | None:
    """Return what `left = right` is (Tables 52 and 53).

    Null equals null alone; values of unlike kinds give None. Inside lists and contexts,
    unlike kinds are unequal. Times count whole seconds, as their `value` does, and a local
    one is read in the zone of the other.
    """
    if type(left) is type(right) and type(left) in _PLAIN:
        return bool(left == right)
    return _walk(left, right, _equal_scalars, run)


def identical(left: Value, right: Value, run: Run | None = None) -> bool:
    """Say whether both are the same element of the domain: the `is` of 10.3.2.2."""
    return _walk(left, right, _identical_scalars, run) is True


def compare(left: Value, right: Value) -> int | None:
    """Return -1, 0 or 1 as `left` comes before, with or after `right` (Table 54).

    None where there is no order: unlike kinds, null, booleans, lists, contexts, ranges,
    functions. Strings go by code points.
    """
    if type(left) is not type(right):
        return None
    match left:
        case Decimal() | str():
            return _order(left, right)
        case Date():
            return _order((left.year, left.month, left.day), (right.year, right.month, right.day))
        case Time():
            return _compare_times(left, right)
        case DateTime():
            return _compare_date_times(left, right)
        case DaysAndTimeDuration():
            return _order(left.nanoseconds, right.nanoseconds)
        case YearsAndMonthsDuration():
            return _order(left.months, right.months)
    return None


_PLAIN: Final = frozenset(
    {Decimal, str, bool, Date, DaysAndTimeDuration, YearsAndMonthsDuration, type(None)}
)


def _order(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _compare_times(left: Time, right: Time) -> int:
    here, there = left.nanoseconds // NANOS, right.nanoseconds // NANOS
    if left.is_local or right.is_local or left.zone == right.zone is not None:
        return _order(here, there)
    return _order(here - (left.utc_offset or 0), there - (right.utc_offset or 0))


def _compare_date_times(left: DateTime, right: DateTime) -> int:
    if left.is_local or right.is_local:
        return _order(left.wall_nanoseconds // NANOS, right.wall_nanoseconds // NANOS)
    return _order(left.epoch_nanoseconds // NANOS, right.epoch_nanoseconds // NANOS)


def _equal_scalars(left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return left is right
    if isinstance(left, Function) and isinstance(right, Function):
        return left is right
    if type(left) is not type(right):
        return None
    if type(left) in _PLAIN:
        return bool(left == right)
    return compare(left, right) == 0


def _identical_scalars(left: Value, right: Value) -> bool | None:
    if isinstance(left, Function) or isinstance(right, Function):
        return left is right
    return type(left) is type(right) and bool(left == right)


def _walk(
    left: Value,
    right: Value,
    scalars: Callable[[Value, Value], bool | None],
    run: Run | None,
) -> bool | None:
    """Compare two values part by part; only the outermost pair may give None."""
    if not isinstance(left, list | dict | Range) or type(left) is not type(right):
        return scalars(left, right)
    pending: list[tuple[Value, Value]] = [(left, right)]
    while pending:
        one, other = pending.pop()
        if one is other:
            continue
        if isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pending.extend(zip(one, other, strict=True))
        elif isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pending.extend((value, other[key]) for key, value in one.items())
        elif isinstance(one, Range) and isinstance(other, Range):
            if _shape(one) != _shape(other):
                return False
            pending += [(one.low, other.low), (one.high, other.high)]
        else:
            if scalars(one, other) is not True:
                return False
            continue
        if run is not None:
            run.charge(2 if isinstance(one, Range) else len(one))
    return True


def _shape(value: Range) -> tuple[bool, bool, str | None]:
    return value.low_closed, value.high_closed, value.operator


# --- types ----------------------------------------------------------------------------

_TYPE_DEPTH: Final = 60


def type_of(value: Value) -> Type:
    """Return the type of `value` (10.3.2.9); a list of unlike elements is `list<Any>`.

    Below 60 levels of nesting the type is `Any`: no type that is written is deeper.
    """
    return _type_of(value, {}, 0)


def _type_of(value: Value, known: dict[int, Type], depth: int) -> Type:
    basic = _BASIC.get(kind(value))
    if basic is not None:
        return basic
    if isinstance(value, Function):
        return value.type
    if depth == _TYPE_DEPTH:
        return ANY
    if isinstance(value, Range):
        end = value.high if value.low is None else value.low
        return RangeType(_type_of(end, known, depth + 1))
    found = known.get(id(value))
    if found is None:
        if isinstance(value, list):
            elements = {_type_of(item, known, depth + 1) for item in value} - {NULL}
            found = ListType(elements.pop() if len(elements) == 1 else ANY if elements else NULL)
        else:
            found = ContextType(
                tuple((key, _type_of(item, known, depth + 1)) for key, item in value.items())
            )
        known[id(value)] = found
    return found


def instance_of(value: Value, type_: Type, run: Run | None = None) -> bool:
    """Return what `value instance of type_` is (Table 61); null is of type Null alone."""
    if value is None:
        return type_ == NULL
    return _fits(value, type_, run)


def _fits(value: Value, type_: Type, run: Run | None) -> bool:
    if value is None:
        return True  # Null conforms to every type (10.3.2.9.2)
    match type_:
        case BasicType():
            return type_ == ANY or _BASIC.get(kind(value)) == type_
        case ListType(element):
            if not isinstance(value, list):
                return False
            if run is not None:
                run.charge(len(value))
            return element == ANY or all(_fits(item, element, run) for item in value)
        case ContextType(entries):
            return isinstance(value, dict) and all(
                key in value and _fits(value[key], entry, run) for key, entry in entries
            )
        case RangeType(element):
            return isinstance(value, Range) and (
                _fits(value.low, element, run) and _fits(value.high, element, run)
            )
        case FunctionType():
            return isinstance(value, Function) and _function_fits(value, type_)
    assert_never(type_)


def _function_fits(function: Function, type_: FunctionType) -> bool:
    """Say whether `function` can be used as a `type_` (10.3.2.9.2).

    What a function leaves open, the type of its result or of a parameter, rules out nothing;
    an overloaded one fits by any of its signatures.
    """
    if ANY not in (function.result_type, type_.result) and not types.conforms(
        function.result_type, type_.result
    ):
        return False
    if type_.parameters is None:
        return True
    return any(_takes(signature, type_.parameters) for signature in function.signatures)


def _takes(signature: Signature, given: tuple[Type, ...]) -> bool:
    if not signature.takes(len(given)):
        return False
    wanted = [parameter.type for parameter in signature.parameters]
    wanted += wanted[-1:] * (len(given) - len(wanted))
    return all(ANY in pair or types.conforms(*pair) for pair in zip(given, wanted, strict=False))


class _NotCoercible:
    """The class of `NOT_COERCIBLE`."""

    def __repr__(self) -> str:
        return "NOT_COERCIBLE"


NOT_COERCIBLE: Final = _NotCoercible()
"""What `coerce` returns where no conversion fits; null is a value and fits every type."""


def coerce(value: Value, type_: Type, run: Run | None = None) -> Value:
    """Return `value` as one of `type_`, converted as 10.3.2.9.4 allows, or `NOT_COERCIBLE`.

    A value that conforms stays as it is. Otherwise a list of one element becomes that
    element, another value a list of one, a date the date and time of its UTC midnight.
    """
    if value is None or _fits(value, type_, run):
        return value
    if isinstance(type_, ListType):
        if not isinstance(value, list) and _fits(value, type_.element, run):
            return [value]
    elif isinstance(value, list):
        if len(value) == 1 and value[0] is not None and _fits(value[0], type_, run):
            return value[0]
    elif isinstance(value, Date) and type_ == types.DATE_AND_TIME:
        return DateTime(value, MIDNIGHT_UTC)
    return NOT_COERCIBLE


# --- members --------------------------------------------------------------------------


def member(run: Run, value: Value, name: str) -> Value:
    """Return what `value.name` is: an entry of a context or a property (Tables 64 to 67).

    A list gives the list of its elements' members. Null, with a note, where there is none.
    """
    if isinstance(value, list):
        run.charge(len(value))
        run.depth += 1
        try:
            if run.depth > run.limits.call_depth:
                run.limits.exceeded("call_depth")
            return [member(run, item, name) for item in value]
        finally:
            run.depth -= 1
    if isinstance(value, dict):
        if name in value:
            return value[name]
        run.note("no-member", f"the context has no entry `{name}`")
        return None
    properties = _PROPERTIES.get(type(value), {})
    if name in properties:
        found = properties[name](value)
        if found is None:
            run.note("no-member", f"this {kind(value)} has no `{name}`")
        return found
    run.note("no-member", f"{described(value)} has no `{name}`")
    return None


def _seconds(nanoseconds: int) -> Decimal:
    whole, fraction = divmod(abs(nanoseconds), NANOS)
    text = f"{whole}.{fraction:09d}".rstrip("0").rstrip(".") if fraction else str(whole)
    return Decimal(f"-{text}" if nanoseconds < 0 else text)


def _offset(offset: int | None) -> DaysAndTimeDuration | None:
    return None if offset is None else DaysAndTimeDuration(offset * NANOS)


_OF_DATE: Final[dict[str, Callable[[Date], Value]]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_OF_TIME: Final[dict[str, Callable[[Time], Value]]] = {
    "hour": lambda time: Decimal(time.nanoseconds // (3_600 * NANOS)),
    "minute": lambda time: Decimal(time.nanoseconds // (60 * NANOS) % 60),
    "second": lambda time: _seconds(time.nanoseconds % (60 * NANOS)),
    "timezone": lambda time: time.zone,
}


def _of_part(get: Callable[[Any], Value], part: str) -> Callable[[Any], Value]:
    return lambda value: get(getattr(value, part))


_PROPERTIES: Final[dict[type, Mapping[str, Callable[[Any], Value]]]] = {
    Date: _OF_DATE,
    # A named zone has no offset without a date, so `time offset` is null for such a time.
    Time: _OF_TIME | {"time offset": lambda time: _offset(None if time.zone else time.offset)},
    DateTime: (
        {name: _of_part(get, "date") for name, get in _OF_DATE.items()}
        | {name: _of_part(get, "time") for name, get in _OF_TIME.items()}
        | {"time offset": lambda value: _offset(value.utc_offset)}
    ),
    DaysAndTimeDuration: {
        "days": lambda duration: Decimal(duration.parts[0]),
        "hours": lambda duration: Decimal(duration.parts[1]),
        "minutes": lambda duration: Decimal(duration.parts[2]),
        "seconds": lambda duration: _seconds(duration.parts[3]),
    },
    YearsAndMonthsDuration: {
        "years": lambda duration: Decimal(duration.parts[0]),
        "months": lambda duration: Decimal(duration.parts[1]),
    },
    Range: {
        # `(!= x)` has no endpoints: it is two stretches.
        "start": lambda value: None if value.operator == "!=" else value.low,
        "end": lambda value: None if value.operator == "!=" else value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
