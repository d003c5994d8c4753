import itertools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError, IntegrityError
from curate.selection.annotated import split_annotated, survey
from curate.selection.criteria import ALL, CRITERIA, FIELDS, IMAGE, REASONS, Rules, Threshold
from curate.selection.left_out import DatasetSelection, check_sums, reasons
from curate.selection.thresholds import select_datasets, split_by_artist
from harvest.catalogue.paintings import ImageFile, Maker, Painting
from harvest.records import Term

DEFAULT = Rules()
NUMBERS = itertools.count()


def painting(**facts: Any) -> Painting:
    labels = {"artist": "Anker Albert", "genre": "Portrait", "style": "Realism", "medium": "oil, canvas"}
    labels |= {name: facts.pop(name) for name in labels if name in facts}
    image_path = facts.pop("image_path", "images/ab/cd/abcd.jpg")
    known = {"source": "wikiart", "source_id": str(next(NUMBERS)), "url": "https://wikiart.test"}
    known |= {"earliest": 1874, "latest": 1874, "dating_text": "1874"}
    known |= {
        "maker": labels["artist"] and Maker(facts.get("source", "wikiart"), labels["artist"], labels["artist"]),
        "terms": tuple(Term(field, labels[field]) for field in ("genre", "style", "medium") if labels[field]),
        "image": image_path and ImageFile(image_path),
    }
    return Painting(**known | facts)


def reason_of(rules: Rules = DEFAULT, **facts: Any) -> tuple[str, Any] | None:
    """Return why this painting is left out, and the detail."""
    _, left_out = split_annotated(survey([painting(**facts)], rules).paintings, rules.required)
    return None if left_out.empty else (left_out["reason"].iloc[0], left_out["detail"].iloc[0])


@pytest.mark.parametrize(
    ("facts", "reason", "detail"),
    [
        ({"is_deleted": True}, "deleted by the source", None),
        ({"qualifier": "workshop of"}, "artist not certain", "workshop of Anker Albert"),
        ({"artist": None}, "no artist", None),
        ({"artist": "French Painter"}, "no artist", "French Painter"),
        ({"artist": "\u200b"}, "no artist", None),
        ({"genre": " "}, "no genre", None),
        ({"style": "\u200d\x07"}, "no style", None),
        ({"medium": "\ufeff"}, "no medium", None),
        ({"earliest": 1880, "dating_text": "1880-74"}, "dating reversed", "1880-74 (1880 to 1874)"),
        ({"earliest": None, "latest": None, "dating_text": "XIX cent."}, "no year", "XIX cent."),
        ({"earliest": None, "latest": None, "dating_text": None}, "no year", None),
        ({"earliest": None, "dating_text": "before 1874"}, "no year", "before 1874 (? to 1874)"),
        ({"earliest": 1850, "dating_text": "1850-74"}, "dating too wide", "1850-74 (1850 to 1874)"),
        ({"earliest": 1850, "dating_text": None}, "dating too wide", "1850 to 1874"),
        ({"genre": None}, "no genre", None),
        ({"style": None}, "no style", None),
        ({"medium": None}, "no medium", None),
        ({"image_path": None}, "no image", None),
    ],
)
def test_each_lack_has_its_reason(facts: dict[str, Any], reason: str, detail: str | None) -> None:
    left_out = reason_of(**facts)
    assert left_out
    assert left_out[0] == reason
    assert left_out[1] == detail if detail else pd.isna(left_out[1])


def test_of_several_reasons_the_first_counts() -> None:
    lacks: dict[str, dict[str, Any]] = {
        "no artist": {"artist": None},
        "no year": {"earliest": None},
        "no genre": {"genre": None},
        "no style": {"style": None},
        "no medium": {"medium": None},
        "no image": {"image_path": None},
    }
    facts: dict[str, Any] = {}
    for reason, lack in reversed(lacks.items()):
        facts |= lack
        assert (reason_of(**facts) or ())[0] == reason


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_not_required_may_lack(field: str) -> None:
    rules = Rules(require=tuple(name for name in FIELDS if name != field))
    lack = {"earliest": None} if field == "year" else {field: None}
    assert reason_of(**lack)
    assert reason_of(rules, **lack) is None


def test_a_required_field_that_nothing_tests_is_refused() -> None:
    with pytest.raises(CurateError, match="'colour' is no annotation: choose of artist, year, genre, style, medium"):
        split_annotated(survey([painting()], DEFAULT).paintings, ("artist", "colour"))


