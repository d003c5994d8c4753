"""What the source answers needs no decision any more; where it says nothing again, what was decided comes back."""

import pytest

from harvest.console.program import Exit
from tests.curate.review.conftest import Gallery

STATUSES = "SELECT s.status, s.decided_value, s.reviewer, s.note FROM suggestions s ORDER BY s.id"
HISTORY = "SELECT answer, value, reviewer, note FROM decisions ORDER BY id"
COMPLETED = "SELECT artist, artist_origin FROM paintings_completed ORDER BY source_id"
ACCEPT = ("accept", "--reviewer", "Eva", "--note", "sure")


def suggested(gallery: Gallery, *values: str) -> list[str]:
    """Add paintings without an artist, of whom one each is suggested."""
    paintings = [gallery.add(None) for _ in values]
    answers = ((painting, "artist", (value, 0.9)) for painting, value in zip(paintings, values, strict=True))
    gallery.told("suggest", gallery.predict("p", *answers))
    return paintings


def say(gallery: Gallery, painting: str, name: str) -> None:
    """Let the source name an artist."""
    key = gallery.rows(f"SELECT id FROM objects WHERE source_id = '{painting.partition(':')[2]}'")[0][0]
    gallery.change(
        "INSERT INTO artists (id, source, source_id, name, authorities) "
        f"VALUES ({900 + key}, 'wikiart', '{name}{key}', '{name}', '{{}}')"
    )
    gallery.change(f"INSERT INTO object_artists VALUES ({key}, 0, {900 + key}, 'artist', NULL)")


def unsay(gallery: Gallery) -> None:
    """Let the source name nobody any more."""
    gallery.change("DELETE FROM object_artists")


def test_decisions_come_back_where_the_source_says_nothing_again(gallery: Gallery) -> None:
    accepted, waiting, kept = suggested(gallery, "Hodler", "Anker Albert", "Giotto")
    gallery.told(*ACCEPT, "--object", accepted, "--object", kept)
    say(gallery, accepted, "Hodler")
    say(gallery, waiting, "Somebody")
    gallery.told("suggest", "p")
    assert [row[0] for row in gallery.rows(STATUSES)] == ["answered", "answered", "accepted"]
    unsay(gallery)
    before = len(gallery.rows(HISTORY))
    code, out, _ = gallery.run("suggest", "p")
    assert (code, "2 are open or decided again, where their source says nothing any more" in out) == (0, True)
    assert gallery.rows(STATUSES) == [
        ("accepted", "Hodler", "Eva", "sure"), ("open", None, None, None), ("accepted", "Giotto", "Eva", "sure"),
    ]  # fmt: skip
    assert gallery.rows(COMPLETED) == [("Hodler", "suggestion"), (None, None), ("Giotto", "suggestion")]
    assert sorted(gallery.rows(HISTORY)[before:], key=str) == [
        ("accepted", "Hodler", None, None),
        ("open", None, None, None),
    ]
    assert gallery.told("suggest", "p")["settled"]["returned"] == {}
    assert gallery.told("revert", "--reviewer", "Eva", "--object", accepted)["suggestions"] == 1


def test_a_suggestion_goes_back_and_forth_with_its_source(gallery: Gallery) -> None:
    (painting,) = suggested(gallery, "Hodler")
    gallery.told(*ACCEPT, "--object", painting)
    for _ in range(2):
        say(gallery, painting, "Hodler")
        assert gallery.told("suggest", "p")["settled"]["agreed"] == {"artist": 1}
        unsay(gallery)
        gallery.change("DELETE FROM artists")
        assert gallery.told("suggest", "p")["settled"]["returned"] == {"accepted": 1}
    answers = [answer for answer, *_ in gallery.rows(HISTORY)]
    assert answers == ["accepted", *("answered", "accepted") * 2]


def test_what_a_deleted_object_had_comes_back_with_it(gallery: Gallery) -> None:
    accepted, waiting, named = suggested(gallery, "Hodler", "Anker Albert", "Giotto")
    gallery.told(*ACCEPT, "--object", accepted)
    gallery.change("UPDATE objects SET deleted_at = '2026-11-01'")
    assert gallery.told("suggest", "p")["settled"]["gone"] == 3
    gallery.change("UPDATE objects SET deleted_at = NULL")
    say(gallery, named, "Giotto")
    settled = gallery.told("suggest", "p")["settled"]
    assert (settled["returned"], settled["agreed"]) == ({"accepted": 1, "open": 2}, {"artist": 1})
    assert [row[0] for row in gallery.rows(STATUSES)] == ["accepted", "open", "answered"]
    assert gallery.told("accept", "--reviewer", "Eva", "--object", waiting)["suggestions"] == 1


def test_a_decision_does_not_come_back_where_another_fills_its_gap(gallery: Gallery) -> None:
    (painting,) = suggested(gallery, "A")
    gallery.told("reject", "--reviewer", "Eva", "--object", painting)
    gallery.told("suggest", gallery.predict("q", (painting, "artist", ("B", 0.9)), run="newer"))
    gallery.told(*ACCEPT, "--object", painting)
    say(gallery, painting, "B")
    gallery.told("suggest", "p")
    unsay(gallery)
    gallery.change("UPDATE suggestions SET status = 'accepted', decided_value = 'A' WHERE value = 'A'")
    assert gallery.told("suggest", "p")["settled"]["returned"] == {}
    assert [row[0] for row in gallery.rows(STATUSES)] == ["accepted", "answered"]


@pytest.mark.parametrize(
    "command", [("export-suggestions", "--format", "csv"), ("revert", "--reviewer", "Max", "--run", "net")]
)
def test_commands_that_read_decisions_take_what_comes_back(gallery: Gallery, command: tuple[str, ...]) -> None:
    (painting,) = suggested(gallery, "Hodler")
    gallery.told(*ACCEPT, "--object", painting)
    say(gallery, painting, "Hodler")
    gallery.told("suggest", "p")
    code, _, err = gallery.run("export-suggestions", "--format", "csv")
    assert (code, "no suggestion is as asked for" in err) == (Exit.USAGE, True)
    unsay(gallery)
    gallery.told(*command)
    assert len(gallery.rows(HISTORY)) == 3 + (command[0] == "revert")


def test_a_doubt_comes_back_with_the_label_that_it_was_of(gallery: Gallery) -> None:
    painting = gallery.add("Anker Albert")
    (key,) = gallery.rows("SELECT id FROM objects")[0]
    digests = ", ".join(f"'{'0' * 64}'" for _ in range(3))
    gallery.change(
        "INSERT INTO suggestions (object_id, field, value, probability, alternatives, known, doubted, predictions, "
        "run, predictions_sha256, model_sha256, manifest_sha256, created_at, status) VALUES "
        f"({key}, 'artist', 'Hodler', 0.9, '[]', '', 'Anker Albert', 'net', 'net', {digests}, '2026-11-01', 'doubted')"
    )
    for name, status in (("Hodler", "answered"), ("Somebody", "answered"), ("Anker Albert", "doubted")):
        gallery.change(f"UPDATE artists SET name = '{name}'")
        gallery.told("accept", "--reviewer", "Eva", "--object", painting)
        assert [row[0] for row in gallery.rows(STATUSES)] == [status]
