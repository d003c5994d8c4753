"""The MET's words around makers' names, as its samples hold them."""

import json
from pathlib import Path

import pytest

from harvest.parsers.met.makers import NAMES, is_further_hand, is_nobody, is_other_hand, qualifier_of


@pytest.mark.parametrize(
    "name",
    [
        *("Unidentified artist", "Attributed to unknown", "Italian Painter", "Chinese", "Artist", ""),
        *(
            "Italian Painters",
            "Painters",
            "Italian Painer",
            "Florentine (?) Painer",
            "Sienese Masters",
            "Tuscan Painter",
        ),
    ],
)
def test_nobody_is_no_maker(name: str) -> None:
    assert is_nobody(name, is_identified=False)


@pytest.mark.parametrize(
    ("name", "is_identified"),
    [
        ("Netherlandish Painter", True),
        ("Master of Pedret", False),
        ("Christian Friis", False),
        ("Unknowning", False),
        ("Romane Painton", False),
    ],
)
def test_a_name_is_somebody(name: str, *, is_identified: bool) -> None:
    assert not is_nobody(name, is_identified=is_identified)


def test_what_says_that_none_is_known_outweighs_an_authority() -> None:
    assert is_nobody("Unidentified artist", is_identified=True)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Lucas Cranach the Younger and Workshop", ("and Workshop", "Lucas Cranach the Younger")),
        ("Titian, and Workshop", ("and Workshop", "Titian")),
        ("Titian with assistants", ("with assistants", "Titian")),
        ("Titian or a follower", ("or a follower", "Titian")),
        ("Maino & Orsi?", ("?", "Maino & Orsi")),
        ("Lutterodt and Son Studio", (None, "Lutterodt and Son Studio")),
        ("Hirschvogel Workshop", (None, "Hirschvogel Workshop")),
    ],
)
def test_other_hands_behind_a_name_are_a_qualifier(name: str, split: tuple[str | None, str]) -> None:
    assert NAMES.split(name) == split
    assert NAMES.split(name, is_identified=True) == split


def test_a_qualifier_in_a_name_is_kept_as_it_is_written() -> None:
    assert NAMES.split("Italian, Neapolitan Follower of Giotto") == ("Italian, Neapolitan Follower of", "Giotto")
    assert NAMES.split("Workshop of Copy after Titian") == ("Workshop of Copy after", "Titian")


@pytest.mark.parametrize(
    ("prefix", "suffix", "following", "qualifier"),
    [
        ("", "", "", None),
        ("Painted by", "", "", None),
        ("Attributed to", "", "", "Attributed to"),
        ("", ", and Workshop", "", "and Workshop"),
        ("", "or a follower", "", "or a follower"),
        ("", "(?)", "", "(?)"),
        ("Inscribed by", "", "", "Inscribed by"),
        ("", "(namepiece)", "", None),
        ("", "", "or", "or"),
        ("", "", "Or follower of", "or"),
        ("", "", "and", None),
    ],
)
def test_words_before_and_behind_a_name_qualify_it(
    prefix: str, suffix: str, following: str, qualifier: str | None
) -> None:
    assert qualifier_of(prefix, suffix, following) == qualifier


def test_a_further_hand_is_one_that_did_something_else() -> None:
    assert is_further_hand("Inscribed by")
    assert not is_further_hand("Possibly by")
    assert not is_further_hand("Painted by")
    assert is_other_hand("Workshop of")


def test_the_words_of_real_answers_are_read(shared: Path) -> None:
    api = shared / "samples" / "met" / "api"
    for name, qualifier in (("workshop_of_prefix", "Workshop of"), ("former_attribution", "Formerly attributed to")):
        answer = json.loads((api / f"example_{name}.json").read_text())
        assert qualifier_of(answer["artistPrefix"], answer["artistSuffix"], "") == qualifier
        assert not is_nobody(answer["artistDisplayName"], is_identified=False)
        assert NAMES.split(answer["constituents"][0]["name"])[1] == answer["artistDisplayName"]