def test_a_kept_painting_that_lacks_a_required_field_is_an_error() -> None:
    blind = [criterion for criterion in CRITERIA if criterion.reason != "dating too wide"]
    with pytest.raises(IntegrityError, match="1 of the 2 paintings kept lack a required year"):
        split_annotated(survey([painting(), painting(earliest=1700)], DEFAULT).paintings, FIELDS, blind)


@pytest.mark.parametrize("reason", ["no colour", pd.NA])
def test_what_is_left_out_without_a_listed_reason_is_an_error(reason: Any) -> None:
    _, left_out = split_annotated(survey([painting(genre=None), painting(style=None)], DEFAULT).paintings, FIELDS)
    left_out.loc[left_out["reason"] == "no style", "reason"] = reason
    with pytest.raises(IntegrityError, match="1 of the 2 paintings left out have no listed reason"):
        reasons(left_out)


def test_every_annotation_and_every_reason_is_of_one_table() -> None:
    assert {criterion.field for criterion in CRITERIA} == {*FIELDS, IMAGE, None}
    assert [criterion.reason for criterion in CRITERIA] == list(REASONS[: len(CRITERIA)])


def test_an_image_is_always_required() -> None:
    assert (reason_of(Rules(require=()), image_path=None) or ())[0] == "no image"


@pytest.mark.parametrize(
    ("earliest", "latest", "max_span", "year"),
    [(1870, 1880, 10, 1880), (1869, 1880, 10, None), (1880, 1880, 0, 1880), (1879, 1880, 0, None), (-30, -21, 10, -21)],
)
def test_a_year_is_the_last_of_a_narrow_dating(earliest: int, latest: int, max_span: int, year: int | None) -> None:
    frame = survey([painting(earliest=earliest, latest=latest)], Rules(max_span=max_span)).paintings
    assert frame["year"].tolist() == [pd.NA if year is None else year]


@given(st.integers(-3000, 2100), st.integers(1, 100))
def test_a_decade_is_the_bin_that_the_year_falls_into(year: int, bin_years: int) -> None:
    (decade,) = survey([painting(earliest=year, latest=year)], Rules(bin_years=bin_years)).paintings["decade"]
    assert decade <= year < decade + bin_years
    assert decade % bin_years == 0


def test_more_than_is_stricter_than_at_least() -> None:
    works = [painting(artist=artist) for artist, number in {"A": 2, "B": 3, "C": 4}.items() for _ in range(number)]
    rules = Rules((Threshold(3, strict=True), Threshold(3), Threshold(2), Threshold(3)))
    surveyed = survey(works, rules).paintings
    kept, left_out = split_annotated(surveyed, FIELDS)
    datasets = select_datasets(surveyed, kept, left_out, rules)
    assert {dataset.name: sorted(set(dataset.kept["artist"])) for dataset in datasets} == {
        "all": ["A", "B", "C"],
        "min2": ["A", "B", "C"],
        "min3": ["B", "C"],
        "more3": ["C"],
    }
    assert [dataset.name for dataset in datasets] == ["all", "min2", "min3", "more3"]
    assert reasons(datasets[-1].left_out) == {"artist has too few paintings": 5}
    assert set(datasets[-1].left_out["detail"]) == {"A: 2, of 4 needed", "B: 3, of 4 needed"}


def test_only_annotated_paintings_count_for_an_artist() -> None:
    surveyed = survey([painting(), painting(), painting(genre=None)], Rules()).paintings
    kept, _ = split_annotated(surveyed, FIELDS)
    assert len(split_by_artist(kept, Threshold(2))[0]) == 2
    assert len(split_by_artist(kept, Threshold(3))[0]) == 0


def test_where_no_artist_is_required_paintings_without_one_are_in_all_alone() -> None:
    rules = Rules((Threshold(1),), require=("year",))
    surveyed = survey([painting(), painting(artist=None)], rules).paintings
    kept, left_out = split_annotated(surveyed, rules.required)
    everything, known = select_datasets(surveyed, kept, left_out, rules)
    assert (len(everything.kept), len(known.kept)) == (2, 1)
    assert reasons(known.left_out) == {"no artist": 1}


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "artist": st.sampled_from(["A", "B", None]),
                "earliest": st.sampled_from([1800, 1874, None]),
                "genre": st.sampled_from(["Portrait", None]),
                "image_path": st.sampled_from(["images/a.jpg", None]),
                "is_deleted": st.booleans(),
            }
        ),
        min_size=1,
        max_size=20,
    ),
    st.sets(st.integers(1, 4)),
    st.sets(st.sampled_from(FIELDS)),
)
def test_harvested_is_kept_and_left_out(facts: list[dict[str, Any]], numbers: set[int], require: set[str]) -> None:
    rules = Rules(tuple(Threshold(number) for number in numbers), tuple(require))
    surveyed = survey([painting(**changes) for changes in facts], rules).paintings
    kept, left_out = split_annotated(surveyed, rules.required)
    for dataset in select_datasets(surveyed, kept, left_out, rules):
        assert sum(reasons(dataset.left_out).values()) == len(dataset.left_out)
        assert (dataset.kept["artist"].dropna().value_counts() >= dataset.threshold.least).all()
        assert not set(dataset.kept["content_id"]) & set(dataset.left_out["content_id"])


