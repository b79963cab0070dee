"""A table: what the builder writes, the reader reads; it is read once whoever asks."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from threading import Barrier

import pytest

from medpolicy.codes import CodeSystem, Window, table
from medpolicy.codes.source import data_bytes

EARLY = (date(2015, 10, 1), date(2016, 9, 30))
LATE = (date(2020, 4, 1), None)
CODES = {
    "A00": (EARLY,),
    "A000": (LATE,),
    "A0009": (EARLY, LATE),  # retired, then made anew
    "B99XXXA": (LATE,),
}


@pytest.fixture
def small(build_codes) -> table.Table:
    return table.Table.from_bytes(build_codes.table_bytes("ICD-10-CM", CODES))


@pytest.mark.parametrize("code", list(CODES))
def test_a_code_keeps_its_windows(small, code):
    assert small.windows(code) == tuple(Window(start, end) for start, end in CODES[code])


@pytest.mark.parametrize("code", ["A01", "A0", "A0001", "B99XXX", "B99XXXB", "Z99", "000"])
def test_what_is_not_in_the_table_has_no_window(small, code):
    assert small.windows(code) == ()


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("", ["A00", "A000", "A0009", "B99XXXA"]),
        ("A00", ["A00", "A000", "A0009"]),
        ("A000", ["A000", "A0009"]),
        ("B99XXXA", ["B99XXXA"]),
        ("B99XXXB", []),
        ("C", []),
    ],
)
def test_below_a_prefix_are_the_codes_that_start_with_it(small, prefix, codes):
    assert [code for code, _ in small.below(prefix)] == codes


@pytest.mark.parametrize(
    ("prefix", "on", "expected"),
    [
        ("A00", None, True),
        ("A00", date(2016, 1, 1), True),
        ("A00", date(2018, 1, 1), False),  # between two windows
        ("A00", date(2020, 4, 1), True),
        ("A0009", None, False),  # a code is not below itself
        ("B99XXXA", None, False),
    ],
)
def test_a_category_is_what_longer_codes_start_with(small, prefix, on, expected):
    assert small.has_below(prefix, on) is expected


@pytest.mark.parametrize(
    ("on", "inside"),
    [
        (date(2015, 9, 30), False),
        (date(2015, 10, 1), True),
        (date(2016, 9, 30), True),
        (date(2016, 10, 1), False),
    ],
)
def test_both_ends_of_a_window_are_inside(on, inside):
    assert (on in Window(*EARLY)) is inside


def test_a_window_without_an_end_is_open():
    assert date.max in Window(*LATE)


def test_a_table_is_read_once_whatever_the_number_of_threads(monkeypatch):
    read = []
    together = Barrier(8)

    def counted(name: str) -> bytes:
        read.append(name)
        return data_bytes(name)

    def ask(shelf: table.TableShelf) -> table.Table | None:
        together.wait()
        return shelf.table(CodeSystem.ICD_10_PCS)

    monkeypatch.setattr(table, "data_bytes", counted)
    shelf = table.TableShelf()
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(ask, [shelf] * 8))
    assert read == ["icd-10-pcs.gz"]
    assert all(found is tables[0] for found in tables)


@pytest.mark.parametrize("system", [CodeSystem.CPT, CodeSystem.HCPCS])
def test_a_system_without_a_file_has_no_table(system):
    assert table.TableShelf().table(system) is None


@pytest.mark.parametrize(("system", "name"), list(table.FILES.items()))
def test_records_are_in_order_and_none_is_repeated(system, name):
    loaded = table.SHELF.table(system)
    assert loaded is not None
    codes = [record >> 8 for record in loaded.records]
    assert all(one < other for one, other in pairwise(codes))
    assert data_bytes(name)[4:8] == b"\0\0\0\0"  # RFC 1952, 2.3.1: no time of writing


def test_the_order_file_names_only_prefixes_whose_order_is_not_that_of_the_characters():
    order = json.loads(data_bytes(table.ORDER_FILE))
    assert order["I82"] == "01234567ABC89"  # the tabular list of April 2026
    for characters in order.values():
        assert list(characters) != sorted(characters)
        assert len(set(characters)) == len(characters)
