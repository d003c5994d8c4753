"""The catalogue as `curate` knows it: each painting with its maker, all its terms and its image, in one snapshot.

And the one thing that `curate` writes: tags, which are words that it found in the texts of a painting.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, literal_column, or_, select, true

from harvest.catalogue import upsert
from harvest.catalogue.images import WITH_FILE, image_name
from harvest.catalogue.schema import artists, images, object_artists, objects, tasks, terms
from harvest.catalogue.views.edtf import edtf_of
from harvest.records import FROM_TEXT, TAGGED, Term

BATCH_SIZE = 5_000  # objects
_OWN = ("source", "source_id", "url", "title", "object_type", "earliest", "latest", "dating_text", "rights")


class Maker(NamedTuple):
    """An artist as one source identifies them."""

    source: str
    source_id: str
    name: str
    birth_year: int | None = None
    death_year: int | None = None
    authorities: tuple[tuple[str, str], ...] = ()  # (("ulan", "500011051"), ("wikidata", "Q5598")), sorted


class ImageFile(NamedTuple):
    """A stored image."""

    path: str  # relative to the data folder
    size: int | None = None  # bytes
    width: int | None = None  # pixels
    height: int | None = None
    is_truncated: bool = False  # a part of it is missing


class Painting(NamedTuple):
    """One object with all that the catalogue says of it; of one that its source has deleted, nothing but its identity.

    Text is as the source writes it.
    """

    source: str
    source_id: str
    url: str
    title: str | None = None
    object_type: str = "painting"
    maker: Maker | None = None  # the first artist
    qualifier: str | None = None  # "workshop of": not simply by the maker
    earliest: int | None = None
    latest: int | None = None
    dating_text: str | None = None
    terms: tuple[Term, ...] = ()  # of all fields, each field's in the source's order
    rights: str | None = None
    image: ImageFile | None = None  # None: none is stored
    is_deleted: bool = False
    dating_edtf: str | None = None  # the dating in the Extended Date/Time Format

    def texts(self, field: str) -> list[str]:
        """Return the terms of one field, as text."""
        return [term.text for term in self.terms if term.field == field]

    def tags(self, field: str) -> list[str]:
        """Return the tags of one field."""
        return self.texts(f"{TAGGED}{field}")


Tag = tuple[str, str]  # field (genre, style, medium, subject) and term


class Wording(NamedTuple):
    """An object's own texts, and what is known by them."""

    object_id: int
    source: str
    texts: tuple[str, ...]  # its title, then the museum's descriptions, in any language
    tags: tuple[Tag, ...]  # that it has, in their order within each field
    fields: frozenset[str]  # of which the source itself names a term


class LostImage(NamedTuple):
    """What became of the first image of an object of which no file is stored."""

    source: str
    source_id: str
    state: str  # of the image
    message: str | None  # why it failed


@contextmanager
def snapshot(catalogue: Engine) -> Iterator[Connection]:
    """Yield a connection that reads the catalogue as it is now until the block ends, whatever a harvest writes."""
    with catalogue.connect() as connection:
        if catalogue.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # which Python's driver leaves out before a SELECT
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def paintings(
    connection: Connection,
    object_types: Sequence[str] | None = ("painting",),
    *,
    with_tags: bool = False,
    batch_size: int = BATCH_SIZE,
) -> Iterator[Painting]:
    """Yield every object of some types, also those that their sources have deleted.

    Memory holds one batch; equal makers and terms are one thing.

    Args:
        connection: Within a snapshot, where a harvest may be running.
        object_types: As the catalogue names them. None: every type.
        with_tags: Read the tags too, among the terms.
        batch_size: Objects read at a time.
    """
    of_types = _of_types(object_types)
    makers: dict[int, Maker] = {}
    known: dict[Term, Term] = {}
    edtf: ColumnElement[str | None] = literal_column(edtf_of("objects", connection.dialect.name)).label("dating_edtf")
    columns = [*(objects.c[name] for name in ("id", *_OWN, "deleted_at")), edtf]
    last = 0
    while True:
        page = select(*columns).where(of_types, objects.c.id > last).order_by(objects.c.id).limit(batch_size)
        rows = connection.execute(page).all()
        if not rows:
            return
        within = and_(of_types, objects.c.id > last, objects.c.id <= rows[-1].id, objects.c.deleted_at.is_(None))
        made_by = _makers(connection, within, makers)
        described = _terms(connection, within if with_tags else and_(within, _IS_OWN), known)
        shown = _images(connection, within)
        for (
            number,
            source,
            source_id,
            url,
            title,
            object_type,
            earliest,
            latest,
            dating_text,
            rights,
            deleted_at,
            dating_edtf,
        ) in rows:
            if deleted_at is not None:
                yield Painting(source, source_id, url, object_type=object_type, is_deleted=True)
                continue
            maker, qualifier = made_by.get(number, (None, None))
            yield Painting(
                source, source_id, url, title, object_type, maker, qualifier,
                earliest, latest, dating_text, tuple(described.get(number, ())), rights, shown.get(number),
                dating_edtf=dating_edtf,
            )  # fmt: skip
        last = rows[-1].id


