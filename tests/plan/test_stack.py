"""Where there is no room even to ask for a further stack, the caller hears of it."""

from __future__ import annotations

import pytest

from pydmn.errors import LimitExceeded
from pydmn.plan.stack import on_fresh_stack, with_room


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every thread fail to start as one does whose caller has no frame left."""

    def start(_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("threading.Thread.start", start)


def endless() -> None:
    endless()


@pytest.mark.usefixtures("no_room")
def test_who_asks_for_a_stack_may_try_another_way() -> None:
    with pytest.raises(RecursionError):
        on_fresh_stack(lambda: 1)


@pytest.mark.usefixtures("no_room")
def test_who_asks_for_an_answer_hears_of_the_limit() -> None:
    with pytest.raises(LimitExceeded, match="the host's stack is full"):
        with_room(endless)
