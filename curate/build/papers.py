"""What lies beside the datasets in a build: who is who, the words of the labels, Table 1, the README, build.json."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from curate import manifest
from curate.build import datasheet
from curate.build.statistics import figures_of
from curate.export import croissant, imagefolder
from curate.export.rows import OpenDataset, read_labels
from curate.images.duplicates import Evidence
from curate.labels.artists import Artist
from curate.labels.media import medium_of
from curate.labels.vocabulary import TABLES, entries, normal_form, numbers
from curate.manifest import SEPARATOR, BuildInfo
from curate.selection.annotated import Survey
from curate.selection.completed import is_suggested
from curate.selection.criteria import noun_of
from curate.selection.left_out import DatasetSelection
from curate.tables import write_csv

ARTIST_COLUMNS = ("artist", "source", "source_id", "name", "birth_year", "death_year", "authorities", "ground")
LIBRARIES = ("pandas", "pyarrow", "pillow")  # that decide over a build's bytes


def vocabulary(kept: pd.DataFrame, artists: Sequence[Artist]) -> dict[str, Any]:
    """Return what labels.json says beside the values: artists, the sources' words, numbers of authorities."""
    present = set(kept["artist"].dropna())
    terms = kept["medium_terms"].dropna().str.split(SEPARATOR).explode().unique()
    return {
        "medium_terms": sorted(map(str, terms)),
        "artists": {
            artist.name: {
                "birth_year": artist.birth_year,
                "death_year": artist.death_year,
                "authorities": dict(sorted(artist.authorities.items())),
                "aliases": artist.aliases,
            }
            for artist in artists
            if artist.name in present
        },
        "words": {label: _words(kept, label) for label in TABLES},
        "aat": {label: numbers(label, sorted(kept[label].dropna().unique())) for label in ("genre", "style")}
        | {
            "medium": numbers("medium", sorted({term for text in kept["medium"].dropna() for term in text.split(", ")}))
        },
    }


def unknown_words(paintings: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Return label, word and number of paintings of what no table knows, the most frequent first of each label."""
    found: dict[tuple[str, str], int] = {}
    for label in TABLES:
        for text, number in paintings[f"source_{label}"].value_counts().items():
            if label == "medium":
                words: Iterable[str] = medium_of(str(text)).unknown
            else:
                words = () if normal_form(str(text)) in entries(label) else (str(text),)
            for word in words:
                found[label, word] = found.get((label, word), 0) + int(number)
    order = list(TABLES)
    ranked = sorted(found, key=lambda key: (order.index(key[0]), -found[key], key[1]))
    return [(label, word, found[label, word]) for label, word in ranked]


def tagged_labels(paintings: pd.DataFrame) -> dict[str, int]:
    """Return how many paintings have a label that their source does not name: a tag."""
    is_found = {label: paintings[label].notna() & paintings[f"source_{label}"].isna() for label in TABLES}
    numbers = {label: int((found & ~is_suggested(paintings, label)).sum()) for label, found in is_found.items()}
    return {label: number for label, number in numbers.items() if number}


def known_words(paintings: pd.DataFrame) -> list[tuple[str, str, str, int]]:
    """Return label, the source's words, our value and number of paintings, the most frequent first of each label."""
    rows = []
    for label in TABLES:
        pairs = paintings[[f"source_{label}", label]].dropna()
        counted = pairs.groupby([f"source_{label}", label]).size().reset_index(name="number")
        for said, value, number in counted.sort_values("number", ascending=False, kind="stable").to_numpy():
            rows.append((label, str(said), str(value), int(number)))
    return rows


def artists_table(surveyed: Survey) -> pa.Table:
    """Return who was merged with whom and on what ground: one row a maker of a source, by artist."""
    known = [
        (artist.name, maker, ground) for artist in surveyed.artists for maker, ground in sorted(artist.makers.items())
    ]
    rows = [
        {
            "artist": name,
            "source": maker.source,
            "source_id": maker.source_id,
            "name": maker.name,
            "birth_year": None if maker.birth_year is None else str(maker.birth_year),
            "death_year": None if maker.death_year is None else str(maker.death_year),
            "authorities": SEPARATOR.join(f"{authority}:{key}" for authority, key in maker.authorities) or None,
            "ground": ground or None,
        }
        for name, maker, ground in (*known, *((None, maker, "nobody") for maker in surveyed.nobody))
    ]
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in ARTIST_COLUMNS]))


def duplicates_table(evidence: Sequence[Evidence]) -> pa.Table:
    """Return which paintings are duplicates, and on what ground: one row a pair."""
    rows = [{name: None if value is None else str(value) for name, value in asdict(pair).items()} for pair in evidence]
    return pa.Table.from_pylist(rows, pa.schema([(known.name, pa.string()) for known in fields(Evidence)]))


def unsafe_cells(kept: pd.DataFrame) -> dict[str, int]:
    """Return by column how many texts a spreadsheet would run as formulas."""
    columns = [column.name for column in manifest.SCHEMA if pa.types.is_string(column.type) and column.name in kept]
    numbers = {name: int(kept[name].astype("string").str.match(r"[=+\-@\t\r]").sum()) for name in columns}
    return {name: number for name, number in numbers.items() if number}


def write(part: Path, build_info: BuildInfo, datasets: Sequence[DatasetSelection], sample: pd.DataFrame) -> BuildInfo:
    """Write the papers, build.json last.

    Returns:
        The build with the hashes of all its other files, pictures apart, whose hashes stand in the manifest.
    """
    table_1 = datasheet.table_1(build_info.datasets)
    write_csv(part / "table1.csv", pa.Table.from_pandas(table_1, preserve_index=False))
    figures = figures_of(part / "statistics", noun_of(build_info.options.object_types))
    card = datasheet.readme(build_info, sample, unsafe=unsafe_cells(datasets[0].kept), figures=figures)
    (part / "README.md").write_text(card, encoding="utf-8")
    everything = OpenDataset(part / datasets[0].name, build_info, read_labels(part / datasets[0].name))
    layout = everything.layout(has_pictures=build_info.options.has_pictures, is_whole=True)
    imagefolder.write_table(part, layout, everything.rows())
    croissant.write(part, build_info, noun=noun_of(build_info.options.object_types), columns=datasheet.COLUMNS)
    files = {
        str(path.relative_to(part)): manifest.file_digest(path)
        for path in sorted(part.rglob("*"))
        if path.is_file() and path.relative_to(part).parts[0] != "images"
    }
    build_info = replace(build_info, versions={name: version(name) for name in LIBRARIES}, files=files)
    manifest.write_build(part, build_info)
    return build_info


def _words(kept: pd.DataFrame, label: str) -> dict[str, str]:
    """Return our value for each word of a source, and for each of the table's whose value occurs."""
    pairs = kept[[f"source_{label}", label]].dropna().drop_duplicates()
    said = dict(zip(pairs[f"source_{label}"], pairs[label], strict=True))
    present = set(kept[label].dropna())
    listed = {} if label == "medium" else {word: e.term for word, e in entries(label).items() if e.term in present}
    return dict(sorted({**listed, **said}.items()))
