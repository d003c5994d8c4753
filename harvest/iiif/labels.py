"""An object of a manifest: its labels are read as the columns of a table are, by a mapping, and by guess beyond it."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from harvest.parsers.iiif.presentation import LANGUAGES, Manifest
from harvest.records import ObjectRecord, is_page
from harvest.tabular.formats import JOINT
from harvest.tabular.guess import assigned
from harvest.tabular.mapping import Mapping as Roles
from harvest.tabular.record import Reader
from harvest.tabular.words import likeness

NUMBER = "@id"  # the column that is added: by what the object is known
SURE = 0.5  # of a label's likeness to a title from which on it comes before the manifest's own label
MAX_ID = 200  # characters
_ENDING = re.compile(r"/manifest(?:\.json)?/?$|/$", re.IGNORECASE)


def short_id(url: str) -> str:
    """Return a manifest's address as its object's id: without https:// and /manifest.json at its end.

    What is longer than MAX_ID is cut, with 16 digits of the whole one's SHA-256 behind it.
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    name = f"{parts.netloc.lower()}{_ENDING.sub('', parts.path)}{query}"
    if len(name) <= MAX_ID:
        return name
    return f"{name[: MAX_ID - 17]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def languages_of(roles: Roles) -> Sequence[str]:
    """Return the languages in which labels are read, the wanted one first."""
    return (roles.language, *LANGUAGES) if roles.language else LANGUAGES


def columns_of(manifest: Manifest, roles: Roles) -> Roles:
    """Return which label of a manifest is what: as the mapping says, and as the labels' names and values let guess."""
    said: dict[str, str | tuple[str, ...]] = {"number": NUMBER, "picture": "", "link": "@homepage", **roles.columns}
    if "title" not in said:
        best = max(manifest.pairs, key=lambda label: likeness(label, "title"), default="")
        said["title"] = (best, "@label") if best and likeness(best, "title") > SURE else "@label"
    if "rights" not in said:
        told = [label for label in manifest.pairs if likeness(label, "rights") > SURE]
        said["rights"] = ("@rights", *told, "@requiredStatement")
    return replace(roles, columns=assigned(manifest.pairs, said))


def object_of(manifest: Manifest, url: str, name: str, roles: Roles) -> ObjectRecord:
    """Return the object of a manifest, without its pictures.

    Args:
        manifest: What it says.
        url: Its address.
        name: The source's.
        roles: What the mapping says of its labels.
    """
    row = {label: JOINT.join(values) for label, values in {**manifest.pairs, **manifest.own}.items()}
    row[NUMBER] = short_id(url)
    record = Reader(name, columns_of(manifest, roles)).record(row)
    fields = {label: value for label, value in record.fields.items() if label != NUMBER}
    shown = [picture.service.url if picture.service else picture.url for picture in manifest.pictures]
    told = {"@manifest": url, "@pictures": shown, **fields}
    return replace(record, url=record.url if is_page(record.url) else url, fields=told)
