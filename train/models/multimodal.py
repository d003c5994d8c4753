"""The network of the paper (sections 2.5 and 2.6, Figures 8 and 9), with any subset of its inputs and outputs.

    image -> backbone -> average pooling ──┐
                                           ├─ dropout 0.5 ─ 1024 global features ─ one softmax for each target
    labels (one-hot) -> 256 label features ┘

With the image alone, dropout is on the pooled features; with labels alone, on the label features. Where labels may be
absent, each has two places more (`encoding`), and is hidden at times in training.
"""

import re
from collections.abc import Callable, Mapping

import keras
from keras import layers

from train.config import IMAGE, Config, TrainError
from train.data.encoding import ABSENT, PLACES, Floats
from train.data.views import WHOLE_VIEWS
from train.models.backbones import CAFFE_MEAN, TORCH_MEAN, TORCH_SD, backbone_named

Sizes = Mapping[str, int]
Tensors = dict[str, keras.KerasTensor]
ClassWeights = Mapping[str, Floats]  # for each target: (classes,), 1 on average
Loss = str | Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]


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
    image = image_input(config)
    pooled = image_features(image, config, backbone)
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
    """Join what there is, drop half of it in training, and classify from the shared global features.

    A linear head classifies from what is joined, without layers between.
    """
    features = [] if pooled is None else [pooled]
    if config.field_dropout and not config.is_fitted:
        fields = {name: hidden_at_times(field, config.field_dropout) for name, field in fields.items()}
    if config.head != "dense":
        parts = [*features, *fields.values()]
        shared = layers.Concatenate(name="joined")(parts) if len(parts) > 1 else parts[0]
        if config.has_head_for_each_subset:
            return {name: for_known_labels(shared, fields, size, name) for name, size in target_sizes.items()}
        return {name: layers.Dense(size, "softmax", name=name)(shared) for name, size in target_sizes.items()}
    if fields:
        features.append(label_features(list(fields.values()), config.label_units))
    joined = layers.Concatenate(name="joined")(features) if len(features) > 1 else features[0]
    dropped = layers.Dropout(config.dropout, name="dropout")(joined)
    shared = layers.Dense(config.global_units, "relu", name="global_features")(dropped)
    return {name: layers.Dense(size, "softmax", name=name)(shared) for name, size in target_sizes.items()}


def image_input(config: Config) -> keras.KerasTensor:
    """Return the input of the image: uint8 RGB, batch x side x side x 3, with several views batch x views x …."""
    views = (config.views,) if config.views > 1 else ()
    return keras.Input((*views, config.side, config.side, 3), dtype="uint8", name=IMAGE)


def image_features(image: keras.KerasTensor, config: Config, backbone: keras.Model) -> keras.KerasTensor:
    """Prepare the pixels as the backbone was pretrained on them, read them and pool: 2048 units in ResNet50.

    Of several views the features are averaged, those of the quadrants by themselves: they show other things. With
    `multi`, what `middle_features` returns stands behind.
    """
    facts = backbone_named(config.backbone)
    extractor = middle_features(backbone, facts.middle, config.side) if config.features == "multi" else backbone
    if config.views == 1:
        features = extractor(prepared(image, facts.preprocessing))
        return layers.Concatenate(name="image_features")(features) if config.features == "multi" else features
    ops, side = keras.ops, config.side
    flat = prepared(ops.reshape(image, (-1, side, side, 3)), facts.preprocessing)
    last, *middle = keras.tree.flatten(extractor(flat))
    by_view = [ops.reshape(values, (-1, config.views, values.shape[-1])) for values in (last, *middle)]
    averaged = [ops.mean(by_view[0][:, :WHOLE_VIEWS], axis=1)]
    if config.views > WHOLE_VIEWS:
        averaged.append(ops.mean(by_view[0][:, WHOLE_VIEWS:], axis=1))
    averaged += [ops.mean(values, axis=1) for values in by_view[1:]]
    return layers.Concatenate(name="image_features")(averaged) if len(averaged) > 1 else averaged[0]


def backbone_of(network: keras.Model) -> keras.Model:
    """Return the network within one that `multimodal` made, and that may have been saved, that reads the image."""
    return next(layer for layer in network.layers if isinstance(layer, keras.Model))


