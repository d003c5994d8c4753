"""WikiArt's JSON records of one work."""

import json
from pathlib import Path
from typing import Any

import pytest

from harvest.errors import Unparsed
from harvest.parsers.wikiart import records
from harvest.records import Dating, Term


def sample(shared: Path, name: str) -> Any:
    return json.loads((shared / "samples" / "wikiart" / name).read_text())


def test_the_free_record_adds_terms_and_a_date_that_is_missing() -> None:
    record = {"style": "Cubism, , Purism", "tags": None, "galleryName": " Louvre ", "yearAsString": "1912"}
    added = records.free("x", record | {"description": "prose"}, is_dated=False)
    assert added.terms == (
        Term("style", "Cubism", None, "ImageJson style"),
        Term("style", "Purism", None, "ImageJson style"),
        Term("museum", "Louvre", None, "ImageJson galleryName"),
    )
    assert added.dating == Dating("1912", 1912, 1912, precision="year", origin="ImageJson yearAsString")
    assert added.fields == {"ImageJson": record}
    assert records.free("x", record, is_dated=True).dating is None


def test_texts_of_records_are_as_people_see_them() -> None:
    record = {"style": "Cubism\u200b,\u200b", "galleryName": "Louvre ( Paris )"}
    added = records.free("x", record, is_dated=True)
    assert [term.text for term in added.terms] == ["Cubism", "Louvre (Paris)"]


def test_real_free_records_have_styles_and_genres(shared: Path) -> None:
    payload = sample(shared, "imagejson/imagejson_120.json")
    added = [records.free(str(n), record, is_dated=False) for n, record in enumerate(payload)]
    fields = [{term.field for term in extra.terms} for extra in added]
    assert sum("style" in each for each in fields) / len(fields) > 0.8
    assert all("medium" not in each for each in fields)


def test_the_record_of_the_keyed_api_fills_gaps(shared: Path) -> None:
    record = sample(shared, "v2/painting_v2_aleksandra-ekster_womens-costume.json")
    url = records.address({"_id": record["id"]})
    assert url == f"https://www.wikiart.org/en/api/2/Painting?id={record['id']}"
    added = records.metered("x", record, url)
    assert added.terms == ()
    assert added.gaps == (
        Term("style", "Cubo-Futurism", None, "API styles"),
        Term("genre", "design", None, "API genres"),
    )
    assert "description" not in added.fields["API"]


def test_the_record_of_another_work_is_refused() -> None:
    with pytest.raises(Unparsed, match="expected the record of 1, got that of '2'"):
        records.metered("x", {"id": "2"}, f"{records.API}Painting?id=1")


@pytest.mark.parametrize("number", [None, 5, "", "57726FFDEDC2CB3880BC65EC", "57726ffdedc2cb3880bc65ec0"])
def test_a_number_that_the_api_cannot_know_has_no_address(number: object) -> None:
    assert records.address({"_id": number}) is None


@pytest.mark.parametrize(
    "payload", [{}, {"SessionKey": ""}, {"SessionKey": 5}, {"SessionKey": "a\nb"}, {"SessionKey": "ä"}]
)
def test_an_answer_without_a_key_opens_no_session(payload: dict[str, Any]) -> None:
    with pytest.raises(Unparsed, match="the answer holds no SessionKey"):
        records.session_key(payload)


def test_the_key_of_a_session_is_read() -> None:
    assert records.session_key({"SessionKey": "d1e9", "MaxRequestsPerHour": 400}) == "d1e9"
