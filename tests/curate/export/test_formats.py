"""Exports as webdataset, tf.data and frictionless read them."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import pytest
import webdataset

from curate.export.export import Export
from curate.export.rows import Example, Shard, open_dataset
from curate.export.webdataset import write_shard
from curate.manifest import LABELS

Exported = Callable[..., Export]

pytestmark = [  # webdataset leaves its files to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def with_classes(row: dict[str, Any], labels: dict[str, list[Any]]) -> dict[str, Any]:
    """Return a manifest's row with class numbers, and names beside them."""
    row = {name: value for name, value in row.items() if name != "image"}
    for label in LABELS:
        value = row[label]
        row[f"{label}_name"] = None if value is None else str(value)
        row[label] = None if value is None else labels[label].index(value)
    return row


def test_webdataset_reads_its_shards(
    exported: Exported, shared_rows: list[dict[str, Any]], labels: dict[str, list[Any]]
) -> None:
    folder = exported("webdataset").folder
    files = sorted(str(path) for path in folder.glob("*.tar"))
    examples = list(webdataset.WebDataset(files, shardshuffle=False).decode("pil"))
    assert [example["json"] for example in examples] == [with_classes(row, labels) for row in shared_rows]
    assert [example["jpg"].size for example in examples] == [(row["width"], row["height"]) for row in shared_rows]
    assert json.loads((folder / "labels.json").read_text()) == {
        label: [str(value) for value in values] for label, values in labels.items()
    }


def test_frictionless_reads_its_package(
    exported: Exported, shared_rows: list[dict[str, Any]], labels: dict[str, list[Any]]
) -> None:
    folder = exported("frictionless").folder
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "note"])
    package = frictionless.Package(str(folder / "datapackage.json"))
    resource = package.get_resource("examples")
    assert [row.to_dict() for row in resource.read_rows()] == shared_rows
    assert resource.schema.get_field("artist").constraints["enum"] == labels["artist"]
    assert all((folder / row["image"]).is_file() for row in shared_rows)
    assert [licence["path"] for licence in package.licenses] == ["https://creativecommons.org/publicdomain/mark/1.0/"]


def test_a_value_beyond_the_labels_is_noticed_by_frictionless(exported: Exported) -> None:
    folder = exported("frictionless").folder
    table = folder / "examples.csv"
    table.write_text(table.read_text().replace(",portrait,", ",portrat,"))
    assert not frictionless.validate(str(folder / "datapackage.json")).valid


def test_the_keys_of_webdataset_go_on_from_file_to_file(exported: Exported) -> None:
    folder = exported("webdataset", all_rights=True, shard_rows=4).folder
    files = sorted(str(path) for path in folder.glob("*.tar"))
    assert len(files) == 4
    keys = [example["__key__"] for example in webdataset.WebDataset(files, shardshuffle=False)]
    assert keys == [f"{number:09d}" for number in range(14)]


@pytest.mark.parametrize("size", [0, 1, 512, 20000])
def test_an_archive_is_what_tarfile_writes(tmp_path: Path, data: Path, size: int) -> None:
    layout = open_dataset(data / "builds", "x/all").layout(has_pictures=True, is_whole=False)
    row = dict.fromkeys(layout.columns.names)
    write_shard(tmp_path, layout, Shard(0, 0, 3), [Example(row, b"x" * size)] * 3)
    with tarfile.open(tmp_path / "theirs", "w", format=tarfile.USTAR_FORMAT) as archive:
        for place in range(3):
            for name, content in (("jpg", b"x" * size), ("json", json.dumps(row).encode())):
                entry = tarfile.TarInfo(f"{place:09d}.{name}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    assert (tmp_path / "00000.tar").read_bytes() == (tmp_path / "theirs").read_bytes()
