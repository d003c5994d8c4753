"""The pages: what people see and decide, by forms alone; who may not; what a kill leaves."""

import hashlib
import io
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import requests
from PIL import Image

from curate.predictions import EFFECTS, MAPS, NEIGHBOURS, Explanations, ExplanationsInfo, write_explanations
from harvest.console.program import Exit
from tests.curate.review.conftest import Gallery
from tests.curate.review.site import Person, Site

MARKUP = '<script>document.title = "taken"</script><img src=x onerror=alert(1)>'
STATUSES = "SELECT status, decided_value, reviewer, note FROM suggestions ORDER BY id"
HISTORY = "SELECT answer, value, reviewer FROM decisions ORDER BY id"


@pytest.fixture
def site(gallery: Gallery) -> Iterator[Site]:
    """Three paintings, of which an artist is suggested, one in markup."""
    paintings = [gallery.add(None, title=title) for title in ("One", MARKUP, None)]
    values = (("A", 0.9), ("B", 0.85), (MARKUP, 0.81))
    answers = [(thing, "artist", value, ("C", 0.05)) for thing, value in zip(paintings, values, strict=True)]
    gallery.told("suggest", gallery.predict("p", *answers))
    site = Site(gallery.data, gallery.url)
    yield site
    site.end(signal.SIGKILL)


def ids(gallery: Gallery) -> list[int]:
    return [int(row[0]) for row in gallery.rows("SELECT id FROM suggestions ORDER BY id")]


def test_a_person_says_who_they_are_first(site: Site) -> None:
    stranger = Person(site.url)
    assert stranger.get("/artist/").url == f"{site.url}/who"
    assert "Write your name" in stranger.send("/who", name="  ").text
    assert "3 open, 0 decided" in site.person().get("/").text


def test_each_answer_is_kept_apart_and_leads_to_the_next(site: Site, gallery: Gallery) -> None:
    eva = site.person()
    one, two, three = ids(gallery)
    page = eva.get(f"/artist/{one}").text
    for text in ("One", "Suggested artist: A", "About 9 of 10 answers this sure are right", "genre=x", "/pictures/"):
        assert text in page
    assert eva.decide(f"/artist/{one}", "accepted", note="sure").url == f"{site.url}/artist/{two}"
    assert eva.decide(f"/artist/{two}", "other", other=" Zoe\0\x1b ").url == f"{site.url}/artist/{three}"
    done = eva.decide(f"/artist/{three}", "coarser", other="Dutch school")
    assert done.url == f"{site.url}/artist/"
    assert "Nothing waits" in done.text
    assert gallery.rows(STATUSES) == [
        ("accepted", "A", "Eva", "sure"), ("other", "Zoe", "Eva", None), ("coarser", "Dutch school", "Eva", None)
    ]  # fmt: skip
    assert gallery.rows("SELECT artist, artist_origin FROM paintings_completed ORDER BY source_id") == [
        ("A", "suggestion"), ("Zoe", "person"), (None, None)
    ]  # fmt: skip


def test_undo_goes_back_one_by_one(site: Site, gallery: Gallery) -> None:
    eva, max_ = site.person("Eva"), site.person("Max")
    one, two, three = ids(gallery)
    eva.decide(f"/artist/{one}", "rejected")
    eva.decide(f"/artist/{two}", "unclear")
    max_.decide(f"/artist/{three}", "bad picture")
    assert eva.send("/undo", page="/").url == f"{site.url}/artist/{two}"
    assert eva.send("/undo", page="/").url == f"{site.url}/artist/{one}"
    assert "nothing of yours" in eva.send("/undo", page="/").text
    assert [row[0] for row in gallery.rows(STATUSES)] == ["open", "open", "bad picture"]
    assert len(gallery.rows(HISTORY)) == 5


