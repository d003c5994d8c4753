"""Every oddity of WikiArt that is known, harvested: what the museum shows is what the catalogue holds."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from tests.harvest.cells import held, shown
from tests.harvest.conftest import harvest, rows
from tests.museum import quirks
from tests.museum.quirks import CASES, Case
from tests.museum.server import Museum

YEARS = {
    "1889": (1889, 1889, 0, "year"),
    "c.1890": (1890, 1890, 1, "year"),
    "1885-1890": (1885, 1890, 0, "span"),
    "1890 - 1895": (1890, 1895, 0, "span"),
    "XIX-XX cent.": (None, None, 0, None),
    "XX cent.": (None, None, 0, None),
    "c.3150 BC": (-3150, -3150, 1, "year"),
    "-3050": (-3050, -3050, 0, "year"),
    "c.3150 BC - c.640 AD": (-3150, 640, 1, "span"),
    "2025": (2025, 2025, 0, "year"),
    "September 1885": (1885, 1885, 0, "month"),
    "1855.0": (1855, 1855, 0, "year"),
    "ific": (None, None, 0, None),
}
NO_IMAGE = {"placeholder FRAME": "placeholder", "placeholder ARTIST": "placeholder", "files gone": "gone"}
NO_IMAGE |= {"file truncated": "failed"}


@pytest.fixture(scope="module")
def quirky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    data = tmp_path_factory.mktemp("quirks")
    with Museum(quirks.collection()) as museum:
        result = harvest("wikiart", "--data", data, "--mirror", museum.url)
    assert result.exit_code == 3, result.output  # the dead work and the truncated file
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def cells(quirky: Engine) -> dict[str, dict[str, Any]]:
    return held(quirky)


def key_of(case: Case) -> str:
    return "/".join(case.work.key)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_the_museum_shows_is_what_the_catalogue_holds(case: Case, cells: dict[str, dict[str, Any]]) -> None:
    expected = shown(quirks.collection())
    assert cells.get(key_of(case)) == expected.get(key_of(case))
    assert (key_of(case) in cells) == (case.name != "dead")


@pytest.mark.parametrize(("text", "years"), YEARS.items())
def test_a_date_is_years(text: str, years: tuple[Any, ...], quirky: Engine) -> None:
    case = quirks.case(f"date {text}")
    question = "SELECT earliest, latest, is_circa, dating_precision, dating_origin FROM objects WHERE source_id ="
    assert rows(quirky, f"{question} '{key_of(case)}'") == [(*years, "Date")]


@pytest.mark.parametrize(("name", "state"), NO_IMAGE.items())
def test_an_image_that_cannot_be_had_says_why(name: str, state: str, quirky: Engine) -> None:
    question = "SELECT i.state FROM images i JOIN objects o ON o.id = i.object_id WHERE o.source_id ="
    assert rows(quirky, f"{question} '{key_of(quirks.case(name))}'") == [(state,)]


def test_the_dead_work_is_a_failure_with_its_status(quirky: Engine) -> None:
    key = key_of(quirks.case("dead"))
    assert rows(quirky, f"SELECT state, status FROM tasks WHERE kind = 'painting' AND `key` = '{key}'") == [
        ("failed", 500)
    ]


def test_artists_are_told_apart_by_their_slugs(quirky: Engine) -> None:
    names = dict(rows(quirky, "SELECT source_id, name FROM artists"))  # type: ignore[arg-type]
    assert names["alfred-krupa"] == names["alfred-krupa-0"] == "Alfred Krupa"
    assert names["henry-moore"] == names["henry-moore-1831"] == "Henry Moore"
    assert {name for name in names.values() if "\uffff" in name} == set()


def test_artists_have_lives_nations_and_numbers_of_works(quirky: Engine) -> None:
    said = "SELECT source_id, birth_year, death_year, nationality, works FROM artists"
    artists = {slug: about for slug, *about in rows(quirky, said)}
    assert artists["ivo-brandt"][:3] == [1950, None, "Germans"]  # 9999 is no year
    assert artists["ancient-greek-pottery"][:2] == [None, None]
    works = quirks.collection().by_artist
    assert {slug: about[3] for slug, about in artists.items()} == {
        slug: len(works[slug]) or about[3] for slug, about in artists.items()
    }


def test_a_number_beyond_floats_stays_what_it_is(cells: dict[str, dict[str, Any]]) -> None:
    assert cells[key_of(quirks.case("number beyond floats"))]["content_id"] == "9223372032559872141"


def test_a_page_without_terms_is_asked_for_as_json(quirky: Engine) -> None:
    case = quirks.case("no terms")
    asked = rows(quirky, "SELECT `key` FROM tasks WHERE kind = 'detail'")
    assert asked == [(str(case.work.content_id),)]
