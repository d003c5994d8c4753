import pandas as pd

from curate.build.source_gain import readable, source_gain, source_gains
from curate.manifest import SourceGain


def test_a_value_of_one_source_names_it() -> None:
    sources = pd.Series(["met"] * 6 + ["rma"] * 4)
    assert source_gain(sources, pd.Series(["Oil on canvas"] * 6 + ["doek, olieverf"] * 4)) == SourceGain(0.6, 1.0)
    assert source_gain(sources, pd.Series(["oil, canvas"] * 10)) == SourceGain(0.6, 0.6)


def test_a_value_that_stands_once_says_nothing() -> None:
    sources = pd.Series(["met"] * 6 + ["rma"] * 4)
    assert source_gain(sources, pd.Series([f"artist {n}" for n in range(10)])) == SourceGain(0.6, 0.6)


def test_a_missing_value_is_a_value() -> None:
    assert source_gain(pd.Series(["a", "a", "a", "b", "b"]), pd.Series(["x", "x", "x", None, None])) == SourceGain(
        0.6, 1
    )


def test_one_source_alone_cannot_be_read() -> None:
    assert source_gains(pd.DataFrame({"source": ["a", "a"]})) == {}
    assert source_gain(pd.Series(["a", "a"]), pd.Series(["x", "y"])) == SourceGain(1.0, 1.0)


def test_size_and_aspect_are_measured_beside_the_labels() -> None:
    kept = pd.DataFrame(
        {
            "source": ["met"] * 20 + ["rma"] * 20,
            **dict.fromkeys(("artist", "decade", "genre", "style", "medium"), "same"),
            "image_width": pd.array([400] * 20 + [900] * 20, "Int64"),
            "image_height": pd.array([300] * 20 + [600] * 20, "Int64"),
        }
    )
    gains = source_gains(kept)
    assert list(gains) == ["artist", "decade", "genre", "style", "medium", "size", "aspect"]
    assert (gains["size"].accuracy, gains["artist"].gain) == (1.0, 0.0)


def test_what_reaches_the_limit_is_told() -> None:
    gains = {"medium": SourceGain(0.6, 0.7), "genre": SourceGain(0.6, 0.69), "size": SourceGain(0.6, 1.0)}
    told = "size alone names the source in 1.00 of cases, medium in 0.70; the commonest source is 0.60"
    assert readable(gains, 0.1) == [told]
    assert readable(gains, 0.5) == []


def test_what_is_measured_of_images_is_read_by_its_tenths() -> None:
    kept = pd.DataFrame(
        {
            "source": ["met"] * 20 + ["rma"] * 20,
            **dict.fromkeys(("artist", "decade", "genre", "style", "medium"), "same"),
            **dict.fromkeys(("image_width", "image_height"), pd.array([300] * 40, "Int64")),
            "jpeg_quality": pd.array([75] * 20 + [pd.NA] * 20, "Int64"),  # the others are no JPEG
            "greyness": [0.5 + number / 1000 for number in range(40)],
            "border": [0.0] * 10 + [0.1] * 10 + [0.0] * 20,
        }
    )
    gains = source_gains(kept.assign(jpeg_quality=pd.array([75] * 20 + [95] * 20, "Int64")))
    assert list(gains)[5:] == ["jpeg_quality", "greyness", "border"]
    assert [gains[name].accuracy for name in ("jpeg_quality", "greyness", "border")] == [1.0, 1.0, 0.75]
    assert "jpeg_quality" not in source_gains(kept)  # one quality only
