"""What people accepted, as data: in a build, by the commands."""

from curate.manifest import read_dataset
from tests.curate.build.test_grouping import drawn
from tests.curate.review.conftest import Gallery


def test_accepted_suggestions_are_trained_on_once_they_are_asked_for(gallery: Gallery) -> None:
    names = [gallery.add(image=drawn(number), title=f"Sheep {'abcde'[number]}") for number in range(5)]
    gaps = [gallery.add(None, image=drawn(10 + number), title=f"Cows {'abc'[number]}") for number in range(3)]
    gallery.told("suggest", gallery.predict("p", *((gap, "artist", ("Anker Albert", 0.9)) for gap in gaps)))
    code, _, err = gallery.run("build", "--name", "none", "--with-suggestions")
    assert (code, "no suggestion is accepted" in err) == (2, True)
    gallery.told("accept", "--reviewer", "Eva", "--object", gaps[0], "--object", gaps[1])
    gallery.told("reject", "--reviewer", "Eva", "--object", gaps[2])
    gallery.told("revert", "--reviewer", "Eva", "--object", gaps[1])

    plain, told = (
        gallery.told("build", "-q", "--name", "plain"),
        gallery.told("build", "-q", "--name", "more", "--with-suggestions"),
    )
    assert (plain["counts"]["kept"], told["counts"]["kept"]) == (5, 6)
    assert (told["options"]["with_suggestions"], told["datasets"][0]["left_out"]) == (True, {"no artist": 2})
    rows = {row["content_id"]: row for row in read_dataset(gallery.data / "builds", "more/all").rows.to_pylist()}
    assert sorted(rows) == sorted([*names, gaps[0]])
    assert (rows[gaps[0]]["artist"], rows[gaps[0]]["suggested"], rows[gaps[0]]["fold_random"]) == (
        "Anker Albert",
        "artist",
        None,
    )
    same = gallery.told("build", "-q", "--name", "more", "--with-suggestions")
    assert same["unchanged"]

    who = "(id, source, source_id, name, authorities) VALUES (99, 'wikiart', 'c', 'Hodler, Ferdinand', '{}')"
    gallery.change(f"INSERT INTO artists {who}")
    key = gallery.rows(f"SELECT id FROM objects WHERE source_id = '{gaps[0].partition(':')[2]}'")[0][0]
    gallery.change(f"INSERT INTO object_artists VALUES ({key}, 0, 99, 'artist', NULL)")
    later = gallery.told("build", "-q", "--name", "later", "--with-suggestions")
    assert later["counts"]["kept"] == 6
    row = {r["content_id"]: r for r in read_dataset(gallery.data / "builds", "later/all").rows.to_pylist()}[gaps[0]]
    assert (row["artist"], row["suggested"]) == ("Hodler, Ferdinand", None), "the museum's own word counts at once"
    assert row["fold_random"] is not None


def test_what_the_museum_took_over_stays_a_machines_after_the_decision_was_taken_back(gallery: Gallery) -> None:
    gallery.add(image=drawn(0), title="Sheep")
    gap, other = (gallery.add(None, image=drawn(10 + number), title=f"Cows {'ab'[number]}") for number in range(2))
    gallery.told("suggest", gallery.predict("p", *((thing, "artist", ("Anker Albert", 0.9)) for thing in (gap, other))))
    gallery.told("accept", "--reviewer", "Eva", "--object", gap)
    gallery.told("revert", "--reviewer", "Max", "--object", gap)  # the table with it has left already
    gallery.told("reject", "--reviewer", "Max", "--object", gap)
    who = "(id, source, source_id, name, authorities) VALUES (99, 'wikiart', 'c', 'Anker Albert', '{}')"
    gallery.change(f"INSERT INTO artists {who}")
    key = gallery.rows(f"SELECT id FROM objects WHERE source_id = '{gap.partition(':')[2]}'")[0][0]
    gallery.change(f"INSERT INTO object_artists VALUES ({key}, 0, 99, 'artist', NULL)")
    for name in ("before", "after"):
        plain = gallery.told("build", "-q", "--name", name)
        assert plain["datasets"][0]["left_out"] == {"artist from a suggestion": 1, "no artist": 1}
        gallery.told("suggest", "p")


def test_what_the_museum_took_over_stays_a_machines_before_and_after_it_is_settled(gallery: Gallery) -> None:
    gallery.add(image=drawn(0), title="Sheep")
    gap, other = (gallery.add(None, image=drawn(10 + number), title=f"Cows {'ab'[number]}") for number in range(2))
    gallery.told("suggest", gallery.predict("p", *((thing, "artist", ("Anker Albert", 0.9)) for thing in (gap, other))))
    gallery.told("accept", "--reviewer", "Eva", "--object", gap)
    who = "(id, source, source_id, name, authorities) VALUES (99, 'wikiart', 'c', 'Albert Anker', '{}')"
    gallery.change(f"INSERT INTO artists {who}")
    for thing in (gap, other):  # the museum took one over, and said the other itself before anybody decided
        key = gallery.rows(f"SELECT id FROM objects WHERE source_id = '{thing.partition(':')[2]}'")[0][0]
        gallery.change(f"INSERT INTO object_artists VALUES ({key}, 0, 99, 'artist', NULL)")

    for name in ("before", "after"):
        plain = gallery.told("build", "-q", "--name", f"{name}-plain")
        more = gallery.told("build", "-q", "--name", f"{name}-more", "--with-suggestions")
        assert plain["datasets"][0]["left_out"] == {"artist from a suggestion": 1}
        assert more["counts"]["kept"] == 3
        rows = read_dataset(gallery.data / "builds", f"{name}-more/all").rows.to_pylist()
        assert {row["content_id"]: row["suggested"] for row in rows if row["source_artist"] != "Anker Albert"} == {
            gap: "artist", other: None,
        }  # fmt: skip
        gallery.told("suggest", "p")
    assert gallery.rows("SELECT DISTINCT status FROM suggestions") == [("answered",)]
