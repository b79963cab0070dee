"""Code sets with validity windows: what is a code, and on which days.

Every ICD-10-CM and ICD-10-PCS code since 2015-10-01 is here with the days on which it was
valid. CPT and HCPCS have no table here: their form only. The tables are data beside this
module, built by `tools/build_codes.py`, read on first use and never changed after.

    >>> from datetime import date
    >>> normalize(CodeSystem.ICD_10_CM, "i871")
    'I87.1'
    >>> status(CodeSystem.ICD_10_CM, "Q21.1", date(2022, 9, 30))
    <CodeStatus.VALID: 'valid'>
    >>> status(CodeSystem.ICD_10_CM, "Q21.1", date(2022, 10, 1))
    <CodeStatus.NOT_BILLABLE: 'not billable'>
"""

from medpolicy.codes.form import CodeFormError, CodeSystem, normalize
from medpolicy.codes.lookup import (
    CodeStatus,
    NoCodeTable,
    changes,
    content_hash,
    expand_range,
    known,
    members,
    status,
    windows,
)
from medpolicy.codes.source import SOURCE, Source
from medpolicy.codes.table import Window

__all__ = [
    "SOURCE",
    "CodeFormError",
    "CodeStatus",
    "CodeSystem",
    "NoCodeTable",
    "Source",
    "Window",
    "changes",
    "content_hash",
    "expand_range",
    "known",
    "members",
    "normalize",
    "status",
    "windows",
]
