"""The baseline of the old kind, with which the paper begins: colours and gradients by hand, and a random forest."""

from pathlib import Path

import numpy as np
from skimage.color import rgb2gray, rgb2hsv
from skimage.feature import hog
from sklearn.ensemble import RandomForestClassifier

from harvest.pictures import PixelBudget
from train.config import Config
from train.data.crops import read_picture
from train.data.encoding import ABSENT, Floats
from train.data.examples import Examples, Rows

SIDE = 128  # pixels, to which a picture is squeezed
BINS = (8, 4, 4)  # of hue, saturation and value
TREES = 300


def forest_predictions(examples: Examples, config: Config) -> list[dict[str, Floats]]:
    """Return each fold's probabilities for its validated examples, by target."""
    budget = PixelBudget()
    features = np.stack([colours_and_gradients(path, budget) for path in examples.images])
    return [
        {
            target: _predicted(
                features,
                examples,
                target,
                config,
                training=examples.training_rows(fold),
                rows=examples.validated_rows(fold),
            )
            for target in examples.truths
        }
        for fold in range(config.folds)
    ]


def colours_and_gradients(path: Path, budget: PixelBudget) -> Floats:
    """Return a histogram of colours, (128,), and the histograms of oriented gradients, (1764,), of a picture."""
    pixels = np.asarray(read_picture(path, budget).resize((SIDE, SIDE)))
    colours, _ = np.histogramdd(rgb2hsv(pixels).reshape(-1, 3), bins=BINS, range=[(0, 1)] * 3)
    gradients = hog(rgb2gray(pixels), pixels_per_cell=(16, 16), cells_per_block=(2, 2))
    return np.concatenate([colours.ravel() / SIDE**2, gradients]).astype(np.float32)


def _predicted(
    features: Floats, examples: Examples, target: str, config: Config, *, training: Rows, rows: Rows
) -> Floats:
    truths = examples.truths[target]
    known = training[truths[training] != ABSENT]
    forest = RandomForestClassifier(TREES, random_state=config.seed).fit(features[known], truths[known])
    shares = np.zeros((len(rows), len(examples.classes[target])), np.float32)
    shares[:, forest.classes_] = forest.predict_proba(features[rows])
    return shares
