"""The words around a maker's name in the Rijksmuseum's answers."""

import re

WORDED = tuple(  # how a maker's name may begin where the qualifier is part of it
    (re.compile(rf"(?:{pattern})\s+(?=\S)", re.IGNORECASE), words)
    for pattern, words in (
        ("(?:possibly )?attributed to|toegeschreven aan", "attributed to"),
        ("workshop of|studio of|atelier van|werkplaats van", "workshop of"),
        ("circle of|kring van|omgeving van", "circle of"),
        ("follower of|navolger van|volgeling van", "follower of"),
        ("school of|school van", "school of"),
        ("manner of|manier van", "manner of"),
        ("copy after|copyist of|kopie naar|kopiist van", "copyist of"),
        ("after|naar", "after"),
    )
)
NOBODY = re.compile(r"(?:anonymous|anoniem|anonieme|onbekend|unknown)\b", re.IGNORECASE)


def plain(text: str) -> str:
    """Take off the brackets by which the Art & Architecture Thesaurus tells words apart: "oil paint (paint)"."""
    return re.sub(r"\s*\([^()]*\)$", "", text).strip() or text.strip()


def person_id(where: str) -> str:
    """Return the museum's own number of a person, or the address where it has none."""
    match = re.fullmatch(r"https?://id\.rijksmuseum\.nl/([^/\s?#]+)", where)
    return match[1] if match else where


def unqualified(name: str) -> tuple[str | None, str]:
    """Part a qualifier from a maker's name: "workshop of Rembrandt van Rijn"."""
    for pattern, words in WORDED:
        if match := pattern.match(name):
            return words, name[match.end() :].strip()
    return None, name


def is_nobody(name: str | None) -> bool:
    """Say whether a maker's name only says that none is known."""
    return name is not None and NOBODY.match(name.strip()) is not None
