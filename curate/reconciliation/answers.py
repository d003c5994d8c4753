"""What people answered in OpenRefine, as aliases: which spelling is whose name, told once."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from curate.errors import CurateError
from curate.labels.artists import ALIASES, contradict, identify, names_of
from curate.labels.vocabulary import plain_text
from curate.reconciliation.artists import Artists, Person
from harvest.catalogue.paintings import Maker
from harvest.files import atomic_write

ROUNDS = 5  # in which the labels of artists settle


class Answers:
    """What the rows of a table of answers come to, weighed against the catalogue one by one.

    Args:
        works: How many paintings each maker has.
        known: The aliases that there are.
    """

    def __init__(self, works: Mapping[Maker, int], known: Mapping[str, str]) -> None:
        self.faults: list[str] = []  # with their rows
        self._works, self._known = works, known
        self._artists = Artists(identify(works, known), works)
        self._bearers: dict[str, dict[str, Person]] = defaultdict(dict)  # whom a spelling names, by id
        for person in self._artists.people:
            for maker in person.artist.makers:
                for name in names_of(maker):
                    self._bearers[name][person.id] = person
        self._outcomes: list[tuple[str | None, str]] = []  # of each row, with its spelling
        self._meant: dict[str, tuple[int, Person]] = {}  # with the row that says so
        self._torn: set[str] = set()

    def add(self, row: int, spelling: str | None, answer: str | None) -> None:
        """Take in one row."""
        outcome, fault = self._weigh(row, spelling, answer)
        self._outcomes.append((spelling, outcome))
        if fault:
            self.faults.append(f"row {row}: {fault}")

    @property
    def rows(self) -> Counter[str]:
        """How many rows there are, by what became of them."""
        return Counter(
            "contradictory" if spelling in self._torn and outcome in ("new", "repeated") else outcome
            for spelling, outcome in self._outcomes
        )

    @property
    def idle(self) -> list[str]:
        """The new spellings that no maker of the catalogue bears."""
        return sorted(spelling for spelling in self._new if spelling not in self._bearers)

    def aliases(self) -> dict[str, str]:
        """Return the new aliases: by spelling the label that the artist has once all of them are told."""
        fixed = self._new.keys() | self._known.keys()
        keys = {spelling: _free_key(person, fixed) for spelling, person in self._new.items()}
        labels = {spelling: person.artist.name for spelling, person in self._new.items()}
        for _ in range(ROUNDS):
            artists = Artists(identify(self._works, {**self._known, **labels}), self._works)
            now = {spelling: person.artist.name for spelling, key in keys.items() if (person := artists.named(key))}
            if now == labels:
                break
            labels = now
        return labels

    @property
    def _new(self) -> dict[str, Person]:
        return {spelling: person for spelling, (_, person) in self._meant.items() if spelling not in self._torn}

    def _weigh(self, row: int, spelling: str | None, answer: str | None) -> tuple[str, str]:
        """Return what becomes of a row, and what is wrong with it."""
        if spelling is None or answer is None:
            return "unanswered", ""
        if (person := self._artists.named(answer)) is None:
            return "unknown", f"{answer!r} is the id or name of no artist in the catalogue"
        if spelling in self._meant:
            first, other = self._meant[spelling]
            if other.id == person.id:
                return "repeated", ""
            self._torn.add(spelling)
            return "contradictory", f"{spelling!r} is {person.artist.name!r}, but {other.artist.name!r} in row {first}"
        if spelling in self._known and self._known[spelling] != person.artist.name:
            return "contradictory", f"{spelling!r} is {person.artist.name!r}, but {self._known[spelling]!r} before"
        others = {key: other for key, other in self._bearers.get(spelling, {}).items() if key != person.id}
        if len(others) > 1 or any(contradict(person.facts, other.facts) for other in others.values()):
            names = ", ".join(sorted(others))
            return "ambiguous", f"{spelling!r} is another's name too ({names}): write the key of a maker in its place"
        if spelling in self._known or (spelling in self._bearers and not others):
            return "known", ""
        self._meant[spelling] = (row, person)
        return "new", ""


def read_answers(path: Path, name: str, artist: str) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield the number, the spelling and the answer of each row of a table that OpenRefine exported.

    Args:
        path: Of a table in UTF-8, parted by tabs where its name ends in .tsv, else by commas.
        name: The column with the spellings.
        artist: The column with the answers, as ids or labels.

    Raises:
        CurateError: It is no such table, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            columns = list(rows.fieldnames or ())
            for column in (name, artist):
                if column not in columns:
                    known = ", ".join(map(repr, columns)) or "none: it is empty"
                    raise CurateError(f"{path} has no column {column!r}; its columns are {known}")
            for number, row in enumerate(rows, start=2):
                yield number, plain_text(row[name]), plain_text(row[artist])
    except UnicodeDecodeError:
        raise CurateError(f"{path} is no CSV table in UTF-8: export it from OpenRefine as CSV") from None
    except csv.Error as error:
        raise CurateError(f"{path} is no CSV table ({error}): export it from OpenRefine as CSV") from None


def append(path: Path, aliases: Mapping[str, str]) -> None:
    """Add aliases to a table; what stands there stays as it is."""
    old = path.read_bytes() if path.exists() else b""
    columns = next(csv.reader(io.StringIO(old.decode("utf-8-sig"))), list(ALIASES))
    text = io.StringIO()
    rows = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    if not old:
        rows.writeheader()
    rows.writerows(dict(zip(ALIASES, pair, strict=True)) for pair in sorted(aliases.items()))
    with atomic_write(path) as file:
        file.write(old + (b"\n" if old and not old.endswith((b"\n", b"\r")) else b"") + text.getvalue().encode())


def _free_key(person: Person, fixed: Collection[str]) -> str:
    """Return a key of an artist by which the label is found: of a maker whom no alias moves, if there is one."""
    makers = sorted(person.artist.makers)
    free = [maker for maker in makers if not set(names_of(maker)) & set(fixed)]
    return names_of((free or makers)[0])[0]
