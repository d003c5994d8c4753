"""What a source has taken over from a suggestion is a machine's still: trained on if asked for, never validated."""

import json

import pytest

from curate.build.verify import verify
from curate.manifest import FOLD_COLUMNS
from curate.selection.accepted import REVERTED, Accepted
from tests.curate.build.test_suggested import add, build, given_to, reasons, rows_of
from tests.curate.conftest import Museum

ARTISTS = (given_to("wikiart:1", "artist", "Albert Anker"),)


def test_a_label_that_a_source_took_over_is_no_ground_truth(museum: Museum) -> None:
    taken, own = add(museum), add(museum)
    accepted = [given_to(taken, "artist", "Albert Anker")]  # "Anker Albert", as the museum writes it
    done = museum.build(name="x", accepted=accepted)
    assert list(rows_of(done)) == [own]
    assert reasons(done) == {taken: ("artist from a suggestion", "Anker Albert")}
    notes = "\n".join(done.build_info.notes)
    assert (
        "are no ground truth, and never validated: the artist of 1 painting; --with-suggestions trains on them" in notes
    )
    assert done.build_info.counts.left_out == 1
    assert verify(done.folder) == []
    with_it = build(museum, *accepted)
    row = rows_of(with_it)[taken]
    assert (row["artist"], row["suggested"]) == ("Anker Albert", "artist")
    assert {row[column] for column in FOLD_COLUMNS} == {None}
    assert rows_of(with_it)[own] == rows_of(done)[own]
    assert done.build_info.catalogue.fingerprint != museum.build(name="y").build_info.catalogue.fingerprint


@pytest.mark.parametrize(
    ("field", "value", "changes", "reason"),
    [
        ("artist", "Hodler", {}, None),
        ("artist", "Anker Albert", {"qualifier": "workshop of"}, ("artist not certain", "workshop of Anker Albert")),
        ("genre", "portraits", {}, ("genre from a suggestion", "portrait")),
        ("genre", "landscape", {}, None),
        ("style", "realism", {}, ("style from a suggestion", "Realism")),
        ("medium", "oil on canvas", {}, ("medium from a suggestion", "oil, canvas")),
        (
            "decade",
            "1880",
            {"dating": ("1880–1889", 1880, 1889)},
            ("dating from a suggestion", "1880–1889 (1880 to 1889)"),
        ),
        ("decade", "1880", {"dating": ("1884", 1884, 1884)}, None),
    ],
)
def test_only_what_says_the_same_was_taken_over(
    museum: Museum, field: str, value: str, changes: dict[str, object], reason: tuple[str, str] | None
) -> None:
    add(museum)
    painting = add(museum, **changes)
    done = museum.build(name="x", accepted=[given_to(painting, field, value)])
    assert reasons(done).get(painting) == reason
    if reason and "suggestion" in reason[0]:
        row = rows_of(build(museum, given_to(painting, field, value)))[painting]
        assert row["suggested"] == field


def test_what_a_person_chose_instead_and_the_museum_has_is_the_museums(museum: Museum) -> None:
    painting = add(museum)
    accepted = [given_to(painting, "artist", "Anker Albert", origin="person")]
    assert list(rows_of(museum.build(name="x", accepted=accepted))) == [painting]
    assert rows_of(build(museum, *accepted))[painting]["suggested"] is None


def test_what_was_accepted_once_and_taken_back_is_no_ground_truth_and_fills_nothing(museum: Museum) -> None:
    taken, gap, own = add(museum), add(museum, None), add(museum)
    accepted = [given_to(one, "artist", "Anker Albert", origin=REVERTED) for one in (taken, gap)]
    more = given_to(add(museum, None), "artist", "Anker Albert")
    assert list(rows_of(museum.build(name="x", accepted=[*accepted, more]))) == [own]
    done = build(museum, *accepted, more)
    assert set(rows_of(done)) == {own, more.content_id}
    assert reasons(done)[taken] == ("artist from a suggestion", "Anker Albert")


def test_a_label_that_is_not_required_is_left_blank(museum: Museum) -> None:
    painting = add(museum)
    accepted: list[Accepted] = [given_to(painting, "style", "Realism")]
    for done in (
        museum.build(name="x", accepted=accepted, require=("artist",)),
        build(museum, *accepted, require=("artist",)),
    ):
        row = rows_of(done)[painting]
        assert (row["style"], row["source_style"], row["suggested"]) == (None, None, None)
        assert row["fold_random"] is not None
    assert "style of 1 painting" in json.dumps(done.build_info.notes)
