"""Names and numbers as a reader sees them."""

import pytest

from train.report.wording import name_of, per_cent, short_name, short_names


def test_names_that_are_cut_stay_apart() -> None:
    long = [
        "Juan Antonio Gaya Nuño de la Santísima Trinidad the Elder",
        "Juan Antonio Gaya Nuño de la Santísima Trinidad",
    ]
    names = short_names([*long, "Anna"])
    assert len(set(names)) == 3
    assert all(len(name) <= 32 for name in names)
    assert names[2] == "Anna"
    assert short_name("x" * 300) == "x" * 27 + "…"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1880, "1880"), (" a\n b ", "a b"), ("", "(empty)"), ("\x1b[31m", r"\x1b[31m"), ("a\u202eb", r"a\u202eb"),
     ("a\uffffb", r"a\uffffb"), ("Ba$$ist", "Ba$$ist")],
)  # fmt: skip
def test_a_name_is_text_on_one_line(value: object, expected: str) -> None:
    assert name_of(value) == expected


@pytest.mark.parametrize(("share", "expected"), [(0, "0.0 %"), (0.0001, "<0.1 %"), (0.25, "25.0 %"), (1, "100.0 %")])
def test_a_small_share_is_not_nothing(share: float, expected: str) -> None:
    assert per_cent(share).replace("\u00a0", " ") == expected
