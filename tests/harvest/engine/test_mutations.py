"""Whatever comes over the line: a record, a failure of that one task, or a stop. Never another error, never a hang."""

import csv
import functools
import io
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import PIL.Image
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue
from harvest.dating import parse_dating
from harvest.engine.ingest import Ingest
from harvest.engine.parse import check, parse
from harvest.errors import BadAnswer, Stopped, TaskFailed, Unparsed
from harvest.pictures import PixelBudget
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import Lane
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import KEYED, Option, Parsed, Scope, Selection, Source, name_of, sources
from harvest.sources import wikiart
from harvest.storage import images
from harvest.storage.archive import Archive, ArchiveError, Pointer, read_answer
from tests.harvest.mutants import mutants
from tests.museum.answer import Site
from tests.museum.collection import generated
from tests.museum.invention import slug_of
from tests.museum.sites import open_sites
from tests.museum.wikiart import SESSION

pytestmark = pytest.mark.slow

PARSED = 12_000  # mutants of each source's answers
WRITTEN = 600  # mutants that a catalogue is tried with
FOLLOWED = 3_000  # mutants whose requests are followed
PICTURED = 4_000
LONGEST = 10.0  # seconds of work on one answer; most take milliseconds
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCES = sources()
GENERATED = generated(artists=2, works=4)
_NO_TERMS: Any = {"styles": (), "genres": (), "media": ()}
COLLECTION = replace(GENERATED, works=(replace(GENERATED.works[0], **_NO_TERMS), *GENERATED.works[1:]))
KNOWN = {  # to the museum, by the option's name
    "artist": COLLECTION.artists[0].slug,
    "style": slug_of(COLLECTION.works[-1].styles[0]),
    "genre": slug_of(COLLECTION.works[-1].genres[0]),
    "set": "261208",
    "search": "type=painting",
    "key": "",  # whatever is given, it is refused
}

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


@functools.cache
def originals(source: Source) -> dict[str, list[Response]]:
    """The museum's own answers, by kind, in both layouts: all that a harvest may ask for but images."""
    found: dict[str, list[Response]] = {}
    for layout in ("2018", "2026"):
        sites = open_sites(COLLECTION, layout=layout)
        wanted = [request for each in choices(source) for request in source.start(each)]
        told = followed(source, sites, [*wanted, *asked_by_table(source, sites)])
        works = frozenset(item.source_id for _, items in told for item in items if isinstance(item, ObjectRecord))
        told += followed(source, sites, list(source.start(Selection(works=works))))  # as a manifest names them
        for response, _ in told:
            found.setdefault(response.request.kind, []).append(response)
    return found


def followed(source: Source, sites: Sequence[Site], wanted: list[Request]) -> list[tuple[Response, list[Parsed]]]:
    """Ask for all that is wanted, and for all that the answers lead to; return the answers with what they hold."""
    told, asked = [], set()
    while wanted:
        request = wanted.pop(0)
        identity = (request.kind, request.identity, repr(request.context))
        if identity not in asked:
            asked.add(identity)
            response = answered(request, sites)
            items = list(parse(source, response))
            told.append((response, items))
            wanted += [item for item in items if isinstance(item, Request)]
            wanted += [request.fallback] if request.fallback else []
    return told


def asked_by_table(source: Source, sites: Sequence[Site]) -> Iterator[Request]:
    """What the rows of a source's table ask for."""
    if (table := getattr(source, "TABLE", None)) is None:
        return
    text = answered(Request("table", table.url), sites).body.decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if request := source.ask_about(row, Selection()):  # type: ignore[attr-defined]
            yield request


def choices(source: Source) -> Iterator[Selection]:
    """Want all of a source, and each of its options alone."""
    yield Selection()
    for option in source.OPTIONS:
        yield Selection({option.name: (value_of(option),) if option.multiple else value_of(option)})


