"""A review that is checked: blind answers, second opinions, planted values; and what its report says of them."""

import signal
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from curate.review.checks import Checks
from curate.review.report import BANDS, Rate, Report, report_of, text_of
from harvest.catalogue import schema
from harvest.catalogue.review.sampling import in_share, is_in_share
from tests.curate.review.conftest import Gallery
from tests.curate.review.site import Site
from tests.curate.review.test_suggestions import many

OPINIONS = "SELECT kind, shown, answer, value, reviewer FROM opinions ORDER BY id"
DECISIONS = "SELECT answer, value, reviewer FROM decisions ORDER BY id"
STATUSES = "SELECT status FROM suggestions ORDER BY id"
Start = Callable[..., Site]


@pytest.fixture
def start(gallery: Gallery) -> Iterator[Start]:
    """Return a way to show a suggestion of an artist for a painting, or several, under options of `curate review`."""
    sites = []

    def start(*options: str, number: int = 1) -> Site:
        paintings = [gallery.add(None, title=f"Painting {place}") for place in range(number)]
        answers = [
            (thing, "artist", (f"Artist {place}", 0.9 - place / 100), ("Wrong", 0.01))
            for place, thing in enumerate(paintings)
        ]
        gallery.told("suggest", gallery.predict("p", *answers))
        sites.append(Site(gallery.data, gallery.url, *options))
        return sites[-1]

    yield start
    for site in sites:
        site.end(signal.SIGKILL)


def first(gallery: Gallery) -> str:
    return f"/artist/{gallery.rows('SELECT MIN(id) FROM suggestions')[0][0]}"


def test_a_share_depends_on_the_number_alone_and_is_the_same_in_the_database(gallery: Gallery) -> None:
    rows = many(gallery, 400)
    for kind in ("blind", "second", "planted"):
        chosen = {row.id for row in rows if is_in_share(kind, 0.1, row.id)}
        assert 30 <= len(chosen) <= 50
        assert chosen < {row.id for row in rows if is_in_share(kind, 0.2, row.id)}, "a larger share holds a smaller one"
        with gallery.engine.connect() as connection:
            found = connection.execute(select(schema.suggestions.c.id).where(in_share(kind, 0.1))).scalars()
            assert set(found) == chosen
            everything = select(func.count()).select_from(schema.suggestions).where(in_share(kind, 1.0))
            assert connection.execute(everything).scalar() == 400
        assert not any(is_in_share(kind, 0.0, row.id) for row in rows)


def test_a_blind_page_shows_the_suggestion_only_after_ones_own_answer(gallery: Gallery, start: Start) -> None:
    site, path = start("--blind", "1"), first(gallery)
    eva = site.person()
    assert "Artist 0" not in eva.get("/artist/").text.replace('<option value="Artist 0">', "")
    assert "Answer this on its own page" in eva.get("/artist/").text
    page = eva.get("/artist/next").text
    assert "Which artist do you see?" in page
    for secret in ("Suggested artist", "probability 0.9", "of 10 answers", "likeliest", "Accept"):
        assert secret not in page
    assert "Write what you see first" in eva.decide(path, "own", other=" ").text
    assert eva.decide(path, "accepted").status_code == 400, "not before one's own answer"
    shown = eva.decide(path, "own", other="Zoe")
    assert shown.url == f"{site.url}{path}"
    assert "Suggested artist: Artist 0" in shown.text
    assert "You said Zoe, before you were shown this" in shown.text
    assert gallery.rows(STATUSES) == [("open",)], "that decides nothing"
    eva.decide(path, "accepted")
    assert gallery.rows(OPINIONS) == [("blind", None, "own", "Zoe", "Eva")]
    assert gallery.rows(DECISIONS) == [("accepted", "Artist 0", "Eva")]
    site.end(signal.SIGKILL)
    site.begin()
    assert "Which artist" not in eva.get(path).text, "a restart changes nothing"


def test_a_blind_suggestion_is_found_neither_by_its_value_nor_decided_in_a_grid(gallery: Gallery, start: Start) -> None:
    site = start("--blind", "1", number=2)
    eva, number = site.person(), first(gallery).rpartition("/")[2]
    assert "Nothing waits" in eva.get("/artist/?value=Artist+0").text
    told = eva.send("/artist/together", page="/artist/", answer="accepted", chosen=f"{number}-0")
    assert (told.status_code, "answered on a page of its own" in told.text) == (400, True)
    assert gallery.rows(DECISIONS) == []


