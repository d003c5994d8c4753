"""Rows of the MET's table as its API tells of the objects: for what is known of objects only by the API."""

import csv
import json
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from tests.museum.met_table import COLUMNS, PAGE

_MAKERS = {  # of one maker, where the table has a list
    "Artist Display Name": "name",
    "Artist Role": "role",
    "Artist ULAN URL": "constituentULAN_URL",
    "Artist Wikidata URL": "constituentWikidata_URL",
    "Artist Gender": "gender",
    "Constituent ID": "constituentID",
}
_OWN = {  # columns whose field has another name than the column's own in camel case
    "Object ID": "objectID",
    "Object Number": "accessionNumber",
    "AccessionYear": "accessionYear",
    "Gallery Number": "GalleryNumber",
    "Artist ULAN URL": "artistULAN_URL",
    "Artist Wikidata URL": "artistWikidata_URL",
    "Object Wikidata URL": "objectWikidata_URL",
}


def answers(file: Path) -> list[dict[str, Any]]:
    """Read objects as the API told of them, one a line."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def rows(file: Path) -> list[dict[str, str]]:
    """Read the rows of a table."""
    with file.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def row_of(told: Mapping[str, Any]) -> dict[str, str]:
    """Return an object of the API as the table would: the first maker's own columns, and the names of all.

    The API tells a prefix only of the first; those of the others stand before their names.
    """
    row = {column: _text(told.get(_OWN.get(column, _camel(column)))) for column in COLUMNS}
    row["Link Resource"] = f"{PAGE}{told['objectID']}"
    tags = [tag if isinstance(tag, dict) else {"term": tag} for tag in told["tags"] or ()]
    row["Tags"] = "|".join(tag["term"] for tag in tags)
    row["Tags Wikidata URL"] = "|".join(tag.get("Wikidata_URL") or "" for tag in tags)
    makers = told["constituents"] or []
    for column, field in _MAKERS.items() if len(makers) > 1 else ():
        row[column] = "|".join([row[column], *(_text(maker[field]) for maker in makers[1:])])
    return row


def _camel(column: str) -> str:
    first, *others = column.split()
    return first.lower() + "".join(word.capitalize() for word in others)


def _text(value: object) -> str:
    return str(value) if isinstance(value, bool) else unescape(str(value or ""))
