"""No hidden count can be worked out: what is published is attacked as somebody outside would.

Of a report the attacker has its JSON, the sums that its documentation names, what the marks mean,
that an example is of as many lines as may be shown, and which codes have no row of their own. Three
attacks: the linear system, solved exactly; bounds, narrowed until nothing moves; and
on small files a search for another file that fits.
"""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

import pytest

from medpolicy.impact import tally as tally_module
from medpolicy.impact import text
from medpolicy.impact.counts import Counts
from medpolicy.impact.intervals import wilson
from medpolicy.impact.report import Report, Side, Version, examples_of
from medpolicy.impact.tally import (
    ASPECTS,
    DIMENSIONS,
    OTHER,
    Answer,
    Outcome,
    Pattern,
    Tally,
    outcome_of,
)

DISPOSITIONS = ("APPROVE", "PEND_INFO", "CLINICAL_REVIEW", "NO_REVIEW_REQUIRED")


OTHERWISE = {
    "criteria_result": {"criteria_result": "other"}, "criterion": {"criterion": "C"},
    "missing": {"missing": ("a fact",)}, "flags": {"flags": ("a flag",)},
}  # fmt: skip


def tally_of(seed, lines, *, flips, codes=25, months=24):
    """Return a tally of lines by chance, most of which are of few codes and two dispositions."""
    chance, tally = random.Random(seed), Tally()
    for _ in range(lines):
        old = chance.choice(DISPOSITIONS[: chance.choice((2, 2, 4))])
        new = chance.choice(DISPOSITIONS) if chance.random() < flips else old
        before = Answer(old, "none", chance.choice(("A", "B", None)), (), ())
        after = before._replace(disposition=new)
        if old != new:
            after = after._replace(criterion=chance.choice(("A", "B", "C")))
        elif chance.random() < 0.1:
            after = after._replace(**OTHERWISE[chance.choice(ASPECTS)])
        outcome = outcome_of(before, after)
        tally.outcomes[outcome] += 1
        categories = (
            str(71000 + min(int(chance.expovariate(0.3)), codes - 1)), before.criterion,
            after.criterion, chance.choice(("medicare", "medicaid")),
            chance.choice(("MO", "MD", None)), f"2021-{1 + chance.randrange(months):02}",
        )  # fmt: skip
        for dimension, category in zip(DIMENSIONS, categories, strict=True):
            tally.count(dimension, category, outcome, 1)
        if before != after:
            tally.patterns[Pattern(categories[0], before, after)] += 1
    for name in ("old", "new", "both"):
        setattr(tally.refused, name, chance.choice((0, 0, 3, 40)))
    return tally


def report_of(tally, below):
    day = date(2020, 1, 1)
    side = Side((Version("p", "P", "Policy", "1", "0" * 64, day, None),), ())
    counts = Counts(tally, below)
    return Report(side, side, False, (), counts, tuple(examples_of(tally, counts)))


# --- what the attacker has ------------------------------------------------------------


