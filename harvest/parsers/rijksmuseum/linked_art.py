"""An object in Linked Art, read for what the Europeana model lacks: years, roles, qualified makers, the medium as one.

What is an object today was a bare address before, and a list may be a single member: both are read everywhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harvest.dating import parse_dating
from harvest.parsers.authorities import authorities
from harvest.parsers.rijksmuseum.makers import NAMES, person_id, plain
from harvest.records import Artist, Attribution, Dating

ENGLISH, DUTCH = "aat/300388277", "aat/300388256"
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
}
OTHERWISE = "influenced by"  # said of a maker by an assignment that names no way known here
PAINTERS = {"painter", "schilder"}
MAKERS = PAINTERS | {
    *("artist", "kunstenaar", "maker", "miniature painter", "miniaturist", "miniatuurschilder", "pastelist"),
    *("draughtsman", "draftsman", "tekenaar", "print maker", "printmaker", "prentmaker", "etcher", "etser"),
    *("photographer", "fotograaf", "sculptor", "beeldhouwer", "designer", "ontwerper", "porseleinschilder"),
    *("after own design by", "naar eigen ontwerp van"),
}
_YEAR = re.compile(r"(-?\d{1,6})-\d\d-\d\d(?:T|$)")


def entries(value: Any) -> list[Any]:
    """Return the members of what may be a list, one thing, or nothing."""
    members = value if isinstance(value, list) else [value]
    return [member for member in members if isinstance(member, str | dict) and member]


def things(value: Any) -> list[dict[str, Any]]:
    """Return those members that say more of themselves than their address."""
    return [member for member in entries(value) if isinstance(member, dict)]


def address(entry: Any) -> str:
    """Return the address of a member; "" where it has none."""
    named = entry.get("id", entry.get("@id")) if isinstance(entry, dict) else entry
    return named.strip() if isinstance(named, str) else ""


def addresses(value: Any) -> list[str]:
    """Return the addresses of all members that have one."""
    return [found for found in map(address, entries(value)) if found]


def statement(value: Any, kind: str) -> str | None:
    """Return what is written of one kind, in English, else in Dutch, else in any language."""
    found = [each for each in things(value) if _is(each, "classified_as", kind)]
    return next(filter(None, map(_content, sorted(found, key=_foreignness))), None)


def dating(made: dict[str, Any]) -> Dating | None:
    """Read the years of a production, before Christ negative, and how it words them."""
    spans = things(made.get("timespan"))
    names = sorted((name for span in spans for name in things(span.get("identified_by"))), key=_foreignness)
    text = next(filter(None, map(_content, names)), None)
    begins = [year for span in spans if (year := _year(span.get("begin_of_the_begin"))) is not None]
    ends = [year for span in spans if (year := _year(span.get("end_of_the_end"))) is not None]
    if text is None and not (begins and ends):
        return None
    earliest, latest = (min(begins), max(ends)) if begins and ends else (None, None)
    if earliest is None or latest is None or earliest > latest:
        return replace(parse_dating(text), origin="timespan.identified_by") if text else None
    said = parse_dating(text or (str(earliest) if earliest == latest else f"{earliest} - {latest}"))
    precision = said.precision or ("year" if earliest == latest else "span")
    return replace(said, earliest=earliest, latest=latest, precision=precision, origin="timespan")


def materials(thing: Mapping[str, Any]) -> list[str]:
    """Name what an object is made of."""
    names = (_notation(each) for each in things(thing.get("made_of")))
    return list(dict.fromkeys(plain(name) for name in names if name))


def attributions(made: dict[str, Any]) -> tuple[Attribution, ...]:
    """Return the makers, the primary painter first; who had another part in it than making has it as qualifier."""
    parts = things(made.get("part")) or [made]
    ordered = sorted(parts, key=_rank)
    found = [each for part in ordered for each in _makers(part)]
    if made not in parts:
        found += _qualified(made, "artist")
    known: dict[str, Attribution] = {}
    for each in found:  # who stands there both plainly and with a qualifier is qualified
        if each.artist.source_id not in known or (each.qualifier and not known[each.artist.source_id].qualifier):
            known[each.artist.source_id] = each
    return tuple(known.values())


def _makers(part: dict[str, Any]) -> Iterator[Attribution]:
    role = _role(part)
    qualifier = _qualifier_in(role)
    for person in entries(part.get("carried_out_by")):
        if (artist := _artist(person)) and not NAMES.is_nobody(artist.name):
            yield Attribution(artist, role, qualifier)
    yield from _qualified(part, role)


def _qualified(part: dict[str, Any], role: str) -> Iterator[Attribution]:
    """Yield those whom a production names by an assignment: "attributed to", "workshop of"."""
    for assignment in things(part.get("assigned_by")):
        if assignment.get("assigned_property") not in ("carried_out_by", "influenced_by"):
            continue
        for assigned in entries(assignment.get("assigned")):
            for person in _behind(assigned):
                if (artist := _artist(person)) and not NAMES.is_nobody(artist.name):
                    yield Attribution(artist, role, _qualifier(assignment, assigned))


def _behind(assigned: Any) -> list[Any]:
    """Return the person, or whom an unnamed group (a workshop, a circle) formed itself around."""
    formed = [each for group in things(assigned) for each in things(group.get("formed_by"))]
    return [person for each in formed for person in entries(each.get("influenced_by"))] or [assigned]


def _qualifier(assignment: dict[str, Any], assigned: Any) -> str:
    kinds = addresses(assignment.get("classified_as"))
    kinds += [kind for group in things(assigned) for kind in addresses(group.get("classified_as"))]
    kinds += [kind for group in things(assigned) for each in things(group.get("formed_by")) for kind in _kinds(each)]
    return next((words for kind in kinds for end, words in QUALIFIERS.items() if kind.endswith(end)), OTHERWISE)


def _kinds(entry: dict[str, Any]) -> list[str]:
    return addresses(entry.get("classified_as"))


def _qualifier_in(role: str) -> str | None:
    """Return the role itself where it is not that of the maker: "after painting by", "frame maker", "publisher"."""
    plain = role.partition("(")[0].strip().casefold()
    return None if plain in MAKERS else role


def _artist(person: Any) -> Artist | None:
    where = address(person)
    name = _notation(person) if isinstance(person, dict) else None
    if not where and not name:
        return None
    same = [where, *(addresses(person.get("equivalent")) if isinstance(person, dict) else ())]
    known = {key: value for key, value in authorities(same).items() if key != "handle"}
    return Artist(person_id(where) or str(name), name, authorities=known)


def _role(part: dict[str, Any]) -> str:
    return next(filter(None, map(_notation, things(part.get("technique")))), "artist")[:40].strip()


def _rank(part: dict[str, Any]) -> tuple[bool, bool, int]:
    """Sort primary before secondary makers, painters before others, then by the museum's own order."""
    numbered = next(
        (_content(each) for each in things(part.get("identified_by")) if _is(each, "classified_as", ORDER)), None
    )
    order = int(numbered) if numbered and numbered.isascii() and numbered.isdigit() and len(numbered) < 9 else 0
    return _is(part, "classified_as", SECONDARY), _role(part).casefold() not in PAINTERS, order


