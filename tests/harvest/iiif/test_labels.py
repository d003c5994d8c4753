from pathlib import Path
from typing import Any

import pytest

from harvest.iiif.labels import languages_of, object_of, short_id
from harvest.parsers.iiif.presentation import Manifest
from harvest.records import ObjectRecord
from harvest.tabular.mapping import Mapping, read, text_of

URL = "https://x.org/1/manifest.json"


def record(pairs: dict[str, list[str]], own: dict[str, list[str]] | None = None, **columns: Any) -> ObjectRecord:
    return object_of(Manifest(pairs, {"@label": ["Label"], **(own or {})}, ()), URL, "box", Mapping(columns, iiif="x"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, "x.org/1"),
        ("http://X.org/1/manifest", "x.org/1"),
        ("https://x.org/iiif/2/ab%2F1.json", "x.org/iiif/2/ab%2F1.json"),
        ("https://x.org:8080/m?id=3", "x.org:8080/m?id=3"),
        ("https://x.org/manifests/1/", "x.org/manifests/1"),
    ],
)
def test_an_address_is_made_a_short_id(url: str, expected: str) -> None:
    assert short_id(url) == expected


def test_a_long_address_is_cut_and_stays_its_own() -> None:
    ids = {short_id(f"https://x.org/{'a' * 300}{n}") for n in range(9)}
    assert len(ids) == 9
    assert {len(name) for name in ids} == {200}


@pytest.mark.parametrize("label", ["Artist", "Künstler", "Vervaardiger", "Artiste", "Autor", "Maler/in", "Creator"])
def test_labels_are_known_in_five_languages(label: str) -> None:
    (attribution,) = record({label: ["Monet, Claude (1840–1926)"]}).attributions
    assert (attribution.artist.name, attribution.artist.birth_year) == ("Claude Monet", 1840)


@pytest.mark.parametrize(
    ("pairs", "title"),
    [({}, "Label"), ({"Titel": ["Haus"]}, "Haus"), ({"Beschreibung": ["lang"]}, "Label"), ({"Titel": [""]}, "Label")],
)
def test_a_title_among_the_labels_comes_before_the_manifests_own(pairs: dict[str, list[str]], title: str) -> None:
    assert record(pairs).title == title


def test_several_values_are_several() -> None:
    found = record({"Künstler": ["A. Maler", "B. Maler"], "Genre": ["Porträt", "Akt"], "Date": ["vers 1650"]})
    assert [one.artist.name for one in found.attributions] == ["A. Maler", "B. Maler"]
    assert [(term.field, term.text, term.origin) for term in found.terms] == [
        ("genre", "Porträt", "Genre"),
        ("genre", "Akt", "Genre"),
    ]
    assert found.dating is not None
    assert (found.dating.earliest, found.dating.is_circa, found.dating.origin) == (1650, True, "Date")


def test_rights_come_from_the_manifests_own_property_first() -> None:
    own = {"@rights": ["http://rightsstatements.org/vocab/NoC-NC/1.0/"], "@requiredStatement": ["Museum"]}
    assert record({"Lizenz": ["CC0"]}, own).rights == own["@rights"][0]
    assert record({"Lizenz": ["CC0"]}, {"@requiredStatement": ["Museum"]}).rights == "CC0"
    assert record({}, {"@requiredStatement": ["Museum"]}).rights == "Museum"


def test_the_mapping_comes_before_the_guess() -> None:
    pairs = {"Künstler": ["A"], "Beteiligte": ["B. Maler"], "Technik": ["Öl"]}
    found = record(pairs, artist="Beteiligte", medium="")
    assert [one.artist.name for one in found.attributions] == ["B. Maler"]
    assert found.terms == ()


def test_an_object_has_its_page_and_keeps_all_that_its_manifest_says() -> None:
    found = record({"Maße": ["3 x 4"]}, {"@homepage": ["https://x.org/page"]})
    assert (found.source_id, found.url, found.images) == ("x.org/1", "https://x.org/page", None)
    assert found.fields == {
        "@manifest": URL,
        "@pictures": [],
        "Maße": "3 x 4",
        "@label": "Label",
        "@homepage": "https://x.org/page",
    }
    assert record({}).url == URL


def test_a_mapping_is_read_as_it_was_written(tmp_path: Path) -> None:
    mapping = Mapping({"artist": ("Maler", "Urheber"), "style": ""}, iiif=URL, language="de", not_years=(2014,))
    (tmp_path / "m.toml").write_text(text_of(mapping, "box"))
    assert read(tmp_path / "m.toml") == mapping
    assert languages_of(mapping)[0] == "de"
