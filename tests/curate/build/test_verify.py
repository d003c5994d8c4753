from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

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


def test_a_whole_build_has_no_faults(build: Path) -> None:
    assert verify(build) == []


FAULTS: list[tuple[Callable[[Path], object], str]] = [
    (lambda build: (build / "README.md").write_text("?"), "README.md is absent or not as it was written"),
    (lambda build: (build / "table1.csv").unlink(), "table1.csv is absent or not as it was written"),
    (lambda build: next(build.rglob("*.jpg")).unlink(), " is absent"),
    (lambda build: next(build.rglob("*.jpg")).write_bytes(jpeg()), ".jpg is not as it was written"),
    (
        lambda build: (build / "all" / "manifest.parquet").write_bytes(b"PAR1"),
        "all/manifest.parquet is absent or not as it was written",
    ),
    (lambda build: change(build, "all", "fold_random", [0, 1, 7, 2]), "all: fold_random has [7], expected 0 to 4"),
    (lambda build: change(build, "all", "genre", ["x"] * 4), "all: labels.json has other values of genre"),
    (lambda build: change(build, "min2", "title", ["x"] * 3), "min2: 3 rows are not those of all"),
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
    assert "all: fold_duplicates splits 1 groups of duplicate_group" in faults
    assert not [fault for fault in faults if "fold_series" in fault]


def test_sums_that_do_not_come_out_are_told(build: Path) -> None:
    lines = (build / "left_out.csv").read_text().splitlines()
    (build / "left_out.csv").write_text("\n".join(line for line in lines if "no artist" not in line) + "\n")
    assert "all: left_out.csv has {}, build.json says {'no artist': 1}" in verify(build)


def test_what_is_no_build_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no build at"):
        verify(tmp_path)
