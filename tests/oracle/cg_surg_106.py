"""CG-SURG-106 read a second time, in plain Python, as an outside oracle for the policy's tables.

Nothing here knows the DMN model or the runtime. The steps are those of the policy's order of
precedence, written as functions; register rows ("row 23") are those of the policy's text. An
unknown fact is settled by brute force: every value it could take is tried.

The oracle answers well-formed requests only: what is an error has no determination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

Status = Callable[[str, str, date], str]
"""`status(system, code, on)`: one of VALID, NO_TABLE, NOT_BILLABLE, NOT_VALID_ON_DATE, UNKNOWN.

`system` is "ICD-10-CM", "ICD-10-PCS", "CPT" or "HCPCS"; the code is normalised (`I87.1`)."""

NECESSARY = "medically necessary"
INVESTIGATIONAL = "investigational and not medically necessary"
NOT_ADDRESSED = "not addressed"
UNDETERMINED = "undetermined"

EFFECTIVE_FROM = date(2020, 2, 5)
CHILD_AGE_LIMIT = 18
EPSDT_AGE_LIMIT = 21

ADOPTION = (
    # plan, line of business, from, mode; every state (rows 27, 30)
    ("healthy-blue", "medicaid", date(2020, 2, 5), "review"),
    ("example-mandate-plan", "commercial", date(2020, 2, 5), "review"),
    ("example-commercial", "commercial", date(2020, 2, 5), "education"),
)

LAYERS = (
    # plan, state, CPT codes, from, what governs (row 28)
    (
        "example-mandate-plan",
        "CA",
        frozenset({"37238"}),
        date(2020, 2, 5),
        "Example state mandate 1-2-3",
    ),
)

VEIN_CODES = frozenset({"37238", "37239", "37248", "37249"})
BASE_OF_ADD_ON = {"37239": "37238", "37249": "37248"}
INTRACRANIAL_CODES = frozenset({"61630", "61635"})
PULMONARY_ARTERY_CODES = frozenset(
    {"92997", "92998", "33900", "33901", "33902", "33903", "33904"}  # row 12
)
DIALYSIS_CIRCUIT_CODES = frozenset(f"3690{n}" for n in range(1, 10))

VESSELS = {
    # the body part of the coding section's ICD-10-PCS codes: first four characters
    "027Q": "pulmonary artery",
    "027R": "pulmonary artery",
    "027S": "pulmonary vein",
    "027T": "pulmonary vein",
    "027V": "superior vena cava",
    "0570": "azygos vein",
    "0571": "hemiazygos vein",
    "0573": "innominate vein",
    "0574": "innominate vein",
    "0575": "subclavian vein",
    "0576": "subclavian vein",
    "0577": "axillary vein",
    "0578": "axillary vein",
    "0579": "brachial vein",
    "057A": "brachial vein",
    "057B": "basilic vein",
    "057C": "basilic vein",
    "057D": "cephalic vein",
    "057F": "cephalic vein",
    "057G": "hand vein",
    "057H": "hand vein",
    "057L": "intracranial vein",
    "057M": "internal jugular vein",
    "057N": "internal jugular vein",
    "057P": "external jugular vein",
    "057Q": "external jugular vein",
    "057R": "vertebral vein",
    "057S": "vertebral vein",
    "057T": "face vein",
    "057V": "face vein",
    "057Y": "upper vein",
    "0670": "inferior vena cava",
    "0671": "splenic vein",
    "0672": "gastric vein",
    "0673": "esophageal vein",
    "0674": "hepatic vein",
    "0675": "superior mesenteric vein",
    "0676": "inferior mesenteric vein",
    "0677": "colic vein",
    "0678": "portal vein",
    "0679": "renal vein",
    "067B": "renal vein",
    "067C": "common iliac vein",
    "067D": "common iliac vein",
    "067F": "external iliac vein",
    "067G": "external iliac vein",
    "067H": "hypogastric vein",
    "067J": "hypogastric vein",
    "067M": "femoral vein",
    "067N": "femoral vein",
    "067P": "saphenous vein",
    "067Q": "saphenous vein",
    "067T": "foot vein",
    "067V": "foot vein",
    "067Y": "lower vein",
}
DRUG_COATED = frozenset(f"057{part}" for part in "3456789ABCDF")
"""Body parts whose row also lists the drug-coated balloon (a seventh character 1)."""

SITES = (*dict.fromkeys(VESSELS.values()), "other")

VENOUS_TOS = "venous thoracic outlet syndrome"
BUDD_CHIARI = "Budd-Chiari syndrome"
SVC_SYNDROME = "superior vena cava syndrome"
ILIAC_COMPRESSION = "iliac vein compression syndrome"
PULMONARY_VEIN = "pulmonary vein stenosis"
PULMONARY_ARTERY = "pulmonary artery stenosis or hypoplasia"
CONGENITAL_CAVA = "congenital vena cava stenosis or occlusion"
SINUS_VENOSUS = "venous narrowing after sinus venosus defect repair"
BAFFLE = "atrial baffle obstruction after Mustard or Senning repair"

EXCLUDED_INDICATIONS = (
    "multiple sclerosis",
    "chronically occluded iliac vein",
    "idiopathic intracranial hypertension",
    "iliofemoral venous thrombosis",
    "nutcracker syndrome",
)
UNLISTED_INDICATIONS = (
    "other congenital heart disease",
    "chronic cerebrospinal venous insufficiency",
    "lower extremity venous congestion",
    "other",
)

SITE_MAP = {
    # row 13: the sites behind each indication
    VENOUS_TOS: {"subclavian vein", "axillary vein", "innominate vein"},
    BUDD_CHIARI: {"hepatic vein", "inferior vena cava"},
    SVC_SYNDROME: {"superior vena cava", "innominate vein"},
    ILIAC_COMPRESSION: {"common iliac vein", "external iliac vein"},
    PULMONARY_VEIN: {"pulmonary vein"},
    PULMONARY_ARTERY: {"pulmonary artery"},
    CONGENITAL_CAVA: {"superior vena cava", "inferior vena cava"},
    SINUS_VENOSUS: {"superior vena cava", "pulmonary vein"},
    BAFFLE: {"superior vena cava", "inferior vena cava", "pulmonary vein"},
}
INDICATIONS = (*SITE_MAP, *EXCLUDED_INDICATIONS, *UNLISTED_INDICATIONS)

LISTED_CONGENITAL = frozenset(
    [f"Q20.{n}" for n in "012345689"]
    + [f"Q21.{n}" for n in "0123489"]
    + [f"Q25.{n}" for n in ("0", "1", "21", "29", "3", "5", "6", "71", "72", "79", "8", "9")]
    + [f"Q25.4{n}" for n in range(10)]
    + [f"Q26.{n}" for n in "012345689"]
)
SINUS_VENOSUS_SUCCESSORS = frozenset({"Q21.14", "Q21.15", "Q21.16"})
SUPPORT = {
    # the pointers that support an indication; superior vena cava syndrome takes any (row 8)
    VENOUS_TOS: {"G54.0"},
    BUDD_CHIARI: {"I82.0", "R10.84", "R16.0", "R18.8"},
    ILIAC_COMPRESSION: {"I87.1"},
    PULMONARY_VEIN: {"I28.8", "Q26.8"},
    PULMONARY_ARTERY: {"Q25.5", "Q25.6", "Q25.71", "Q25.79"},
    CONGENITAL_CAVA: LISTED_CONGENITAL,
    SINUS_VENOSUS: {"Q21.1", *SINUS_VENOSUS_SUCCESSORS},
    BAFFLE: {"Q20.3"},
}
NOT_REVIEWED = frozenset(
    # inside a listed range, younger than the last review, not named by section F.3 (row 6)
    [f"Q21.1{n}" for n in "01239"]
    + [f"Q21.2{n}" for n in "0123"]
    + [f"I26.{n}" for n in ("03", "04", "95", "96")]
)
EXCLUDED_POINTERS = frozenset(
    ["G35", "G35.A", "G35.B0", "G35.B1", "G35.B2", "G35.C0", "G35.C1", "G35.C2", "G35.D", "G93.2"]
    + [f"I82.4{n}" for n in ("21", "22", "23", "29")]
    + [f"I82.5{n}" for n in ("21", "22", "23", "29")]
)
ARM_VEINS = frozenset({"brachial vein", "basilic vein", "cephalic vein"})
RENAL_FAILURE = frozenset({"N18.6", "Z99.2"})


@dataclass(frozen=True)
class Line:
    """What is fixed for a line before any unknown fact is tried."""

    system: str
    code: str
    pointers: frozenset[str]
    stated: Mapping[str, Any]
    circuit_code_on_request: bool
    governing_layer: str | None

    @property
    def vessel(self) -> str | None:
        """The vessel that a listed ICD-10-PCS code carries."""
        return listed_vessel(self.code) if self.system == "ICD-10-PCS" else None

    @property
    def pulmonary_artery_code(self) -> bool:
        """Whether it is a code for the pulmonary artery that the coding section leaves out."""
        return self.system == "CPT" and self.code in PULMONARY_ARTERY_CODES

    @property
    def intracranial_code(self) -> bool:
        """Whether it is a code that stands in the intracranial part only."""
        return self.system == "CPT" and self.code in INTRACRANIAL_CODES

    @property
    def vein_code(self) -> bool:
        """Whether it is a listed code that does not carry the vessel."""
        return self.system == "CPT" and self.code in VEIN_CODES

    @property
    def listed(self) -> bool:
        """Whether the coding section lists the procedure."""
        return self.vein_code or self.intracranial_code or self.vessel is not None


@dataclass(frozen=True)
class World:
    """One way the facts of a line could be: each has a value."""

    indication: str
    site: str
    imaging: bool
    occlusion: bool
    thrombotic: bool
    symptomatic: bool
    dialysis: bool
    child: bool


FACT_OF_FIELD = {
    "indication": "indication",
    "site": "site",
    "imaging": "lesion confirmed by imaging",
    "occlusion": "occlusion or thrombosis",
    "thrombotic": "thrombotic",
    "symptomatic": "symptomatic",
    "dialysis": "dialysis access",
    "child": "birth_date",
}


def normalise(system: str, code: str) -> str:
    """Return the code in capitals, an ICD-10-CM code with its dot after the third character."""
    plain = code.strip().upper().replace(".", "")
    if system == "ICD-10-CM" and len(plain) > 3:
        return f"{plain[:3]}.{plain[3:]}"
    return plain


def listed_vessel(code: str) -> str | None:
    """Return the vessel of an ICD-10-PCS code of the coding section, None for any other code.

    The member list wins over the range: a ductus code (`027R0DT`) lies in the range, unlisted.
    """
    part, approach, ending = code[:4], code[4:5], code[5:]
    if part not in VESSELS or approach not in ("0", "3", "4"):
        return None
    endings = {"DZ", "ZZ"}
    if part.startswith("027"):
        endings.add("4Z")
    if part in DRUG_COATED:
        endings |= {"D1", "Z1"}
    return VESSELS[part] if ending in endings else None


def age_on(birth: date, day: date) -> int:
    """Return the completed years of life; born on 29 February, a common year turns on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def adopted(plan: Mapping[str, Any], day: date) -> bool:
    """Step 1: whether the plan reviews by this guideline on that day (rows 27, 30, 34)."""
    return day >= EFFECTIVE_FROM and any(
        (name, business) == (plan.get("name"), plan.get("line_of_business"))
        and start <= day
        and mode == "review"
        for name, business, start, mode in ADOPTION
    )


