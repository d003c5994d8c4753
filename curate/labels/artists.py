"""Which makers are one person: by authority numbers, then by names, never where they contradict each other.

Museums write one person in many ways: "Rembrandt", "Rembrandt (Rembrandt van Rijn)", "Rijn, Rembrandt van". What was
merged, and on what ground, is kept with each maker, so that a person can look it over.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from curate.errors import CurateError
from curate.labels.vocabulary import plain_text
from harvest.catalogue.paintings import Maker

AUTHORITIES = ("wikidata", "ulan", "rkd", "viaf")  # the most trusted first
TOLERANCE = 5  # years by which two museums' dates of a life may differ; many are "about"
ALIASES = ("alias", "artist")  # columns of a user's table
_QUALIFIED = re.compile(
    r"(?:^|\b)(?:(?:and |& )?(?:his |her |the )?(?:workshop|studio|atelier|assistants?|pupils?|followers?|imitators?)\b"
    r"|(?:workshop|studio|circle|school|style|manner|follower|pupil|imitator) of\b|(?:attributed|ascribed) to\b"
    r"|(?:copy |copyist )?after\b(?= [A-Z])|copy (?:of|after)\b|possibly\b|probably\b"
    r"|werkplaats|toegeschreven aan|kring van|omgeving van|navolger|volgeling van|school van|kopie naar|kopiist)",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:anonymous|anonym|anoniem|anonieme|unknown|unidentified|onbekend|various artists|not known|none)\b"
    r"|.*\bunknown$",
    re.IGNORECASE,
)
_SCHOOL = re.compile(
    r"(?:.*\s)?\w+(?:ish|ian|ese|ch|tch|nch|can|wiss|reek|eek)\b.*\b"
    r"(?:pain\w{0,2}ers?|artists?|masters?|schools?|miniaturists?|illuminators?)\b(?!\s+of\b)",
    re.IGNORECASE,
)
_GROUP = re.compile(  # a school though an authority numbers it: "Netherlandish (Antwerp …) Painters"
    r"\bpain\w{0,2}ers\b|\)\s*pain\w{0,2}er$|\b(?:artists|school)$", re.IGNORECASE
)
_GUESS = re.compile(r"\((?:possibly|probably|perhaps)[^)]*\)?", re.IGNORECASE)  # who a named master may have been
_PARTICLES = frozenset((
    "de", "da", "di", "do", "du", "del", "della", "dei", "der", "den", "des", "van", "von", "vom", "ter",
    "ten", "te", "the", "la", "le", "les", "y", "e", "et", "of",
))  # fmt: skip
_TITLES = frozenset(("sir", "dame"))  # that catalogues set before a name or leave away; "Baron" is a surname, too
_ORDINALS = {
    r"the elder|d\. ?[äa]\.|der [äa]ltere|de oude|il vecchio|the 1st": "i",
    r"the younger|d\. ?j\.|der j[üu]ngere|de jonge|il giovane|le jeune": "ii",
    r"senior|sr\.?": "i",
    r"junior|jr\.?": "ii",
}
_DATES = re.compile(r"(?:\b(?:c|ca|circa|b|born|d|died|active|fl)\.?\s*)?\b\d{3,4}\b(?:\s*[-–/]\s*(?:\d{2,4})?)?")


@dataclass(slots=True)
class Artist:
    """One person, whatever museums call them."""

    name: str  # the label
    birth_year: int | None = None
    death_year: int | None = None
    authorities: dict[str, str] = field(default_factory=dict)
    makers: dict[Maker, str] = field(default_factory=dict)  # with the ground on which each was merged

    @property
    def aliases(self) -> list[str]:
        """The names that the sources use."""
        return sorted({text for maker in self.makers if (text := plain_text(maker.name))})

    @property
    def facts(self) -> "Facts":
        """What may contradict another's."""
        return Facts(_years(self.birth_year), _years(self.death_year), self.authorities)


def is_nobody(maker: Maker) -> bool:
    """Return whether a name stands for nobody in particular, a school, or another hand than its own."""
    name = plain_text(maker.name)
    if name is None or _NOBODY.match(name) or _QUALIFIED.search(_GUESS.sub("", name)):
        return True
    return (not maker.authorities and _SCHOOL.match(name) is not None) or _GROUP.search(name) is not None


