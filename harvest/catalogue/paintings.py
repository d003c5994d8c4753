"""What `curate` reads of the catalogue: each painting with its maker, all its terms and its image, in one snapshot."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, select

from harvest.catalogue.images import WITH_FILE
from harvest.catalogue.schema import artists, images, object_artists, objects, terms
from harvest.records import Term

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

    def texts(self, field: str) -> list[str]:
        """Return the terms of one field, as text."""
        return [term.text for term in self.terms if term.field == field]


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
    connection: Connection, object_types: Sequence[str] = ("painting",), *, batch_size: int = BATCH_SIZE
) -> Iterator[Painting]:
    """Yield every object of some types, also those that their sources have deleted.

    Memory holds one batch; equal makers and terms are one thing.

    Args:
        connection: Within a snapshot, where a harvest may be running.
        object_types: As the catalogue names them.
        batch_size: Objects read at a time.
    """
    of_types = objects.c.object_type.in_(object_types)
    makers: dict[int, Maker] = {}
    known: dict[Term, Term] = {}
    columns = [objects.c[name] for name in ("id", *_OWN, "deleted_at")]
    last = 0
    while True:
        page = select(*columns).where(of_types, objects.c.id > last).order_by(objects.c.id).limit(batch_size)
        rows = connection.execute(page).all()
        if not rows:
            return
        within = and_(of_types, objects.c.id > last, objects.c.id <= rows[-1].id, objects.c.deleted_at.is_(None))
        made_by = _makers(connection, within, makers)
        described = _terms(connection, within, known)
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
        ) in rows:
            if deleted_at is not None:
                yield Painting(source, source_id, url, object_type=object_type, is_deleted=True)
                continue
            maker, qualifier = made_by.get(number, (None, None))
            yield Painting(
                source, source_id, url, title, object_type, maker, qualifier,
                earliest, latest, dating_text, tuple(described.get(number, ())), rights, shown.get(number),
            )  # fmt: skip
        last = rows[-1].id


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
