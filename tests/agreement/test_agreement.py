"""By columns and one by one: the small form of `make agreement`."""

from __future__ import annotations

import pytest
from agreement.subjects import NAMES, compared, subject

ROWS = 2_000


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_answers_as_its_records(name):
    found = [*compared(subject(name), ROWS, seed=1, part=ROWS)]
    for each in found:
        assert not each.wrong, each.wrong[0]
        assert each.path in ("columnar", "distinct")
    assert max(each.different for each in found) > 1