def _notation(thing: Any) -> str | None:
    """Return a thing's label in English, else Dutch, else any; of older answers, its only one."""
    labels = {
        each.get("@language"): each["@value"].strip()
        for each in reversed(things(thing.get("notation")))
        if isinstance(each.get("@value"), str) and each["@value"].strip()
        if isinstance(each.get("@language"), str | None)
    }
    plain = [each for each in (*entries(thing.get("notation")), thing.get("_label")) if isinstance(each, str)]
    found = [labels[language] for language in ("en", "nl") if language in labels]
    return next(filter(None, (*found, *labels.values(), *(each.strip() for each in plain))), None)


def _is(entry: dict[str, Any], field: str, kind: str) -> bool:
    return any(each.endswith(kind) for each in addresses(entry.get(field)))


def _foreignness(entry: dict[str, Any]) -> int:
    return 0 if _is(entry, "language", ENGLISH) else 1 if _is(entry, "language", DUTCH) else 2


def _content(entry: dict[str, Any]) -> str | None:
    texts = [" ".join(text.split()) for text in entries(entry.get("content")) if isinstance(text, str)]
    return "; ".join(filter(None, texts)) or None


def _year(moment: Any) -> int | None:
    match = _YEAR.match(moment) if isinstance(moment, str) else None
    return (int(match[1]) or None) if match else None  # no year is 0
