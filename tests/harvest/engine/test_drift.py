"""When a field that is usually there is missing in a row, the run stops; nothing is lost by it."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from harvest.engine.drift import STREAK, DriftDetector
from harvest.errors import Gone, HungUp, LayoutChanged, Unparsed
from harvest.queue.tasks import Task
from harvest.records import Artist, Attribution, Halt, Image, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.sources import wikiart
from tests.harvest.conftest import harvest
from tests.harvest.stored import contents_of, files_in
from tests.museum import misbehaviour
from tests.museum import wikiart as site
from tests.museum.answer import Answer
from tests.museum.server import RULES, Museum
from tests.museum.sketches import sketched

EXPECTED = {"title": 0.99, "style": 0.91, "dating": 0.8, "medium": 0.79}
WHOLE = ObjectRecord("x", "https://x", "A title", terms=(Term("style", "Cubism"),), attributions=(), images=())
BLIND = replace(WHOLE, terms=())


def look(detector: DriftDetector, record: ObjectRecord, scope: str | None) -> None:
    detector.observe([record], Task(1, Request("page", "https://x/page", "k", scope), 0, 1))


def look_at_many(detector: DriftDetector, record: ObjectRecord, scopes: Mapping[str | None, int]) -> None:
    """Show so many objects of each scope, one scope after the other."""
    for scope in itertools.chain.from_iterable(itertools.repeat(*each) for each in scopes.items()):
        look(detector, record, scope)


@pytest.fixture
def detector() -> DriftDetector:
    return DriftDetector("museum", {"style": 0.91})


def test_fifty_in_a_row_of_two_artists_end_the_run_with_the_fields_name(detector: DriftDetector) -> None:
    look_at_many(detector, BLIND, {"a": 25, "b": STREAK - 26})
    with pytest.raises(LayoutChanged) as stopped:
        look(detector, BLIND, "b")
    assert str(stopped.value) == (
        "50 objects in a row have no style, the last at https://x/page; usually 91% have one: the layout seems to have "
        "changed. All answers are kept: see one, update raisonne, then run 'harvest reparse museum'; if the museum "
        "really says nothing there, go on with the same command"
    )


def test_forty_nine_do_not_and_one_that_has_it_begins_the_row_anew(detector: DriftDetector) -> None:
    for _ in range(3):
        look_at_many(detector, BLIND, {"a": 25, "b": STREAK - 26})
        look(detector, WHOLE, "b")


def test_one_artists_hundred_among_others_do_not_until_another_has_none_either(detector: DriftDetector) -> None:
    look_at_many(detector, WHOLE, {"a": 1, "b": 1})
    look_at_many(detector, BLIND, {"c": 2 * STREAK})
    with pytest.raises(LayoutChanged, match="no style"):
        look(detector, BLIND, "a")


def test_the_first_artist_of_many_does_not_end_the_run_alone() -> None:
    detector = DriftDetector("museum", {"style": 0.91}, is_wide=True)
    look_at_many(detector, BLIND, {"a": 2 * STREAK})
    with pytest.raises(LayoutChanged, match="no style"):
        look(detector, BLIND, "b")


@pytest.mark.parametrize("scope", ["a", None])
def test_where_there_is_only_one_part_its_fifty_are_enough(detector: DriftDetector, scope: str | None) -> None:
    look_at_many(detector, BLIND, {scope: STREAK - 1})
    with pytest.raises(LayoutChanged, match="no style"):
        look(detector, BLIND, scope)


def test_fifty_pages_in_a_row_that_cannot_be_had_end_the_run(detector: DriftDetector) -> None:
    page, image = (Task(1, Request(kind, "https://x/page", "k", "a"), 0, 1) for kind in ("page", "image"))
    for _ in range(3):
        for _ in range(STREAK - 1):
            detector.missed(page, Gone("https://x/page: 404"))
            detector.missed(image, Gone("https://x/page: 404"))
            detector.missed(page, HungUp("no answer"))
        detector.observe((), page)  # one that is as it was
    for _ in range(STREAK - 1):
        detector.missed(page, Unparsed("nothing in it"))
    with pytest.raises(LayoutChanged, match="50 pages in a row could not be had, the last for this reason: gone"):
        detector.missed(page, Gone("gone"))


def test_a_museum_all_of_whose_pages_are_gone_is_not_taken_for_empty(tmp_path: Path) -> None:
    with Museum(sketched(80)) as museum:
        harvest("wikiart", "--mirror", museum.url, "--data", tmp_path, "--no-images")
        museum.misbehave(misbehaviour.failing(r"wikiart.org/en/[^/]+/[^/?]+$", status=404, times=None))
        stopped = harvest("wikiart", "--mirror", museum.url, "--data", tmp_path, "--no-images", "--json")
    assert stopped.exit_code == 4, stopped.output
    result = json.loads(stopped.stdout)
    assert "50 pages in a row could not be had" in result["message"]
    assert result["counts"]["deleted"] < 80


def test_a_row_of_answers_with_many_objects_counts_objects(detector: DriftDetector) -> None:
    page = Task(1, Request("list", "https://x/list", "k"), 0, 1)
    detector.observe([BLIND] * (STREAK - 1), page)
    detector.observe([Supplement("x"), Request("page", "https://x/1")], page)  # no objects
    with pytest.raises(LayoutChanged):
        detector.observe([BLIND], page)


@pytest.mark.parametrize(
    ("usual", "record", "missing"),
    [
        ("title", replace(WHOLE, title=None), True),
        ("artist", WHOLE, True),
        ("artist", replace(WHOLE, attributions=(Attribution(Artist("a")),)), False),
        ("dating", WHOLE, True),
        ("rights", WHOLE, True),
        ("rights", replace(WHOLE, rights="free"), False),
        ("image", WHOLE, True),
        ("image", replace(WHOLE, images=(Image("x", state="withheld"),)), False),
        ("image", replace(WHOLE, images=None), False),  # another answer tells of them
        ("style", WHOLE, False),
        ("genre", WHOLE, True),
    ],
)
def test_a_field_is_missing_where_the_record_does_not_have_it(
    usual: str, record: ObjectRecord, *, missing: bool
) -> None:
    detector = DriftDetector("museum", {usual: 0.8})
    look_at_many(detector, record, {"a": STREAK - 1})
    if missing:
        with pytest.raises(LayoutChanged, match=f"no {usual}"):
            look(detector, record, "a")
    else:
        look(detector, record, "a")


def test_what_fewer_than_four_in_five_have_is_not_missed() -> None:
    look_at_many(DriftDetector("museum", {"medium": 0.79}), BLIND, {"a": 2 * STREAK})
    look_at_many(DriftDetector("museum", {}), ObjectRecord("x", "https://x"), {"a": 2 * STREAK})


def test_an_answer_that_says_so_itself_ends_the_run(detector: DriftDetector) -> None:
    with pytest.raises(LayoutChanged, match=r"^enough$"):
        detector.observe([WHOLE, Halt("enough")], Task(1, Request("page", "https://x"), 0, 1))


# End to end
WORKS = 120  # by six artists
SEEING = 30  # pages that still have their labels


class Blinded:
    """WikiArt, whose paintings' pages lose their labels after so many."""

    def __init__(self) -> None:
        self.pages = itertools.count()
        self.after = SEEING
        self.site = site.site(COLLECTION)

    def __call__(self, host: str, path: str, query: Mapping[str, str]) -> Answer | None:
        answer = self.site(host, path, query)
        if answer is None or b'itemtype="https://schema.org/Painting"' not in answer.body:
            return answer
        if next(self.pages) < self.after:
            return answer
        return replace(answer, body=answer.body.replace(b"<s>", b"<b>").replace(b"</s>", b"</b>"))


