from collections.abc import Sequence
from pathlib import Path

import pytest

from harvest.engine.lists import EMPTY_PAGES, RepeatDetector
from harvest.errors import Unparsed
from harvest.queue.tasks import Task
from harvest.records import Deleted, ObjectRecord
from harvest.request import Request
from harvest.source import Parsed
from tests.harvest.scripted import asks, scripted_museum, tells


def page(key: str, kind: str = "list") -> Request:
    return Request(kind, f"https://x.org/{key}", key)


def observe(detector: RepeatDetector, key: str, *items: Parsed) -> None:
    detector.observe(items, Task(1, page(key), 0, 1))


def works(*keys: str) -> list[ObjectRecord]:
    return [ObjectRecord(source_id=key, url="https://x.org/") for key in keys]


@pytest.mark.parametrize(
    "pages",
    [["ab", "ab"], ["ab", "a"], ["ab", "cd", "ab"], ["ab", "cd", "bc"]],
    ids=["the same", "a part", "in turn", "of both"],
)
def test_a_page_that_adds_nothing_and_names_another_ends_its_list(pages: Sequence[str]) -> None:
    detector = RepeatDetector()
    for number, keys in enumerate(pages[:-1]):
        observe(detector, str(number), *works(*keys), page(str(number + 1)))
    with pytest.raises(Unparsed, match="adds nothing new, and names another as the next: the list repeats itself"):
        observe(detector, str(len(pages) - 1), *works(*pages[-1]), page("next"))


def test_what_adds_something_goes_on_and_the_last_page_may_repeat() -> None:
    detector = RepeatDetector()
    observe(detector, "1", *works("a", "b"), page("2"))
    observe(detector, "2", *works("b", "c"), page("3"))
    observe(detector, "3", Deleted("c"), page("4"))
    observe(detector, "4", *works("a"))


def test_two_lists_may_name_the_same() -> None:
    detector = RepeatDetector()
    for name in ("a", "b"):
        observe(detector, f"{name}1", *works("x"), page(f"{name}2"))


def test_a_page_that_names_several_pages_is_no_list() -> None:
    detector = RepeatDetector()
    for _ in range(3):
        observe(detector, "1", page("1"), page("2"))


def test_a_list_may_begin_anew_behind_an_empty_page() -> None:
    detector = RepeatDetector()
    observe(detector, "1", *works("a"), page("2"))
    observe(detector, "2", page("again"))
    observe(detector, "again", *works("a"), page("2 again"))


def test_empty_pages_come_to_an_end() -> None:
    detector = RepeatDetector()
    for number in range(EMPTY_PAGES):
        observe(detector, str(number), page(str(number + 1)))
    with pytest.raises(Unparsed, match="repeats itself"):
        observe(detector, str(EMPTY_PAGES), page("next"))


def test_a_list_with_new_addresses_for_ever_ends_on_each_engine(tmp_path: Path, empty_catalogue_url: str) -> None:
    endless = {f"/list/{n}": [tells("a"), tells("b"), asks(f"/list/{n + 1}", "list")] for n in range(50)}
    answers = {"/list": [tells("a"), tells("b"), asks("/list/0", "list")], **endless}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as museum:
        assert museum.harvest().finish_reason == "complete"
        assert museum.asked == ["/list", "/list/0"]
        assert museum.ask("SELECT state, error FROM tasks ORDER BY id") == [("done", None), ("failed", "Unparsed")]
        assert museum.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(2,)]
