from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, text, update

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.images import mark_image, save_files
from harvest.catalogue.objects import Change, Origin, find
from harvest.catalogue.paintings import (
    ImageFile,
    Maker,
    Painting,
    Wording,
    count_by_maker,
    count_objects,
    paintings,
    remove_tags,
    save_tags,
    snapshot,
    wordings,
)
from harvest.catalogue.schema import objects
from harvest.catalogue.writer import Entry, ObjectWriter
from harvest.dating import parse_dating
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, StoredImage, Term
from harvest.source import lasting_origins, sources

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
P = Artist("p", "P. Painter", 1853, 1890, {"wikidata": "Q1", "ulan": "5"})
Q = Artist("q", "Q. Painter")
MADE_BY_P = Maker("box", "p", "P. Painter", 1853, 1890, (("ulan", "5"), ("wikidata", "Q1")))


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
    terms = (
        *(Term("genre", "still life", "still-life", "page"), Term("genre", "allegory"), Term("medium", "oil")),
        *(Term("medium", "canvas"), Term("tag", "flowers", "Q506")),
    )
    record = ObjectRecord(
        "a",
        "https://x/a",
        "Sunflowers",
        dating=Dating("c. 1888", 1887, 1889),
        rights="public domain",
        attributions=(Attribution(P),),
        terms=terms,
    )
    painting = the_painting(connection, record)
    assert painting == Painting(
        source="box",
        source_id="a",
        url="https://x/a",
        title="Sunflowers",
        maker=MADE_BY_P,
        earliest=1887,
        latest=1889,
        dating_text="c. 1888",
        terms=terms,
        rights="public domain",
        dating_edtf="1887/1889",
    )
    assert painting.texts("genre") == ["still life", "allegory"]


DATINGS = {
    "1880": "1880",
    "c. 1880": "1880~",
    "640": "0640",
    "1850-1860": "1850/1860",
    "c. 1850-1860": "1850~/1860~",
    "after 1850": "1850/..",
    "before c. 1850": "../1850~",
    "1880s": "188X",
    "about 1880s": "1880~/1889~",
    "early 1880s": "1880/1883",
    "18XX": "18XX",
    "19th century": "1801/1900",
    "600 BC": "-0599",
    "1 BC": "0000",
    "44 BC - 14 AD": "-0043/0014",
    "n.d.": None,
}


def test_the_view_says_a_dating_in_the_extended_date_time_format(connection: Connection) -> None:
    write(connection, *(ObjectRecord(said, f"https://x/{said}", dating=parse_dating(said)) for said in DATINGS))
    write(connection, ObjectRecord("-", "https://x/-", dating=Dating("1890-1880", 1890, 1880)))
    write(connection, ObjectRecord("old", "https://x/old", dating=Dating("1880s", 1880, 1889)))  # no precision is known
    rows = connection.execute(text("SELECT source_id, dating_edtf FROM paintings"))
    found = {row.source_id: row.dating_edtf for row in rows}
    assert found == {**DATINGS, "-": None, "old": "1880/1889"}
    assert {one.source_id: one.dating_edtf for one in paintings(connection)} == found
    for said, edtf in DATINGS.items():
        if edtf and "BC" not in said:
            one, again = parse_dating(said), parse_dating(edtf)
            assert (again.earliest, again.latest, again.is_circa) == (one.earliest, one.latest, one.is_circa)


@pytest.mark.filterwarnings("ignore::pyparsing.warnings.PyparsingDiagnosticWarning")
def test_a_library_of_others_reads_what_the_view_says() -> None:
    from edtf import parse_edtf

    for edtf in filter(None, DATINGS.values()):
        assert str(parse_edtf(edtf)) == edtf


def test_works_are_counted_by_the_first_maker_of_what_is_there(connection: Connection) -> None:
    made = [(P,), (P, Q), (Q, P), ()]
    write(
        connection,
        *(ObjectRecord(str(n), "https://x", attributions=tuple(map(Attribution, who))) for n, who in enumerate(made)),
    )
    write(connection, ObjectRecord("vase", "https://x", object_type="vase", attributions=(Attribution(Q),)))
    made_by_q = Maker("box", "q", "Q. Painter")
    assert count_by_maker(connection) == {MADE_BY_P: 2, made_by_q: 1}
    assert count_by_maker(connection) == Counter(one.maker for one in paintings(connection) if one.maker)
    assert count_by_maker(connection, None) == {MADE_BY_P: 2, made_by_q: 2}
    connection.execute(update(objects).where(objects.c.source_id == "2").values(deleted_at=NOON))
    assert count_by_maker(connection) == {MADE_BY_P: 2}


def test_a_painting_of_which_nothing_is_said_is_there_all_the_same(connection: Connection) -> None:
    assert the_painting(connection, ObjectRecord("a", "https://x/a")) == Painting("box", "a", "https://x/a")


@pytest.mark.parametrize(
    ("attributions", "qualifier"),
    [
        ((Attribution(P), Attribution(Q)), None),
        ((Attribution(P, qualifier="workshop of"), Attribution(Q)), "workshop of"),
        ((Attribution(P), Attribution(Q, qualifier="after")), None),
    ],
)
def test_the_maker_is_the_first_one(
    connection: Connection, attributions: tuple[Attribution, ...], qualifier: str | None
) -> None:
    painting = the_painting(connection, ObjectRecord("a", "https://x/a", attributions=attributions))
    assert (painting.maker, painting.qualifier) == (MADE_BY_P, qualifier)


