"""The MET: its table, its API, its object pages and its images, told from a collection.

Columns and fields are those of the table of 2023 and the API of 2024. No complete page of the museum is public: these
are put together from the fragments that public code selects on, of three eras (2018-21, 2022-25, 2025-11 on).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from string import Template
from typing import Any

from tests.museum.answer import JPEG, JSON, Answer, Site, data, missing, page
from tests.museum.chance import chance, pick
from tests.museum.met_table import COLUMNS, PAGE, REPOSITORY, ULAN, WIKIDATA, rows, table
from tests.museum.works import Collection, Work

FILES, API, PAGES, IMAGES = (
    "media.githubusercontent.com", "collectionapi.metmuseum.org", "www.metmuseum.org", "images.metmuseum.org",
)  # fmt: skip
HOSTS = (FILES, API, PAGES, IMAGES)
TABLE = "/media/metmuseum/openaccess/master/MetObjects.csv"
IIIF = f"https://{API}/api/collection/v1/iiif"
SHARE_PICTURE = f"https://{PAGES}/-/media/images/social-share.jpg"
CHANGED = datetime(2023, 6, 17, tzinfo=UTC)
FIRST = 436_000  # the first painting's Object ID
OTHERS = 40  # rows of what is no painting
ERAS = ("2018", "2022", "2025")
TAGS = {
    "landscape": "Landscapes|Trees",
    "marina": "Seascapes|Boats",
    "portrait": "Men|Portraits",
    "still life": "Still Life|Fruit",
    "flower painting": "Flowers",
    "cityscape": "Cities|Streets",
    "abstract": "Abstraction",
}
# Shares of the paintings that have an oddity.
NOT_FREE, AMERICAN, SEVERAL, QUALIFIED, NO_IMAGE, NO_OBJECT, NO_TAGS, NOBODY = (
    0.1,
    0.12,
    0.1,
    0.06,
    0.08,
    0.04,
    0.1,
    0.03,
)

_ERA_PAGES = {
    "2018": Template("""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>
<meta property="og:title" content="$title"/><meta property="og:image" content="$image"/></head><body>
<span class="artwork__title--text">$title</span>
<img id="artwork__image" class="artwork__image" src="$image" alt="" itemprop="contentUrl"/>
<ul><li class="artwork__interaction artwork__interaction--download">
<a href="$file" class="gtm__download__image" title="Download" download="">Download</a></li></ul>
<p class="artwork__tombstone--row"><span class="artwork__tombstone--label">Date:</span>
<span class="artwork__tombstone--value">$date</span></p></body></html>"""),
    "2022": Template("""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>
<meta content="$image" property="og:image"/></head><body><section class="$access">
<img class="artwork__image" src="$image" alt="$title"/>
<ul><li class="artwork__interaction artwork__interaction--download"><a href="$file">Download</a></li></ul></section>
<div class="artwork-tombstone--item"><span class="artwork-tombstone--label">Date:</span>
<span class="artwork-tombstone--value">$date</span></div></body></html>"""),
    "2025": Template("""<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/><title>$title</title>
