"""What decisions can answer, whatever is known of their inputs, kept for the next time.

As in `pydmn.verify.worlds` an answer is a diagram over the unknown inputs. Here all questions
share their diagrams, and each diagram has a number. The work is cut into parts
(`pydmn.verify.parts`), and a part is done once for the numbers that it reads: a question like
others before it is a few look-ups, and a million of them are a few gathers. Inputs come as the
numbers of their classes (`pydmn.verify.classes`), so that values which nothing can tell apart
are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from threading import RLock
from typing import TYPE_CHECKING, Any

from pydmn.errors import InputError, NotFinite
from pydmn.feel import host
from pydmn.plan.effects import is_pure
from pydmn.plan.logic import Plan, Step
from pydmn.plan.stack import with_room
from pydmn.run import Run
from pydmn.verify.classes import Asking, Classes, exact, host_key
from pydmn.verify.deciding import Deciding, of_unknowns
from pydmn.verify.diagrams import Diagrams, Leaf, Node, values
from pydmn.verify.outcomes import Unknown
from pydmn.verify.parts import Backend, Builder, Part, Places
from pydmn.verify.probes import is_plain_list, probes

if TYPE_CHECKING:
    from pydmn.verify.spread import Spread


class Outlook:
    """What the decisions of a plan can answer; see `Model.outlook`.

    Safe among threads. Numbers are of this outlook alone, and it keeps them all: `size` says
    how many there are.
    """

    def __init__(
        self,
        plan: Plan,
        steps: Sequence[Step],
        asked: Iterable[str],
        backend: Backend,
        fixed: Mapping[str, Any],
        unknowns: Iterable[Unknown],
        open_when: Mapping[str, Step],
        runs: Callable[[], Run],
    ) -> None:
        for step in steps:
            if not is_pure(step):
                message = f"`{step.name}` reads the clock, or calls a function of the host"
                raise NotFinite(message)
        self._plan = plan
        self._runs = runs
        self._lock = RLock()
        self._diagrams = Diagrams(runs(), exact)
        self._nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}
        self._steps = steps
        self._backend = backend
        self._fixed = fixed
        inputs = [step for step in steps if step.kind == "input" and step.key not in fixed]
        needed = {step.key for step in inputs}
        self.unknowns = tuple(each for each in unknowns if each.key in needed)
        self._asking, self.beside = self._asked(inputs)
        """The input beside which another is read: its number comes with the other's values."""
        inputs.sort(key=lambda step: step.name in self.beside)
        self.inputs = tuple(step.name for step in inputs)
        """The inputs that answers depend on, in the order of their places."""
        # An unknown has a number of its own, even where it has one value only.
        self._opened = {each.name: self._number(Leaf(each)) for each in self.unknowns}
        self._classes: dict[tuple[str, int | None], Classes] = {}
        builder = Builder(self._diagrams, plan, backend, inputs, fixed, self.unknowns, open_when)
        builder.build(asked)
        self._made = 0
        self.parts = builder.parts
        """The parts, in the order of their places, which come after those of the inputs."""
        self._single = self.parts[: builder.beside - len(inputs)]
        self._places: Mapping[str, Places] = builder.places

    def _asked(self, inputs: Sequence[Step]) -> tuple[dict[str, Asking], dict[str, str]]:
        """Return what each input is asked, and the input beside which a list is read.

        A list whose members are looked for in another list is known by its members once the
        other's class is.
        """
        readers = [step for step in self._steps if step.kind != "input"]
        asking: dict[str, Asking] = {}
        beside: dict[str, str] = {}
        for step in inputs:
            found = probes(step, readers, self._fixed)
            if is_plain_list(step) and found.members is None:
                for other in inputs:
                    if not is_plain_list(other) or other.key == step.key or other.name in beside:
                        continue
                    once = {each.key for each in self._hanging_on(other)}
                    tried = probes(step, readers, {*self._fixed, other.key, *once})
                    if tried.members is not None:
                        found, beside[step.name] = tried, other.name
                        break
            asking[step.name] = Asking(step, found, self._backend, self._runs)
        return asking, beside

    def _hanging_on(self, one: Step) -> list[Step]:
        """Return the decisions that depend on one input alone, those first that others read."""
        known = {one.key, *self._fixed}
        found = []
        for step in self._steps:
            if step.kind == "decision" and all(each.key in known for each in step.requirements):
                known.add(step.key)
                found.append(step)
        return found

    def _classes_of(self, name: str, beside: int | None) -> Classes:
        found = self._classes.get((name, beside))
        if found is None:
            given = dict(self._fixed)
            if name in self.beside:
                if beside is None:
                    message = f"input `{name}` is read beside `{self.beside[name]}`"
                    raise InputError(message)
                given = self._values_beside(self.beside[name], beside)
            found = Classes(self._asking[name], given, self._founded)
            self._classes[name, beside] = found
        return found

    def _values_beside(self, other: str, number: int) -> dict[str, Any]:
        """Return the values of what hangs on the input `other`, where it has a number."""
        node = self._nodes[number]
        assert isinstance(node, Leaf)
        step = self._asking[other].step
        given = {**self._fixed, step.key: node.value}
        for each in self._hanging_on(step):
            given[each.key], _ = self._backend.value(each, self._runs(), given)
        return given

    # --- numbers -----------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many diagrams and answers are kept."""
        return len(self._nodes) + self._made

    def number(self, name: str, value: Any, beside: int | None = None) -> int:
        """Return the number of a host's value of the input `name`.

        Questions with the same numbers have the same answers, with the same rules hit and the
        same inputs left to ask for. An input that is read `beside` another (see `beside`) takes
        the other's number, all others none. Raises `InputError`, `LimitExceeded`.
        """
        key = host_key(value)
        met = self._classes.get((name, beside))
        found = None if key is None or met is None else met.known(key)
        if found is not None:
            return found
        with self._lock:
            classes = self._classes_of(name, beside)
            return with_room(lambda: classes.number(value, key))

    def unknown(self, name: str) -> int:
        """Return the number of the input `name` where it is not known."""
        return self._opened[name]

    def members(self, name: str, beside: int | None = None) -> Members | None:
        """Return what tells the members of the list `name` apart; None where nothing does."""
        with self._lock:
            classes = self._classes_of(name, beside)
        return None if classes.members is None else Members(classes, self._lock)

    def _founded(self, value: Any) -> int:
        return self._number(self._diagrams.leaf(value))

    def _number(self, node: Node) -> int:
        found = self._numbers.get(node)
        if found is None:
            self._nodes.append(node)
            found = self._numbers[node] = len(self._nodes) - 1
        return found

    # --- answers -----------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Say whether `name` is among the decisions that are asked, or that these need."""
        return self._plan.names.get(name, "") in self._places

    def places(self, name: str) -> Places:
        """Return where the answers of a decision stand; `UnknownName` is for `Model.step`."""
        return self._places[self._plan.names[name]]

    def prospect(self, numbers: Sequence[int]) -> Prospect:
        """Return the answers to a question, for the numbers of its `inputs`.

        Raises `LimitExceeded`, and its methods do.
        """
        return Prospect(self, self.answered(numbers))

    def answered(self, numbers: Sequence[int]) -> list[int]:
        """Return the numbers of all places that `Prospect` reads, for those of `inputs`.

        Raises `LimitExceeded`.
        """
        found = list(numbers)
        for part in self._single:
            number = part.known.get(part.key(found))
            if number is None:
                reads = tuple([found[place] for place in part.reads])
                number = self.worked_out(part, reads, [found[place] for place in part.sees])
            found.append(number)
        return found

    def spread(self, wanted: Iterable[int]) -> Spread:
        """Return what answers columns of questions, of which the places `wanted` are read.

        Needs numpy, which the extra `frame` brings.
        """
        from pydmn.verify.spread import Spread

        return Spread(self, wanted)

    def worked_out(self, part: Part, reads: tuple[int, ...], sees: Sequence[int]) -> int:
        """Return the number of a part's diagram, for the numbers that it reads and sees."""
        with self._lock:
            key = reads[0] if len(reads) == 1 else reads
            found = part.known.get(key)
            if found is None:
                self._diagrams.run = self._runs()
                nodes = tuple([self._nodes[number] for number in (*reads, *sees)])
                before = len(part.memory)
                found = self._number(with_room(lambda: part.work(nodes)))
                part.known[key] = found
                self._made += 1 + len(part.memory) - before
            return found

    def values(self, number: int, entry: str | None = None) -> list[Any]:
        """Return the host's values that a number stands for, or of their `entry`, each once."""
        with self._lock:
            return [host.to_python(each) for each in values(self._entry(number, entry))]

    def hits(self, number: int) -> list[tuple[str, ...]]:
        """Return every set of rules that a number stands for."""
        return values(self._nodes[number])

    def deciding(self, number: int, entry: str | None = None) -> list[Deciding]:
        """Return the unknown inputs that can still change an answer; see `Possible.deciding`."""
        with self._lock:
            return of_unknowns(self._diagrams, self._entry(number, entry), self.unknowns)

    def _entry(self, number: int, entry: str | None) -> Node:
        node = self._nodes[number]
        if entry is None:
            return node
        self._diagrams.run = self._runs()
        return self._diagrams.combine(
            (node,), lambda at, _: at[0].get(entry) if isinstance(at[0], dict) else None
        )


