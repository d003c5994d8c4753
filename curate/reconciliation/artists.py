"""Whom of the merged artists a name may mean: by what makes two makers one in a build, then by words that are alike."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from curate.labels.artists import AUTHORITIES, Artist, Facts, contradict, is_nobody, name_keys, names_of
from curate.labels.vocabulary import plain_text
from harvest.catalogue.paintings import Maker

ALIKE = 75  # of 100, by Indel distance: words that differ more are two words
INITIAL = 0.9  # how well "H." agrees with "Hendrick"
LEAST = 40  # a lower score names nobody
PROPERTIES = {
    "birth": "Year of birth",
    "death": "Year of death",
    "wikidata": "Number in Wikidata",
    "ulan": "Number in ULAN",
    "rkd": "Number in the RKD",
    "viaf": "Number in VIAF",
}
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LIFE = re.compile(r"(?<!\d)(?P<birth>\d{4})\s*[-–—/]\s*(?P<death>\d{4})(?!\d)")
_END = re.compile(
    r"(?:(?P<birth>\*|\b(?:born|geboren|geb|née?|b)\b\.?)|(?P<death>†|\b(?:died|gestorben|gest|d)\b\.?))"
    r"\s*(?P<year>\d{4})(?!\d)"
)
_ORDINALS = frozenset(("ii", "iii", "iv"))  # no names that an initial could stand for
ORDINALS = _ORDINALS | {"i"}


@dataclass(frozen=True, slots=True)
class Query:
    """A name whose bearer is wanted, and what else is known of that person."""

    name: str
    facts: Facts

    @classmethod
    def of(cls, name: str, known: Mapping[str, Sequence[str]] | None = None) -> "Query":
        """Make a query; the years of a life that stand in the name count where none are given beside it.

        Args:
            name: As a table has it: "Goltzius, Hendrick (1558-1617)".
            known: Values by property.
        """
        known = known or {}
        births, deaths = ({int(year) for text in known.get(end, ()) for year in _YEAR.findall(text)} for end in _ENDS)
        for match in (*_LIFE.finditer(name), *_END.finditer(name)):
            year = match["year"] if match.re is _END else ""
            if match["birth"] and "birth" not in known:
                births.add(int(year or match["birth"]))
            if match["death"] and "death" not in known:
                deaths.add(int(year or match["death"]))
        numbers = {key: number for key in AUTHORITIES if (number := "".join(known.get(key, ())[:1]).strip())}
        return cls(plain_text(name) or "", Facts(births, deaths, numbers))


@dataclass(frozen=True, slots=True)
class Person:
    """A merged artist, as others ask for one."""

    artist: Artist
    works: int  # how many the catalogue has

    @property
    def id(self) -> str:
        """The first maker's key, which stays when another name becomes the label."""
        return names_of(min(self.artist.makers))[0]

    @property
    def life(self) -> str:
        """The years of birth and death, as far as they are known."""
        years = (self.artist.birth_year, self.artist.death_year)
        return "" if years == (None, None) else "–".join("?" if year is None else str(year) for year in years)

    @property
    def sources(self) -> list[str]:
        """Whose makers were merged."""
        return sorted({maker.source for maker in self.artist.makers})

    @property
    def facts(self) -> Facts:
        """What may contradict a query."""
        return self.artist.facts

    def values(self, name: str) -> list[str]:
        """Return what is known of a property."""
        years = {"birth": self.artist.birth_year, "death": self.artist.death_year}
        value = years[name] if name in years else self.artist.authorities.get(name)
        return [] if value is None else [str(value)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whom a query may mean."""

    person: Person
    alike: float  # which share of the words of the names agree, 0 to 1
    agrees: bool  # a year of the life is known to both, and nothing contradicts
    contradicts: bool  # as makers do whom no build merges
    has_number: bool  # an authority gives both one number
    is_of_another: bool  # the name is of a workshop, a follower, nobody
    is_match: bool = False  # this one is meant, and nobody else

    @property
    def score(self) -> float:
        """How likely this is who is meant, 0 to 100."""
        alike = 100 * self.alike
        if self.contradicts or self.is_of_another:
            return round(alike / 2, 1)
        return 100.0 if self.has_number else round((alike + 100) / 2 if self.agrees else alike, 1)


class Artists:
    """The merged artists, to be found by names, keys and numbers.

    Args:
        artists: As a build merges them.
        works: How many paintings each maker has.
        sources: Only artists of whom one of these has works. None: all.
    """

    def __init__(self, artists: Iterable[Artist], works: Mapping[Maker, int], sources: Sequence[str] = ()) -> None:
        people = (Person(artist, sum(works[maker] for maker in artist.makers)) for artist in artists)
        self.people = [person for person in people if not sources or not set(sources).isdisjoint(person.sources)]
        self._by_label = {person.artist.name: person for person in self.people}
        self._by_key = {names_of(maker)[0]: person for person in self.people for maker in person.artist.makers}
        self._by_number: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._by_form: dict[str, list[Person]] = defaultdict(list)  # the normal form of a name
        self._texts: list[str] = []  # all names of each person, a blank before each word
        for person in self.people:
            for number in person.artist.authorities.items():
                self._by_number[number].append(person)
            names = (person.artist.name, *person.artist.aliases)
            forms = sorted(set().union(*map(name_keys, names)))
            for form in forms:
                self._by_form[form].append(person)
            self._texts.append("".join(f" {word}" for word in _WORD.findall(" ".join((*names, *forms)).casefold())))
        self._by_word: dict[str, list[str]] = defaultdict(list)  # the normal forms in which it stands
        for form in self._by_form:
            for word in form.split():
                self._by_word[word].append(form)
        self._words = list(self._by_word)
        self._agreed: dict[str, dict[str, float]] = {}  # words of names, and how well, by a word that was asked for

    def named(self, text: str) -> Person | None:
        """Return who has this key, the SOURCE:KEY of any maker, or this very label."""
        return self._by_key.get(text) or self._by_label.get(plain_text(text) or "")

    def find(self, query: Query) -> list[Candidate]:
        """Return whom a query may mean, the likeliest first."""
        forms = name_keys(_END.sub(" ", query.name))
        named = self.named(query.name)
        shares: dict[str, float] = defaultdict(float)
        for form, share in self._alike(forms):
            shares[form] = max(shares[form], share)
        alike: dict[str, tuple[float, Person]] = {}
        for share, form in sorted((share, form) for form, share in shares.items()):
            alike.update((person.id, (share, person)) for person in self._by_form[form])  # the most alike comes last
        numbered = [person for number in query.facts.keys.items() for person in self._by_number.get(number, ())]
        for person in numbered:
            alike.setdefault(person.id, (0.0, person))
        if named:
            alike[named.id] = (1.0, named)
        is_of_another = bool(query.name) and is_nobody(Maker("", "", query.name))
        found = [_candidate(query, person, share, is_of_another=is_of_another) for share, person in alike.values()]
        found.sort(key=lambda one: (-one.score, -one.person.works, one.person.artist.name))
        is_shared = query.name not in self._by_key and self._is_shared(forms)
        meant = _meant(found, None if is_shared else named, is_shared=is_shared)
        return [replace(one, is_match=one is meant) for one in found if one.score >= LEAST]

    def begin(self, prefix: str) -> list[Person]:
        """Return those in whose name each word of a prefix begins a word, who have the most works first."""
        if person := self.named(prefix):
            return [person]
        words = [f" {word}" for word in _WORD.findall(prefix.casefold())]
        found = [person for person, text in zip(self.people, self._texts, strict=True) if all(w in text for w in words)]
        return sorted(found, key=lambda person: (-person.works, person.artist.name))

    def _alike(self, forms: Iterable[str]) -> Iterator[tuple[str, float]]:
        """Yield the names of which a word agrees with one of these, and which share of the words do."""
        for words in map(str.split, forms):
            agreeing = [self._agreeing(word) for word in words]
            for form in {form for known in agreeing for word in known for form in self._by_word[word]}:
                yield form, _share(form.split(), agreeing)

    def _is_shared(self, forms: Collection[str]) -> bool:
        """Return whether a name is one word, a surname perhaps, that stands in the names of several artists."""
        asked = [set(form.split()) for form in forms]
        if not asked or any(len(words - ORDINALS) > 1 for words in asked):
            return False
        within = {form for words in asked for word in words for form in self._by_word[word] if words <= {*form.split()}}
        return len({person.id for form in within for person in self._by_form[form]}) > 1

    def _agreeing(self, word: str) -> Mapping[str, float]:
        """Return the words of names that agree with a word, and how well; many names share their words."""
        if word not in self._agreed:
            self._agreed[word] = dict(self._compared(word))
        return self._agreed[word]

    def _compared(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the words of names that agree with a word, and how well: initials, slips, other spellings."""
        if word in _ORDINALS:
            yield word, 1.0
            return
        if len(word) == 1:
            yield from ((own, INITIAL) for own in self._words if own[0] == word and own not in _ORDINALS)
        elif word[0] in self._by_word:
            yield word[0], INITIAL
        least = ALIKE if len(word) > 2 else 100
        for own, score, _ in process.extract(word, self._words, scorer=fuzz.ratio, score_cutoff=least, limit=None):
            yield own, score / 100


_ENDS = ("birth", "death")


def _share(own: Sequence[str], agreeing: Sequence[Mapping[str, float]]) -> float:
    """Return which share of the words of two names agree, each with one other at most, the best pairs first."""
    pairs = ((known[word], place, word) for place, known in enumerate(agreeing) for word in own if word in known)
    places, words, total = set(), set(), 0.0
    for score, place, word in sorted(pairs, reverse=True):
        if place not in places and word not in words:
            places.add(place)
            words.add(word)
            total += score
    return 2 * total / (len(own) + len(agreeing))


def _candidate(query: Query, person: Person, share: float, *, is_of_another: bool) -> Candidate:
    asked, known = query.facts, person.facts
    return Candidate(
        person,
        share,
        agrees=asked.agrees(known),
        contradicts=contradict(asked, known),
        has_number=any(asked.keys[name] == known.keys.get(name) for name in asked.keys),
        is_of_another=is_of_another,
    )


def _meant(found: Iterable[Candidate], named: Person | None, *, is_shared: bool) -> Candidate | None:
    """Return the one who is meant for certain: who could be either of two persons is neither.

    Args:
        found: Whom a query may mean.
        named: Whose key or label it is. None: nobody's.
        is_shared: The name is one word that several artists share: alone, it says nothing for certain.
    """
    fitting = [one for one in found if (one.alike == 1 or one.has_number) and not one.contradicts]
    fitting = [one for one in fitting if not one.is_of_another]
    for sure in (
        [one for one in fitting if one.has_number],
        [one for one in fitting if one.person is named],
        [one for one in fitting if one.agrees],
        [] if is_shared else fitting,
    ):
        if sure:
            return sure[0] if len(sure) == 1 else None
    return None
