"""Manifests and collections of both versions, as libraries publish them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

IMAGES = "https://iiif.example.org"  # the image server
HOME = "https://library.example.org"  # where manifests lie

PAIRS = {
    "Titel": "Mädchen am Fenster",
    "Künstler": "Müller, Jörg (1840–1926)",
    "Datierung": "um 1861",
    "Technik": "Öl auf Leinwand",
    "Gattung": "Porträt",
    "Stil": "Realismus",
}


def service2(name: str, version: str = "2.1", **more: Any) -> dict[str, Any]:
    """Write the block of a service of version 2."""
    context, level = "http://iiif.io/api/image/2/context.json", "http://iiif.io/api/image/2/level1.json"
    return {"@context": context, "@id": f"{IMAGES}/{version}_pil/{name}", "profile": level, **more}


def service3(name: str, folder: str = "3.0_pil", **more: Any) -> dict[str, Any]:
    """Write the block of a service of version 3."""
    return {"id": f"{IMAGES}/{folder}/{name}", "type": "ImageService3", "profile": "level1", **more}


def canvas2(url: str, label: str, service: Mapping[str, Any] | None, file: str | None = None) -> dict[str, Any]:
    """Write a canvas of version 2."""
    address = file or f"{(service or {})['@id']}/full/full/0/default.jpg"
    image: dict[str, Any] = {"@id": address, "@type": "dctypes:Image", "format": "image/jpeg"}
    image |= {"width": 224, "height": 224}
    image |= {"service": dict(service)} if service else {}
    painted = {"@type": "oa:Annotation", "motivation": "sc:painting", "resource": image, "on": url}
    return {"@id": url, "@type": "sc:Canvas", "label": label, "width": 224, "height": 224, "images": [painted]}


def canvas3(url: str, label: str, service: Mapping[str, Any] | None, file: str | None = None) -> dict[str, Any]:
    """Write a canvas of version 3."""
    address = file or f"{(service or {})['id']}/full/max/0/default.jpg"
    body: dict[str, Any] = {"id": address, "type": "Image", "format": "image/jpeg", "width": 224, "height": 224}
    body |= {"service": [dict(service)]} if service else {}
    painted = {"id": f"{url}/a", "type": "Annotation", "motivation": "painting", "body": body, "target": url}
    page = {"id": f"{url}/p", "type": "AnnotationPage", "items": [painted]}
    return {
        "id": url,
        "type": "Canvas",
        "label": {"none": [label]},
        "width": 224,
        "height": 224,
        "items": [page],
    }


def manifest2(
    url: str, canvases: Sequence[Mapping[str, Any]], pairs: Mapping[str, Any] = PAIRS, **more: Any
) -> dict[str, Any]:
    """Write a manifest of version 2."""
    sequence: dict[str, Any] = {"@type": "sc:Sequence", "canvases": list(canvases)}
    return {
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@id": url,
        "@type": "sc:Manifest",
        "label": "Müller, Mädchen am Fenster",
        "metadata": [{"label": label, "value": value} for label, value in pairs.items()],
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "attribution": "Stadtbibliothek",
        "sequences": [sequence],
        **more,
    }


def manifest3(
    url: str, canvases: Sequence[Mapping[str, Any]], pairs: Mapping[str, Any] = PAIRS, **more: Any
) -> dict[str, Any]:
    """Write a manifest of version 3."""
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": url,
        "type": "Manifest",
        "label": {"de": ["Müller, Mädchen am Fenster"]},
        "metadata": [{"label": {"de": [label]}, "value": {"none": [value]}} for label, value in pairs.items()],
        "rights": "http://creativecommons.org/publicdomain/zero/1.0/",
        "requiredStatement": {"label": {"de": ["Nachweis"]}, "value": {"de": ["Stadtbibliothek"]}},
        "items": list(canvases),
        **more,
    }


def collection2(url: str, **members: Any) -> dict[str, Any]:
    """Write a collection of version 2, or a page of one."""
    context = "http://iiif.io/api/presentation/2/context.json"
    return {"@context": context, "@id": url, "@type": "sc:Collection", "label": "Gemälde", **members}


def collection3(url: str, items: Iterable[tuple[str, str]], **more: Any) -> dict[str, Any]:
    """Write a collection of version 3 of types and addresses."""
    listed = [{"id": address, "type": kind, "label": {"none": [address]}} for kind, address in items]
    context = "http://iiif.io/api/presentation/3/context.json"
    return {"@context": context, "id": url, "type": "Collection", "label": {"de": ["Gemälde"]}, "items": listed, **more}


def named2(url: str, kind: str = "Manifest") -> dict[str, str]:
    """Write a member of a collection of version 2."""
    return {"@id": url, "@type": f"sc:{kind}", "label": url}
