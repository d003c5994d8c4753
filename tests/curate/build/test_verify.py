import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from curate.build.diff import diff
from curate.build.verify import verify
from curate.manifest import SCHEMA, ManifestError, read_dataset
from curate.selection.criteria import Threshold
from tests.curate.conftest import Museum, jpeg


@pytest.fixture
def build(museum: Museum) -> Path:
    for artist in ("A", "A", "A", "B"):
        museum.add(artist)
    museum.add(None)
    return museum.build(name="x", thresholds=(Threshold(2),)).folder


def change(build: Path, dataset: str, column: str, values: list[object]) -> None:
    rows = read_dataset(build.parent, f"x/{dataset}").rows
    place = SCHEMA.get_field_index(column)
    column_now = pa.array(values, SCHEMA.field(column).type)
    pa.parquet.write_table(
        rows.set_column(place, SCHEMA.field(column), column_now), build / dataset / "manifest.parquet"
    )


def put(build: Path, key: str, value: object) -> None:
    path = build / "build.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))


def test_a_whole_build_has_no_faults(build: Path) -> None:
    assert verify(build) == []


FAULTS: list[tuple[Callable[[Path], object], str]] = [
    (lambda build: (build / "README.md").write_text("?"), "README.md is absent or not as it was written"),
    (lambda build: (build / "table1.csv").unlink(), "table1.csv is absent or not as it was written"),
    (lambda build: next(build.rglob("*.jpg")).unlink(), " is absent"),
    (lambda build: (build / "left_out.csv").unlink(), "left_out.csv is absent: build again with 'curate build'"),
    (lambda build: (build / "left_out.csv").write_text(""), "left_out.csv is no CSV table: build again"),
    (lambda build: (build / "left_out.csv").write_text("a,b\n1,2\n"), "left_out.csv lacks the columns dataset, "),
    (lambda build: (build / "left_out.csv").write_bytes(b"\xea\xff"), "left_out.csv is no CSV table: build again"),
    (lambda build: shutil.rmtree(build / "min2"), "min2/manifest.parquet is absent or not as it was written"),
    (lambda build: (build / "build.json").write_text("{"), "build.json is not JSON: build again with 'curate build'"),
    (
        lambda build: put(build, "counts", "many"),
        "build.json is damaged (its 'counts' is of another kind",
    ),
    (lambda build: put(build, "files", 7), "build.json is damaged (its 'files' is of another kind than expected"),
    (lambda build: put(build, "datasets", [{"name": "all"}]), "build.json is damaged (it lacks 'rule')"),
    (lambda build: change(build, "all", "width", [7, 8, 9, 6]), " has 40 × 30 pixels, the manifest says "),
    (lambda build: next(build.rglob("*.jpg")).write_bytes(jpeg()), ".jpg is not as it was written"),
    (
        lambda build: (build / "all" / "manifest.parquet").write_bytes(b"PAR1"),
        "all/manifest.parquet is absent or not as it was written",
    ),
    (lambda build: change(build, "all", "fold_random", [0, 1, 7, 2]), "all: fold_random has 7, expected 0 to 4"),
    (lambda build: change(build, "all", "genre", ["x"] * 4), "all: labels.json has other values of genre"),
    (
        lambda build: change(build, "min2", "title", ["x"] * 3),
        "min2: 3 rows with other content than in all",
    ),
]


@pytest.mark.parametrize(("damage", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_what_is_wrong_is_told(build: Path, damage: Callable[[Path], object], fault: str) -> None:
    damage(build)
    assert any(fault in told for told in verify(build)), verify(build)


def test_a_group_that_folds_split_is_told(build: Path) -> None:
    change(build, "all", "duplicate_group", ["d1", "d1", None, None])
    change(build, "all", "fold_duplicates", [0, 1, 2, 3])
    change(build, "all", "fold_series", [0, 0, 0, 0])
    faults = verify(build)
    assert "all: fold_duplicates splits 1 group of duplicate_group" in faults
    assert not [fault for fault in faults if "fold_series" in fault]


def test_sums_that_do_not_come_out_are_told(build: Path) -> None:
    lines = (build / "left_out.csv").read_text().splitlines()
    (build / "left_out.csv").write_text("\n".join(line for line in lines if "no artist" not in line) + "\n")
    assert "all: left_out.csv has none, build.json says 1 no artist" in verify(build)


@pytest.mark.parametrize("content", [None, "", "?"])
def test_builds_whose_reasons_are_lost_are_not_compared(build: Path, content: str | None) -> None:
    other = build.with_name("other")
    shutil.copytree(build, other)
    (other / "left_out.csv").unlink()
    if content is not None:
        (other / "left_out.csv").write_text(content)
    with pytest.raises(ManifestError, match=r"left_out\.csv .*: build again with 'curate build'"):
        diff(build, other)


def test_datasets_that_lead_out_of_a_build_are_refused(build: Path) -> None:
    datasets = json.loads((build / "build.json").read_text())["datasets"]
    put(build, "datasets", [datasets[0] | {"name": "../y/all"}])
    with pytest.raises(ManifestError, match="names datasets that lead out of the build: do not use this build"):
        verify(build)


def test_what_is_no_build_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no build at"):
        verify(tmp_path)