def test_several_are_decided_together_or_none(site: Site, gallery: Gallery) -> None:
    eva, max_ = site.person("Eva"), site.person("Max")
    one, two, three = ids(gallery)
    found = eva.get("/artist/")
    max_.decide(f"/artist/{two}", "rejected")
    late = eva.send("/artist/together", page="/artist/", chosen=[f"{one}-0", f"{two}-0"], answer="accepted")  # type: ignore[arg-type]
    assert (found.status_code, late.status_code) == (200, 409)
    for text in ("of 2 chosen, 1 cannot be any more", "is rejected now, decided by Max", f'href="/artist/{two}"'):
        assert text in late.text
    assert chosen_in(late.text) == [one], "what does not conflict stays chosen"
    assert [row[0] for row in gallery.rows(STATUSES)] == ["open", "rejected", "open"]
    eva.send("/artist/together", page="/artist/", chosen=[f"{one}-0", f"{three}-0"], answer="accepted")  # type: ignore[arg-type]
    assert [row[0] for row in gallery.rows(STATUSES)] == ["accepted", "rejected", "accepted"]


def test_nothing_chosen_is_told_and_decides_nothing(site: Site, gallery: Gallery) -> None:
    eva = site.person()
    for address in ("/artist/together", "/artist/together?group=0", "/artist/together?value=B"):
        told = eva.send(address, page="/artist/", answer="accepted")
        assert (told.status_code, "Nothing was decided: nothing is chosen." in told.text) == (400, True)
    assert ("<b>B</b>" in told.text, "<b>A</b>" in told.text) == (True, False), "with its filter"
    assert gallery.rows(HISTORY) == []


def test_a_grid_names_each_painting_by_title_and_number(site: Site, gallery: Gallery) -> None:
    gallery.change("""UPDATE objects SET identifiers = '{"accession": "Gm 283"}' WHERE source_id = '1'""")
    eva = site.person()
    page = eva.get("/artist/").text
    for text in (">One<", ">Gm 283<", ">Untitled<", ">wikiart, 3<"):
        assert text in page
    assert "<dd>Gm 283</dd>" in eva.get(f"/artist/{ids(gallery)[0]}").text


def chosen_in(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'value="(\d+)-\d+" checked', page)]


def test_whoever_is_late_is_told_and_nothing_is_overwritten(site: Site, gallery: Gallery) -> None:
    eva, max_ = site.person("Eva"), site.person("Max")
    one = ids(gallery)[0]
    max_.decide(f"/artist/{one}", "accepted")
    late = eva.send(f"/artist/{one}", answer="rejected", revision="0")
    assert late.status_code == 409
    assert "is accepted now, decided by Max" in late.text
    assert f'<a href="/artist/{one}">Look at One again</a>' in late.text
    assert gallery.rows(HISTORY) == [("accepted", "A", "Max")]


def test_a_kill_between_click_and_answer_loses_and_doubles_nothing(site: Site, gallery: Gallery) -> None:
    eva = site.person()
    one, two, _ = ids(gallery)
    eva.decide(f"/artist/{one}", "accepted")
    site.end(signal.SIGKILL)
    site.begin()
    again = eva.send(f"/artist/{one}", answer="accepted", revision="0")  # the browser sends the form once more
    assert again.url == f"{site.url}/artist/{two}", "the same person, whose cookie still holds"
    assert gallery.rows(HISTORY) == [("accepted", "A", "Eva")]


def test_filters_and_pages_hold_what_was_asked_for(site: Site, gallery: Gallery) -> None:
    eva = site.person()
    assert "Suggested" not in eva.get("/artist/?value=B").text
    assert f"/artist/{ids(gallery)[1]}?value=B" in eva.get("/artist/?value=B").text
    assert "Nothing waits for a decision here, with this filter" in eva.get("/artist/?source=met").text
    assert eva.get("/artist/next?least=.86").url.startswith(f"{site.url}/artist/{ids(gallery)[0]}?")
    for wrong in ("least=much", "least=nan", "after=x", "after=0.5-x", "after=nan-1"):
        assert eva.get(f"/artist/?{wrong}").status_code == 400, wrong


