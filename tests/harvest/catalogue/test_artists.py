"""Many artists written at once are what one after another would be."""

from sqlalchemy import func, select

from harvest.catalogue.artists import ArtistWriter
from harvest.catalogue.database import open_catalogue
from harvest.catalogue.schema import artists
from harvest.records import Artist

SAID = (
    Artist("a", "A. Painter", authorities={"ulan": "5"}),
    Artist("a", None, 1606, authorities={"wikidata": "Q5"}),
    Artist("a", "A. N. Painter", nationality="Dutch", works=3),
    Artist("a", authorities={"ulan": "7"}),
)


def test_what_is_said_of_an_artist_adds_up_alike(empty_catalogue_url: str) -> None:
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    with catalogue.begin() as connection:
        remembering = ArtistWriter("remembering")
        for artist in SAID:
            ArtistWriter("single").write(connection, [artist])
            remembering.write(connection, [artist])
        ArtistWriter("at once").write(connection, SAID)
        columns = [column for column in artists.c if column.name not in ("id", "source")]
        rows = connection.execute(select(*columns)).all()
    catalogue.dispose()
    assert rows == [("a", "A. N. Painter", 1606, None, {"ulan": "7", "wikidata": "Q5"}, "Dutch", 3)] * 3


def test_keys_that_differ_in_spaces_at_their_end_are_as_many_as_the_engine_tells_apart(
    empty_catalogue_url: str,
) -> None:
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    with catalogue.begin() as connection:
        ids = ArtistWriter("box").write(connection, [Artist("a", "A"), Artist("a ", "B")])
        again = ArtistWriter("box").write(connection, [Artist("a "), Artist("a")])
        number = connection.execute(select(func.count()).select_from(artists)).scalar_one()
    catalogue.dispose()
    assert ids == again
    assert number == len(set(ids.values()))


def test_an_artist_without_a_name_is_shown_by_the_key(empty_catalogue_url: str) -> None:
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    with catalogue.begin() as connection:
        ids = ArtistWriter("box", remembered=1).write(connection, [Artist("a"), Artist("b", "B"), Artist("a", works=2)])
        rows = connection.execute(select(artists.c.id, artists.c.name, artists.c.works).order_by(artists.c.id)).all()
    catalogue.dispose()
    assert rows == [(ids["a"], "a", 2), (ids["b"], "B", None)]
