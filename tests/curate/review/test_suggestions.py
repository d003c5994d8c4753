"""Suggestions lie beside the catalogue, are decided by people, and can be taken back; no row of a source changes."""

import re
from typing import Any

import pytest
from sqlalchemy import Row, event, insert, select

from harvest.catalogue import schema
from harvest.catalogue.query import named_queries
from harvest.catalogue.suggestions import Conflict, Wanted, add, decide, decide_all, find
from harvest.console.program import Exit, now
from tests.curate.review.conftest import Gallery

OWN = {  # the sources' own tables, whole
    name: f"SELECT * FROM {name} ORDER BY 1, 2, 3"
    for name in ("objects", "artists", "object_artists", "terms", "images")
}  # fmt: skip
COMPLETED = (
    "SELECT artist, artist_origin, year, earliest, latest, decade_origin FROM paintings_completed ORDER BY source_id"
)
RUNS = "SELECT artist_run, decade_run FROM paintings_completed ORDER BY source_id"
HISTORY_OF = "SELECT suggestion_id, answer, value, reviewer, note FROM decisions"
HISTORY = "SELECT answer, value, reviewer, note FROM decisions ORDER BY id"
CHOOSE = ("--reviewer", "Eva", "--at-precision", ".9")


def own(gallery: Gallery) -> dict[str, list[tuple[object, ...]]]:
    return {name: gallery.rows(statement) for name, statement in OWN.items()}


def shown(gallery: Gallery, **wanted: object) -> list[Row[tuple[object, ...]]]:
    with gallery.engine.connect() as connection:
        return list(find(connection, Wanted(**wanted)))  # type: ignore[arg-type]


def test_each_answer_is_suggested_or_left_out_with_one_reason(gallery: Gallery) -> None:
    gap = gallery.add(None)
    known = gallery.add("Anker Albert")
    workshop = gallery.add("Rembrandt", qualifier="workshop of")
    deleted = gallery.add(None)
    wide = gallery.add(None, dating=("19th century", 1801, 1900))
    gallery.change(f"UPDATE objects SET deleted_at = '2026-11-01' WHERE source_id = '{deleted.partition(':')[2]}'")
    likely = ("Hodler Ferdinand", 0.9)
    before = own(gallery)
    name = gallery.predict(
        "p",
        (gap, "artist", likely, ("Anker Albert", 0.05)),
        (known, "artist", likely),
        (workshop, "artist", likely),
        (deleted, "artist", likely),
        (wide, "artist", ("Hodler Ferdinand", 0.7)),
        (wide, "decade", ("1880", 0.85)),
        (known, "decade", ("1880", 0.85)),
        ("wikiart:nowhere", "artist", likely),
        (None, "artist", likely),
        (gap, "subject", likely),
    )
    told = gallery.told("suggest", name)
    assert told["suggested"] == {"artist": 1, "decade": 1}
    assert told["left_out"] == {
        "the source names one": 3,
        "below the precision": 1,
        "deleted by the source": 1,
        "not in this catalogue": 1,
        "a file that belongs to no object": 1,
        "a field that the catalogue does not have": 1,
    }
    assert told["answers"] == 10
    assert own(gallery) == before
    first = shown(gallery)[0]
    assert (first.value, first.alternatives, first.known, first.bin_years) == (
        "Hodler Ferdinand",
        [["Anker Albert", 0.05]],
        "genre=x",
        None,
    )


def test_a_decade_outside_the_sources_dating_is_not_suggested(gallery: Gallery) -> None:
    wide = gallery.add(None, dating=("1850-1900", 1850, 1900))
    likely = ("1840", 0.9)
    assert gallery.told("suggest", gallery.predict("p", (wide, "decade", likely)))["left_out"] == {
        "outside the source's dating": 1
    }
    assert gallery.told("suggest", gallery.predict("q", (wide, "decade", likely), bin_years=25))["suggested"] == {
        "decade": 1
    }


