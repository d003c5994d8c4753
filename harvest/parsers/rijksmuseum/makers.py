"""The words around a maker's name in the Rijksmuseum's answers."""

import re

from harvest.parsers.makers import MakerNames

NAMES = MakerNames(
    nobody=r"(?:anonymous|anoniem|anonieme|onbekend|unknown)\b",
    qualifiers={
        r"(?:possibly )?attributed to|toegeschreven aan": "attributed to",
        r"workshop of|studio of|atelier van|werkplaats van": "workshop of",
        r"circle of|kring van|omgeving van": "circle of",
        r"follower of|navolger van|volgeling van": "follower of",
        r"school of|school van": "school of",
        r"manner of|manier van": "manner of",
        r"copy after|copyist of|kopie naar|kopiist van": "copyist of",
        r"after|naar": "after",
    },
    ending=r",?\s+(?:and|or|en|of)\s+(?:workshop|studio|assistants?|atelier|werkplaats|leerlingen)|\s*\(?\?\)?",
)


def plain(text: str) -> str:
    """Take off the brackets by which the Art & Architecture Thesaurus tells words apart: "oil paint (paint)"."""
    head, _, bracket = text.rstrip().rpartition("(")
    is_last = bracket.endswith(")") and ")" not in bracket[:-1]
    return (head.strip() if is_last else "") or text.strip()


def person_id(where: str) -> str:
    """Return the museum's own number of a person, or the address where it has none."""
    match = re.fullmatch(r"https?://id\.rijksmuseum\.nl/([^/\s?#]+)", where)
    return match[1] if match else where
