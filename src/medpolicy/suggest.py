"""The cases that a policy lacks, with their answers left open for a person to argue.

For each rule that can fire and no case hits, and each side of a bound that no case touches, a
request is looked for among all that there can be (`medpolicy.everything`): where there is one, a
request on which the criteria decide, for on others most rules are hit in vain. One request is for
several of them where it can be: for one rule of a table, and one bound of a column. What it is for
is confirmed by the engine, which determines it, and what the engine answers is not written down.

A rule that no request hits is unreachable, over all decisions of the policy together and not in its
table alone: the solver has proved it, over all codes or those that `Everything` has. What cannot be
decided is named, with the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from os.path import realpath
from pathlib import Path
from typing import Any, Final

import pydmn
from medpolicy.cases import Case, answer_to, counting, read_cases
from medpolicy.coverage import Key, Tally
from medpolicy.determination import Determination
from medpolicy.determine import Policy
from medpolicy.everything import Everything, request_json
from medpolicy.goals import Goal, goals, values_beside
from medpolicy.policy import DISPOSITION
from medpolicy.problems import MedpolicyError, PolicyError, Problem
from medpolicy.reasons import certain_hits
from medpolicy.record import Request
from medpolicy.versions import AnyPolicy, version_of, version_on


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Cases as JSON values, and the goals without one: those proved so, and the others.

    A goal is given in words, and why there is no case for it.
    """

    cases: tuple[Mapping[str, Any], ...]
    unreachable: tuple[tuple[str, str], ...]
    undecided: tuple[tuple[str, str], ...]


# --- the cases there are ---------------------------------------------------------------


def known_cases(
    policy: AnyPolicy, folders: Iterable[Path] = ()
) -> list[tuple[Case, Policy | None]]:
    """Return the cases of a policy and those in `folders`, each with the version it belongs to.

    None stands for the version that its dates choose. Raises `PolicyError` for what cannot be read.
    """
    own = [(policy.folder / "cases", policy if isinstance(policy, Policy) else None)]
    if not isinstance(policy, Policy):
        own += [(version.folder / "cases", version) for version in policy.versions]
    there = {realpath(place): version for place, version in own}
    for each in folders:
        if not isinstance(policy, Policy) and there.get(realpath(each)) is not None:
            help_ = "suggest cases of the version: give its folder as the policy"
            raise PolicyError([Problem(str(each), "holds the cases of one version", help_)])
    places = [*own, *((each, None) for each in folders if realpath(each) not in there)]
    found: list[tuple[Case, Policy | None]] = []
    problems: list[Problem] = []
    for place, version in places:
        if any(place.glob("*.json")):
            cases, wrong = read_cases(place, argued=False)
            found += [(case, version) for case in cases]
            problems += wrong
    if problems:
        raise PolicyError(problems)
    return found


# --- suggestions -----------------------------------------------------------------------


def suggest(
    policy: AnyPolicy, cases: Sequence[tuple[Case, Policy | None]], *, every_code: bool = False
) -> Suggestions:
    """Return what the `cases` of a policy lack; open cases are taken to be there.

    Over the codes that the policy names and examples of others; with `every_code` over all that
    there are. Raises `PolicyError` where there is no solver.
    """
    if find_spec("pysat") is None:
        help_ = 'install what this needs: pip install "medpolicy[verify]"'
        raise PolicyError([Problem("", "nothing can be suggested: there is no solver", help_)])
    answers: list[tuple[Case, Policy, Determination]] = []
    for case, version in cases:
        answer = answer_to(version or policy, case, trace=True)
        if isinstance(answer, Determination):
            answers.append((case, version or version_of(policy, answer), answer))
    ids = {case.id for case, _ in cases}
    parts = []
    for version in policy.versions:
        tally = Tally(version, version.model.verify())
        for case, by, answer in answers:
            if by is version:
                tally.add(case.id, counting(case, answer), is_open=case.open is not None)
        parts.append(_Lacking(policy, version, tally, every_code, ids).suggestions())
    return Suggestions(
        tuple(case for part in parts for case in part.cases),
        tuple(each for part in parts for each in part.unreachable),
        tuple(each for part in parts for each in part.undecided),
    )


