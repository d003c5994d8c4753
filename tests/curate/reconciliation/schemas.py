"""What the specification of the Reconciliation Service API asks of each answer, as JSON Schemas.

Written after its text and schemas, versions 0.1 and 0.2; where those differ, what both allow.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}


def thing(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object of these fields and no others."""
    fields = {**required, **(optional or {})}
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def each(value: dict[str, Any]) -> dict[str, Any]:
    """An object whose keys are the client's."""
    return {"type": "object", "additionalProperties": value}


TYPE = thing({"id": TEXT, "name": TEXT})
TEMPLATE = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}
PLACE = thing({"service_url": {"type": "string", "pattern": "^https?://"}, "service_path": {"pattern": "^/"}})
FEATURE = thing({"id": TEXT, "value": {"oneOf": [{"type": "boolean"}, {"type": "number"}]}})

MANIFEST = thing(
    {
        "versions": {**several(TEXT), "contains": {"enum": ["0.2"]}},
        "name": TEXT,
        "identifierSpace": {"type": "string", "format": "uri"},
        "schemaSpace": {"type": "string", "format": "uri"},
    },
    {
        "defaultTypes": {**several(TYPE), "uniqueItems": True},
        "view": thing({"url": TEMPLATE}),
        "preview": thing({"url": TEMPLATE, "width": {"type": "integer"}, "height": {"type": "integer"}}),
        "suggest": thing({}, {"entity": PLACE, "property": PLACE, "type": PLACE}),
        "extend": thing({}, {"propose_properties": PLACE, "property_settings": {"type": "array"}}),
        "batchSize": {"type": "integer", "minimum": 1},
    },
)
CANDIDATE = thing(
    {"id": TEXT, "name": TEXT, "score": {"type": "number"}, "match": {"type": "boolean"}, "type": several(TYPE)},
    {"description": TEXT, "features": several(FEATURE)},
)
RESULTS = each(thing({"result": several(CANDIDATE)}))
ENTITIES = thing(
    {"result": several(thing({"id": TEXT, "name": TEXT}, {"description": TEXT, "notable": several(TYPE)}))}
)
PROPERTIES = thing({"result": several(thing({"id": TEXT, "name": TEXT}, {"description": TEXT}))})
PROPOSAL = thing({"properties": several(TYPE)}, {"type": TEXT, "limit": {"type": "integer"}})
CELL = {"oneOf": [thing({"str": TEXT}), thing({"int": {"type": "integer"}}), thing({"float": {"type": "number"}})]}
EXTENSION = thing({"meta": several(TYPE), "rows": each(each(several(CELL)))})
