"""Which runs the tables and figures take."""

from dataclasses import replace
from pathlib import Path

import pytest

from curate.manifest import Dataset, read_dataset
from tests.train.paper.conftest import write_two_datasets
from train.config import Config, check_config
from train.paper.plan import AUGMENTATIONS, least_of, plan_of, sample_sizes
from train.paper.request import Request

LABELS = ("genre", "style", "medium")
SETTINGS = {"epochs": 100, "folds": 5, "batch_size": 64, "seed": 0}


def request(*, is_quick: bool = True, **settings: int) -> Request:
    backbones = ("resnet50", "vgg16")
    return Request("paper", is_quick, LABELS, {}, backbones, dict.fromkeys(backbones, "imagenet"), {},
                   SETTINGS | settings)  # fmt: skip


@pytest.fixture
def datasets(tmp_path: Path) -> list[Dataset]:
    write_two_datasets(tmp_path)
    return [read_dataset(tmp_path / "builds", f"tiny/{name}") for name in ("all", "min10")]


@pytest.mark.parametrize("is_quick", [True, False])
def test_every_run_can_be_made_and_has_a_name_of_its_own(is_quick: bool, datasets: list[Dataset]) -> None:
    plan = plan_of(request(is_quick=is_quick), datasets)
    for run in plan.runs:
        check_config(run.config)
        assert run.serves
    names = [run.name("paper") for run in plan.runs]
    assert len(set(names)) == len(names)
    assert len({(run.dataset, run.variant) for run in plan.runs}) == len(names)
    assert len({(run.dataset, str(run.config.used())) for run in plan.runs}) == len(names)  # none is trained twice
    served = {table for run in plan.runs for table in run.serves}
    assert {"Table 4", "Table 5", "augmentation, Figure 4"} < served


def test_without_quick_the_networks_are_the_papers(datasets: list[Dataset]) -> None:
    plan = plan_of(request(is_quick=False), datasets)
    by_name = {(run.dataset, run.variant): run.config for run in plan.runs}
    assert by_name["all", "multi"] == Config()
    assert by_name["min10", "single"] == Config(inputs=("image",))
    assert {config.tune for config in by_name.values()} == {"all"}
    assert ("min10", "augment-paper") not in by_name  # which the single-input network of Table 5 is


def test_a_quick_look_trains_a_backbone_for_augmentation_alone(datasets: list[Dataset]) -> None:
    plan = plan_of(request(), datasets)
    tuned = [run.config for run in plan.runs if run.config.is_fine_tuned]
    assert [config.augment for config in tuned] == [*AUGMENTATIONS]
    assert {(config.side, config.folds, config.epochs) for config in tuned} == {(128, 1, 10)}
    small = plan_of(request(side=64, epochs=3), datasets)
    assert {(run.config.side, run.config.epochs) for run in small.runs if run.config.is_fine_tuned} == {(64, 3)}


def test_the_same_artists_are_trained_with_as_few_paintings_as_the_others_have(datasets: list[Dataset]) -> None:
    assert [least_of(dataset) for dataset in datasets] == [5, 10]
    assert sample_sizes(datasets) == [4]  # four fifths of five
    assert sample_sizes(datasets[:1]) == []
    (run,) = [run for run in plan_of(request(), datasets).runs if run.config.per_artist]
    assert (run.dataset, run.config.per_artist) == ("min10", 4)


def test_datasets_of_the_same_paintings_share_their_runs(datasets: list[Dataset]) -> None:
    twin = replace(datasets[0], name="min5")
    plan = plan_of(request(), [datasets[0], twin, datasets[1]])
    assert plan.same == {"min5": "all"}
    assert [dataset.name for dataset in plan.datasets] == ["all", "min10"]
    assert plan.strictest.name == "min10"
    assert {run.dataset for run in plan.runs} == {"all", "min10"}


def test_a_dataset_of_which_nothing_can_be_learnt_is_passed_over(datasets: list[Dataset]) -> None:
    rows = datasets[1].rows
    one_artist = rows.filter([name == "Anna Ancher" for name in rows["artist"].to_pylist()])
    lonely = replace(
        datasets[1],
        name="min20",
        rows=one_artist,
        digest="another",
        labels=datasets[1].labels | {"artist": ["Anna Ancher"]},
    )
    plan = plan_of(request(), [*datasets, lonely])
    assert plan.left_out == {"min20": "fewer than two artists or decades"}
    assert plan.strictest.name == "min10"
