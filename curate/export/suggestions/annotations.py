"""W3C Web Annotations as JSON-LD, with PROV-O: who says what of which object, by which model, when, how sure.

https://www.w3.org/TR/annotation-model/ and https://www.w3.org/TR/prov-o/. An annotation's name is made of what it says
and whose it is, a model's of its digest (RFC 6920): the same suggestion has the same name in every export.
"""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from curate.export.suggestions.rows import OPEN, Suggestion

FILE = "annotations.jsonld"
CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {"prov": "http://www.w3.org/ns/prov#", "schema": "http://schema.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"},
]
_SAFE = ":/?#[]@!$&'()*+,;=%~"  # in an address: its delimiters, and what is encoded already


def write(folder: Path, suggestions: Sequence[Suggestion]) -> dict[str, int]:
    """Write one collection of all annotations; return why suggestions are not in it, counted."""
    items = [annotation(one) for one in suggestions]
    name = _urn("collection", *(item["id"] for item in items))
    page = {"id": f"{name}#page", "type": "AnnotationPage", "partOf": name, "startIndex": 0, "items": items}
    content = {"@context": CONTEXT, "id": name, "type": "AnnotationCollection", "total": len(items), "first": page}
    (folder / FILE).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return {}


def annotation(one: Suggestion) -> dict[str, Any]:
    """Return a suggestion as an annotation: the machine's, reviewed or not; another value is a person's."""
    name = _urn(one.url, one.field, one.predictions_sha256)
    model = f"ni:///sha-256;{_base64url(one.model_sha256)}"
    software = {
        "id": _urn("run", one.run, one.model_sha256),
        "type": ["Software", "prov:SoftwareAgent"],
        "name": one.run,
    }
    inference = {
        "id": f"{name}#inference",
        "type": "prov:Activity",
        "prov:wasAssociatedWith": {"id": software["id"]},
        "prov:used": {"id": model, "type": "prov:Entity", "schema:name": f"model of the run {one.run}"},
        "prov:endedAtTime": _moment(one.created_at),
    }
    is_persons = one.status not in (OPEN, "accepted")
    claim: dict[str, Any] = {
        "id": name,
        "type": ["Annotation", "prov:Entity"],
        "motivation": "classifying",
        "creator": software,
        "created": one.created_at,
        "prov:wasGeneratedBy": inference,
    }
    if one.reviewer is not None and one.decided_at is not None:
        person = {"id": _urn("person", one.reviewer), "type": ["Person", "prov:Person"], "name": one.reviewer}
        review = {
            "id": f"{name}#review",
            "type": "prov:Activity",
            "schema:name": one.status,
            "prov:wasAssociatedWith": person,
            "prov:endedAtTime": _moment(one.decided_at),
            **({"schema:description": one.note} if one.note else {}),
        }
        claim |= {"modified": one.decided_at, "prov:wasInfluencedBy": review}
        if is_persons:
            claim |= {"creator": person, "created": one.decided_at, "prov:wasGeneratedBy": review}
            claim |= {"prov:wasInfluencedBy": inference}
    return claim | {"body": _body(one, is_persons=is_persons), "target": _target(one)}


def _body(one: Suggestion, *, is_persons: bool) -> dict[str, Any]:
    """Return what is said, of which field, and how sure the machine was of its own value."""
    body = {"type": "TextualBody", "value": one.value, "format": "text/plain", "purpose": "classifying"}
    body["schema:propertyID"] = one.field
    probability = {
        "type": "schema:PropertyValue",
        "schema:name": f"probability of {one.suggested}" if is_persons else "probability",
        "schema:value": {"@value": str(one.probability), "@type": "xsd:decimal"},
        "schema:minValue": 0,
        "schema:maxValue": 1,
    }
    return {**body, "schema:additionalProperty": probability}


def _target(one: Suggestion) -> dict[str, Any]:
    names = {"schema:identifier": one.object_number, "schema:name": one.title}
    return {"id": quote(one.url, safe=_SAFE), **{name: text for name, text in names.items() if text}}


def _moment(text: str) -> dict[str, str]:
    return {"@value": text, "@type": "xsd:dateTime"}


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, json.dumps(parts)).urn


def _base64url(digest: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).rstrip(b"=").decode()
