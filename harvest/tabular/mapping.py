"""Which column of a table is what: a few lines of TOML that a person edits."""

import json
import re
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from harvest.errors import BadInput
from harvest.files import atomic_write

FOLDER = "sources"  # in the data folder
MAX_NAME = 40  # characters of a source's name, as the catalogue holds it

ROLES: AnyMapping[str, str] = {  # what a column may be, and what is said of it to people
    "number": "what identifies an object: its inventory number",
    "title": "its title",
    "artist": "its maker; several are parted by semicolons",
    "birth": "the maker's year of birth",
    "death": "the maker's year of death",
    "date": "when it was made, in words or numbers",
    "earliest": "the first year in which it may have been made",
    "latest": "the last one",
    "medium": "material and technique",
    "genre": "its genre; several are parted by semicolons",
    "style": "its style; several are parted by semicolons",
    "type": "what kind of object it is; without this column all are paintings",
    "rights": "the rights in its picture",
    "picture": "its pictures: file names, or web addresses",
    "link": "the address of its page",
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a table is read. None: not said, and guessed; of a column "": there is none."""

    columns: AnyMapping[str, str | tuple[str, ...]] = field(
        default_factory=dict
    )  # a column's name, or several, by role
    header: tuple[int, ...] | None = None  # the rows of the header, counted from 1
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    images: str | None = None  # the folder with the pictures
    not_years: tuple[int, ...] | None = None  # years that are not the work's: of digitisation, say
    iiif: str | None = None  # of no table, but of a IIIF collection: its address
    language: str | None = None  # in which a IIIF collection's labels are read: "de"

    def completed(self, guess: "Mapping") -> "Mapping":
        """Return this mapping, and what it does not say as a guess says it."""
        said = {name: value for name in _PLAIN if (value := getattr(self, name)) is not None}
        return replace(guess, **said, columns={**guess.columns, **self.columns})

    def columns_of(self, role: str) -> tuple[str, ...]:
        """Return the columns of a role, in the order in which they count."""
        named = self.columns.get(role) or ()
        return (named,) if isinstance(named, str) else named

    def column(self, role: str) -> str | None:
        """Return the first column of a role; None: there is none."""
        return next(iter(self.columns_of(role)), None)

    def named(self) -> Iterator[tuple[str, str]]:
        """Yield each column that has a role, with it."""
        for role in self.columns:
            yield from ((role, column) for column in self.columns_of(role))


UNLABELLED = frozenset({"number", "picture"})  # roles that no label of a manifest has
_LABELLED = ("iiif", "language", "not_years")  # what is said of a IIIF collection beside its labels
_PLAIN = tuple(part.name for part in fields(Mapping) if part.name != "columns")
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{MAX_NAME - 1}}}")


def expect_name(name: str, taken: frozenset[str]) -> None:
    """Refuse a source's name that is no plain word, or that is another's.

    Raises:
        BadInput: It is.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"--name {name!r}: expected small letters, digits, - and _, {MAX_NAME} at most, such as stadtmuseum"
        )
    if name in taken:
        raise BadInput(f"--name {name}: this is a museum's name, or a command of harvest; choose another")


def path_of(data: Path, name: str) -> Path:
    """Return where the mapping of a source is kept."""
    return data / FOLDER / f"{name}.toml"


def names_in(data: Path) -> list[str]:
    """Return the names of the sources whose mappings are kept."""
    return sorted(path.stem for path in (data / FOLDER).glob("*.toml") if _NAME.fullmatch(path.stem))


def read(path: Path) -> Mapping:
    """Read a mapping.

    Raises:
        BadInput: It is none; the message says what was expected.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f'{path}: expected lines such as title = "Titel": {error}') from None
    columns: dict[str, str | tuple[str, ...]] = {}
    plain: dict[str, Any] = {}
    for key, value in told.items():
        if key in ROLES:
            columns[key] = _columns(path, key, value)
        elif key in ("header", "not_years"):
            numbers = value if isinstance(value, list) else [value]
            plain[key] = tuple(_expected(path, key, number, int, "a number, or a list of them") for number in numbers)
        elif key in _PLAIN:
            plain[key] = _expected(path, key, value, str, "a text")
        else:
            raise BadInput(f"{path}: expected one of {', '.join([*ROLES, *_PLAIN])}, got {key!r}")
    return Mapping(columns, **plain)


def text_of(mapping: Mapping, name: str) -> str:
    """Write a mapping as TOML."""
    if mapping.iiif is not None:
        return _text_of_labels(mapping, name)
    lines = [
        f"# How the table of {name} is read. Edit it, look with --plan, then harvest again.",
        '# What is missing is guessed; "" says that there is no such column.',
    ]
    for part in _PLAIN:
        value = getattr(mapping, part) if part != "not_years" else mapping.not_years or ()
        if value is not None:
            lines.append(f"{part} = {_toml(value)}")
    said = {role: f"{role} = {_toml(mapping.columns.get(role, ''))}" for role in ROLES}
    width = max(map(len, said.values()))
    lines += [f"{said[role]:<{width}}  # {meaning}" for role, meaning in ROLES.items()]
    return "\n".join(lines) + "\n"


def _text_of_labels(mapping: Mapping, name: str) -> str:
    """Write a mapping of a IIIF collection's labels: what it does not say is guessed for each manifest anew."""
    lines = [
        f"# How the manifests of {name} are read. Edit it, then run 'harvest reparse {name}'.",
        "# Name the labels of their metadata, or their own properties: @label, @summary, @rights, @requiredStatement.",
        '# What is missing is guessed for each manifest; "" says that there is no such label.',
        *(f"{part} = {_toml(value)}" for part in _LABELLED if (value := getattr(mapping, part)) is not None),
    ]
    roles = [role for role in ROLES if role not in UNLABELLED]
    said = {role: f"{role} = {_toml(mapping.columns[role])}" for role in roles if role in mapping.columns}
    lines += [f"{said.get(role, f'# {role} = ...')}  # {ROLES[role]}" for role in roles]
    return "\n".join(lines) + "\n"


def write(mapping: Mapping, path: Path, name: str) -> None:
    """Keep a mapping; one that is there with the same words stays as its person wrote it."""
    if path.exists() and read(path) == mapping:
        return
    with atomic_write(path) as file:
        file.write(text_of(mapping, name).encode())


def restore(path: Path, content: bytes | None) -> None:
    """Keep the mapping that was kept before, or none."""
    if content is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != content:
        with atomic_write(path) as file:
            file.write(content)


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _columns(path: Path, role: str, value: Any) -> str | tuple[str, ...]:
    """Return the columns that a line names: one, or several of which each says a part."""
    if role == "number" or not isinstance(value, list):
        return str(_expected(path, role, value, str, "the name of a column"))
    names = tuple(str(_expected(path, role, name, str, "names of columns")) for name in value)
    return names[0] if len(names) == 1 else names or ""


def _expected(path: Path, key: str, value: Any, kind: type, what: str) -> Any:
    if type(value) is not kind:
        raise BadInput(f"{path}: {key}: expected {what}, got {value!r}")
    return value
