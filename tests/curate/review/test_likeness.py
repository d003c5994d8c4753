"""Look-alikes with one suggestion stand in one grid, and are decided together or singly."""

import json
import signal
from collections.abc import Iterator

import pyarrow as pa
import pytest

from curate.manifest import read_dataset
from curate.predictions import EFFECTS, MAPS, NEIGHBOURS, Explanations, ExplanationsInfo, write_explanations
from tests.curate.review.conftest import Gallery
from tests.curate.review.site import Person, Site

STATUSES = "SELECT o.source_id, s.status FROM suggestions s JOIN objects o ON o.id = s.object_id ORDER BY o.id"


def explain(gallery: Gallery, name: str, nearest: dict[str, str]) -> None:
    """Keep which known picture is nearest to each painting."""
    near = [
        {"content_id": one, "rank": rank, "neighbour": other if rank == 1 else "wikiart:99", "cosine": 0.9}
        for one, other in nearest.items()
        for rank in (1, 2)
    ]
    tables = [pa.Table.from_pylist(rows, schema) for rows, schema in (([], MAPS), (near, NEIGHBOURS), ([], EFFECTS))]
    info = ExplanationsInfo(run="net", model_sha256="0" * 64, neighbours_of={})
    write_explanations(gallery.data / "predictions" / name / "explanations", info, Explanations(*tables))


@pytest.fixture
def site(gallery: Gallery) -> Iterator[Site]:
    """Five paintings of which A is suggested and a sixth, B: 1 to 3 and 6 are near one picture, 4 and 5 are not."""
    known = gallery.add("A", title="The known one")
    things = [gallery.add(None, title=f"Painting {place}") for place in range(1, 7)]
    values = dict(zip(things, "AAAAAB", strict=True))
    answers = [(thing, "artist", (value, 0.9), ("C", 0.05)) for thing, value in values.items()]
    name = gallery.predict("p", *answers)
    explain(gallery, name, {**dict.fromkeys([*things[:3], things[5]], known), things[3]: "wikiart:98"})
    gallery.told("suggest", name)
    site = Site(gallery.data, gallery.url)
    yield site
    site.end(signal.SIGKILL)


def chosen(gallery: Gallery, *source_ids: str) -> list[str]:
    keys = ", ".join(map(repr, source_ids))
    joined = "suggestions s JOIN objects o ON o.id = s.object_id"
    return [f"{row[0]}-0" for row in gallery.rows(f"SELECT s.id FROM {joined} WHERE o.source_id IN ({keys})")]


def send(eva: Person, path: str, answer: str, marks: list[str]) -> str:
    page = eva.get("/artist/alike").text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    form = {"token": token, "answer": answer, "chosen": marks}
    return eva.session.post(f"{eva.url}{path}", data=form, timeout=30).text


def test_look_alikes_are_decided_together_and_what_is_taken_out_is_shown_again(site: Site, gallery: Gallery) -> None:
    eva = site.person()
    assert "/artist/alike" in eva.get("/artist/").text
    page = eva.get("/artist/alike").text
    assert "Suggested: <b>A</b>, for 3 look-alikes" in page
    assert page.count('name="chosen"') == page.count(" checked>") == 3
    for text in ("Painting 1", "Painting 2", "Painting 3", "Known: A", "the same picture is nearest"):
        assert text in page
    assert "Painting 6" not in page, "near the same picture, but something else is suggested"
    rest = send(eva, "/artist/together?group=0", "accepted", chosen(gallery, "2", "3"))
    assert "for 1 look-alike<" in rest
    done = send(eva, "/artist/together?group=0", "rejected", chosen(gallery, "4"))
    assert "No look-alikes with one suggestion wait here" in done
    assert [status for _, status in gallery.rows(STATUSES)] == [
        "accepted", "accepted", "rejected", "open", "open", "open"
    ]  # fmt: skip
    assert gallery.rows("SELECT COUNT(*) FROM decisions") == [(3,)]


def test_who_was_quicker_is_not_overwritten_in_a_group(site: Site, gallery: Gallery) -> None:
    eva, max_ = site.person("Eva"), site.person("Max")
    marks = chosen(gallery, "2", "3", "4")
    max_.decide(f"/artist/{marks[0].partition('-')[0]}", "rejected")
    late = send(eva, "/artist/together?group=0", "accepted", marks)
    assert "is rejected now, decided by Max" in late
    assert "wikiart, 3" in late
    assert [f'value="{mark}" checked' in late for mark in marks] == [False, True, True], "the others stay chosen"
    assert [status for _, status in gallery.rows(STATUSES)] == ["rejected"] + ["open"] * 5


def test_duplicates_of_the_build_that_was_asked_about_are_look_alikes(gallery: Gallery) -> None:
    image = gallery.file(gallery.add("A", title="One"))
    one, other = gallery.add("A", title="One"), gallery.add("A", title="One again")
    for thing in (one, other):
        gallery.show(thing, image)
    gallery.build(name="asked", require=("genre",))
    dataset = read_dataset(gallery.data / "builds", "asked")
    gallery.change("DELETE FROM object_artists")
    name = gallery.predict("p", *((thing, "artist", ("A", 0.9)) for thing in (one, other)))
    path = gallery.data / "predictions" / name / "predictions.json"
    asked = {"build": "asked", "dataset": dataset.name, "manifest_sha256": dataset.digest}
    path.write_text(json.dumps({**json.loads(path.read_text()), "asked": asked}))
    gallery.told("suggest", name)
    site = Site(gallery.data, gallery.url)
    try:
        page = site.person().get("/artist/alike").text
        assert "for 2 look-alikes" in page
        assert "These show the same picture" in page
    finally:
        site.end(signal.SIGKILL)
    path.write_text(json.dumps({**json.loads(path.read_text()), "asked": {**asked, "manifest_sha256": "0" * 64}}))
    site = Site(gallery.data, gallery.url)
    try:
        assert "No look-alikes" in site.person().get("/artist/alike").text, "the build is another one now"
    finally:
        site.end(signal.SIGKILL)


def test_what_is_shown_blind_stands_in_no_group(site: Site, gallery: Gallery) -> None:
    site.end(signal.SIGKILL)
    site.options = (*site.options, "--blind", "1")
    site.begin()
    assert "No look-alikes" in site.person().get("/artist/alike").text
    assert site.person().get("/artist/alike?group=x").status_code == 400
    assert "No further look-alikes" in site.person().get("/artist/alike?group=7").text
