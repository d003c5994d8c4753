"""What can hang in the museum: `generated` paintings or `real` ones."""

from tests.museum.invention import generated
from tests.museum.loan import real
from tests.museum.works import Artist, Collection, Picture, Work

__all__ = ["Artist", "Collection", "Picture", "Work", "generated", "real"]
