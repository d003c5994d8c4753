"""The sizes of the paper's networks are those of Keras' networks."""

import pytest

from train.paper.networks import KNOWN, counted


@pytest.mark.parametrize("name", KNOWN)
def test_the_known_sizes_are_those_of_the_networks(name: str) -> None:
    size, network = KNOWN[name], counted(name)
    assert (size.units, size.without_top) == (network.units, network.without_top)
    if name.startswith("vgg"):
        classifier = (7 * 7 * 512 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 1000
    else:
        classifier = (size.units + 1) * 1000
    assert size.with_top == size.without_top + classifier


def test_a_network_with_one_layer_on_its_features_is_known_with_it() -> None:
    size = counted("mobilenetv2_0.35")
    assert (size.units, size.without_top, size.with_top) == (1280, 410_208, 410_208 + 1281 * 1000)
