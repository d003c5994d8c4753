"""From a manifest's rows to arrays, and what is refused on the way."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.manifest import read_dataset
from tests.train.conftest import draw, painting, write_tiny_build
from train.config import Config, TrainError
from train.data.examples import examples_of


def test_examples_follow_the_rows_of_the_manifest(data: Path) -> None:
    dataset = read_dataset(data / "builds")
    examples = examples_of(dataset, Config(inputs=("genre", "style")))
    rows = dataset.rows.to_pylist()
    assert examples.ids == [row["content_id"] for row in rows]
    assert examples.images == []
    assert (examples.input_sizes, examples.target_sizes) == ({"genre": 2, "style": 2}, {"artist": 3, "decade": 3})
    for name, values in examples.fields.items():
        assert (values.sum(axis=1) == 1).all()
        assert [dataset.labels[name][number] for number in values.argmax(axis=1)] == [row[name] for row in rows]
    assert [examples.classes["decade"][number] for number in examples.truths["decade"]] == [
        row["decade"] for row in rows
    ]


def test_a_fold_validates_what_the_others_train_on(data: Path) -> None:
    examples = examples_of(read_dataset(data / "builds"), Config(inputs=("genre",)))
    for fold in range(5):
        both = [*examples.training_rows(fold), *examples.validated_rows(fold)]
        assert sorted(both) == list(range(30))
        assert len(examples.validated_rows(fold)) == 6


def test_the_folds_may_be_of_another_column(tmp_path: Path) -> None:
    rows = [painting(number, fold_series=number % 5, fold_duplicates=None) for number in range(30)]
    write_tiny_build(tmp_path, rows)
    dataset, config = read_dataset(tmp_path / "builds"), Config(inputs=("genre",))
    examples = examples_of(dataset, config, fold_column="fold_series")
    np.testing.assert_array_equal(examples.folds, np.arange(30) % 5)
    assert not np.array_equal(examples.folds, examples_of(dataset, config).folds)
    with pytest.raises(TrainError, match="no example in dataset tiny/all has a fold_duplicates: build again"):
        examples_of(dataset, config, fold_column="fold_duplicates")
    with pytest.raises(TrainError, match="no column 'artist' of folds: choose of fold_random, fold_duplicates, fold_s"):
        examples_of(dataset, config, fold_column="artist")


def test_a_picture_that_is_not_the_manifests_is_refused(data: Path) -> None:
    dataset = read_dataset(data / "builds")
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in dataset.images]
    place = dataset.rows.column_names.index("picture_sha256")
    digests_but_one = pa.array([None, *digests[1:]])
    dataset = replace(dataset, rows=dataset.rows.set_column(place, "picture_sha256", digests_but_one))
    assert len(examples_of(dataset, Config()).images) == 30
    draw(painting(8, source_id="99"), dataset.images[7])
    with pytest.raises(
        TrainError, match=r"1 of the build's 30 images are not what its manifest says.*07\.png.*build a"
    ):
        examples_of(dataset, Config())
    assert examples_of(dataset, Config(inputs=("genre",))).images == []


def test_a_painting_without_a_fold_is_trained_on_and_never_validated(tmp_path: Path) -> None:
    rows = [painting(number) | ({"fold_random": None} if number < 3 else {}) for number in range(30)]
    write_tiny_build(tmp_path, rows)
    examples = examples_of(read_dataset(tmp_path / "builds"), Config(inputs=("genre",)))
    for fold in range(5):
        assert set(range(3)) <= set(examples.training_rows(fold))
        assert not set(range(3)) & set(examples.validated_rows(fold))


def test_a_build_without_pictures_has_no_image_to_learn_from(data: Path) -> None:
    dataset = read_dataset(data / "builds")
    images = pa.nulls(dataset.rows.num_rows, pa.string())
    bare = replace(dataset, rows=dataset.rows.set_column(dataset.rows.column_names.index("image"), "image", images))
    assert examples_of(bare, Config(inputs=("genre",))).images == []
    with pytest.raises(TrainError, match="was built without pictures: build without --no-images, or leave image out"):
        examples_of(bare, Config(inputs=("image", "genre")))


def test_labels_that_the_vocabulary_lacks_are_refused(data: Path) -> None:
    labels = data / "builds" / "tiny" / "all" / "labels.json"
    labels.write_text(labels.read_text().replace("Realism", "Naturalism"))
    dataset = read_dataset(data / "builds")
    with pytest.raises(TrainError, match="does not list style 'Realism'"):
        examples_of(dataset, Config())


def test_examples_that_lack_a_label_are_kept_where_labels_may_be_absent(tmp_path: Path) -> None:
    rows = [painting(number) for number in range(30)]
    write_tiny_build(tmp_path, [rows[0] | {"genre": None}, rows[1] | {"artist": None}, *rows[2:]])
    dataset, config = read_dataset(tmp_path / "builds"), Config(inputs=("genre",), vocabulary="fold")
    examples = examples_of(dataset, config)
    assert len(examples.ids) == 30
    assert examples.input_sizes == {"genre": 4}
    np.testing.assert_array_equal(examples.fields["genre"][0], [0, 0, 1, 0])
    assert examples.truths["artist"][1] == -1
    with pytest.raises(TrainError, match=r"1 of the 30 examples in dataset tiny/all have no genre: train with --vocab"):
        examples_of(dataset, Config(inputs=("genre",)))


def test_the_vocabulary_is_the_training_folds(tmp_path: Path) -> None:
    rows = [painting(number, genre="still life" if number in (0, 15) else "portrait") for number in range(30)]
    write_tiny_build(tmp_path, rows)
    examples = examples_of(read_dataset(tmp_path / "builds"), Config(inputs=("genre",), vocabulary="fold"))
    np.testing.assert_array_equal(examples.fields["genre"][0], [0, 1, 0, 1])
    seen = examples.in_vocabulary_of(examples.training_rows(0))  # both still lifes are in fold 0
    np.testing.assert_array_equal(seen.fields["genre"][0], [0, 0, 1, 1])
    np.testing.assert_array_equal(seen.fields["genre"][1:15], examples.fields["genre"][1:15])
    others = examples.in_vocabulary_of(examples.training_rows(1))
    np.testing.assert_array_equal(others.fields["genre"], examples.fields["genre"])
