"""Class activation maps in closed form: what each place of the last feature map adds to the score of a class.

The features are means over places, so a place's part of a score is its activations times the score's slope by the
features, divided by the number of places: the map of Zhou et al. (2016) where the head is linear. The paper's head is
linear around each example, its ReLU open or shut: the slope is there what back-propagation would give.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from train.config import TrainError
from train.data.encoding import PLACES, Floats, Ints
from train.data.views import WHOLE_VIEWS
from train.models.multimodal import backbone_of, features_of, joined_of, scores_layer

Inputs = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Activations:
    """What a network makes of some pictures before it classifies."""

    maps: Floats  # (pictures, views, height, width, channels), the last ones
    joined: Floats  # (pictures, units), features of the image and of the labels side by side

    @property
    def places(self) -> int:
        """How many there are in a map."""
        return int(self.maps.shape[2] * self.maps.shape[3])


class ActivationMaps:
    """The class activation maps of a network.

    Args:
        network: As a run saves it.
        labels: The names of its label inputs.
        views: Of each picture.

    Raises:
        TrainError: Its features are no means of maps.
    """

    def __init__(self, network: keras.Model, *, labels: tuple[str, ...], views: int) -> None:
        self.network, self.labels, self.views = network, labels, views
        self.names = {layer.name for layer in network.layers}
        backbone = backbone_of(network)
        pooling = keras.layers.GlobalAveragePooling2D
        pooled = [
            layer for layer in backbone.layers if isinstance(layer, pooling) and layer.output is backbone.outputs[0]
        ]
        if not pooled:
            raise TrainError(
                f"--explain needs features that are means over a map, and {backbone.name} ends otherwise: leave it out"
            )
        maps = keras.Model(backbone.inputs, pooled[0].input)(network.get_layer("prepared").output)
        self.extractor = keras.Model(network.input, {"maps": maps, "joined": joined_of(network)})
        self.units = int(features_of(network).shape[-1])

    def activations(self, inputs: Inputs) -> Activations:
        """Return what the network makes of its inputs."""
        values = {name: np.asarray(value) for name, value in self.extractor.predict_on_batch(dict(inputs)).items()}
        by_picture = values["maps"].reshape(-1, self.views, *values["maps"].shape[1:])
        return Activations(by_picture, values["joined"])

    def features(self, activations: Activations) -> Floats:
        """Return the features of the images: (pictures, units)."""
        return activations.joined[:, : self.units]

    def maps(self, activations: Activations, inputs: Inputs, target: str, classes: Ints) -> Floats:
        """Return what each place adds to the score of a class: (pictures, views, height, width).

        Args:
            activations: Of the inputs.
            inputs: Of the network.
            target: Its name.
            classes: A class for each picture.
        """
        slopes = self.slopes(activations, inputs, target, classes)
        channels = activations.maps.shape[-1]
        groups = [range(min(self.views, WHOLE_VIEWS)), range(WHOLE_VIEWS, self.views)]  # averaged by themselves
        maps = np.empty(activations.maps.shape[:-1], np.float32)
        for number, group in enumerate(groups):
            for view in group:
                slope = slopes[:, number * channels : (number + 1) * channels] / (len(group) * activations.places)
                maps[:, view] = np.einsum("bhwc,bc->bhw", activations.maps[:, view], slope)
        return maps

    def slopes(self, activations: Activations, inputs: Inputs, target: str, classes: Ints) -> Floats:
        """Return the derivatives of a class's score by the features of the image: (pictures, units)."""
        if "global_features" in self.names:
            first, offsets = self.network.get_layer("global_features").get_weights()
            second, _ = self.network.get_layer(target).get_weights()
            is_open = activations.joined @ first + offsets > 0
            return np.asarray((is_open * second[:, classes].T) @ first[: self.units].T, np.float32)
        if scores_layer(target) not in self.names:
            kernel, _ = self.network.get_layer(target).get_weights()
            return np.asarray(kernel[: self.units, classes].T, np.float32)
        kernel, _ = self.network.get_layer(scores_layer(target)).get_weights()
        by_subset = kernel[: self.units].reshape(self.units, 2 ** len(self.labels), -1)
        return np.asarray(by_subset[:, self._subsets(inputs), classes].T, np.float32)

    def _subsets(self, inputs: Inputs) -> Ints:
        """Return the number of the set of labels that is known, for each picture."""
        known = [inputs[name][:, -PLACES] == 0 for name in self.labels]
        return np.sum([is_known * 2**place for place, is_known in enumerate(known)], axis=0).astype(np.int32)
