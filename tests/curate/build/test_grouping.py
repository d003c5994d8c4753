import io
from collections import defaultdict

import numpy as np
from PIL import Image

from curate.manifest import read_dataset
from curate.tables import read_csv
from tests.curate.conftest import Museum


def drawn(seed: int, crop: int = 0, quality: int = 95) -> bytes:
    """Draw a picture that has shapes to be known by; with `crop` pixels less on the left."""
    chance = np.random.default_rng(seed)
    small = Image.fromarray(chance.integers(0, 256, (24, 32, 3)).astype(np.uint8))
    picture = small.resize((480, 360), Image.Resampling.BICUBIC).crop((crop, 0, 480, 360))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=quality)
    return target.getvalue()


def test_duplicates_and_series_are_grouped_and_no_fold_splits_them(museum: Museum) -> None:
    same = [museum.add("A", image=drawn(1), title="Same"), museum.add("B", image=drawn(1), title="File")]
    cropped = [
        museum.add("A", image=drawn(2), title="Whole"),
        museum.add("C", image=drawn(2, crop=24, quality=80), title="Cropped"),
    ]
    series = [museum.add("A", image=drawn(10 + n), title=f"Water Lilies ({n})") for n in range(3)]
    for number in range(20, 30):
        museum.add("A", image=drawn(number), title=f"A title of its own, {chr(65 + number)}")
    done = museum.build(name="x")
    rows = {row["content_id"]: row for row in read_dataset(museum.data / "builds").rows.to_pylist()}
    for group in (same, cropped):
        assert {rows[name]["duplicate_group"] for name in group} == {min(group)}
    assert {rows[name]["series"] for name in series} == {min(series)}
    for column, keys in {"fold_duplicates": ["duplicate_group"], "fold_series": ["duplicate_group", "series"]}.items():
        for key in keys:
            folds = defaultdict(set)
            for row in rows.values():
                if row[key]:
                    folds[row[key]].add(row[column])
            assert all(len(there) == 1 for there in folds.values())
    grounds = {
        (row["first"], row["second"]): row["ground"] for row in read_csv(done.folder / "duplicates.csv").to_pylist()
    }
    assert grounds == {tuple(sorted(same)): "same file", tuple(sorted(cropped)): "near-duplicate pictures"}
    notes = done.build_info.notes
    assert "4 paintings are in 2 groups of duplicates; fold_random may part them" in notes
    meaning = (
        "series, which fold_series alone keeps whole: with other folds, what is tested may be like what was trained"
    )
    assert any(meaning in note for note in notes), notes


def test_without_pictures_duplicates_are_not_looked_for(museum: Museum) -> None:
    for number in range(3):
        museum.add(title=f"Study no. {number}")
    museum.build(name="x", has_pictures=False)
    rows = read_dataset(museum.data / "builds").rows
    assert rows["duplicate_group"].null_count == rows["fold_duplicates"].null_count == 3
    assert rows["series"].null_count == rows["fold_series"].null_count == 0


def test_what_is_measured_of_the_images_stands_in_the_source_gain(museum: Museum) -> None:
    for number in range(3):
        museum.add("A", image=drawn(number, quality=95))
        museum.add("B", source="met", image=drawn(number + 10, quality=60))
    gains = museum.build(name="x").build_info.source_gain
    assert gains["jpeg_quality"].accuracy == 1.0
    assert {"greyness", "size", "aspect"} & gains.keys() >= {"greyness"}
    assert "jpeg_quality" not in museum.build(name="y", has_pictures=False).build_info.source_gain