class Known:
    """The numbers of a report by names of our own, and the sums that they keep."""

    def __init__(self, given):
        self.below = given["suppressed_below"]
        self.values, self.marks, self.sums, self.least = {}, {}, [], {}
        head = self._scope("all", given["counts"], given["from_to"])
        refused = [f"refused_by_{name}" for name in ("old", "new", "both")]
        for name in ("rows", "refused", *refused):
            self._put(("all", name), given["counts"], name)
        self._sum(("all", "rows"), [("all", "refused"), ("all", "lines")])
        self._sum(("all", "refused"), [("all", name) for name in refused])
        for each in given["dispositions"]:
            name = each["disposition"]
            for what in ("old", "new", "kept"):
                self._put((what, name), each, what)
            kept = [("kept", name)]
            self._sum(("old", name), kept + [("all", flip) for flip in head if flip[0] == name])
            self._sum(("new", name), kept + [("all", flip) for flip in head if flip[1] == name])
        names = [each["disposition"] for each in given["dispositions"]]
        self._sum(("all", "kept"), [("kept", name) for name in names])
        for each in given["changed"]:
            self._put(("changed", *each["differs"]), each, "lines")
        self._sum(("all", "changed"), [("changed", *each["differs"]) for each in given["changed"]])
        for dimension, rows in given["by"].items():
            flips = {
                (dimension, row["value"]): self._scope(
                    (dimension, row["value"]), row, row["from_to"]
                )
                for row in rows
            }
            for what in ("lines", "flipped", "kept", "changed", "unchanged"):
                self._sum(("all", what), [(scope, what) for scope in flips])
            for flip in head:
                mine = [(scope, flip) for scope, found in flips.items() if flip in found]
                self._sum(("all", flip), mine)
        for each in given["examples"]:
            self._exemplified(each["code"], each["old"], each["new"])

    def _exemplified(self, code, old, new):
        """As many lines as may be shown are counted in all that an example is counted in."""
        places = [("code", code), ("criterion_old", old["criterion"]),
                  ("criterion_new", new["criterion"])]  # fmt: skip
        if old["disposition"] != new["disposition"]:
            what, of_all = (old["disposition"], new["disposition"]), []
        else:
            what = "changed"
            differing = [name for name in ASPECTS if old[name] != new[name]]
            of_all = [("changed", *differing), ("kept", old["disposition"])]
        for key in (("all", what), *of_all, *((place, what) for place in places)):
            self.least[key] = self.below

    def _put(self, key, holder, name):
        value = holder[name]
        assert (value is None) == (name in holder["suppressed"])
        self.values[key] = value
        if value is None:
            self.marks[key] = holder["suppressed"][name]

    def _scope(self, scope, holder, from_to):
        for name in ("lines", "flipped", "kept", "changed", "unchanged"):
            self._put((scope, name), holder, name)
        flips = [(each["from"], each["to"]) for each in from_to]
        for flip, each in zip(flips, from_to, strict=True):
            self._put((scope, flip), each, "lines")
        self._sum((scope, "lines"), [(scope, "flipped"), (scope, "kept")])
        self._sum((scope, "kept"), [(scope, "changed"), (scope, "unchanged")])
        self._sum((scope, "flipped"), [(scope, flip) for flip in flips])
        if holder["flip_rate"] is not None:  # a rate gives away what it is made of
            assert self.values[scope, "flipped"] is not None
            assert self.values[scope, "lines"] is not None
        return flips

    def _sum(self, total, parts):
        self.sums.append(dict.fromkeys(parts, 1) | {total: -1})

    def equations(self):
        """Yield each sum as factors of hidden counts, and what they come to."""
        for terms in self.sums:
            hidden = {key: factor for key, factor in terms.items() if key in self.marks}
            shown = sum(
                factor * self.values[key] for key, factor in terms.items() if key not in hidden
            )
            if hidden:
                yield hidden, -shown
            else:
                assert shown == 0

    def bounds(self, most):
        small = f"<{self.below}"
        assert set(self.marks.values()) <= {small, "withheld"}
        bounds = {
            key: (max(1, self.least.get(key, 0)), self.below - 1)
            if mark == small
            else (self.least.get(key, 0), most)
            for key, mark in self.marks.items()
        }
        for scope, what in bounds:
            if scope == ("code", OTHER) and what not in ("lines", "kept", "unchanged"):
                bounds[scope, what] = (0, 0)  # all codes in it are answered alike
        return bounds


# --- the attacks ----------------------------------------------------------------------


def solved(known):
    """Return the hidden counts that the linear system determines: exact elimination."""
    rows = []
    for factors, amount in known.equations():
        row = {key: Fraction(factor) for key, factor in factors.items()} | {None: Fraction(amount)}
        for pivot, other in rows:
            if pivot in row:
                subtract(row, other, row[pivot])
        pivot = next((key for key in row if key is not None), None)
        if pivot is None:
            assert not row.get(None)
            continue
        row = {key: value / row[pivot] for key, value in row.items()}
        for _, other in rows:
            if pivot in other:
                subtract(other, row, other[pivot])
        rows.append((pivot, row))
    return [pivot for pivot, row in rows if set(row) <= {pivot, None}]


