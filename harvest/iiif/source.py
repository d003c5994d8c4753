"""A IIIF collection as the engine sees it: one more source, whose name, address and mapping are the user's.

A manifest is an object. Its pictures wait for one more answer, the main picture's info.json, which tells what the
server gives; what it says of itself counts for the other pictures on it, so that a book does not cost a request a page.
"""

import hashlib
from collections.abc import Collection as AnyCollection
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any
from urllib.parse import urlsplit

from harvest.errors import BadInput, LoginNeeded, Unparsed
from harvest.iiif.labels import languages_of, object_of, short_id
from harvest.parsers.iiif.image import Service, service_of
from harvest.parsers.iiif.presentation import Collection, Manifest, Picture, read
from harvest.records import Damage, Image, ObjectRecord, Supplement
from harvest.request import OPT_OUT, Request
from harvest.response import Response
from harvest.source import Option, Selection, Source
from harvest.tabular import mapping as mappings

COMMAND = "iiif"
MAX_SCOPE = 400  # characters of an address, as the catalogue holds it
PACE = 1.0  # seconds; what a server bears is not known
INHERITED = ("mapping", "side")  # from the context of one request to the next

Parsed = Request | ObjectRecord | Supplement | Damage


class OwnCollection:
    """A IIIF collection.

    Args:
        name: The source's, in the catalogue.
        mapping: Which label is what.
        hosts: That options may name, beside that of the address.
    """

    COMMAND = COMMAND
    OPTIONS: tuple[Option, ...] = (
        Option("url", "the address of a IIIF collection or manifest, Presentation API 2 or 3", "URL"),
        Option("--name", "what the catalogue calls this collection: stadtbibliothek", "SOURCE", required=True),
        Option("--mapping", "which label is what, instead of the mapping that is kept", "FILE", kind="file"),
        Option(
            "--plan", "show how the first manifests would be read, and write the mapping; harvest nothing", kind="flag"
        ),
        Option("--image-size", "the longer side of images, in pixels (as large as they are given)", "N", kind="number"),
    )
    UNOFFERED = ("smoke", "dry_run", "from_manifest")
    BLOCK_MARKS: tuple[bytes, ...] = ()
    QUOTA_MARKS: tuple[bytes, ...] = ()
    NEVER_REFRESHED = ("info", "files")  # asked again when the object's manifest changes
    ONLY_FOR_IMAGES = NEVER_REFRESHED
    MAY_NEED_LOGIN = ("info", "image")

    def __init__(self, name: str, mapping: mappings.Mapping, hosts: AnyCollection[str] = ()) -> None:
        self.__name__ = name
        self.TITLE = name
        own = urlsplit(mapping.iiif or "").hostname
        self.PACE: Mapping[str, float] = dict.fromkeys(filter(None, (own, *hosts)), PACE)
        self.mapping = mapping

    def start(self, selection: Selection) -> Iterator[Request]:
        """Yield the request for the collection, or for the one manifest."""
        url = address(selection.options.get("url") or self.mapping.iiif or "")
        text = mappings.text_of(replace(self.mapping, iiif=""), "")
        context = {"mapping": hashlib.sha256(text.encode()).hexdigest()[:16]}
        if side := selection.options.get("image_size"):
            context |= {"side": side}
        yield Request("start", url, url, url, context)

    def parse_start(self, response: Response) -> Iterator[Parsed]:
        """Yield what a collection lists, or a manifest's object."""
        document = self.read(response)
        if isinstance(document, Collection):
            yield from _members(document, response)
        else:
            yield from self._object(document, response)

    def read(self, response: Response) -> Manifest | Collection:
        """Read a manifest or a collection."""
        return read(response, languages_of(self.mapping))

    parse_collection = parse_page = parse_manifest = parse_start  # what a list calls a manifest may be a collection

    def parse_info(self, response: Response) -> Iterator[Supplement]:
        """Yield an object's pictures, with the addresses at which their server gives them.

        Raises:
            LoginNeeded: It shows the main one only to whom has logged in.
        """
        pictures = _pictures(response.request.context)
        info = response.json()
        told = service_of(info, _main(pictures).url) if isinstance(info, dict) else None
        if told is None and isinstance(info, dict) and isinstance(info.get("width"), int):  # 1.0 says no more
            told = replace(_main(pictures), version=1)
        if told is None:
            raise Unparsed(f"{response.url}: expected the info.json of an image, got {response.glimpse()}")
        if told.needs_login or pictures[0].needs_login:
            raise LoginNeeded(f"{told.url}: its server shows this image only to whom has logged in", host=told.host)
        main = replace(pictures[0], service=told)
        others = [_as_on(told, picture) for picture in pictures[1:]]
        side = response.request.context.get("side")
        yield Supplement(response.request.key, images=tuple(_image(picture, side) for picture in [main, *others]))

    def parse_files(self, response: Response) -> Iterator[Supplement]:
        """Yield an object's pictures by the addresses of their files, where their server tells nothing of them."""
        document = read(response)
        pictures = document.pictures if isinstance(document, Manifest) else ()
        files = [replace(picture, service=None) if picture.url else picture for picture in pictures]
        yield Supplement(response.request.key, images=tuple(map(_image, files)))

    def _object(self, manifest: Manifest, response: Response) -> Iterator[Parsed]:
        request = response.request
        record = object_of(manifest, request.url, self.__name__, self.mapping)
        pictures = manifest.pictures
        if not pictures or pictures[0].service is None:
            yield replace(record, images=tuple(map(_image, pictures)))
            return
        yield replace(record, images=None)
        context = {"pictures": list(map(_kept, pictures)), "side": request.context.get("side"), OPT_OUT: None}
        url = f"{pictures[0].service.url}/info.json"
        files = Request("files", request.url, record.source_id, request.scope)
        yield Request("info", url, record.source_id, request.scope, context, files)


