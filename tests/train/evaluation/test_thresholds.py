"""Temperature and thresholds: what they are on numbers that can be worked out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.evaluation.thresholds import at_temperature, best_temperature, confidence_of, least_confidence


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_an_overconfident_network_is_found(temperature: float) -> None:
    chance = np.random.default_rng(0)
    honest = chance.dirichlet(np.ones(4), 20_000)
    truth = (honest.cumsum(axis=1) > chance.random((len(honest), 1))).argmax(axis=1).astype(np.int32)
    told = at_temperature(honest.astype(np.float32), 1 / temperature).astype(np.float32)
    assert best_temperature([(np.log(told), truth)]) == pytest.approx(temperature, rel=0.05)


def test_a_temperature_keeps_order_and_sum() -> None:
    probabilities = np.array([[0.7, 0.3, 0.0], [0.2, 0.2, 0.6]], np.float32)
    assert at_temperature(probabilities, 1.0) == pytest.approx(probabilities, abs=1e-6)
    flatter = at_temperature(probabilities, 3.0)
    assert flatter.sum(axis=1) == pytest.approx([1, 1])
    assert (flatter.argmax(axis=1) == probabilities.argmax(axis=1)).all()
    assert (flatter.max(axis=1) < probabilities.max(axis=1)).all()


def test_the_threshold_is_the_least_at_which_the_precision_holds() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.7, 0.6])
    hits = np.array([True, True, True, False, False])
    found = {precision: least_confidence(confidence, hits, precision) for precision in (0.5, 0.75, 0.76, 0.99)}
    assert found == {0.5: 0.6, 0.75: 0.7, 0.76: 0.8, 0.99: 0.8}
    assert least_confidence(confidence, ~hits, 0.5) is None


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.5, 0.9]), st.booleans()), min_size=1, max_size=30))
def test_what_reaches_a_threshold_is_as_precise_as_it_says(examples: list[tuple[float, bool]]) -> None:
    confidence, hits = (np.array(values) for values in zip(*examples, strict=True))
    for precision in (0.6, 0.9):
        least = least_confidence(confidence, hits, precision)
        assert least is None or hits[confidence >= least].mean() >= precision


def test_it_is_kept_on_what_both_were_chosen() -> None:
    truth = np.array([0, 1, 1, 0], np.int32)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]], np.float32)
    found = confidence_of(truth, probabilities, folds=2)
    assert found.chosen_on == "4 examples of 2 folds, each by a network not trained on it"
    assert set(found.thresholds) == {f"0.{percent}" for percent in range(50, 100)}
    nothing = confidence_of(truth[:0], probabilities[:0], folds=2)
    assert (nothing.temperature, nothing.thresholds) == (1.0, {})