<meta property="og:title" content="$title"/><meta property="og:image" content="$image"/></head><body>
<img itemprop="contentUrl" src="$image" alt="$title"/>
<div class="object-overview_label__a1b2c"><span>Date:</span></div><div><span>$date</span></div>
<script>self.__next_f.push([1,"{\\"image\\":\\"$image\\",\\"source\\":\\"$image\\"}"])</script></body></html>"""),
}


@dataclass(frozen=True)
class Shown:
    """A painting as the museum has it: what is odd about it is decided by its number."""

    work: Work
    number: int
    era: str

    def is_odd(self, oddity: str, share: float) -> bool:
        """Say whether this painting has an oddity that a share of all has."""
        return chance("met", oddity, self.number) < share

    @property
    def is_free(self) -> bool:
        """In the public domain."""
        return self.work.rights == "Public domain" and not self.is_odd("not free", NOT_FREE)

    @property
    def department(self) -> str:
        """The American Wing classifies nothing."""
        return "The American Wing" if self.is_odd("American", AMERICAN) else "European Paintings"

    @property
    def file(self) -> str:
        """The file's name; some hold what no address may."""
        odd = self.is_odd("file", 0.2)
        return f"DP {self.number}, é.JPG" if odd else f"DP{self.number}.jpg"

    @property
    def folder(self) -> str:
        """Of its department among the images."""
        return "ad" if self.department == "The American Wing" else "ep"

    def image(self, size: str) -> str:
        """Return the address of its file, "original" or "web-large", as the API has it: not encoded."""
        return f"https://{IMAGES}/CRDImages/{self.folder}/{size}/{self.file}" if self.has_image else ""

    @property
    def has_image(self) -> bool:
        """In the API."""
        return self.is_free and self.work.picture is not None and not self.is_odd("no image", NO_IMAGE)

    @property
    def maker(self) -> dict[str, str]:
        """The columns of its makers, padded; an author or a second painter in some."""
        artist = self.work.artist
        if self.is_odd("nobody", NOBODY):
            return {"Artist Display Name": "Unidentified artist", "Artist Role": "Artist", "Artist Prefix": " "}
        first, _, last = artist.name.rpartition(" ")
        known = {
            "Constituent ID": str(artist.content_id),
            "Artist Role": "Artist",
            "Artist Prefix": "Workshop of" if self.is_odd("qualified", QUALIFIED) else " ",
            "Artist Display Name": artist.name,
            "Artist Display Bio": f"{artist.nation}, {artist.birth_year}–{artist.death_year}",
            "Artist Suffix": " ",
            "Artist Alpha Sort": f"{last}, {first}",
            "Artist Nationality": artist.nation,
            "Artist Begin Date": f"{artist.birth_year:<10}",
            "Artist End Date": f"{artist.death_year:<10}",
            "Artist ULAN URL": f"{ULAN}500{artist.content_id}",
            "Artist Wikidata URL": f"{WIKIDATA}Q{artist.content_id}",
        }
        if not self.is_odd("several", SEVERAL):
            return known
        other = dict.fromkeys(known, " ") | {"Artist Role": "Author", "Artist Display Name": "A Poet"}
        return {column: "|".join((other[column], known[column])) for column in known} | {
            "Constituent ID": f"9{artist.content_id}"
        }

    @cached_property
    def row(self) -> dict[str, str]:
        """Its row of the table."""
        years = [int(year) for year in re.findall(r"\d{4}", self.work.date or "")] or [0]
        tags = TAGS[self.work.genres[0]] if self.work.genres and not self.is_odd("no tags", NO_TAGS) else ""
        medium = f"{self.work.media[0].capitalize()} on {self.work.media[1]}" if len(self.work.media) == 2 else ""
        return dict.fromkeys(COLUMNS, "") | self.maker | {
            "Object Number": f"29.{self.number % 400}.{self.number}",
            "Is Highlight": "False",
            "Is Timeline Work": "False",
            "Is Public Domain": str(self.is_free),
            "Object ID": str(self.number),
            "Department": self.department,
            "AccessionYear": "1929",
            "Object Name": "Painting",
            "Title": self.work.title,
            "Object Date": (self.work.date or "").replace("c.", "ca. ").replace("-", "–"),
            "Object Begin Date": str(years[0]),
            "Object End Date": str(years[-1]),
            "Medium": medium or ", ".join(self.work.media).capitalize(),
            "Dimensions": f"{self.work.dimensions or '10 x 10 cm'}\nFramed: larger",
            "Credit Line": "Gift of an Invented Friend of the Museum, 1929",
            "Classification": "" if self.department == "The American Wing" else "Paintings",
            "Rights and Reproduction": "" if self.is_free else (self.work.rights or ""),
            "Link Resource": f"{PAGE}{self.number}",
            "Object Wikidata URL": f"{WIKIDATA}Q{self.number}",
            "Repository": REPOSITORY,
            "Tags": tags,
            "Tags Wikidata URL": "|" * tags.count("|"),
        }  # fmt: skip


