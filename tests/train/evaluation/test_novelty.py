"""Artists who were left out of training are more novel than those who were not."""

from pathlib import Path

import numpy as np
import pytest

from train.config import TrainError
from train.evaluation.novelty import Split, auroc, flagged, known_classes, left_out, measured, missed
from train.models.novelty import read_known_classes, write_known_classes

RNG = np.random.default_rng(0)
TRUTH = np.repeat(np.arange(6, dtype=np.int32), 40)
CENTRES = RNG.normal(0, 1, (6, 30))
FEATURES = (CENTRES[TRUTH] + RNG.normal(0, 0.3, (240, 30)) * np.linspace(0.2, 3, 30)).astype(np.float32)
VALIDATED = np.arange(0, 240, 4)
TRAINING = np.setdiff1d(np.arange(240), VALIDATED)


def test_what_is_known_is_near_and_what_was_left_out_is_far() -> None:
    split = left_out(FEATURES, TRUTH, TRAINING, VALIDATED, [1, 4])
    assert (len(split.known), len(split.unknown)) == (40, 80)
    assert auroc(split) > 0.9
    assert missed(split) < 0.4


def test_a_class_that_is_left_out_has_no_part_in_what_is_known() -> None:
    changed = np.where((TRUTH == 1)[:, None], 9, FEATURES).astype(np.float32)
    others = left_out(changed, TRUTH, TRAINING, VALIDATED, [1])
    np.testing.assert_array_equal(others.known, left_out(FEATURES, TRUTH, TRAINING, VALIDATED, [1]).known)


def test_the_threshold_lets_most_of_the_known_pass_and_its_errors_are_told() -> None:
    found = measured(FEATURES, np.where(TRUTH == 5, -1, TRUTH), TRAINING, VALIDATED, seed=0)
    assert found is not None
    known, info = found
    novelty = known.novelty(FEATURES[VALIDATED[:50]])
    assert info.threshold == pytest.approx(np.quantile(novelty, 0.95), rel=1e-6)
    assert info.known_flagged == flagged(novelty) < 0.2
    assert info.unknown_missed < 0.6
    assert info.auroc > 0.9
    assert info.chosen_on == "50 examples of known artists that the network was not trained on"
    assert info.measured_on.startswith("5 artists, left out in 4 groups in turn")


def test_too_few_artists_tell_nothing() -> None:
    assert measured(FEATURES[:80], TRUTH[:80], TRAINING[TRAINING < 80], VALIDATED[VALIDATED < 80], seed=0) is None
    assert measured(FEATURES, TRUTH, TRAINING, VALIDATED[:1], seed=0) is None


def test_pictures_that_are_all_the_same_have_a_novelty_that_is_a_number() -> None:
    known = known_classes(np.ones((9, 4), np.float32), np.arange(9, dtype=np.int32) % 3)
    assert np.isfinite(known.novelty(np.zeros((2, 4), np.float32))).all()


def test_rates_are_shares() -> None:
    split = Split(np.arange(100, dtype=np.float32), np.array([90, 93, 99, 100], np.float32))
    assert missed(split) == 0.5
    assert auroc(split) == pytest.approx((90.5 + 93.5 + 99.5 + 100) / 400)


def test_what_is_known_is_kept_beside_the_network(tmp_path: Path) -> None:
    known = known_classes(FEATURES, TRUTH)
    write_known_classes(tmp_path, known)
    np.testing.assert_array_equal(read_known_classes(tmp_path).novelty(FEATURES), known.novelty(FEATURES))
    (tmp_path / "novelty.npz").write_bytes(b"PK")
    with pytest.raises(TrainError, match=r"novelty.npz is damaged .*: train again under another --name"):
        read_known_classes(tmp_path)
    (tmp_path / "novelty.npz").unlink()
    with pytest.raises(TrainError, match=r"has no novelty.npz: train again under another --name"):
        read_known_classes(tmp_path)
