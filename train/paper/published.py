"""What the paper says, number by number, with the place where it says it.

Belhi, Bouras and Foufou, "Leveraging known data for missing label prediction in cultural heritage context", Applied
Sciences 2018, 8(10), 1768, doi:10.3390/app8101768.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LABELS = ("genre", "style", "medium")  # section 2.6: beside the image, what the network is shown
GAIN = (0.05, 0.15)  # section 5: "the average accuracy increase is between 5% and 15%"
HOURS = (5, 7)  # section 3.1: the average time of 100 epochs, on a GeForce GTX 1070
HEAD = {"label_units": 256, "global_units": 1024, "dropout": 0.5}  # section 2.6
POOLED = 2048  # sections 2.4 and 2.6: units of ResNet50's average pooling


@dataclass(frozen=True, slots=True)
class PublishedDataset:
    """A row of Table 1."""

    name: str
    paintings: int
    artists: int


DATASETS = (  # Table 1
    PublishedDataset("all", 43_594, 917),
    PublishedDataset(">50", 34_759, 227),
    PublishedDataset(">100", 26_141, 107),
    PublishedDataset(">300", 11_166, 19),
)

SAMPLE_COLUMNS = ("Content ID", "Artist", "Creation year", "Media", "Genre", "Style")
SAMPLE = (  # Table 2
    ("323653", "Anker Albert", 1874, "Oil, Canvas", "Portrait", "Realism"),
    ("452365", "Bierstadt Albert", 1858, "Oil, Canvas", "Landscape", "Luminism"),
    ("179324", "Picasso Pablo", 1944, "Oil, Canvas", "Still life", "Surrealism"),
    ("197632", "Sisley Alfred", 1897, "Pastel", "Landscape", "Impressionism"),
    ("127801", "Leonardo da Vinci", 1504, "Oil, Panel", "Portrait", "High Renaissance"),
)

HYPERPARAMETERS = {  # Table 3, by the settings' names
    "optimizer": "sgd",
    "learning_rate": 0.001,
    "decay": 1e-6,
    "epochs": 100,
    "batch_size": 64,
    "momentum": 0.9,
}
NESTEROV = True  # Table 3

BACKBONES: Mapping[str, float] = {  # Table 4: top-1 of the artist, from the image alone, >300, five folds
    "inceptionv3": 0.783,
    "resnet50": 0.802,
    "vgg16": 0.752,
    "vgg19": 0.775,
}

METRICS = {"top1": "Top-1", "precision_macro": "Precision", "recall_macro": "Recall", "f1_macro": "F1"}


@dataclass(frozen=True, slots=True)
class PublishedScores:
    """A row of Table 5, of the artist; by the names of our metrics."""

    single: Mapping[str, float]
    multi: Mapping[str, float]


def _scores(single: tuple[float, ...], multi: tuple[float, ...]) -> PublishedScores:
    return PublishedScores(dict(zip(METRICS, single, strict=True)), dict(zip(METRICS, multi, strict=True)))


SCORES: Mapping[str, PublishedScores] = {  # Table 5; its averages are macro, for recall is not accuracy
    "all": _scores((0.503, 0.472, 0.433, 0.437), (0.603, 0.541, 0.529, 0.534)),
    ">50": _scores((0.531, 0.534, 0.494, 0.496), (0.649, 0.607, 0.593, 0.598)),
    ">100": _scores((0.601, 0.616, 0.603, 0.600), (0.753, 0.703, 0.687, 0.694)),
    ">300": _scores((0.802, 0.826, 0.823, 0.823), (0.873, 0.854, 0.842, 0.851)),
}

NOT_CARRIED_OUT = (
    "VGG16's first dense layer as features, with an SVM (section 2.3): the paper has no figure of it.",
    "SIFT features with Fisher vectors, HoG, GIST and colours (section 1.2.1): the paper cites others' figures.",
    "Siamese networks for matching and retrieval (section 1.2.2): the paper cites them and trains none.",
    "Figures 1 to 3, 6 and 7: samples of the three museums, a network in general, a residual block; no results.",
)
