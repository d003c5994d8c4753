"""What kind of object the Rijksmuseum's words for its type name: a painting, or another kind, in English."""

import re
from collections.abc import Sequence

from harvest.parsers.rijksmuseum.makers import plain

PAINTINGS = "261208"  # the set of paintings, with pastels and miniatures
_PAINTING = {"painting", "schilderij", "miniature (painting)", "miniatuur (schildering)"}
# Members of the set that are only this are no paintings: they hang among them, or were made for them.
_OTHER_TECHNIQUE = re.compile(
    r".*\b(?:print|drawing|photograph|photo|etching|engraving)|.*(?:prent|tekening|foto|afdruk|ets|gravure)"
)
_ENGLISH = {
    "albumblad": "album leaf",
    "beeldhouwwerk": "sculpture",
    "bladzijde": "page",
    "boek": "book",
    "buste": "bust",
    "dagboek": "diary",
    "documentaire foto": "documentary photograph",
    "figuur": "figure",
    "foto": "photograph",
    "fotoalbum": "photo album",
    "fotomechanische afdruk": "photomechanical print",
    "halfmodel": "half model",
    "lijst": "frame",
    "miniatuur": "miniature",
    "prent": "print",
    "scheepsmodel": "ship model",
    "schrift": "notebook",
    "spotprent": "satirical print",
    "stereofoto": "stereograph",
    "tekening": "drawing",
}
_MAX_LENGTH = 40  # characters


def object_type(types: Sequence[str], first: str | None, *, is_member: bool) -> str:
    """Return the one word for an object.

    Args:
        types: What it is called, in every language.
        first: What it is called first, in the preferred language.
        is_member: It belongs to the museum's set of paintings: a painting, unless each type names another technique.
    """
    words = [text.casefold() for text in types]
    others = [bool(_OTHER_TECHNIQUE.fullmatch(plain(word))) for word in words]
    if not _PAINTING.isdisjoint(words) or (is_member and not (others and all(others))):
        return "painting"
    word = plain(first or "")
    return (_ENGLISH.get(word.casefold(), word) or "object")[:_MAX_LENGTH].strip()
