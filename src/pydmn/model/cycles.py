"""Order and cycles of a directed graph, without recursion: a chain may be of any length."""

from __future__ import annotations

from collections.abc import Sequence


def components(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the strongly connected components, each after those that it leads to.

    `successors[n]` are the nodes that node `n` leads to. Nodes in a component are ascending.
    The algorithm is Tarjan's, with its stack held in a list; the time is linear.

    >>> components([[1], [2], [1], [0]])
    [[1, 2], [0], [3]]
    """
    number: list[int | None] = [None] * len(successors)
    lowest = [0] * len(successors)
    open_nodes: list[int] = []
    is_open = [False] * len(successors)
    found: list[list[int]] = []
    count = 0
    for start in range(len(successors)):
        if number[start] is not None:
            continue
        work = [(start, 0)]
        while work:
            node, taken = work.pop()
            if taken == 0:
                number[node] = lowest[node] = count
                count += 1
                open_nodes.append(node)
                is_open[node] = True
            else:
                lowest[node] = min(lowest[node], lowest[successors[node][taken - 1]])
            for index in range(taken, len(successors[node])):
                following = successors[node][index]
                if number[following] is None:
                    work += [(node, index + 1), (following, 0)]
                    break
                if is_open[following]:
                    lowest[node] = min(lowest[node], lowest[following])
            else:
                if lowest[node] == number[node]:
                    found.append(_close(node, open_nodes, is_open))
    return found


def _close(root: int, open_nodes: list[int], is_open: list[bool]) -> list[int]:
    """Take the component of `root` off the open nodes and return it."""
    component: list[int] = []
    while not component or component[-1] != root:
        node = open_nodes.pop()
        is_open[node] = False
        component.append(node)
    return sorted(component)


def cycle_in(component: Sequence[int], successors: Sequence[Sequence[int]]) -> list[int]:
    """Return a shortest cycle through the first node of a component, that node at both ends.

    The list is empty where the component is one node that does not lead to itself.

    >>> cycle_in([1, 2], [[1], [2], [1]])
    [1, 2, 1]
    """
    start = component[0]
    inside = set(component)
    came_from: dict[int, int] = {}
    layer = [start]
    while layer:
        reached = []
        for node in layer:
            for following in successors[node]:
                if following == start:
                    return _walk_back(node, start, came_from)
                if following in inside and following not in came_from:
                    came_from[following] = node
                    reached.append(following)
        layer = reached
    return []


def _walk_back(last: int, start: int, came_from: dict[int, int]) -> list[int]:
    """Return the way from `start` to `last` and on to `start`."""
    path = [start]
    node = last
    while node != start:
        path.append(node)
        node = came_from[node]
    return [*path, start][::-1]
