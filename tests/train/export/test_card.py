"""The model card."""

import pytest

from train.export.card import licence_of
from train.models.backbones import BACKBONES


@pytest.mark.parametrize(
    ("backbone", "licence"),
    [
        ("resnet50", "mit"),
        ("resnet152", "mit"),
        ("resnet50v2", "bsd-3-clause"),  # Facebook's
        ("resnet152v2", "bsd-3-clause"),
        ("inceptionv3", "apache-2.0"),
        ("inceptionresnetv2", "apache-2.0"),
        ("mobilenetv2_0.35", "apache-2.0"),
        ("efficientnetlite0", "apache-2.0"),
        ("efficientnetv2b0", "apache-2.0"),
        ("densenet121", "bsd-3-clause"),
        ("vgg16", "cc-by-4.0"),
        ("xception", "mit"),
    ],
)
def test_weights_have_the_licence_of_those_who_published_them(backbone: str, licence: str) -> None:
    assert backbone in BACKBONES
    assert licence_of(backbone) == licence


def test_of_weights_whose_licence_nobody_states_none_is_named() -> None:
    assert {name for name in BACKBONES if licence_of(name) is None} == {
        name for name in BACKBONES if name.startswith("convnext")
    }
