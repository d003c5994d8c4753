"""What a person may send of a harvest, so that others see what a museum answered: its pages, and what was read in them.

No image is among them, nor a cookie, and what is private is written over wherever it stands.
"""

import html
import json
import platform
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import Engine

from harvest.files import atomic_write
from harvest.queue import responses
from harvest.queue.tasks import READ
from harvest.response import Response
from harvest.storage.archive import ArchiveError, read_answer, write_record
from harvest.version import version

PARCEL = "smoke-{source}-{day}.zip"  # in the data folder
LIBRARIES = ("beautifulsoup4", "lxml", "pillow", "requests", "sqlalchemy", "urllib3", "warcio")
BATCH_SIZE = 50  # answers looked up at a time
REMOVED = "removed"  # stands where something private stood
_COOKIES = ("set-cookie", "set-cookie2")


class Redaction:
    """Writes over what is private, in whatever way an answer may repeat it.

    Args:
        private: Words that nobody else may read.
    """

    def __init__(self, private: Iterable[str]) -> None:
        forms = {form for word in private if word for form in (word, quote(word, safe=""), quote_plus(word))}
        forms |= {form for word in forms for form in (html.escape(word), json.dumps(word)[1:-1])}
        self._pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))) or "(?!)", re.I)
        self._bytes = re.compile(self._pattern.pattern.encode(), re.I)

    def text(self, text: str) -> str:
        """Return a text without it."""
        return self._pattern.sub(REMOVED, text)

    def response(self, response: Response) -> Response:
        """Return an answer without it, and without cookies."""
        headers = {name: self.text(value) for name, value in response.headers.items() if name not in _COOKIES}
        body = self._bytes.sub(REMOVED.encode(), response.body)
        return replace(response, url=self.text(response.url), headers=headers, body=body)


def versions() -> dict[str, str]:
    """Return with which programs and libraries something was made."""
    own = {"raisonne": version(), "python": platform.python_version(), "system": platform.platform()}
    return own | {name: metadata.version(name) for name in LIBRARIES}


def pack(
    path: Path, catalogue: Engine, data: Path, source_name: str, *, summary: Mapping[str, Any], private: Collection[str]
) -> Counter[str]:
    """Write a zip with a source's last answers (`SOURCE.warc.gz`) and a summary of the run (`summary.json`).

    Args:
        path: Of the zip; it is there when it is whole.
        catalogue: The catalogue.
        data: Its data folder.
        source_name: The source's name.
        summary: As it was shown; what is left out is added to it.
        private: Words that nobody else may read.

    Returns:
        How many answers it holds, and how many were left out for which reason.
    """
    redaction, counted = Redaction(private), Counter[str](answers=0)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parcel:
        with parcel.open(zipfile.ZipInfo(f"{source_name}.warc.gz"), "w", force_zip64=True) as member:
            for response, moment in _answers(catalogue, data, source_name, counted):
                write_record(member, redaction.response(response), moment)
        text = json.dumps({**summary, "answers": dict(counted)}, ensure_ascii=False, indent=1, default=str)
        parcel.writestr("summary.json", redaction.text(text))
    return counted


def _answers(
    catalogue: Engine, data: Path, source_name: str, counted: Counter[str]
) -> Iterator[tuple[Response, datetime]]:
    """Yield the last answer to each request for a page, and when it came; count them, and what is left out."""
    for lane in READ:
        for batch in responses.latest(catalogue, source_name, lane, BATCH_SIZE):
            for kept in batch:
                try:
                    headers, body = read_answer(data, kept.known.pointer)
                except ArchiveError:
                    counted["damaged"] += 1
                    continue
                if headers.get("content-type", "").startswith("image/"):
                    counted["images"] += 1
                    continue
                counted["answers"] += 1
                yield Response(kept.task.request, kept.known.url, kept.status, headers, body), kept.retrieved_at
