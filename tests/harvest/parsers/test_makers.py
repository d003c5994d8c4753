"""Names of makers: nobody, and qualifiers within a name."""

import pytest

from harvest.parsers.makers import MakerNames

NAMES = MakerNames(
    nobody=r"(?:anonymous|unknown)\b",
    qualifiers={"copy after": "copyist of", "(?:.* )?follower of": None, "after": "after"},
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
        ("", None, ""),
    ],
)
def test_a_qualifier_is_split_from_the_name(name: str, qualifier: str | None, rest: str) -> None:
    assert NAMES.split(name) == (qualifier, rest)