def test_what_is_no_answer_is_refused(site: Site, gallery: Gallery) -> None:
    eva, path = site.person(), f"/artist/{ids(gallery)[0]}"
    for where, form, told in (
        (path, {"answer": "maybe", "revision": "0"}, "Expected an answer"),
        (path, {"answer": "other", "revision": "0"}, "Write the other value first"),
        (path, {"answer": "accepted", "revision": "x"}, "Expected a number that these pages wrote"),
        ("/artist/together", {"answer": "accepted", "chosen": "x-0"}, "Expected a number that these pages wrote"),
        (path, {"answer": "other", "revision": "0", "other": "L" * 501}, "Expected at most 500 letters, got 501"),
        (
            path,
            {"answer": "rejected", "revision": "0", "note": "L" * 2001},
            "Expected at most 2,000 letters, got 2,001",
        ),
        ("/artist/99999", {"answer": "accepted", "revision": "0"}, "no such suggestion"),
    ):
        answer = eva.send(where, page="/", **form)
        assert answer.status_code in (400, 404), told
        assert told in answer.text
    assert gallery.rows(HISTORY) == []


def test_a_decade_that_is_none_is_told_in_its_form_and_what_was_typed_stays(site: Site, gallery: Gallery) -> None:
    painting = gallery.add(None, dating=("19th century", 1801, 1900), title="Dated")
    gallery.told("suggest", gallery.predict("q", (painting, "decade", ("1870", 0.9))))
    eva, path = site.person(), f"/decade/{ids(gallery)[-1]}"
    for typed, told in (
        ("1883", "A decade is written as its first year: 1880 for 1883."),
        ("-5", "A decade is written as its first year: -10 for -5."),
        ("3000", "3000 is yet to come"),
        ("um 1880", "A decade is written as its first year, like 1880; got &#39;um 1880&#39;."),
        ("1880er", "A decade is written as its first year, like 1880; got &#39;1880er&#39;."),
        ("1920", "The museum dates it 1801 to 1900: 1920 to 1929 lies outside."),
        (" ", "Write the other value first."),
    ):
        refused = eva.decide(path, "other", other=typed, opened="1700000000000")
        assert (refused.status_code, refused.url) == (400, f"{site.url}{path}")
        for text in ("<h1>Dated</h1>", told, f'value="{typed}"', 'value="1700000000000"', "It is this instead"):
            assert text in refused.text
    assert gallery.rows(HISTORY) == []
    assert eva.decide(path, "other", other="1880s").ok
    assert gallery.rows(HISTORY) == [("other", "1880", "Eva")]


def test_strangers_pages_and_forms_are_refused(site: Site, gallery: Gallery) -> None:
    eva, max_ = site.person("Eva"), site.person("Max")
    path = f"/artist/{ids(gallery)[0]}"
    form = {"answer": "accepted", "revision": "0"}
    assert eva.get("/", headers={"Host": "evil.test"}).status_code == 400
    assert eva.session.post(f"{site.url}{path}", data=form, timeout=30).status_code == 403
    theirs = max_.get(path).text.partition('name="token" value="')[2].partition('"')[0]
    assert eva.session.post(f"{site.url}{path}", data={**form, "token": theirs}, timeout=30).status_code == 403
    assert eva.send(path, headers={"Origin": "http://evil.test"}, **form).status_code == 403
    for name in ("../catalogue.sqlite", "..%2fcatalogue.sqlite", "%2e%2e/catalogue.sqlite", "0" * 64):
        assert eva.get(f"/pictures/{name}").status_code == 404
    assert gallery.rows(HISTORY) == []


def test_markup_is_text_wherever_it_comes_from(site: Site, gallery: Gallery) -> None:
    mallory = site.person(MARKUP)
    for path in ("/artist/", f"/artist/{ids(gallery)[1]}", f"/artist/{ids(gallery)[2]}"):
        answer = mallory.get(path)
        assert "<script>document" not in answer.text
        assert "<img src=x" not in answer.text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    mallory.decide(f"/artist/{ids(gallery)[0]}", "other", other=MARKUP, note=MARKUP)
    assert "<script>document" not in site.person("Eva").get(f"/artist/{ids(gallery)[0]}").text


