"""The words around a maker's name: nobody known, not simply by this hand, another part in the work."""

import re

from harvest.parsers.makers import MAX_LENGTH, MakerNames

OWN_HAND = {"", "by", "and", "and by", "with", "painting by", "painted by", "and painted by"}
_DOUBT = re.compile(r"\?|attrib|possibl|probabl", re.IGNORECASE)
_OTHER_HANDS = re.compile(
    r"\?|^(?:and/)?or\b|\b(?:workshop|assistants?|assistance|collaborator|follower|pupil|circle)\b", re.IGNORECASE
)
_PEOPLES = (
    "American|Austrian|British|Byzantine|Chinese|Dutch|English|European|Flemish|French|German|Greek|Indian|Iranian|"
    "Italian|Japanese|Korean|Netherlandish|Persian|Portuguese|Russian|Spanish|Swiss"
)
_PLACES = "Byzantine|Catalan|Florentine|Lombard|Roman|Tuscan"  # beside those that end as peoples do: "Sienese"
# A slip of the pen, "Painer", is the museum's own.
_OF_A_PEOPLE = re.compile(
    rf"(?:{_PEOPLES})$|(?:.* )?(?:{_PEOPLES}|{_PLACES}|\w+(?:ish|ian|ese))\b.*\b(?:Paint?ers?|Masters?)\b(?! of)"
    r"|(?:.* )?(?:Painters|Painers?)$|.*\b[Aa]rtists?(?:\(s\))?$"
)
NAMES = MakerNames(
    nobody=r"(?:unidentified|unknown|anonymous)\b|.*\bunknown$|$",
    qualifiers={
        r"(?:.* )?(?:Attributed to|Copy after|After|(?:Workshop|Follower|Circle|Style|School|Manner) of)": None,
    },
    ending=r",?\s+(?:and|or|with)\s+(?:(?:an?|his|her)\s+)?"
    r"(?:workshop|studio|assistants?|pupils?|followers?|circle|collaborators?|others)|\s*\(?\?\)?",
)


def is_nobody(name: str, *, is_identified: bool) -> bool:
    """Return whether a name stands for nobody in particular: "Unidentified artist", "French Painter".

    Args:
        name: As displayed.
        is_identified: An authority knows the maker; an invented name may look like this, too.
    """
    if NAMES.is_nobody(name):
        return True
    return not is_identified and len(name) <= MAX_LENGTH and bool(_OF_A_PEOPLE.match(name))


def qualifier_of(prefix: str, suffix: str, following: str) -> str | None:
    """Return the museum's words that say that a work is not simply by a maker; None: it is.

    Args:
        prefix: Before the name: "Attributed to".
        suffix: Behind it: ", and Workshop"; also "(namepiece)", which says nothing of the kind.
        following: The prefix of the next maker; "or" makes this one uncertain.
    """
    if is_other_hand(prefix):
        return prefix
    if _OTHER_HANDS.search(suffix):
        return suffix.lstrip(", ")
    return "or" if following.lower().split()[:1] == ["or"] else None


def is_other_hand(prefix: str) -> bool:
    """Return whether the words before a name make it another than the one hand of the work."""
    return prefix.lower() not in OWN_HAND


def is_further_hand(prefix: str) -> bool:
    """Return whether the words before a name name a further part in the work: "Inscribed by"."""
    return is_other_hand(prefix) and prefix.lower().endswith(" by") and not _DOUBT.search(prefix)
