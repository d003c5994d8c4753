"""Every export says of each label whose it is: the source's, a network's that a person accepted, or a person's."""

import json
import tarfile
from pathlib import Path

import pyarrow.parquet
import pytest

from curate.export.export import FORMATS, export
from curate.selection.accepted import Accepted
from curate.tables import read_csv
from tests.curate.build.test_grouping import drawn
from tests.curate.conftest import Museum

MODEL = "cd" * 32


@pytest.fixture
def data(museum: Museum) -> Path:
    """A build of two paintings and two completed ones, of which one may not be shared."""
    for number in range(2):
        museum.add("A", image=drawn(number), title=f"Sheep {'ab'[number]}")
    gaps = [museum.add(None, image=drawn(9), title="Cows a")]
    gaps += [museum.add(None, image=drawn(10), title="Cows b", rights="© the heirs")]
    accepted = [Accepted(name, "artist", "A", "suggestion", "net", MODEL, 0.9) for name in gaps]
    museum.build(name="x", with_suggestions=True, accepted=accepted)
    return museum.data


@pytest.mark.parametrize("format_name", FORMATS)
def test_each_format_names_what_was_suggested_and_by_which_network(data: Path, format_name: str) -> None:
    folder = export(data, "x/all", format_name, program="raisonne 1").folder
    (row,) = read_csv(folder / "suggestions.csv").to_pylist()
    assert (row["content_id"], row["field"], row["origin"], row["run"], row["model_sha256"]) == (
        "wikiart:3", "artist", "suggestion", "net", MODEL
    )  # fmt: skip
    assert "suggestions.csv" in json.loads((folder / "export.json").read_text())["files"]
    assert "Where `suggested` names a label, it is a network's" in (folder / "README.md").read_text()
    assert suggested(folder, format_name) == [None, None, "artist"]


def suggested(folder: Path, format_name: str) -> list[str | None]:
    """Read the column from the format's own files."""
    if format_name == "webdataset":
        with tarfile.open(folder / "00000.tar") as archive:
            names = sorted(name for name in archive.getnames() if name.endswith(".json"))
            return [json.load(archive.extractfile(name))["suggested"] for name in names]  # type: ignore[arg-type]
    if format_name == "tfrecord":
        content = (folder / "00000.tfrecord").read_bytes()
        return [None] * (3 - content.count(b"suggested")) + ["artist"] * content.count(b"suggested")
    if format_name == "frictionless":
        return read_csv(folder / "examples.csv")["suggested"].to_pylist()
    table = folder / ("metadata.parquet" if format_name == "imagefolder" else "data/00000.parquet")
    return pyarrow.parquet.read_table(table)["suggested"].to_pylist()


def test_metadata_alone_have_no_labels_and_so_nobodys(data: Path) -> None:
    folder = export(data, "x/all", "frictionless", program="raisonne 1", metadata_only=True).folder
    assert not (folder / "suggestions.csv").exists()


def test_the_builds_papers_name_the_network(data: Path) -> None:
    note = f"artist of 2 (the network's, accepted, network net, model {MODEL[:12]})"
    for name in ("README.md", "croissant.json", "build.json"):
        assert note in (data / "builds/x" / name).read_text(), name
    assert "suggestions.csv says of each which network" in (data / "builds/x/croissant.json").read_text()
