"""Rules for genres: the first that any text meets, and the most telling origin first."""

import pytest

from harvest.parsers.genres import first_genre, notations, tags, words

TITLES = (words("self-portrait", "self[- ]?portrait"), words("portrait", "portrait"), words("marina", "seas?"))
TAGS = (tags("portrait", ["Portraits"]), tags(None, ["Men", "Women"]), tags("animal painting", ["Dogs"]))


@pytest.mark.parametrize(
    ("title", "genre"),
    [
        ("Portrait of the Artist's Mother: a Self-Portrait", "self-portrait"),
        ("PORTRAIT OF A SAILOR BY THE SEA", "portrait"),
        ("Overseas", None),
        ("", None),
    ],
)
def test_the_first_rule_whose_whole_word_a_title_holds_counts(title: str, genre: str | None) -> None:
    assert first_genre(("title", TITLES, [title])) == (None if genre is None else (genre, "title"))


@pytest.mark.parametrize(
    ("held", "genre"),
    [(["Dogs"], "animal painting"), (["dogs", "Men"], None), (["Men", "PORTRAITS", "Dogs"], "portrait"), ([], None)],
)
def test_a_rule_without_a_genre_ends_the_search_among_tags(held: list[str], genre: str | None) -> None:
    assert first_genre(("tags", TAGS, held)) == (None if genre is None else (genre, "tags"))


def test_a_later_origin_counts_only_where_the_earlier_ones_show_nothing() -> None:
    iconclass = (notations("history painting", "98"), notations("mythological painting", "9"))
    evidence = ("title", TITLES, ["Untitled"]), ("iconclass", iconclass, ["31A", "98B", "92D"])
    assert first_genre(*evidence) == ("history painting", "iconclass")
    assert first_genre(("tags", TAGS, ["Men"]), *evidence) == ("history painting", "iconclass")
    assert first_genre(("tags", TAGS, ["Portraits"]), *evidence) == ("portrait", "tags")
