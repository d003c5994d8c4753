"""The paper's numbers agree with each other, as they do in the paper."""

from train.paper import published


def test_the_tables_tell_the_same_of_resnet50() -> None:
    assert published.SCORES[">300"].single["top1"] == published.BACKBONES["resnet50"]
    assert list(published.SCORES) == [dataset.name for dataset in published.DATASETS]


def test_each_dataset_lies_within_the_one_before() -> None:
    assert [dataset.paintings for dataset in published.DATASETS] == [43_594, 34_759, 26_141, 11_166]
    assert [dataset.artists for dataset in published.DATASETS] == [917, 227, 107, 19]
    for dataset in published.DATASETS[1:]:
        assert dataset.paintings > int(dataset.name[1:]) * dataset.artists


def test_the_gains_are_about_what_the_paper_concludes() -> None:
    gains = [round(scores.multi["top1"] - scores.single["top1"], 3) for scores in published.SCORES.values()]
    assert gains == [0.1, 0.118, 0.152, 0.071]
    assert published.GAIN[0] < min(gains) < max(gains) < published.GAIN[1] + 0.01


def test_the_averages_are_macro() -> None:
    for scores in published.SCORES.values():
        for metrics in (scores.single, scores.multi):
            assert metrics["recall_macro"] != metrics["top1"]  # which weighted recall would be
            low, high = sorted((metrics["precision_macro"], metrics["recall_macro"]))
            assert low - 0.025 < metrics["f1_macro"] < high
