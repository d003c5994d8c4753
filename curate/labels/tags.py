"""Tags: words of the vocabulary in an object's title and descriptions, kept beside the source's own terms."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from curate.labels.texts import FIELDS, words_in
from curate.labels.vocabulary import SUBJECT
from harvest.catalogue.paintings import Tag, count_objects, save_tags, wordings

OWN = {SUBJECT: {"subject", "tag", "iconclass"}}  # a source's fields that say the same, where they have other names
BATCH_SIZE = 2_000  # objects that one transaction reads and writes

Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


@dataclass(slots=True)
class Tagged:
    """What the texts of a catalogue's objects name."""

    objects: int = 0
    changed: int = 0  # objects whose tags were others before
    found: Counter[str] = field(default_factory=Counter)  # objects with a tag, by field
    new: Counter[str] = field(default_factory=Counter)  # those whose source names no term of the field itself
    terms: Counter[Tag] = field(default_factory=Counter)  # objects by field and term


def tag(
    catalogue: Engine,
    object_types: Sequence[str] | None = ("painting",),
    *,
    dry_run: bool = False,
    progress: Progress = lambda steps, _: steps,
) -> Tagged:
    """Find words in the texts of objects, and write them in place of those that were found before.

    Args:
        catalogue: Of which one batch of objects is held at a time; stopped half-way, what is written stays.
        object_types: As the catalogue names them. None: every type.
        dry_run: Write nothing.
        progress: Shown the batches.
    """
    with catalogue.connect() as connection:
        number = count_objects(connection, object_types)
    tagged = Tagged()
    batches = _batches(catalogue, object_types, tagged, dry_run=dry_run)
    for _ in progress(batches, -(-number // BATCH_SIZE)):
        pass
    return tagged


def rows_of(tagged: Tagged) -> list[tuple[str, int, int, str]]:
    """Return field, objects with a tag, those without a term of the source's own, and the commonest terms."""
    rows = []
    for name in FIELDS:
        commonest = [(term, number) for (of, term), number in tagged.terms.most_common() if of == name][:3]
        examples = ", ".join(f"{term} ({number:,})" for term, number in commonest)
        rows.append((name, tagged.found[name], tagged.new[name], examples))
    return rows


def _batches(catalogue: Engine, object_types: Sequence[str] | None, tagged: Tagged, *, dry_run: bool) -> Iterator[int]:
    """Tag one batch after another; yield the last object of each."""
    last = 0
    while True:
        with catalogue.begin() as connection:
            batch = wordings(connection, object_types, last, number=BATCH_SIZE)
            if not batch:
                return
            last, changed = batch[-1].object_id, dict[int, Sequence[Tag]]()
            for wording in batch:
                tags = words_in(wording.texts)
                present = {name for name, _ in tags}
                tagged.found.update(present)
                tagged.new.update(name for name in present if wording.fields.isdisjoint(OWN.get(name, {name})))
                tagged.terms.update(tags)
                if _by_field(tags) != _by_field(wording.tags):
                    changed[wording.object_id] = tags
            tagged.objects += len(batch)
            tagged.changed += len(changed)
            if not dry_run:
                save_tags(connection, changed)
        yield last


def _by_field(tags: Sequence[Tag]) -> Mapping[str, list[str]]:
    return {name: [term for of, term in tags if of == name] for name, _ in tags}
