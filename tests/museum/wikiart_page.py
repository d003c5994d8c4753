"""A painting's page on WikiArt, in the layout of 2018 to 2025 or in that of 2026: other tags, the same facts."""

import json
from collections.abc import Sequence
from html import escape
from string import Template
from urllib.parse import quote

from tests.museum.chance import chance, dice
from tests.museum.invention import slug_of
from tests.museum.wikiart_around import NOTHING, Around
from tests.museum.wikiart_images import address, shown, sizes
from tests.museum.works import Work

LAYOUTS = ("2018", "2026", "both")

PAGE = Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><title>$title - $artist - WikiArt.org</title>
<meta property="og:image" content="$image"/>
<link rel="alternate" hreflang="ru" href="https://www.wikiart.org/ru/$path"/>
<script>window.labels = {"html": "<li><s>Date:</s><span>1066</span></li>"};</script>$head</head><body>
$before
<nav class="wiki-menu"><ul><li><s>Style:</s> <a href="/en/paintings-by-style">All styles</a></li>
<li><a href="/en/paintings-by-genre">Genres</a></li><li><a href="/en/paintings-by-media">Media</a></li></ul></nav>
<main ng-controller="ArtworkViewCtrl" ng-init="$thumbnails">
<div class="wiki-layout-artist-info wiki-layout-artwork-info" itemscope itemtype="https://schema.org/Painting">
<aside><div class="wiki-layout-artist-image-wrapper btn-overlay-wrapper-artwork">
<img itemprop="image" src="$image" alt="$title"/></div>
$copyright
<a class="all-sizes">View all sizes</a><span class="max-resolution">$resolution</span></aside>
<article>
$heading
<ul>
$facts
<li><s>Share:</s></li>
</ul></article>
$tags
<div class="wiki-layout-painting-info-bottom" ng-init="$painting"></div>
</div>
$within
</main>
<section><div class="wiki-layout-artist-info"><article><h3>The Velvet Brush</h3><ul>
<li><s>Directed by:</s> <span>A. N. Other</span></li><li><s>Date:</s> <span>2019</span></li>
<li class="dictionary-values "><s>Genre:</s> <span><a href="/en/movies/drama">drama</a></span></li>
</ul></article></div></section>
$after
</body></html>
""")

HEADINGS = {
    "2018": Template("""<h3>$title</h3>
<h5 itemprop="creator" itemscope itemtype="https://schema.org/Person">
<span itemprop="name"><a href="/en/$artist_path" target="_self">$artist</a></span></h5>"""),
    "2026": Template("""<header><h1>$title</h1>
<h2><a href="/en/$artist_path">$artist</a></h2></header>"""),
}


TAG = Template("""<div class="tags-cheaps__item"><a target="_self" class="tags-cheaps__item__ref" href="/en/Tag/$path">
   $tag