def coding_error(request: Mapping[str, Any], line: Line, day: date, status: Status) -> bool:
    """Step 2: a code that is not valid or billable that day, an add-on without its base code."""
    codes = [(line.system, line.code), *(("ICD-10-CM", code) for code in line.pointers)]
    if any(status(system, code, day) not in ("VALID", "NO_TABLE") for system, code in codes):
        return True
    if line.system != "CPT" or line.code not in BASE_OF_ADD_ON:
        return False
    return BASE_OF_ADD_ON[line.code] not in cpt_codes(request)


def cpt_codes(request: Mapping[str, Any]) -> set[str]:
    """Return the CPT codes of every line of the request."""
    return {
        normalise("CPT", other["procedure"]["code"])
        for other in request["lines"]
        if other["procedure"]["system"] == "CPT"
    }


def dialysis_raised(line: Line, world: World) -> bool:
    """Whether dialysis access stands in the way (row 23); silence is open for an arm vein only."""
    if line.stated.get("dialysis access") is not None:
        return world.dialysis
    return world.dialysis and world.site in ARM_VEINS and bool(line.pointers & RENAL_FAILURE)


def supported(indication: str, pointers: frozenset[str]) -> bool:
    """Whether one pointer of the line supports the indication (rows 4 to 8, 14)."""
    useful = {code for code in pointers - NOT_REVIEWED if not code.startswith("I26.")}
    return bool(useful if indication == SVC_SYNDROME else useful & SUPPORT[indication])


