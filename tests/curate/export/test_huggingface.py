"""Exports and builds as `datasets` of Hugging Face reads them, offline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from curate.export.export import Export
from curate.export.rows import FACTS
from curate.manifest import LABELS, read_dataset
from tests.curate.conftest import Museum

Exported = Callable[..., Export]

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def loaded(tmp_path: Path, *arguments: str, **options: Any) -> Any:
    return datasets.load_dataset(*arguments, split="train", cache_dir=str(tmp_path / "cache"), **options)


def expect_rows(table: Any, rows: list[dict[str, Any]], labels: dict[str, list[Any]]) -> None:
    """Assert that a dataset of Hugging Face holds these rows of a manifest, with their pictures."""
    for label in LABELS:
        assert table.features[label] == datasets.ClassLabel(names=[str(value) for value in labels[label]])
    assert table.num_rows == len(rows)
    for example, row in zip(table, rows, strict=True):
        assert example.pop("image").size == (row["width"], row["height"])
        for label in LABELS:
            row = row | {label: None if row[label] is None else labels[label].index(row[label])}
        assert example == {name: value for name, value in row.items() if name != "image"}


@pytest.mark.parametrize("name", ["huggingface", "imagefolder"])
def test_an_export_is_read_with_pictures_and_class_names(
    exported: Exported, tmp_path: Path, name: str, shared_rows: list[dict[str, Any]], labels: dict[str, list[Any]]
) -> None:
    expect_rows(loaded(tmp_path, str(exported(name).folder)), shared_rows, labels)


def test_an_imagefolder_is_read_by_its_name(
    exported: Exported, tmp_path: Path, shared_rows: list[dict[str, Any]], labels: dict[str, list[Any]]
) -> None:
    folder = str(exported("imagefolder").folder)
    expect_rows(loaded(tmp_path, "imagefolder", data_dir=folder), shared_rows, labels)


def test_metadata_alone_are_read(exported: Exported, data: Path, tmp_path: Path) -> None:
    table = loaded(tmp_path, str(exported("huggingface", metadata_only=True).folder))
    rows = read_dataset(data / "builds", "x/all").rows
    assert set(table.column_names) == set(FACTS)
    assert table.to_list() == rows.select(table.column_names).to_pylist()


@pytest.mark.parametrize("how", ["imagefolder", "folder"])
def test_a_builds_own_folder_is_read_as_its_dataset_all(data: Path, tmp_path: Path, how: str) -> None:
    build = data / "builds/x"
    everything = read_dataset(data / "builds", "x/all")
    table = (
        loaded(tmp_path, "imagefolder", data_dir=str(build)) if how == "imagefolder" else loaded(tmp_path, str(build))
    )
    expect_rows(table, everything.rows.to_pylist(), everything.labels)


def test_a_build_without_pictures_is_no_imagefolder_but_a_table(museum: Museum, tmp_path: Path) -> None:
    museum.add()
    build = museum.build(name="plain", has_pictures=False, figures=True).folder
    with pytest.raises(ValueError, match=r"`file_name`.* must be present"):
        loaded(tmp_path, "imagefolder", data_dir=str(build))
    assert loaded(tmp_path, str(build), "all").to_list() == read_dataset(build.parent).rows.to_pylist()


def test_a_large_export_has_several_files(
    exported: Exported, tmp_path: Path, shared_rows: list[dict[str, Any]], labels: dict[str, list[Any]]
) -> None:
    folder = exported("huggingface", shard_rows=5).folder / "data"
    assert [path.name for path in sorted(folder.iterdir())] == ["00000.parquet", "00001.parquet", "00002.parquet"]
    expect_rows(loaded(tmp_path, str(folder)), shared_rows, labels)
