"""The Rijksmuseum: its real answers, and whole harvests of a museum that answers as it does."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from harvest.catalogue.database import open_catalogue
from harvest.engine.harvester import Outcome
from harvest.engine.parse import parse
from harvest.engine.scheduler import Limits
from harvest.errors import BadAnswer, BadInput, Gone, TaskFailed, Unparsed
from harvest.http.fetcher import Fetcher
from harvest.http.url import Mirror
from harvest.records import Deleted, Halt, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed, Selection, Source
from harvest.sources import rijksmuseum
from tests.harvest.conftest import rows
from tests.harvest.fakes import Clock, WatchedThrottle, run_harvest
from tests.harvest.mutants import mutants
from tests.museum.rijksmuseum import Rijksmuseum
from tests.museum.server import RULES, Museum
from tests.museum.sketches import sketched

SOURCE: Source = rijksmuseum  # type: ignore[assignment]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAINTINGS = 4914
MUTANTS = 4000


# Real answers
def sample(shared: Path, name: str) -> bytes:
    return (shared / "samples" / "rijksmuseum" / name).read_bytes()


def read(kind: str, body: bytes | str, key: str = "200107928", **context: Any) -> list[Parsed]:
    encoded = body.encode() if isinstance(body, str) else body
    url = "https://data.rijksmuseum.nl/oai?verb=ListRecords&resumptionToken=x"
    context = {"set": "261208", "from": None, "enrich": False, "size": 512, **context}
    return parse(SOURCE, Response(Request(kind, url, key, "261208", context), url, 200, {}, encoded))


def records(parsed: list[Parsed]) -> dict[str, ObjectRecord]:
    return {record.source_id: record for record in parsed if isinstance(record, ObjectRecord)}


def terms(record: ObjectRecord | Supplement, field: str) -> list[str]:
    return [term.text for term in record.terms if term.field == field]


def test_a_page_of_the_nested_form_gives_its_paintings(shared: Path) -> None:
    parsed = read("records", sample(shared, "oai-edm-nightwatch.realistic.xml"))
    watch, jesse = records(parsed)["200107928"], records(parsed)["200107774"]
    assert (watch.title, watch.object_type) == ("The Night Watch", "painting")
    (attribution,) = watch.attributions
    assert (attribution.artist.name, attribution.artist.source_id) == ("Rembrandt van Rijn", "2103429")
    assert (attribution.artist.birth_year, attribution.artist.death_year) == (1606, 1669)
    assert attribution.artist.authorities == {"wikidata": "Q5598"}
    assert watch.dating is not None
    assert (watch.dating.earliest, watch.dating.latest, watch.dating.origin) == (1642, 1642, "dcterms:created")
    assert terms(watch, "medium") == ["canvas", "oil paint"]
    assert watch.rights == "http://creativecommons.org/publicdomain/mark/1.0/"
    assert watch.identifiers == {"object_number": "SK-C-5"}
    (image,) = watch.images or ()
    assert image.candidates[:2] == (
        "https://iiif.micr.io/PJEZO/full/!512,512/0/default.jpg",
        "https://iiif.micr.io/PJEZO/full/512,/0/default.jpg",
    )
    assert jesse.attributions == ()
    assert jesse.dating is not None
    assert (jesse.dating.text, jesse.object_type) == ("c. 1500", "painting")
    assert terms(jesse, "medium") == ["oil paint"]
    assert "LcfFk" in (jesse.images or ())[0].url


def test_a_page_tells_what_is_deleted_and_leads_on(shared: Path) -> None:
    parsed = read("records", sample(shared, "oai-edm-nightwatch.realistic.xml"), key="261208")
    assert Deleted("999999") in parsed
    (following,) = (item for item in parsed if isinstance(item, Request))
    assert following.url.endswith("resumptionToken=bWV0YWRhdGE%3D")
    assert (following.kind, following.key, following.scope) == ("records", "261208 page 2", "261208")
    assert (following.context["live"], following.context["listed"], following.context["promised"]) == (2, 3, 4916)


def test_a_page_of_the_form_since_june_2026_gives_iconclass_and_rights(shared: Path) -> None:
    (record,) = records(read("records", sample(shared, "oai-edm-synthetic-kintopp.xml"))).values()
    assert record.source_id == "SK-A-0001"
    assert terms(record, "iconclass") == ["41D92"]
    assert [(term.text, term.origin) for term in record.terms if term.field == "genre"] == [
        ("genre painting", "iconclass")
    ]
    assert [image.state for image in record.images or ()] == ["absent"]
    assert str(record.rights).startswith("http://rightsstatements.org/")


def test_framed_json_gives_image_and_rights_too(shared: Path) -> None:
    (record,) = records(read("framed", sample(shared, "edm-framed-200105339.excerpt.json"), "200105339")).values()
    assert [each.artist.name for each in record.attributions] == ["C. Lapine"]
    assert record.title == "Schoolklas meisjes met breiwerk"
    assert record.dating is not None
    assert (record.dating.earliest, record.dating.latest) == (1895, 1900)
    assert (terms(record, "medium"), record.object_type) == (["papier"], "drawing")
    assert (record.images or ())[0].state == "waiting"


def test_linked_art_gives_years_authorities_and_the_medium_as_one(shared: Path) -> None:
    (extra,) = read("linkedart", sample(shared, "linkedart-object-200107928.trimmed.json"))
    assert isinstance(extra, Supplement)
    ((attribution),) = extra.attributions or ()
    assert (attribution.artist.name, attribution.role, attribution.qualifier) == ("Rembrandt van Rijn", "painter", None)
    assert attribution.artist.authorities["ulan"] == "500011051"
    assert extra.dating is not None
    assert (extra.dating.earliest, extra.dating.latest, extra.dating.precision) == (1642, 1642, "year")
    assert terms(extra, "medium") == ["oil on canvas"]
    assert extra.identifiers == {"handle": "10934/RM0001.COLLECT.5216"}


def test_linked_art_is_read_where_members_are_bare_addresses(shared: Path) -> None:
    (extra,) = read("linkedart", sample(shared, "linkedart-object-200117708.json"), "200117708")
    assert isinstance(extra, Supplement)
    assert [(each.artist.source_id, each.qualifier) for each in extra.attributions or ()] == [("2103429", None)]
    assert (extra.attributions or ())[0].artist.authorities["rkd"] == "66219"
    assert extra.dating is not None
    assert (extra.dating.earliest, extra.dating.latest) == (1628, 1629)
    assert set(terms(extra, "material")) == {"ink", "paint", "paper"}
    assert extra.identifiers["object_number"] == "RP-T-1930-54(V)"


def test_a_page_of_results_asks_for_each_object_and_the_next_page(shared: Path) -> None:
    parsed = read("search", sample(shared, "search-docs-painting-oilpaint.json"), key="type=painting")
    assert [(item.kind, item.key) for item in parsed if isinstance(item, Request)] == [
        ("framed", "200100988"),
        ("search", "type=painting page 2"),
    ]
    (last,) = read("search", sample(shared, "search-rembrandt-nachtwacht.json"))
    assert isinstance(last, Request)
    assert last.url == "https://data.rijksmuseum.nl/200107928?_profile=edm-framed"


def test_an_object_of_the_old_api_is_read(shared: Path) -> None:
    (record,) = records(read("legacy", sample(shared, "old/object-SK-C-5.nl.json"))).values()
    assert terms(record, "iconclass") == ["45(+26)", "45C1", "48C7341", "31D11222", "45D12", "34B11"]
    assert (terms(record, "medium"), terms(record, "genre")) == (["olieverf op doek"], ["military painting"])
    assert record.identifiers == {"object_number": "SK-C-5", "handle": "10934/RM0001.COLLECT.5216"}
    assert "inscriptions" not in record.fields["legacy"]


# What is asked for
def started(**options: Any) -> list[Request]:
    since = options.pop("since", None)
    return list(rijksmuseum.start(Selection(options, since)))


def test_the_paintings_are_asked_for_by_default() -> None:
    (request,) = started()
    assert request.url == "https://data.rijksmuseum.nl/oai?verb=ListRecords&metadataPrefix=edm&set=261208"
    assert (request.kind, request.key, request.scope) == ("records", "261208", "261208")


def test_a_later_harvest_asks_from_a_day_before_the_last_one() -> None:
    (request,) = started(since=NOW)
    assert request.url.endswith("&from=2026-11-22T12%3A00%3A00Z")
    assert request.key == "261208 from 2026-11-22T12:00:00Z"


def test_whoever_enriches_asks_for_the_lists_again() -> None:
    keys = [started(**options)[0].key for options in ({}, {"enrich": True}, {"image_size": 1024})]
    assert keys == ["261208", "261208 enriched", "261208 1024px"]


def test_sets_everything_and_searches_can_be_chosen() -> None:
    assert [request.scope for request in started(set=("2616", "26121"))] == ["2616", "26121"]
    assert [request.scope for request in started(everything=True)] == ["everything"]
    (request,) = started(search=("type=painting", "creator=Rembrandt van Rijn"))
    assert request.url.endswith("/search/collection?creator=Rembrandt%20van%20Rijn&type=painting")
    assert started(legacy=("old.json",)) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": "abc"}, "none is needed"),
        ({"set": ("paintings",)}, "expected a set's number"),
        ({"set": ("",)}, "expected a set's number"),
        ({"set": ("2616",), "everything": True}, "without --set"),
        ({"search": ("q=night",)}, "with KEY one of title, objectNumber"),
        ({"search": ("creator",)}, "expected KEY=VALUE"),
        ({"search": ("imageAvailable=yes",)}, "imageAvailable=true or"),
        ({"search": ("type=painting", "type=print")}, "expected it once"),
        ({"search": ("title=" + "x" * 500,)}, "at most 400 characters"),
    ],
)
def test_what_cannot_be_asked_for_is_told_in_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        started(**options)
    assert "\n" not in str(raised.value)


# What goes wrong
def oai(content: str, day: str = "2026-11-23") -> str:
    head = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    return f"{head}<responseDate>{day}T12:00:00Z</responseDate>{content}</OAI-PMH>"


def test_that_nothing_matches_is_no_failure() -> None:
    assert read("records", oai('<error code="noRecordsMatch"/>')) == []


def test_a_refused_token_begins_its_window_again_three_times_a_day() -> None:
    refused, window = oai('<error code="badResumptionToken"/>'), {"from": "2026-11-01T00:00:00Z"}
    (again,) = read("records", refused, **window, restarts=0)
    assert isinstance(again, Request)
    assert again.url.endswith("&set=261208&from=2026-11-01T00%3A00%3A00Z")
    assert again.context["restarts"] == 1
    (end,) = read("records", refused, **window, restarts=3, day="2026-11-23")
    assert isinstance(end, Halt)
    (anew,) = read("records", refused, **window, restarts=3, day="2026-11-22")
    assert isinstance(anew, Request)
    assert again.key == anew.key == "261208 from 2026-11-01T00:00:00Z restart 1 of 2026-11-23"


@pytest.mark.parametrize("code", ["badArgument", "cannotDisseminateFormat", ""])
def test_another_error_of_the_protocol_is_told(code: str) -> None:
    with pytest.raises(Unparsed, match=code or "without a code"):
        read("records", oai(f'<error code="{code}">why</error>'))


@pytest.mark.parametrize("body", ["", "<html><body>soon back</body></html>", "<OAI-PMH><ListRec", "{}"])
def test_what_is_no_answer_of_the_protocol_is_asked_for_again(body: str) -> None:
    with pytest.raises(BadAnswer):
        read("records", body)


def test_an_entity_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    bomb = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    body = bomb + oai('<error code="badArgument">&e;</error>')
    with pytest.raises(TaskFailed) as raised:
        read("records", body)
    assert "secret" not in str(raised.value).replace(str(tmp_path), "")


@pytest.mark.parametrize("length", [1, 2, 3, 7, 12])
def test_a_circle_of_any_length_is_found_out(length: int) -> None:
    context: dict[str, Any] = {}
    for page in range(1, 100):
        token = str(page if page < 5 else 5 + (page - 5) % length)
        after = list(
            read("records", oai(f"<ListRecords><resumptionToken>{token}</resumptionToken></ListRecords>"), **context)
        )
        if isinstance(after[0], Halt):
            assert "circle" in after[0].reason
            return
        assert isinstance(after[0], Request)
        context = dict(after[0].context)
    pytest.fail("the circle was walked for ever")


def test_a_list_that_is_longer_than_promised_or_ends_early_halts() -> None:
    token = '<resumptionToken completeListSize="3">t</resumptionToken>'
    (halt,) = read("records", oai(f"<ListRecords>{token}</ListRecords>"), page=2, live=4, listed=4)
    assert isinstance(halt, Halt)
    assert "4 records came of 3" in halt.reason
    (halt,) = read("records", oai("<ListRecords/>"), page=2, live=50, listed=50, promised=4914)
    assert isinstance(halt, Halt)
    assert "50 of 4914" in halt.reason


def test_a_record_without_content_is_asked_for_singly() -> None:
    header = "<header><identifier>https://id.rijksmuseum.nl/200100001</identifier></header>"
    (request,) = read("records", oai(f"<ListRecords><record>{header}</record></ListRecords>"))
    assert isinstance(request, Request)
    assert (request.kind, request.key) == ("framed", "200100001")


def test_a_record_without_a_name_halts_but_loses_no_other() -> None:
    deleted = "<header status='deleted'><identifier>https://id.rijksmuseum.nl/1</identifier></header>"
    parsed = read("records", oai(f"<ListRecords><record/><record>{deleted}</record></ListRecords>"))
    assert [type(item) for item in parsed] == [Halt, Deleted]


@pytest.mark.parametrize(
    ("asked", "is_it"), [("SK-A-1", True), ("sk-a-1", True), ("SK-A-*", True), ("SK-?-1", True), ("SK-A", False)]
)
def test_an_object_number_must_match_whole(asked: str, *, is_it: bool) -> None:
    body = json.dumps({"aggregatedCHO": {"id": "https://id.rijksmuseum.nl/1", "identifier": "SK-A-1"}})
    assert bool(read("framed", body, "1", search=[["objectNumber", asked]])) is is_it


@pytest.mark.parametrize(
    ("rights", "state"),
    [
        ("http://creativecommons.org/publicdomain/mark/1.0/", "waiting"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "waiting"),
        ("http://rightsstatements.org/vocab/InC/1.0/", "withheld"),
        (None, "withheld"),
    ],
)
def test_only_free_images_are_asked_for(rights: str | None, state: str) -> None:
    tree = {"aggregatedCHO": {"title": "x"}, "isShownBy": "https://iiif.micr.io/abc/full/max/0/default.jpg"}
    (record,) = records(read("framed", json.dumps(tree | ({"edmRights": rights} if rights else {})), "1")).values()
    (image,) = record.images or ()
    assert (image.state, bool(image.candidates)) == (state, state == "waiting")


def test_a_mutated_answer_is_read_or_refused(shared: Path) -> None:
    museum = Rijksmuseum(sketched(4))
    kinds = {
        "records": [
            sample(shared, "oai-edm-nightwatch.realistic.xml"),
            sample(shared, "oai-edm-synthetic-kintopp.xml"),
        ],
        "framed": [sample(shared, "edm-framed-200105339.excerpt.json"), document(museum, "edm-framed")],
        "linkedart": [sample(shared, "linkedart-object-200117708.json"), document(museum, "la-framed")],
        "search": [sample(shared, "search-docs-painting-oilpaint.json")],
        "legacy": [sample(shared, "old/object-SK-C-5.nl.json")],
    }
    for kind, bodies in kinds.items():
        ends = set()
        for body in mutants(bodies, MUTANTS // len(kinds), seed=5):
            try:
                ends.add(bool(read(kind, body, enrich=True)))
            except TaskFailed:
                ends.add("refused")
        assert len(ends) > 1, kind


def document(museum: Rijksmuseum, profile: str) -> bytes:
    answer = museum("data.rijksmuseum.nl", "/200100001", {"_profile": profile})
    assert answer is not None
    return answer.body


# Whole harvests
class House:
    """The museum with its paintings, and a catalogue of it."""

    def __init__(self, data: Path, works: int) -> None:
        self.site = Rijksmuseum(sketched(works))
        self.data = data
        self.catalogue = open_catalogue(f"sqlite:///{data / 'c.sqlite'}", create=True)
        self.asked: list[str] = []

    def harvest(self, *, days: float = 0, images: bool = False, limit: int | None = None, **options: Any) -> Outcome:
        clock = Clock()
        clock.seconds += days * 86400
        self.site.today = clock.today()
        throttle = WatchedThrottle(rijksmuseum.PACE, 1.0, clock.now, clock.wait)
        with Museum(self.site.collection, sites=[self.site]) as museum, requests.Session() as session:
            fetcher = Fetcher(session, throttle, mirror=Mirror.at(museum.url), today=clock.now)
            limits = Limits(limit, images=images)
            outcome = run_harvest(
                SOURCE, self.catalogue, fetcher, self.data, clock,
                selection=Selection(options), limits=limits, options=options,
            )  # fmt: skip
            self.asked = [asked.host + asked.path for asked in museum.asked if asked.path not in RULES]
        for host in throttle.let:
            assert throttle.least_gap(host) >= rijksmuseum.PACE[host] - 1e-6
        return outcome

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return rows(self.catalogue, statement)

    @property
    def contents(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT source_id, content_hash, deleted_at IS NULL FROM objects ORDER BY source_id")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, 200)
    yield made
    made.catalogue.dispose()


def counts(outcome: Outcome, *names: str) -> tuple[int, ...]:
    return tuple(outcome.counts[name] for name in names)


@pytest.mark.slow
def test_all_paintings_come_in_a_hundred_requests_and_the_next_run_asks_two(tmp_path: Path) -> None:
    house = House(tmp_path, PAINTINGS)
    first = house.harvest()
    assert (first.finish_reason, counts(first, "new", "failed")) == ("complete", (PAINTINGS, 0))
    assert len(house.asked) == 99
    assert first.counts["requests"] <= 100
    before = house.contents
    again = house.harvest(days=1)
    assert again.finish_reason == "complete"
    assert again.counts["requests"] <= 2
    assert counts(again, "new", "changed", "deleted") == (0, 0, 0)
    assert house.contents == before
    house.site.change(range(100, 110), NOW + timedelta(days=1.5))
    house.site.delete((7, 8, 4000), NOW + timedelta(days=1.5))
    third = house.harvest(days=2)
    assert counts(third, "new", "changed", "unchanged", "deleted") == (0, 10, 0, 3)
    assert house.ask("SELECT COUNT(*) FROM objects WHERE title LIKE '%(1)'") == [(10,)]
    states = dict(house.ask("SELECT state, COUNT(*) FROM images GROUP BY state"))  # type: ignore[arg-type]
    assert states.keys() == {"waiting", "absent", "withheld"}
    named = house.ask("SELECT COUNT(DISTINCT object_id) FROM object_artists")[0][0] / PAINTINGS
    assert 0.93 < named < 0.97
    house.catalogue.dispose()


@pytest.mark.parametrize("enrich", [False, True])
def test_every_work_is_a_painting_and_dated_as_the_museum_dates_it(house: House, *, enrich: bool) -> None:
    house.harvest(enrich=enrich)
    assert house.ask("SELECT DISTINCT object_type FROM objects") == [("painting",)]
    said = {str(fact.id): ("; ".join(fact.datings) or None, *(fact.years or (None, None))) for fact in house.site.facts}
    assert {
        row[0]: row[1:] for row in house.ask("SELECT source_id, dating_text, earliest, latest FROM objects")
    } == said
    assert any("-06" in fact.datings[0] for fact in house.site.facts if fact.datings)
    assert any(len(fact.datings) > 1 for fact in house.site.facts)
    assert any({"nl": "miniatuur"} in fact.types for fact in house.site.facts)


def test_a_change_of_form_in_the_middle_loses_and_rewrites_nothing(house: House) -> None:
    house.site.form = lambda number: "nested" if number < 100 else "sibling"
    assert counts(house.harvest(), "new") == (200,)
    before = house.contents
    house.site.form = lambda _number: "inline"
    house.site.touch(range(50), NOW)
    again = house.harvest(days=0.5)
    assert counts(again, "new", "changed", "unchanged") == (0, 0, 50)
    assert house.contents == before


def test_a_collapse_of_the_artist_stops_the_run_by_name(house: House) -> None:
    house.site.nameless_from = 60
    outcome = house.harvest()
    assert outcome.finish_reason == "stopped"
    assert "artist" in str(outcome.message)
    assert house.ask("SELECT COUNT(*) FROM objects")[0][0] >= 110  # what was read is kept


def test_a_refused_token_loses_nothing(house: House) -> None:
    house.site.refused = 2
    outcome = house.harvest()
    assert (outcome.finish_reason, counts(outcome, "new", "deleted", "failed")) == ("complete", (200, 0, 0))
    assert sum("metadataPrefix=edm" in path for path in house.asked) == 3


def test_a_token_that_is_always_refused_halts_and_another_day_goes_on(house: House) -> None:
    house.site.refused = 1000
    outcome = house.harvest()
    assert (outcome.finish_reason, len(house.asked)) == ("stopped", 8)
    house.site.refused = 0
    later = house.harvest(days=1)
    assert later.finish_reason == "complete"
    assert house.ask("SELECT COUNT(*) FROM objects") == [(200,)]


def test_a_circle_of_tokens_halts(house: House) -> None:
    house.site.circle = 2
    outcome = house.harvest()
    assert outcome.finish_reason == "stopped"
    assert "the list leads in a circle: page" in str(outcome.message)
    assert len(house.asked) == 4


FLAWS: dict[str, Callable[[bytes], bytes]] = {
    "a forbidden character": lambda body: body.replace(b"<dc:title", b"\x0b<dc:title", 1),
    "a reference to one": lambda body: body.replace(b"</dc:title>", b"&#x1F;</dc:title>", 1),
    "a byte of Latin-1": lambda body: body.replace(b"</dc:title>", b"\xe9</dc:title>", 1),
    "an entity of HTML": lambda body: body.replace(b"</dc:title>", b"&eacute;</dc:title>", 1),
    "an ampersand": lambda body: body.replace(b"</dc:title>", b" & Co</dc:title>", 1),
    "blank lines before": lambda body: b"\r\n\n" + body,
    "a notice behind": lambda body: body + b"\n<p>Served by <b>x</p>",
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_of_a_page_costs_no_record_and_is_one_failure(house: House, flaw: str) -> None:
    house.site.flaws = {1: FLAWS[flaw]}
    outcome = house.harvest()
    assert (outcome.finish_reason, counts(outcome, "new", "failed")) == ("complete", (200, 1))
    ((message,),) = house.ask("SELECT message FROM tasks WHERE state = 'failed' AND error = 'Damaged'")
    assert "expected well-formed XML, got a flaw (" in message
    assert "50 records were read, 0 could not be" in message
    house.site.flaws = {}
    again = house.harvest(days=1)
    assert (again.finish_reason, counts(again, "new", "failed")) == ("complete", (0, 0))
    assert house.ask("SELECT COUNT(*) FROM tasks WHERE state = 'failed'") == [(0,)]


def test_a_record_that_cannot_be_read_is_lost_alone(house: House) -> None:
    house.site.flaws = {1: lambda body: body.replace(b"</dc:title>", b"</dc:titel>", 1)}
    outcome = house.harvest()
    assert (outcome.finish_reason, counts(outcome, "new", "failed")) == ("complete", (199, 1))
    ((message,),) = house.ask("SELECT message FROM tasks WHERE state = 'failed'")
    assert "49 records were read, 1 could not be" in message


def test_a_record_that_is_larger_than_any_is_lost_alone(house: House) -> None:
    subjects = b"".join(b"<dc:subject>%d</dc:subject>" % number for number in range(21_000))
    house.site.flaws = {1: lambda body: body.replace(b"<dc:title", subjects + b"<dc:title", 1)}
    outcome = house.harvest()
    assert (outcome.finish_reason, counts(outcome, "new", "failed")) == ("complete", (199, 1))
    ((message,),) = house.ask("SELECT message FROM tasks WHERE state = 'failed' AND error = 'Damaged'")
    assert (
        "expected an object of at most 20000 values in the Europeana model, got more: 49 records were read" in message
    )


def test_a_page_that_is_cut_short_fails_and_is_asked_for_again(house: House) -> None:
    house.site.flaws = {1: lambda body: body[: -len("</OAI-PMH>")]}
    outcome = house.harvest()
    assert (outcome.finish_reason, counts(outcome, "new")) == ("incomplete", (50,))
    assert house.ask("SELECT error FROM tasks WHERE state = 'failed'") == [("BadAnswer",)]
    house.site.flaws = {}
    assert counts(house.harvest(days=1), "new") == (150,)


def test_an_error_of_the_protocol_leaves_the_harvest_incomplete(house: House) -> None:
    house.site.error = "badArgument"
    assert house.harvest().finish_reason == "incomplete"
    house.site.error = None
    assert house.harvest().finish_reason == "complete"


def test_enriched_objects_carry_linked_art_and_are_asked_again_only_where_they_changed(house: House) -> None:
    house.harvest(enrich=True)
    assert len(house.asked) == 204
    phrases = house.ask("SELECT COUNT(*) FROM terms WHERE field = 'medium' AND text LIKE '% on %'")[0][0]
    assert phrases > 150
    qualified = house.ask("SELECT COUNT(*) FROM object_artists WHERE qualifier = 'attributed to'")[0][0]
    assert qualified == sum(fact.is_qualified for fact in house.site.facts) > 0
    assert house.ask("SELECT COUNT(*) FROM objects WHERE dating_origin = 'timespan'")[0][0] > 180
    (names,) = house.ask("SELECT identifiers FROM objects WHERE source_id = '200100003'")
    assert json.loads(names[0]) == {"object_number": "SK-A-4", "handle": "10934/RM0001.COLLECT.5003"}
    house.site.change((3, 4), NOW + timedelta(days=1))
    house.harvest(days=2, enrich=True)
    assert len(house.asked) == 3
    assert house.ask("SELECT COUNT(*) FROM objects WHERE dating_origin = 'timespan'")[0][0] > 180


def test_a_search_resolves_each_object_once(house: House) -> None:
    outcome = house.harvest(search=("title=portrait", "type=painting"))
    wanted = sum("portrait" in fact.title.casefold() for fact in house.site.facts)
    assert 0 < wanted == outcome.counts["new"]
    assert len(house.asked) == wanted + 1
    exact = house.harvest(days=1, search=("objectNumber=SK-A-1",))
    assert house.ask("SELECT COUNT(*) FROM objects WHERE source_id = '200100000'") == [(1,)]
    assert exact.counts["objects"] <= 1


def test_a_search_goes_through_all_its_pages(house: House) -> None:
    assert house.harvest(search=("type=painting",)).counts["new"] == 200
    assert sum("/search/" in path for path in house.asked) == 2


def test_lists_and_search_tell_the_same_of_an_object(house: House) -> None:
    house.harvest()
    labels = """SELECT o.source_id, o.title, o.object_type, o.earliest, o.latest, o.rights, i.state, i.candidates,
        (SELECT group_concat(a.source_id) FROM object_artists oa JOIN artists a ON a.id = oa.artist_id
         WHERE oa.object_id = o.id), (SELECT group_concat(t.field || t.text) FROM terms t WHERE t.object_id = o.id)
        FROM objects o JOIN images i ON i.object_id = o.id WHERE o.source_id < '200100050' ORDER BY o.source_id"""
    before = house.ask(labels)
    house.harvest(days=1, search=("type=painting",))
    assert house.ask(labels) == before


def test_images_come_in_the_size_asked_for(house: House) -> None:
    outcome = house.harvest(images=True, image_size=300, limit=50)
    assert outcome.counts["failed"] == 0
    images = [path for path in house.asked if path.startswith("iiif.micr.io")]
    assert images
    assert all("/full/!300,300/0/default.jpg" in path for path in images)


# One record
def test_a_record_asked_for_alone_is_read_as_in_a_list(shared: Path) -> None:
    listed = sample(shared, "oai-edm-nightwatch.realistic.xml").decode()
    record = re.search(r"<record>(?:(?!</record>).)*200107928.*?</record>", listed, re.DOTALL)
    assert record
    head, tail = listed[: listed.index("<ListRecords>")], listed[listed.index("</ListRecords>") + 14 :]
    alone = f"{head}<GetRecord>{record[0]}</GetRecord>{tail}"
    parsed = read("record", alone, set=None)
    assert records(parsed)["200107928"] == records(read("records", listed))["200107928"]


def test_a_record_that_the_museum_never_had_is_gone_and_another_ones_is_refused() -> None:
    head = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-23T12:00:00Z</responseDate>'
    with pytest.raises(Gone, match="the museum has no such object"):
        read("record", f'{head}<error code="idDoesNotExist">?</error></OAI-PMH>')
    with pytest.raises(Unparsed, match="got the error badArgument"):
        read("record", f'{head}<error code="badArgument">?</error></OAI-PMH>')
    other = "<header status='deleted'><identifier>https://id.rijksmuseum.nl/1</identifier></header>"
    with pytest.raises(Unparsed, match="expected the record of https://id"):
        read("record", f"{head}<GetRecord><record>{other}</record></GetRecord></OAI-PMH>")
    with pytest.raises(Unparsed, match="got the error idDoesNotExist"):
        read("records", f'{head}<error code="idDoesNotExist">?</error></OAI-PMH>')