def test_a_blind_answer_sent_twice_counts_once_and_is_never_a_decision(gallery: Gallery, start: Start) -> None:
    site, path = start("--blind", "1"), first(gallery)
    eva = site.person()
    form = {"way": "blind", "about": "", "revision": "0", "answer": "own", "other": "Zoe"}
    for _ in range(2):
        assert eva.send(path, **form).url == f"{site.url}{path}"
    assert gallery.rows(OPINIONS) == [("blind", None, "own", "Zoe", "Eva")]
    assert (gallery.rows(DECISIONS), gallery.rows(STATUSES)) == ([], [("open",)])


def test_a_second_person_is_asked_and_changes_nothing(gallery: Gallery, start: Start) -> None:
    site, path = start("--second", "1", number=2), first(gallery)
    eva, max_ = site.person("Eva"), site.person("Max")
    eva.decide(path, "accepted")
    assert eva.get("/artist/next").url != f"{site.url}{path}", "nobody is their own second"
    page = max_.get("/artist/next")
    assert page.url == f"{site.url}{path}"
    assert "Yours is a second opinion" in page.text
    assert "Accepted" not in page.text, "not how the first one decided"
    skipped = max_.get(f"/artist/next?seen={path.rpartition('/')[2]}")
    assert skipped.url != page.url
    assert max_.decide(path, "rejected").url != page.url
    assert gallery.rows(OPINIONS) == [("second", "Artist 0", "rejected", None, "Max")]
    assert gallery.rows(STATUSES) == [("accepted",), ("open",)]
    again = max_.send(path, way="second", about="Artist 0", revision="1", answer="rejected")
    assert again.ok, "sent once more, and counted once"
    assert max_.send("/undo", page=path).url == f"{site.url}{path}"
    assert max_.decide(path, "accepted").ok
    assert [row[2] for row in gallery.rows(OPINIONS)] == ["rejected", "open", "accepted"]
    assert gallery.rows(DECISIONS) == [("accepted", "Artist 0", "Eva")]


def test_who_is_late_for_a_first_opinion_is_told_who_decided_but_not_how(gallery: Gallery, start: Start) -> None:
    site, path = start("--second", "1"), first(gallery)
    eva, max_ = site.person("Eva"), site.person("Max")
    eva.decide(path, "rejected")
    late = max_.send(path, way="plain", about="Artist 0", revision="0", answer="accepted")
    assert (late.status_code, "Eva has decided on the artist of wikiart:1 meanwhile" in late.text) == (409, True)
    assert f'<a href="{path}">Look at Painting 0 again</a>' in late.text
    assert "ejected" not in late.text


def test_a_planted_value_decides_nothing_and_the_suggestion_comes_back(gallery: Gallery, start: Start) -> None:
    site, path = start("--planted", "1"), first(gallery)
    eva = site.person()
    assert "wrong on purpose" in eva.get("/who").text
    page = eva.get(path).text
    assert "Suggested artist: Wrong" in page
    assert "plant" not in page
    eva.decide(path, "accepted")
    assert gallery.rows(OPINIONS) == [("planted", "Wrong", "accepted", None, "Eva")]
    assert (gallery.rows(DECISIONS), gallery.rows(STATUSES)) == ([], [("open",)])
    again = eva.send(path, way="plain", about="Wrong", revision="0", answer="accepted")
    assert again.ok
    assert gallery.rows(STATUSES) == [("open",)], "the form that was sent twice does not accept what was suggested"
    assert "Suggested artist: Artist 0" in eva.get(path).text
    late = eva.send(path, way="plain", about="Somebody", revision="0", answer="accepted")
    told = "the artist of wikiart:1 is no longer asked about as it was shown: look at it again"
    assert (late.status_code, told in late.text, f'href="{path}"' in late.text) == (409, True, True)


