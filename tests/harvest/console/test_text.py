import json

import pytest

from harvest.console.text import counted, duration, visible, visible_json

STEERING = ["\x1b[31m", "\x9b2J", "\x00", "\r", "\x7f", "\u202e", "\u2028", "\udcff"]


@pytest.mark.parametrize("text", STEERING)
def test_what_steers_a_terminal_is_written_out(text: str) -> None:
    shown = visible(f"a{text}b\tc\nd")
    assert shown.isprintable() or set(shown) - {"\t", "\n"} == {letter for letter in shown if letter.isprintable()}
    assert shown == f"a{text.encode('unicode-escape').decode()}b\tc\nd"


def test_other_text_stays() -> None:
    text = "Éric Ł. 浮世絵, فارسی \u200c\u200d ≥ 🖼"
    assert visible(text) == text


@pytest.mark.parametrize("text", STEERING)
def test_json_keeps_its_value(text: str) -> None:
    shown = visible_json(json.dumps({text: text}, ensure_ascii=False))
    assert json.loads(shown) == {text: text}
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (4914, "4,914 images")]
)
def test_a_noun_agrees_with_its_number(number: int, words: str) -> None:
    assert counted(number, "image") == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (100, "100 s"), (600, "10 min"), (9000, "2.5 h"), (259200, "3.0 days")]
)
def test_times_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words
