"""The builder: windows joined, the tabular order found, bytes that repeat."""

from __future__ import annotations

import struct
from datetime import date

import pytest

END = date(2027, 3, 31)


def _spans(*numbers: tuple[int, int]) -> list[tuple[date, date]]:
    def day(number: int) -> date:
        return date(number // 10_000, number // 100 % 100, number % 100)

    return [(day(start), day(end)) for start, end in numbers]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        # an edit changed in between: one life
        (_spans((20151001, 20240930), (20241001, 20270331)), ((date(2015, 10, 1), None),)),
        # in any order
        (_spans((20241001, 20270331), (20151001, 20240930)), ((date(2015, 10, 1), None),)),
        # retired
        (_spans((20151001, 20220930)), ((date(2015, 10, 1), date(2022, 9, 30)),)),
        # retired, then made anew
        (
            _spans((20151001, 20160930), (20171001, 20270331)),
            ((date(2015, 10, 1), date(2016, 9, 30)), (date(2017, 10, 1), None)),
        ),
        # overlapping
        (_spans((20151001, 20171001), (20161001, 20270331)), ((date(2015, 10, 1), None),)),
    ],
)
def test_spans_that_touch_are_one_window(build_codes, spans, expected):
    assert build_codes.joined(spans, END) == expected


def test_a_window_that_ends_before_it_starts_is_refused(build_codes):
    with pytest.raises(build_codes.BuildError, match="before it starts"):
        build_codes.joined(_spans((20241001, 20240930)), END)


def _master(rows: list[tuple[bytes, int, int]], magic: bytes = b"DECM") -> bytes:
    body = b"".join(struct.pack("<8s4I", code, start, end, 0, 0) for code, start, end in rows)
    head = struct.pack("<4s4I", magic, len(rows), 32, 32 + len(body), 20270331)
    return head.ljust(32, b"\0") + body


def test_a_table_of_the_source_is_read(build_codes):
    blob = _master(
        [
            (b"A001", 20151001, 20270331),
            (b"A000", 20151001, 20160930),
            (b"A001", 20141001, 20150930),
        ]
    )
    assert build_codes.read_master(blob) == (
        {
            "A000": ((date(2015, 10, 1), date(2016, 9, 30)),),
            "A001": ((date(2014, 10, 1), None),),
        },
        END,
    )


def test_a_table_of_another_layout_is_refused(build_codes):
    with pytest.raises(build_codes.BuildError, match="laid out"):
        build_codes.read_master(_master([(b"A000", 20151001, 20270331)], magic=b"NEXT"))


@pytest.mark.parametrize(
    ("tabular", "codes", "expected"),
    [
        (["I82", "I820", "I827", "I82A", "I828"], [], {"I82": "07A8"}),
        (["A00", "A000", "A001"], [], {}),
        # a retired code takes its place among its kind
        (["I82", "I827", "I82A", "I828"], ["I825", "I82B"], {"I82": "57AB8"}),
        (["C43", "C4A", "C44"], ["C42"], {"C4": "23A4"}),
    ],
)
def test_only_prefixes_out_of_order_are_kept(build_codes, tabular, codes, expected):
    assert build_codes.order_exceptions(tabular, codes) == expected


def test_a_tabular_list_whose_codes_stand_apart_is_refused(build_codes):
    with pytest.raises(build_codes.BuildError, match="stands apart"):
        build_codes.order_exceptions(["A00", "B00", "A01"], [])


def test_what_is_written_reads_back_the_same_and_repeats_its_bytes(build_codes, tmp_path):
    codes = {
        "B00": ((date(2015, 10, 1), date(2016, 9, 30)), (date(2020, 4, 1), None)),
        "A00": ((date(2015, 10, 1), None),),
    }
    content = build_codes.table_bytes("ICD-10-CM", codes)
    assert content == build_codes.table_bytes("ICD-10-CM", dict(reversed(codes.items())))
    packed = tmp_path / "table.gz"
    packed.write_bytes(build_codes.gzip.compress(content, mtime=0))
    assert build_codes.read_built(packed) == codes


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2015, 9, 30), set()),
        (date(2015, 10, 1), {"A00", "B00"}),
        (date(2016, 10, 1), {"A00"}),
        (date(2020, 4, 1), {"A00", "B00"}),
    ],
)
def test_valid_on_counts_both_ends(build_codes, on, expected):
    codes = {
        "B00": ((date(2015, 10, 1), date(2016, 9, 30)), (date(2020, 4, 1), None)),
        "A00": ((date(2015, 10, 1), None),),
    }
    assert build_codes.valid_on(codes, on) == expected
