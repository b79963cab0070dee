"""JSON Schemas (draft 2020-12) of a request, a determination and a case.

With a policy they know its facts, their types and their values, those of all its versions: which
of them a request may state, its own version says. A schema says what a request
looks like; that its dates, its codes and its numbers stand is for `read_request` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from medpolicy.cases import LINE_KEYS
from medpolicy.determination import Disposition
from medpolicy.determine import FIELD_OF_INPUT, INPUT_OF_FIELD
from medpolicy.record import PROCEDURE_SYSTEMS, FactType
from medpolicy.versions import AnyPolicy

Schema = dict[str, Any]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[Schema] = {"type": "string", "pattern": r"\S"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_DATE: Final[Schema] = {
    "type": "string",
    "format": "date",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
_DATE_OR_NULL: Final[Schema] = {**_DATE, "type": ["string", "null"]}


def request_schema(policy: AnyPolicy | None = None) -> Schema:
    """Return the schema of a request; with a policy, of one that the policy can answer."""
    return {"$schema": _DRAFT, "title": "Request", **_request(policy)}


def determination_schema(policy: AnyPolicy | None = None) -> Schema:
    """Return the schema of a determination, with or without a trace."""
    return {"$schema": _DRAFT, "title": "Determination", **_determination(policy)}


def case_schema(policy: AnyPolicy | None = None) -> Schema:
    """Return the schema of a file of cases: one case, or a list of them."""
    return {
        "$schema": _DRAFT,
        "title": "Cases",
        "oneOf": [{"$ref": "#/$defs/case"}, {"type": "array", "items": {"$ref": "#/$defs/case"}}],
        "$defs": {"case": _case(policy)},
    }


SCHEMAS: Final[Mapping[str, Callable[[AnyPolicy | None], Schema]]] = MappingProxyType(
    {"request": request_schema, "determination": determination_schema, "case": case_schema}
)
"""The schemas by the names that the command gives them."""


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


# --- the request ----------------------------------------------------------------------


def _request(policy: AnyPolicy | None) -> Schema:
    plan = _object(
        {"name": _TEXT, "line_of_business": _TEXT},
        {"state": {"type": ["string", "null"], "pattern": "^[A-Z]{2}$"}},
    )
    line = _object(
        {
            "id": _TEXT,
            "procedure": _object(
                {
                    "system": {"enum": [each.value for each in PROCEDURE_SYSTEMS]},
                    "code": {"type": "string"},
                }
            ),
        },
        {"diagnoses": _list({"type": "string"}, type=["array", "null"]), "facts": _facts(policy)},
    )
    return _object(
        {"id": _TEXT, "service_date": _DATE, "plan": plan, "lines": _list(line, minItems=1)},
        {
            "request_date": _DATE_OR_NULL,
            "processing_date": _DATE_OR_NULL,
            "member": {**_object({}, {"birth_date": _DATE_OR_NULL}), "type": ["object", "null"]},
        },
    )


def _facts(policy: AnyPolicy | None) -> Schema:
    schema: Schema = {
        "type": ["object", "null"],
        "description": "What is known; a fact that is absent or null is unknown.",
    }
    if policy is None:
        values = {"type": ["string", "number", "boolean", "null"]}
        return {**schema, "additionalProperties": values}
    properties = {name: _fact_of_versions(policy, name) for name in policy.facts}
    return {**schema, "properties": properties, "additionalProperties": False}


def _fact_of_versions(policy: AnyPolicy, name: str) -> Schema:
    schemas: list[Schema] = []
    for version in policy.versions:
        if name in version.facts and (schema := _fact(version.facts[name])) not in schemas:
            schemas.append(schema)
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _fact(fact: FactType) -> Schema:
    schema: Schema = {}
    if fact.question is not None:
        schema["description"] = fact.question
    if fact.allowed is not None:
        return {**schema, "enum": [*fact.allowed, None]}
    schema["type"] = [fact.type, "null"]
    if fact.allowed_text is not None:
        schema["$comment"] = f"allowed, in FEEL: {fact.allowed_text}"
    return schema


# --- the determination ----------------------------------------------------------------


def _determination(policy: AnyPolicy | None) -> Schema:
    named: Schema = _TEXT if policy is None else {"const": policy.versions[0].metadata.id}
    return _object(
        {
            "id": _TEXT,
            "policy": _object(
                {
                    "id": named,
                    "version": _TEXT,
                    "content_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                }
            ),
            "engine": _object({"name": _TEXT, "version": _TEXT}),
            "lines": _list(_line(policy), minItems=1),
        }
    )


def _line(policy: AnyPolicy | None) -> Schema:
    reason = _object(
        {
            "criterion": _TEXT_OR_NULL,
            "statement": _TEXT,
            "citation": _TEXT_OR_NULL,
            "rule": _TEXT_OR_NULL,
            "decision": _TEXT,
        }
    )
    missing = _object(
        {
            "fact": _asked_for(policy),
            "question": _TEXT_OR_NULL,
            "would_decide": {"type": "boolean"},
        }
    )
    return _object(
        {
            "id": _TEXT,
            "disposition": {"enum": [each.value for each in Disposition]},
            "criteria_result": _TEXT,
            "reasons": _list(reason),
            "recommendation": _TEXT_OR_NULL,
            "rationale": _list(_TEXT),
            "governed_by": _TEXT_OR_NULL,
            "missing": _list(missing),
            "flags": _list(_TEXT),
        },
        {"trace": _list(_trace_entry())},
    )


def _asked_for(policy: AnyPolicy | None) -> Schema:
    """Return the schema of what may be missing: a fact, or another field of the request."""
    if policy is None:
        return _TEXT
    known = {*policy.facts, *INPUT_OF_FIELD, "diagnoses"}
    fields = dict.fromkeys(
        FIELD_OF_INPUT.get(each.name, each.name)
        for version in policy.versions
        for each in version.model.inputs
    )
    return {"enum": [name for name in fields if name in known]}


def _trace_entry() -> Schema:
    anything: Schema = {}
    miss = _object({"rule": _TEXT, "column": _TEXT, "cell": _TEXT, "value": anything})
    return _object(
        {
            "decision": _TEXT,
            "inputs": {"type": "object"},
            "rules": _list(_TEXT),
            "value": anything,
            "near_misses": _list(miss),
        },
        {"possible": _list(anything, minItems=2)},
    )


# --- the case -------------------------------------------------------------------------


def _case(policy: AnyPolicy | None) -> Schema:
    determined = _line(policy)["properties"]
    asked = determined["missing"]["items"]["properties"]
    names = _list(_TEXT)
    parts: Schema = {
        **{key: determined[key] for key in LINE_KEYS if key in determined},
        "missing": _list({"oneOf": [asked["fact"], _object({"fact": asked["fact"]}, asked)]}),
        "criteria": names,
        "rules": names,
    }
    line = _object({"id": _TEXT}, parts)
    covers = _object(
        {},
        {
            "criteria": names,
            "register": _list({"type": "integer", "minimum": 1}),
            "dates": names,
        },
    )
    expect = {
        "oneOf": [
            _object({"lines": _list(line, minItems=1)}, {"version": _TEXT}),
            _object({"error": _TEXT}),
            _object({"open": _list(_TEXT, minItems=1)}, {"version": _TEXT}),
        ],
    }
    # A case may hold a request that is none: what is then said is what the case is about.
    return _object(
        {"id": _TEXT, "request": {}, "expect": expect},
        {"title": _TEXT, "because": _TEXT, "covers": covers},
    )
