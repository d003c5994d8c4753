"""Which labels and backbones there are, and what is said where there are none."""

from pathlib import Path

import pytest

from curate.manifest import Dataset, read_dataset
from tests.train.paper.conftest import write_two_datasets
from train.config import TrainError
from train.paper.request import NO_WEIGHTS, NOT_ASKED_FOR, backbones_of, labels_of


def datasets(data: Path, **changes: object) -> list[Dataset]:
    write_two_datasets(data, **changes)
    return [read_dataset(data / "builds", f"tiny/{name}") for name in ("all", "min10")]


def test_the_backbones_whose_weights_are_at_hand_are_run() -> None:
    run, absent = backbones_of((), {}, lambda name: name in ("vgg16", "efficientnetlite0"))
    assert run == {"vgg16": "imagenet", "efficientnetlite0": "imagenet"}
    assert absent == dict.fromkeys(("resnet50", "vgg19", "inceptionv3", "mobilenetv2_0.35"), NO_WEIGHTS)


def test_the_backbones_that_are_named_are_run_in_their_order() -> None:
    run, absent = backbones_of(
        ("mobilenetv2", "vgg16", "resnet50"), {"mobilenetv2": "a.h5"}, lambda name: name == "vgg16"
    )
    assert list(run.items()) == [("mobilenetv2", "a.h5"), ("vgg16", "imagenet")]
    assert absent == {"resnet50": NO_WEIGHTS, "vgg19": NOT_ASKED_FOR, "inceptionv3": NOT_ASKED_FOR}


def test_weights_may_be_downloaded_where_that_is_said() -> None:
    run, _ = backbones_of(("resnet50",), {"resnet50": "imagenet"}, lambda _name: False)
    assert run == {"resnet50": "imagenet"}


@pytest.mark.parametrize(
    ("asked", "weights", "message"),
    [
        ((), {}, "no ImageNet weights are at hand for ResNet50, VGG16.*pip install.*--weights BACKBONE=FILE"),
        (("vgg16",), {"vgg19": "none"}, "--weights vgg19=… is of no use without --backbone vgg19"),
    ],
)
def test_a_request_without_backbones_is_refused(asked: tuple[str, ...], weights: dict[str, str], message: str) -> None:
    with pytest.raises(TrainError, match=message):
        backbones_of(asked, weights, lambda _name: False)


def test_labels_that_every_painting_has_are_shown(tmp_path: Path) -> None:
    assert labels_of(datasets(tmp_path), (), []) == (("genre", "style", "medium"), {})


def test_a_label_that_paintings_lack_or_that_is_simulated_is_left_out(tmp_path: Path) -> None:
    shown, reasons = labels_of(datasets(tmp_path, style=None), (), ["The <medium> is simulated."])
    assert shown == ("genre",)
    assert reasons == {"style": "25 of 25 paintings have none", "medium": "it is simulated"}


def test_labels_that_are_named_are_shown_if_they_can_be(tmp_path: Path) -> None:
    two = datasets(tmp_path, style=None)
    assert labels_of(two, ("medium",), ["The medium is simulated"])[0] == ("medium",)
    with pytest.raises(
        TrainError, match=r"--labels style: 25 of 25 paintings have none.*--require artist,year,genre,style"
    ):
        labels_of(two, ("genre", "style"), [])


def test_a_build_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        TrainError, match=r"none of genre, style, medium for every painting.*--require artist,year,genre"
    ):
        labels_of(datasets(tmp_path, genre=None, style=None, medium=None), (), [])
