"""A reader is told where a run differs from the paper's."""

from train.config import Config
from train.evaluation.deviations import listed, notes_on
from train.models.backbones import BACKBONES


def test_the_papers_own_run_has_no_difference_but_what_the_paper_leaves_open() -> None:
    assert len(notes_on(Config())) == 1
    for name, backbone in BACKBONES.items():
        frozen = notes_on(Config(backbone=name, tune="frozen", side=backbone.side))
        assert "weaker model" in frozen[0]
    assert any("labels alone" in note for note in notes_on(Config(inputs=("genre", "style"))))
    assert any("learns genre" in note for note in notes_on(Config(inputs=("image",), targets=("genre",))))
    assert any("At most 40 examples of an artist" in note for note in notes_on(Config(per_artist=40)))
    assert any("from the file kept.h5" in note for note in notes_on(Config(weights="/a/kept.h5")))


def test_names_are_joined_as_in_a_sentence() -> None:
    assert [listed(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
