"""How many of the MET's paintings get their labels, and whether the genres agree with Wikidata's: on real answers.

`python -m bench.met_labels [--shared ../shared]`. Each share stands with Wilson's interval of 95 %: the sample is
small, and of works on view, which are better catalogued than the rest. The order of genres was settled with the works
that Wikidata knows in sight, so their agreement is what the rule reaches on works known to it, not a forecast.
"""

import argparse
import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harvest.catalogue.views.paintings import MAX_SPAN
from harvest.records import ObjectRecord
from harvest.sources import met
from tests.harvest.met_rows import answers, row_of

Z = 1.959964  # of 95 %
# Wikidata's genres, by the names that ours have: a portrait of any kind is a portrait.
SAME = {
    "Portrait": "portrait",
    "Portrait painting": "portrait",
    "Group portrait": "portrait",
    "Double portrait": "portrait",
    "Family portrait": "portrait",
    "Equestrian portrait": "portrait",
    "Tronie": "portrait",
    "Self-portrait": "self-portrait",
    "Religious art": "religious painting",
    "Religious painting": "religious painting",
    "Genre art": "genre painting",
    "Landscape painting": "landscape",
    "Cityscape": "cityscape",
    "Veduta": "cityscape",
    "Marine art": "marina",
    "Mythological painting": "mythological painting",
    "History painting": "history painting",
    "Battle painting": "history painting",
    "Still life": "still life",
    "Floral painting": "flower painting",
    "Nude": "nude painting (nu)",
    "Animal art": "animal painting",
    "Abstract art": "abstract",
}
LABELS = ("artist", "decade", "genre", "medium")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.met_labels", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="holds samples/met (../shared)")
    samples = parser.parse_args().shared / "samples" / "met"
    records = [met.parse_row(row_of(told)) for told in answers(samples / "api_paintings.jsonl")]
    _print_labels("all paintings of the sample", records)
    _print_labels("those in the public domain", [record for record in records if record.images is None])
    _print_agreement(records, _genres(samples / "vocab" / "wikidata_paintings.csv"))


def interval(hits: int, number: int) -> tuple[float, float]:
    """Return Wilson's score interval of a share."""
    share, weight = hits / number, Z * Z / number
    middle = share + weight / 2
    reach = Z * math.sqrt(share * (1 - share) / number + weight / (4 * number))
    return (middle - reach) / (1 + weight), (middle + reach) / (1 + weight)


def labels(record: ObjectRecord) -> Mapping[str, str | None]:
    """Return the labels as the view `paintings` has them: no style, and the decade from a span of ten years at most."""
    first, dating = record.attributions[:1], record.dating
    terms = {term.field: term.text for term in reversed(record.terms)}  # the first of each field
    years = (dating.earliest, dating.latest) if dating else (None, None)
    is_close = years[0] is not None and years[1] is not None and years[1] - years[0] <= MAX_SPAN
    return {
        "artist": first[0].artist.name if first and first[0].qualifier is None else None,
        "decade": str(years[1]) if is_close else None,
        "genre": terms.get("genre"),
        "medium": terms.get("medium"),
    }


def _print_labels(title: str, records: Sequence[ObjectRecord]) -> None:
    found = [labels(record) for record in records]
    print(f"{title}: {len(found)}")
    for label in LABELS:
        _print_share(label, sum(each[label] is not None for each in found), len(found))
    _print_share("all four", sum(all(each.values()) for each in found), len(found))


def _print_share(name: str, hits: int, number: int) -> None:
    low, high = interval(hits, number)
    print(f"  {name:<28}{hits:>5} of {number:<5}{hits / number:>7.1%}   {low:.1%} to {high:.1%}")


def _print_agreement(records: Sequence[ObjectRecord], known: Mapping[str, Sequence[str]]) -> None:
    pairs = list(_pairs(records, known))
    print(f"genre beside Wikidata's, of works that have both: {len(pairs)}")
    _print_share("one of Wikidata's", sum(ours in theirs for ours, theirs in pairs), len(pairs))
    confused = Counter((ours, "/".join(theirs)) for ours, theirs in pairs if ours not in theirs)
    for (ours, theirs), number in confused.most_common(5):
        print(f"    {number:>3}  {ours} here, {theirs} there")


def _pairs(records: Sequence[ObjectRecord], known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Sequence[str]]]:
    for record in records:
        ours, theirs = labels(record)["genre"], known.get(record.identifiers.get("wikidata", ""), ())
        if ours and theirs:
            yield ours, theirs


def _genres(file: Path) -> dict[str, list[str]]:
    """Read Wikidata's genres; one that ours have no name for stays as it is, and agrees with none."""
    with file.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    return {row["id"]: [SAME.get(name, name) for name in row["_genre"].split(", ")] for row in rows if row["_genre"]}


if __name__ == "__main__":
    main()
