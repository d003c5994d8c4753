"""`train paper` as its users see it: what it makes, shows in a browser, keeps and refuses."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pyarrow.parquet
import pytest
from PIL import Image

from curate.manifest import read_build, write_build
from tests.browser import CHROMIUM, Page, browser
from tests.conftest import need
from tests.train.conftest import Ran, painting, report_of, write_network, write_tiny_build
from tests.train.paper.conftest import BEFORE_KILL, QUICK, Made, times, write_two_datasets
from train.paper.published import SCORES

pytestmark = pytest.mark.slow

Train = Callable[..., Ran]

FIGURES = {"figure_4", "figure_5", "figure_8", "figure_9", "figure_10_artist", "figure_10_decade", "figure_11_single",
           "figure_11_multi", "figure_11_difference", "gains", "paintings_per_artist"}  # fmt: skip
TABLES = {"table_1", "table_2", "table_3", "table_4", "table_5", "gains", "paintings_per_artist", "augmentation",
          "ablation", "times", "runs"}  # fmt: skip


def content(made: Made) -> dict[str, Any]:
    return json.loads((made.folder / "report.json").read_text())


def refused(ran: Ran) -> str:
    """Return the one line of a refusal."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


def test_a_killed_command_goes_on_and_repeats_no_finished_run(made: Made) -> None:
    assert list(made.finished_before) == ["tiny-quick-all-single"]
    after = times(made.data)
    assert after["tiny-quick-all-single"] == made.finished_before["tiny-quick-all-single"]
    assert sorted(after) == sorted(content(made)["runs"])
    whole = sum(report_of(made.data / "runs" / name)["config"]["folds"] for name in after)
    assert made.folds == whole - BEFORE_KILL
    assert not list(made.data.glob("runs/.*"))


def test_all_tables_and_figures_are_there(made: Made) -> None:
    for folder, names, endings in (("figures", FIGURES, ("png", "svg")), ("tables", TABLES, ("csv", "tex"))):
        files = {path.name for path in (made.folder / folder).iterdir()}
        assert files == {f"{name}.{ending}" for name in names for ending in endings}
    assert content(made)["tables"].keys() == TABLES
    page, text = ((made.folder / name).read_text() for name in ("report.html", "report.md"))
    for number in (1, 2, 3, 4, 5):
        assert f"Table {number}" in page
        assert f"Table {number}" in text
    for number in (4, 5, 8, 9, 10, 11):
        assert f"Figure {number}" in page
        assert f"Figure {number}" in text


def test_ours_stands_beside_the_papers_with_the_difference(made: Made) -> None:
    rows = {(row["Dataset"], row["Network sees"]): row for row in content(made)["tables"]["table_5"]}
    assert len(rows) == 6
    ours = report_of(made.data / "runs" / "tiny-quick-min10-multi")["targets"]["artist"]["metrics"]
    row = rows["≥10", "image and labels"]
    for heading, name in (("Top-1", "top1"), ("Precision", "precision_macro"), ("F1", "f1_macro")):
        assert row[heading] == ours[name]["mean"]
        assert row[f"{heading} sd"] == ours[name]["sd"]
        assert row[f"{heading}, paper"] == SCORES[">300"].multi[name]
        assert row[f"{heading}, difference"] == pytest.approx(ours[name]["mean"] - SCORES[">300"].multi[name])
    assert rows["all", "image"]["Top-1, paper"] == SCORES["all"].single["top1"]
    assert rows["all", "labels alone"]["Top-1, paper"] is None
    with (made.folder / "tables" / "table_5.csv").open(newline="") as file:
        assert [line["Dataset"] for line in csv.DictReader(file)] == ["all"] * 3 + ["≥10"] * 3


def test_the_gain_of_the_labels_has_its_interval(made: Made) -> None:
    for gain in content(made)["gains"]:
        runs = (report_of(made.data / "runs" / f"tiny-quick-{gain['dataset']}-{name}") for name in ("single", "multi"))
        single, multi = (run["targets"]["artist"]["metrics"]["top1"]["mean"] for run in runs)
        assert (gain["single"], gain["multi"]) == (single, multi)
        assert gain["by_fold"]["mean"] == pytest.approx(multi - single)
        assert gain["by_example"]["low"] <= gain["by_example"]["mean"] <= gain["by_example"]["high"]
    assert [gain["published"] for gain in content(made)["gains"]] == ["+0.100", "+0.071"]


def test_the_base_networks_that_were_not_run_are_named_with_the_reason(made: Made) -> None:
    rows = {row["Base network"]: row for row in content(made)["tables"]["table_4"]}
    assert list(rows) == ["ResNet50", "VGG16", "VGG19", "InceptionV3", "own", "other"]
    assert rows["ResNet50"]["Here"] == "not run: not among --backbone"
    assert (rows["ResNet50"]["Top-1"], rows["ResNet50"]["The paper"]) == (None, 0.802)
    assert rows["VGG16"]["With ImageNet's classifier"] == 138_357_544
    for name, run in (("own", "single"), ("other", "single-other")):
        report = report_of(made.data / "runs" / f"tiny-quick-min10-{run}")
        assert rows[name]["Top-1"] == report["targets"]["artist"]["metrics"]["top1"]["mean"]
        assert 0 <= rows[name]["Training accuracy"] <= 1


def test_the_whole_networks_parameters_are_counted(made: Made) -> None:

    (row,) = [row for row in content(made)["tables"]["table_4"] if row["Base network"] == "other"]
    network = keras.models.load_model(made.data / "runs" / "tiny-quick-min10-single-other" / "model.keras")
    assert row["The whole network here"] == network.count_params()