def address(url: str) -> str:
    """Return the address of a collection.

    Raises:
        BadInput: It is none that can be asked over HTTP.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or len(url) > MAX_SCOPE:
        raise BadInput(
            f"{url[:200]!r}: expected the address of a IIIF collection or manifest, such as "
            "https://iiif.example.org/collection.json"
        )
    return parts._replace(fragment="").geturl()


def prototype() -> Source:
    """Return a collection without name and address: what its command takes."""
    return OwnCollection(COMMAND, mappings.Mapping())


def listed(collection: Collection, request: Request) -> list[Request]:
    """Return the requests for what a collection lists: manifests, then collections, then further pages."""
    context = {name: request.context[name] for name in INHERITED if name in request.context}
    kinds = (("manifest", collection.manifests), ("collection", collection.collections), ("page", collection.pages))
    return [
        Request(kind, url, short_id(url), request.scope, context) for kind, urls in kinds for url in dict.fromkeys(urls)
    ]


def _members(collection: Collection, response: Response) -> Iterator[Request | Damage]:
    members = listed(collection, response.request)
    yield from members
    if collection.strange:
        yield Damage(f"{response.url}: {collection.strange} of its members are neither a manifest nor a collection")
    if response.request.kind == "start" and not members:
        raise Unparsed(f"{response.url}: expected a collection with manifests or collections in it, got an empty one")


def _kept(part: Picture | Service) -> dict[str, Any]:
    """Return a picture as a request's context keeps it: without what it does not say."""
    told = {one.name: getattr(part, one.name) for one in fields(part)}
    told = {name: _kept(value) if isinstance(value, Service) else value for name, value in told.items()}
    return {name: value for name, value in told.items() if value not in (None, (), False, "")}


def _pictures(context: Mapping[str, Any]) -> Sequence[Picture]:
    """Return the pictures that a request is about."""
    return [
        Picture(**{"url": None, **picture, "service": _service(picture["service"]) if "service" in picture else None})
        for picture in context["pictures"]
    ]


def _service(kept: Mapping[str, Any]) -> Service:
    size = tuple(kept["size"]) if "size" in kept else None
    return Service(**{**kept, "size": size, "sizes": tuple(map(tuple, kept.get("sizes", ())))})


def _main(pictures: Sequence[Picture]) -> Service:
    service = pictures[0].service
    if service is None:
        raise Unparsed("expected an image service of the main picture, got none: the task is of another version")
    return service


def _as_on(server: Service, picture: Picture) -> Picture:
    """Return a picture with the limits of a server, if it lies there."""
    service = picture.service
    if service is None or service.host != server.host:
        return picture
    return replace(picture, service=service.like(server))


def _image(picture: Picture, side: int | None = None) -> Image:
    """Return where a picture is: at its service, and behind that as a file."""
    service = picture.service
    url = service.url if service is not None else str(picture.url)
    if picture.needs_login:
        return Image(url, state="withheld", origin="login")
    candidates = service.addresses(side) if service is not None else []
    candidates += [picture.url] if picture.url else []
    return Image(url, tuple(dict.fromkeys(candidates)), origin="service" if service is not None else "canvas")
