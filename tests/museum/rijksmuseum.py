"""The Rijksmuseum: OAI-PMH, search, resolver and image server, told from a collection. Shapes as known in 2026."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from tests.museum.answer import Answer, data, missing
from tests.museum.rijksmuseum_art import linked_art
from tests.museum.rijksmuseum_edm import framed, rdf
from tests.museum.rijksmuseum_facts import Fact, form_of, touched
from tests.museum.rijksmuseum_images import image
from tests.museum.works import Collection

DATA, IDS, IMAGES = "data.rijksmuseum.nl", "id.rijksmuseum.nl", "iiif.micr.io"
PER_PAGE, PER_SEARCH = 50, 100
SETS = ("261208", "260251")  # the paintings; everything
KEYS = {"title", "objectNumber", "creator", "creationDate", "description", "type", "technique", "material"}
KEYS |= {"aboutActor", "memberOfSetId", "imageAvailable", "pageToken"}
STAMP = "%Y-%m-%dT%H:%M:%SZ"
XML = "text/xml; charset=utf-8"

Query = Mapping[str, str]


@dataclass
class Rijksmuseum:
    """The museum's services; a test may change what it has between two harvests, or how it writes it.

    `form` chooses the shape of each record by its number: "nested", "sibling" or "inline".
    """

    collection: Collection
    form: Callable[[int], str] = form_of
    nameless_from: int | None = None  # from this work on no maker is named
    refused: int = 0  # so many of the next tokens are refused
    circle: int | None = None  # from this page on, each token leads to the first page behind the start
    error: str | None = None  # OAI-PMH answers with this error
    flaws: dict[int, Callable[[bytes], bytes]] = field(default_factory=dict)  # what is done to a list's page, from 0
    today: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)
    _changes: dict[int, tuple[datetime, bool, int]] = field(default_factory=dict)

    def change(self, numbers: Iterable[int], moment: datetime) -> None:
        """Change the titles of these works."""
        for number in numbers:
            self._changes[number] = (moment, False, 1 + self._changes.get(number, (moment, False, 0))[2])

    def touch(self, numbers: Iterable[int], moment: datetime) -> None:
        """Return the records of these works a new date, and nothing else, as a bulk update does."""
        self._changes |= dict.fromkeys(numbers, (moment, False, 0))

    def delete(self, numbers: Iterable[int], moment: datetime) -> None:
        """Take these works out."""
        self._changes |= dict.fromkeys(numbers, (moment, True, 0))

    def fact(self, number: int) -> Fact:
        """Return what the museum has of a work today."""
        named = self.nameless_from is None or number < self.nameless_from
        known = replace(self._untouched[number], names_its_maker=named)
        if number not in self._changes:
            return known
        stamp, is_deleted, revision = self._changes[number]
        return replace(known, stamp=stamp, is_deleted=is_deleted, revision=revision)

    @property
    def facts(self) -> list[Fact]:
        """Return all of it, in the order of the lists."""
        return [self.fact(number) for number in range(len(self._untouched))]

    @cached_property
    def _untouched(self) -> list[Fact]:
        return [Fact(number, work, touched(number)) for number, work in enumerate(self.collection.works)]

    def __call__(self, host: str, path: str, query: Query) -> Answer | None:
        """Answer as a site of the museum."""
        if host not in (DATA, IDS, IMAGES):
            return None
        if path == "/robots.txt":
            return missing()
        if host == IMAGES:
            return image(self.fact, len(self._untouched), path)
        if host == IDS:
            return Answer(b"", status=303, headers={"Location": f"https://{DATA}{path}"})
        routes = {"/oai": self._oai, "/search/collection": self._search}
        return routes[path](query) if path in routes else self._document(path.strip("/"), query)

    def _oai(self, query: Query) -> Answer:
        if self.error is not None:
            return _said(self.today, f'<error code="{self.error}">as a test has it</error>')
        verb = query.get("verb")
        if verb == "Identify":
            return _said(self.today, _IDENTITY)
        if verb == "GetRecord":
            return self._one(query.get("identifier", ""))
        if verb not in ("ListRecords", "ListIdentifiers"):
            return _said(self.today, '<error code="badVerb">Illegal verb</error>')
        if "resumptionToken" in query:
            return self._resumed(query["resumptionToken"])
        if query.get("metadataPrefix") != "edm":
            return _said(self.today, '<error code="cannotDisseminateFormat">expected edm</error>')
        return self._listed({name: query[name] for name in ("set", "from", "until") if name in query}, 0)

    def _one(self, identifier: str) -> Answer:
        records = [self._record(fact) for fact in self.facts if f"https://{IDS}/{fact.id}" == identifier]
        if not records:
            return _said(self.today, '<error code="idDoesNotExist">No such record</error>')
        return _said(self.today, f"<GetRecord>{records[0]}</GetRecord>")

    def _resumed(self, token: str) -> Answer:
        try:
            window = json.loads(base64.urlsafe_b64decode(token))
            page = int(window.pop("page"))
        except (ValueError, KeyError, TypeError, AttributeError):
            return _said(self.today, '<error code="badResumptionToken">Invalid token</error>')
        if self.refused > 0:
            self.refused -= 1
            return _said(self.today, '<error code="badResumptionToken">Expired token</error>')
        return self._listed(window, page)

    def _listed(self, window: dict[str, str], page: int) -> Answer:
        found = [fact for fact in self.facts if _is_within(fact, window)] if window.get("set") in (None, *SETS) else []
        if not found:
            return _said(self.today, '<error code="noRecordsMatch">No records</error>')
        shown = found[PER_PAGE * page : PER_PAGE * (page + 1)]
        following = page + 1 if self.circle is None or page < self.circle else 1
        is_last = PER_PAGE * (page + 1) >= len(found) and following == page + 1
        token = "" if is_last else _token({**window, "page": str(following)})
        end = f'<resumptionToken completeListSize="{len(found)}">{token}</resumptionToken>'
        records = "".join(map(self._record, shown))
        answer = _said(self.today, f"<ListRecords>{records}{end if page or token else ''}</ListRecords>")
        return replace(answer, body=self.flaws.get(page, bytes)(answer.body))

    def _record(self, fact: Fact) -> str:
        named = f"<identifier>https://{IDS}/{fact.id}</identifier><datestamp>{fact.stamp:{STAMP}}</datestamp>"
        if fact.is_deleted:
            return f'<record><header status="deleted">{named}</header></record>'
        head = f"<header>{named}<setSpec>261208</setSpec></header>"
        return f"<record>{head}<metadata>{rdf(fact, self.form(fact.number))}</metadata></record>"

    def _search(self, query: Query) -> Answer:
        if unknown := query.keys() - KEYS:
            detail = {"detail": f"Unsupported query parameter: {min(unknown)}"}
            return replace(data(detail), status=400)
        asked = {key: value for key, value in query.items() if key != "pageToken"}
        found = [fact for fact in self.facts if not fact.is_deleted and _is_found(fact, asked)]
        after = int(base64.urlsafe_b64decode(query["pageToken"])) if "pageToken" in query else 0
        rest = [fact for fact in found if fact.id > after]
        url = f"https://{DATA}/search/collection?{urlencode(asked)}"
        answer: dict[str, object] = {
            "type": "OrderedCollectionPage",
            "partOf": {"id": url, "type": "OrderedCollection", "totalItems": len(found)},
            "orderedItems": [
                {"id": f"https://{IDS}/{fact.id}", "type": "HumanMadeObject"} for fact in rest[:PER_SEARCH]
            ],
        }
        if len(rest) > PER_SEARCH:
            token = base64.urlsafe_b64encode(str(rest[PER_SEARCH - 1].id).encode()).decode()
            answer["next"] = {"id": f"{url}&{urlencode({'pageToken': token})}", "type": "OrderedCollectionPage"}
        return data(answer)

    def _document(self, name: str, query: Query) -> Answer:
        number = int(name) - 200_100_000 if re.fullmatch(r"\d{9}", name) else -1
        if not 0 <= number < len(self._untouched) or self.fact(number).is_deleted:
            return missing()
        profiles = {"edm-framed": framed, "la-framed": linked_art}
        write = profiles.get(query.get("_profile", "la-framed"))
        return data(write(self.fact(number))) if write else missing()


_IDENTITY = """<Identify><repositoryName>Rijksmuseum OAI-PMH API</repositoryName>
<baseURL>https://data.rijksmuseum.nl/oai</baseURL><protocolVersion>2.0</protocolVersion>
<earliestDatestamp>2024-08-15T13:51:17Z</earliestDatestamp><deletedRecord>persistent</deletedRecord>
<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"""


def _said(today: datetime, content: str) -> Answer:
    head = '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    body = f"{head}<responseDate>{escape(f'{today:{STAMP}}')}</responseDate>{content}</OAI-PMH>"
    return Answer(body.encode(), XML)


def _token(window: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(window, sort_keys=True).encode()).decode()


def _is_within(fact: Fact, window: Mapping[str, str]) -> bool:
    stamp = f"{fact.stamp:{STAMP}}"
    return window.get("from", "") <= stamp <= window.get("until", "9999")


def _is_found(fact: Fact, asked: Mapping[str, str]) -> bool:
    """Say whether a search finds a work; an object number also by its beginning."""
    texts = {"title": fact.title, "creator": fact.maker, "type": "painting", "material": " ".join(fact.work.media)}
    texts["imageAvailable"] = "true" if fact.image else "false"
    number = asked.get("objectNumber", "")
    words = all(value.casefold() in texts[key].casefold() for key, value in asked.items() if key in texts)
    return words and fnmatchcase(fact.object_number, f"{number}*")