def test_an_accepted_decade_is_a_dating_in_the_extended_date_time_format(gallery: Gallery) -> None:
    edtf = "SELECT dating_edtf FROM paintings_completed ORDER BY source_id"
    (known, gap, wide, broad) = (
        gallery.add(None, dating=(None, *years)) for years in ((1874, 1874), (None, None), (1801, 1900), (1801, 1900))
    )
    assert gallery.rows(edtf) == [("1874",), (None,), ("1801/1900",), ("1801/1900",)]
    gallery.told("suggest", gallery.predict("p", *((one, "decade", ("1880", 0.9)) for one in (known, gap, wide))))
    gallery.told("suggest", gallery.predict("q", (broad, "decade", ("1875", 0.9)), bin_years=25))
    assert gallery.rows(edtf) == [("1874",), (None,), ("1801/1900",), ("1801/1900",)]
    gallery.told("accept", "--reviewer", "Eva", "--field", "decade", "--at-precision", ".9")
    assert gallery.rows(edtf) == [("1874",), ("188X",), ("188X",), ("1875/1899",)]


def test_what_is_far_from_all_that_the_network_knows_is_not_suggested(gallery: Gallery) -> None:
    near, far, unsure = (gallery.add(None, dating=("19th century", 1801, 1900)) for _ in range(3))
    answers = [
        *((thing, "artist", ("A", 0.9)) for thing in (near, far)),
        *((thing, "decade", ("1880", 0.9)) for thing in (near, far)),
        (unsure, "artist", ("A", 0.7)),
    ]
    told = gallery.told("suggest", gallery.predict("p", *answers, novel=(far, unsure)))
    assert told["suggested"] == {"artist": 1, "decade": 1}
    assert told["left_out"] == {"the artist is probably none that the network knows": 3}


def test_the_same_predictions_are_suggested_once(gallery: Gallery) -> None:
    name = gallery.predict("p", (gallery.add(None), "artist", ("A", 0.9)))
    assert gallery.told("suggest", name, "--dry-run")["suggested"] == {"artist": 1}
    assert shown(gallery) == []
    code, out, _ = gallery.run("suggest", name)
    assert (code, "suggested: artist" in out, out.endswith(f"\nNext: curate review --data {gallery.data}\n")) == (
        0,
        True,
        True,
    )
    again = gallery.told("suggest", name)
    assert (again["suggested"], again["left_out"], len(shown(gallery))) == ({}, {"there already": 1}, 1)


def test_newer_predictions_supersede_open_suggestions_but_no_decision(gallery: Gallery) -> None:
    one, two, three = (gallery.add(None) for _ in range(3))
    gallery.told("suggest", gallery.predict("p", *((thing, "artist", ("A", 0.9)) for thing in (one, two, three))))
    gallery.told("accept", "--reviewer", "Eva", "--object", one)
    gallery.told("reject", "--reviewer", "Eva", "--object", two)
    newer = gallery.predict("q", *((thing, "artist", ("B", 0.9)) for thing in (one, two, three)), run="newer")
    told = gallery.told("suggest", newer)
    assert (told["suggested"], told["superseded"], told["left_out"]) == ({"artist": 2}, 1, {"decided before": 1})
    assert sorted((row.value, row.status) for row in shown(gallery)) == [
        ("A", "accepted"), ("A", "rejected"), ("A", "superseded"), ("B", "open"), ("B", "open")
    ]  # fmt: skip
    same = gallery.predict("s", (two, "artist", ("A", 0.95)), run="newest")
    assert gallery.told("suggest", same)["left_out"] == {"decided before": 1}, "rejected, and not asked again"


