"""Components and cycles, against the definition: mutual reachability, by brute force."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pydmn.model.cycles import components, cycle_in

GRAPHS = st.integers(1, 8).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, n - 1), max_size=4), min_size=n, max_size=n)
)


def reachable(successors: list[list[int]], start: int) -> set[int]:
    """Return the nodes that one or more steps lead to."""
    found: set[int] = set()
    while new := {f for node in {start, *found} for f in successors[node]} - found:
        # The start counts only once a step leads back to it.
        found |= new
    return found


@given(GRAPHS)
def test_components_are_the_mutually_reachable(successors: list[list[int]]) -> None:
    found = components(successors)
    assert sorted(node for component in found for node in component) == list(range(len(successors)))
    place = {node: index for index, component in enumerate(found) for node in component}
    reach = [reachable(successors, node) for node in range(len(successors))]
    for left in range(len(successors)):
        for right in range(len(successors)):
            together = left == right or (right in reach[left] and left in reach[right])
            assert (place[left] == place[right]) == together
            if right in reach[left] and not together:
                assert place[right] < place[left]


@given(GRAPHS)
def test_a_cycle_is_a_way_back(successors: list[list[int]]) -> None:
    for component in components(successors):
        cycle = cycle_in(component, successors)
        start = component[0]
        assert bool(cycle) == (start in reachable(successors, start))
        if cycle:
            assert cycle[0] == cycle[-1] == start
            steps = itertools.pairwise(cycle)
            assert all(right in successors[left] for left, right in steps)
