"""An object of a row of the user's table, by its mapping."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import quote

from harvest.dating import MAX_YEAR, join_datings
from harvest.parsers.date_words import is_undated, parse_date
from harvest.parsers.html import plain
from harvest.records import Attribution, Dating, Image, ObjectRecord, Term
from harvest.tabular import mapping as mappings
from harvest.tabular.formats import JOINT
from harvest.tabular.makers import attribution_of
from harvest.tabular.rows import PICTURES

MAX_ORIGIN = 255  # characters of a column's name that the catalogue holds
_LIST = re.compile(rf"\s*[;|\n{JOINT}]\s*")
_BROKEN_NAME = re.compile(r",\s*\n\s*")  # a line break within "Monet, Claude" parts nobody
_PAINTING = re.compile(
    r"gem[äa]lde|malerei|schilderij|painting|peinture|tableau|pintura|cuadro|huile sur|öl auf|olieverf|óleo",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(\d{4,5})(?:[.,]0)?", re.ASCII)  # a day, as spreadsheets number them
_MAX_SERIAL = 60_000  # the year 2064
_EPOCH = date(1899, 12, 30)
_DECIMAL = re.compile(r"(\d{3,5}),0+", re.ASCII)  # a year as a number, as German spreadsheets write it
_MIDNIGHT = re.compile(r"(?<=\d)[T ]00:00(?::00(?:\.0+)?)?$")
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one source by its mapping."""

    name: str
    mapping: mappings.Mapping

    def record(self, row: Mapping[str, str]) -> ObjectRecord:
        """Return the object of a row."""
        number = row[str(self.mapping.column("number"))]
        link = self.text(row, "link")
        is_page = link is not None and _WEB.fullmatch(link) is not None
        fields = {
            column: cell.split(JOINT) if JOINT in cell else cell
            for column, cell in row.items()
            if cell.strip() and column != PICTURES
        }
        return ObjectRecord(
            number,
            link if link and is_page else f"table:{self.name}/{quote(number)}",
            self.text(row, "title"),
            object_type=_object_type(self.text(row, "type")) if self.mapping.column("type") else "painting",
            dating=self.dating(row),
            rights=self.text(row, "rights"),
            attributions=tuple(self._attributions(row)),
            terms=tuple(self._terms(row)),
            images=self._images(row),
            fields=fields,
        )

    def dating(self, row: Mapping[str, str]) -> Dating | None:
        """Return when an object was made; nothing where the table says only a year that is not the work's."""
        texts = list(self._values(row, "date"))
        told = [_dating(text, self._origin("date")) for text in texts if not is_undated(text)]
        dating = join_datings(dating for dating in told if not self._is_foreign(dating))
        earliest, latest = (self._year(row, role) for role in ("earliest", "latest"))
        if (dating is not None and dating.precision is not None) or (earliest is None and latest is None):
            return dating
        first, last = earliest if earliest is not None else latest, latest if latest is not None else earliest
        if first is None or last is None or first > last:
            return dating
        text = dating.text if dating else str(first) if first == last else f"{first}–{last}"
        return Dating(text, first, last, precision="year" if first == last else "span", origin=self._origin("earliest"))

    def webs(self, row: Mapping[str, str]) -> list[str]:
        """Return the web addresses of an object's pictures."""
        return [text for text in self._values(row, "picture") if _WEB.fullmatch(text)]

    def _is_foreign(self, dating: Dating) -> bool:
        years = {dating.earliest, dating.latest}
        return len(years) == 1 and bool(years & set(self.mapping.not_years or ()))

    def cell(self, row: Mapping[str, str], role: str) -> str:
        """Return what a row says in a role, in all of its columns."""
        columns = self.mapping.columns_of(role)
        if len(columns) == 1:
            return row.get(columns[0], "")
        return JOINT.join(filter(str.strip, (row.get(column, "") for column in columns)))

    def text(self, row: Mapping[str, str], role: str) -> str | None:
        """Return the first value of a cell, with single blanks; None: it is empty."""
        if not (cell := self.cell(row, role)):
            return None
        values = cell.split(JOINT)
        return next((text for value in values if (text := _clean(value))), None)

    def _values(self, row: Mapping[str, str], role: str) -> Iterator[str]:
        """Yield what a cell says, one after another."""
        yield from _parted(self.cell(row, role))

    def _origin(self, role: str) -> str | None:
        return "; ".join(self.mapping.columns_of(role))[:MAX_ORIGIN] or None

    def _year(self, row: Mapping[str, str], role: str) -> int | None:
        text = self.text(row, role)
        if text is None:
            return None
        dating = _dating(text, None)
        year = dating.earliest if role != "latest" else dating.latest
        return year if not self._is_foreign(dating) else None

    def _attributions(self, row: Mapping[str, str]) -> Iterator[Attribution]:
        names = list(self._values(row, "artist"))
        years = [self._year(row, role) if len(names) == 1 else None for role in ("birth", "death")]
        for name in names:
            if (attribution := _attribution(name, *years)) is not None:
                yield attribution

    def _terms(self, row: Mapping[str, str]) -> Iterator[Term]:
        for role in ("medium", "genre", "style"):
            texts: dict[str, str] = {}  # the column that says each first
            for column in self.mapping.columns_of(role):
                cell = row.get(column, "")
                parts = filter(None, map(_clean, cell.split(JOINT))) if role == "medium" else _parted(cell)
                texts |= {text: column for text in parts if text not in texts}
            yield from (_term(role, text, column) for text, column in texts.items())

    def _images(self, row: Mapping[str, str]) -> tuple[Image, ...] | None:
        """Return an object's pictures, the main one first; None: nobody said where they are."""
        webs, files = self.webs(row), list(filter(None, row.get(PICTURES, "").split(JOINT)))
        if not webs and PICTURES not in row:
            return None
        column = self._origin("picture")
        images = [Image(file.partition("?")[0], (file,), origin="folder") for file in files]
        return tuple(images + [Image(url, (url,), origin=column) for url in webs])