def site(collection: Collection, *, layout: str = "both") -> Site:
    """Open the MET over a collection.

    Args:
        collection: What hangs in it; its Object IDs begin at FIRST, in the collection's order.
        layout: Of the pages: "2018" the oldest, "2026" the newest, "both" all three eras.
    """
    eras = {"2018": ERAS[:1], "2026": ERAS[-1:]}.get(layout, ERAS)
    shown = {
        FIRST + place: Shown(work, FIRST + place, pick(eras, "met era", place))
        for place, work in enumerate(collection.works)
    }
    files = {f"/{one.folder}/{size}/{one.file}": one for one in shown.values() for size in ("original", "web-large")}
    held: list[bytes] = []  # the table, once it was asked for

    def answer(host: str, path: str, _query: Mapping[str, str]) -> Answer | None:
        if host not in HOSTS:
            return None
        if path == "/robots.txt":
            return Answer(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8")
        if host == FILES:
            held.extend([] if held else [_table(shown)])
            return Answer(held[0], "text/plain; charset=utf-8", changed=CHANGED) if path == TABLE else missing()
        if host == IMAGES:
            return _image(files.get(path.removeprefix("/CRDImages")))
        if iiif := re.fullmatch(r"/api/collection/v1/iiif/(\d+)/\d+/main-image", path):
            return _image(shown.get(int(iiif[1])))
        number = re.fullmatch(r"/(?:public/collection/v1/objects|art/collection/search)/(\d{1,9})", path)
        one = shown.get(int(number[1])) if number else None
        return _object(one) if host == API else _page(one)

    return answer


def _table(shown: Mapping[int, Shown]) -> bytes:
    """Return the table: the paintings, and before them what is none."""
    others = [row for row in rows(OTHERS) if row[COLUMNS.index("Object Name")] != "Painting"]
    others = [row for row in others if "Paintings" not in row[COLUMNS.index("Classification")]]
    return table([*others, *([one.row[column] for column in COLUMNS] for one in shown.values())])


def _object(one: Shown | None) -> Answer:
    if one is None or one.is_odd("no object", NO_OBJECT):
        return Answer(b'{"message":"ObjectID not found"}', JSON, 404)
    return data(_told(one))


def _told(one: Shown) -> dict[str, Any]:
    """Tell of a painting as the API does."""
    row = {column: cell.replace("|", " ").strip() for column, cell in one.row.items()}
    return {
        "objectID": one.number,
        "isHighlight": False,
        "accessionNumber": row["Object Number"],
        "accessionYear": row["AccessionYear"],
        "isPublicDomain": one.is_free,
        "primaryImage": one.image("original"),
        "primaryImageSmall": one.image("web-large"),
        "additionalImages": [],
        "constituents": None,
        "department": row["Department"],
        "objectName": row["Object Name"],
        "title": row["Title"],
        "artistDisplayName": row["Artist Display Name"],
        "objectDate": row["Object Date"],
        "objectBeginDate": int(row["Object Begin Date"]),
        "objectEndDate": int(row["Object End Date"]),
        "medium": row["Medium"],
        "measurements": None,
        "classification": row["Classification"],
        "rightsAndReproduction": row["Rights and Reproduction"],
        "linkResource": "",
        "metadataDate": "2024-03-21T04:53:23.783Z",
        "objectURL": f"https://{PAGES}/art/collection/search/{one.number}",
        "tags": [{"term": tag, "AAT_URL": None, "Wikidata_URL": None} for tag in one.row["Tags"].split("|") if tag],
        "objectWikidata_URL": row["Object Wikidata URL"],
        "isTimelineWork": False,
        "GalleryNumber": "",
    }


def _page(one: Shown | None) -> Answer:
    if one is None:
        return missing()
    image = f"{IIIF}/{one.number}/{one.number + 7}/{'main-image' if one.is_free else 'restricted'}"
    told = {
        "title": escape(one.work.title),
        "image": image if one.work.picture else SHARE_PICTURE,
        "file": escape(one.image("original")),
        "date": escape(one.work.date or ""),
        "access": "" if one.is_free else "artwork--not-openaccess",
    }
    return page(_ERA_PAGES[one.era].substitute(told), changed=CHANGED)


def _image(one: Shown | None) -> Answer:
    """Return the file of a painting; both sizes are the same, which is told apart nowhere."""
    if one is None or one.work.picture is None or not one.is_free:
        return missing()
    return Answer(one.work.picture.jpeg(), JPEG, changed=CHANGED)