def value_of(option: Option) -> Any:
    """Return a value for an option: one that the museum knows, where it is a word."""
    word = KNOWN.get(option.name, option.metavar.rpartition("|")[2])
    return {"number": 1, "flag": True, "file": Path("list.csv"), "text": word}[option.kind]


def test_every_parser_is_fed() -> None:
    for source in SOURCES.values():
        own = [name for name, value in vars(source).items() if getattr(value, "__module__", "") == source.__name__]
        parsers = {name.removeprefix("parse_") for name in own if name.startswith("parse_")}
        assert set(originals(source)) == parsers - {"row", "legacy"}  # a table's rows, and files, are read otherwise


def answered(request: Request, sites: Sequence[Site]) -> Response:
    parts = urlsplit(request.url)
    query = dict(parse_qsl(parts.query)) | ({wikiart.KEYED_API.session: SESSION} if request.kind == KEYED else {})
    given = (site(parts.netloc, unquote(parts.path), query) for site in sites)
    answer = next(each for each in given if each is not None)
    return Response(request, request.url, 200, {"content-type": answer.content_type}, answer.body)


def mutated(source: Source, number: int, seed: int) -> Iterator[Response]:
    """So many mutants, the same share of each kind of answer."""
    kinds = originals(source)
    for kind, responses in kinds.items():
        bodies = [response.body for response in responses]
        for count, body in enumerate(mutants(bodies, number // len(kinds), seed)):
            like = responses[count % len(responses)]
            yield replace(like, request=replace(like.request, scope=f"{kind}-{count}"), body=body)


def read(source: Source, response: Response) -> list[Parsed] | None:
    try:
        return parse(source, response)
    except (TaskFailed, Stopped):
        return None


@each_source
def test_every_parser_reads_a_mutated_answer_or_says_that_it_cannot(source: Source) -> None:
    ends: Counter[str] = Counter()
    for response in mutated(source, PARSED, seed=1):
        begun = time.process_time()
        found = read(source, response)
        assert time.process_time() - begun < LONGEST
        ends[f"{response.request.kind} {'unread' if found is None else 'read'}"] += 1
    assert ends.total() >= PARSED - 10
    assert len(ends) == 2 * len(originals(source)), ends  # of each kind some are read and some are not


@each_source
def test_what_a_mutant_asks_for_is_read_or_said_to_be_unreadable(source: Source) -> None:
    """Not only an answer may be strange, but also what the answer before it told of it."""
    kinds, followed = originals(source), Counter[str]()
    for count, response in enumerate(mutated(source, FOLLOWED, seed=6)):
        for request in [each for each in read(source, response) or () if isinstance(each, Request)][:3]:
            answer = kinds[request.kind][count % len(kinds[request.kind])]
            read(source, replace(answer, request=request))
            followed[request.kind] += 1
    well = [response for responses in kinds.values() for response in responses]
    assert set(followed) == {
        each.kind for response in well for each in parse(source, response) if isinstance(each, Request)
    }


@each_source
def test_a_mutant_that_is_read_can_be_written_and_each_engine_holds_the_same(
    source: Source, tmp_path: Path, mariadb: Callable[[], str]
) -> None:
    said = []
    for number, url in enumerate((f"sqlite:///{tmp_path / 'c.sqlite'}", mariadb())):
        engine = open_catalogue(url, create=True)
        with engine.begin() as connection:
            run = runs.begin(connection, name_of(source), {}, NOON)
        archive = Archive(tmp_path / str(number), name_of(source), None)
        write_table(source, engine, archive, run)
        for response in changing(mutated(source, WRITTEN, seed=2)):
            enter(source, engine, archive, run, response, functools.partial(parse, source, response))
        archive.close()
        said.append(contents(engine))
        engine.dispose()
    assert said[0] == said[1]
    assert all(len(rows) > 2 for rows in said[0])


def changing(responses: Iterable[Response]) -> Iterator[Response]:
    """Let every other answer be one that was never given, and those between them new ones to what was asked before."""
    for count, response in enumerate(responses):
        request = response.request
        key = f"{count}-{request.key}" if count % 2 else request.key
        yield replace(response, request=replace(request, key=key, fallback=None))


def write_table(source: Source, engine: Engine, archive: Archive, run: int) -> None:
    """Write the objects of a source's table, which its other answers add to."""
    if (table := getattr(source, "TABLE", None)) is None:
        return
    request = Request("table", table.url, scope="table")
    response = answered(request, open_sites(COLLECTION, layout="2018"))
    told = csv.DictReader(io.StringIO(response.body.decode("utf-8-sig"), newline=""))
    found = [source.parse_row(row) for row in told]  # type: ignore[attr-defined]
    enter(source, engine, archive, run, response, lambda: found)


def enter(
    source: Source, engine: Engine, archive: Archive, run: int, response: Response, reading: Callable[[], list[Parsed]]
) -> None:
    """Do what the engine does with an answer, in one transaction."""
    name = name_of(source)
    with engine.begin() as connection:
        enqueue(connection, name, [response.request], depth=1, now=NOON, afresh=True)
        scopes = {str(response.request.scope)}
        lane = tasks.lane_of(response.request.kind)
        (task,) = tasks.claim(connection, name, lane, 1, run_id=run, now=NOON, scope=Scope(scopes, is_metered=True))
        ingest, pointer = Ingest(connection, name, NOON, Counter()), archive.append(response, NOON)
        try:
            found = reading()
        except TaskFailed as failure:
            ingest.unread(task, response, pointer, Unparsed(str(failure)))
        else:
            ingest.page(task, response, pointer, found)
        ingest.write()


def contents(engine: Engine) -> list[list[tuple[object, ...]]]:
    """Return what an engine holds; objects by their keys, for an upsert takes a number on MariaDB alone."""
    objects, terms, images, tasks = schema.objects, schema.terms, schema.images, schema.tasks
    name = objects.c.source_id
    questions = (
        select(name, objects.c.content_hash, objects.c.fields, objects.c.title),
        select(name, objects.c.deleted_at, objects.c.identifiers, objects.c.rights),
        select(schema.artists.c.source_id, schema.artists.c.name, schema.artists.c.birth_year),
        select(tasks.c.kind, tasks.c.key, tasks.c.state, tasks.c.url),
        select(name, terms.c.field, terms.c.position, terms.c.text).join_from(terms, objects),
        select(name, images.c.position, images.c.url, images.c.state).join_from(images, objects),
    )
    with engine.connect() as connection:
        return [sorted((tuple(row) for row in connection.execute(question)), key=repr) for question in questions]


@pytest.mark.parametrize(
    "found",
    [
        Artist("a", "half a character: \ud800"),
        Artist("a", "x", 2**31),
        Artist("", "x"),
        Artist("a" * 401, "x"),
        Artist("a", "x" * 1_000_001),
        ObjectRecord("a", "https://x", fields={"n": float("inf")}),
        ObjectRecord("a", "https://x", fields={"n": [float("nan")]}),
        ObjectRecord("a", "https://x", fields={"n": 10**309}),
        ObjectRecord("a", "https://x", fields={"\ud800": 1}),
        ObjectRecord("a", "https://x", fields={"n": [[["\udfff"]]]}),
        ObjectRecord("a", "https://x", fields={"n": eval("[" * 31 + "]" * 31)}),
        ObjectRecord("a", "https://x", dating=Dating("x", -(2**31), 2000)),
        ObjectRecord("a", "https://x", terms=(Term("genre", "x", "y" * 401),)),
        ObjectRecord("a", "https://x", attributions=(Attribution(Artist("a", "b"), "r" * 41),)),
        ObjectRecord("a", "https://x", images=(Image("x", state="s" * 41),)),
        Request("page", "https://x", "k" * 601),
        Request("page", "https://x/\ud800"),
        Request("page", "https://x", "k", context={"n": float("-inf")}),
    ],
)
def test_what_no_catalogue_could_hold_is_refused_before_it_is_written(found: object) -> None:
    with pytest.raises(Unparsed, match=r"^https://where"):
        check([found], "https://where")


def test_the_largest_that_is_allowed_can_be_written(empty_catalogue_url: str, tmp_path: Path) -> None:
    """Also escaped, in one statement: each of these characters takes twelve bytes in JSON."""
    source = next(iter(SOURCES.values()))
    record = ObjectRecord(
        "a" * 400, "https://x", fields={"n": "🎨" * 999_000, "d": eval("[" * 30 + "1e308" + "]" * 30)}
    )
    check([record], "https://where")
    engine = open_catalogue(empty_catalogue_url, create=True)
    archive = Archive(tmp_path, "test", None)
    with engine.begin() as connection:
        run = runs.begin(connection, name_of(source), {}, NOON)
        enqueue(connection, name_of(source), [Request("page", "https://x", "k" * 600)], depth=1, now=NOON)
        (task,) = tasks.claim(connection, name_of(source), Lane.PAGES, 1, run_id=run, now=NOON, scope=Scope())
        response = Response(task.request, "https://x", 200, {}, b"x")
        ingest = Ingest(connection, name_of(source), NOON, Counter())
        ingest.page(task, response, archive.append(response, NOON), [record])
        ingest.write()
    archive.close()
    with engine.connect() as connection:
        assert connection.execute(select(schema.objects.c.fields)).scalar_one() == record.fields
    engine.dispose()


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_a_mutated_image_is_an_image_or_a_bad_answer() -> None:
    noise = PIL.Image.effect_noise((24, 18), 60).convert("RGB")
    ways = {"JPEG": ({}, {"progressive": True}), "PNG": ({},), "GIF": ({},), "WEBP": ({}, {"lossless": True})}
    ways |= {"TIFF": ({}, {"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}, {"compression": "jpeg"})}
    files = [encoded(noise, name, options) for name, each in ways.items() for options in each]
    ends: Counter[bool] = Counter()
    for body in mutants(files, PICTURED, seed=3):
        try:
            images.verify(Response(Request("image", "https://x/y"), "https://x/y", 200, {}, body), PixelBudget())
            ends[True] += 1
        except BadAnswer:
            ends[False] += 1
    assert min(ends[True], ends[False]) > PICTURED / 20


def encoded(image: PIL.Image.Image, name: str, options: dict[str, object]) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def test_a_mutated_archive_is_never_read_as_another_answer(tmp_path: Path) -> None:
    archive, dice = Archive(tmp_path, "test", None), random.Random(4)
    bodies = [dice.randbytes(300) + b"text " * 100 for _ in range(3)]
    request = Request("page", "https://x/y")
    kept = [archive.append(Response(request, request.url, 200, {"etag": "x"}, body), NOON) for body in bodies]
    archive.close()
    file = tmp_path / kept[0].file
    whole, ends = file.read_bytes(), Counter[bool]()
    for count, bytes_ in enumerate(mutants([whole], 1500, seed=5)):
        file.write_bytes(bytes_)
        pointer = kept[count % 3]
        shifted = Pointer(
            pointer.file, max(0, pointer.offset + dice.choice((0, 0, -1, 7))), pointer.length, pointer.digest
        )
        try:
            assert read_answer(tmp_path, shifted)[1] == bodies[count % 3]
            ends[True] += 1
        except ArchiveError:
            ends[False] += 1
    assert min(ends[True], ends[False]) > 100


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text("0123456789-–/cabCEADs. ,", max_size=60))
@example("9" * 5000)
@example("c. " * 5000)
@example("١٨٨٥")
def test_any_date_is_read_or_kept_as_text(text: str) -> None:
    dating = parse_dating(text)
    assert dating.text == text
    assert (dating.earliest is None) == (dating.latest is None)
    if dating.earliest is not None and dating.latest is not None:
        assert dating.earliest <= dating.latest
        assert 0 not in (dating.earliest, dating.latest)