def documented(world: World) -> bool:
    """Whether the facts that the indication asks for hold (rows 9, 11, 18, 19, 22)."""
    match world.indication:
        case "Budd-Chiari syndrome":
            return world.thrombotic
        case "iliac vein compression syndrome":
            return world.imaging and not world.occlusion
        case "pulmonary artery stenosis or hypoplasia":
            return world.child
        case "congenital vena cava stenosis or occlusion":
            return world.symptomatic
        case _:
            return True


def disposition_in(line: Line, world: World) -> str:
    """Steps 3 to 7 for a line of which every fact is known: the first that speaks decides."""
    if line.governing_layer is not None or line.circuit_code_on_request:
        return "NOT_APPLICABLE"
    if dialysis_raised(line, world):
        return "NOT_APPLICABLE"
    if not line.listed and not line.pulmonary_artery_code:
        return "NOT_APPLICABLE"
    if not line.pointers:
        return "PEND_INFO"
    if line.intracranial_code:
        return "CLINICAL_REVIEW" if "G93.2" in line.pointers else "NOT_APPLICABLE"
    if line.vein_code and world.site == "pulmonary artery":
        return "PEND_INFO"
    if line.pulmonary_artery_code or line.pointers & EXCLUDED_POINTERS:
        return "CLINICAL_REVIEW"
    if world.indication not in SITE_MAP or world.site not in SITE_MAP[world.indication]:
        return "CLINICAL_REVIEW"
    if not supported(world.indication, line.pointers) or not documented(world):
        return "CLINICAL_REVIEW"
    return "APPROVE"


