"""How large the networks are: base networks with and without ImageNet's classifier, and what the paper puts behind."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import keras

from train.config import IMAGE, Config
from train.models.backbones import backbone_named
from train.models.weights import load_backbone
from train.report.run_files import Summary

IMAGENET_CLASSES = 1000
PLAIN_TOPS = ("mobilenetv2", "efficientnetlite")  # whose classifier is one layer on the pooled features


@dataclass(frozen=True, slots=True)
class Size:
    """How large a base network is."""

    units: int  # of its pooled features
    without_top: int  # parameters
    with_top: int | None  # None: not known


KNOWN = {  # the table of applications at keras.io, and the same networks without their tops
    "resnet50": Size(2048, 23_587_712, 25_636_712),
    "vgg16": Size(512, 14_714_688, 138_357_544),
    "vgg19": Size(512, 20_024_384, 143_667_240),
    "inceptionv3": Size(2048, 21_802_784, 23_851_784),
}


def sizes_of(backbones: Iterable[str]) -> dict[str, Size]:
    """Return how large base networks are; those that are not known are built and counted."""
    return {name: KNOWN.get(name) or counted(name) for name in backbones}


def counted(name: str) -> Size:
    """Build a base network and count its parameters."""
    keras.utils.clear_session()
    network = load_backbone(replace(Config(), backbone=name, weights="none", side=backbone_named(name).side))
    units, parameters = int(network.output.shape[-1]), network.count_params()
    return Size(units, parameters, parameters + (units + 1) * IMAGENET_CLASSES if name.startswith(PLAIN_TOPS) else None)


def head_parameters(units: int, summary: Summary) -> int:
    """Return how many parameters stand behind the pooled features in a run with the paper's layers.

    Args:
        units: Pooled features of the image.
        summary: What the run came to.
    """
    config: dict[str, Any] = summary["config"]
    classes, names = summary["dataset"]["classes"], [name for name in config["inputs"] if name != IMAGE]
    joined = units if IMAGE in config["inputs"] else 0
    count = 0
    if names:
        count += (sum(classes[name] for name in names) + 1) * config["label_units"]
        joined += config["label_units"]
    count += (joined + 1) * config["global_units"]
    return count + sum((config["global_units"] + 1) * classes[name] for name in summary["targets"])