def identify(works: Mapping[Maker, int], aliases: Mapping[str, str] | None = None) -> list[Artist]:
    """Return the persons among some makers, by name.

    Args:
        works: How many paintings each maker has.
        aliases: A user's own: a name, or SOURCE:KEY, and the label that it gets; "" for nobody. It wins.
    """
    wanted = dict(aliases or {})
    fixed = {maker: _alias(maker, wanted) for maker in works}
    free = sorted(maker for maker, label in fixed.items() if label is None and not is_nobody(maker))
    groups = _Groups(free)
    for authority in AUTHORITIES:
        numbers = {maker: [key for name, key in maker.authorities if name == authority] for maker in free}
        groups.merge_by(authority, numbers)
    groups.merge_by("name", {maker: name_keys(maker.name) for maker in free})
    groups.merge_within()
    artists = [_artist(makers, works) for makers in groups.members()]
    _tell_apart(artists)
    by_name = {artist.name: artist for artist in artists}
    for maker in sorted(maker for maker, label in fixed.items() if label):
        label = str(fixed[maker])
        by_name.setdefault(label, Artist(label)).makers[maker] = "alias"
    for artist in by_name.values():
        _describe(artist)
    return [by_name[name] for name in sorted(by_name)]


def read_aliases(path: Path) -> dict[str, str]:
    """Read a user's table of names.

    Raises:
        CurateError: It is no CSV table with the columns `alias` and `artist`, a row lacks one, or two contradict.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            rows = csv.DictReader(lines, delimiter=";" if ";" in first else ",", strict=True)
            if not set(ALIASES) <= set(rows.fieldnames or ()):
                raise CurateError(
                    f"{path} is no table of aliases: expected the columns alias and artist in its first row, parted by "
                    "a comma or a semicolon"
                )
            return _checked(path, rows)
    except UnicodeDecodeError:
        raise CurateError(f"{path} is no CSV table in UTF-8: expected the columns alias and artist") from None
    except csv.Error as error:
        raise CurateError(f"{path} is no CSV table ({error}): expected the columns alias and artist") from None


def _checked(path: Path, rows: "csv.DictReader[str]") -> dict[str, str]:
    aliases: dict[str, str] = {}
    for row in rows:
        alias, artist = plain_text(row["alias"]), plain_text(row["artist"]) or ""
        where = f"{path}, line {rows.line_num}"
        if alias is None or row["artist"] is None:
            raise CurateError(f"{where}: expected an alias, a comma and an artist (empty: nobody)")
        if aliases.setdefault(alias, artist) != artist:
            raise CurateError(f"{where}: {alias!r} is {aliases[alias]!r} above, and {artist!r} here: choose one")
    return aliases


def name_keys(name: str) -> frozenset[str]:
    """Return the normal forms of a name: order, case, accents, brackets, dates, "de", "van", "Sir" make no difference.

    "Goya (Francisco de Goya y Lucientes)" has "goya", "francisco goya lucientes" and "francisco goya".
    """
    text = _DATES.sub(" ", name)
    for pattern, ordinal in _ORDINALS.items():
        text = re.sub(rf"(?:(?<=\s)|(?<=\()|^)(?:{pattern})(?=[\s),]|$)", f" {ordinal} ", text, flags=re.IGNORECASE)
    text = re.sub(r"\(\s*([IVX]{1,4})\s*\)", r" \1 ", text)
    outer, inner = re.sub(r"\([^)]*\)?", " ", text), re.findall(r"\(([^)]+)\)?", text)
    forms = [_tokens(outer)]
    for part in inner:
        variants = [_tokens(variant) for variant in re.split(r"\s+or\s+|;|\bcalled\b|\bgenannt\b", part)]
        forms += variants
        forms += [[variant[0], *forms[0]] for variant in variants if variant and len(forms[0]) == 1]
    return frozenset(
        " ".join(sorted(set(form))) for form in forms if form and (len(form) > 1 or len(form[0]) > 3 or not inner)
    )


def parted(artists: Iterable[Artist], aliases: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return which artists a user's aliases make beside others of the same name, perhaps unknowingly.

    An alias is for the makers who are written so, letter by letter: others whom their names or numbers would merge with
    these stay behind, and so does who is written as the label is but for its capitals or accents.

    Args:
        artists: As `identify` returns them.
        aliases: Those that it was given.

    Returns:
        The artist made, and the one left behind.
    """
    by_form: dict[str, list[Artist]] = defaultdict(list)
    made: list[tuple[Artist, str]] = []  # with each form
    for artist in artists if aliases else ():
        names = name_keys(artist.name).union(*(name_keys(maker.name) for maker in artist.makers))
        is_made = any(names_of(maker)[1] in aliases and names_of(maker)[0] not in aliases for maker in artist.makers)
        for form in (*names, *map(":".join, artist.authorities.items())):
            by_form[form].append(artist)
            made += [(artist, form)] if is_made else []
    pairs = {
        (artist.name, other.name)
        for artist, form in made
        for other in by_form[form]
        if other is not artist and not contradict(artist.facts, other.facts)
    }
    return sorted((one, other) for one, other in pairs if (other, one) not in pairs or one < other)


