"""Many artists written at once are what one after another would be."""

from itertools import pairwise

from sqlalchemy import select

from harvest.catalogue import objects
from harvest.catalogue.batches import _merged, _save_artists
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
        for artist in SAID:
            objects.save_artist(connection, "single", artist)
            _save_artists(connection, "bulk", {artist.source_id: artist})
        whole = SAID[0]
        for _, after in pairwise(SAID):
            whole = _merged(whole, after)
        _save_artists(connection, "merged", {"a": whole})
        columns = [column for column in artists.c if column.name not in ("id", "source")]
        rows = connection.execute(select(*columns)).all()
    catalogue.dispose()
    assert rows == [("a", "A. N. Painter", 1606, None, {"ulan": "7", "wikidata": "Q5"}, "Dutch", 3)] * 3