def test_what_is_accepted_fills_the_gap_and_says_so_until_it_is_reverted(gallery: Gallery) -> None:
    painting = gallery.add(None, dating=("19th century", 1801, 1900))
    gallery.add("Anker Albert")
    before, gaps = own(gallery), gallery.rows(COMPLETED)
    gallery.told(
        "suggest", gallery.predict("p", (painting, "artist", ("Hodler", 0.9)), (painting, "decade", ("1880", 0.9)))
    )
    assert gallery.rows(COMPLETED) == gaps
    assert gallery.told("accept", *CHOOSE, "--note", "sure", "--dry-run")["suggestions"] == 2
    assert gallery.rows(COMPLETED) == gaps
    assert gallery.told("accept", *CHOOSE, "--note", "sure")["suggestions"] == 2
    filled = [
        ("Hodler", "suggestion", None, 1880, 1889, "suggestion"),
        ("Anker Albert", "source", 1874, 1874, 1874, "source"),
    ]
    assert gallery.rows(COMPLETED) == filled
    assert gallery.rows(RUNS) == [("net", "net"), (None, None)]
    assert gallery.rows("SELECT artist, year FROM paintings ORDER BY source_id")[0] == (None, None)
    assert gallery.told("accept", *CHOOSE)["suggestions"] == 0
    assert gallery.told("revert", *CHOOSE)["suggestions"] == 2
    assert gallery.rows(COMPLETED) == gaps
    assert own(gallery) == before
    assert sorted(gallery.rows(HISTORY), key=str) == sorted(
        [
            ("accepted", "Hodler", "Eva", "sure"), ("accepted", "1880", "Eva", "sure"),
            ("open", None, "Eva", None), ("open", None, "Eva", None),
        ],
        key=str,
    )  # fmt: skip


def test_a_suggestion_that_the_source_answers_is_ended_and_the_agreement_counted(gallery: Gallery) -> None:
    right, wrong, gone = gallery.add(None), gallery.add(None, dating=(None, None, None)), gallery.add(None)
    gallery.told(
        "suggest",
        gallery.predict(
            "p",
            (right, "artist", ("Paul Cézanne", 0.9)),
            (wrong, "decade", ("1880", 0.9)),
            (gone, "artist", ("A", 0.9)),
        ),
    )
    gallery.told("accept", "--reviewer", "Eva", "--field", "decade")
    name = gallery.rows("SELECT id FROM objects ORDER BY id")
    who = "(id, source, source_id, name, authorities) VALUES (99, 'wikiart', 'c', 'Cezanne, Paul', '{}')"
    gallery.change(f"INSERT INTO artists {who}")
    gallery.change(f"INSERT INTO object_artists VALUES ({name[0][0]}, 0, 99, 'artist', NULL)")
    gallery.change(f"UPDATE objects SET earliest = 1895, latest = 1895 WHERE id = {name[1][0]}")
    gallery.change(f"UPDATE objects SET deleted_at = '2026-11-01' WHERE id = {name[2][0]}")
    assert gallery.rows(COMPLETED)[1][2:] == (1895, 1895, 1895, "source"), "at once, before it is ended"
    told = gallery.told("suggest", "p")["settled"]
    assert told == {"gone": 1, "agreed": {"artist": 1}, "differed": {"decade": 1}, "returned": {}}
    assert sorted(row.status for row in shown(gallery)) == ["answered", "answered", "gone"]
    assert ("answered", "1895", None, None) in gallery.rows(HISTORY)
    answered = [row[4:7] for row in gallery.rows(named_queries()["answered"])]
    assert answered == [("1895", "1880", "1880"), ("Cezanne, Paul", "Paul Cézanne", None)]
    assert gallery.told("revert", "--reviewer", "Eva", "--field", "decade")["suggestions"] == 0
    code, out, _ = gallery.run("reject", "--reviewer", "Eva", "--run", "net")
    assert code == Exit.DONE
    assert "those chosen are not open: 2 answered by their source, 1 gone with their object" in out