def contradict(one: "Facts", other: "Facts", tolerance: int = TOLERANCE) -> bool:
    """Return whether two cannot be one person: a life's dates too far apart, or two numbers of one authority."""
    for ours, theirs in ((one.births, other.births), (one.deaths, other.deaths)):
        if ours and theirs and max(max(ours) - min(theirs), max(theirs) - min(ours)) > tolerance:
            return True
    return any(one.keys[name] != other.keys[name] for name in one.keys.keys() & other.keys.keys())


@dataclass(slots=True)
class Facts:
    """What is known of a group of makers."""

    births: set[int]
    deaths: set[int]
    keys: dict[str, str]

    def agrees(self, other: "Facts", tolerance: int = TOLERANCE) -> bool:
        """Return whether a year of the life is known to both, and none of them contradicts."""
        shared = (self.births and other.births) or (self.deaths and other.deaths)
        return bool(shared) and not contradict(self, other, tolerance)


class _Groups:
    """Makers merged step by step: each step asks whether the groups as they now stand contradict each other."""

    def __init__(self, makers: Iterable[Maker]) -> None:
        self._group = {maker: [maker] for maker in makers}
        self._facts = {maker: _facts(maker) for maker in self._group}  # of a group, by its first maker
        self.grounds: dict[Maker, str] = dict.fromkeys(self._group, "")

    def members(self) -> list[dict[Maker, str]]:
        """Return the groups, with the ground of each maker."""
        heads = dict.fromkeys(group[0] for group in self._group.values())
        return [{maker: self.grounds[maker] for maker in self._group[head]} for head in heads]

    def merge_by(self, ground: str, keys: Mapping[Maker, Iterable[str]]) -> None:
        """Merge those that share a key, unless they contradict; who could be either of two persons is neither."""
        sharing: dict[str, list[Maker]] = defaultdict(list)
        for maker in self._group:
            for key in keys[maker]:
                sharing[key].append(maker)
        for key in sorted(sharing):
            self._merge_agreeing(ground, sharing[key])

    def merge_within(self) -> None:
        """Merge those whose lives have the same two years and of whose names one stands within the other."""
        by_life: dict[tuple[int, int], list[Maker]] = defaultdict(list)
        for maker in self._group:
            if maker.birth_year is not None and maker.death_year is not None:
                by_life[maker.birth_year, maker.death_year].append(maker)
        for makers in by_life.values():
            forms = [{frozenset(key.split()) for key in name_keys(maker.name)} for maker in makers]
            for place, one in enumerate(makers):
                for other_place in range(place + 1, len(makers)):
                    if any(a <= b or b <= a for a in forms[place] for b in forms[other_place]):
                        self._merge("name within name, same life", one, makers[other_place])

    def _merge_agreeing(self, ground: str, makers: list[Maker]) -> None:
        heads = list(dict.fromkeys(self._group[maker][0] for maker in makers))
        facts = [self._facts[head] for head in heads]
        if not any(contradict(a, b) for place, a in enumerate(facts) for b in facts[place + 1 :]):
            for other in heads[1:]:
                self._merge(ground, heads[0], other)
            return
        for one, other in _near(heads, facts):
            ours, theirs = self._facts[self._group[one][0]], self._facts[self._group[other][0]]
            if ours.agrees(theirs):
                self._merge(ground, one, other)

    def _merge(self, ground: str, one: Maker, other: Maker) -> None:
        ours, theirs = self._group[one], self._group[other]
        if ours is theirs or contradict(self._facts[ours[0]], self._facts[theirs[0]]):
            return
        if theirs[0] < ours[0]:
            ours, theirs = theirs, ours
        for maker in (*ours, *theirs):
            self.grounds[maker] = self.grounds[maker] or ground
        facts, added = self._facts[ours[0]], self._facts[theirs[0]]
        facts.births |= added.births
        facts.deaths |= added.deaths
        facts.keys |= {name: key for name, key in added.keys.items() if name not in facts.keys}
        ours += theirs
        for maker in theirs:
            self._group[maker] = ours