def criteria_result_in(line: Line, world: World) -> str:
    """Return what the text says of the indication; the site and the pointers do not matter.

    But for G93.2, of which the coding section itself says that it is not medically necessary.
    Procedures of a pulmonary artery are not listed, yet the text speaks of the artery (row 12):
    there the indication decides (row 1). What an intracranial procedure is for is open until
    a diagnosis says so (row 16).
    """
    if line.circuit_code_on_request or dialysis_raised(line, world):
        return NOT_ADDRESSED
    if not line.listed and not line.pulmonary_artery_code:
        return NOT_ADDRESSED
    if line.intracranial_code and not line.pointers:
        return UNDETERMINED
    if "G93.2" in line.pointers:
        return INVESTIGATIONAL
    if line.intracranial_code:
        return NOT_ADDRESSED
    if world.indication in EXCLUDED_INDICATIONS:
        return INVESTIGATIONAL
    if world.indication in UNLISTED_INDICATIONS:
        return NOT_ADDRESSED
    if world.indication == ILIAC_COMPRESSION:
        return NECESSARY if world.imaging else NOT_ADDRESSED
    return NECESSARY if documented(world) else NOT_ADDRESSED


def worlds(line: Line, age: int | None) -> Iterator[tuple[Any, ...]]:
    """Yield, in the order of `World`'s fields, every way the facts could be."""
    either = (False, True)

    def values(fact: str, every: tuple[Any, ...]) -> tuple[Any, ...]:
        stated = line.stated.get(fact)
        return every if stated is None else (stated,)

    dialysis = values("dialysis access", either if line.pointers & RENAL_FAILURE else (False,))
    return product(
        values("indication", INDICATIONS),
        (line.vessel,) if line.vessel is not None else values("site", SITES),
        values("lesion confirmed by imaging", either),
        values("occlusion or thrombosis", either),
        values("thrombotic", either),
        values("symptomatic", either),
        dialysis,
        either if age is None else (age < CHILD_AGE_LIMIT,),
    )


def facts_that_change(outcomes: Mapping[tuple[Any, ...], str]) -> list[str]:
    """Return each fact whose value alone, all others held, changes the disposition somewhere."""
    changing = []
    for position, field in enumerate(FACT_OF_FIELD):
        seen: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
        for world, disposition in outcomes.items():
            seen[world[:position] + world[position + 1 :]].add(disposition)
        if any(len(dispositions) > 1 for dispositions in seen.values()):
            changing.append(FACT_OF_FIELD[field])
    return sorted(changing)


def read_line(request: Mapping[str, Any], line: Mapping[str, Any], day: date) -> Line:
    """Return the fixed part of a request's line: codes normalised, what governs looked up."""
    system = line["procedure"]["system"]
    code = normalise(system, line["procedure"]["code"])
    plan = request["plan"]
    governing = [
        governs
        for name, state, codes, start, governs in LAYERS
        if (name, state) == (plan.get("name"), plan.get("state"))
        and system == "CPT"
        and code in codes
        and start <= day
    ]
    return Line(
        system=system,
        code=code,
        pointers=frozenset(normalise("ICD-10-CM", dx) for dx in line.get("diagnoses") or ()),
        stated=line.get("facts") or {},
        circuit_code_on_request=bool(cpt_codes(request) & DIALYSIS_CIRCUIT_CODES),
        governing_layer=governing[0] if governing else None,
    )