def test_what_is_less_precise_ends_too_once_the_source_says_something_and_comes_back_with_its_silence(
    gallery: Gallery,
) -> None:
    painted, dated = gallery.add(None), gallery.add(None, dating=(None, None, None))
    gallery.told("suggest", gallery.predict("p", (painted, "artist", ("A", 0.9)), (dated, "decade", ("1880", 0.9))))
    with gallery.engine.begin() as connection:
        for row in list(find(connection, Wanted())):
            value = "Circle of A" if row.field == "artist" else "19th century"
            decide(connection, row, "coarser", reviewer="Eva", at=now(), value=value)
    keys = [key for (key,) in gallery.rows("SELECT id FROM objects ORDER BY id")]
    who = "(id, source, source_id, name, authorities) VALUES (99, 'wikiart', 'c', 'B', '{}')"
    gallery.change(f"INSERT INTO artists {who}")
    gallery.change(f"INSERT INTO object_artists VALUES ({keys[0]}, 0, 99, 'artist', NULL)")
    gallery.change(f"UPDATE objects SET earliest = 1884, latest = 1884 WHERE id = {keys[1]}")
    settled = gallery.told("suggest", "p")["settled"]
    assert (settled["agreed"], settled["differed"]) == ({"decade": 1}, {"artist": 1}), "of what the network suggested"
    assert [row.status for row in shown(gallery)] == ["answered", "answered"]
    gallery.change("DELETE FROM object_artists")
    assert gallery.told("suggest", "p")["settled"]["returned"] == {"coarser": 1}
    assert ("coarser", "Circle of A") in [(row.status, row.decided_value) for row in shown(gallery)]


def test_objects_of_two_museums_with_one_number_are_not_confused(gallery: Gallery) -> None:
    named, gap = gallery.add(None, source_id="7"), gallery.add(None, source="met", source_id="7")
    gallery.told("suggest", gallery.predict("p", (named, "artist", ("A", 0.9)), (gap, "artist", ("B", 0.9))))
    gallery.change("UPDATE objects SET deleted_at = '2026-11-01' WHERE source = 'wikiart'")
    assert gallery.told("suggest", "p")["settled"]["gone"] == 1
    assert sorted((row.source, row.status) for row in shown(gallery)) == [("met", "open"), ("wikiart", "gone")]


def many(gallery: Gallery, number: int) -> list[Row[Any]]:
    """Add as many open suggestions, of an object each, without a word of their own."""
    with gallery.engine.begin() as connection:
        about = {"source": "s", "url": "u", "object_type": "painting", "fields": {}, "content_hash": "0" * 64}
        things = [{**about, "source_id": f"{key:04}", "retrieved_at": now()} for key in range(number)]
        connection.execute(insert(schema.objects), things)
        keys = list(connection.execute(select(schema.objects.c.id).order_by(schema.objects.c.id)).scalars())
        digests = dict.fromkeys(("predictions_sha256", "model_sha256", "manifest_sha256"), "0" * 64)
        about = {"field": "artist", "value": "A", "probability": 0.9, "alternatives": [], "known": "", **digests}
        add(connection, [{**about, "object_id": key, "predictions": "p", "run": "r"} for key in keys], now())
    return shown(gallery)


def test_many_are_decided_in_few_statements_with_the_same_history(gallery: Gallery) -> None:
    chosen = many(gallery, 1_200)
    statements: list[str] = []
    event.listen(gallery.engine, "before_cursor_execute", lambda _, __, text, *___: statements.append(text))
    with gallery.engine.begin() as connection:
        decide_all(connection, chosen, "accepted", reviewer="Eva", at=now(), note="all")
    assert len(statements) < 40
    assert gallery.rows(f"SELECT COUNT(*), COUNT(DISTINCT suggestion_id) FROM ({HISTORY_OF}) h") == [(1_200, 1_200)]
    facts = ("accepted", "A", "Eva", "all")
    assert gallery.rows(f"SELECT DISTINCT answer, value, reviewer, note FROM ({HISTORY_OF}) h") == [facts]
    assert {(row.status, row.decided_value, row.revision) for row in shown(gallery)} == {("accepted", "A", 1)}
    with gallery.engine.begin() as connection:
        decide_all(connection, shown(gallery), "open", reviewer="Eva", at=now())
    kept = {(row.status, row.decided_value, row.reviewer, row.note, row.revision) for row in shown(gallery)}
    assert kept == {("open", None, None, None, 2)}