def test_only_values_that_are_hardly_right_are_planted() -> None:
    checks = Checks(planted=1.0)
    for alternatives, way in (([["B", 0.01]], "planted"), ([["B", 0.2]], "plain"), ([], "plain")):
        row: Any = SimpleNamespace(id=1, status="open", doubted=None, value="A", alternatives=alternatives)
        assert checks.way(row, {}, "Eva") == way


def test_doubts_are_asked_on_pages_of_their_own_and_change_no_label(gallery: Gallery, start: Start) -> None:
    painting = gallery.add("A")
    (key,) = gallery.rows("SELECT id FROM objects")[0]
    site = start()
    values = {
        "object_id": key, "field": "artist", "value": "B", "probability": 0.97, "at_precision": 0.98, "known": "image",
        "alternatives": "[]", "predictions": "r", "run": "r", "status": "doubted", "doubted": "A",
        "predictions_sha256": "d", "model_sha256": "m", "manifest_sha256": "n", "created_at": "2026-11-28 12:00:00",
    }  # fmt: skip
    listed = ", ".join(map(repr, values.values()))
    gallery.change(f"INSERT INTO suggestions ({', '.join(values)}) VALUES ({listed})")
    before = gallery.rows("SELECT * FROM paintings_completed ORDER BY source_id")
    (number,) = gallery.rows("SELECT id FROM suggestions WHERE status = 'doubted'")[0]
    eva, path = site.person(), f"/artist/{number}"
    assert "Doubts: artist" in eva.get("/artist/").text
    page = eva.get("/artist/?doubts=1").text
    assert ("The network says B" in page, "Artist 0" in page.replace('value="Artist 0"', "")) == (True, False)
    page = eva.get("/artist/next?doubts=1").text
    for text in ("The museum says: A", "98 of 100 are the museums", "It changes no label"):
        assert text in page
    assert "Accept" not in page
    assert eva.decide(path, "accepted").status_code == 400
    assert "Nothing waits" in eva.decide(f"{path}?doubts=1", "doubtful", note="look").text
    assert gallery.rows("SELECT status, note FROM suggestions WHERE doubted IS NOT NULL") == [("doubtful", "look")]
    assert gallery.rows("SELECT * FROM paintings_completed ORDER BY source_id") == before
    assert eva.send("/undo", page=path).url == f"{site.url}{path}"
    assert gallery.rows("SELECT answer FROM decisions ORDER BY id") == [("doubtful",), ("doubted",)]
    chosen = {"answer": "confirmed", "chosen": f"{number}-2"}
    eva.send("/artist/together?doubts=1", page="/artist/?doubts=1", **chosen)
    assert gallery.told("revert", "--reviewer", "Max", "--object", painting)["suggestions"] == 1
    assert gallery.rows("SELECT status FROM suggestions WHERE doubted IS NOT NULL") == [("doubted",)]


def row(number: int, answer: str, **other: Any) -> Any:
    about = {"reviewer": "Eva", "value": None, "seconds": 2.0, "field": "artist", "probability": 0.9, "run": "r"}
    about |= {"bin_years": None, "suggested": "A", "kind": "", **other}
    return SimpleNamespace(suggestion_id=number, answer=answer, **about)


def test_the_report_counts_what_stands_by_band_run_and_reviewer() -> None:
    decisions = [
        row(1, "accepted"),
        row(2, "accepted", probability=0.97, seconds=4.0),
        row(3, "rejected", probability=0.97, reviewer="Max", seconds=9.0, run="s"),
        row(4, "unclear", probability=0.97),
        row(5, "accepted"),
        row(5, "open"),
        row(6, "accepted", seconds=None),
        row(7, "coarser", probability=1.0),
    ]
    report = report_of(decisions, [])
    assert (report.decided, report.in_bulk, report.seconds) == (6, 1, 2.0)
    assert report.by_band == [
        Rate("0.90 to 0.95", 1, 1, 0.9, 2.0),
        Rate("0.95 to 0.99", 1, 2, 0.97, 4.0, 1),
        Rate("0.99 to 1.00", 0, 1, 1.0, 2.0),
    ]
    assert [(rate.name, rate.number, rate.of) for rate in report.by_run] == [("r", 2, 3), ("s", 0, 1)]
    assert [(rate.name, rate.seconds) for rate in report.by_reviewer] == [("Eva", 2.0), ("Max", 9.0)]
    assert "Acceptance is no accuracy" in text_of(report)
    assert "Acceptance is no accuracy" in report.as_json()["notes"][0]
    assert BANDS[-1] == 1.0


