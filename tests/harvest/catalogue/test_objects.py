"""How objects are known again."""

import hashlib
import json
from dataclasses import asdict, replace

import pytest

from harvest.catalogue.objects import content_hash
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Term

WHOLE = ObjectRecord(
    "ä",
    "https://x/a",
    dating=Dating("c. 1890", 1890, 1890, is_circa=True),
    attributions=(Attribution(Artist("p", authorities={"ulan": "5"}), qualifier="after"),),
    terms=(Term("style", "Cubism"), Term("medium", "oil")),
    images=(Image("https://x/1.jpg", ("https://x/1.jpg",)),),
    identifiers={"wikidata": "Q1"},
    fields={"z": [1, {"b": None, "a": 1.5}], "a": "é"},
)


@pytest.mark.parametrize("record", [WHOLE, ObjectRecord("a", "https://x", images=None)])
def test_a_record_hashes_as_its_values_in_json(record: ObjectRecord) -> None:
    """By which older catalogues know their objects again."""
    values = asdict(record)
    for image in values["images"] or ():
        assert image.pop("opt_out") is None
    whole = json.dumps(values, sort_keys=True, ensure_ascii=False)
    assert content_hash(record) == hashlib.sha256(whole.encode()).hexdigest()


def test_an_opted_out_image_makes_another_hash() -> None:
    opted_out = (
        replace(WHOLE, images=(replace(WHOLE.images[0], opt_out="x-robots-tag: noai"),)) if WHOLE.images else WHOLE
    )
    assert content_hash(opted_out) != content_hash(WHOLE)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set is no JSON"):
        content_hash(ObjectRecord("a", "https://x", fields={"x": {1}}))
