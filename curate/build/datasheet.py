"""The papers of a build: Table 1, a sample as in Table 2, and the README that says what was selected and how."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from curate.build.source_gain import gain_rows
from curate.manifest import BuildInfo, DatasetInfo
from curate.selection.criteria import noun_of
from harvest.console.tables import markdown
from harvest.console.text import counted

TABLE_1 = {  # headings of the paper, and the fields of DatasetInfo
    "Number of samples per artist": "rule",
    "Data samples included": "paintings",
    "Number of artists involved": "artists",
}
TABLE_2 = {  # headings of the paper, and the manifest's columns
    "Content ID": "content_id",
    "Artist": "artist",
    "Creation Year": "year",
    "Media": "medium",
    "Genre": "genre",
    "Style": "style",
}
COLUMNS = {
    "content_id": "the {noun}'s name, SOURCE:SOURCE_ID",
    "artist": "the artist, one name for one person in all sources (`artists.csv`)",
    "year": "the year of creation, from the dating",
    "medium": "paint and support, in one vocabulary, as one class",
    "genre": "the first genre that the source names, in one vocabulary",
    "style": "the first style that the source names, in one vocabulary",
    "decade": "the first year of the bin that the year falls into",
    "dating_edtf": "the whole dating in the Extended Date/Time Format: 1880~, 1850/1860; a suggested decade: 188X",
    "fold_random": "0 to 4: five folds, each artist's {noun}s spread evenly over them",
    "fold_duplicates": "0 to 4: {noun}s of one picture together; empty without pictures",
    "fold_series": "0 to 4: series together, and {noun}s of one picture",
    "image": "the picture's path, relative to this folder",
    "sha256": "of the image as the source gave it; it names the picture too",
    "picture_sha256": "of the picture",
    "width": "of the picture, in pixels",
    "height": "of the picture, in pixels",
    "duplicate_group": "the group of {noun}s that show the same picture; empty where there is no other",
    "series": "{noun}s of one artist with one title but for numbers; empty where there is no other",
    "medium_terms": "all materials that the medium names, joined by semicolons; empty unless asked for",
    "source_artist": "the artist's name as the source writes it",
    "source_medium": "the medium in the source's own words",
    "source_genre": "the genre in the source's own words",
    "source_style": "the style in the source's own words",
    "suggested": "fields that a person accepted from a network's suggestion",
    "source": "where the {noun} was harvested",
    "source_id": "the source's own key for it",
    "title": "the title that the source gives",
    "rights": "what the source says of rights in the {noun} or its image",
    "url": "the {noun}'s page at the source",
}


def table_1(datasets: Iterable[DatasetInfo]) -> pd.DataFrame:
    """Return Table 1 of the paper: one row a dataset."""
    rows = [[getattr(dataset, field) for field in TABLE_1.values()] for dataset in datasets]
    return pd.DataFrame(rows, columns=list(TABLE_1))


def sample(kept: pd.DataFrame, size: int = 5) -> pd.DataFrame:
    """Return Table 2 of the paper: a few rows, evenly spaced through the dataset."""
    places = [place * len(kept) // size for place in range(size)] if len(kept) > size else range(len(kept))
    rows = kept.iloc[list(places)][list(TABLE_2.values())]
    return rows.set_axis(list(TABLE_2), axis="columns").reset_index(drop=True)


def table(headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table in Markdown, in which counts have their commas and what is not known is empty."""
    texts = [
        [f"{value:,}" if isinstance(value, int) else "" if pd.isna(value) else str(value) for value in row]
        for row in rows
    ]
    return markdown(headings, texts)


def reasons_table(datasets: Iterable[DatasetInfo], heading: str = "Paintings") -> str:
    """Write how many paintings were left out of each dataset, and why."""
    rows = [(dataset.name, reason, number) for dataset in datasets for reason, number in dataset.left_out.items()]
    return table(["Dataset", "Left out because", heading], rows)


def readme(
    build_info: BuildInfo,
    examples: pd.DataFrame,
    *,
    unsafe: Mapping[str, int] | None = None,
    figures: Mapping[str, str] | None = None,
) -> str:
    """Write the build's dataset card, with the header that Hugging Face reads.

    Args:
        build_info: The build.
        examples: Rows as in Table 2.
        unsafe: How many texts of a column a spreadsheet would run as formulas.
        figures: Files of `statistics/` that are to be seen, and what each shows.
    """
    options, counts, datasets = build_info.options, build_info.counts, build_info.datasets
    noun = noun_of(options.object_types)
    heading = f"{noun.capitalize()}s"
    return _README.format(
        noun=noun,
        heading=heading,
        header=_header(build_info),
        unsafe="; ".join(f"{number:,} of {name}" for name, number in (unsafe or {}).items()) or "none",
        name=build_info.name,
        typed=shlex.quote(build_info.name),
        program=build_info.program,
        from_sources=", ".join(options.sources) or "all sources",
        require=", ".join(options.require) or "source",
        year=f"the {options.year} year" if options.year == "latest" else "the middle year",
        gains=table(["Column", "Accuracy", "Commonest source", "Gain"], gain_rows(build_info.source_gain))
        if build_info.source_gain
        else "There is one source only.",
        max_span=options.max_span,
        harvested=counted(counts.harvested, noun),
        kept=counts.kept,
        left_out=counts.left_out,
        pictures=counted(counts.pictures, "picture"),
        sources=table(["Source", heading], build_info.catalogue.sources.items()),
        fingerprint=build_info.catalogue.fingerprint,
        bin_years=options.bin_years,
        side=options.side,
        table_1=frame_table(table_1(datasets)),
        table_2=frame_table(examples.map(lambda value: inert(value) if isinstance(value, str) else value)),
        folders="\n".join(_folder(dataset, noun) for dataset in datasets),
        reasons=reasons_table(datasets, heading)
        if any(dataset.left_out for dataset in datasets)
        else "Nothing was left out.",
        figures=_figures(figures or {}),
        rights=table(["Rights", heading], [(inert(text), number) for text, number in build_info.rights.items()]),
        columns=table(["Column", "Meaning"], [(name, text.format(noun=noun)) for name, text in COLUMNS.items()]),
        notes="\n".join(f"- {inert(note)}." for note in build_info.notes) or "None.",
        last=datasets[-1].name,
    )