</a></div>""")


def painting_page(work: Work, layout: str = "both", around: Around = NOTHING) -> str:
    """Write a work's page.

    Args:
        work: What the page is about.
        layout: One of `LAYOUTS`; "both" gives half of the works the one and half the other.
        around: What stands around the painting.
    """
    if layout == "both":
        layout = "2018" if chance("layout", *work.key) < 0.5 else "2026"
    names = {"title": escape(work.title), "artist": escape(work.artist.name)}
    return PAGE.substitute(
        names,
        head=around.head,
        before=around.before,
        within=around.within,
        after=around.after,
        path=quote("/".join(work.key)),
        image=escape(shown(work)),
        resolution="x".join(map(str, _extent(work))) + "px",
        thumbnails=escape(f"thumbnailSizesModel = {json.dumps(_thumbnails(work))};"),
        copyright=_copyright(work.rights),
        heading=HEADINGS[layout].substitute(names, artist_path=quote(work.artist.slug)),
        facts=_facts(work),
        tags=_tags(work.tags),
        painting=escape(f"paintingJson = {json.dumps(painting_json(work), ensure_ascii=False)}"),
    )


def painting_json(work: Work) -> dict[str, object]:
    """Return the short record that WikiArt keeps in its pages and lists."""
    width, height = _extent(work)
    return {
        "_t": "PaintingForGalleryNew",
        "_id": work.mongo_id,
        "title": work.title,
        "year": work.date or "",
        "width": width,
        "height": height,
        "artistName": work.artist.name,
        "image": address(work),
        "map": "0123**67*",
        "paintingUrl": f"/en/{work.artist.slug}/{work.slug}",
        "artistUrl": f"/en/{work.artist.slug}",
        "albums": None,
        "flags": 2,
        "images": None,
    }


def _extent(work: Work) -> tuple[int, int]:
    return (work.picture.width, work.picture.height) if work.picture else (600, 480)


def _thumbnails(work: Work) -> dict[str, object]:
    views = [
        {
            "SizeKB": width * height // 6000 + 1,
            "Width": width,
            "Height": height,
            "Url": address(work, name),
            "Name": name,
        }
        for name, (width, height) in sizes(work).items()
    ] or [{"SizeKB": 3, "Width": 600, "Height": 480, "Url": address(work), "Name": "Original"}]
    if not work.files.is_listed:
        views = []
    return {"_t": "ThumbnailSizesModel", "ImageThumbnailsModel": [{"Thumbnails": views}]}


def _facts(work: Work) -> str:
    """Write the labelled list: only what is known, in an order that differs from work to work."""
    facts = [
        _dated(work),
        _terms("Style", "style", work.styles),
        _terms("Genre", "genre", work.genres),
        _terms("Media", "media", () if work.is_untold else work.media),
        f'<li class="dictionary-values-gallery">\n<s>Location:</s>\n<span>{escape(work.gallery or "")}</span>\n</li>'
        if work.gallery
        else "",
        _plain("Dimensions", work.dimensions, ' class="title"'),
        _plain("Original Title", work.original_title),
        _part_of("Period", work.artist.slug, work.period),
        _part_of("Series", work.artist.slug, work.series),
    ]
    dice("order", *work.key).shuffle(facts)
    return "\n".join(filter(None, facts))


def _plain(label: str, value: str | None, attributes: str = "") -> str:
    return f"<li>\n<s{attributes}>{label}:</s>\n{escape(value)}\n</li>" if value else ""


def _part_of(label: str, artist: str, value: str | None) -> str:
    """Write a period or a series: a link with no span around it, into the list of the artist's works."""
    if not value:
        return ""
    link = f"/en/{quote(artist)}/all-works#!#filterName:{label}_{slug_of(value)},resultType:masonry"
    return f'<li class="dictionary-values ">\n<s>{label}:</s>\n<a href="{link}">{escape(value)}</a>\n</li>'


def _dated(work: Work) -> str:
    """Write the date, with the place behind it where one is known; undated works have no line or an empty one."""
    if work.date is None:
        empty = '<li>\n<s>Date:</s>\n<span itemprop="dateCreated"> </span>\n</li>'
        return empty if chance("empty date", *work.key) < 0.5 else ""
    place = f"; {escape(work.place)}" if work.place else ""
    inside, behind = (place, "") if chance("place inside", *work.key) < 0.5 else ("", place)
    return f'<li>\n<s>Date:</s>\n<span itemprop="dateCreated">{escape(work.date)}{inside}</span>{behind}\n</li>'


def _terms(label: str, kind: str, values: Sequence[str]) -> str:
    if not values:
        return ""
    links = ", ".join(
        f'<a target="_self" href="/en/paintings-by-{kind}/{slug_of(value)}">{_term(kind, value)}</a>'
        for value in values
    )
    edit = f'<a class="edit-dictionary" href="/en/edit-{kind}">Edit {label.lower()}</a>'
    return f'<li class="dictionary-values ">\n<s>{label}:</s>\n<span >\n{links}\n</span>\n{edit}\n</li>'


def _term(kind: str, value: str) -> str:
    return f'<span itemprop="genre">{escape(value)}</span>' if kind == "genre" else escape(value)


def _tags(tags: Sequence[str]) -> str:
    items = "\n".join(TAG.substitute(path=quote(tag), tag=escape(tag)) for tag in tags)
    return f'<div class="tags-cheaps">{items}</div>' if tags else ""


def _copyright(rights: str | None) -> str:
    """Write the rights as one link (public domain) or two (an author, and why the image may be shown)."""
    if rights is None:
        return ""
    author, slash, reason = rights.partition(" / ")
    if not slash:
        links = f'<a class="copyright"><i class="copyright-icon-public-domain"></i>{escape(rights)}</a>'
    else:
        links = f'<a class="copyright-author">{escape(author)}</a> <a class="copyright-clear">{escape(reason)}</a>'
    return f'<div class="copyright-wrapper">{links}</div>'
