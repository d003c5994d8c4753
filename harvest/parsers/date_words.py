"""Dates in German, Dutch, French and Spanish, said in the English words that `harvest/dating.py` reads.

Only words are exchanged, one rule after another; what a rule does not know stays, and then no date is read.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from harvest.dating import parse_dating
from harvest.records import Dating
from harvest.text import straighten

_ROMAN = {"I": 1, "V": 5, "X": 10}
_ROMAN_NUMBER = r"[IVX]{1,5}"
_CENTURY_WORD = r"(?:jahrhunderts?|jhdts?\.?|jhs?\.?|jahrh\.?|eeuw|siècles?|s\.)"
_MONTHS = {
    "Jan": "januar jänner januari janvier enero",
    "Feb": "februar februari février fevrier febrero",
    "Mar": "märz maerz maart mars marzo",
    "Apr": "avril abril",
    "May": "mai mei mayo",
    "Jun": "juni juin junio",
    "Jul": "juli juillet julio",
    "Aug": "augustus août aout agosto",
    "Sep": "septembre septiembre",
    "Oct": "oktober octobre octubre",
    "Nov": "novembre noviembre",
    "Dec": "dezember december décembre diciembre",
    "Spring": "frühling frühjahr lente printemps primavera",
    "Summer": "sommer zomer été verano",
    "Autumn": "herbst herfst automne otoño",
    "Winter": "hiver invierno",
}
_MONTH = {word: english for english, words in _MONTHS.items() for word in words.split()}
_UNDATED = re.compile(
    r"(?:o\.? ?j\.?|ohne jahr|ohne datum|o\.? ?d\.?|undatiert|nicht datiert|unbekannt|s\.? ?d\.?|sans date|non daté|"
    r"s\.? ?f\.?|sin fecha|z\.? ?j\.?|zonder jaar|ongedateerd|onbekend|n\.? ?d\.?|no date|undated|unknown|inconnue?|"
    r"desconocid[ao]|k\.? ?a\.?|keine angaben?|keine|nicht bekannt|unbestimmt|fehlt|n\.? ?v\.? ?t\.?|niet bekend|geen|"
    r"non renseignée?|sin datos|n\.?/a\.?|none|\?+|-+|–|0+(?:[-./]0+)*)",
    re.IGNORECASE,
)

_FIRST = r"(?:1\.|1re|1er|1e|1a|1ª|erste[sn]?|eerste|premi(?:er|ère)|primera?|primer)"
_SECOND = r"(?:2\.|2e|2nde|2de|2ème|2a|2ª|zweite[sn]?|tweede|deuxième|seconde?|segund[ao])"
_THIRD = r"(?:3\.|3e|3de|3ème|3a|3er|dritte[sn]?|derde|troisième|tercer[ao]?)"
_FOURTH = r"(?:4\.|4e|4de|4ème|4o|vierte[sn]?|vierde|quatrième|cuart[ao])"
_LAST = r"(?:letzte[sn]?|laatste|derni(?:er|ère)|último|última)"
_SHARES = {
    "half": r"(?:hälfte|haelfte|h\.|helft|moitié|mitad)",
    "third": r"(?:drittels?|derde|tiers|tercio)",
    "quarter": r"(?:viertels?|v\.|kwart|quart|cuarto)",
}
_SIGNED = r"(?:signiert|signed|sign\.|sig\.|bezeichnet|bez\.|signée?|gesigneerd|ges\.|firmad[ao])"
_DATED = r"(?:datiert|dated|dat\.|datée?|gedateerd|ged\.|fechad[ao])"
_PRINTED = (
    r"(?:(?:späterer\s+|neu|nach)?(?:abzug|abdruck|druck)|gedruckt|afdruk|gedrukt|tirage|imprimée?|épreuve|impresión|"
    r"impres[ao])"
)
_CAST = r"(?:(?:nach)?guss|(?:nach)?gegossen|gegoten|afgietsel|fonte|fondue?|vaciado|fundid[ao])"
_NTHS = {"first": _FIRST, "second": _SECOND, "third": _THIRD, "fourth": _FOURTH, "last": _LAST}

Rule = tuple[str, str | Callable[[re.Match[str]], str]]


def _arabic(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral.upper()]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _ordinal(number: int) -> str:
    suffix = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _century(match: re.Match[str]) -> str:
    number = match["n"]
    return f"{_ordinal(int(number) if number.isdecimal() else _arabic(number))} century"


def _centuries(match: re.Match[str]) -> str:
    first, last = (int(n) if n.isdecimal() else _arabic(n) for n in (match["n"], match["m"]))
    return f"{_ordinal(first)}-{_ordinal(last)} century"


_N = rf"(?P<n>\d{{1,2}}|{_ROMAN_NUMBER})"
_M = rf"(?P<m>\d{{1,2}}|{_ROMAN_NUMBER})"
_TH = r"(?:\.|er|ère|ème|de|ste|e)?"  # of a number: "17.", "XVIIe", "17de"
_RULES: tuple[Rule, ...] = (
    # Open ends, a dash before or behind the year, or "1880 ff."
    (r"^-\s*(?=\d{3,4}$)", "until "),
    (r"^(\d{3,4})\s*(?:-|ff\.?|e\.?\s?v\.?|et suiv(?:antes)?\.?|y ss\.?|sqq\.?)$", r"since \1"),
    (r"^(\d{3,4})\s*f\.?$", lambda match: f"{match[1]} - {int(match[1]) + 1}"),
    # What a database puts for a month or a day that is not known: "1654-00-00", "00.05.1654"
    (r"\b(\d{4})(?:-\d\d)?-00\b", r"\1"),
    (r"(?<!\d)00[./-](?:00[./-])?(?=\d)", ""),
    # Centuries: "17./18. Jh.", "XVIIe siècle", "17e eeuw", "siglo XVII"
    (rf"\b{_N}{_TH}\s*(?:[/-]|bis|und|et|en|à|of|tot)\s*{_M}{_TH}\s*{_CENTURY_WORD}(?!\w)", _centuries),
    (rf"\b(?:siglos?|s\.|sig\.)\s*{_N}\s*(?:[/-]|y|al?)\s*{_M}\b", _centuries),
    (rf"\b{_N}{_TH}\s*{_CENTURY_WORD}(?!\w)", _century),
    (rf"\b(?:siglo|s\.|sig\.)\s*{_N}\b", _century),
    (r"\b(\d{1,2})\.(?=\s*(?:/|-|bis\b|und\b|(?:early|mid|late)\b).*century)", r"\1th"),
    # Parts: "2. Hälfte", "dernier quart", "Anfang", "milieu du"
    *(
        (rf"\b{nth}\s*{share}(?=\W|\d|$)", f"{n} {name} ")
        for n, nth in _NTHS.items()
        for name, share in _SHARES.items()
    ),
    (r"\b(?:anfang|beginn|begin|frühe[sn]?|vroege?|début|debut|principios|comienzos|inicios)(?!\w)", "early"),
    (r"\b(?:mitte|midden|milieu|mediados)\b", "mid"),
    (r"\b(?:ende|eind|einde|späte[sn]?|late|fin|finales|fines)\b", "late"),
    (
        r"^(.*century)\s*[,(]\s*((?:first|second|third|fourth|last) (?:half|third|quarter)|early|mid|late)\s*\)?$",
        r"\2 \1",
    ),
    # Decades: "1880er Jahre", "années 1880", "jaren 1880", "década de 1880"
    (r"\b(\d{3}0)(?:er|-er)(?:\s+jahren?)?\b", r"\1s"),
    (r"\b(?:années|jaren|años|década de|décennie)\s+(\d{3}0)\b", r"\1s"),
    # Days: "12. März 1888", "12 de marzo de 1888"
    (
        rf"(?:\b(\d{{1,2}})(?:\.|er)?\s+(?:de\s+)?)?\b({'|'.join(_MONTH)})\.?\s+(?:del?\s+)?(?=\d{{4}})",
        lambda match: f"{match[1] or ''} {_MONTH[match[2].lower()]} ",
    ),
    # Eras
    (r"\bv\.?\s*(?:Chr|Kr)\.?|\bav\.?\s*J\.?-?\s?C\.?|\ba\.?\s?C\.(?!\w)", "BC"),
    (r"\bn\.?\s*(?:Chr|Kr)\.?|\bapr?\.?\s*J\.?-?\s?C\.?|\bd\.?\s?C\.(?!\w)", "AD"),
    # About: "um 1880", "vers 1650", "hacia 1700"
    (
        (
            r"\b(?:um|gegen|etwa|ungefähr|wohl|vermutlich|wahrscheinlich|vers|environ|env|autour de|omstreeks|"
            r"ongeveer|rond|"
            r"vermoedelijk|waarschijnlijk|hacia|alrededor de|en torno a|aproximadamente|aprox|probablemente|"
            r"probablement)"
            r"(?!\w)\.?"
        ),
        "about",
    ),
    (r"\bh\.\s*(?=\d)", "about "),
    (r"^(?:±|\+\s*/?\s*-|~)\s*(?=\d)", "about "),
    (r"^(.*\d)\s*\(about\)$", r"about \1"),
    # Bounds: "nach 1850", "avant 1700", "vóór 1650", "después de 1900"
    (r"\b(?:frühestens|nicht vor|pas avant|niet voor|no antes de)\b", "not before"),
    (r"\b(?:spätestens|nicht nach|pas après|niet na|no después de)\b", "not after"),
    (r"\b(?:kurz nach|peu après|kort na|poco después de)\b", "shortly after"),
    (r"\b(?:nach|après|apres|na|después de|despues de|posterior a)\b(?=.*\d)", "after"),
    (r"\b(?:vor|avant|voor|vóór|antes de|anterior a)\b(?=.*\d)", "before"),
    (r"\b(?:seit|ab|depuis|sinds|vanaf)\b(?=.*\d)", "since"),
    # Spans: "zwischen 1850 und 1860", "de 1850 à 1860"
    (
        (
            r"^(?:zwischen|entre|tussen|von|van|desde|de|del|dal)\s+(.*?\d\S*.*?)\s+"
            r"(?:und|et|y|e|en|bis|à|a|al|tot|hasta)\s+(.*?\d.*)$"
        ),
        r"between \1 and \2",
    ),
    (r"^(?:zwischen|entre|tussen|von|van|desde|de|del)\s+(?=\d\S*\s*[-/]\s*\d)", "between "),
    (r"(?<=[\ds])\s*\b(?:bis|à|tot|hasta|al|u\.|und|et|y|en|oder|ou|of|o)\b\s*(?=\D*\d)", " - "),
    (r"^(?:bis|jusqu['’]?(?:en|à)|tot|hasta)\s+(?=.*\d)", "until "),
    # Signatures: "sign. u. dat. 1642", "daté 1880", "1880 (datiert)"
    (rf"\b(?:{_SIGNED}\s*(?:und|u\.|et|en|y|and|,|/|-)?\s*)?(?:{_DATED}|{_SIGNED})(?!\w)", "dated"),
    (r"(?<=[\d)?])[\s,;]*\(?dated\)?$", ""),
    # Later stages: "1888 (Abzug 1920)", "1888, gegossen 1920"
    (rf"\b{_PRINTED}(?:\s+(?:von|van|de|um|about))?\s+(?=\D{{0,9}}\d)", "printed "),
    (rf"\b{_CAST}(?:\s+(?:von|van|de|um|about))?\s+(?=\D{{0,9}}\d)", "cast "),
    # What is left of articles: "Mitte des 17. Jh.", "début du XIXe siècle"
    (r"\b(?:des|der|dem|die|das|vom|du|de la|de|del|van de|van het|van|het|im|in|en|im jahre?|l['’])(?!\w)\.?", " "),
)
_COMPILED = [(re.compile(pattern, re.IGNORECASE), said) for pattern, said in _RULES]
_OUT_OF_CALENDAR = re.compile(r"^[–—]|-00$")  # no year before Christ, and no day
_NO_YEAR = re.compile(r"\b(?:in|im|anno|jahr|jahre|année|jaar|año|ano)\b\.?", re.IGNORECASE)


def is_undated(text: str) -> bool:
    """Return whether a text says that no date is known: "o. J.", "s.d.", "unbekannt"."""
    return _UNDATED.fullmatch(straighten(text).strip("()[]. ").strip() or "?") is not None or not text.strip()


def in_english(text: str) -> str:
    """Return a date with its words in English: "um 1880" as "about 1880"."""
    words = straighten(unicodedata.normalize("NFC", text).replace("–", "-").replace("—", "-"))
    for pattern, said in _COMPILED:
        words = pattern.sub(said, words)
    return straighten(_NO_YEAR.sub(" ", words))


def parse_date(text: str, origin: str | None = None) -> Dating:
    """Read a date in English, German, Dutch, French or Spanish; the text is kept as it is.

    Args:
        text: As its museum writes it: "um 1880", "2. Hälfte 19. Jh.", "tussen 1850 en 1860", "siglo XVII".
        origin: The field that holds it.
    """
    words = text if text.isascii() else _with_own_digits(text)
    dating = parse_dating(words, origin)
    is_exact = not _OUT_OF_CALENDAR.search(words)
    if dating.precision is None or not is_exact:
        dating = parse_dating(in_english(words), origin)
    return dating if dating.text == text else replace(dating, text=text)


def _with_own_digits(text: str) -> str:
    """Return a text with the digits of all scripts as ours: "١٨٨٠" and "１８８０" as "1880", but "²" as it is."""
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() and not letter.isascii() else letter for letter in text
    )
