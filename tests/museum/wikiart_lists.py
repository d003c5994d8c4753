"""WikiArt's lists: works by artist and by term, artists by letter, and the sitemap."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from string import Template
from urllib.parse import quote

from tests.museum.answer import Answer, data, page
from tests.museum.chance import chance
from tests.museum.wikiart_records import listed
from tests.museum.works import Artist, Collection, Work

PAGE_SIZE = 60
SHOWN = 3600  # works of one style, genre or medium at most; the count told with them is the true one
LAG = 0.007  # share of the works that the sitemap lacks: 1,537 of 223,095 in 2026
SHARD = 15_000  # addresses in one part of the sitemap
UNUSED = dict.fromkeys(("ArtistsHtml", "Artists", "Paintings", "PaintingsHtml", "PaintingsHtmlBeta", "TimeLog"))
XML = "text/xml; charset=utf-8"

WORKS = Template("""<!DOCTYPE html>
<html><head><meta charset="utf-8"/></head><body><nav><ul><li><a href="/en">Home</a></li></ul></nav>
<main><div class="masonry-text-view"><ul class="painting-list-text">
$rows
</ul></div></main></body></html>
""")
ARTISTS = Template("""<!DOCTYPE html>
<html><head><meta charset="utf-8"/></head><body><nav><ul><li><a href="/en/Alphabet/a/text-list">A</a></li></ul></nav>
<main><div class="masonry-text-view masonry-text-view-all"><ul>
$rows
</ul></div></main></body></html>
""")


def by_term(works: Sequence[Work], query: Mapping[str, str], most: int) -> Answer:
    """Answer one page of a listing; past the end, and past the most that are shown, there are no `Paintings`."""
    start = PAGE_SIZE * (int(query.get("page", "1")) - 1)
    shown = works[:most][start : start + PAGE_SIZE]
    if not shown:
        return data({"Paintings": None})
    counts = {"AllArtistsCount": 0, "AllPaintingsCount": len(works), "PageSize": PAGE_SIZE}
    return data({**UNUSED, "CanLoadMoreArtists": False, "Paintings": [listed(work) for work in shown], **counts})


def works_of(works: Sequence[Work]) -> str:
    """Write the addresses, titles and dates of an artist's works."""
    rows = "\n".join(
        f'<li class="painting-list-text-row"><a target="_self" href="/en/{_path(work)}">{escape(work.title)}</a>'
        f"{f'<span>, {escape(work.date)}</span>' if work.date and work.date.strip() else ''}</li>"
        for work in works
    )
    return WORKS.substitute(rows=rows)


def artists_with(letter: str, collection: Collection) -> str:
    """Write the artists whose last name begins with a letter: address, name, life, number of works."""
    rows = "\n".join(
        f'<li><a href="/en/{quote(artist.slug)}">{escape(artist.name)}</a>'
        f"{_life(artist)}{_count(artist, len(collection.by_artist[artist.slug]))}</li>"
        for artist in _filed(letter, collection)
    )
    return ARTISTS.substitute(rows=rows)


def counted_artists(letter: str, collection: Collection, number: int) -> Answer:
    """Answer one page of a letter's artists; past the end there are none."""
    found = _filed(letter, collection)
    shown = found[PAGE_SIZE * (number - 1) : PAGE_SIZE * number]
    counts = {"AllArtistsCount": len(found), "PageSize": PAGE_SIZE, "AllPaintingsCount": 0}
    more = {"CanLoadMoreArtists": len(found) > PAGE_SIZE * number, "Paintings": None, "TimeLog": None}
    return data({"Artists": [_counted(artist, collection) for artist in shown] or None, **more, **counts})


def _counted(artist: Artist, collection: Collection) -> dict[str, str | None]:
    works = len(collection.by_artist[artist.slug])
    return {
        "id": f"{artist.content_id:024x}",
        "title": artist.name,
        "year": _life(artist).strip(", ") or None,
        "nation": artist.nation,
        "image": None,
        "artistUrl": f"/en/{quote(artist.slug)}",
        "totalWorksTitle": _count(artist, works).strip(", ") or None,
    }


def sitemap(parts: int) -> Answer:
    """Answer with where the parts of the sitemap lie."""
    names = ["artists-1", *(f"paintings-{number}" for number in range(1, parts + 1))]
    rows = _locations("sitemap", (f"sitemap/{name}.xml" for name in names))
    return _xml("sitemapindex", rows)


def sitemap_of_works(works: Sequence[Work]) -> Answer:
    """Answer with one part of the sitemap; a few works are not in it yet."""
    known = (work for work in works if chance("sitemap", *work.key) >= LAG)
    return _xml("urlset", _locations("url", (f"en/{_path(work)}" for work in known)))


def sitemap_of_artists(artists: Iterable[Artist]) -> Answer:
    """Answer with the part of the sitemap that holds the artists."""
    return _xml("urlset", _locations("url", (f"en/{quote(artist.slug)}" for artist in artists)))


def localised(text: str, labels: Mapping[str, str], language: str) -> Answer:
    """Answer with a page as it stands under another language: other labels, its own links."""
    for english, label in labels.items():
        text = text.replace(f">{english}:</s>", f">{label}:</s>")
    return page(text.replace('href="/en/', f'href="/{language}/'))


def _filed(letter: str, collection: Collection) -> list[Artist]:
    return [artist for artist in collection.artists if _letter(artist) == letter.lower()]


def _path(work: Work) -> str:
    return quote("/".join(work.key))


def _letter(artist: Artist) -> str:
    """Return the first letter of the last name, without its accent; ø, which is none, has a list of its own."""
    first = artist.name.rpartition(" ")[2][:1].lower()
    return first if first == "ø" else unicodedata.normalize("NFKD", first)[:1]


def _life(artist: Artist) -> str:
    """Tell the years; how the site writes those of the living is a guess."""
    if artist.birth_year is None:
        return ""
    return f", born {artist.birth_year}" if artist.death_year is None else f", {artist.birth_year}-{artist.death_year}"


def _count(artist: Artist, works: int) -> str:
    """Tell how many works there are; of artists without any, half say 0 and half nothing."""
    if not works and chance("says nothing", artist.slug) < 0.5:
        return ""
    return f", {works} artwork{'' if works == 1 else 's'}"


def _locations(tag: str, paths: Iterable[str]) -> str:
    return "\n".join(f"<{tag}><loc>https://www.wikiart.org/{escape(path)}</loc></{tag}>" for path in paths)


def _xml(root: str, rows: str) -> Answer:
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    body = f'{head}<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}\n</{root}>\n'
    return Answer(body.encode(), XML)