def determine_line(
    request: Mapping[str, Any], line: Mapping[str, Any], status: Status
) -> dict[str, Any]:
    """Return what the policy must answer for one line of a well-formed request.

    Keys: `disposition`, `missing` (a sorted list of facts, empty but for `PEND_INFO`),
    `governed_by`, `recommendation`, and, where the text decides them, `criteria_result`,
    `rationale` and `flags`. A line without review whose codes are not valid leaves the first two
    open; a line that steps 1 to 3 settle leaves the flags open.
    """
    day = date.fromisoformat(request["service_date"])
    born = (request.get("member") or {}).get("birth_date")
    age = None if born is None else age_on(date.fromisoformat(born), day)
    fixed = read_line(request, line, day)
    broken = coding_error(request, fixed, day, status)

    if not adopted(request["plan"], day):
        answer: dict[str, Any] = {
            "disposition": "NO_REVIEW_REQUIRED",
            "missing": [],
            "governed_by": None,
        }
        if not broken:
            answer |= {"criteria_result": criteria_result(fixed, age)}
        return finish(answer)
    if broken:
        return finish(
            {
                "disposition": "CODING_ERROR",
                "missing": [],
                "governed_by": None,
                "criteria_result": UNDETERMINED,
            }
        )
    disposition, missing = settle(fixed, age)
    answer = {
        "disposition": disposition,
        "missing": missing,
        "governed_by": governed_by(fixed) if disposition == "NOT_APPLICABLE" else None,
        "criteria_result": criteria_result(fixed, age),
    }
    if disposition != "NOT_APPLICABLE":
        answer |= {"flags": flags(request, fixed, disposition, age)}
    return finish(answer)


def settle(line: Line, age: int | None) -> tuple[str, list[str]]:
    """Step 8: return the disposition over every world, and the facts that can still change it."""
    outcomes = {world: disposition_in(line, World(*world)) for world in worlds(line, age)}
    dispositions = set(outcomes.values())
    if len(dispositions) > 1:
        return "PEND_INFO", facts_that_change(outcomes)
    (disposition,) = dispositions
    if disposition != "PEND_INFO":
        return disposition, []
    # Constant PEND_INFO is step 4 or step 5: what is asked for is fixed by the step.
    return disposition, ["procedure", "site"] if line.pointers else ["diagnoses"]


def criteria_result(line: Line, age: int | None) -> str:
    """Return what the text says, `undetermined` where it varies over the unknown facts."""
    results = {criteria_result_in(line, World(*world)) for world in worlds(line, age)}
    return results.pop() if len(results) == 1 else UNDETERMINED


def governed_by(line: Line) -> str | None:
    """Return what governs a line that this guideline does not: a layer before dialysis."""
    if line.governing_layer is not None:
        return line.governing_layer
    if line.circuit_code_on_request or line.stated.get("dialysis access") is True:
        return "CG-SURG-93"
    return None


def flags(request: Mapping[str, Any], line: Line, disposition: str, age: int | None) -> list[str]:
    """Return the flags of a line that the criteria decide, sorted (rows 13, 29)."""
    raised = []
    medicaid = request["plan"].get("line_of_business") == "medicaid"
    if medicaid and disposition == "CLINICAL_REVIEW" and age is not None and age < EPSDT_AGE_LIMIT:
        raised.append("epsdt")
    if line.pointers & NOT_REVIEWED:
        raised.append("not-reviewed")
    stated_site = line.stated.get("site")
    if line.vessel is not None and stated_site is not None and stated_site != line.vessel:
        raised.append("site-conflict")
    return raised


def finish(answer: dict[str, Any]) -> dict[str, Any]:
    """Add what follows from the disposition and the criteria result."""
    result = answer.get("criteria_result")
    reviewed = answer["disposition"] == "CLINICAL_REVIEW"
    answer["recommendation"] = (
        result if reviewed and result in (NECESSARY, INVESTIGATIONAL) else None
    )
    if result is not None:
        investigational = result == INVESTIGATIONAL
        answer["rationale"] = (
            ["investigational", "not medically necessary"] if investigational else []
        )
    return answer