def lost_images(connection: Connection) -> Iterator[LostImage]:
    """Yield what became of the images of objects that have some, but no file of any."""
    task, with_file = tasks.c, select(images.c.object_id).where(images.c.state.in_(WITH_FILE))
    failed = select(task.source, task.key, task.message).where(task.kind == "image", task.state == "failed")
    messages = {(source, key): message for source, key, message in connection.execute(failed)}
    lost = select(objects.c.source, objects.c.source_id, images.c.position, images.c.state)
    lost = lost.join(images, images.c.object_id == objects.c.id).order_by(objects.c.id, images.c.position)
    lost = lost.where(objects.c.deleted_at.is_(None), objects.c.id.not_in(with_file))
    last = None
    for source, source_id, position, state in connection.execute(lost):
        if (source, source_id) != last:
            yield LostImage(source, source_id, state, messages.get((source, image_name(source_id, position))))
        last = (source, source_id)


def count_objects(connection: Connection, object_types: Sequence[str] | None = ("painting",)) -> int:
    """Count the objects of some types that their sources have not deleted."""
    there = and_(_of_types(object_types), objects.c.deleted_at.is_(None))
    return connection.execute(select(func.count()).select_from(objects).where(there)).scalar_one()


def count_by_type(connection: Connection) -> dict[str, int]:
    """Count the objects of each type, deleted ones too."""
    rows = connection.execute(select(objects.c.object_type, func.count()).group_by(objects.c.object_type))
    return {name: number for name, number in rows if name is not None}


def count_by_source(connection: Connection) -> dict[str, dict[str, int]]:
    """Count the objects of each source by type, those that it has deleted not among them."""
    columns = objects.c.source, objects.c.object_type
    there = select(*columns, func.count()).where(objects.c.deleted_at.is_(None)).group_by(*columns)
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    for source, object_type, number in connection.execute(there):
        numbers[source][object_type] = number
    return numbers


def count_by_maker(connection: Connection, object_types: Sequence[str] | None = ("painting",)) -> dict[Maker, int]:
    """Count the objects of some types by their first artist, those that their sources have deleted left out."""
    part, who = object_artists.c, artists.c
    there = and_(_of_types(object_types), objects.c.deleted_at.is_(None), part.position == 0)
    joined = object_artists.join(objects, objects.c.id == part.object_id)
    number = func.count().label("number")
    works = select(part.artist_id, number).select_from(joined).where(there).group_by(part.artist_id).subquery()
    names = (who.source, who.source_id, who.name, who.birth_year, who.death_year, who.authorities)
    rows = connection.execute(select(*names, works.c.number).join(works, works.c.artist_id == who.id))
    return {
        Maker(source, key, name, birth, death, tuple(sorted((keys or {}).items()))): count
        for source, key, name, birth, death, keys, count in rows
    }


def wordings(
    connection: Connection, object_types: Sequence[str] | None, after: int = 0, *, number: int = BATCH_SIZE
) -> list[Wording]:
    """Return the texts and tags of the next objects by number that their sources have not deleted.

    Args:
        connection: In a transaction.
        object_types: As the catalogue names them. None: every type.
        after: The last object of those before. 0: begin.
        number: Objects at most.
    """
    there = and_(_of_types(object_types), objects.c.deleted_at.is_(None), objects.c.id > after)
    columns = (objects.c.id, objects.c.source, objects.c.title, objects.c.fields["description"])
    rows = connection.execute(select(*columns).where(there).order_by(objects.c.id).limit(number)).all()
    within = terms.c.object_id.between(after + 1, rows[-1][0] if rows else after)
    named = select(terms.c.object_id, terms.c.field, terms.c.text, terms.c.origin == FROM_TEXT).where(within)
    tags: dict[int, list[Tag]] = defaultdict(list)
    fields: dict[int, set[str]] = defaultdict(set)
    for key, field, text, is_tag in connection.execute(
        named.order_by(terms.c.object_id, terms.c.field, terms.c.position)
    ):
        if is_tag:
            tags[key].append((field.removeprefix(TAGGED), text))
        else:
            fields[key].add(field)
    return [
        Wording(
            key, source, (*filter(None, [title]), *_texts_in(description)), tuple(tags[key]), frozenset(fields[key])
        )
        for key, source, title, description in rows
    ]


