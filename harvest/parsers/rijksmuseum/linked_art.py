"""An object in Linked Art, read for what the Europeana model lacks: years, roles, qualified makers, the medium as one.

What is an object today was a bare address before, and a list may be a single member: both are read everywhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from harvest.dating import join_datings, parse_dating, precision_of
from harvest.errors import Unparsed
from harvest.parsers.authorities import authorities
from harvest.parsers.rijksmuseum.makers import NAMES, person_id, plain
from harvest.records import Artist, Attribution, Dating
from harvest.text import straighten

ENGLISH, DUTCH = "aat/300388277", "aat/300388256"
MAX_MAKERS = 2000  # of one object; an album of prints has some hundreds
OBJECT_NUMBER, ORDER = "aat/300312355", "aat/300456575"
MEDIUM, MAKER = "aat/300435429", "aat/300435416"
SECONDARY = "aat/300404451"
QUALIFIERS = {
    "aat/300404269": "attributed to",
    "aat/300404274": "workshop of",
    "aat/300404283": "circle of",
    "aat/300404284": "circle of",
    "aat/300404282": "follower of",
    "aat/300404434": "school of",
    "aat/300404286": "after",
    "aat/300404287": "copyist of",
    "aat/300435721": "probably",
    "aat/300435722": "possibly",
}
EVIDENCE = ("aat/300028705", "aat/300028702")  # signed by the artist; mentioned on the object: no qualifier
ALTERNATIVE = "or"  # the qualifier of two persons in one assignment
OTHERWISE = "influenced by"  # the qualifier of an assignment of a kind that is not known here
PAINTERS = {"painter", "schilder"}
MAKERS = PAINTERS | {
    *("artist", "kunstenaar", "maker", "miniature painter", "miniaturist", "miniatuurschilder", "pastelist"),
    *("draughtsman", "draftsman", "tekenaar", "print maker", "printmaker", "prentmaker", "etcher", "etser"),
    *("photographer", "fotograaf", "sculptor", "beeldhouwer", "designer", "ontwerper", "porseleinschilder"),
    *("after own design by", "naar eigen ontwerp van"),
}
_YEAR = re.compile(r"(-?\d{1,6})(?:-\d\d(?:-\d\d)?)?(?:T|$)")  # of a day, a month or a year


def entries(value: Any) -> list[Any]:
    """Return the members of what may be a list, one thing, or nothing."""
    members = value if isinstance(value, list) else [value]
    return [member for member in members if isinstance(member, str | dict) and member]


def things(value: Any) -> list[dict[str, Any]]:
    """Return those members that are more than an address."""
    return [member for member in entries(value) if isinstance(member, dict)]


def address(entry: Any) -> str:
    """Return the address of a member; "" where it has none."""
    name = entry.get("id", entry.get("@id")) if isinstance(entry, dict) else entry
    return name.strip() if isinstance(name, str) else ""


def addresses(value: Any) -> list[str]:
    """Return the addresses of all members that have one."""
    return [name for name in map(address, entries(value)) if name]


def statement(value: Any, kind: str) -> str | None:
    """Return the text of one kind, in English, else in Dutch, else in any language."""
    statements = [thing for thing in things(value) if _is(thing, "classified_as", kind)]
    return next(filter(None, map(_content, sorted(statements, key=_language_rank))), None)


def dating(made: dict[str, Any]) -> Dating | None:
    """Return the years of a production, before Christ negative, and its words for them: of several, all."""
    spans = things(made.get("timespan"))
    worded = join_datings(filter(None, map(_worded, spans)))
    begins = [year for span in spans if (year := _year(span.get("begin_of_the_begin"))) is not None]
    ends = [year for span in spans if (year := _year(span.get("end_of_the_end"))) is not None]
    if not begins or not ends or min(begins) > max(ends):
        return worded
    earliest, latest = min(begins), max(ends)
    worded = worded or parse_dating(str(earliest) if earliest == latest else f"{earliest} - {latest}")
    precision = precision_of(worded, earliest, latest)
    return replace(worded, earliest=earliest, latest=latest, precision=precision, origin="timespan")


def _worded(span: dict[str, Any]) -> Dating | None:
    names = sorted(things(span.get("identified_by")), key=_language_rank)
    text = next(filter(None, map(_content, names)), None)
    return parse_dating(text, "timespan.identified_by", has_months=True) if text else None


def materials(thing: Mapping[str, Any]) -> list[str]:
    """Return the names of what an object is made of."""
    names = map(_notation, things(thing.get("made_of")))
    return list(dict.fromkeys(plain(name) for name in names if name))


def attributions(made: dict[str, Any]) -> tuple[Attribution, ...]:
    """Return the makers, the primary painter first; one who did something else than making has that as qualifier.

    Raises:
        Unparsed: There are more than any object has.
    """
    parts = things(made.get("part"))
    every = chain.from_iterable(map(_makers, sorted(parts or [made], key=_rank)))
    makers = list(islice(chain(every, _assigned(made, "artist") if parts else ()), MAX_MAKERS + 1))
    if len(makers) > MAX_MAKERS:
        raise Unparsed(f"expected an object of at most {MAX_MAKERS} makers in Linked Art, got more")
    by_artist: dict[str, Attribution] = {}
    for maker in makers:  # who stands there both plainly and with a qualifier is qualified
        known = by_artist.get(maker.artist.source_id)
        if known is None or (maker.qualifier and not known.qualifier):
            by_artist[maker.artist.source_id] = maker
    return tuple(by_artist.values())


def _makers(part: dict[str, Any]) -> Iterator[Attribution]:
    role = _role(part)
    is_maker = (
        role.partition("(")[0].strip().casefold() in MAKERS
    )  # not "after painting by", "frame maker", "publisher"
    for person in entries(part.get("carried_out_by")):
        if artist := _artist(person):
            yield Attribution(artist, role, None if is_maker else role)
    yield from _assigned(part, role)


def _assigned(part: dict[str, Any], role: str) -> Iterator[Attribution]:
    """Yield the makers whom a production names by an assignment: "attributed to", "workshop of".

    In place of a person there may be an unnamed group (a workshop, a circle), and around whom it formed itself.
    """
    for assignment in things(part.get("assigned_by")):
        if assignment.get("assigned_property") not in ("carried_out_by", "influenced_by", None):
            continue
        alternatives = entries(assignment.get("assigned"))
        for assigned in alternatives:
            groups = things(assigned)
            formations = [formation for group in groups for formation in things(group.get("formed_by"))]
            people = [person for formation in formations for person in entries(formation.get("influenced_by"))]
            qualifier = _qualifier(assignment, *groups, *formations)
            if qualifier is None and (people or assignment.get("assigned_property") == "influenced_by"):
                qualifier = OTHERWISE
            for person in people or [assigned]:
                if artist := _artist(person):
                    yield Attribution(artist, role, qualifier or (ALTERNATIVE if len(alternatives) > 1 else None))


def _qualifier(*things_assigned: dict[str, Any]) -> str | None:
    """Return the qualifier that an assignment's class tells; None: it has no class but the evidence it rests on."""
    classes = (kind for thing in things_assigned for kind in addresses(thing.get("classified_as")))
    kinds = [kind for kind in classes if not kind.endswith(EVIDENCE)]
    words = (QUALIFIERS[end] for kind in kinds for end in QUALIFIERS if kind.endswith(end))
    return next(words, OTHERWISE if kinds else None)