def subtract(row, other, times):
    for key, value in other.items():
        left = row.get(key, Fraction(0)) - times * value
        if left or key is None:
            row[key] = left
        else:
            row.pop(key, None)


def narrowed(equations, bounds):
    """Return bounds narrowed by every equation until nothing moves; None where nothing fits."""
    bounds = dict(bounds)
    moved = True
    while moved:
        moved = False
        for factors, amount in equations:
            low = sum(f * bounds[key][f < 0] for key, f in factors.items())
            high = sum(f * bounds[key][f > 0] for key, f in factors.items())
            for key, factor in factors.items():
                least, most = bounds[key]
                if factor > 0:
                    new = (amount - high + most, amount - low + least)
                else:
                    new = (low + most - amount, high + least - amount)
                both = max(least, new[0]), min(most, new[1])
                if both[0] > both[1]:
                    return None
                if both != bounds[key]:
                    bounds[key], moved = both, True
                    low = sum(f * bounds[k][f < 0] for k, f in factors.items())
                    high = sum(f * bounds[k][f > 0] for k, f in factors.items())
    return bounds


def fits(equations, bounds):
    """Return counts within bounds that fit all equations, or None: exhaustive search."""
    bounds = narrowed(equations, bounds)
    if bounds is None:
        return None
    open_ = [key for key, (least, most) in bounds.items() if least < most]
    if not open_:
        return {key: least for key, (least, _) in bounds.items()}
    key = min(open_, key=lambda each: bounds[each][1] - bounds[each][0])
    for value in range(bounds[key][0], bounds[key][1] + 1):
        found = fits(equations, {**bounds, key: (value, value)})
        if found is not None:
            return found
    return None


SIZES = [(lines, flips, seed) for lines, flips in ((40, 0.2), (300, 0.05), (3000, 0.01),
         (3000, 0.2), (10000, 0.003)) for seed in range(2)]  # fmt: skip


@pytest.mark.parametrize(("lines", "flips", "seed"), SIZES)
def test_no_hidden_count_is_determined(lines, flips, seed):
    tally = tally_of(seed, lines, flips=flips)
    known = Known(report_of(tally, 11).to_dict())
    assert known.marks, "the example hides nothing"
    assert solved(known) == []
    found = narrowed(list(known.equations()), known.bounds(10 * lines))
    assert [key for key, (least, most) in found.items() if least == most] == []


@pytest.mark.parametrize("below", [2, 3, 11])
@pytest.mark.parametrize("seed", range(4))
def test_for_every_hidden_count_of_a_small_file_there_is_another_file(seed, below):
    tally = tally_of(seed, 1 + 3 * seed, flips=0.4, codes=2, months=2)
    known = Known(report_of(tally, below).to_dict())
    plain = Known(report_of(tally, 1).to_dict())
    equations, bounds = list(known.equations()), known.bounds(80)
    for key in known.marks:
        true = plain.values.get(key, 0)  # a flip that a row has not is not in its list
        least, most = bounds[key]
        others = [(least, true - 1), (true + 1, most)]
        assert any(
            fits(equations, {**bounds, key: each}) for each in others if each[0] <= each[1]
        ), key


@pytest.mark.parametrize(("lines", "flips", "seed"), SIZES)
def test_every_small_count_is_hidden_and_all_else_is_as_counted(lines, flips, seed):
    tally = tally_of(seed, lines, flips=flips)
    known, plain = Known(report_of(tally, 11).to_dict()), Known(report_of(tally, 1).to_dict())
    assert plain.marks == {}
    for key, value in known.values.items():
        true = plain.values.get(key, 0)
        if 0 < true < 11:
            assert value is None
        else:
            assert value in (None, true)
            assert known.marks.get(key) != "<11"
    # It would be safe to publish nothing: fewer are withheld than are small.
    small = sum(0 < value < 11 for value in plain.values.values())
    assert len(known.marks) < 2 * small


def test_nothing_that_is_large_is_withheld_where_nothing_is_small():
    tally = Tally()
    outcome = Outcome("APPROVE", "PEND_INFO")
    tally.outcomes[outcome] = 500
    for dimension in DIMENSIONS:
        tally.count(dimension, "A", outcome, 200)
        tally.count(dimension, "B", outcome, 300)
    assert Known(report_of(tally, 11).to_dict()).marks == {}