def test_the_image_is_the_first_that_is_stored(connection: Connection) -> None:
    write(
        connection, ObjectRecord("a", "https://x/a", images=shown(3)), ObjectRecord("b", "https://x/b", images=shown(1))
    )
    object_id = connection.execute(select(objects.c.id).where(objects.c.source_id == "a")).scalar_one()
    files = {(object_id, place): StoredImage("0" * 64, f"images/{place}.jpg", 10, 3, 2) for place in (0, 1, 2)}
    save_files(connection, files)
    mark_image(connection, (object_id, 0), "failed")
    assert {painting.source_id: painting.image for painting in paintings(connection)} == {
        "a": ImageFile("images/1.jpg", 10, 3, 2),
        "b": None,
    }


def test_deleted_paintings_have_nothing_but_their_identity(connection: Connection) -> None:
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
        Painting("box", "a", "https://x/a", is_deleted=True),
        Painting("box", "b", "https://x/b", "B"),
    ]
    assert list(paintings(connection, ("print",))) == [
        Painting("box", "c", "https://x/c", object_type="print", is_deleted=True),
        Painting("box", "d", "https://x/d", "D", object_type="print"),
    ]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_batches_of_any_size_bring_the_same(connection: Connection, batch_size: int) -> None:
    records = [
        ObjectRecord(str(number), f"https://x/{number}", attributions=(Attribution(P),), terms=(Term("genre", "g"),))
        for number in range(7)
    ]
    write(connection, *records)
    read = list(paintings(connection, batch_size=batch_size))
    assert [painting.source_id for painting in read] == [str(number) for number in range(7)]
    assert all(painting.maker == MADE_BY_P and painting.texts("genre") == ["g"] for painting in read)


def test_a_snapshot_does_not_see_what_is_written_meanwhile(empty_catalogue_url: str) -> None:
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    try:
        with catalogue.begin() as writer:
            write(writer, *[ObjectRecord(str(number), "u", "before") for number in range(4)])
        with snapshot(catalogue) as reader:
            read = paintings(reader, batch_size=2)
            first = [next(read), next(read)]
            with catalogue.begin() as writer:
                writer.execute(update(objects).values(title="after"))
                write(writer, ObjectRecord("new", "u"))
            assert [painting.title for painting in (*first, *read)] == ["before"] * 4
        with snapshot(catalogue) as reader:
            assert {painting.title for painting in paintings(reader)} == {"after", None}
    finally:
        catalogue.dispose()


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


def test_tags_are_kept_beside_the_source_s_terms_and_read_only_when_asked_for(connection: Connection) -> None:
    own = Term("genre", "portrait", origin="page")
    record = ObjectRecord("a", "https://x/a", "A title", terms=(own,), fields={"description": [{"nl": "Een boot"}]})
    write(connection, record, ObjectRecord("b", "https://x/b"), ObjectRecord("c", "https://x/c", object_type="print"))
    first, second = wordings(connection, ["painting"])
    assert first == Wording(first.object_id, "box", ("A title", "Een boot"), (), frozenset({"genre"}))
    assert (second.texts, count_objects(connection), count_objects(connection, None)) == ((), 2, 3)
    tags = [("genre", "landscape"), ("subject", "Boats"), ("subject", "Sea")]
    save_tags(connection, {first.object_id: tags, second.object_id: tags[1:2]})
    save_tags(connection, {second.object_id: []})
    first, second = wordings(connection, ["painting"])
    assert (list(first.tags), second.tags, first.fields) == (tags, (), {"genre"})
    assert wordings(connection, None, second.object_id, number=1)[0].object_id > second.object_id
    assert [painting.terms for painting in paintings(connection)] == [(own,), ()]
    painting = next(paintings(connection, with_tags=True))
    assert (painting.texts("genre"), painting.tags("genre"), painting.tags("subject")) == (
        ["portrait"], ["landscape"], ["Boats", "Sea"]
    )  # fmt: skip
    assert connection.execute(text("SELECT genre FROM paintings WHERE source_id = 'a'")).scalar_one() == "portrait"
    assert (remove_tags(connection), remove_tags(connection)) == (3, 0)
    assert next(paintings(connection, with_tags=True)).terms == (own,)


def test_tags_go_with_the_record_that_they_were_found_in(connection: Connection) -> None:
    write(connection, ObjectRecord("a", "https://x/a", "A landscape"))
    (wording,) = wordings(connection, None)
    save_tags(connection, {wording.object_id: [("genre", "landscape")]})
    lasting = frozenset[str]().union(*map(lasting_origins, sources().values()))
    changed = ObjectRecord("a", "https://x/a", "A portrait")
    known = find(connection, "box", ["a"])["a"]
    entry = Entry(changed, "1" * 64, known, Change.CHANGED, Origin(None, None, NOON))
    ObjectWriter("box", lasting).write(connection, [entry])
    assert wordings(connection, None) == [Wording(wording.object_id, "box", ("A portrait",), (), frozenset())]
