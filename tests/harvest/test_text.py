"""Blanks, brackets and letters of no width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.text import straighten


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  The\n Old\t Oaks\xa0 ", "The Old Oaks"),
        ("Haymakers ( market )", "Haymakers (market)"),
        ("[ 1642 ] { x }", "[1642] {x}"),
        ("a (b) c", "a (b) c"),
        ("( )", "()"),
        ("land\u00adscape", "landscape"),
        ("\ufeffportrait\u200b", "portrait"),
        ("a\u2060b\u200cc\u200dd", "abcd"),
        ("\u200b", ""),
        ("می‌خواهم", "می‌خواهم"),  # Persian: a non-joiner between two letters
        ("क्‍ष", "क्‍ष"),  # Hindi: a joiner
        ("می‌ ‌x", "می x"),
        ("", ""),
    ],
)
def test_a_text_is_as_people_see_it(text: str, expected: str) -> None:
    assert straighten(text) == expected


@given(st.text())
def test_what_is_straight_stays_so(text: str) -> None:
    assert straighten(straighten(text)) == straighten(text)
