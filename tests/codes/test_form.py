"""The form of a code: what its system prints, and what is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpolicy.codes import CodeFormError, CodeSystem, normalize

CPT, HCPCS = CodeSystem.CPT, CodeSystem.HCPCS
CM, PCS = CodeSystem.ICD_10_CM, CodeSystem.ICD_10_PCS

DIGITS = string.digits
ALPHANUMERIC = string.digits + string.ascii_letters
PCS_CHARACTERS = "".join(c for c in ALPHANUMERIC if c not in "IOio")


def _texts(*alphabets: str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from(alphabet) for alphabet in alphabets)).map("".join)


CM_TEXTS = st.builds(
    lambda start, dot, rest: start + (dot + rest if rest else ""),
    _texts(string.ascii_letters, DIGITS, ALPHANUMERIC),
    st.sampled_from(["", "."]),
    st.text(ALPHANUMERIC, max_size=4),
)
FORMS = {
    CPT: _texts(*[DIGITS] * 4, DIGITS + "AFMTUafmtu"),
    HCPCS: _texts("ABCDEFGHIJKLMNOPQRSTUVabcdefghijklmnopqrstuv", *[DIGITS] * 4),
    CM: CM_TEXTS,
    PCS: st.text(PCS_CHARACTERS, min_size=7, max_size=7),
}
WELL_FORMED = st.sampled_from(list(FORMS)).flatmap(
    lambda system: st.tuples(st.just(system), FORMS[system])
)


@pytest.mark.parametrize(
    ("system", "text", "printed"),
    [
        (CM, "i871", "I87.1"),
        (CM, "I871", "I87.1"),
        (CM, "I87.1", "I87.1"),
        (CM, "g35", "G35"),
        (CM, "i82210", "I82.210"),
        (CM, "t1500xa", "T15.00XA"),
        (CM, "c4a.9", "C4A.9"),
        (CM, "U07.1", "U07.1"),
        (PCS, "067c3dz", "067C3DZ"),
        (PCS, "05730D1", "05730D1"),
        (CPT, "37238", "37238"),
        (CPT, "0075t", "0075T"),
        (CPT, "2021F", "2021F"),
        (CPT, "0001u", "0001U"),
        (CPT, "0001A", "0001A"),
        (CPT, "0002M", "0002M"),
        (HCPCS, "e0601", "E0601"),
        (HCPCS, "V5364", "V5364"),
    ],
)
def test_a_well_formed_text_is_printed_as_its_system_prints_it(system, text, printed):
    assert normalize(system, text) == printed


@pytest.mark.parametrize(
    ("system", "text", "said"),
    [
        (CM, "", "I87.1"),
        (CM, "I8", "I87.1"),
        (CM, "I87.", "I87.1"),
        (CM, "I8.71", "I87.1"),
        (CM, "I87..1", "I87.1"),
        (CM, "I87.12345", "I87.1"),
        (CM, "II7.1", "I87.1"),
        (CM, "871", "I87.1"),
        (CM, " I87.1", "I87.1"),
        (CM, "I87.1\n", "I87.1"),
        (CM, "I87.1\u0661", "I87.1"),  # an Arabic digit
        (CM, "\u013187.1", "I87.1"),  # a dotless i, whose capital is I
        (CM, "\u212a87.1", "I87.1"),  # the Kelvin sign, whose small letter is k
        (PCS, "067C3D", "067C3DZ"),
        (PCS, "067C3DZZ", "067C3DZ"),
        (PCS, "O67C3DZ", "067C3DZ"),
        (PCS, "067C3DI", "067C3DZ"),
        (PCS, "067.C3DZ", "067C3DZ"),
        (CPT, "3723", "37238"),
        (CPT, "372380", "37238"),
        (CPT, "E0601", "37238"),
        (CPT, "1234Z", "37238"),
        (HCPCS, "W0601", "E0601"),
        (HCPCS, "37238", "E0601"),
        (HCPCS, "E060", "E0601"),
    ],
)
def test_a_text_without_the_form_is_refused_with_an_example(system, text, said):
    with pytest.raises(CodeFormError, match=said) as caught:
        normalize(system, text)
    assert str(system) in str(caught.value)


def test_the_message_does_not_repeat_what_was_sent():
    with pytest.raises(CodeFormError) as caught:
        normalize(CM, "Jane Doe")
    assert "Jane" not in str(caught.value)
    assert "8 characters" in str(caught.value)


@given(WELL_FORMED)
def test_normalising_again_changes_nothing(sent):
    system, text = sent
    once = normalize(system, text)
    assert normalize(system, once) == once


@given(WELL_FORMED)
def test_case_and_dots_do_not_matter(sent):
    system, text = sent
    printed = normalize(system, text)
    assert printed == normalize(system, text.swapcase())
    assert printed.replace(".", "") == text.replace(".", "").upper()