def test_the_strictest_datasets_artists_are_judged_in_every_dataset(made: Made) -> None:
    rows = content(made)["tables"]["paintings_per_artist"]
    assert [row["Training paintings of an artist, at most"] for row in rows] == ["all", "all", 4]
    assert rows[1]["Top-1, the strictest dataset's artists"] == pytest.approx(
        sum(hits(made, "tiny-quick-min10-multi")) / len(hits(made, "tiny-quick-min10-multi"))
    )


def hits(made: Made, run: str) -> list[bool]:
    rows = pyarrow.parquet.read_table(made.data / "runs" / run / "predictions.parquet").to_pylist()
    return [row["predicted"] == row["truth"] for row in rows if row["target"] == "artist"]


def test_it_says_what_differs_and_what_is_not_carried_out(made: Made) -> None:
    page = " ".join((made.folder / "report.html").read_text().split())
    for words in (
        "Epochs: 2; the paper: 100.",
        "Folds: 2; the paper: 5.",
        "own starts from its own weights",
        "the backbones are frozen",
        "Siamese",
        "Fisher vectors",
        "VGG16&#39;s first dense layer",
    ):
        assert words in page, words


@pytest.fixture(scope="module")
def page(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    need(CHROMIUM is not None, "chromium (Debian: chromium)")
    with browser(tmp_path_factory.mktemp("chromium")) as page:
        page.open(made.folder / "report.html")
        yield page


def test_nothing_is_refused_and_all_figures_are_drawn(made: Made, page: Page) -> None:
    assert page.complaints() == []
    assert page.requests() == [(made.folder / "report.html").resolve().as_uri()]
    assert page.value("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.value("document.images.length") == len(list(made.folder.glob("figures/*.svg")))


@pytest.mark.parametrize("width", [360, 500, 1000, 1400])
def test_it_fits_every_screen(width: int, page: Page, tmp_path: Path) -> None:
    page.resize(width)
    assert page.value("document.documentElement.scrollWidth") <= width
    page.screenshot(tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as image:
        assert image.width == width
        assert len(image.convert("RGB").getcolors(1 << 24)) > 100  # something is to be seen


def test_given_again_it_changes_nothing(made: Made, tmp_path: Path, train: Train) -> None:
    shutil.copytree(made.data, tmp_path / "data")
    ran = train("paper", "tiny", "--data", tmp_path / "data", *made.options, "-q")
    assert ran.code == 0, ran.err
    assert ran.out.endswith(f"Report: {tmp_path / 'data' / 'paper' / 'tiny-quick' / 'report.html'}\n")
    assert "image and labels" in ran.out
    for path in made.folder.rglob("*"):
        if path.is_file():
            assert (
                path.read_bytes() == (tmp_path / "data/paper/tiny-quick" / path.relative_to(made.folder)).read_bytes()
            )


def test_a_dry_run_of_what_is_finished_has_nothing_left_to_do(made: Made, train: Train) -> None:
    ran = train("paper", "tiny", "--data", made.data, *made.options, "--dry-run", "--json", "-q")
    result = json.loads(ran.out)
    assert result["seconds"] == 0
    assert all(run["finished"] for run in result["runs"])
    assert result["not_run"]["vgg16"] == "not among --backbone"


def test_a_dry_run_measures_and_writes_nothing(tmp_path: Path, train: Train) -> None:
    write_two_datasets(tmp_path)
    network = write_network(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = train("paper", "tiny", "--data", tmp_path, *QUICK, "--backbone", network, "--dry-run", "-q")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[-1].startswith("16 of 16 runs to do, about ")
    assert "ResNet50: not run: not among --backbone" in lines
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("tiny/all",), "take all datasets of a build, give tiny alone"),
        (("tinny",), "did you mean tiny"),
        (("tiny", "--weights", "resnet50"), "'resnet50': expected BACKBONE=imagenet, BACKBONE=none or BACKBONE=FILE"),
        (("tiny", "--weights", "resnet50=none.h5"), "no weights at none.h5"),
        (("tiny", "--backbone", "vgg16", "--weights", "vgg19=none"), "of no use without --backbone vgg19"),
        (("tiny", "--backbone", "resnet5"), "did you mean resnet50"),
        (("tiny", "--labels", "genre,colour"), "'colour' is none of genre, style, medium"),
        (("tiny", "--name", "../x"), "cannot name a run"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(
    options: tuple[str, ...], message: str, data: Path, train: Train
) -> None:
    assert message in refused(train("paper", "--data", data, *options))


def test_without_a_build_there_is_nothing_to_do(tmp_path: Path, train: Train) -> None:
    assert "make one with 'curate build'" in refused(train("paper", "--data", tmp_path))


def test_a_changed_build_is_refused(tmp_path: Path, train: Train) -> None:
    folder = write_tiny_build(tmp_path, [painting(number) for number in range(30)])

    write_build(folder, replace(read_build(folder), files={"all/manifest.csv": "0" * 64}))
    message = refused(train("paper", "tiny", "--data", tmp_path))
    assert "tiny is not as it was built (all/manifest.csv" in message
    assert "build it again" in message


def test_runs_of_other_settings_are_not_overwritten(made: Made, train: Train) -> None:
    message = refused(train("paper", "tiny", "--data", made.data, *made.options, "--epochs", "3", "-q"))
    assert "there is a run tiny-quick-all-single already" in message
    assert "epochs: 2 there, 3 here" in message