def test_a_picture_is_the_museums_own_file(site: Site, gallery: Gallery) -> None:
    (digest,) = gallery.rows("SELECT sha256 FROM images ORDER BY object_id LIMIT 1")[0]
    answer = site.person().get(f"/pictures/{digest}")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content == gallery.file("wikiart:1").read_bytes()


@pytest.mark.parametrize(("ending", "name"), [(".tif", "TIFF"), (".jp2", "JPEG2000")])
def test_what_no_browser_shows_is_shown_as_a_jpeg_of_the_picture_and_kept(
    site: Site, gallery: Gallery, ending: str, name: str
) -> None:
    scan = Image.new("RGB", (3_000, 2_000), "navy")
    stored(gallery, "wikiart:1", scan, ending, name)
    eva = site.person()
    page = eva.get(f"/artist/{ids(gallery)[0]}").text
    address = page.partition('src="/pictures/')[2].partition('"')[0]
    answers = [eva.get(f"/pictures/{address}") for _ in range(2)]
    assert {(one.status_code, one.headers["Content-Type"]) for one in answers} == {(200, "image/jpeg")}
    shown = Image.open(io.BytesIO(answers[0].content))
    assert (shown.format, shown.size) == ("JPEG", (1_800, 1_200))
    assert (answers[0].content, len(list((gallery.data / "cache/review").rglob("*.jpg")))) == (answers[1].content, 1)
    assert gallery.file("wikiart:1").suffix == ending, "the museum's own file is left as it is"


def test_only_an_object_with_a_page_is_linked_to(site: Site, gallery: Gallery) -> None:
    eva, path = site.person(), f"/artist/{ids(gallery)[0]}"
    assert '<a href="https://wikiart.test/1" rel="noreferrer">wikiart, 1</a>' in eva.get(path).text
    for address in ("table:museum/Gm%20283", "javascript:alert(1)"):
        gallery.change(f"UPDATE objects SET url = '{address}' WHERE source_id = '1'")
        assert address not in eva.get(path).text


def test_a_scan_that_cannot_be_shown_says_why(site: Site, gallery: Gallery, tmp_path: Path) -> None:
    file = stored(gallery, "wikiart:1", Image.new("1", (12_000, 9_000)), ".tif", "TIFF", compression="group4")
    eva = site.person()
    large = eva.get(f"/pictures/{file.stem}")
    assert (large.status_code, "12000 x 9000 pixels, more than 100000000" in large.text) == (404, True)
    file.write_bytes(file.read_bytes()[:100])
    assert "This image cannot be shown" in eva.get(f"/pictures/{file.stem}").text
    file.unlink()
    gone = eva.get(f"/pictures/{file.stem}")
    assert (gone.status_code, "is not in the data folder" in gone.text) == (404, True)
    assert str(gallery.data) not in gone.text


def stored(gallery: Gallery, content_id: str, image: Image.Image, ending: str, name: str, **options: str) -> Path:
    """Let a painting have an image of another format from now on; return its file."""
    target = io.BytesIO()
    image.save(target, name, **options)
    digest = hashlib.sha256(target.getvalue()).hexdigest()
    file = gallery.data / "images" / digest[:2] / digest[2:4] / f"{digest}{ending}"
    file.parent.mkdir(parents=True)
    file.write_bytes(target.getvalue())
    gallery.show(content_id, file)
    return file


