"""The build: from the catalogue's paintings to a finished folder of datasets."""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from curate import datasheet, folder, folds, manifest, pictures, selection
from curate.errors import CurateError
from curate.selection import ALL, DatasetSelection, Rules
from harvest.catalogue.paintings import Painting

SEED = 0  # of the dealing into folds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build."""

    folder: Path
    about: dict[str, Any]  # what build.json says
    sample: pd.DataFrame  # as Table 2 of the paper
    is_new: bool  # False: the same build stood there already


def build(
    paintings: Iterable[Painting],
    rules: Rules,
    *,
    data: Path,
    version: str,
    name: str | None = None,
    progress: pictures.Progress = lambda steps, _: steps,
) -> Build:
    """Build the datasets that the rules ask for, whole or not at all.

    Args:
        paintings: The catalogue's, in any order.
        rules: What to select.
        data: The data folder; images are read from it, the build is written to `builds/` in it.
        version: Of this program, to be kept with the build.
        name: Of the build. None: its thresholds and a digest of its content.
        progress: Shown the pictures as they are made.

    Raises:
        CurateError: A dataset would be empty, or the name is taken by another build.
        IntegrityError: The sums do not come out.
    """
    _check_place(data, name, rules)
    found = selection.survey(paintings, rules)
    kept, lacking = selection.split_annotated(found, rules.require)
    selection.check_not_empty(kept, lacking, rules)
    log.info("%s of %s paintings are annotated; making their pictures", f"{len(kept):,}", f"{len(found):,}")
    label = name or "-".join(threshold.name for threshold in rules.datasets[1:] or [ALL])
    with folder.aside(data / "builds", label) as part:
        kept, unusable = _with_pictures(kept, data, part, progress)
        left_out = selection.concat_left_out([lacking, unusable])
        selection.check_not_empty(kept, left_out, rules)
        datasets = selection.select_datasets(found, kept, left_out, rules)
        digest = _write_datasets(part, datasets, rules)
        about = {"name": name or f"{label[:100]}-{digest[:8]}", "digest": digest, "program": f"raisonne {version}"}
        return _finish(part, about | _account(found, datasets, rules), datasets)


def _check_place(data: Path, name: str | None, rules: Rules) -> None:
    """Refuse early what cannot come to a good end."""
    if not data.is_dir():
        raise CurateError(f"there is no data folder {data}: name the one that was harvested into with --data")
    if name is not None:
        folder.check_name(name)
        if (data / "builds" / name).exists():
            _standing(data / "builds" / name, "options", _options(rules))