def _near(heads: Sequence[Maker], facts: Sequence[Facts], tolerance: int = TOLERANCE) -> Iterator[tuple[Maker, Maker]]:
    """Yield the pairs that were born, or died, about the same time; without looking at all pairs of a frequent name."""
    for years in ("births", "deaths"):
        known = sorted(
            (min(getattr(fact, years)), head) for head, fact in zip(heads, facts, strict=True) if getattr(fact, years)
        )
        for place, (year, one) in enumerate(known):
            for later, other in islice(known, place + 1, None):
                if later - year > 2 * tolerance:  # a group's own years may lie as far apart as is tolerated
                    break
                yield one, other


def _facts(maker: Maker) -> Facts:
    keys = {name: key for name, key in maker.authorities if name in AUTHORITIES}
    return Facts(_years(maker.birth_year), _years(maker.death_year), keys)


def _years(year: int | None) -> set[int]:
    return set() if year is None else {year}


def names_of(maker: Maker) -> tuple[str, str]:
    """Return what an alias may call a maker, the key that wins first."""
    return f"{maker.source}:{maker.source_id}", plain_text(maker.name) or ""


def _alias(maker: Maker, aliases: Mapping[str, str]) -> str | None:
    """Return the label that a user gives a maker, "" for nobody, None for no word of it."""
    return next((aliases[name] for name in names_of(maker) if name in aliases), None)


def _tokens(text: str) -> list[str]:
    spread = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in spread if not unicodedata.combining(character))
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=\w)['’](?=\w)", "", letters))
    return [word for word in words if word not in _PARTICLES | _TITLES] or words


def _artist(makers: dict[Maker, str], works: Mapping[Maker, int]) -> Artist:
    """Return the person whom a group of makers is, named as most of the paintings have it, without brackets."""
    votes: dict[str, int] = defaultdict(int)
    for maker in makers:
        text = plain_text(maker.name) or ""
        without_brackets = plain_text(re.sub(r"\((?![IVX]+\))[^)]*\)", " ", text))
        votes[without_brackets or text] += works[maker]
    return Artist(min(votes, key=lambda name: (-votes[name], name)), makers=makers)


def _describe(artist: Artist) -> None:
    """Fill in the life and the numbers, those that the most makers agree on."""
    for name in ("birth_year", "death_year"):
        values = sorted(value for maker in artist.makers if (value := getattr(maker, name)) is not None)
        setattr(artist, name, max(dict.fromkeys(values), key=values.count) if values else None)
    for maker in sorted(artist.makers):
        for authority, key in maker.authorities:
            artist.authorities.setdefault(authority, key)


def _tell_apart(artists: Iterable[Artist]) -> None:
    """Add what tells persons of one name apart: the years of their lives, else a source's key."""
    by_name: dict[str, list[Artist]] = defaultdict(list)
    for artist in artists:
        by_name[artist.name].append(artist)
    for name, namesakes in by_name.items():
        if len(namesakes) == 1:
            continue
        for artist in namesakes:
            _describe(artist)
        lives = [f"{artist.birth_year or '?'}–{artist.death_year or '?'}" for artist in namesakes]
        for artist, life in zip(namesakes, lives, strict=True):
            is_unique = lives.count(life) == 1 and life != "?–?"
            first = min(artist.makers)
            artist.name = f"{name} ({life})" if is_unique else f"{name} ({first.source}:{first.source_id})"