def test_the_report_says_how_the_review_was_checked() -> None:
    decisions = [row(number, "accepted") for number in range(1, 5)] + [row(5, "rejected")]
    blind = [
        row(1, "own", kind="blind", value="A"),
        row(2, "own", kind="blind", value="B"),
        row(3, "unclear", kind="blind"),
        row(5, "own", kind="blind", value="C"),
    ]
    second = [row(number, "accepted", kind="second", reviewer="Max") for number in (1, 2)]
    second += [row(3, "rejected", kind="second", reviewer="Max"), row(5, "rejected", kind="second", reviewer="Max")]
    planted = [row(8, "accepted", kind="planted"), row(9, "rejected", kind="planted"), row(9, "open", kind="planted")]
    report = report_of(decisions, [*blind, *second, *planted])
    assert (report.accuracy.number, report.accuracy.of, report.accuracy.undecided) == (1, 3, 1)
    assert (report.swayed.number, report.swayed.of) == (1, 2), "of two who had said something else, one accepted"
    assert (report.planted.number, report.planted.of) == (1, 1), "what was taken back does not count"
    assert (report.agreement.pairs, report.agreement.equal) == (4, 3)
    assert report.agreement.kappa == pytest.approx(0.5)
    text = text_of(report)
    assert "Acceptance is no accuracy" not in text
    for part in ("1 of 3 (33%, 95 % interval 6% to 79%)", "kappa 0.50", "Planted wrong values: 1 of 1"):
        assert part in text


def test_kappa_of_few_pairs_comes_with_a_caution() -> None:
    def report(pairs: int) -> Report:
        first = [row(number, ("accepted", "rejected")[number % 2]) for number in range(pairs)]
        second = [row(number, "accepted", kind="second", reviewer="Max") for number in range(pairs)]
        return report_of(first, second)

    caution = "kappa 0.00, which says nothing yet: 2 of the 30 pairs that it takes"
    assert f"Cohen's {caution}." in text_of(report(2))
    assert caution in report(2).as_json()["notes"]
    assert "kappa 0.00." in text_of(report(30))
    assert not any("kappa" in note for note in report(30).as_json()["notes"])


def test_the_time_of_a_grid_is_shared_and_never_shown_as_none_at_all() -> None:
    told = text_of(report_of([row(number, "accepted", seconds=0.02) for number in range(3)], []))
    assert "Half of the decisions took less than 0.1 seconds; those made together in a grid share its time" in told
    assert " 0.0" not in told
    assert "<0.1" in told


def test_without_anything_the_report_says_so(gallery: Gallery) -> None:
    told = gallery.told("review", "--report")
    assert (told["decided"], told["agreement"]["kappa"], told["accuracy"]["share"]) == (0, None, None)
    code, out, _ = gallery.run("review", "--report")
    assert (code, "nobody has decided on a page yet" in out) == (0, True)


def test_the_report_of_a_real_review_is_a_page_that_needs_nothing_else(gallery: Gallery, start: Start) -> None:
    site = start(number=3)
    eva = site.person("<b>Eva")
    for place in range(2):
        eva.decide(eva.get("/artist/next").url.removeprefix(site.url), ("accepted", "rejected")[place])
    gallery.run("accept", "--reviewer", "Max", "--field", "artist")
    told = gallery.told("review", "--report")
    assert (told["decided"], told["in_bulk"], told["by_run"][0]["share"]) == (3, 1, 0.5)
    assert told["seconds"] >= 0
    page = (gallery.data / "review" / "report.html").read_text()
    assert "&lt;b&gt;Eva" in page
    assert "<b>Eva" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert (gallery.data / "review" / "report.json").is_file()


@pytest.mark.parametrize("option", ["--blind", "--second", "--planted"])
def test_a_share_is_a_number_from_0_to_1(gallery: Gallery, option: str) -> None:
    for typed, told in (("10", "10.0 is not in the range 0<=x<=1"), ("nan", "a number from 0 to 1, got nan")):
        code, _, err = gallery.run("review", option, typed)
        assert (code, told in " ".join(err.split())) == (2, True)
