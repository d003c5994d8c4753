"""Judges manifests and collections of version 2 by the library that its editors wrote.

Run: python -m tests.harvest.iiif.validate < DOCUMENTS, a JSON list. In a process of its own, for it changes how pyld
finds contexts, for all who use that.
"""

import json
import sys
from typing import Any

from iiif_prezi.loader import ManifestReader, load_document_local
from pyld import jsonld


def _load(url: str, _options: dict[str, Any]) -> dict[str, Any]:
    """Return a context as newer versions of pyld want it."""
    return {**load_document_local(url), "contentType": "application/ld+json"}


if __name__ == "__main__":
    jsonld.set_document_loader(_load)
    for _document in json.load(sys.stdin):
        ManifestReader(json.dumps(_document)).read()
