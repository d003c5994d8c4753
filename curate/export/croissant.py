"""croissant.json: what a build holds, in the vocabulary by which search engines and libraries find and read datasets.

Croissant 1.0 with its extension for responsible AI (https://docs.mlcommons.org/croissant/). It holds neither times nor
places, as build.json: the same build has the same bytes. Whoever publishes a build adds its address and date.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.export.rights import licences
from curate.manifest import FOLD_COLUMNS, FOLDS, LABELS, SCHEMA, BuildInfo, DatasetInfo, file_digest
from harvest.console.text import counted

NAME = "croissant.json"
_TERMS = (  # of Croissant, in its recommended context
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty", "fileSet", "format"),
    *("includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}
_METHOD = (
    "Belhi, A.; Bouras, A.; Foufou, S. Leveraging Known Data for Missing Label Prediction in Cultural Heritage "
    "Context. Applied Sciences 2018, 8(10), 1768. https://doi.org/10.3390/app8101768"
)
_SUGGESTED = (
    "Values that the column 'suggested' names are a network's, accepted by a person, or a person's in their place; "
    "suggestions.csv says of each which network. They are never validated."
)
PICTURES, FOLD = "pictures", "folds/fold"


def write(part: Path, build_info: BuildInfo, *, noun: str, columns: Mapping[str, str]) -> None:
    """Write croissant.json, once the manifests and labels lie in the build's folder.

    Args:
        part: The build's folder.
        build_info: The build.
        noun: What a row is.
        columns: What each column of a manifest means.
    """
    names = [f"{info.name}/{file}" for info in build_info.datasets for file in ("manifest.parquet", "labels.json")]
    digests = {name: file_digest(part / name) for name in names}
    values = {
        info.name: json.loads((part / info.name / "labels.json").read_text("utf-8")) for info in build_info.datasets
    }
    content = describe(build_info, digests, values, noun=noun, columns=columns)
    (part / NAME).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")


def describe(
    build_info: BuildInfo,
    digests: Mapping[str, str],
    values: Mapping[str, Mapping[str, Sequence[Any]]],
    *,
    noun: str,
    columns: Mapping[str, str],
) -> dict[str, Any]:
    """Return a build's description.

    Args:
        build_info: The build.
        digests: SHA-256 of its files, by path.
        values: Of each label, by dataset.
        noun: What a row is.
        columns: What each column of a manifest means.
    """
    has_pictures = build_info.options.has_pictures
    record_sets = [_folds(), *([_pictures()] if has_pictures else [])]
    for info in build_info.datasets:
        known = values[info.name]
        record_sets += [_rows(info, noun, columns)]
        record_sets += [_values(f"{info.name}/{label}/values", label, known[label]) for label in LABELS if known[label]]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": build_info.name,
        "description": _description(build_info, noun),
        "version": f"1.0.0+{build_info.digest[:12]}",
        "license": licences(build_info.rights) or ["not stated"],
        "citeAs": _METHOD,
        "keywords": ["art", f"{noun}s", "cultural heritage", "image classification"],
        "isLiveDataset": False,
        **_provenance(build_info),
        **_responsibility(build_info, noun),
        "distribution": [
            *(_file(name, digest) for name, digest in digests.items()),
            *([_file_set()] if has_pictures else []),
        ],
        "recordSet": record_sets,
    }


def _description(build_info: BuildInfo, noun: str) -> str:
    options = build_info.options
    required = ", ".join(options.require) or "source"
    return (
        f"{counted(build_info.counts.kept, noun)} of museum collections ({', '.join(build_info.catalogue.sources)}) "
        f"with their {required}, dealt into {FOLDS} folds. README.md in the build says what was selected and how."
    )


def _provenance(build_info: BuildInfo) -> dict[str, Any]:
    """Return whence the rows are and what made the build, in the terms of PROV."""
    return {
        "creator": {"@type": "sc:Organization", "name": build_info.program},
        "prov:wasDerivedFrom": [
            {"@type": "prov:Entity", "name": source, "description": f"{number:,} harvested, kept and left out"}
            for source, number in build_info.catalogue.sources.items()
        ],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "name": f"curate build ({build_info.program})",
            "description": f"catalogue {build_info.catalogue.fingerprint}, build {build_info.digest}",
        },
    }


def _responsibility(build_info: BuildInfo, noun: str) -> dict[str, Any]:
    """Return what the extension for responsible AI asks for: whence, how made, biases, limits, uses."""
    options, counts = build_info.options, build_info.counts
    reasons = build_info.datasets[0].left_out
    left_out = ", ".join(f"{number:,} {reason}" for reason, number in reasons.items()) or "none"
    gains = [
        f"'{column}' alone names the source of {gain.accuracy:.0%} of the {noun}s; always naming the commonest, "
        f"{gain.commonest:.0%}"
        for column, gain in build_info.source_gain.items()
        if gain.gain > 0
    ]
    return {
        "rai:dataCollection": "Records and images of museums, harvested from their public services, each request and "
        "answer archived; the labels are the museums' own.",
        "rai:dataCollectionType": ["Secondary Data Analysis", "Software Collection"],
        "rai:dataCollectionMissingData": f"{counts.left_out:,} of {counts.harvested:,} were left out: {left_out}.",
        "rai:dataCollectionRawData": "The manifest names of each row the page at its source and the SHA-256 of the "
        "museum's image; left_out.csv names what was left out.",
        "rai:dataPreprocessingProtocol": [
            f"Pictures: upright, sRGB, JPEG, at most {options.side} pixels on the shorter side, without metadata.",
            "Labels: one vocabulary for all museums; their own words stand beside it, in the columns source_….",
            f"Years: a dating wider than {options.max_span} years names none.",
            f"Decades: bins of {options.bin_years} years.",
        ],
        "rai:dataAnnotationProtocol": [
            "By the museums' staff, or on WikiArt by volunteers; not checked again.",
            *(["Labels that a source does not name are words found in its texts."] if options.with_tags else []),
            *([_SUGGESTED] if options.with_suggestions else []),
        ],
        "rai:dataBiases": [
            "What museums collected, digitised and published, most of it European: no sample of art as it was made.",
            "A source can be known by its labels and pictures, so that a network may learn the museum.",
            *gains,
        ],
        "rai:dataLimitations": [
            f"Only {noun}s with all of what is required ({', '.join(options.require) or 'nothing'}) are kept.",
            "Rows may show one picture or belong to one series; fold_duplicates and fold_series do not split these.",
            *build_info.notes,
        ],
        "rai:dataUseCases": [
            "Training and validation of classifiers of artist, decade, genre, style and medium.",
            "Not for attribution or dating of a single work without an expert.",
        ],
        "rai:personalSensitiveInformation": ["Names and years of life of artists, some of them living."],
        "rai:dataSocialImpact": "May help catalogues to be completed; may repeat what these leave out.",
        "rai:dataReleaseMaintenancePlan": "Never changed: another selection, or a later catalogue, is another build.",
    }


def _file(name: str, digest: str) -> dict[str, Any]:
    kind = "application/x-parquet" if name.endswith(".parquet") else "application/json"
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": kind,
        "sha256": digest,
    }


def _file_set() -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": "images",
        "name": "images",
        "description": "The pictures; picture_sha256 in the manifests is the SHA-256 of each.",
        "encodingFormat": "image/jpeg",
        "includes": "images/*/*/*.jpg",
    }


def _folds() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "folds",
        "name": "folds",
        "dataType": "cr:Split",
        "description": f"The splits: a row is validated in the fold that {', '.join(FOLD_COLUMNS)} name, and trained "
        "on in the others; where the column is empty, it is trained on in all.",
        "key": {"@id": FOLD},
        "field": [_field(FOLD, "fold", "sc:Integer")],
        "data": [{FOLD: fold} for fold in range(FOLDS)],
    }


def _pictures() -> dict[str, Any]:
    def source(file_property: str) -> dict[str, Any]:
        return {"fileSet": {"@id": "images"}, "extract": {"fileProperty": file_property}}

    return {
        "@type": "cr:RecordSet",
        "@id": PICTURES,
        "name": PICTURES,
        "description": "Each picture under the path by which the manifests' column 'image' names it.",
        "key": {"@id": f"{PICTURES}/path"},
        "field": [
            _field(f"{PICTURES}/path", "path", "sc:Text", source=source("fullpath")),
            _field(f"{PICTURES}/content", "content", "sc:ImageObject", source=source("content")),
        ],
    }


def _rows(info: DatasetInfo, noun: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the record set of a dataset's manifest."""

    def fields() -> Iterable[dict[str, Any]]:
        for column in SCHEMA:
            name = f"{info.name}/{column.name}"
            where = {"fileObject": {"@id": f"{info.name}/manifest.parquet"}, "extract": {"column": column.name}}
            kind = "sc:Integer" if pa.types.is_integer(column.type) else "sc:Text"
            yield _field(name, column.name, kind, source=where, description=columns[column.name].format(noun=noun))

    return {
        "@type": "cr:RecordSet",
        "@id": info.name,
        "name": info.name,
        "description": f"{counted(info.paintings, noun)}; by artist: {info.rule}.",
        "key": {"@id": f"{info.name}/content_id"},
        "field": list(fields()),
    }


def _values(name: str, label: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return the record set of a label's values, in the order of their class numbers."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "dataType": "sc:Enumeration",
        "description": f"The values of {label}, as in labels.json; a value's place is its class number.",
        "key": {"@id": f"{name}/name"},
        "field": [_field(f"{name}/name", "name", "sc:Integer" if label == "decade" else "sc:Text")],
        "data": [{f"{name}/name": value} for value in values],
    }


def _field(name: str, title: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": title, "dataType": kind, **more}
