"""The reader of coding sections, on a made-up section with every slip that it must survive."""

from __future__ import annotations

import json
import sys
from datetime import date

import pytest

ON = date(2020, 2, 5)
SECTION = """\
Something else: 067C0DZ

Coding\x20

Words about codes.

When services are Medically Necessary:
 CPT\x20\x20
37238 A descriptor that is not taken,
on two lines
37239 Another

ICD-10 Procedure\x20

027R04Z-027R4ZZ Dilation of left pulmonary artery [by approach and with or without device;\x20

includes codes 027R04Z , 027R0DZ, 027R0ZZ, ,027R34Z,  027R3DZ, 027R3ZZ,
CPT Only - somebody Page 3 of 37
\x0c Clinical UM Guideline
027R44Z, 027R4DZ, 027R4ZZ ]
05730D1-05734ZZ Dilation of innominate vein [right or left, by approach & with or without
device or drug-coated balloon, includes 05730D1, 05730DZ, 05730Z1, 05730ZZ, 05733D1,
05733DZ, 05733Z1, 05733ZZ, 05734D1, 05734DZ, 05734Z1, 05734ZZ] Note: codes ending in 1
effective 10/01/18.

ICD-10 Diagnosis
I87.1 Compression of vein [specified as one thing or\x20
another]
Q21.0-Q21.9 Malformations
When services are Investigational and Not Medically Necessary:
For all other diagnoses.

When services are also Investigational and Not Medically Necessary for a thing:
CPT
61630 Third
ICD-10 Procedure
057L0DZ-057L4ZZ Dilation of intracranial vein [by approach and with or without device; includes
codes 057L0DZ, 057L0ZZ, 057L3DZ, 057L3ZZ, 057L4DZ, 057L4ZZ]
ICD-10 Diagnosis
G93.2 Hypertension
Discussion/General Information
37249 Not part of it
"""
DUCTUS = ["027R0DT", "027R0ZT", "027R34T", "027R3DT", "027R3ZT", "027R44T", "027R4DT", "027R4ZT"]


@pytest.fixture
def section(read_coding_section):
    return read_coding_section.read_section(SECTION, ON)


def test_cpt_codes_come_without_their_descriptors(section):
    assert section["cpt"] == ["37238", "37239"]
    assert section["intracranial"]["cpt"] == ["61630"]
    assert "escriptor" not in json.dumps(section)


def test_a_procedure_row_gives_range_vessel_side_and_members(section):
    artery, vein = section["pcs"]
    assert (artery["range"], artery["vessel"], artery["sides"]) == (
        "027R04Z-027R4ZZ",
        "pulmonary artery",
        "left",
    )
    assert artery["codes"] == [f"027R{approach}{device}Z" for approach in "034" for device in "4DZ"]
    assert (vein["vessel"], vein["sides"]) == ("innominate vein", "right or left")
    assert vein["late"] == {"ending": "1", "from": "2018-10-01"}
    assert vein["drug_coated_balloon"]
    assert len(vein["codes"]) == 12


def test_a_range_that_holds_more_than_its_list_is_reported(section):
    assert section["pcs"][0]["range_only"] == DUCTUS
    assert section["pcs"][1]["range_only"] == []
    assert section["summary"] == {
        "pcs_ranges": 2,
        "pcs_codes": 9 + 12 + 6,
        "differing": ["027R04Z-027R4ZZ"],
    }


def test_slips_are_survived_and_reported(section):
    assert section["slips"] == [
        {"row": "027R04Z-027R4ZZ", "slip": "a comma is doubled"},
        {"row": "027R04Z-027R4ZZ", "slip": "a blank stands before a comma"},
        {"row": "027R04Z-027R4ZZ", "slip": "a blank stands before the bracket"},
        {"row": "05730D1-05734ZZ", "slip": "`&` stands for `and`"},
        {"row": "05730D1-05734ZZ", "slip": "the word `codes` is missing"},
    ]


def test_a_diagnosis_row_tells_which_codes_came_and_went(section):
    compression, septa = section["diagnoses"]
    assert compression["codes"] == ["I87.1"]
    assert compression["specified_as"] == "one thing or another"
    assert septa["codes"] == ["Q21.0", "Q21.1", "Q21.2", "Q21.3", "Q21.4", "Q21.8", "Q21.9"]
    assert septa["ended"] == {"Q21.1": "2022-09-30", "Q21.2": "2022-09-30"}
    assert len(septa["later"]) == 12
    assert set(septa["later"].values()) == {"2022-10-01"}
    assert septa["earlier"] == {}


def test_the_second_part_stands_apart(section):
    part = section["intracranial"]
    assert [row["vessel"] for row in part["pcs"]] == ["intracranial vein"]
    assert [row["codes"] for row in part["diagnoses"]] == [["G93.2"]]


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        ("027R3DZ, 027R3ZZ,", "027R3D, 027R3ZZ,", "`027R3D,` is no code"),
        ("\nCoding", "\nCodes", "no coding section"),
        ("Discussion/General Information", "Discussion", "no coding section"),
        ("61630 Third\n", "", "no rows under CPT"),
        ("effective 10/01/18.", "effective soon.", "text after its list"),
        ("057L4ZZ]", "057L4ZZ", "cannot be read"),
        ("CPT\n61630", "CPT\nWords\n61630", "text before the first row"),
    ],
)
def test_text_that_fits_no_row_is_an_error(read_coding_section, change, to, said):
    assert change in SECTION
    with pytest.raises(read_coding_section.SectionError, match=said):
        read_coding_section.read_section(SECTION.replace(change, to), ON)


def test_the_command_prints_json(read_coding_section, tmp_path, monkeypatch, capsys):
    text = tmp_path / "guideline.txt"
    text.write_text(SECTION, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["read_coding_section", str(text), "--on", "2020-02-05"])
    assert read_coding_section.main() == 0
    assert json.loads(capsys.readouterr().out)["summary"]["pcs_codes"] == 27


def test_the_command_says_what_is_wrong(read_coding_section, tmp_path, monkeypatch, capsys):
    text = tmp_path / "guideline.txt"
    text.write_text("nothing", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["read_coding_section", str(text), "--on", "2020-02-05"])
    assert read_coding_section.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no coding section" in said.err
