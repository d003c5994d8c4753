"""What a reader must know about a run: where it differs from the paper's, and what the paper leaves open."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from train.config import Config
from train.models.backbones import PAPERS, backbone_named

COUNTED = {  # settings of the paper that are numbers or names, and what they are called
    "epochs": "Epochs",
    "batch_size": "Examples in a batch",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "weight_decay": "Weight decay",
    "label_smoothing": "Label smoothing",
    "class_weights": "Weights of classes",
    "augment": "Augmentation of pictures in training",
    "dropout": "Dropout",
    "label_units": "Label units",
    "global_units": "Global units",
    "side": "Pixels a side",
    "folds": "Folds validated",
    "field_dropout": "Chance that a label is hidden in training",
}

FROZEN = (
    "The backbone is frozen: its features were computed once for each image, and only the layers behind them were "
    "trained. This is another and a weaker model than the paper's, which fine-tunes every layer on "
    "random crops and flips; its figures are not to be compared with the paper's."
)
PART_FROZEN = "Not all layers of the backbone are trained (--tune {}); the paper's are."
VIEWS = "The features of {} views of each picture are averaged; the paper's network sees one."
MULTI = "Beside the pooled features, mean and deviation of layers before the last are read (style lives there)."
HEADS = {
    "linear": "The head is one softmax on features and labels as they are, without the layers of 256 and 1024 units.",
    "svm": "The head is a linear SVM; its margins go through a softmax, so that they rank, but are no probabilities.",
}
FITTED = (
    "The head is not trained in epochs but fitted to standardised features, turned to their principal directions. How "
    "alike in length these are made, how loud the labels are, the penalty and the temperature of the probabilities are "
    "chosen by leaving out the training folds in turn."
)
MOMENTUM = "Batch normalisation of the backbone has momentum {}, so that its averages keep up where steps are few."
PROTOCOL = "Folds keep {} on one side; the paper's are random."
PER_ARTIST = "At most {} examples of an artist are trained on, drawn by chance; all are validated."
INNER_SPLIT = (
    "Of each network the epoch is kept that is best on an inner split, one of the training folds, which it is not "
    "trained on; the paper reports the epoch that is best on the validation fold itself."
)
SPLIT = "What is validated is set apart by {}; the paper has random folds."
VOCABULARY = (
    "Labels may be absent, as inputs and as targets: such examples are trained on too, and a value that the training "
    "folds do not hold is shown as UNKNOWN. The paper's network knows every value of the dataset, and needs them all."
)
NOT_THE_PAPERS = "The backbone is not among the paper's (ResNet50, VGG16, VGG19, InceptionV3)."
SLOW_AVERAGES = (
    "MobileNetV2's batch normalisation averages over about 1,000 steps: with few steps, validation lags far behind "
    "training; --norm-momentum 0.9 mends that."
)
LABELS_ALONE = (
    "The paper trains no network on labels alone. It is the yardstick for the others: what the labels say by "
    "themselves, the image need not have said."
)
LEFT_OPEN = "Left open by the paper and chosen here: validation on the centre crop; ReLU in the 256 label units."
RANDOM_FOLDS = "Folds are random, stratified by artist: works of one series may stand on both sides."
WHOLE_VOCABULARY = "Every label value of the dataset has its place in the one-hot inputs, be it in training or not."


def notes_on(config: Config) -> list[str]:
    """Return where a run with these settings differs from the paper's."""
    paper = Config(side=backbone_named(config.backbone).side)
    notes = [*_on_the_image(config)] if config.has_image else [LABELS_ALONE]
    if config.targets != paper.targets:
        notes.append(f"The network learns {listed(config.targets)}; the paper's learns {listed(paper.targets)}.")
    if config.head != "dense":
        notes.append(HEADS[config.head])
    if config.is_fitted:
        notes.append(FITTED)
    notes += _on_the_protocol(config)
    used = config.used()
    for field, title in COUNTED.items():
        given, papers = used[field], getattr(paper, field)
        if given is not None and given != papers:
            notes.append(f"{title}: {given}; the paper: {papers}.")
    open_ones = [LEFT_OPEN]
    if config.protocol == "random" and not config.is_split_once:
        open_ones.append(RANDOM_FOLDS)
    if config.vocabulary == "all" and config.label_inputs:
        open_ones.append(WHOLE_VOCABULARY)
    return [*notes, " ".join(open_ones)]


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence: "image, genre and style"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _on_the_protocol(config: Config) -> Iterator[str]:
    if config.per_artist is not None:
        yield PER_ARTIST.format(config.per_artist)
    if config.inner_split:
        yield INNER_SPLIT
    if config.is_split_once:
        yield SPLIT.format("source" if config.test_source is not None else "year")
    elif config.protocol != "random":
        yield PROTOCOL.format({"duplicates": "near duplicates"}.get(config.protocol, config.protocol))
    if config.may_lack_labels:
        yield VOCABULARY


def _on_the_image(config: Config) -> Iterator[str]:
    if not config.is_fine_tuned:
        yield FROZEN
    elif config.tune != "all":
        yield PART_FROZEN.format(config.tune)
    if config.views > 1:
        yield VIEWS.format(config.views)
    if config.features == "multi":
        yield MULTI
    if config.backbone not in PAPERS:
        yield NOT_THE_PAPERS
    if config.norm_momentum is not None:
        yield MOMENTUM.format(config.norm_momentum)
    elif config.backbone.startswith("mobilenetv2") and config.is_fine_tuned:
        yield SLOW_AVERAGES
    if config.weights == "none":
        yield "The backbone's weights started at random, not from ImageNet."
    elif config.weights != "imagenet":
        yield f"The backbone's weights started from the file {Path(config.weights).name}, not fetched by Keras."