def _folder(dataset: DatasetInfo, noun: str) -> str:
    """Return the line on one dataset's folder."""
    which = f"every {noun} kept" if dataset.rule == "all" else f"artists with {dataset.rule} of these {noun}s"
    held = {noun: dataset.paintings, "artist": dataset.artists, "decade": dataset.decades}
    return f"- `{dataset.name}/`: {which}; {', '.join(counted(number, name) for name, number in held.items())}"


def inert(text: str) -> str:
    """Return a text that Markdown shows as it is: a title is no HTML, no link, no image and no code."""
    return re.sub(r"[<\[`]", r"\\\g<0>", text)


def frame_table(frame: pd.DataFrame) -> str:
    """Write a data frame as such a table; numbers that are counts get their commas."""
    return table(list(frame.columns), frame.itertuples(index=False, name=None))


def _figures(figures: Mapping[str, str]) -> str:
    """Show figures; a sheet of pictures, which has no title in it, has one above."""
    shown = []
    for name, title in figures.items():
        above = f"{title}:\n\n" if name.endswith(".jpg") else ""
        shown.append(f"{above}![{title}](statistics/{name})\n\n")
    return "".join(shown) or "None.\n\n"


def _header(build_info: BuildInfo) -> str:
    """Return the YAML by which Hugging Face knows a dataset; with pictures, of the dataset `all`."""
    kept = build_info.counts.kept
    sizes = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}
    size = next((name for limit, name in sizes.items() if kept < limit), "1M<n<10M")
    lines = ["---", f"pretty_name: {json.dumps(build_info.name, ensure_ascii=False)}", "license: other"]
    lines += [
        "task_categories:",
        "- image-classification",
        "tags:",
        "- art",
        f"- {noun_of(build_info.options.object_types)}s",
        "- cultural-heritage",
    ]
    lines += ["size_categories:", f"- {size}", "configs:"]
    if build_info.options.has_pictures:  # one loader reads all of a folder: that of pictures, or that of tables
        lines += ["- config_name: all", "  data_files:", "  - metadata.parquet", "  - images/**"]
        return "\n".join([*lines, "---"])
    for dataset in build_info.datasets:
        lines += [f"- config_name: {dataset.name}", f"  data_files: {dataset.name}/manifest.parquet"]
        lines += ["  default: true"] if dataset is build_info.datasets[-1] else []
    return "\n".join([*lines, "---"])


_README = """\
{header}

# {name}

{heading} with their labels, made by {program} (`curate build`) from a catalogue of museum collections.

## What was selected

Of {from_sources}, a {noun} is kept if the catalogue holds an image of it and names its {require}. \
A dating wider than {max_span} years names no year; of a narrower one, {year} counts.
Then, for the datasets other than `all`, only artists with enough of the kept {noun}s remain.
Of {harvested} harvested, {kept:,} were kept and {left_out:,} left out.

{sources}

Fingerprint of what the catalogue said of them: `{fingerprint}`

## Table 1: the datasets

{table_1}

{folders}

## Table 2: a sample

{table_2}

## What was left out

Each {noun} that is in no dataset, or in the larger ones only, stands with its reason in `left_out.csv`.

{reasons}

## How well a label names the source

The share of {noun}s whose source is that of most others with the same value, beside always naming the commonest \
source. What names the source well lets a network learn the museum in place of the {noun}. Size, aspect, JPEG \
quality, greyness and border (a frame, a wall, bars) of the images are no labels, but a network sees traces of them.

{gains}

## Figures

Their numbers stand in `statistics/`, as CSV; the same figures as SVG.

{figures}## Files

- `DATASET/manifest.csv`, `DATASET/manifest.parquet`: one row a {noun}, the same in both.
- `DATASET/labels.json`: the values of each label, in the order of their class numbers.
- `metadata.parquet`: the rows of `all`, by which `load_dataset("imagefolder", …)` of `datasets` finds the pictures.
- `croissant.json`: the same as this page for programs, in the Croissant vocabulary.
- `images/`: {pictures}: upright, RGB, JPEG, resized to {side} pixels on the shorter side
  (smaller ones keep their size), without metadata. Two {noun}s may share one.
- `duplicates.csv`: which {noun}s show the same picture, and on what ground.
- `artists.csv`: which makers of which sources are one artist, and on what ground.
- `statistics/`: {noun}s by artist, decade, genre, style, medium and source, and how full the fields are: tables,
  figures, and sheets of pictures by source and of the largest groups of duplicates.
- `left_out.csv`, `table1.csv`, `build.json`.

Texts are kept as the sources write them. Those that begin with `=`, `+`, `-` or `@` are unsafe to open in a
spreadsheet, which may run them as formulas: {unsafe}.

## Columns

Years before Christ are negative; decades are bins of {bin_years} years.
An empty cell means that the source does not say.

{columns}

## Rights

{rights}

The pictures are the sources'; what the sources say of their use holds for these copies too.

## Notes

{notes}

## Use

`train run {typed}` trains on `{last}`, the strictest dataset; `train run {typed}/DATASET` on another.
"""
