"""The words around a maker's name in museums' own tables, in five languages, and the years in it."""

import re

from harvest.parsers.makers import MakerNames
from harvest.records import Artist, Attribution
from harvest.text import straighten

NAMES = MakerNames(
    nobody=r"(?:anonym|unbekannt|unknown|anonieme?|anoniem|onbekend|inconnu|anónimo|anonimo|desconocid|n\.? ?n\.?$|"
    r"k\.? ?a\.?$|keine angaben?$|unidentified|nicht bekannt|[-–?]+$)",
    qualifiers={
        r"(?:möglicherweise |vermutlich )?zugeschrieben(?: an)?|(?:possibly )?attributed to|attr\.|zugeschr\.|"
        r"attribué à|toegeschreven aan|atribuido a": "attributed to",
        r"werkstatt (?:des|der|von)|werkstatt|workshop of|studio of|atelier (?:de|van|von|des)|werkplaats van|"
        r"taller de": "workshop of",
        r"umkreis (?:des|der|von)|umkreis|circle of|entourage de|cercle de|kring van|omgeving van|"
        r"círculo de": "circle of",
        r"nachfolger (?:des|der|von)|nachfolger|nachfolge|follower of|suiveur de|navolger van|"
        r"seguidor de": "follower of",
        r"schule (?:des|der|von)|schüler (?:des|der|von)|school of|pupil of|école de|school van|"
        r"escuela de": "school of",
        r"art (?:des|der|von)|manner of|manière de|manier van|estilo de|stil (?:des|der|von)": "manner of",
        r"kopie nach|kopist nach|copy after|copie d['’]après|kopie naar|copia de|copia según": "copyist of",
        r"nach|after|d['’]après|naar|según": "after",
    },
    ending=r",?\s+(?:und|and|or|oder|et|en|y)\s+(?:werkstatt|workshop|studio|assistants?|atelier|werkplaats|taller)|"
    r"\s*\(?\?\)?|,?\s*\(?(?:zugeschrieben|zugeschr\.|attributed|attribué|toegeschreven|atribuido|werkstatt|umkreis|"
    r"nachfolger|schule|kopie)\)?",
)
_YEARS = re.compile(
    r"[\s,]*[(\[]\D{0,25}?(?P<birth>\d{4})?\D{0,25}?\s*[-–—/†,;]\s*\D{0,25}?(?P<death>\d{4})?[^\d()\[\]]{0,40}[)\]]\s*$"
)
_BORN = re.compile(
    r"[\s,]*[(\[](?:\*|geb\.?|geboren|born|b\.|né|née|nac\.)\s*(?:in\s+)?\D{0,30}(?P<birth>\d{4})[)\]]\s*$"
)
_SUFFIX = re.compile(
    r"(?:d\. ?[äj]\.|der (?:ältere|jüngere)|jr\.?|sr\.?|i{2,3}|the (?:elder|younger)|le jeune|fils|de oude|de jonge)",
    re.IGNORECASE,
)


def attribution_of(text: str, birth: int | None = None, death: int | None = None) -> Attribution | None:
    """Read a maker: "Monet, Claude (1840–1926)", "Werkstatt des Rubens"; None: nobody in particular.

    Args:
        text: As the table has it.
        birth: The year of birth, where a column of its own says it.
        death: Of death.
    """
    name = straighten(text)
    if match := _YEARS.search(name) or _BORN.search(name):
        told = match.groupdict()
        birth = birth or _year(told.get("birth"))
        death = death or _year(told.get("death"))
        name = name[: match.start()].strip(" ,")
    if not name or NAMES.is_nobody(name):
        return None
    qualifier, name = NAMES.split(name)
    name = _in_order(name)
    if not name or NAMES.is_nobody(name):
        return None
    return Attribution(Artist(f"name:{name[:380]}", name, birth, death), qualifier=qualifier)


def _in_order(name: str) -> str:
    """Return "Claude Monet" for "Monet, Claude"; more than one comma, or "Cranach, d. Ä.", stays."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma or "," in given or not given or any(letter.isdecimal() for letter in name):
        return name
    return f"{family} {given}" if _SUFFIX.fullmatch(given) else f"{given} {family}"


def _year(text: str | None) -> int | None:
    return int(text) if text else None