def test_why_it_was_suggested_stands_beside_it(site: Site, gallery: Gallery) -> None:
    folder = gallery.data / "predictions" / "p" / "explanations"
    said = {"content_id": "wikiart:1", "field": "artist", "value": "A", "probability": 0.9}
    maps = [
        {**said, "overlay": "overlays/1.png"},
        {**said, "content_id": "wikiart:2", "overlay": "../predictions.json"},
    ]
    near = {
        "content_id": "wikiart:1",
        "rank": 1,
        "neighbour": "wikiart:2",
        "cosine": 0.75,
        "artist": MARKUP,
        "genre": "portrait",
    }
    effect = {**said, "label": "genre", "known": "x", "probability_without": 0.25, "value_without": "B"}
    info = ExplanationsInfo(run="net", model_sha256="0" * 64, neighbours_of={})
    tables = [pa.Table.from_pylist(*pair) for pair in ((maps, MAPS), ([near], NEIGHBOURS), ([effect], EFFECTS))]
    write_explanations(folder, info, Explanations(*tables))
    (folder / "overlays").mkdir()
    (folder / "overlays" / "1.png").write_bytes(b"the map")
    eva = site.person()
    one, two, unexplained = ids(gallery)
    page = eva.get(f"/artist/{one}").text
    for text in (f"/overlays/{one}.png", "Without genre = x: 0.25 for A, and B would be likelier", "likeness 0.75"):
        assert text in page
    assert "<script>document" not in page
    assert eva.get(f"/overlays/{one}.png").content == b"the map"
    assert eva.get(f"/overlays/{two}.png").status_code == 404, "outside its folder"
    assert "likeness" not in eva.get(f"/artist/{two}").text
    page = eva.get(f"/artist/{unexplained}")
    assert page.ok
    assert not [text for text in ("/overlays/", "likeness", "Without genre") if text in page.text]
    assert eva.get(f"/overlays/{unexplained}.png").status_code == 404, "nothing was kept of it"


def test_explanations_of_other_predictions_are_not_shown(site: Site, gallery: Gallery) -> None:
    gallery.predict("p", ("wikiart:1", "artist", ("Z", 0.99)))  # of the same name, made again
    folder = gallery.data / "predictions" / "p" / "explanations"
    tables = [pa.Table.from_pylist([], schema) for schema in (MAPS, NEIGHBOURS, EFFECTS)]
    write_explanations(
        folder, ExplanationsInfo(run="net", model_sha256="0" * 64, neighbours_of={}), Explanations(*tables)
    )
    answer = site.person().get(f"/artist/{ids(gallery)[0]}")
    assert answer.ok
    assert "/overlays/" not in answer.text


@pytest.mark.parametrize("lacking", ["flask", "waitress"])
def test_a_library_that_is_not_installed_is_named_with_the_command_that_installs_it(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    own = ("curate.commands.serving", "curate.review.access", "curate.review.pages")
    for name in [name for name in sys.modules if name.startswith(own)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, lacking, None)
    monkeypatch.delitem(sys.modules, "waitress.server", raising=False)
    code, out, err = gallery.run("review")
    expected = f"curate: curate review needs {lacking}: pip install 'flask>=3.1' 'waitress>=3.0'\n"
    assert (code, out, err) == (2, "", expected)


def test_another_address_needs_a_password(gallery: Gallery, tmp_path: Path) -> None:
    gallery.predict("p")
    code, _, err = gallery.run("review", "--host", "0.0.0.0")
    assert (code, "--password-file FILE is needed" in " ".join(err.split())) == (2, True)
    (tmp_path / "password").write_text("\n")
    code, _, err = gallery.run("review", "--password-file", tmp_path / "password")
    assert (code, "expected the password in the first line, which is empty" in err) == (2, True)
    (tmp_path / "password").write_text("pâss\n")
    site = Site(gallery.data, gallery.url, "--password-file", str(tmp_path / "password"))
    try:
        assert "not the password" in Person(site.url).send("/who", name="Eva", password="pass").text
        assert site.person(password="pâss").get("/").ok
        code, _, err = gallery.run("review", "--port", site.port)
        assert (code, "cannot listen at 127.0.0.1" in err) == (2, True)
    finally:
        site.end(signal.SIGKILL)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_signal_ends_the_pages_cleanly_and_the_exit_code_says_which(
    gallery: Gallery, number: signal.Signals, code: Exit
) -> None:
    site = Site(gallery.data, gallery.url)
    try:
        assert site.person().get("/").ok
    finally:
        assert site.end(number) == code
    with pytest.raises(requests.ConnectionError):
        Person(site.url).get("/")
