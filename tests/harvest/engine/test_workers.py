"""What a thread brings: an image from the first address that has it, or the failure that says most."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harvest.engine.workers import Completed, Fetched, Job, Workers, fetch
from harvest.errors import BadAnswer, Gone, HarvestError, Later, OptedOut, Reserved
from harvest.pictures import PixelBudget
from harvest.queue.responses import StoredResponse
from harvest.queue.tasks import IMAGE, Task
from harvest.request import Request
from harvest.response import Response
from harvest.storage.archive import Pointer
from tests.museum.sketches import Sketch


def noise() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((90, 90), 50).save(file, "JPEG")
    return file.getvalue()


JPEG = Sketch(1).jpeg()
PAGE = Task(1, Request("page", "https://x/page", "page"), 0, 1)
PICTURE = Task(2, Request(IMAGE, "https://x/first", "1#0", context={"object_id": 1, "position": 0}), 1, 1)
WHOLE = noise()
TRUNCATED = WHOLE[: len(WHOLE) // 2] + b"\xff\xd9"
GONE, BROKEN = Gone("the first is gone"), BadAnswer("the answer is broken")


class ListedAnswers:
    """A fetcher of answers that a test lists by address: a body, or an error to raise."""

    def __init__(self, answers: dict[str, bytes | HarvestError]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    def fetch(self, request: Request, conditions: Any = None) -> Response:
        return self._answer(request, conditions)

    def fetch_image(self, request: Request, opt_out: str | None = None) -> Response:
        return self._answer(request, opt_out)

    def _answer(self, request: Request, asked_with: Any) -> Response:
        self.asked.append((request.url, asked_with))
        answer = self.answers[request.url]
        if isinstance(answer, HarvestError):
            raise answer
        return Response(request, request.url, 200, {}, answer)


def fetch_picture(data: Path, *answers: bytes | HarvestError) -> tuple[Fetched, list[str]]:
    fetcher = ListedAnswers({f"https://x/{place}": answer for place, answer in enumerate(answers)})
    fetched = fetch(Job(PICTURE, None, tuple(fetcher.answers)), fetcher, data, PixelBudget(10_000))  # type: ignore[arg-type]
    return fetched, [url for url, _ in fetcher.asked]


@pytest.mark.parametrize("failure", [GONE, BROKEN, b"no image"])
def test_an_image_that_is_gone_or_none_is_asked_for_at_its_next_address(
    tmp_path: Path, failure: bytes | HarvestError
) -> None:
    fetched, asked = fetch_picture(tmp_path, failure, JPEG, b"never asked for")
    assert asked == ["https://x/0", "https://x/1"]
    assert fetched.response.url == "https://x/1"
    assert fetched.image is not None
    assert (tmp_path / fetched.image.path).read_bytes() == JPEG


def test_of_an_image_that_is_whole_nowhere_the_first_truncated_one_is_kept(tmp_path: Path) -> None:
    whole_one = WHOLE
    ended, other = (whole_one[: len(whole_one) * part // 4] + b"\xff\xd9" for part in (2, 3))
    fetched, asked = fetch_picture(tmp_path, GONE, ended, BROKEN, other)
    assert len(asked) == 4
    assert fetched.image is not None
    assert fetched.image.state == "truncated"
    assert [path.read_bytes() for path in tmp_path.rglob("*.jpg")] == [ended]
    whole, asked = fetch_picture(tmp_path / "whole", ended, whole_one, BROKEN)
    assert len(asked) == 2
    assert whole.image is not None
    assert whole.image.state == "stored"
    assert [path.read_bytes() for path in (tmp_path / "whole").rglob("*.jpg")] == [whole_one]


@pytest.mark.parametrize(
    ("failures", "reported"),
    [
        ([GONE, Gone("the last is gone")], "the last is gone"),
        ([GONE, BROKEN], "the answer is broken"),
        ([BROKEN, GONE], "the answer is broken"),
        ([BROKEN, BadAnswer("broken as well")], "the answer is broken"),
    ],
)
def test_the_first_broken_answer_is_reported_rather_than_that_an_address_is_gone(
    tmp_path: Path, failures: list[HarvestError], reported: str
) -> None:
    with pytest.raises(HarvestError, match=f"^{reported}$"):
        fetch_picture(tmp_path, *failures)


def test_an_image_without_an_address_is_gone(tmp_path: Path) -> None:
    with pytest.raises(Gone, match=r"^1#0: no address for its image$"):
        fetch_picture(tmp_path)


def test_a_host_that_asks_for_patience_leads_to_no_other_address(tmp_path: Path) -> None:
    with pytest.raises(Later, match="wait"):
        fetch_picture(tmp_path, Later("wait"), JPEG)


def test_an_image_that_is_opted_out_is_asked_for_at_no_other_address(tmp_path: Path) -> None:
    with pytest.raises(OptedOut, match="by its answer"):
        fetch_picture(tmp_path, GONE, OptedOut("by its answer"), JPEG)
    with pytest.raises(OptedOut, match="by its host"):
        fetch_picture(tmp_path, TRUNCATED, Reserved("by its host"), JPEG)
    assert list(tmp_path.rglob("*.jpg")) == []


def test_what_a_page_says_against_an_image_goes_along_with_each_address(tmp_path: Path) -> None:
    fetcher = ListedAnswers({"https://x/0": GONE, "https://x/1": JPEG})
    fetch(Job(PICTURE, None, tuple(fetcher.answers), "noai"), fetcher, tmp_path, PixelBudget(10_000))  # type: ignore[arg-type]
    assert fetcher.asked == [("https://x/0", "noai"), ("https://x/1", "noai")]


@pytest.mark.parametrize(
    ("known", "headers", "asked"),
    [
        (None, {}, 1),
        (None, {"x-robots-tag": "noai"}, 2),
        ("x-robots-tag: noai", {"x-robots-tag": "noai"}, 1),
        ("x-robots-tag: noai", {"x-robots-tag": "all"}, 2),
        ("x-robots-tag: noai", {}, 1),  # what a "not modified" does not say is as it was
    ],
)
def test_a_page_that_is_unchanged_but_for_what_it_says_of_its_use_is_asked_for_whole(
    tmp_path: Path, known: str | None, headers: dict[str, str], asked: int
) -> None:
    class Unchanged(ListedAnswers):
        def fetch(self, request: Request, conditions: Any = None) -> Response:
            self.asked.append((request.url, conditions))
            return Response(request, request.url, 304 if conditions else 200, headers, b"")

    stored = StoredResponse(1, Pointer("archive/x", 0, 1, "0" * 64), "https://x/page", '"7"', None, known)
    fetcher = Unchanged({})
    fetched = fetch(Job(PAGE, stored), fetcher, tmp_path, PixelBudget(1))  # type: ignore[arg-type]
    assert (len(fetcher.asked), fetched.response.status) == (asked, 304 if asked == 1 else 200)


def test_a_page_is_asked_for_with_the_conditions_of_its_last_response(tmp_path: Path) -> None:
    known = StoredResponse(1, Pointer("archive/x", 0, 1, "0" * 64), "https://x/page", '"7"', None)
    fetcher = ListedAnswers({"https://x/page": b"text"})
    for job in (Job(PAGE, None), Job(PAGE, known)):
        fetched = fetch(job, fetcher, tmp_path, PixelBudget(1))  # type: ignore[arg-type]
        assert (fetched.response.body, fetched.image) == (b"text", None)
    assert fetcher.asked == [("https://x/page", None), ("https://x/page", {"If-None-Match": '"7"'})]


def test_an_error_of_a_thread_comes_back_with_its_job() -> None:
    failure = ValueError("4 is odd here")

    def half(number: int) -> int:
        if number == 4:
            raise failure
        return number // 2

    workers = Workers(half, 2)
    try:
        for number in (2, 4, 6):
            workers.submit(number)
        outcomes: list[Completed[int, int]] = []
        while len(outcomes) < 3 and (completed := workers.completed(10)):
            outcomes += completed
    finally:
        workers.shutdown()
    assert sorted(outcomes, key=lambda outcome: outcome.job) == [
        Completed(2, 1), Completed(4, error=failure), Completed(6, 3)
    ]  # fmt: skip


def test_without_an_outcome_in_time_there_is_none() -> None:
    workers = Workers(str, 1)
    assert workers.completed(0.001) == []
    workers.shutdown()