def test_of_many_all_are_decided_or_none(gallery: Gallery) -> None:
    chosen = many(gallery, 600)
    late = f"{chosen[-1].source}:{chosen[-1].source_id}"
    with gallery.engine.begin() as connection:
        decide(connection, chosen[-1], "rejected", reviewer="Max", at=now())
    with (
        pytest.raises(Conflict, match=f"the suggested artist of {late} is rejected now, decided by Max"),
        gallery.engine.begin() as connection,
    ):
        decide_all(connection, chosen, "accepted", reviewer="Eva", at=now())
    assert gallery.rows("SELECT status, COUNT(*) FROM suggestions GROUP BY status ORDER BY status") == [
        ("open", 599), ("rejected", 1)
    ]  # fmt: skip
    assert gallery.rows("SELECT COUNT(*) FROM decisions") == [(1,)]


def test_two_of_one_gap_are_not_accepted_together(gallery: Gallery) -> None:
    painting = gallery.add(None)
    gallery.told("suggest", gallery.predict("p", (painting, "artist", ("A", 0.9))))
    gallery.told("reject", "--reviewer", "Eva", "--object", painting)
    gallery.told("suggest", gallery.predict("q", (painting, "artist", ("B", 0.8)), run="newer"))
    gallery.told("revert", "--reviewer", "Eva", "--object", painting)
    code, _, err = gallery.run("accept", "--reviewer", "Eva", "--object", painting)
    assert (code, "'A' was accepted for this artist already: revert that first" in err) == (Exit.USAGE, True)
    assert {row.status for row in shown(gallery)} == {"open"}


def test_who_decides_on_what_another_has_decided_is_told(gallery: Gallery) -> None:
    gallery.told("suggest", gallery.predict("p", (gallery.add(None), "artist", ("A", 0.9))))
    (suggestion,) = shown(gallery)
    with gallery.engine.begin() as connection:
        decide(connection, suggestion, "other", reviewer="Eva", at=now(), value="B")
    with gallery.engine.begin() as connection, pytest.raises(Conflict, match="is other now, decided by Eva"):
        decide(connection, suggestion, "accepted", reviewer="Max", at=now())
    assert gallery.rows(COMPLETED)[0][:2] == ("B", "person")
    assert gallery.rows(RUNS)[0] == (None, None)
    assert gallery.rows(HISTORY) == [("other", "B", "Eva", None)]


def test_two_values_never_fill_one_gap(gallery: Gallery) -> None:
    painting = gallery.add(None)
    gallery.told("suggest", gallery.predict("p", (painting, "artist", ("A", 0.9))))
    gallery.told("reject", "--reviewer", "Eva", "--object", painting)
    gallery.told("suggest", gallery.predict("q", (painting, "artist", ("B", 0.9)), run="newer"))
    gallery.told("accept", "--reviewer", "Eva", "--object", painting)
    (rejected,) = shown(gallery, statuses=("rejected",))
    with gallery.engine.begin() as connection, pytest.raises(Conflict, match="'B' was accepted"):
        decide(connection, rejected, "accepted", reviewer="Max", at=now())


def test_what_waits_is_counted_by_steps_of_its_probability(gallery: Gallery) -> None:
    probabilities = (0.97, 0.95, 0.94, 0.8)
    answers = [(gallery.add(None), "artist", ("A", probability)) for probability in probabilities]
    gallery.told("suggest", gallery.predict("p", *answers), "--at-precision", ".9")
    counts = [(field, float(least), number) for field, least, number in gallery.rows(named_queries()["suggestions"])]
    assert counts == [("artist", 0.95, 2), ("artist", 0.9, 1), ("artist", 0.8, 1)]


