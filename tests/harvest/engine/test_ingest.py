"""Further answers, deletions and halts: what is written, what stays, and that the archive gives the same again."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select

from harvest.catalogue.objects import Change
from harvest.catalogue.schema import artists, images, object_artists, tasks, terms
from harvest.catalogue.schema import objects as table
from harvest.catalogue.writer import ObjectWriter
from harvest.engine.ingest import ADDED_TO, Answer, Ingest
from harvest.queue.tasks import Task
from harvest.records import FROM_WIKIDATA, Artist, Attribution, Dating, Deleted, Image, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.source import Parsed, Selection
from tests.harvest.scripted import (
    Answers,
    ScriptedMuseum,
    adds,
    asks,
    deletes,
    halts,
    is_damaged,
    scripted_museum,
    tells,
)
from tests.harvest.stored import contents_of, forget_records

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IMAGE = Image("https://x/1.jpg", ("https://x/1.jpg",), origin="page")
WHOLE = ObjectRecord(
    "a",
    "https://x/a",
    "A title",
    dating=Dating("c. 1890", 1890, 1890, is_circa=True, precision="year", origin="Date"),
    rights="free",
    attributions=(Attribution(Artist("p", "P")),),
    terms=(Term("style", "Cubism", "cubism", "Style"), Term("medium", "oil"), Term("medium", "canvas")),
    images=(IMAGE,),
    identifiers={"wikidata": "Q1"},
    fields={"Location": "Paris", "size": 1},
)
PARTS: dict[str, tuple[Supplement, dict[str, Any]]] = {
    "nothing": (Supplement("a"), {}),
    "dating": (
        Supplement("a", dating=Dating("1895", 1895, 1895, precision="year", origin="JSON")),
        {"dating": ("1895", 1895, 1895, False, "year", "JSON")},
    ),
    "rights": (Supplement("a", rights="not free"), {"rights": "not free"}),
    "attributions": (
        Supplement("a", attributions=(Attribution(Artist("q", "Q"), qualifier="after"), Attribution(Artist("p", "P")))),
        {"attributions": [(0, "q", "artist", "after"), (1, "p", "artist", None)]},
    ),
    "no attributions": (Supplement("a", attributions=()), {"attributions": []}),
    "terms of one field": (
        Supplement("a", terms=(Term("medium", "ink", "ink", "JSON"),)),
        {"terms": [("medium", 0, "ink", "ink", "JSON"), ("style", 0, "Cubism", "cubism", "Style")]},
    ),
    "terms of a new field": (
        Supplement("a", terms=(Term("genre", "portrait"),)),
        {
            "terms": [
                ("genre", 0, "portrait", None, None),
                ("medium", 0, "oil", None, None),
                ("medium", 1, "canvas", None, None),
                ("style", 0, "Cubism", "cubism", "Style"),
            ]
        },
    ),
    "images": (
        Supplement("a", images=(replace(IMAGE, origin="JSON"), Image("https://x/2.jpg", (), "withheld", "JSON"))),
        {
            "images": [
                (0, "https://x/1.jpg", ["https://x/1.jpg"], "waiting", "page"),
                (1, "https://x/2.jpg", [], "withheld", "JSON"),
            ]
        },
    ),
    "no images": (Supplement("a", images=()), {"images": []}),
    "identifiers": (
        Supplement("a", identifiers={"ulan": "5", "wikidata": "Q2"}),
        {"identifiers": {"wikidata": "Q2", "ulan": "5"}},
    ),
    "fields": (
        Supplement("a", fields={"size": 2, "JSON": {"x": [1]}}),
        {"fields": {"Location": "Paris", "size": 2, "JSON": {"x": [1]}}},
    ),
}


def save(connection: Connection, record: ObjectRecord) -> Change:
    tally = write(connection, record)
    return next(change for change in Change if tally[change])


def write(connection: Connection, *found: Parsed, source: str = "box") -> Counter[str]:
    """Write what an answer says; return what was counted."""
    tally: Counter[str] = Counter()
    ingest = Ingest(connection, source, NOON, tally, writer=ObjectWriter(source, [FROM_WIKIDATA]))
    task = Task(None, Request("page", "https://x"), 0, 1)  # type: ignore[arg-type]
    ingest.add(Answer(task, NOON, found, is_whole=False))
    ingest.write()
    return tally


def held(connection: Connection) -> dict[str, Any]:
    """Return the one object, by the parts of which a supplement may speak."""
    row = connection.execute(select(table)).one()
    by = select(object_artists.c.position, artists.c.source_id, object_artists.c.role, object_artists.c.qualifier)
    term = select(terms.c.field, terms.c.position, terms.c.text, terms.c.slug, terms.c.origin)
    shown = select(images.c.position, images.c.url, images.c.candidates, images.c.state, images.c.origin)
    listed = [
        [tuple(each) for each in connection.execute(question.order_by(*order))]
        for question, order in (
            (by.join(artists), (object_artists.c.position,)),
            (term, (terms.c.field, terms.c.position)),
            (shown, (images.c.position,)),
        )
    ]
    dated = (row.dating_text, row.earliest, row.latest, row.is_circa, row.dating_precision, row.dating_origin)
    parts = dict(zip(("attributions", "terms", "images"), listed, strict=True))
    about = {"title": row.title, "rights": row.rights, "identifiers": row.identifiers, "fields": row.fields}
    return about | parts | {"dating": dated, "deleted_at": row.deleted_at}


@pytest.mark.parametrize("name", PARTS)
def test_each_part_of_a_supplement_replaces_only_itself(connection: Connection, name: str) -> None:
    save(connection, WHOLE)
    before = held(connection)
    extra, expected = PARTS[name]
    for _ in range(2):  # said twice, it is the same
        assert write(connection, extra)[ADDED_TO] == 1
        assert held(connection) == before | expected


def test_all_parts_of_a_supplement_are_written_at_once(connection: Connection) -> None:
    save(connection, WHOLE)
    names = ("dating", "rights", "attributions", "terms of a new field", "images", "identifiers", "fields")
    expected = held(connection)
    for name in names:
        expected |= PARTS[name][1]
    parts = {
        field: getattr(PARTS[name][0], field)
        for name in names
        for field in Supplement.__dataclass_fields__
        if field != "source_id" and getattr(PARTS[name][0], field) != getattr(Supplement("a"), field)
    }
    write(connection, Supplement("a", **parts))
    assert held(connection) == expected


def test_a_supplement_asks_only_for_images_that_are_new(connection: Connection) -> None:
    save(connection, WHOLE)
    new = Image("https://x/2.jpg", ("https://x/2.jpg",))
    connection.execute(delete(tasks))
    write(connection, Supplement("a", images=(IMAGE, new)))
    assert connection.execute(select(tasks.c.kind, tasks.c.key)).all() == [("image", "a#1")]


def test_images_that_a_record_does_not_tell_of_stay(connection: Connection) -> None:
    save(connection, WHOLE)
    before = held(connection)
    assert save(connection, replace(WHOLE, title="Another", images=None)) is Change.CHANGED
    assert held(connection) == before | {"title": "Another"}


def test_an_object_of_another_source_is_another(connection: Connection) -> None:
    save(connection, WHOLE)
    assert not write(connection, Supplement("a", rights="x"), Deleted("a"), source="other").total()
    assert held(connection)["rights"] == "free"


# Terms that do not come from the source
def styled_by_wikidata(connection: Connection) -> None:
    row = {"object_id": 1, "field": "style", "position": 0, "text": "Fauvism", "origin": FROM_WIKIDATA}
    connection.execute(insert(terms).values(row))


def styles(connection: Connection) -> list[tuple[str, str | None]]:
    question = select(terms.c.text, terms.c.origin).where(terms.c.field == "style").order_by(terms.c.position)
    return [tuple(row) for row in connection.execute(question)]


def test_what_wikidata_says_outlives_the_sources_changes(connection: Connection) -> None:
    bare = replace(WHOLE, terms=(Term("medium", "oil"), Term("genre", "portrait")))
    save(connection, bare)
    styled_by_wikidata(connection)
    assert save(connection, replace(bare, title="Another", terms=(Term("medium", "ink"),))) is Change.CHANGED
    assert held(connection)["terms"] == [
        ("medium", 0, "ink", None, None),
        ("style", 0, "Fauvism", None, FROM_WIKIDATA),
    ]
    write(connection, Supplement("a", terms=(Term("medium", "pen"),)))
    assert styles(connection) == [("Fauvism", FROM_WIKIDATA)]
    save(connection, replace(bare, terms=()))
    assert styles(connection) == [("Fauvism", FROM_WIKIDATA)]


def test_what_wikidata_says_gives_way_where_the_source_speaks_itself(connection: Connection) -> None:
    save(connection, replace(WHOLE, terms=()))
    styled_by_wikidata(connection)
    save(connection, WHOLE)
    assert styles(connection) == [("Cubism", "Style")]


def test_what_wikidata_says_gives_way_to_a_supplement_of_that_field(connection: Connection) -> None:
    save(connection, replace(WHOLE, terms=()))
    styled_by_wikidata(connection)
    write(connection, Supplement("a", terms=(Term("style", "Cubism"), Term("style", "Orphism"))))
    assert styles(connection) == [("Cubism", None), ("Orphism", None)]


# In a harvest
@pytest.fixture
def box(tmp_path: Path, empty_catalogue_url: str) -> Iterator[ScriptedMuseum]:
    """Two pages, each with a further answer that adds to its object; it is asked for again where the page changes."""
    answers: Answers = {"/list": [asks("/a"), asks("/b")]}
    for name in "ab":
        answers |= page(name, "old")
        answers[f"/more/{name}"] = [
            adds(name, terms=[["style", "Cubism"]], images=[f"/images/{name}.jpg"], fields={"more": 1})
        ]
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as opened:
        yield opened


def page(name: str, title: str) -> Answers:
    record = tells(name, title=title, terms=[["genre", "portrait"]], images=None, fields={"own": 1})
    return {f"/{name}": [record, asks(f"/more/{name}", "more", context={"of": title})]}


def everything(box: ScriptedMuseum) -> dict[str, Any]:
    further = "SELECT source_id, is_circa, dating_origin, identifiers FROM objects ORDER BY source_id"
    return contents_of(box.url) | {"further": box.ask(further)}


def test_a_further_answer_adds_to_its_object(box: ScriptedMuseum) -> None:
    assert box.harvest().counts["images"] == 2
    assert box.asked == ["/a", "/b", "/images/a.jpg", "/images/b.jpg", "/list", "/more/a", "/more/b"]
    counted = box.ask("SELECT field, text, COUNT(*) FROM terms GROUP BY field, text ORDER BY field")
    assert counted == [("genre", "portrait", 2), ("style", "Cubism", 2)]
    assert box.ask("SELECT DISTINCT state FROM images") == [("stored",)]


def test_a_changed_object_asks_for_its_further_answer_again(box: ScriptedMuseum) -> None:
    box.harvest()
    box.answers |= page("a", "new")
    box.harvest()
    assert box.asked.count("/more/a") == 2  # the deepest first: once before the page has said so
    assert box.asked.count("/more/b") == 1
    assert box.ask("SELECT source_id, title FROM objects ORDER BY source_id") == [("a", "new"), ("b", "old")]
    assert box.ask("SELECT COUNT(*) FROM terms WHERE field = 'style'") == [(2,)]
    assert [sorted(eval(fields)) for (fields,) in box.ask("SELECT fields FROM objects")] == [["more", "own"]] * 2
    assert box.harvest().counts["changed"] == 0


def test_a_further_answer_that_is_never_asked_again_is_when_its_object_changes(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    answers: Answers = {"/list": [asks("/a")], "/more/a": [adds("a", terms=[["style", "Cubism"]])]} | page("a", "old")
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers, NEVER_REFRESHED=("more",)) as box:
        box.harvest()
        box.harvest()
        assert box.asked == ["/a", "/list"]
        box.answers |= page("a", "new")
        box.harvest()
        assert box.asked == ["/a", "/list", "/more/a"]
        assert box.ask("SELECT text FROM terms WHERE field = 'style'") == [("Cubism",)]


@pytest.mark.parametrize("change", ["none", "base", "gone", "back"])
def test_the_archive_gives_the_same_with_the_further_answers(box: ScriptedMuseum, change: str) -> None:
    """Although the record of an object may have come again after what was added to it."""
    box.harvest()
    if change == "base":
        box.answers |= page("a", "new")
        del box.answers["/more/a"]  # so that the last answer to it is the one before the change
        box.harvest()
    elif change != "none":
        kept = box.answers.pop("/a")
        box.harvest()
        if change == "back":
            box.answers["/a"] = kept
            box.harvest()
    whole = everything(box)
    if change == "back":
        assert [row[-1] for row in whole["objects"]] == [None, None]
        assert len(whole["terms"]) == 4
    if change == "gone":
        assert [row[-1] is None for row in whole["objects"]] == [False, True]
    for forget in (False, True):
        if forget:
            forget_records(box.url)
        assert box.reparse().finish_reason == "reparsed"
        again = everything(box)
        if change == "base":  # what the page's last answer has lost, the archive still has
            assert {row[:4] for row in whole["terms"]} < {row[:4] for row in again["terms"]}
            return
        assert again == whole if not forget else without_times(again) == without_times(whole)


def without_times(contents: dict[str, Any]) -> dict[str, Any]:
    """Leave out when objects were read: an answer that came again unchanged is newer than what was read from it."""
    return contents | {"objects": [(*row[:-2], row[-1] is None) for row in contents["objects"]]}


def test_what_is_added_to_an_object_that_is_not_there_is_told(
    tmp_path: Path, empty_catalogue_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    answers: Answers = {"/list": [asks("/a", "more")], "/a": [adds("nobody", rights="x")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box, caplog.at_level(logging.WARNING):
        assert box.harvest().finish_reason == "complete"
    assert "box: https://box.example.org/a tells of nobody, which the catalogue does not hold" in caplog.text


# Deletions
def test_an_object_that_the_source_deletes_is_marked_and_unmarked_when_it_comes_again(box: ScriptedMuseum) -> None:
    box.harvest()
    box.answers["/list"] = [asks("/a"), asks("/b"), asks("/news", "window")]
    box.answers["/news"] = [deletes("a"), deletes("nobody")]
    outcome = box.harvest()
    assert outcome.counts["deleted"] == 1
    assert box.ask("SELECT source_id FROM objects WHERE deleted_at IS NOT NULL") == [("a",)]
    box.answers["/news"] = [tells("a", title="back")]
    assert box.harvest().counts["changed"] == 1
    assert box.ask("SELECT source_id, title FROM objects WHERE deleted_at IS NULL ORDER BY source_id") == [
        ("a", "back"),
        ("b", "old"),
    ]


def test_an_object_that_comes_again_as_it_was_has_what_was_added_to_it(box: ScriptedMuseum) -> None:
    box.harvest()
    whole = everything(box)
    kept = box.answers.pop("/a")
    assert box.harvest().counts["deleted"] == 1
    box.answers["/a"] = kept
    assert box.harvest().counts["changed"] == 1
    again = everything(box)
    assert {name: again[name] for name in ("terms", "images", "tasks")} == {
        name: whole[name] for name in ("terms", "images", "tasks")
    }
    assert [row[9] for row in again["objects"]] == [row[9] for row in whole["objects"]]


WINDOWS: dict[str, list[list[dict[str, Any]]]] = {
    "record": [[tells("o", title="1")]],
    "record, deleted": [[tells("o", title="1")], [deletes("o")]],
    "record, deleted, record": [[tells("o", title="1")], [deletes("o")], [tells("o", title="1")]],
    "record, deleted, another record": [[tells("o", title="1")], [deletes("o")], [tells("o", title="2")]],
    "record, another, the first, deleted": [
        [tells("o", title="1")],
        [tells("o", title="2")],
        [tells("o", title="1")],
        [deletes("o")],
    ],
    "deleted, record, deleted": [[deletes("o")], [tells("o", title="1")], [deletes("o")]],
    "deleted and told in one": [[tells("o", title="1")], [deletes("o"), tells("o", title="2")]],
    "told and deleted in one": [[tells("o", title="1"), deletes("o")]],
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_in_time_give_the_same_state_when_they_are_read_again(
    tmp_path: Path, empty_catalogue_url: str, name: str
) -> None:
    answers: Answers = {}
    with scripted_museum(
        tmp_path / "data", empty_catalogue_url, answers, NEVER_REFRESHED=("window",), start=windows(answers)
    ) as box:
        for number, window in enumerate(WINDOWS[name]):
            answers[f"/{number}"] = [*window, tells(f"other {number}")]
            assert box.harvest().finish_reason == "complete"
        whole = everything(box)
        last = WINDOWS[name][-1][-1]
        ((deleted_at,),) = box.ask("SELECT deleted_at FROM objects WHERE source_id = 'o'")
        assert (deleted_at is None) == (last["is"] == "object")
        assert box.ask("SELECT COUNT(*) FROM objects WHERE source_id <> 'o' AND deleted_at IS NOT NULL") == [(0,)]
        for forget in (False, True, False):
            if forget:
                forget_records(box.url)
            box.reparse()
            assert everything(box) == whole


def windows(answers: Answers) -> Callable[[Selection], Iterator[Request]]:
    """Ask for the newest window, as a source does that is told when it was harvested last."""

    def start(_wanted: Selection) -> Iterator[Request]:
        newest = f"/{len(answers) - 1}"
        yield Request("window", f"https://box.example.org{newest}", newest)

    return start


def test_a_window_that_is_asked_again_deletes_nothing_by_what_it_lacks(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    answers: Answers = {"/list": [asks("/w", "window", context={"n": 1})], "/w": [tells("a"), tells("b")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers, NEVER_REFRESHED=("window",)) as box:
        box.harvest()
        for number, answer in enumerate(([tells("b")], [], 404), start=2):
            answers.update({"/list": [asks("/w", "window", context={"n": number})], "/w": answer})
            assert box.harvest().counts["deleted"] == 0
            assert "/w" in box.asked
            assert box.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(2,)]
            box.reparse()
            assert box.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(2,)]


def test_what_is_missing_from_another_list_is_deleted(tmp_path: Path, empty_catalogue_url: str) -> None:
    """As a window is not, and with all that was added."""
    answers: Answers = {"/list": [tells("a"), tells("b")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        box.harvest()
        answers["/list"] = [tells("b")]
        assert box.harvest().counts["deleted"] == 1
        assert box.ask("SELECT source_id FROM objects WHERE deleted_at IS NULL") == [("b",)]


# Halts
def test_a_halt_keeps_what_came_with_it_and_ends_the_run(tmp_path: Path, empty_catalogue_url: str) -> None:
    answers: Answers = {"/list": [tells("a"), asks("/p"), halts("expected 2 pages, got 1: see the site")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        outcome = box.harvest()
        assert (outcome.finish_reason, outcome.message) == ("stopped", "expected 2 pages, got 1: see the site")
        assert outcome.counts["failed"] == 1
        assert box.asked == ["/list"]
        assert box.ask("SELECT source_id FROM objects") == [("a",)]
        told = box.ask("SELECT kind, state, error, message FROM tasks ORDER BY kind")
        assert told == [
            ("list", "failed", "LayoutChanged", "expected 2 pages, got 1: see the site"),
            ("page", "waiting", None, None),
        ]
        assert box.ask("SELECT COUNT(*) FROM answers") == [(1,)]


def test_a_halt_is_still_one_when_it_is_read_again_and_none_for_a_better_parser(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    answers: Answers = {"/list": [tells("a"), halts("enough")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        box.harvest()
        whole = everything(box)
        rebuilt = box.reparse()
        assert rebuilt.counts["unread"] == 1
        assert everything(box) == whole
        assert box.ask("SELECT state, error, message FROM tasks") == [("failed", "LayoutChanged", "enough")]
        parse = box.source.parse_list
        box.source.parse_list = lambda response: (each for each in parse(response) if isinstance(each, ObjectRecord))
        assert box.reparse().counts["unread"] == 0
        assert box.ask("SELECT state, error FROM tasks") == [("done", None)]


# Damage
def test_a_damaged_answer_keeps_what_came_with_it_counts_as_failed_and_the_run_goes_on(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    answers: Answers = {"/list": [tells("a"), asks("/p"), is_damaged("a record is cut")], "/p": [tells("p")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        outcome = box.harvest()
        assert (outcome.finish_reason, outcome.message, outcome.counts["failed"]) == ("complete", None, 1)
        assert box.ask("SELECT source_id FROM objects ORDER BY source_id") == [("a",), ("p",)]
        failed = "SELECT kind, state, error, message FROM tasks WHERE state <> 'done'"
        assert box.ask(failed) == [("list", "failed", "Damaged", "a record is cut")]
        whole = everything(box)
        assert box.reparse().counts["unread"] == 1
        assert everything(box) == whole


def test_what_is_missing_from_a_damaged_list_is_not_deleted(tmp_path: Path, empty_catalogue_url: str) -> None:
    answers: Answers = {"/list": [tells("a"), tells("b")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        box.harvest()
        answers["/list"] = [tells("b"), is_damaged("a record is cut")]
        assert (box.harvest().counts["deleted"], box.reparse().counts["deleted"]) == (0, 0)
        assert box.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(2,)]
