"""Which genre a painting is of, by the words of its title and type and by its Iconclass notations.

No field of the Rijksmuseum says it. The genres' names are WikiArt's, so that those of several museums are one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

WORDS = tuple(  # the first that is found in a text; English, and Dutch with its compounds: "bloemstilleven"
    (re.compile(pattern, re.IGNORECASE), genre)
    for pattern, genre in (
        (r"\bself[- ]?portraits?\b|\bzelfportret(ten)?\b", "self-portrait"),
        (r"\bportraits?\b|\b\w*portret(ten)?\b", "portrait"),
        (r"\bstill[- ]?(lifes?|lives)\b|\b\w*stillevens?\b", "still life"),
        (r"\blandscapes?\b|\b\w*landschap(pen)?\b", "landscape"),
        (r"\bseascapes?\b|\b\w*zeegezicht(en)?\b|\bzeestuk(ken)?\b", "marina"),
        (r"\binteriors?\b|\b\w*interieurs?\b", "interior"),
    )
)
NOTATIONS = (  # the first rule that a notation falls under; 25F, 31 and 48 alone say too little
    (("61B",), "portrait"),  # historical persons
    (("25H",), "landscape"),
    (("25I",), "cityscape"),
    (("41E",), "still life"),
    (("46C2",), "marina"),  # ships and the sea
    (("7", "11"), "religious painting"),  # the Bible; the Christian religion
    (("98",), "history painting"),  # ancient history, the one part of 9 that is no mythology
    (("9",), "mythological painting"),
    (("45",), "military painting"),
    (("34",), "animal painting"),
    (("41", "43"), "genre painting"),  # daily life
)


def genre_of(texts: Mapping[str, Iterable[str]], notations: Sequence[str]) -> tuple[str, str] | None:
    """Name the genre, and by what it was found; None: neither words nor notations tell.

    Args:
        texts: What is written of the object, by where it stands, the most telling first: {"title": …, "type": …}.
        notations: Of Iconclass.

    Returns:
        The genre, and a key of `texts` or "iconclass".
    """
    for origin, words in texts.items():
        for pattern, genre in WORDS:
            if any(pattern.search(text) for text in words):
                return genre, origin
    for beginnings, genre in NOTATIONS:
        if any(notation.startswith(beginnings) for notation in notations):
            return genre, "iconclass"
    return None
