"""The network of the paper (sections 2.5 and 2.6, Figures 8 and 9), with any subset of its inputs and outputs.

    image -> backbone -> average pooling ──┐
                                           ├─ dropout 0.5 ─ 1024 global features ─ one softmax for each target
    labels (one-hot) -> 256 label features ┘

With the image alone, dropout is on the pooled features; with labels alone, on the label features.
"""

from collections.abc import Mapping

import keras
from keras import layers

from train.config import IMAGE, Config
from train.models.backbones import BACKBONES, CAFFE_MEAN

Sizes = Mapping[str, int]
Tensors = dict[str, keras.KerasTensor]


def multimodal(
    config: Config, input_sizes: Sizes, target_sizes: Sizes, backbone: keras.Model | None = None
) -> keras.Model:
    """Join the pooled image features and the aggregated label features; one softmax for each target.

    Args:
        config: Which inputs and targets, and the layers' sizes.
        input_sizes: For each label among the inputs, how many values it has.
        target_sizes: For each target, how many classes it has.
        backbone: Reads the image and pools it; needed when the image is an input.

    Returns:
        A network from a dict of `image` (uint8, batch x side x side x 3, RGB) and one-hot labels to a dict of
        probabilities.
    """
    fields = {name: keras.Input((size,), name=name) for name, size in input_sizes.items()}
    if backbone is None:
        return keras.Model(fields, probabilities(config, fields, target_sizes))
    image = keras.Input((config.side, config.side, 3), dtype="uint8", name=IMAGE)
    pooled = image_features(image, config.backbone, backbone)
    return keras.Model({IMAGE: image, **fields}, probabilities(config, fields, target_sizes, pooled))


def head(config: Config, input_sizes: Sizes, target_sizes: Sizes, units: int) -> keras.Model:
    """Return the part of `multimodal` behind the pooled features, which come in its image's place (batch x units)."""
    fields = {name: keras.Input((size,), name=name) for name, size in input_sizes.items()}
    pooled = keras.Input((units,), name=IMAGE)
    return keras.Model({IMAGE: pooled, **fields}, probabilities(config, fields, target_sizes, pooled))


def put_head(network: keras.Model, trained: keras.Model) -> None:
    """Copy the weights of the head, trained by itself, into the whole network; layers of one name are the same."""
    for layer in trained.layers:
        if layer.weights:
            network.get_layer(layer.name).set_weights(layer.get_weights())


def probabilities(
    config: Config, fields: Tensors, target_sizes: Sizes, pooled: keras.KerasTensor | None = None
) -> Tensors:
    """Join what there is, drop half of it in training, and classify from the shared global features."""
    features = [] if pooled is None else [pooled]
    if fields:
        features.append(label_features(list(fields.values()), config.label_units))
    joined = layers.Concatenate(name="joined")(features) if len(features) > 1 else features[0]
    dropped = layers.Dropout(config.dropout, name="dropout")(joined)
    shared = layers.Dense(config.global_units, "relu", name="global_features")(dropped)
    return {name: layers.Dense(size, "softmax", name=name)(shared) for name, size in target_sizes.items()}


def image_features(image: keras.KerasTensor, name: str, backbone: keras.Model) -> keras.KerasTensor:
    """Prepare the pixels as the backbone was pretrained on them, read them and pool: 2048 units in ResNet50."""
    return backbone(prepared(image, BACKBONES[name].preprocessing))


def label_features(fields: list[keras.KerasTensor], units: int) -> keras.KerasTensor:
    """Aggregate the one-hot labels in one layer, whose activation the paper leaves open (here ReLU)."""
    together = layers.Concatenate(name="labels")(fields) if len(fields) > 1 else fields[0]
    return layers.Dense(units, "relu", name="label_features")(together)


def prepared(image: keras.KerasTensor, preprocessing: str) -> keras.KerasTensor:
    """Scale uint8 RGB as keras.applications' preprocess_input does, inside the network and so saved with it."""
    if preprocessing == "caffe":
        blue_first = keras.ops.flip(image, axis=-1)
        return layers.Rescaling(1.0, offset=[-mean for mean in CAFFE_MEAN], name="prepared")(blue_first)
    return layers.Rescaling(1 / 127.5, offset=-1.0, name="prepared")(image)


def compiled(network: keras.Model, config: Config, *, steps_at_once: int = 1) -> keras.Model:
    """Set the paper's objective, the sum of the targets' categorical cross-entropies, and its optimizer."""
    network.compile(
        optimizer=optimizer_of(config),
        loss=dict.fromkeys(config.targets, "sparse_categorical_crossentropy"),  # the same, from class numbers
        metrics={name: ["accuracy"] for name in config.targets},
        steps_per_execution=steps_at_once,
    )
    return network


def optimizer_of(config: Config) -> keras.optimizers.Optimizer:
    """Return the optimizer of Table 3, or Adam at the same rate, which the paper found comparable."""
    if config.optimizer == "adam":
        return keras.optimizers.Adam(config.learning_rate)
    # Keras 3 ignores `SGD(decay=…)`; this schedule is the old one: rate / (1 + decay * step).
    rate = keras.optimizers.schedules.InverseTimeDecay(config.learning_rate, 1, config.decay)
    return keras.optimizers.SGD(rate, momentum=config.momentum, nesterov=True)
