"""The Rijksmuseum's records in Linked Art."""

import re
from typing import Any

from tests.museum.chance import chance
from tests.museum.rijksmuseum_facts import Fact, concept, labels

AAT = "http://vocab.getty.edu/aat"
IDS = "https://id.rijksmuseum.nl"
LANGUAGES = {"en": f"{AAT}/300388277", "nl": f"{AAT}/300388256"}


def linked_art(fact: Fact) -> dict[str, Any]:
    """Return a work's document; dictionaries and bare addresses change from one to the next, as they did."""
    made = {"type": "Production", "part": [_part(fact)]} | _timespan(fact)
    medium = " on ".join(fact.work.media)
    return {
        "id": f"{IDS}/{fact.id}",
        "type": "HumanMadeObject",
        "produced_by": made,
        "identified_by": [
            {"type": "Identifier", "content": fact.object_number, "classified_as": _kinds(fact, "300312355")},
            {"type": "Name", "content": fact.title, "classified_as": _kinds(fact, "300404670"), **_in("en")},
        ],
        "made_of": [{"id": f"{IDS}/{concept(word)}", "notation": _notation(labels(word))} for word in fact.work.media],
        "referred_to_by": [
            {"content": medium, "classified_as": _kinds(fact, "300435429"), **_in("en")},
            {"content": f"schilderij, {medium}", "classified_as": _kinds(fact, "300435429"), **_in("nl")},
        ]
        if medium
        else [],
        "equivalent": _addresses(fact, f"http://hdl.handle.net/10934/RM0001.COLLECT.{fact.priref}"),
    }


def _part(fact: Fact) -> dict[str, Any]:
    part: dict[str, Any] = {
        "type": "Production",
        "classified_as": _kinds(fact, "300404450"),
        "technique": [{"id": f"{IDS}/2202217", "notation": _notation({"nl": "schilder", "en": "painter"})}],
    }
    person = {"id": f"{IDS}/{fact.person}", "type": "Person", "notation": _notation({"en": fact.maker})}
    if not fact.is_anonymous:
        person["equivalent"] = _addresses(fact, f"http://vocab.getty.edu/ulan/500{fact.person}")
    if not fact.is_qualified:
        return part | {"carried_out_by": [person]}
    how = {"assigned_property": "carried_out_by", "classified_as": _kinds(fact, "300404269"), "assigned": [person]}
    return part | {"assigned_by": [how]}


def _timespan(fact: Fact) -> dict[str, Any]:
    if not fact.datings or fact.years is None:
        return {}
    spans = [_span(date) for date in fact.datings]
    return {"timespan": spans if _is_old(fact) or len(spans) > 1 else spans[0]}


def _span(date: str) -> dict[str, Any]:
    years = [int(year) for year in re.findall(r"\d{4}", date)]
    return {
        "type": "TimeSpan",
        "identified_by": [{"type": "Name", "content": date, **_in("en")}],
        "begin_of_the_begin": f"{years[0]:04}-01-01T00:00:00Z",
        "end_of_the_end": f"{years[-1]:04}-12-31T23:59:59Z",
    }


def _is_old(fact: Fact) -> bool:
    return chance("old serialisation", fact.number) < 0.5


def _addresses(fact: Fact, *found: str) -> list[Any]:
    return list(found) if _is_old(fact) else [{"id": uri, "type": "Type"} for uri in found]


def _kinds(fact: Fact, number: str) -> list[Any]:
    return _addresses(fact, f"{AAT}/{number}")


def _in(language: str) -> dict[str, Any]:
    return {"language": [{"id": LANGUAGES[language], "type": "Language"}]}


def _notation(texts: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": tag, "@value": text} for tag, text in texts.items()]
