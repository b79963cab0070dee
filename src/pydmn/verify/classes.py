"""The classes of an input: values that no decision can tell apart have one number.

What tells values apart are the probes of `pydmn.verify.probes`. Each is evaluated once for a
value; a class is what all of them give, and stands for the first value that was in it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from pydmn.feel import host, text
from pydmn.plan.logic import Step
from pydmn.run import Run
from pydmn.verify.diagrams import Answer
from pydmn.verify.probes import MEMBER, Probes

Expression = Callable[[Run, Mapping[str, Any]], Any]

KEPT: Final = 65_536
"""So many values of one input are remembered; its classes all are."""


class Judge(Protocol):
    """What evaluates probes; a backend."""

    def expression(self, step: Step) -> Expression:
        """Return the function that evaluates a step which is not part of the plan."""
        ...

    def checked(self, step: Step, run: Run, value: Any) -> Any:
        """Return the value that an input has: `value`, or null where its item forbids it."""
        ...


def exact(run: Run, value: Any) -> Hashable:
    """Return what a FEEL value or an answer is, to the last digit: 1 and 1.0 are two."""
    match value:
        case bool() | str() | int() | tuple() | None:
            return (type(value), value)
        case Answer():
            return (Answer, exact(run, value.value), value.hits)
        case list():
            return (list, *(exact(run, each) for each in value))
        case dict():
            return (dict, *((name, exact(run, each)) for name, each in value.items()))
        case Decimal():
            return (Decimal, str(value))
    return (type(value), text.literal(run, value))


_LASTING: Final = frozenset({bool, str, int, date, type(None)})


def host_key(value: Any) -> Hashable:
    """Return what finds a host's value again; None for one that is not looked for."""
    class_ = value.__class__
    if class_ in _LASTING:
        return (class_, value)
    if class_ is Decimal:
        return (class_, str(value))
    if (class_ is list or class_ is tuple) and {each.__class__ for each in value} <= {str}:
        return tuple(value)
    return None


class Asking:
    """The probes of an input, compiled."""

    def __init__(self, step: Step, probes: Probes, judge: Judge, runs: Callable[[], Run]) -> None:
        self.step = step
        self._judge = judge
        self.runs = runs
        self.probes = [judge.expression(each) for each in probes.steps]
        self.members = probes.members
        self.questions = [
            (judge.expression(each.step), each.idle)
            for each in (() if probes.members is None else probes.members.questions)
        ]

    def read(self, value: Any) -> Any:
        """Return a host's value as the decisions have it. Raises `InputError`."""
        run, step = self.runs(), self.step
        given = host.from_python(value, step.item.type, run.limits, f"input `{step.name}`")
        return self._judge.checked(step, run, given)


class Classes:
    """The classes of one input, where `given` are the values of what its probes read beside it.

    `made` gives the number of the class that a FEEL value founds, and is asked once for each.
    """

    def __init__(
        self, asking: Asking, given: Mapping[str, Any], made: Callable[[Any], int]
    ) -> None:
        self._asking = asking
        self._given = given
        self._made = made
        self._known: dict[Hashable, int] = {}
        self._numbers: dict[Hashable, int] = {}
        self.members = None if asking.members is None else MemberClasses(asking, given)
        """What tells the members of a list apart; None where more is asked of the list."""

    def known(self, key: Hashable) -> int | None:
        """Return the number of a value that was asked for before, by its `host_key`."""
        return self._known.get(key)

    def number(self, value: Any, key: Hashable) -> int:
        """Return the number of a host's value. Raises `InputError`, `LimitExceeded`."""
        number = self._class_of(self._asking.read(value))
        if key is not None:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = number
        return number

    def of_members(self, classes: Iterable[int], *, empty: bool) -> int:
        """Return the number of the lists whose members are of these classes, in this order.

        Idle members are left out; `empty` says that there are none either.
        """
        assert self.members is not None
        members = [self.members.values[each] for each in classes]
        if not members and not empty:
            members = [self.members.values[IDLE]]
        return self._class_of(members)

    def _class_of(self, value: Any) -> int:
        run = self._asking.runs()
        given = {**self._given, self._asking.step.key: value}
        key = tuple([exact(run, probe(run, given)) for probe in self._asking.probes])
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._made(value)
        return number


IDLE: Final = 0
"""The class of the members of a list that have no say."""


class MemberClasses:
    """The classes of a list's members, from 0: those that have no say, and the others.

    Where the list's members are `ordered`, a list is all of its members that have a say, in
    their order and as often as they come; else it is the set of their classes.
    """

    def __init__(self, asking: Asking, given: Mapping[str, Any]) -> None:
        assert asking.members is not None
        self.ordered = asking.members.ordered
        self._asking = asking
        self._given = given
        self._numbers: dict[Hashable, int] = {}
        self.values: list[str] = [""]
        """A member of each class."""
        self._idle_known = False

    def number(self, member: str) -> int:
        """Return the class of a member."""
        run = self._asking.runs()
        given = {**self._given, MEMBER: member}
        answers = [(ask(run, given), idle) for ask, idle in self._asking.questions]
        if all(answer is idle for answer, idle in answers):
            if not self._idle_known:
                self.values[IDLE] = member
                self._idle_known = True
            return IDLE
        key = member if self.ordered else tuple([exact(run, answer) for answer, _ in answers])
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(member)
        return number
