"""How often a word that stands in a title is right: `python -m bench.tags [--shared ../shared]`.

Three museums in one catalogue, as in `bench.labels`. A tag is right where the museum names the same term for the object
itself, not by its title. The tables of words and traps were written in sight of the objects with even numbers: those
with odd ones are what to go by.
"""

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from bench.labels import harvest_all, met_objects
from curate.labels.media import medium_of
from curate.labels.texts import words_in
from curate.labels.vocabulary import SUBJECT, entries, normal_form, term_of
from harvest.catalogue.database import opened
from harvest.catalogue.paintings import snapshot, wordings
from harvest.catalogue.schema import objects, terms

OF_TITLES = ("Title", "title")  # origins of genres that a parser has read from a title
INVENTED = {("rijksmuseum", "medium"), ("wikiart", "medium")}  # by the museum on this machine, not by a museum
TAG = {SUBJECT: "tag"}  # a museum's own name of a field


class Judged(NamedTuple):
    """A tag, and whether the museum says the same."""

    source: str
    field: str
    is_held_out: bool
    is_right: bool


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.tags", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="holds samples and paintings")
    shared = parser.parse_args().shared
    with tempfile.TemporaryDirectory() as folder:
        harvest_all(Path(folder), met_objects(shared / "samples" / "met"), shared)
        with opened(f"sqlite:///{folder}/catalogue.sqlite") as catalogue, snapshot(catalogue) as connection:
            numbers = Counter(judged(connection))
    print(f"{'field':<10}{'museum':<14}{'in sight':>16}{'held out':>16}")
    for field, source in sorted({(row.field, row.source) for row in numbers}):
        cells = []
        for held_out in (False, True):
            right, wrong = (numbers[Judged(source, field, held_out, is_right)] for is_right in (True, False))
            cells.append(f"{right / (right + wrong):.3f} of {right + wrong}" if right + wrong else "none")
        print(f"{field:<10}{source:<14}{cells[0]:>16}{cells[1]:>16}")


def judged(connection: Connection) -> Iterator[Judged]:
    """Yield the tags of all objects whose museum names the field, too."""
    own = _own_terms(connection)
    types = dict(connection.execute(select(objects.c.id, objects.c.object_type)).all())
    last = 0
    while batch := wordings(connection, None, last):
        last = batch[-1].object_id
        for wording in batch:
            known = own[wording.object_id]
            for field, term in words_in(wording.texts):
                words = known[TAG.get(field, field)]
                is_compared = field == "medium" or types[wording.object_id] == "painting"
                if words and is_compared and (wording.source, field) not in INVENTED:
                    is_right = _is_among(field, term, words)
                    yield Judged(wording.source, field, bool(wording.object_id % 2), is_right)


def _own_terms(connection: Connection) -> Mapping[int, Mapping[str, list[str]]]:
    own: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = select(terms.c.object_id, terms.c.field, terms.c.text, terms.c.origin)
    for key, field, text, origin in connection.execute(rows):
        if origin not in OF_TITLES:
            own[key][field].append(text)
    return own


def _is_among(field: str, term: str, words: Collection[str]) -> bool:
    """Return whether a museum's words mean the term."""
    if field == "medium":
        return term in medium_of(", ".join(words)).terms
    if field == SUBJECT:
        table = entries(SUBJECT)
        means = {table[name].term if (name := normal_form(word)) in table else name for word in words}
        return term in means or normal_form(term) in means
    return term in {term_of(field, word) for word in words}


if __name__ == "__main__":
    main()
