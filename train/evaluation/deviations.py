"""What a reader must know about a run: where it differs from the paper's, and what the paper leaves open."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from train.config import Config
from train.models.backbones import BACKBONES

COUNTED = {  # settings of the paper that are numbers or names, and what they are called
    "epochs": "Epochs",
    "batch_size": "Examples in a batch",
    "optimizer": "Optimizer",
    "side": "Pixels a side",
    "folds": "Folds validated",
}

FROZEN = (
    "The backbone is frozen: its features were computed once, from the centre of each image, and only the layers "
    "behind them were trained. This is another and a weaker model than the paper's, which fine-tunes every layer on "
    "random crops and flips; its figures are not to be compared with the paper's."
)
NOT_THE_PAPERS = "The backbone is not among the paper's (ResNet50, VGG16, VGG19, InceptionV3)."
SLOW_AVERAGES = (
    "MobileNetV2's batch normalisation averages over about 1,000 steps: with few steps, validation lags far behind "
    "training."
)
LABELS_ALONE = (
    "The paper trains no network on labels alone. It is the yardstick for the others: what the labels say by "
    "themselves, the image need not have said."
)
LEFT_OPEN = (
    "Left open by the paper and chosen here: validation on the centre crop; ReLU in the 256 label units; every label "
    "value of the dataset has its place in the one-hot inputs; folds are random, stratified by artist, so that works "
    "of one series may stand on both sides."
)


def notes_on(config: Config) -> list[str]:
    """Return where a run with these settings differs from the paper's."""
    paper = Config(side=BACKBONES[config.backbone].side)
    notes = [*_on_the_image(config)] if config.has_image else [LABELS_ALONE]
    if config.targets != paper.targets:
        notes.append(f"The network learns {listed(config.targets)}; the paper's learns {listed(paper.targets)}.")
    for field, title in COUNTED.items():
        given, papers = getattr(config, field), getattr(paper, field)
        if given != papers and (config.has_image or field != "side"):
            notes.append(f"{title}: {given}; the paper: {papers}.")
    return [*notes, LEFT_OPEN]


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence: "image, genre and style"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _on_the_image(config: Config) -> Iterator[str]:
    if not config.is_fine_tuned:
        yield FROZEN
    if config.backbone.startswith("mobilenet"):
        yield NOT_THE_PAPERS
        if config.is_fine_tuned:
            yield SLOW_AVERAGES
    if config.weights == "none":
        yield "The backbone's weights started at random, not from ImageNet."
    elif config.weights != "imagenet":
        yield f"The backbone's weights started from the file {Path(config.weights).name}, not fetched by Keras."
