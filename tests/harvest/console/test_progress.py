import io
import logging
import sys
from collections.abc import Callable

import pytest

from harvest.console.progress import Interval, bar, counter, describe, has_bar, progress, track


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Make stderr one on which a bar can be drawn; to be called by the test, for pytest sets stderr before it."""

    def attach() -> Terminal:
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        return screen

    logging.getLogger("harvest").setLevel(logging.INFO)
    return attach


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


COUNTS = {"objects": 3, "images": 2, "requests": 7, "gone": 0, "failed": 1}


def test_counts_are_told_in_words() -> None:
    assert describe(COUNTS, "objects", "gone", "failed") == "3 objects, 1 failed"
    assert describe(COUNTS, "gone", "images") == "0 gone, 2 images"


def test_an_interval_begins_anew_when_it_is_over() -> None:
    clock = Clock()
    due = Interval(10, clock)
    answers = []
    for clock.now in (9.9, 10.0, 15.0, 20.0):
        answers.append(due.is_over())  # the clock is turned by the loop
    assert answers == [False, True, False, True]


def test_a_terminal_shows_a_bar_with_counts(terminal: Callable[[], Terminal]) -> None:
    screen = terminal()
    with progress("wikiart", total=10) as watch:
        watch(COUNTS)
        watch(COUNTS | {"objects": 5})
    assert "5/10" in screen.getvalue()
    assert "2 images, 7 requests, 1 failed" in screen.getvalue()


def test_who_wants_quiet_gets_no_bar(terminal: Callable[[], Terminal]) -> None:
    screen = terminal()
    logging.getLogger("harvest").setLevel(logging.WARNING)
    assert not has_bar()
    with progress("wikiart", total=10) as watch, bar("doctor", " checked") as line:
        watch(COUNTS)
        line.update(3)
    assert list(track([1, 2], 2, unit=" pictures")) == [1, 2]
    assert screen.getvalue() == ""


def test_elsewhere_a_line_comes_each_interval(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    with (
        caplog.at_level(logging.INFO),
        progress("wikiart", total=None, interval=30, clock=clock) as watch,
        counter("features", " pictures", total=1600, interval=10, clock=clock) as count,
    ):
        for clock.now in (9, 29, 30, 31, 60):
            watch(COUNTS)
            count(80)
    assert [record.message for record in caplog.records] == [
        "features: 160 of 1,600 pictures, about 6 min left",  # at 29 s; 80 took 20
        "wikiart: 3 objects, 2 images, 7 requests, 1 failed",  # at 30 s
        "wikiart: 3 objects, 2 images, 7 requests, 1 failed",  # at 60 s
        "features: 400 of 1,600 pictures, about 3 min left",
    ]


def test_a_bar_takes_each_step_on_and_leaves_a_clean_terminal(terminal: Callable[[], Terminal]) -> None:
    screen = terminal()
    assert list(track(iter("abc"), 3, unit=" pictures")) == ["a", "b", "c"]
    shown = screen.getvalue()
    assert "0/3" in shown
    assert shown.endswith("\r")  # it is wiped out
