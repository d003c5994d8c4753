import pandas as pd
import pytest

from curate.errors import CurateError
from curate.selection.annotated import split_annotated, survey
from curate.selection.criteria import ALL, PAPER, Rules, Threshold
from curate.selection.left_out import reasons
from curate.selection.thresholds import check_not_empty, select_datasets, split_shared
from tests.curate.selection.test_annotated import painting


def test_without_a_threshold_those_of_the_paper_that_an_artist_reaches() -> None:
    rules = Rules()
    surveyed = survey([painting(artist="A") for _ in range(51)] + [painting(artist="B")], rules).paintings
    kept, left_out = split_annotated(surveyed, rules.required)
    assert [dataset.name for dataset in select_datasets(surveyed, kept, left_out, rules)] == ["all", "more50"]
    assert rules.datasets == [ALL, *PAPER]


def test_only_values_that_two_sources_share_are_kept_until_no_more_go() -> None:
    kept = pd.DataFrame(
        {
            "content_id": list("abcdef"),
            "source": ["x", "y", "x", "y", "x", "y"],
            "genre": ["portrait", "portrait", "portrait", "marina", "landscape", "landscape"],
            "medium": ["oil", "oil", "ink", "ink", "oil", "oil"],
        }
    )
    shared, left_out = split_shared(kept, ["genre", "medium"])
    assert shared["content_id"].tolist() == ["a", "b", "e", "f"]
    assert dict(zip(left_out["content_id"], left_out["detail"], strict=True)) == {
        "d": "genre marina",
        "c": "medium ink",
    }
    assert reasons(left_out) == {"value of one source alone": 2}
    everything, nothing = split_shared(shared, ["genre", "medium"])
    assert (len(everything), len(nothing)) == (4, 0)


def test_a_source_that_names_no_style_is_told_what_to_do() -> None:
    rules = Rules()
    surveyed = survey([painting(source="met", style=None), painting(source="rma", style=None)], rules).paintings
    kept, left_out = split_annotated(surveyed, rules.required)
    with pytest.raises(
        CurateError,
        match=r"met and rma name no style at all: build with --require artist,year,genre,medium, or .* \(--wikidata\)",
    ):
        check_not_empty(kept, left_out, rules)
    with pytest.raises(CurateError) as told:
        check_not_empty(kept, left_out, Rules(require=("genre",)))
    assert "name no style" not in str(told.value)


def test_a_default_threshold_that_nobody_reaches_is_not_refused() -> None:
    surveyed = survey([painting()], Rules()).paintings
    kept, left_out = split_annotated(surveyed, Rules().required)
    check_not_empty(kept, left_out, Rules())
    with pytest.raises(CurateError, match="choose --min-per-artist 1 or less"):
        check_not_empty(kept, left_out, Rules((Threshold(2),)))