def test_what_one_person_decided_is_taken_back_alone_and_whose_it_was_is_said(gallery: Gallery) -> None:
    one, two, three = (gallery.add(None) for _ in range(3))
    gallery.told("suggest", gallery.predict("p", *((thing, "artist", ("A", 0.9)) for thing in (one, two, three))))
    gallery.told("accept", "--reviewer", "Eva", "--object", one)
    gallery.told("reject", "--reviewer", "Max", "--object", two, "--object", three)
    whole = ("revert", "--reviewer", "Ida", "--run", "net", "--dry-run")
    assert gallery.told(*whole)["decided_by"] == {"Eva": 1, "Max": 2}
    code, out, _ = gallery.run(*whole)
    assert (code, "3 suggestions of 2 people (Max 2, Eva 1) would be open again" in out) == (0, True)
    assert re.search(r"wikiart:1 +\| artist +\| A +\| 0.900 +\| accepted +\| Eva", out)
    code, out, _ = gallery.run("revert", "--reviewer", "Ida", "--decided-by", "Eva")
    assert (code, out) == (0, "1 suggestion that Eva decided open again\n")
    assert sorted((row.status, row.reviewer) for row in shown(gallery)) == [
        ("open", None), ("rejected", "Max"), ("rejected", "Max")
    ]  # fmt: skip
    assert gallery.told("revert", "--reviewer", "Ida", "--decided-by", "Eva")["suggestions"] == 0, (
        "once more is no slip"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("suggest", "nowhere"), "no predictions at"),
        (("suggest", "damaged"), "predictions.parquet is damaged .expected a decade's first year, got 'soon'.: make"),
        (("suggest", "p", "--at-precision", ".99"), "promise no precision of 0.99: the highest .* is 0.95"),
        (("accept", "--reviewer", "Eva"), "say which: --run"),
        (("revert", "--reviewer", "Eva"), "say which: --decided-by, --run"),
        (("revert", "--reviewer", "Eva", "--run", "nett"), "no suggestion is of the run 'nett': did you mean net?"),
        (("accept", "--reviewer", "Eva", "--source", "wikiar"), "of the source 'wikiar': did you mean wikiart?"),
        (("reject", "--reviewer", "Eva", "--object", "met:7"), "of the object 'met:7': 'harvest sql suggestions'"),
        (("revert", "--reviewer", "Eva", "--decided-by", "Max"), "'Max' has decided on no suggestion: 'harvest sql"),
        (("accept", "--run", "net"), "Missing option '--reviewer'"),
        (("reject", "--reviewer", " ", "--run", "net"), "expected a name of at most 255 letters, got nothing"),
        (("reject", "--reviewer", "L" * 300, "--run", "net"), "expected a name of at most 255 letters, got 300"),
        (("accept", "--reviewer", "Eva", "--min-probability", "nan"), "expected a number from 0 to 1, got nan"),
        (("suggest", "p", "--at-precision", "nan"), "expected a number from 0 to 1, got nan"),
        (("revert", "--reviewer", "Eva", "--object", "7"), "expected SOURCE:ID, as manifests write it, got '7'"),
    ],
)
def test_bad_input_is_told_in_one_line(gallery: Gallery, arguments: tuple[str, ...], told: str) -> None:
    gallery.predict("p", (gallery.add(None), "artist", ("A", 0.9)))
    gallery.told("suggest", "p")
    gallery.predict("damaged", (gallery.add(None, dating=(None, None, None)), "decade", ("soon", 0.9)))
    code, out, err = gallery.run(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert len(err.strip().splitlines()) <= 4  # with click's usage
    assert re.search(told, " ".join(err.split()))