@pytest.mark.parametrize("fault", ["lost", "doubled", "kept and left out"])
def test_sums_that_do_not_come_out_are_an_error(fault: str) -> None:
    surveyed = survey([painting(), painting(), painting(genre=None)], Rules()).paintings
    kept, left_out = split_annotated(surveyed, FIELDS)
    wrong = {
        "lost": DatasetSelection(ALL, kept.iloc[1:], left_out),
        "doubled": DatasetSelection(ALL, pd.concat([kept, kept]), left_out),
        "kept and left out": DatasetSelection(ALL, surveyed, left_out),
    }
    with pytest.raises(IntegrityError, match=r"dataset all: 3 paintings \(3 different\) are not the"):
        check_sums(surveyed, wrong[fault])


def test_one_painting_under_one_name_only() -> None:
    twice = survey([painting(source_id="x"), painting(source_id="x")], Rules()).paintings
    kept, left_out = split_annotated(twice, FIELDS)
    with pytest.raises(IntegrityError, match=r"2 paintings \(1 different"):
        check_sums(twice, DatasetSelection(ALL, kept, left_out))


def test_an_unknown_source_is_refused_with_those_there_are() -> None:
    with pytest.raises(CurateError, match=r"no painting of source 'tate': choose of met, wikiart"):
        survey([painting(), painting(source="met")], Rules(sources=("tate",)))


def test_an_empty_catalogue_is_refused() -> None:
    with pytest.raises(CurateError, match="no painting yet: harvest"):
        survey([], Rules())


def test_the_fingerprint_is_of_what_the_catalogue_says() -> None:
    one, other = painting(), painting(genre="Landscape")
    rules = Rules(max_span=0, bin_years=7)
    assert survey([one, other], Rules()).fingerprint == survey([other, one], rules).fingerprint
    assert survey([one], Rules()).fingerprint != survey([other], Rules()).fingerprint


def test_labels_are_translated_and_the_sources_words_kept() -> None:
    works = [
        painting(
            genre="Self_Portrait", style="impressionism", medium="doek, olieverf", artist="Goya (Francisco de Goya)"
        ),
        painting(source="met", genre="odd", style="odder", medium="Oil and gold on oak", artist="Francisco Goya"),
    ]
    rows = survey(works, Rules(media="terms")).paintings.set_index("source")
    assert rows.loc["wikiart", ["genre", "style", "medium", "medium_terms"]].tolist() == [
        "self-portrait", "Impressionism", "oil, canvas", "oil; canvas",
    ]  # fmt: skip
    assert rows.loc["met", ["genre", "style", "medium", "medium_terms"]].tolist() == [
        "odd", "odder", "oil, panel", "oil; gold; panel",
    ]  # fmt: skip
    assert rows["artist"].nunique() == 1
    assert rows["source_medium"].tolist() == ["Oil and gold on oak", "doek, olieverf"]
    assert survey(works, Rules()).paintings["medium_terms"].isna().all()


def test_rights_are_asked_for_word_by_word() -> None:
    rules = Rules(rights=("CC0",))
    assert reason_of(rules, rights="CC0") is None
    assert reason_of(rules, rights="In copyright") == ("other rights", "In copyright")
    assert (reason_of(rules, rights=None) or ())[0] == "other rights"


def test_a_middle_year_may_be_asked_for() -> None:
    frame = survey([painting(earliest=1870, latest=1879)], Rules(year="middle")).paintings
    assert (frame["year"].tolist(), frame["decade"].tolist()) == ([1874], [1870])


def test_an_image_is_not_required_where_there_are_to_be_no_pictures() -> None:
    assert reason_of(Rules(has_pictures=False), image_path=None) is None
