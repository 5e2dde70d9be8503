"""JSON Schemas for editors of TOML, which complete and explain the keys of a file by them.

They know draft 7 best: there a reference hides what stands beside it, and keys are completed from
``properties`` alone. TOML has no null.
"""

import json
from typing import Any

DEFINITIONS = "#/definitions/"
REFERENCE = f"{DEFINITIONS}{{model}}"
NULL = {"type": "null"}


def for_editors(told: dict[str, Any], urn: str) -> str:
    """Return the schema that follows from a model's own, as text to be published.

    ``told`` is what ``model_json_schema(ref_template=REFERENCE)`` returns.
    """
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": urn}
    definitions = told.pop("$defs")
    whole = _for_editors(head | told | {"definitions": definitions}, definitions)
    return json.dumps(whole, indent=2) + "\n"


def _for_editors(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_for_editors(one, definitions) for one in part if one != NULL]
    if not isinstance(part, dict):
        return part
    there = {name: value for name, value in part.items() if value is not None}
    told = {name: _for_editors(value, definitions) for name, value in there.items()}
    if len(told.get("anyOf", ())) == 1:
        told = told.pop("anyOf")[0] | told
    if "propertyNames" in told:
        return _with_named_keys(told, definitions)
    if "$ref" in told:
        reference = {"$ref": told.pop("$ref")}
        about = {"description": _definition(reference, definitions)["description"]}
        return {"allOf": [reference]} | about | told
    return told


def _with_named_keys(told: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Name every key that a table may have, in place of what its keys must be."""
    names, value = told.pop("propertyNames"), told.pop("additionalProperties")
    keys = names if "enum" in names else _definition(names["allOf"][0], definitions)
    entry = value | {"description": told["description"]}
    return told | {"properties": dict.fromkeys(keys["enum"], entry), "additionalProperties": False}


def _definition(reference: dict[str, str], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definitions[reference["$ref"].removeprefix(DEFINITIONS)]
    return found