def _with_pictures(
    kept: pd.DataFrame, data: Path, part: Path, progress: pictures.Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the pictures; part the paintings that have one from those whose image is of no use."""
    images = sorted(kept["image_path"].unique())
    outcomes = dict(zip(images, pictures.store_all(data, images, part, progress), strict=True))
    is_made = kept["image_path"].map(lambda image: isinstance(outcomes[image], pictures.Picture)).astype(bool)
    made, others = kept[is_made], kept[~is_made].assign(dataset=ALL.name)
    return (
        made.join(_facts(pictures.Picture, made["image_path"].map(outcomes))),
        others.join(_facts(pictures.Unusable, others["image_path"].map(outcomes))),
    )


def _facts(kind: type[pictures.Picture | pictures.Unusable], outcomes: "pd.Series[Any]") -> pd.DataFrame:
    names = [field.name for field in fields(kind)]
    return pd.DataFrame([asdict(outcome) for outcome in outcomes], index=outcomes.index, columns=names)


def _write_datasets(part: Path, datasets: Sequence[DatasetSelection], rules: Rules) -> str:
    """Write each dataset and what is left out of it.

    Returns:
        A digest of all that was chosen and of the options.
    """
    digest = hashlib.sha256(json.dumps(_options(rules)).encode())
    for dataset in datasets:
        manifest.write_dataset(part / dataset.name, manifest_rows(dataset.kept))
        digest.update((part / dataset.name / "manifest.csv").read_bytes())
    left_out = selection.concat_left_out(dataset.left_out for dataset in datasets)
    left_out.to_csv(part / "left_out.csv", index=False)
    digest.update((part / "left_out.csv").read_bytes())
    return digest.hexdigest()


def manifest_rows(kept: pd.DataFrame) -> pa.Table:
    """Return the paintings as the manifest's rows, with their folds; what is not known yet is null."""
    artists = [None if pd.isna(artist) else str(artist) for artist in kept["artist"]]
    dealt = kept.assign(fold_random=folds.deal(kept["content_id"].tolist(), artists, SEED))
    return pa.table(
        [
            pa.array(dealt[field.name], field.type, from_pandas=True)
            if field.name in dealt
            else pa.nulls(len(dealt), field.type)
            for field in manifest.SCHEMA
        ],
        schema=manifest.SCHEMA,
    )


def _account(found: pd.DataFrame, datasets: Sequence[DatasetSelection], rules: Rules) -> dict[str, Any]:
    """Say what was built from what, without times or places."""
    kept = datasets[0].kept
    return {
        "options": _options(rules),
        "catalogue": {
            "fingerprint": selection.fingerprint(found),
            "sources": selection.counts(found["source"]),
        },
        "counts": {
            "harvested": len(found),
            "kept": len(kept),
            "left_out": len(datasets[0].left_out),
            "pictures": int(kept["sha256"].nunique()),
        },
        "datasets": [
            {
                "name": dataset.name,
                "rule": dataset.threshold.rule,
                "paintings": len(dataset.kept),
                "artists": int(dataset.kept["artist"].nunique()),
                "decades": int(dataset.kept["decade"].nunique()),
                "left_out": selection.reasons(dataset.left_out),
            }
            for dataset in datasets
        ],
        "rights": selection.counts(kept["rights"].fillna("not stated")),
        "notes": _notes(kept),
    }


def _finish(part: Path, about: dict[str, Any], datasets: Sequence[DatasetSelection]) -> Build:
    """Add the papers and publish, unless the same build stands there already."""
    target = part.parent / about["name"]
    sample = datasheet.sample(datasets[-1].kept)
    if target.exists():
        standing = _standing(target, "digest", about["digest"])
        if folder.holds(target, part):
            return Build(target, standing, sample, is_new=False)
        log.warning("%s was damaged, or made by other versions of its libraries: made anew", target)
    datasheet.table_1(about["datasets"]).to_csv(part / "table1.csv", index=False)
    (part / "README.md").write_text(datasheet.readme(about, sample), encoding="utf-8")
    manifest.write_build(part, about)
    folder.publish(part, target)
    return Build(target, manifest.read_build(target), sample, is_new=True)


def _standing(target: Path, key: str, wanted: Any) -> dict[str, Any]:
    """Return what the build that stands there says of itself, if `key` in it is as wanted."""
    try:
        about = manifest.read_build(target)
    except manifest.ManifestError as error:
        raise CurateError(f"{target} stands in the way and is no build ({error}): choose another --name") from None
    if about.get(key) != wanted:
        what = "was made with other options" if key == "options" else "holds other paintings"
        raise CurateError(f"build {target.name} exists and {what}: choose another --name; nothing was overwritten")
    return about


def _options(rules: Rules) -> dict[str, Any]:
    return {
        "datasets": [threshold.name for threshold in rules.datasets],
        "require": list(rules.require),
        "sources": sorted(rules.sources),
        "bin_years": rules.bin_years,
        "max_span": rules.max_span,
        "seed": SEED,
        "side": pictures.SIDE,
    }


def _notes(kept: pd.DataFrame) -> list[str]:
    shared = kept["sha256"].duplicated(keep=False)
    if not shared.any():
        return []
    paintings, shown = int(shared.sum()), int(kept.loc[shared, "sha256"].nunique())
    return [f"{paintings:,} paintings share {shown:,} pictures; fold_random may train on one that it tests on"]