_USUAL: Final = (
    (DISPOSITION, f'{DISPOSITION}.disposition in ("APPROVE", "CLINICAL_REVIEW")'),
    (DISPOSITION, f'{DISPOSITION}.disposition = "APPROVE"'),
    ("in force", "in force = true"),
    ("adoption", 'adoption = "review"'),
    ("precedence", "precedence = null"),
    ("procedure status", 'procedure status = "valid"'),
    ("invalid diagnoses", "count(invalid diagnoses) = 0"),
    ("diagnoses", "count(diagnoses) > 0"),
)
"""What is usual of a request, and the name of what says so; the first: that the criteria decide."""
_CODED: Final = frozenset(
    {
        "precedence",
        "procedure system",
        "procedure code",
        "procedure status",
        "request procedures",
        "diagnoses",
        "invalid diagnoses",
        "new diagnoses",
    }
)
"""What the runtime tells of codes."""
_CONTRADICTED: Final = "the solver found a request that the engine answers otherwise"
_SPENT: Final = "the solver's budget is spent"


@dataclass(frozen=True, slots=True)
class _Found:
    """A request, and the goals that it meets."""

    request: Request
    met: frozenset[Key]


class _Lacking:
    """What is lacking for one version of a policy."""

    def __init__(
        self, policy: AnyPolicy, version: Policy, tally: Tally, every_code: bool, ids: set[str]
    ) -> None:
        self._policy = policy
        self._version = version
        self._tally = tally
        self._every_code = every_code
        self._ids = ids
        self._goals = tuple(goals(version, tally.coverage()))
        self._unreachable: list[tuple[str, str]] = []
        self._undecided: list[tuple[str, str]] = []

    def suggestions(self) -> Suggestions:
        """Return cases for what is lacking."""
        found: list[_Found] = []
        if self._goals:
            try:
                found = self._fewer(self._search())
            except pydmn.PydmnError as error:
                self._undecided = [(self._said(goal), error.message) for goal in self._goals]
        return Suggestions(
            tuple(self._cases(found)), tuple(self._unreachable), tuple(self._undecided)
        )

    # --- search ------------------------------------------------------------------------

    def _search(self) -> list[_Found]:
        model = self._version.model
        near = [model.condition(text) for text in values_beside(self._version, self._tally)]
        everything = Everything(self._version, near, every_code=self._every_code)
        if self._policy is not self._version:
            everything.only(lambda day: version_on(self._policy, day) is self._version)
        # Of a request without a disposition there is no determination, and so no trace.
        answered = self._where(everything, f"{DISPOSITION}.disposition != null")
        formulas = self._formulas(everything.world)
        names = {*model.names, *(each.name for each in model.inputs)}
        usual = [self._where(everything, text) for name, text in _USUAL if name in names]
        found: list[_Found] = []
        open_ = dict(formulas)
        for goal in formulas:
            if goal in open_:
                try:
                    request = self._request(everything, goal, open_, answered, usual)
                except pydmn.Spent:
                    self._undecided.append((self._said(goal), _SPENT))
                    request = None
                if request is not None:
                    found.append(request)
                    open_ = {
                        each: formula
                        for each, formula in open_.items()
                        if each.key not in request.met
                    }
                open_.pop(goal, None)
        return found

    def _formulas(self, world: pydmn.World) -> dict[Goal, int]:
        formulas = {}
        for goal in self._goals:
            try:
                formulas[goal] = goal.formula(world)
            except (pydmn.NotDecided, pydmn.LimitExceeded) as error:
                self._undecided.append((self._said(goal), error.message))
        return formulas

    def _where(self, everything: Everything, text: str) -> int:
        """Return where a condition holds; everywhere, if that cannot be said."""
        try:
            return everything.world.holds(self._version.model.condition(text))
        except (pydmn.NotDecided, pydmn.LimitExceeded):
            return everything.space.always

    def _request(
        self,
        everything: Everything,
        goal: Goal,
        open_: Mapping[Goal, int],
        answered: int,
        usual: Sequence[int],
    ) -> _Found | None:
        """Return a request for a goal, and for as many others as it can be. Raises `Spent`."""
        space = everything.space
        wanted, lanes, together = [open_[goal], answered], {goal.lane}, [goal]
        if space.find(*wanted) is None:
            if goal.unproved is None:
                never = space.find(open_[goal]) is None
                decisions = (goal.decision,) if never else (goal.decision, DISPOSITION)
                self._unreachable.append((self._said(goal), self._proof(decisions)))
            else:
                self._undecided.append((self._said(goal), goal.unproved))
            return None
        decided = _can_be(space, *wanted, usual[0])
        wanted += [usual[0]] if decided else []
        for other, formula in open_.items():
            # What can be tried where the criteria decide is not tried where they do not.
            if (
                other.lane not in lanes
                and _can_be(space, *wanted, formula)
                and (decided or not _can_be(space, formula, usual[0]))
            ):
                wanted.append(formula)
                lanes.add(other.lane)
                together.append(other)
        for formula in (*usual[1:], *everything.whole_numbers()):
            if _can_be(space, *wanted, formula):
                wanted.append(formula)
        chosen = everything.smallest(*wanted)
        assert chosen is not None
        request = everything.request(chosen)
        found = self._replayed(self._leaner(request, together), goal) or self._replayed(
            request, goal
        )
        if found is None:
            self._undecided.append((self._said(goal), goal.unproved or _CONTRADICTED))
        elif not decided:
            found = replace(found, met=found.met & {each.key for each in together})
        return found

    def _proof(self, decisions: Sequence[str]) -> str:
        """Return over what it is proved that no request meets a goal, by these decisions."""
        proved = "proved over all decisions of the policy"
        if _CODED.isdisjoint(self._needed(decisions)):
            return proved
        if self._every_code:
            return f"{proved} and all codes"
        return f"{proved}, with the codes that it names and examples; --every-code takes all"

    def _needed(self, decisions: Sequence[str]) -> set[str]:
        """Return the decisions and inputs that decisions need, conditions on facts among them."""
        version = self._version
        needed: set[str] = set()
        waiting = [*decisions]
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += version.model.reads(name)
                if name in version.open_when:
                    waiting += version.open_when[name].reads
        return needed

    # --- the engine --------------------------------------------------------------------

    def _replayed(self, request: Request, goal: Goal) -> _Found | None:
        """Return the request with all that it tries; None where the goal is not among it."""
        data = pydmn.read_json(pydmn.write_json(request_json(request)))
        try:
            answer = self._policy.determine(data, trace=True)
        except MedpolicyError:
            return None
        if answer.policy.version != self._version.metadata.version:
            return None
        trace = answer.lines[0].trace or ()
        met = frozenset(key for entry in trace for key in self._tally.keys(entry))
        return _Found(request, met) if goal.key in met else None

    def _leaner(self, request: Request, met: Sequence[Goal]) -> Request:
        """Return the request without the facts that change neither its answer nor its goals."""
        read = {name for goal in met for name in goal.reads}
        tried = self._tried(request, met)
        for name in request.lines[0].facts:
            line = request.lines[0]
            facts = {each: value for each, value in line.facts.items() if each != name}
            without = replace(request, lines=(replace(line, facts=facts), *request.lines[1:]))
            if name not in read and self._tried(without, met) == tried:
                request = without
        return request

    def _tried(self, request: Request, met: Sequence[Goal]) -> tuple[object, ...]:
        """Return what is answered to a request's first line, why, and which rules it hits."""
        version = self._version
        possible = version.possible(request, request.lines[0])
        return (
            *(possible.values(name) for name in version.targets),
            version.reasons.of(DISPOSITION, possible),
            *(certain_hits(possible, goal.decision) for goal in met),
        )

    # --- cases -------------------------------------------------------------------------

    def _fewer(self, found: list[_Found]) -> list[_Found]:
        """Leave out requests whose goals others meet, the first made first."""
        wanted = {goal.key for goal in self._goals}
        kept = list(found)
        for each in found:
            others = {key for other in kept if other is not each for key in other.met}
            if each.met & wanted <= others:
                kept.remove(each)
        return kept

    def _cases(self, found: Iterable[_Found]) -> Iterator[Mapping[str, Any]]:
        open_ = list(self._goals)
        for each in found:
            met = [goal for goal in open_ if goal.key in each.met]
            open_ = [goal for goal in open_ if goal not in met]
            id_ = self._id(met[0].slug)
            expect: dict[str, Any] = {"open": [goal.text for goal in met]}
            if self._policy is not self._version:
                expect["version"] = self._version.metadata.version
            yield {
                "id": id_,
                "title": met[0].text,
                "covers": {"criteria": [], "register": [], "dates": []},
                "request": {**request_json(each.request), "id": id_},
                "expect": expect,
            }

    def _id(self, slug: str) -> str:
        id_, number = f"suggested-{slug}", 1
        while id_ in self._ids:
            number += 1
            id_ = f"suggested-{slug}-{number}"
        self._ids.add(id_)
        return id_

    def _said(self, goal: Goal) -> str:
        if self._policy is self._version:
            return goal.text
        return f"version {self._version.metadata.version}, {goal.text}"


def _can_be(space: pydmn.Space, *wanted: int) -> bool:
    try:
        return space.find(*wanted) is not None
    except pydmn.Spent:
        return False
