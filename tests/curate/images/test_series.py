import pytest

from curate.images.series import groups, normalised, stem


@pytest.mark.parametrize(
    "title",
    [
        "Water Lilies",
        "water lilies",
        "The Water Lilies",
        "Water Lilies (12)",
        "Water Lilies, 1916",
        "Water Lilies, 1916-2",
        "Water-lilies no. 3",
        "Water Lilies No 3 (detail)",
        "Water Lilies III",
        "Water Lilies, version 2",
        "Study for Water Lilies",
        "Second study of the Water Lilies",
        "Étude pour Water Lilies [fragment]",
        "Wáter Lilies - sketch",
        "water-lilies-1916-3",
        "Water Lilies, c. 1916",
        "Water Lilies (1914–17)",
    ],
)
def test_works_of_a_series_have_one_stem(title: str) -> None:
    assert stem(title) == "water lilies"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("1916", "1916"),
        ("No. 5", "no"),
        ("(Untitled)", "untitled"),
        ("Henry VIII", "henry"),
        ("The", "the"),
        ("Study of a Dog", "dog"),
        ("Detail", "detail"),
        ("睡蓮 2", "睡蓮"),
        ("Vix", "vix"),
        ("Portrait of a Man", "portrait of a man"),
    ],
)
def test_a_title_is_never_without_a_stem(title: str, expected: str) -> None:
    assert stem(title) == expected


@pytest.mark.parametrize(
    "title", ["Mix", "Portrait of Dix", "Still Life with Lilies", "Portrait of Li", "A Dog called Six"]
)
def test_words_are_no_numbers(title: str) -> None:
    assert len(stem(title).split()) >= len(normalised(title).split()) - 1


def test_a_title_of_signs_alone_has_no_series() -> None:
    assert stem("***") == ""
    assert groups(["a:1", "a:2"], ["X", "X"], ["***", "***"]) == [None, None]


def test_a_series_is_one_artists() -> None:
    found = groups(
        ["m:3", "m:1", "m:2", "m:4", "m:5", "m:6"],
        ["Monet", "Monet", "Manet", None, None, "Monet"],
        ["Haystacks 1", "Haystacks (2)", "Haystacks", "Haystacks", "Haystacks", None],
    )
    assert found == ["m:1", "m:1", None, None, None, None]