def _artist(person: Any) -> Artist | None:
    """Return a maker; None: nobody who is known."""
    where = address(person)
    name = _notation(person) if isinstance(person, dict) else None
    if NAMES.is_nobody(name) or not (where or name):
        return None
    same = [where, *(addresses(person.get("equivalent")) if isinstance(person, dict) else ())]
    keys = {authority: key for authority, key in authorities(same).items() if authority != "handle"}
    return Artist(person_id(where) or str(name), name, authorities=keys)


def _role(part: dict[str, Any]) -> str:
    return next(filter(None, map(_notation, things(part.get("technique")))), "artist")[:40].strip()


def _rank(part: dict[str, Any]) -> tuple[bool, bool, int]:
    """Sort primary before secondary makers, painters before others, then by the museum's own order."""
    orders = [name for name in things(part.get("identified_by")) if _is(name, "classified_as", ORDER)]
    text = next(map(_content, orders), None) or ""
    order = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return _is(part, "classified_as", SECONDARY), _role(part).casefold() not in PAINTERS, order


def _notation(thing: Any) -> str | None:
    """Return a thing's label in English, else Dutch, else any; of older answers, its only one."""
    labels = {
        label.get("@language"): straighten(label["@value"])
        for label in reversed(things(thing.get("notation")))
        if isinstance(label.get("@value"), str) and straighten(label["@value"])
        if isinstance(label.get("@language"), str | None)
    }
    texts = [
        straighten(text) for text in (*entries(thing.get("notation")), thing.get("_label")) if isinstance(text, str)
    ]
    preferred = [labels[language] for language in ("en", "nl") if language in labels]
    return next(filter(None, (*preferred, *labels.values(), *texts)), None)


def _is(entry: dict[str, Any], field: str, kind: str) -> bool:
    return any(name.endswith(kind) for name in addresses(entry.get(field)))


def _language_rank(entry: dict[str, Any]) -> int:
    return 0 if _is(entry, "language", ENGLISH) else 1 if _is(entry, "language", DUTCH) else 2


def _content(entry: dict[str, Any]) -> str | None:
    texts = [straighten(text) for text in entries(entry.get("content")) if isinstance(text, str)]
    return "; ".join(filter(None, texts)) or None


def _year(moment: Any) -> int | None:
    match = _YEAR.match(moment) if isinstance(moment, str) else None
    return (int(match[1]) or None) if match else None  # no year is 0
