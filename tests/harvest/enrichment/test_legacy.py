"""Files of the old API, joined with a harvest."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from harvest.catalogue.schema import object_artists, objects
from harvest.enrichment import legacy
from harvest.errors import BadInput
from harvest.source import Source
from harvest.sources import rijksmuseum
from tests.harvest.conftest import harvest
from tests.harvest.sources.test_rijksmuseum import House
from tests.museum.collection import generated
from tests.museum.server import Museum

SOURCE: Source = rijksmuseum  # type: ignore[assignment]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, 20)
    made.harvest()
    yield made
    made.catalogue.dispose()


def saved(house: House, *answers: Any) -> list[Path]:
    paths = [house.data / f"{number}.json" for number in range(len(answers))]
    for path, answer in zip(paths, answers, strict=True):
        path.write_text(json.dumps(answer))
    return paths


def test_only_what_is_missing_is_added_and_only_once(house: House) -> None:
    bare = house.site.fact(2)
    with house.catalogue.begin() as connection:
        row = objects.c.source_id == str(bare.id)
        connection.execute(update(objects).where(row).values(dating_text=None, earliest=None, latest=None))
    details = {
        "objectNumber": bare.object_number,
        "priref": "5002",
        "title": "Another title",
        "dating": {"presentingDate": "ca. 1650", "yearEarly": 1645, "yearLate": 1655},
        "classification": {"iconClassIdentifier": ["25H1", "34B11"]},
        "techniques": ["schilderen"],
        "physicalMedium": "olieverf op doek",
    }
    paths = saved(house, {"artObject": details})
    assert legacy.join(house.catalogue, SOURCE, paths) == Counter({"added to": 1})
    ((title, text, earliest, names),) = house.ask(
        f"SELECT title, dating_text, earliest, identifiers FROM objects WHERE source_id = '{bare.id}'"
    )
    assert (title, text, earliest) == (bare.title, "ca. 1650", 1645)
    assert json.loads(names)["handle"] == "10934/RM0001.COLLECT.5002"
    added = house.ask(
        f"""SELECT text FROM terms t JOIN objects o ON o.id = t.object_id
        WHERE o.source_id = '{bare.id}' AND t.field IN ('technique', 'medium')"""
    )
    assert ("schilderen",) in added
    assert ("olieverf op doek",) not in added
    assert legacy.join(house.catalogue, SOURCE, paths) == Counter({"complete already": 1})


def test_a_page_of_results_is_read_and_strangers_are_counted(house: House) -> None:
    listed = [{"objectNumber": "SK-A-1", "title": "x"}, {"objectNumber": "RP-P-1", "principalOrFirstMaker": "anoniem"}]
    tally = legacy.join(house.catalogue, SOURCE, saved(house, {"artObjects": listed}))
    assert tally.total() == 2
    assert tally["no object was harvested"] == 1
    assert house.ask("SELECT COUNT(*) FROM objects") == [(20,)]


def test_a_number_that_several_objects_have_joins_none(house: House) -> None:
    with house.catalogue.begin() as connection:
        twins = objects.c.source_id.in_(("200100001", "200100002"))
        connection.execute(update(objects).where(twins).values(identifiers={"object_number": "SK-X"}))
    tally = legacy.join(house.catalogue, SOURCE, saved(house, {"artObject": {"objectNumber": "SK-X"}}))
    assert tally == Counter({"several objects have its object_number": 1})


@pytest.mark.parametrize("answer", ["text", {}, {"artObject": []}, {"artObjects": [{}]}, [1]])
def test_another_file_is_refused_in_one_line(house: House, answer: Any) -> None:
    with pytest.raises(BadInput, match=r"--legacy .*expected") as raised:
        legacy.join(house.catalogue, SOURCE, saved(house, answer))
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_refused_before_anything_is_joined(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        legacy.prepare(SOURCE, [tmp_path / "none.json"])


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" + " " * 100 + "]")
    with pytest.raises(BadInput, match="expected a file of at most 100 bytes"):
        legacy.read(SOURCE, tmp_path / "a.json", max_bytes=100)


def test_an_object_without_a_maker_gets_it_under_the_museums_own_key(house: House) -> None:
    bare, other = house.site.fact(2), house.site.fact(3)
    ((key, name),) = house.ask(
        f"""SELECT a.source_id, a.name FROM artists a JOIN object_artists oa ON oa.artist_id = a.id
        JOIN objects o ON o.id = oa.object_id WHERE o.source_id = '{other.id}' AND oa.position = 0"""
    )
    with house.catalogue.begin() as connection:
        of_bare = select(objects.c.id).where(objects.c.source_id == str(bare.id)).scalar_subquery()
        connection.execute(delete(object_artists).where(object_artists.c.object_id == of_bare))
    makers = [{"name": name}, {"name": "A Stranger"}]
    details = {"objectNumber": bare.object_number, "principalMakers": makers}
    join = legacy.prepare(SOURCE, saved(house, {"artObject": details}))
    assert join(house.catalogue) == {"added to": 1}
    made = house.ask(
        f"""SELECT a.source_id FROM artists a JOIN object_artists oa ON oa.artist_id = a.id
        JOIN objects o ON o.id = oa.object_id WHERE o.source_id = '{bare.id}' ORDER BY oa.position"""
    )
    assert made == [(key,), ("A Stranger",)]


def test_the_command_takes_files_and_says_what_became_of_them(house: House, tmp_path: Path) -> None:
    (file,) = saved(house, {"artObject": {"objectNumber": "XX-1", "title": "A stranger"}})
    museum = Museum(generated(artists=1, works=2))
    with museum:
        arguments = ("rijksmuseum", "--data", tmp_path / "own", "--mirror", museum.url, "--no-images", "--json")
        assert harvest(*arguments).exit_code == 0
        result = harvest(*arguments, "--legacy", file, "--legacy", file)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["legacy"] == {"no object was harvested": 2}
