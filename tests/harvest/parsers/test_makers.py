"""Names of makers: nobody, and qualifiers within a name."""

import pytest

from harvest.parsers.makers import MakerNames

NAMES = MakerNames(
    nobody=r"(?:anonymous|unknown)\b",
    qualifiers={"copy after": "copyist of", "(?:.* )?follower of": None, "after": "after"},
    ending=r",?\s+and workshop|\s*\(\?\)",
)


@pytest.mark.parametrize("name", ["Anonymous", " unknown ", "Anonymous, Dutch"])
def test_a_name_that_begins_with_such_a_word_is_nobody(name: str) -> None:
    assert NAMES.is_nobody(name)


@pytest.mark.parametrize("name", ["", "Unknowning", "Master of the anonymous", None])
def test_another_name_and_none_at_all_are_somebody(name: str | None) -> None:
    assert not NAMES.is_nobody(name)


@pytest.mark.parametrize(
    ("name", "qualifier", "rest"),
    [
        ("Copy after  Jan Steen", "copyist of", "Jan Steen"),
        ("after Jan Steen", "after", "Jan Steen"),
        ("Italian Follower of Giotto", "Italian Follower of", "Giotto"),
        ("Afternoon Painter", None, "Afternoon Painter"),
        ("after ", None, "after "),
        ("Titian, and Workshop", "and Workshop", "Titian"),
        ("Titian (?)", "(?)", "Titian"),
        (" and workshop", None, " and workshop"),
        ("after Titian and workshop", "after", "Titian and workshop"),
        ("x" * 500 + " and workshop", None, "x" * 500 + " and workshop"),
        ("", None, ""),
    ],
)
def test_a_qualifier_is_split_from_the_name(name: str, qualifier: str | None, rest: str) -> None:
    assert NAMES.split(name) == (qualifier, rest)


def test_of_an_identified_maker_the_words_before_belong_to_the_name() -> None:
    assert NAMES.split("after Jan Steen", is_identified=True) == (None, "after Jan Steen")
    assert NAMES.split("Titian and Workshop", is_identified=True) == ("and Workshop", "Titian")