def test_what_a_file_holds_of_categories_is_bounded(monkeypatch):
    monkeypatch.setattr(tally_module, "MOST_CATEGORIES", 3)
    tally = tally_of(5, 500, flips=0.5)
    again = Tally()
    again.add(tally)
    for found in (tally, again):
        for categories in found.by.values():
            assert len(categories) <= 4
            assert sum(each.total() for each in categories.values()) == 500
    known = Known(report_of(again, 1).to_dict())
    assert list(known.equations()) == []  # nothing is hidden, and all sums hold


def test_an_example_gives_no_hidden_count_away():
    """Of the flips 11 are of one code and 1 of another: the 11 as an example would leave 1."""
    tally = Tally()
    old, new = Answer("APPROVE", "none", "A", (), ()), Answer("PEND_INFO", "none", "A", (), ())
    for code, before, after, lines in (
        ("71271", old, new, 11), ("G0296", old, new, 1), ("71271", old, old, 200),
        ("G0296", old, old, 200),
    ):  # fmt: skip
        outcome = outcome_of(before, after)
        tally.outcomes[outcome] += lines
        for dimension, category in zip(
            DIMENSIONS, (code, "A", "A", "medicare", "MO", "2021-01"), strict=True
        ):
            tally.count(dimension, category, outcome, lines)
        if before != after:
            tally.patterns[Pattern(code, before, after)] += lines
    report = report_of(tally, 11)
    by_code = {row["value"]: row for row in report.to_dict()["by"]["code"]}
    assert by_code["G0296"]["suppressed"]["flipped"] == "<11"
    assert by_code["71271"]["suppressed"]["flipped"] == "withheld"
    assert report.examples == ()


def test_codes_without_a_change_protect_none_with_one():
    """Their row is 0 by what it is, so that to withhold it would hide nothing."""
    tally = Tally()
    for code, old, new, lines in (
        ("71271", "APPROVE", "PEND_INFO", 3), ("71271", "APPROVE", "APPROVE", 100),
        ("G0296", "APPROVE", "PEND_INFO", 20), ("99213", "APPROVE", "APPROVE", 500),
    ):  # fmt: skip
        tally.outcomes[Outcome(old, new)] += lines
        for dimension, category in zip(
            DIMENSIONS, (code, "A", "A", "medicare", "MO", "2021-01"), strict=True
        ):
            tally.count(dimension, category, Outcome(old, new), lines)
    given = report_of(tally, 11).to_dict()
    (other,) = [row for row in given["by"]["code"] if row["value"] == OTHER]
    assert (other["flipped"], other["changed"]) == (0, 0)
    known = Known(given)
    found = narrowed(list(known.equations()), known.bounds(10_000))
    assert [key for key, (least, most) in found.items() if least == most] == []


def test_an_example_is_that_of_as_many_lines_as_may_be_shown():
    tally = tally_of(1, 10_000, flips=0.2)
    report = report_of(tally, 11)
    assert report.examples
    for example in report.examples:
        assert tally.patterns[Pattern(example.code, example.old, example.new)] >= 11
    assert report_of(tally_of(3, 8, flips=0.5), 11).examples == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_text_shows_no_small_count_either(seed):
    report = report_of(tally_of(seed, 300, flips=0.1), 11)
    said = text.render(report)
    for line in said.splitlines()[4:]:
        if line.startswith("and "):
            continue  # of how many rows of a table are not in the text
        cells = [each for each in line.split() if each.isdigit()]
        assert all(not 0 < int(each) < 11 for each in cells), line
    assert "<11" in said


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
    # Medicine 17 (1998), 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_an_interval_is_that_of_the_published_table(hits, of, low, high):
    assert [round(bound, 4) for bound in wilson(hits, of)] == [low, high]
    lower, upper = wilson(of - hits, of)
    assert (round(1 - upper, 4), round(1 - lower, 4)) == (low, high)
