"""Label Studio's tasks with pre-annotations, and the configuration of labels that they are of.

https://labelstud.io/guide/predictions. Label Studio shows images from the data folder: it has to be started with local
files served from there. One task an object, one prediction in it for each run.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from curate.export.suggestions.rows import Suggestion
from harvest.pictures import Unreadable

FILE, CONFIGURATION = "tasks.json", "labels.xml"
NO_IMAGE = "no image"
UNSHOWN = "an image that cannot be made into one that browsers show"
LOCAL = "/data/local-files/?d="  # the address of a file in the folder that Label Studio may serve


def write(
    folder: Path, suggestions: Sequence[Suggestion], *, shown: Callable[[str], str] = lambda image: image
) -> dict[str, int]:
    """Write tasks and configuration; return why suggestions are in none, counted.

    Args:
        folder: To write into.
        suggestions: By object.
        shown: Returns the file that a browser is shown of an image, as `Renditions.path` does.
    """
    left_out: Counter[str] = Counter()
    images: dict[str, str] = {}
    for image in sorted({one.image for one in suggestions if one.image is not None}):
        with suppress(Unreadable, OSError):
            images[image] = shown(image)
    kept = []
    for one in suggestions:
        if one.image is None:
            left_out[NO_IMAGE] += 1
        elif one.image not in images:
            left_out[UNSHOWN] += 1
        else:
            kept.append(replace(one, image=images[one.image]))
    (folder / FILE).write_text(json.dumps(list(_tasks(kept)), ensure_ascii=False, indent=2) + "\n", "utf-8")
    (folder / CONFIGURATION).write_text(_configuration(kept) + "\n", "utf-8")
    return dict(left_out)


def _tasks(suggestions: Iterable[Suggestion]) -> Iterator[dict[str, Any]]:
    for content_id, group in groupby(suggestions, key=lambda one: one.content_id):
        own = list(group)
        data = {"image": LOCAL + quote(str(own[0].image)), "content_id": content_id, "url": own[0].page or ""}
        data |= {"object_number": own[0].object_number, "title": own[0].title or ""}
        by_model: dict[str, list[Suggestion]] = {}
        for one in own:
            by_model.setdefault(f"{one.run} {one.model_sha256[:12]}", []).append(one)
        yield {"data": data, "predictions": [_prediction(model, parts) for model, parts in sorted(by_model.items())]}


def _prediction(model: str, suggestions: Sequence[Suggestion]) -> dict[str, Any]:
    results = [
        {
            "id": str(uuid5(NAMESPACE_URL, json.dumps([one.content_id, one.field, one.predictions_sha256]))),
            "from_name": one.field,
            "to_name": "image",
            "type": "choices",
            "value": {"choices": [one.suggested]},
            "score": one.probability,
        }
        for one in suggestions
    ]
    return {"model_version": model, "score": min(one.probability for one in suggestions), "result": results}


def _configuration(suggestions: Iterable[Suggestion]) -> str:
    """Return a view with the image, and for each field the values that were suggested or came next."""
    values: dict[str, set[str]] = {}
    for one in suggestions:
        values.setdefault(one.field, set()).update([one.suggested, *one.alternatives])
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$title")
    ElementTree.SubElement(view, "Image", name="image", value="$image")
    for field in sorted(values):
        ElementTree.SubElement(view, "Header", value=field)
        choices = ElementTree.SubElement(view, "Choices", name=field, toName="image", choice="single")
        for value in sorted(values[field]):
            ElementTree.SubElement(choices, "Choice", value=value)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode")
