"""The pictures of a folder, and whose they are: by the number in a file's or a folder's name, or by a column."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote

from harvest.records import LOCAL
from harvest.tabular.formats import JOINT

SUFFIXES = frozenset((".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".tif", ".tiff", ".jp2", ".j2k"))
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe"})
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_UNNAMEABLE = frozenset('/\\:*?"<>|')  # marks that a file's name lacks where it holds the number
_LINES = re.compile(rf"[\n{JOINT}]")
_FRONT = "r recto front vs vorderseite vorne face avant voorzijde anverso a main haupt gesamt total"
_BACK = "v verso back rs rueckseite hinten dos arriere achterzijde reverso b"
_DETAIL = (
    "d det detail details ausschnitt detalle frame rahmen cadre lijst signatur signature sig uv ir irr xray roentgen "
    "farbkarte colorchecker rahmung"
)
FRONT, BACK, DETAIL = (frozenset(words.split()) for words in (_FRONT, _BACK, _DETAIL))  # words behind the number

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One picture of a folder."""

    name: str  # its path within the folder, with slashes
    version: int = 0  # when it was changed last, in nanoseconds: another picture under an old name is noticed

    @property
    def address(self) -> str:
        """What the catalogue calls it by."""
        return f"{LOCAL}{quote(os.fsencode(self.name))}?{self.version}"


def listing(folder: Path) -> Iterator[File]:
    """Yield the pictures in a folder and all folders within it, in the order of their names; hidden ones are left."""
    yield from sorted(_files(str(folder), ""), key=lambda file: file.name)


def _files(folder: str, within: str) -> Iterator[File]:
    """Yield the pictures of a folder; a Path for each would take a twentieth of the first load of a large table."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            _, dot, suffix = entry.name.rpartition(".")
            if entry.is_dir() and not entry.is_symlink():
                yield from _files(entry.path, f"{within}{entry.name}/")
            elif f"{dot}{suffix}".lower() in SUFFIXES and not entry.is_dir():
                yield File(within + entry.name, entry.stat().st_mtime_ns if entry.is_file() else 0)


def tokens(text: str) -> Tokens:
    """Return a number or name as what is compared: "A-012_r" as a, 12, r; letters' case and accents do not count."""
    bare = text.lower() if text.isascii() else _bare(text)
    return tuple([part.lstrip("0") or "0" if part.isdecimal() else part for part in _TOKEN.findall(bare)])


def _bare(text: str) -> str:
    """Return a text in small letters without accents, umlauts spelt out."""
    letters = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    return "".join(letter for letter in unicodedata.normalize("NFD", letters) if not unicodedata.combining(letter))


@dataclass(slots=True)
class Album:
    """The pictures of a folder, by object."""

    by_number: dict[str, list[File]] = field(default_factory=dict)
    by_name: dict[Tokens, list[File]] = field(default_factory=dict)
    ambiguous: dict[str, list[str]] = field(default_factory=dict)  # files that may be several objects', by name
    unclaimed: list[str] = field(default_factory=list)  # files whose names hold no number

    @classmethod
    def of(cls, files: Iterable[File], numbers: Iterable[str]) -> "Album":
        """Give each file to the object whose number its name begins with, the longest where there are several.

        A file whose own name begins with none belongs to the object that its folder is named after.
        """
        album, owners = cls(), _owners(numbers)
        for file in files:
            folder, _, name = file.name.rpartition("/")
            stem = name.rpartition(".")[0]
            parts = tokens(stem)
            album.by_name.setdefault(parts, []).append(file)
            claimed = _owner(stem, parts, owners)
            for name in () if claimed else reversed(folder.split("/")):
                claimed = claimed or _owner(name, tokens(name), owners)
            if not claimed:
                album.unclaimed.append(file.name)
            elif len(claimed) == 1:
                album.by_number.setdefault(claimed[0], []).append(file)
            else:
                album.ambiguous[file.name] = list(claimed)
        return album

    def of_object(self, number: str, named: Iterable[File]) -> list[File]:
        """Return the pictures of an object, the main one first.

        Args:
            number: The object's.
            named: Files that its row names; they come before what is found by number.
        """
        by_number = self.by_number.get(number, [])
        if len(by_number) > 1:
            by_number = sorted(by_number, key=lambda file: _rank(file.name, number))
        return list(dict.fromkeys([*named, *by_number]))

    def named_in(self, cell: str) -> tuple[list[File], list[str]]:
        """Return the files that a cell names, and names that are no file's; web addresses are neither.

        Semicolons, bars, commas and line breaks part names, unless they are within a name that is a file's.
        """
        found: dict[File, None] = {}
        missing: dict[str, None] = {}
        for line in _LINES.split(cell):
            for name, file in self._named(line.strip(), (";|", ",")):
                if file is not None:
                    found[file] = None
                elif not _is_web(name):
                    missing[name] = None
        return list(found), list(missing)

    def _named(self, text: str, separators: Sequence[str]) -> Iterator[tuple[str, File | None]]:
        """Yield each name of a text with its file; the separators that are rarest within names come first."""
        file = self.find(text) if text else None
        is_one = file is not None or not separators or (_is_web(text) and separators == (",",))
        if text and is_one:
            yield text, file
        elif text:
            for part in re.split(f"[{separators[0]}]", text):
                yield from self._named(part.strip(), separators[1:])

    def find(self, name: str) -> File | None:
        """Return the file that a cell names: with or without its folder and its suffix, in any case."""
        path = PurePosixPath(PureWindowsPath(name.strip()).as_posix())
        stem = path.stem if path.suffix.lower() in SUFFIXES else path.name
        wanted = _folded(path.as_posix())
        files = self.by_name.get(tokens(stem), [])
        same = [file for file in files if _folded(file.name) == wanted or _folded(file.name).endswith(f"/{wanted}")]
        return next(iter([*same, *files]), None)


def _is_web(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _owners(numbers: Iterable[str]) -> Mapping[Tokens, Sequence[str]]:
    owners: dict[Tokens, list[str]] = {}
    for number in numbers:
        owners.setdefault(tokens(number), []).append(number)
    owners.pop((), None)
    return owners


def _owner(name: str, parts: Tokens, owners: Mapping[Tokens, Sequence[str]]) -> Sequence[str]:
    """Return the numbers that a name begins with; several only where they differ in marks and zeros alone.

    Of these, one that the name spells out counts, unless another holds a mark that no file's name can: "A-1" may be
    "A/1", too.
    """
    for length in range(len(parts), 0, -1):
        if numbers := owners.get(parts[:length]):
            if any(_UNNAMEABLE & set(number) for number in numbers):
                return numbers
            exact = [number for number in numbers if _folded(name).startswith(_folded(number))]
            longest = max(map(len, exact), default=0)
            return [number for number in exact if len(number) == longest] or numbers
    return ()


def _rank_of_words(words: Tokens) -> int:
    if set(words) & DETAIL:
        return 3
    if set(words) & BACK:
        return 2
    return 0 if not words or set(words) & FRONT else 1


def _rank(name: str, number: str) -> tuple[int, Sequence[tuple[bool, int, str]], str]:
    """Order an object's files: the front, then others by their numbers, backs, details."""
    words = tokens(PurePosixPath(name).stem)
    own = tokens(number)
    rest = words[len(own) :] if words[: len(own)] == own else words
    order = [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in rest]
    return _rank_of_words(rest), order, name
