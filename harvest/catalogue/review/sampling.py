"""Which suggestions fall into a share: by their number alone, so that no reload and no restart changes it."""

from sqlalchemy import ColumnElement

from harvest.catalogue.schema import suggestions

_ALL = 2**32
_FACTORS = {"blind": 2654435761, "second": 2246822519, "planted": 3266489917}  # odd, so that each number has its place


def is_in_share(kind: str, share: float, suggestion_id: int) -> bool:
    """Return whether a suggestion is of the share.

    Args:
        kind: blind, second or planted; the shares of two kinds overlap by chance.
        share: 0-1; a larger one holds a smaller one.
        suggestion_id: Its number.
    """
    return suggestion_id * _FACTORS[kind] % _ALL < share * _ALL


def in_share(kind: str, share: float) -> ColumnElement[bool]:
    """Write the same for a query of `suggestions`."""
    return (suggestions.c.id * _FACTORS[kind]) % _ALL < int(share * _ALL)