@lru_cache(32768)
def _parted(cell: str) -> tuple[str, ...]:
    """Return what a cell says, one after another."""
    cell = _BROKEN_NAME.sub(", ", cell) if "\n" in cell else cell
    return tuple(dict.fromkeys(text for part in _LIST.split(cell) if (text := _clean(part))))


def is_serial(text: str) -> bool:
    """Return whether a text is a spreadsheet's number of a day rather than a year."""
    match = _SERIAL.fullmatch(text)
    return match is not None and MAX_YEAR < int(match[1]) <= _MAX_SERIAL


@lru_cache(32768)
def _dating(text: str, origin: str | None) -> Dating:
    if is_serial(text):
        day = _EPOCH + timedelta(days=int(text[:5].rstrip(".,")))
        return Dating(text, day.year, day.year, precision="day", origin=origin)
    decimal = _DECIMAL.fullmatch(text)
    dating = parse_date(decimal[1] if decimal else _MIDNIGHT.sub("", text), origin)
    return dating if dating.text == text else Dating(
        text, dating.earliest, dating.latest, dating.is_circa, dating.precision, origin
    )  # fmt: skip


@lru_cache(32768)
def _attribution(text: str, birth: int | None, death: int | None) -> Attribution | None:
    return attribution_of(text, birth, death)


@lru_cache(32768)
def _term(role: str, text: str, column: str) -> Term:
    return Term(role, text, None, column[:MAX_ORIGIN])


@lru_cache(4096)
def _object_type(text: str | None) -> str:
    """Return "painting", or the table's own word."""
    if text is None:
        return "object"
    if _PAINTING.search(text):
        return "painting"
    return text.lower()[:40].strip()


@lru_cache(32768)
def _clean(text: str) -> str:
    return plain(text if text.isascii() else unicodedata.normalize("NFC", text))