def joined_of(network: keras.Model) -> keras.KerasTensor:
    """Return what the head of such a network classifies: features of image and labels, side by side."""
    names, target = {layer.name for layer in network.layers}, next(iter(network.output))
    first = next((name for name in ("dropout", scores_layer(target)) if name in names), target)
    return network.get_layer(first).input


def features_of(network: keras.Model) -> keras.KerasTensor:
    """Return the features of the image in such a network."""
    has_labels = any(layer.name == "joined" for layer in network.layers)
    return network.get_layer("joined").input[0] if has_labels else joined_of(network)


def middle_features(backbone: keras.Model, pattern: str, side: int | None = None) -> keras.Model:
    """Return the backbone with a second output: mean and deviation over space of layers before the last, side by side.

    Args:
        backbone: Ends in its pooled features.
        pattern: Of the layers' names; empty: the last layer before each reduction of size.
        side: Of the images, where the backbone leaves it open.

    Raises:
        TrainError: It has none.
    """
    maps = [layer.output for layer in middle_layers(backbone, pattern, side)]
    if not maps:
        raise TrainError(
            f"--features multi reads layers before the last, and {backbone.name} has none of another size: "
            "give --features last"
        )
    parts = [part(values, axis=(1, 2)) for values in maps for part in (keras.ops.mean, keras.ops.std)]
    return keras.Model(backbone.input, [backbone.output, keras.ops.concatenate(parts, axis=-1)])


def middle_layers(backbone: keras.Model, pattern: str, side: int | None = None) -> list[keras.Layer]:
    """Return the layers whose activations `--features multi` reads."""
    if pattern:
        return [layer for layer in backbone.layers if re.fullmatch(pattern, layer.name)]
    maps = [
        layer
        for layer in backbone.layers
        if isinstance(layer.output, keras.KerasTensor) and len(layer.output.shape) == 4
        and not isinstance(layer, (layers.InputLayer, layers.ZeroPadding2D))
    ]  # fmt: skip
    outputs = [layer.output for layer in maps]
    if side is not None:  # a stranger's network may read images of any size
        outputs = keras.Model(backbone.input, outputs)(keras.KerasTensor((1, side, side, 3)))
    sizes = [output.shape[1] for output in keras.tree.flatten(outputs)]
    pooled, gate = sizes[-1], 1  # the last one is what is pooled; channels are weighed by 1 x 1 maps
    by_size = dict(zip(sizes, maps, strict=True))
    return [layer for size, layer in by_size.items() if size not in (pooled, gate)]


def hidden_at_times(field: keras.KerasTensor, rate: float) -> keras.KerasTensor:
    """Hide a label of some examples in training, so that the network learns to do without it."""
    ops, values = keras.ops, field.shape[1] - PLACES
    is_shown = layers.Dropout(rate, name=f"hidden_{field.name}")(ops.ones_like(field[:, :1]))
    shown = ops.cast(ops.greater(is_shown, 0), "float32")
    unknown = 1 - (1 - field[:, values : values + 1]) * shown
    return ops.concatenate([field[:, :values] * shown, unknown, field[:, values + 1 :] * shown], axis=1)


def for_known_labels(joined: keras.KerasTensor, fields: Tensors, size: int, name: str) -> keras.KerasTensor:
    """Classify by the softmax that belongs to the labels that are known; their order is that of `encoding.subsets`."""
    ops = keras.ops
    chosen = ops.ones_like(joined[:, :1])  # (batch, subsets), 1 for the one that is known
    for field in fields.values():
        unknown = field[:, -PLACES : field.shape[1] - 1]
        chosen = ops.concatenate([chosen * unknown, chosen * (1 - unknown)], axis=1)
    count = 2 ** len(fields)
    scores = layers.Dense(count * size, name=scores_layer(name))(joined)
    by_subset = layers.Reshape((count, size))(scores)
    return layers.Softmax(name=name)(ops.sum(by_subset * ops.expand_dims(chosen, -1), axis=1))


def scores_layer(target: str) -> str:
    """Return the name of the layer of a target's softmaxes, one for each subset of the labels."""
    return f"{target}_scores"


def label_features(fields: list[keras.KerasTensor], units: int) -> keras.KerasTensor:
    """Aggregate the one-hot labels in one layer, whose activation the paper leaves open (here ReLU)."""
    together = layers.Concatenate(name="labels")(fields) if len(fields) > 1 else fields[0]
    return layers.Dense(units, "relu", name="label_features")(together)


