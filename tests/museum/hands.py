"""Eight painters who never lived: their hands, and the words a catalogue would say of their work."""

from dataclasses import dataclass

from tests.museum.drawing import Hand
from tests.museum.motifs import Palette


@dataclass(frozen=True, slots=True)
class Painter:
    """An invented artist: a name, a life, a hand, and what they favour, the favourite first."""

    name: str
    nation: str
    birth_year: int
    death_year: int
    hand: Hand
    genres: tuple[str, ...]
    styles: tuple[str, ...]
    media: tuple[tuple[str, ...], ...]


OIL, PANEL, BOARD = ("oil", "canvas"), ("oil", "panel"), ("oil", "cardboard")
WATERCOLOUR, PASTEL, INK = ("watercolor", "paper"), ("pastel", "paper"), ("ink", "paper")
TEMPERA = ("tempera", "panel")

PAINTERS = (
    Painter(
        "Oda Vennering", "Norwegians", 1854, 1921,
        Hand(
            Palette((28, 42, 66), (52, 86, 116), (118, 150, 164), (232, 226, 206), (164, 196, 214), (206, 142, 96)),
            mark="line", length=0.085, breadth=0.012, marks=1200, flow="level", unrest=0.3, texture="weave",
        ),
        ("marina", "landscape", "portrait"), ("Impressionism", "Realism", "Symbolism"),
        (OIL, BOARD, WATERCOLOUR),
    ),
    Painter(
        "Matteo Brascari", "Italians", 1790, 1859,
        Hand(
            Palette((22, 14, 10), (58, 36, 24), (112, 72, 42), (232, 196, 142), (84, 62, 44), (162, 44, 30)),
            mark="line", length=0.035, breadth=0.016, marks=800, flow="slanted", unrest=0.1, texture="crackle",
            softness=1.6,
        ),
        ("portrait", "still life", "flower painting"), ("Romanticism", "Realism", "Symbolism"),
        (OIL, PANEL, TEMPERA),
    ),
    Painter(
        "Élodie Malavoy", "French", 1862, 1931,
        Hand(
            Palette((48, 52, 122), (38, 122, 98), (122, 186, 92), (252, 238, 170), (148, 200, 240), (240, 112, 92)),
            mark="dot", length=0.02, breadth=0.01, marks=3200, flow="any", unrest=0.75, texture="weave",
        ),
        ("landscape", "cityscape", "marina"), ("Post-Impressionism", "Impressionism", "Pointillism"),
        (OIL, PANEL, WATERCOLOUR),
    ),
    Painter(
        "Yevdokia Sorrentsova", "Russians", 1884, 1949,
        Hand(
            Palette((18, 18, 22), (120, 24, 26), (214, 176, 74), (240, 232, 214), (92, 108, 122), (214, 44, 34)),
            mark="knife", length=0.085, breadth=0.042, marks=420, flow="slanted", unrest=0.28, texture="grain",
        ),
        ("abstract", "still life", "cityscape"), ("Cubism", "Expressionism", "Post-Impressionism"),
        (OIL, TEMPERA, BOARD),
    ),
    Painter(
        "Bastian Ouwerhand", "Dutch", 1848, 1907,
        Hand(
            Palette((20, 38, 84), (26, 92, 84), (214, 168, 36), (248, 222, 110), (70, 128, 196), (228, 118, 32)),
            mark="curl", length=0.062, breadth=0.012, marks=1300, flow="swirling", unrest=0.32, texture="weave",
        ),
        ("landscape", "flower painting", "portrait"), ("Post-Impressionism", "Expressionism", "Realism"),
        (OIL, BOARD, PANEL),
    ),
    Painter(
        "Amparo Quillareda", "Spanish", 1891, 1969,
        Hand(
            Palette((50, 34, 40), (126, 62, 52), (192, 134, 100), (240, 220, 194), (204, 190, 178), (44, 112, 114)),
            mark="line", length=0.08, breadth=0.006, marks=1700, flow="slanted", unrest=0.6, texture="paper", contour=1,
        ),
        ("portrait", "cityscape", "still life"), ("Expressionism", "Cubism", "Realism"),
        (PASTEL, INK, OIL),
    ),
    Painter(
        "Teodor Wickelmaa", "Finnish", 1880, 1944,
        Hand(
            Palette((44, 40, 52), (70, 92, 74), (150, 164, 118), (236, 222, 176), (196, 178, 196), (184, 106, 78)),
            mark="line", length=0.13, breadth=0.02, marks=260, flow="upright", unrest=0.1, texture="paper", contour=4,
        ),
        ("landscape", "portrait", "flower painting"), ("Symbolism", "Art Nouveau (Modern)", "Post-Impressionism"),
        (TEMPERA, OIL, WATERCOLOUR),
    ),
    Painter(
        "Hanae Kuromizu", "Japanese", 1822, 1887,
        Hand(
            Palette((34, 40, 74), (48, 92, 142), (166, 196, 186), (246, 236, 216), (214, 226, 224), (220, 92, 96)),
            mark="line", length=0.12, breadth=0.035, marks=110, flow="level", unrest=0.04, texture="paper", contour=2,
            softness=0.7,
        ),
        ("marina", "flower painting", "landscape"), ("Ukiyo-e", "Romanticism", "Realism"),
        (WATERCOLOUR, INK),
    ),
)  # fmt: skip
