from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, text, update

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.images import mark_image, save_files
from harvest.catalogue.objects import Change, Origin
from harvest.catalogue.paintings import Painting, paintings
from harvest.catalogue.schema import objects
from harvest.catalogue.writer import Entry, ObjectWriter
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Term
from harvest.storage.images import StoredImage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
P, Q = Artist("p", "P. Painter"), Artist("q", "Q. Painter")


@pytest.fixture
def connection(empty_catalogue_url: str) -> Iterator[Connection]:
    """A transaction on an empty catalogue, on each engine."""
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    with catalogue.begin() as connection:
        yield connection
    catalogue.dispose()


def write(connection: Connection, *records: ObjectRecord) -> None:
    origin = Origin(None, None, NOON)
    ObjectWriter("box").write(connection, [Entry(record, "0" * 64, None, Change.NEW, origin) for record in records])


def the_painting(connection: Connection, record: ObjectRecord) -> Painting:
    write(connection, record)
    (painting,) = paintings(connection)
    return painting


def shown(number: int) -> tuple[Image, ...]:
    return tuple(Image(f"https://x/{position}", (f"https://x/{position}",)) for position in range(number))


def test_a_painting_has_all_that_its_object_says(connection: Connection) -> None:
    record = ObjectRecord(
        "a",
        "https://x/a",
        "Sunflowers",
        dating=Dating("c. 1888", 1887, 1889),
        rights="public domain",
        attributions=(Attribution(P),),
        terms=(Term("genre", "still life"), Term("style", "Cubism"), Term("medium", "oil")),
    )
    assert the_painting(connection, record) == Painting(
        source="box",
        source_id="a",
        url="https://x/a",
        title="Sunflowers",
        artist="P. Painter",
        year=1889,
        earliest=1887,
        latest=1889,
        dating_text="c. 1888",
        genre="still life",
        style="Cubism",
        medium="oil",
        rights="public domain",
    )


def test_a_painting_of_which_nothing_is_said_is_there_all_the_same(connection: Connection) -> None:
    assert the_painting(connection, ObjectRecord("a", "https://x/a")) == Painting("box", "a", "https://x/a")


@pytest.mark.parametrize(
    ("earliest", "latest", "year"),
    [(1880, 1890, 1890), (1880, 1891, None), (-5, 5, 5), (1880, None, None), (None, 1890, None)],
)
def test_a_dating_names_a_year_if_it_spans_at_most_ten(
    connection: Connection, earliest: int | None, latest: int | None, year: int | None
) -> None:
    painting = the_painting(connection, ObjectRecord("a", "https://x/a", dating=Dating("about", earliest, latest)))
    assert (painting.year, painting.earliest, painting.latest) == (year, earliest, latest)


@pytest.mark.parametrize(
    ("attributions", "artist"),
    [
        ((Attribution(P), Attribution(Q)), "P. Painter"),
        ((Attribution(P, qualifier="workshop of"), Attribution(Q)), None),
        ((Attribution(P), Attribution(Q, qualifier="after")), "P. Painter"),
    ],
)
def test_the_artist_is_the_first_one_unless_qualified(
    connection: Connection, attributions: tuple[Attribution, ...], artist: str | None
) -> None:
    assert the_painting(connection, ObjectRecord("a", "https://x/a", attributions=attributions)).artist == artist


def test_media_are_joined_in_their_order_and_of_genres_and_styles_the_first_counts(connection: Connection) -> None:
    terms = (
        *(Term("medium", "oil"), Term("medium", "canvas"), Term("medium", "gold")),
        *(Term("genre", "portrait"), Term("genre", "allegory"), Term("style", "Rococo"), Term("style", "Baroque")),
    )
    painting = the_painting(connection, ObjectRecord("a", "https://x/a", terms=terms))
    assert (painting.medium, painting.genre, painting.style) == ("oil, canvas, gold", "portrait", "Rococo")


def test_the_image_is_the_first_that_is_stored(connection: Connection) -> None:
    write(
        connection, ObjectRecord("a", "https://x/a", images=shown(3)), ObjectRecord("b", "https://x/b", images=shown(1))
    )
    object_id = connection.execute(select(objects.c.id).where(objects.c.source_id == "a")).scalar_one()
    files = {(object_id, place): StoredImage("0" * 64, f"images/{place}.jpg", 1, 1, 1) for place in (0, 1, 2)}
    save_files(connection, files)
    mark_image(connection, (object_id, 0), "failed")
    assert {painting.source_id: painting.image_path for painting in paintings(connection)} == {
        "a": "images/1.jpg",
        "b": None,
    }


def test_deleted_paintings_come_last_with_nothing_but_their_identity(connection: Connection) -> None:
    terms = (Term("genre", "portrait"),)
    write(
        connection,
        ObjectRecord("a", "https://x/a", "A", dating=Dating("1890", 1890, 1890), terms=terms),
        ObjectRecord("b", "https://x/b", "B"),
        ObjectRecord("c", "https://x/c", "C", object_type="print"),
        ObjectRecord("d", "https://x/d", "D", object_type="print"),
    )
    connection.execute(update(objects).where(objects.c.source_id.in_(["a", "c"])).values(deleted_at=NOON))
    assert list(paintings(connection)) == [
        Painting("box", "b", "https://x/b", "B"),
        Painting("box", "a", "https://x/a", is_deleted=True),
    ]


@pytest.mark.parametrize(
    ("word", "number"), [("rembrandt", 3), ("rijn", 2), ("cole de", 2), ("école", 1), ("ecole", 0), ("nobody", 0)]
)
def test_a_word_is_found_in_any_case_alike_on_each_engine(connection: Connection, word: str, number: int) -> None:
    """As docs/catalogue.md says, of English letters; one with an accent is another letter."""
    names = ("Rembrandt", "REMBRANDT van Rijn", "after rembrandt", "Titus van RIJN", "L'école de Delft", "Cole Dean")
    write(
        connection,
        *(
            ObjectRecord(str(place), f"https://x/{place}", attributions=(Attribution(Artist(str(place), name)),))
            for place, name in enumerate(names)
        ),
    )
    question = text("SELECT COUNT(*) FROM paintings WHERE LOWER(artist) LIKE :pattern")
    assert connection.execute(question, {"pattern": f"%{word}%"}).scalar_one() == number