COLLECTION = sketched(WORKS)


@pytest.fixture
def blinded() -> Iterator[tuple[Museum, Blinded]]:
    blind = Blinded()
    with Museum(COLLECTION, sites=[blind]) as museum:
        yield museum, blind


def test_a_museum_that_loses_its_labels_ends_the_run_and_nothing_is_lost(
    blinded: tuple[Museum, Blinded], tmp_path: Path, empty_catalogue_url: str
) -> None:
    museum, blind = blinded
    command = ("wikiart", "--data", tmp_path, "--catalogue", empty_catalogue_url, "--mirror", museum.url)
    stopped = harvest(*command, "--json")
    told = json.loads(stopped.stdout)
    assert (stopped.exit_code, told["finish_reason"]) == (4, "stopped")
    assert "50 objects in a row have no style, the last at https://www.wikiart.org/en/" in told["message"]
    assert f"'harvest reparse wikiart --data {tmp_path}'" in told["message"]

    seen = told["counts"]["objects"]
    assert SEEING + STREAK <= seen < WORKS
    whole, files = contents_of(empty_catalogue_url), files_in(tmp_path)
    done = [row for row in whole["tasks"] if row[1] == "painting" and row[4] == "done"]
    assert len(whole["objects"]) == len(done) == seen
    assert {row[4] for row in whole["tasks"]} == {"done", "waiting"}
    with_style = {row[0] for row in whole["terms"] if row[1] == "style"}
    assert SEEING - 5 <= len(with_style) < seen
    asked = [each for each in museum.asked if each.status == 200 and each.host == "www.wikiart.org"]
    archived = json.loads(harvest("sql", ARCHIVED, "--json", *command[1:5]).stdout)["rows"][0]["answers"]
    assert archived == len([each for each in asked if each.path not in RULES])

    for _ in range(2):  # read again by the same parser, everything stays as it is
        assert harvest("reparse", *command[:5]).exit_code == 0
        assert contents_of(empty_catalogue_url) == whole
        assert files_in(tmp_path) == files

    blind.after = 10**9  # the labels are back
    assert harvest(*command).exit_code == 0
    again = contents_of(empty_catalogue_url)
    assert len(again["objects"]) == WORKS
    assert with_style < {row[0] for row in again["terms"] if row[1] == "style"}
    assert {row[4] for row in again["tasks"]} == {"done"}


ARCHIVED = "SELECT COUNT(*) AS answers FROM answers WHERE file LIKE 'archive/%'"


def test_a_better_parser_heals_what_a_blind_one_read(
    blinded: tuple[Museum, Blinded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages are whole this time, and the parser does not see their labels."""
    museum, blind = blinded
    blind.after = 10**9
    parse = wikiart.parse_painting

    def blindly(response: object) -> Iterator[object]:
        for found in parse(response):  # type: ignore[arg-type]
            yield replace(found, terms=()) if isinstance(found, ObjectRecord) else found

    command = ("wikiart", "--data", tmp_path, "--mirror", museum.url)
    with monkeypatch.context() as patch:
        patch.setattr(wikiart, "parse_painting", blindly)
        assert harvest(*command).exit_code == 4
    assert harvest("reparse", "wikiart", "--data", tmp_path).exit_code == 0
    said = contents_of(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    with_style = {row[0] for row in said["terms"] if row[1] == "style"}
    assert len(with_style) > 0.9 * len(said["objects"])
    assert harvest(*command).exit_code == 0
    assert len(contents_of(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")["objects"]) == WORKS
