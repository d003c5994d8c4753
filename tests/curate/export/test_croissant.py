import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlcroissant
import pytest

from curate.build.verify import verify
from curate.manifest import LABELS, file_digest, read_build, read_dataset
from curate.selection.criteria import Threshold
from tests.curate.conftest import Museum

pytestmark = [  # mlcroissant uses what rdflib and pandas deprecate
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib"),
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
]


@pytest.fixture
def build(museum: Museum) -> Path:
    for number in range(12):
        rights = "http://creativecommons.org/publicdomain/mark/1.0/" if number % 2 else "© the painter's heirs"
        museum.add("AB"[number % 3 == 0], rights=rights, dating=("-5", -5, -5) if number == 5 else ("1874", 1874, 1874))
    museum.add(None)
    return museum.build(name="x", thresholds=(Threshold(5),)).folder


def described(build: Path) -> Any:
    return json.loads((build / "croissant.json").read_text())


def decoded(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else None if value is None or value != value else value


def records(build: Path, name: str) -> list[dict[str, Any]]:
    rows = mlcroissant.Dataset(jsonld=str(build / "croissant.json")).records(name)
    return [{key.rpartition("/")[2]: decoded(value) for key, value in row.items()} for row in rows]


def test_it_is_valid_and_lacks_only_what_a_publisher_knows(build: Path) -> None:
    issues = mlcroissant.Dataset(jsonld=str(build / "croissant.json")).metadata.ctx.issues
    assert issues.errors == set()
    assert {warning.partition('"')[2] for warning in issues.warnings} <= {
        'https://schema.org/datePublished" is recommended, but does not exist.'
    }


@pytest.mark.parametrize("dataset", ["all", "min5"])
def test_mlcroissant_reads_the_rows_of_each_dataset(build: Path, dataset: str) -> None:
    assert records(build, dataset) == read_dataset(build.parent, f"x/{dataset}").rows.to_pylist()


def test_mlcroissant_reads_the_pictures_by_the_paths_that_the_rows_name(build: Path) -> None:
    shown = {record["path"]: record["content"].size for record in records(build, "pictures")}
    assert shown == {
        row["image"]: (row["width"], row["height"]) for row in read_dataset(build.parent, "x/all").rows.to_pylist()
    }


def test_mlcroissant_reads_the_values_in_the_order_of_their_numbers(build: Path) -> None:
    for label in LABELS:
        values = [record["name"] for record in records(build, f"min5/{label}/values")]
        assert values == read_dataset(build.parent, "x/min5").labels[label]


def test_the_splits_are_the_folds(build: Path) -> None:
    assert [record["fold"] for record in records(build, "folds")] == [0, 1, 2, 3, 4]


def test_a_changed_manifest_is_noticed_by_its_hash(build: Path) -> None:
    files = {item["@id"]: item.get("sha256") for item in described(build)["distribution"]}
    assert files.pop("images") is None
    assert files == {name: file_digest(build / name) for name in files}
    assert set(files) == {
        f"{dataset}/{name}" for dataset in ("all", "min5") for name in ("manifest.parquet", "labels.json")
    }
    path = build / "all/manifest.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Exception, match=r"Download\(all/manifest.parquet\)") as error:
        records(build, "all")
    assert "is not identical with the reference" in str(error.value.__cause__)


def test_it_says_whence_the_rights_the_biases_and_the_limits(build: Path) -> None:
    content, info = described(build), read_build(build)
    assert content["license"] == ["https://creativecommons.org/publicdomain/mark/1.0/", "© the painter's heirs"]
    assert [entity["name"] for entity in content["prov:wasDerivedFrom"]] == ["wikiart"]
    assert info.digest in content["prov:wasGeneratedBy"]["description"]
    assert content["rai:dataCollectionMissingData"] == "1 of 13 were left out: 1 no artist."
    assert set(info.notes) <= set(content["rai:dataLimitations"])
    assert {"rai:dataBiases", "rai:dataCollection", "rai:dataUseCases", "rai:personalSensitiveInformation"} <= set(
        content
    )


def test_a_build_of_several_sources_says_what_names_them(museum: Museum) -> None:
    for number in range(12):
        museum.add(source=("met", "wikiart")[number % 2], genre=("portrait", "landscape")[number % 2])
    biases = described(museum.build(name="x").folder)["rai:dataBiases"]
    assert "'genre' alone names the source of 100% of the paintings; always naming the commonest, 50%" in biases


def test_a_build_without_pictures_has_no_file_set(museum: Museum) -> None:
    museum.add()
    build = museum.build(name="x", has_pictures=False).folder
    assert [item["@type"] for item in described(build)["distribution"]] == ["cr:FileObject"] * 2
    assert records(build, "all") == read_dataset(build.parent).rows.to_pylist()


def test_the_same_build_has_the_same_bytes(make_museum: Callable[[str], Museum]) -> None:
    contents = []
    for place in ("here", "there"):
        museum = make_museum(place)
        museum.add()
        contents.append((museum.build(name="x").folder / "croissant.json").read_bytes())
    assert contents[0] == contents[1]
    assert str(museum.data).encode() not in contents[0]


def test_verify_knows_the_file_and_a_build_from_before_it(build: Path) -> None:
    path = build / "croissant.json"
    path.write_text("{}")
    assert verify(build) == ["croissant.json is absent or not as it was written"]
    path.unlink()
    info = json.loads((build / "build.json").read_text())
    del info["files"]["croissant.json"]
    (build / "build.json").write_text(json.dumps(info))
    assert verify(build) == []
