"""What stands around a painting on its page: nothing, or as much as on the real site, where a page has about 138 KB.

None of it is about the painting, and much of it looks as if it were: labelled lists, `itemprop`s of other works, the
painting's own markup in scripts, in comments and in templates.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from random import Random
from string import Template

from tests.museum.chance import dice
from tests.museum.words import FAMILY, GIVEN, HOW, MONTHS, WHAT

RELATED = 44  # works shown below the painting
VOCABULARY = 175  # entries of the menus


@dataclass(frozen=True, slots=True)
class Around:
    """Markup for the places of a page that are not the painting's."""

    head: str = ""
    before: str = ""  # between the body's start and `main`
    within: str = ""  # behind the painting, in `main`
    after: str = ""  # behind `main`


NOTHING = Around()

TEMPLATES = """<script type="text/ng-template" id="artwork.html">
<div class="wiki-layout-artist-info wiki-layout-artwork-info" itemscope itemtype="https://schema.org/Painting">
<article><h3>{{::painting.title}}</h3><ul><li><s>Date:</s><span itemprop="dateCreated">{{::painting.year}}</span></li>
<li class="dictionary-values "><s>Media:</s><span><a href="/en/paintings-by-media/{{::m.url}}">{{::m.name}}</a></span>
</li></ul></article></div></script>
<!-- <main><div class="wiki-layout-artwork-info" itemtype="https://schema.org/Painting"><h3>Old</h3></div></main> -->
"""
FIGURE = Template("""<li class="masonry-item" itemscope itemtype="https://schema.org/Painting">
<figure><a href="$path" title="$title"><img itemprop="image" src="$image" alt="$title" width="280" lazy="true"/></a>
<figcaption class="masonry-item-description"><h3 itemprop="name"><a href="$path">$title</a></h3>
<h5 itemprop="creator"><span itemprop="name"><a href="/en/$artist">$name</a></span></h5>
<ul><li><s>Date:</s> <span itemprop="dateCreated">$year</span></li>
<li class="dictionary-values "><s>Media:</s> <span><a href="/en/paintings-by-media/fresco">fresco</a></span></li></ul>
<a class="like-overlay" ng-click="like($$event)"><i class="icon-like"></i><span class="count">$likes</span></a>
</figcaption></figure></li>""")
RULE = ".w-%d .masonry-item-description>a{display:inline-block;margin:%dpx auto 0;padding:0 %dpx;color:#%06x}\n"
CALL = 'window.dataLayer.push({"event":"%s","position":%d,"markup":"<li><s>Style:</s><span>%s</span></li>"});\n'


def as_large_as_real(*about: str) -> Around:
    """Return all that the real pages carry, the same for the same work."""
    luck = dice("around", *about)
    within = _related("relatedArtworks", luck) + TEMPLATES
    return Around(_head(), _menus(), within, _related("famousWorks", luck) + _menus())


@lru_cache
def _head() -> str:
    """Write styles and scripts: much text, few elements."""
    luck = dice("head")
    rules = "".join(RULE % (n, luck.randrange(40), luck.randrange(40), luck.randrange(2**24)) for n in range(110))
    calls = "".join(CALL % (luck.choice(MONTHS), n, luck.choice(FAMILY)) for n in range(110))
    return f"<style>\n{rules}</style>\n<script>\n//<![CDATA[\n{calls}//]]>\n</script>"


@lru_cache
def _menus() -> str:
    """Write the menus that stand above and below: many elements, little text."""
    luck = dice("menus")
    entries = "\n".join(
        f'<li class="menu-item"><s>{luck.choice(("Style", "Genre", "Media"))}:</s> <a target="_self" '
        f'href="/en/paintings-by-style/{n}" ng-click="close()"><span>{luck.choice(FAMILY)} {n}</span></a></li>'
        for n in range(VOCABULARY)
    )
    return f'<div class="wiki-menu-holder"><ul class="wiki-menu-list">\n{entries}\n</ul></div>\n'


def _related(name: str, luck: Random) -> str:
    """Write a row of other works, once as markup and once as the JSON from which a script would write it again."""
    works = [_other(luck) for _ in range(RELATED // 2)]
    stored = escape(f"{name} = {json.dumps(works)};")
    figures = "\n".join(FIGURE.substitute({key: escape(value) for key, value in work.items()}) for work in works)
    return f'<section class="wiki-layout-{name}" ng-init="{stored}"><ul class="masonry">\n{figures}\n</ul></section>\n'


def _other(luck: Random) -> dict[str, str]:
    genre = luck.choice(sorted(WHAT))
    artist = f"{luck.choice(GIVEN)} {luck.choice(FAMILY)}"
    slug, number = artist.lower().replace(" ", "-"), luck.randrange(10**6)
    return {
        "title": f"{luck.choice(WHAT[genre])} {luck.choice(HOW[genre])}",
        "name": artist,
        "artist": slug,
        "path": f"/en/{slug}/{number}",
        "image": f"https://uploads{number % 10}.wikiart.org/images/{slug}/{number}.jpg!PinterestSmall.jpg",
        "year": str(luck.randrange(1400, 2000)),
        "likes": str(luck.randrange(1000)),
    }
