"""Which of the paper's datasets stands beside which of ours."""

import pytest

from curate.manifest import DatasetInfo
from train.paper.outcome import beside


@pytest.mark.parametrize(
    ("ours", "papers"),
    [
        (("all", "more50", "more100", "more300"), ("all", ">50", ">100", ">300")),
        (("all", "min60", "min100", "min150"), ("all", ">50", ">100", ">300")),
        (("all", "min60"), ("all", ">300")),
        (("all",), ("all",)),
        (("all", "min5", "min10", "min20", "min40"), ("all", None, ">50", ">100", ">300")),
    ],
)
def test_the_strictest_dataset_stands_beside_the_papers_strictest(
    ours: tuple[str, ...], papers: tuple[str | None, ...]
) -> None:
    infos = [DatasetInfo(name, name, 10, 2, 2, {}) for name in ours]
    found = beside(infos)
    assert tuple(found[name].name if name in found else None for name in ours) == papers