class Prospect:
    """The answers to one question, as `Possible` gives them.

    `found` has the numbers of the places that are read, by place.
    """

    __slots__ = ("_found", "_outlook")

    def __init__(self, outlook: Outlook, found: Sequence[int] | Mapping[int, int]) -> None:
        self._outlook = outlook
        self._found = found

    def values(self, name: str, entry: str | None = None) -> list[Any]:
        """Return every value that `name`, or its `entry`, can have, each once."""
        return self._outlook.values(self._found[self._outlook.places(name).value], entry)

    def hits(self, name: str) -> list[tuple[str, ...]]:
        """Return every set of rules that can be hit in the decision `name`."""
        place = self._outlook.places(name).hits
        return [()] if place is None else self._outlook.hits(self._found[place])

    def deciding(self, name: str, entry: str | None = None) -> list[Deciding]:
        """Return the unknowns that can still change `name`, those that settle most first."""
        return self._outlook.deciding(self._found[self._outlook.places(name).value], entry)


class Members:
    """The members of a list: a list is known by the classes of its members.

    Where it is `ordered`, by those that have a say, in their order and as often as they come;
    else by the set of their classes. Class 0 has no say.
    """

    def __init__(self, classes: Classes, lock: AbstractContextManager[Any]) -> None:
        assert classes.members is not None
        self._classes = classes
        self._members = classes.members
        self._lock = lock
        self.ordered = classes.members.ordered

    def of(self, member: str) -> int:
        """Return the class of a member. Raises `LimitExceeded`."""
        with self._lock:
            return self._members.number(member)

    def number(self, classes: Sequence[int], *, empty: bool) -> int:
        """Return the number of the lists with members of these classes, none of them 0.

        `empty` says that there is no other member either. Raises `LimitExceeded`.
        """
        with self._lock:
            return self._classes.of_members(classes, empty=empty)
