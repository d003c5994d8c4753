"""Which sites stand in the museum; a new one is a module and a line here."""

from tests.museum import met, rijksmuseum, wikiart
from tests.museum.answer import Site
from tests.museum.collection import Collection


def open_sites(collection: Collection, *, layout: str = "both") -> tuple[Site, ...]:
    """Open every site over one collection."""
    return (
        wikiart.site(collection, layout=layout),
        met.site(collection, layout=layout),
        rijksmuseum.Rijksmuseum(collection),
    )
