"""What the paper lacks: networks that tell how much of a result each input brings, and what it rests on."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from train.config import IMAGE, Config
from train.data.encoding import ABSENT, PLACES, Floats, Ints, hidden, one_hot, subsets
from train.data.examples import Examples
from train.evaluation import metrics
from train.evaluation.controls import ControlResults, Controls, Shares, SourceControl, control_results
from train.evaluation.fold import Fold, variant_of
from train.experiments.cross_validation import cross_validate
from train.experiments.old_kind import forest_predictions

log = logging.getLogger(__name__)

PERMUTED, PREDICTED = "all, labels permuted", "all, labels predicted from the image"
OLD_KIND = "colour histogram and HoG, random forest"

Fields = dict[str, Floats]


def known_labels(examples: Examples, config: Config) -> dict[str, Fields]:
    """Return the label inputs with all but a subset of them hidden, for each subset but the whole."""
    if not config.may_lack_labels:
        return {}
    return {
        variant_of(known): {
            name: values if name in known else hidden(values) for name, values in examples.fields.items()
        }
        for known in subsets(config.label_inputs)[:-1]
    }


@dataclass(frozen=True, slots=True)
class ControlRuns:
    """The controls of one run, which share its examples, settings and cache."""

    examples: Examples
    config: Config
    folder: Path  # where they are kept while the run is unfinished, so that it can be stopped
    cache: Path

    def other_labels(self) -> dict[str, Fields]:
        """Return what the run's networks are shown besides: another example's labels, and those that an image says."""
        if not self.config.label_inputs:
            return {}
        shown = {PERMUTED: self._permuted()}
        if self.config.has_image:
            shown[PREDICTED] = self._predicted()
        return shown

    def results(self, folds: Sequence[Fold]) -> Controls:
        """Train and judge the other controls.

        Args:
            folds: What came of the run.
        """
        return Controls(list(self._networks(folds)), self._source())

    def _networks(self, folds: Sequence[Fold]) -> Iterator[ControlResults]:
        for inputs in input_sets(self.config):
            log.info("control: %s", ", ".join(inputs))
            shares = self._shown_only(inputs, folds)
            yield control_results(f"only {', '.join(inputs)}", self.examples, folds, shares)
        for name in (PERMUTED, PREDICTED):
            if folds[0].variants.get(name):
                yield control_results(name, self.examples, folds, [fold.variants[name] for fold in folds])
        if self.config.has_image:
            log.info("control: %s", OLD_KIND)
            yield control_results(OLD_KIND, self.examples, folds, forest_predictions(self.examples, self.config))

    def _shown_only(self, inputs: tuple[str, ...], folds: Sequence[Fold]) -> list[Shares]:
        """Return what networks say that know these inputs only; a head for each subset is such a network already."""
        config = replace(self.config, inputs=inputs)
        if self.config.has_head_for_each_subset and config.has_image == self.config.has_image:
            return [fold.variants[variant_of(config.label_inputs)] for fold in folds]
        fields = {name: self.examples.fields[name] for name in config.label_inputs}
        return [fold.probabilities for fold in self._cross_validated(replace(self.examples, fields=fields), config)]

    def _permuted(self) -> Fields:
        """Return the labels of other examples of the same fold: what the label inputs are worth by their places."""
        order = np.arange(len(self.examples.ids))
        for fold in range(self.config.folds):
            rows = self.examples.validated_rows(fold)
            order[rows] = np.random.default_rng((self.config.seed, fold)).permutation(rows)
        return {name: values[order] for name, values in self.examples.fields.items()}

    def _predicted(self) -> Fields:
        """Return the labels as a network reads them from the image: all that is known of an object without labels."""
        log.info("control: labels predicted from the image")
        config = replace(self.config, inputs=(IMAGE,), targets=self.config.label_inputs)
        places = PLACES * self.config.may_lack_labels
        truths = {
            name: _numbers(values[:, : values.shape[1] - places]) for name, values in self.examples.fields.items()
        }
        classes = {name: list(range(values.shape[1] - places)) for name, values in self.examples.fields.items()}
        asked = replace(self.examples, fields={}, truths=truths, classes=classes)
        fields = {name: values.copy() for name, values in self.examples.fields.items()}
        for fold in self._cross_validated(asked, config):
            for name, shares in fold.probabilities.items():
                fields[name][fold.rows] = one_hot(
                    shares.argmax(axis=1).astype(np.int32), len(classes[name]), with_unknown=bool(places)
                )
        return fields

    def _source(self) -> SourceControl | None:
        names = sorted(set(self.examples.sources))
        if len(names) < 2 or not self.config.has_image or self.config.test_source is not None:
            return None
        log.info("control: the source predicted from the image")
        truth = np.array([names.index(source) for source in self.examples.sources], np.int32)
        config = replace(self.config, inputs=(IMAGE,), targets=("source",))
        asked = replace(self.examples, fields={}, truths={"source": truth}, classes={"source": names})
        folds = self._cross_validated(asked, config)
        top1 = [metrics.accuracy(truth[fold.rows], fold.probabilities["source"]) for fold in folds]
        return SourceControl(metrics.commonest(truth)[1], metrics.spread(top1))

    def _cross_validated(self, examples: Examples, config: Config) -> list[Fold]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return cross_validate(examples, config, folder=self.folder, cache=self.cache)


def input_sets(config: Config) -> list[tuple[str, ...]]:
    """Return each input alone, all labels, and all inputs but one; the whole is the run itself."""
    inputs = config.inputs
    sets = [(name,) for name in inputs] + [config.label_inputs]
    sets += [tuple(other for other in inputs if other != name) for name in inputs]
    return [names for names in dict.fromkeys(sets) if names and names != inputs]


def _numbers(encoded: Floats) -> Ints:
    return np.where(encoded.any(axis=1), encoded.argmax(axis=1), ABSENT).astype(np.int32)
