"""The code systems and the form of their codes: what a string must look like, never what it means.

Forms: ICD-10-CM and ICD-10-PCS Official Guidelines (CMS), section I.A.2 and the PCS Reference
Manual; CPT categories I, II (F), III (T), proprietary laboratory analyses (U), administrative
multianalyte assays (M) and vaccine administration (A); HCPCS level II, a letter and four digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class CodeSystem(StrEnum):
    """The code systems of a request, by the names that a request gives them."""

    CPT = "CPT"
    HCPCS = "HCPCS"
    ICD_10_CM = "ICD-10-CM"
    ICD_10_PCS = "ICD-10-PCS"


class CodeFormError(ValueError):
    """A string lacks the form of its code system; the message says what a code looks like."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A pattern over either case, and the sentence for who sent something else."""

    pattern: re.Pattern[str]
    described: str


# Letters are spelt out and not matched by `re.IGNORECASE`, which takes the Kelvin sign for a K.
_CM_DOT_AT = 3
_FORMS = {
    CodeSystem.CPT: _Form(
        re.compile(r"[0-9]{4}[0-9AaFfMmTtUu]"),
        "five characters: five digits, or four digits and one of A, F, M, T or U, such as 37238",
    ),
    CodeSystem.HCPCS: _Form(
        re.compile(r"[A-Va-v][0-9]{4}"),
        "five characters: a letter from A to V and four digits, such as E0601",
    ),
    CodeSystem.ICD_10_CM: _Form(
        # QA0 is the first category with a letter, A, in the second place.
        re.compile(r"[A-Za-z](?:[0-9][0-9A-Za-z]|[Aa][0-9])(?:\.?[0-9A-Za-z]{1,4})?"),
        "three to seven characters: a letter, two characters of which one is a digit, then a dot "
        "and up to four more, such as I87.1",
    ),
    CodeSystem.ICD_10_PCS: _Form(
        re.compile(r"[0-9A-HJ-NP-Za-hj-np-z]{7}"),
        "seven characters: digits and letters, without the letters I and O, such as 067C3DZ",
    ),
}
_PCS_PREFIX = re.compile(r"[0-9A-HJ-NP-Za-hj-np-z]{1,7}")


def normalize(system: CodeSystem, text: str) -> str:
    """Return the code in the form that its system prints: capitals, ICD-10-CM with its dot.

    Takes either case, and ICD-10-CM with or without its dot. Raises `CodeFormError` for
    anything else, blanks included. The message shows no more of the text than its length.
    """
    form = _FORMS[system]
    if form.pattern.fullmatch(text) is None:
        raise _error(system, text)
    return dotted(text.upper()) if system == CodeSystem.ICD_10_CM else text.upper()


def normalize_prefix(system: CodeSystem, text: str) -> str:
    """Return a category, or the first characters of an ICD-10-PCS code, in printed form.

    Raises `CodeFormError`, as `normalize` does.
    """
    if system == CodeSystem.ICD_10_PCS and _PCS_PREFIX.fullmatch(text):
        return text.upper()
    return normalize(system, text)


def dotted(characters: str) -> str:
    """Return ICD-10-CM characters, in capitals, with the dot after the third if more follow."""
    bare = characters.replace(".", "")
    return f"{bare[:_CM_DOT_AT]}.{bare[_CM_DOT_AT:]}" if len(bare) > _CM_DOT_AT else bare


def _error(system: CodeSystem, text: str) -> CodeFormError:
    return CodeFormError(
        f"a string of {len(text)} characters is not in the form of a {system} code; "
        f"it has {_FORMS[system].described}"
    )
