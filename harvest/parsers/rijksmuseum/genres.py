"""Which words and Iconclass notations show a genre at the Rijksmuseum, where no field says it."""

from collections.abc import Iterable, Mapping

from harvest.parsers.genres import first_genre, notations, words

WORDS = (  # English, and Dutch with its compounds: "bloemstilleven"
    words("self-portrait", r"self[- ]?portraits?|zelfportret(ten)?"),
    words("portrait", r"portraits?|\w*portret(ten)?"),
    words("still life", r"still[- ]?(lifes?|lives)|\w*stillevens?"),
    words("landscape", r"landscapes?|\w*landschap(pen)?"),
    words("marina", r"seascapes?|\w*zeegezicht(en)?|zeestuk(ken)?"),
    words("interior", r"interiors?|\w*interieurs?"),
)
NOTATIONS = (  # of Iconclass; 25F, 31 and 48 alone say too little
    notations("portrait", "61B"),  # historical persons
    notations("landscape", "25H"),
    notations("cityscape", "25I"),
    notations("still life", "41E"),
    notations("marina", "46C2"),  # ships and the sea
    notations("religious painting", "7", "11"),  # the Bible; the Christian religion
    notations("history painting", "98"),  # ancient history, the one part of 9 that is no mythology
    notations("mythological painting", "9"),
    notations("military painting", "45"),
    notations("animal painting", "34"),
    notations("genre painting", "41", "43"),  # daily life
)


def genre_of(texts: Mapping[str, Iterable[str]], iconclass: Iterable[str]) -> tuple[str, str] | None:
    """Return the genre, and what shows it: a key of the texts, or "iconclass".

    Args:
        texts: What is written of the object, by where it stands, the most telling first: {"title": …, "type": …}.
        iconclass: Its notations.
    """
    evidence = [(origin, WORDS, written) for origin, written in texts.items()]
    return first_genre(*evidence, ("iconclass", NOTATIONS, iconclass))