def prepared(image: keras.KerasTensor, preprocessing: str) -> keras.KerasTensor:
    """Scale uint8 RGB as keras.applications' preprocess_input does, inside the network and so saved with it."""
    if preprocessing == "caffe":
        blue_first = keras.ops.flip(image, axis=-1)
        return layers.Rescaling(1.0, offset=[-mean for mean in CAFFE_MEAN], name="prepared")(blue_first)
    if preprocessing == "torch":
        scales = [1 / (255 * sd) for sd in TORCH_SD]
        offsets = [-mean / sd for mean, sd in zip(TORCH_MEAN, TORCH_SD, strict=True)]
        return layers.Rescaling(scales, offset=offsets, name="prepared")(image)
    if preprocessing == "lite":
        return layers.Rescaling(1 / 128, offset=-127 / 128, name="prepared")(image)
    if not preprocessing:
        return layers.Rescaling(1.0, name="prepared")(image)
    return layers.Rescaling(1 / 127.5, offset=-1.0, name="prepared")(image)


def compiled(
    network: keras.Model, config: Config, *, steps_at_once: int = 1, class_weights: ClassWeights | None = None
) -> keras.Model:
    """Set the paper's objective, the sum of the targets' categorical cross-entropies, and its optimizer.

    Args:
        network: To be trained.
        config: How.
        steps_at_once: Steps that Keras takes without a look at the callbacks.
        class_weights: For each target, how much an example of each class counts.
    """
    weights = class_weights or {}
    may_lack = config.may_lack_labels
    network.compile(
        optimizer=optimizer_of(config),
        loss={
            name: cross_entropy(config.label_smoothing, weights.get(name), may_lack=may_lack) for name in config.targets
        },
        metrics={name: [AccuracyOfKnown() if may_lack else "accuracy"] for name in config.targets},
        steps_per_execution=steps_at_once,
    )
    return network


def cross_entropy(smoothing: float, weights: Floats | None, *, may_lack: bool = False) -> Loss:
    """Return the categorical cross-entropy from class numbers, with smoothed labels and weighted classes.

    Where a target may be absent, such an example counts nothing.
    """
    if not smoothing and weights is None and not may_lack:
        return "sparse_categorical_crossentropy"

    def loss(truth: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
        numbers = keras.ops.cast(keras.ops.reshape(truth, (-1,)), "int32")
        is_known = keras.ops.cast(keras.ops.not_equal(numbers, ABSENT), "float32")
        numbers = keras.ops.maximum(numbers, 0)
        one_hot = keras.ops.one_hot(numbers, probabilities.shape[-1])
        losses = keras.losses.categorical_crossentropy(one_hot, probabilities, label_smoothing=smoothing) * is_known
        return losses if weights is None else losses * keras.ops.take(keras.ops.convert_to_tensor(weights), numbers)

    return loss


class AccuracyOfKnown(keras.metrics.Mean):  # type: ignore[misc]  # keras has no types
    """The accuracy over the examples whose target is known."""

    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(name=name)

    def update_state(
        self, truth: keras.KerasTensor, probabilities: keras.KerasTensor, sample_weight: object = None
    ) -> None:
        """Count a batch; examples without the target weigh nothing, whatever the weights."""
        numbers = keras.ops.cast(keras.ops.reshape(truth, (-1,)), "int32")
        predicted = keras.ops.cast(keras.ops.argmax(probabilities, axis=-1), "int32")
        is_known = keras.ops.cast(keras.ops.not_equal(numbers, ABSENT), "float32")
        super().update_state(keras.ops.cast(keras.ops.equal(numbers, predicted), "float32"), sample_weight=is_known)


def optimizer_of(config: Config) -> keras.optimizers.Optimizer:
    """Return the optimizer of Table 3, or Adam at the same rate, which the paper found comparable."""
    decay = {"weight_decay": config.weight_decay or None}
    if config.optimizer == "adam":
        return keras.optimizers.Adam(config.learning_rate, **decay)
    if config.optimizer == "adamw":
        return keras.optimizers.AdamW(config.learning_rate, weight_decay=config.weight_decay)
    # Keras 3 ignores `SGD(decay=…)`; this schedule is the old one: rate / (1 + decay * step).
    rate = keras.optimizers.schedules.InverseTimeDecay(config.learning_rate, 1, config.decay)
    return keras.optimizers.SGD(rate, momentum=config.momentum, nesterov=True, **decay)
