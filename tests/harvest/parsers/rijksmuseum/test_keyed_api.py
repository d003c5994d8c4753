"""Objects of files that were saved from the keyed API."""

import json
from pathlib import Path
from typing import Any

import pytest

from harvest.errors import BadAnswer, Unparsed
from harvest.parsers.rijksmuseum.keyed_api import objects_of
from harvest.records import ObjectRecord
from harvest.request import Request
from harvest.response import Response


def read(payload: Any) -> list[ObjectRecord]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return list(objects_of(Response(Request("legacy", "a.json"), "a.json", 200, {}, body)))


def one(**facts: Any) -> ObjectRecord:
    (record,) = read({"artObject": {"objectNumber": "SK-A-1", **facts}})
    return record


def test_the_night_watch_is_read(shared: Path) -> None:
    (record,) = read((shared / "samples" / "rijksmuseum" / "old" / "object-SK-C-5.nl.json").read_bytes())
    assert (record.source_id, record.title, record.object_type) == ("legacy:SK-C-5", "De Nachtwacht", "painting")
    (made,) = record.attributions
    assert (made.artist.name, made.artist.birth_year, made.artist.death_year) == ("Rembrandt van Rijn", 1606, 1669)
    assert record.dating is not None
    assert (record.dating.text, record.dating.earliest, record.dating.latest) == ("1642", 1642, 1642)
    assert record.identifiers["handle"] == "10934/RM0001.COLLECT.5216"
    assert record.images is None


@pytest.mark.parametrize(
    ("collection", "types", "object_type"),
    [
        (["schilderijen"], ["pastel", "tekening"], "painting"),
        (["paintings"], ["miniature"], "painting"),
        (["prints"], ["prent"], "print"),
        (["schilderijen"], ["foto"], "photograph"),
        ([], [], "object"),
    ],
)
def test_a_painting_is_what_the_newer_services_call_one(
    collection: list[str], types: list[str], object_type: str
) -> None:
    assert one(objectCollection=collection, objectTypes=types).object_type == object_type


def test_a_pair_of_numbers_is_a_month() -> None:
    dating = one(dating={"presentingDate": "1908-12"}).dating
    assert dating is not None
    assert (dating.earliest, dating.latest, dating.precision) == (1908, 1908, "month")


def test_details_pages_and_lists_of_them_are_read() -> None:
    first, second = {"objectNumber": "SK-A-1"}, {"objectNumber": 5}
    assert [each.source_id for each in read([{"artObjects": [first, second]}, {"artObject": first}])] == [
        "legacy:SK-A-1",
        "legacy:5",
        "legacy:SK-A-1",
    ]


@pytest.mark.parametrize(
    ("payload", "error", "message"),
    [
        (b"<html>", BadAnswer, "a.json: expected JSON"),
        ({"count": 1}, Unparsed, "a.json: expected artObject or artObjects of the keyed API"),
        ({"artObjects": [{"title": "x"}]}, Unparsed, "a.json: expected each object to have an objectNumber"),
    ],
)
def test_another_file_is_refused(payload: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(payload)


@pytest.mark.parametrize(
    ("dating", "years"),
    [
        (
            {"presentingDate": "ca. 1650", "yearEarly": 1645, "yearLate": 1655},
            (1645, 1655, "dating.yearEarly, yearLate"),
        ),
        ({"presentingDate": "ca. 1650", "yearEarly": 1655, "yearLate": 1645}, (1650, 1650, "dating.presentingDate")),
        ({"sortingDate": 1650}, (1650, 1650, "dating.presentingDate")),
        ({"presentingDate": "vroeg"}, (None, None, "dating.presentingDate")),
    ],
)
def test_years_outweigh_their_words(dating: dict[str, Any], years: tuple[int | None, int | None, str]) -> None:
    read = one(dating=dating).dating
    assert read is not None
    assert (read.earliest, read.latest, read.origin) == years
    assert one(dating={"yearEarly": 1645}).dating is None


@pytest.mark.parametrize(
    ("facts", "made"),
    [
        ({"principalMakers": [{"name": "Jan Steen", "roles": ["schilder"]}]}, [("Jan Steen", "schilder", None)]),
        (
            {"principalMakers": [{"name": "Jan Steen", "qualification": "kopie naar"}]},
            [("Jan Steen", "artist", "kopie naar")],
        ),
        ({"principalMakers": [{"name": "navolger van Jan Steen"}]}, [("Jan Steen", "artist", "follower of")]),
        ({"principalMakers": [{"name": "anoniem"}, {"name": "Jan Steen"}]}, [("Jan Steen", "artist", None)]),
        ({"principalMakers": [{}], "principalOrFirstMaker": "Jan Steen"}, [("Jan Steen", "artist", None)]),
        ({"principalOrFirstMaker": "anoniem"}, []),
        ({}, []),
    ],
)
def test_makers_are_the_principal_ones_else_the_first(facts: dict[str, Any], made: list[tuple[str, str, str]]) -> None:
    assert [(each.artist.name, each.role, each.qualifier) for each in one(**facts).attributions] == made


def test_the_medium_is_the_phrase_else_the_materials() -> None:
    def media(**facts: Any) -> list[tuple[str, str | None]]:
        return [(term.text, term.origin) for term in one(**facts).terms if term.field == "medium"]

    materials = ["olieverf", "doek (textiel)", "olieverf"]
    assert media(physicalMedium="olieverf op doek", materials=materials) == [("olieverf op doek", "physicalMedium")]
    assert media(materials=materials) == [("olieverf", "materials"), ("doek", "materials")]


def test_the_kept_fields_name_neither_artist_nor_year() -> None:
    facts = {"priref": "5216", "language": "nl", "longTitle": "x, Rembrandt, 1642", "materials": []}
    assert one(**facts).fields == {"legacy": {"priref": "5216", "language": "nl"}}