def object_numbers(connection: Connection, object_ids: Collection[int], *, number: int = 500) -> dict[int, str]:
    """Return by which number its museum knows each object, where its source gives one beside its own key.

    Args:
        connection: In a transaction.
        object_ids: Of the objects.
        number: Objects asked about at a time.
    """
    keys, found = sorted(object_ids), {}
    for start in range(0, len(keys), number):
        own = objects.c.id.in_(keys[start : start + number])
        for key, names in connection.execute(select(objects.c.id, objects.c.identifiers).where(own)):
            if known := next((names[name] for name in _NUMBERS if name in (names or {})), None):
                found[key] = str(known)
    return found


def save_tags(connection: Connection, tags: Mapping[int, Sequence[Tag]]) -> None:
    """Write the tags of some objects in the caller's transaction, in place of those that they have."""
    if not tags:
        return
    connection.execute(delete(terms).where(terms.c.object_id.in_(tags) & ~_IS_OWN))
    places: dict[tuple[int, str], int] = defaultdict(int)
    rows = []
    for object_id, own in tags.items():
        for field, text in own:
            row = {"object_id": object_id, "field": f"{TAGGED}{field}", "position": places[object_id, field]}
            rows.append({**row, "slug": None, "text": text, "origin": FROM_TEXT})
            places[object_id, field] += 1
    upsert.insert_all(connection, terms, rows)


def remove_tags(connection: Connection) -> int:
    """Remove all tags in the caller's transaction; return how many there were."""
    return connection.execute(delete(terms).where(~_IS_OWN)).rowcount


_NUMBERS = ("object_number", "accession")  # identifiers that a museum's own staff use
_IS_OWN = or_(terms.c.origin.is_(None), terms.c.origin != FROM_TEXT)  # no tag


def _of_types(object_types: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if object_types is None else objects.c.object_type.in_(object_types)


def _texts_in(description: Any) -> Iterator[str]:
    """Yield the texts of a description: one, several, or by language."""
    if isinstance(description, str):
        yield description
    elif isinstance(description, dict):
        yield from _texts_in([part for name, part in description.items() if name not in ("id", "same")])  # addresses
    elif isinstance(description, list):
        for part in description:
            yield from _texts_in(part)


def _makers(
    connection: Connection, within: ColumnElement[bool], known: dict[int, Maker]
) -> dict[int, tuple[Maker, str | None]]:
    """Return the first artist of each object, and the qualifier."""
    part, who = object_artists.c, artists.c
    columns = (
        part.object_id, part.qualifier, who.id, who.source, who.source_id, who.name, who.birth_year, who.death_year,
        who.authorities,
    )  # fmt: skip
    joined = object_artists.join(objects, objects.c.id == part.object_id).join(artists, who.id == part.artist_id)
    made_by = {}
    for number, qualifier, key, source, source_id, name, birth, death, keys in connection.execute(
        select(*columns).select_from(joined).where(within, part.position == 0)
    ):
        if key not in known:
            known[key] = Maker(source, source_id, name, birth, death, tuple(sorted((keys or {}).items())))
        made_by[number] = (known[key], qualifier)
    return made_by


def _terms(connection: Connection, within: ColumnElement[bool], known: dict[Term, Term]) -> dict[int, list[Term]]:
    columns = [terms.c[name] for name in ("object_id", "field", "text", "slug", "origin")]
    joined = terms.join(objects, objects.c.id == terms.c.object_id)
    order = (terms.c.object_id, terms.c.field, terms.c.position)
    described: dict[int, list[Term]] = defaultdict(list)
    for number, *own in connection.execute(select(*columns).select_from(joined).where(within).order_by(*order)):
        term = Term(*own)
        described[number].append(known.setdefault(term, term))
    return described


def _images(connection: Connection, within: ColumnElement[bool]) -> dict[int, ImageFile]:
    """Return the first whole image of each object; where none is whole, the first that is truncated."""
    is_truncated = (images.c.state == "truncated").label("is_truncated")
    columns = [*(images.c[name] for name in ("object_id", "path", "bytes", "width", "height")), is_truncated]
    joined = images.join(objects, objects.c.id == images.c.object_id)
    order = (images.c.object_id, is_truncated, images.c.position)
    stored = images.c.state.in_(WITH_FILE)
    shown: dict[int, ImageFile] = {}
    question = select(*columns).select_from(joined).where(within, stored).order_by(*order)
    for number, path, size, width, height, truncated in connection.execute(question):
        shown.setdefault(number, ImageFile(path, size, width, height, bool(truncated)))
    return shown
