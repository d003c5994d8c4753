"""The build: from the catalogue's paintings to a finished folder of datasets."""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa

from curate import datasheet, folder, folds, manifest, selection
from curate.errors import CurateError
from curate.images import store as pictures
from curate.manifest import BuildCounts, BuildInfo, BuildOptions, CatalogueInfo, DatasetInfo
from curate.selection import ALL, DatasetSelection, Rules
from harvest.catalogue.paintings import Painting
from harvest.pictures import SIDE

SEED = 0  # of the folds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build."""

    folder: Path
    build_info: BuildInfo
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
    options = _options(rules)
    if not data.is_dir():
        raise CurateError(f"there is no data folder {data}: name the one that was harvested into with --data")
    if name is not None:
        folder.check_name(name)
        target = data / "builds" / name
        if target.exists() and _existing(target).options != options:
            raise CurateError(_taken(target, "was made with other options"))
    surveyed = selection.survey(paintings, rules)
    kept, lacking = selection.split_annotated(surveyed, rules.require)
    selection.check_not_empty(kept, lacking, rules)
    log.info("%s of %s paintings are annotated; making their pictures", f"{len(kept):,}", f"{len(surveyed):,}")
    label = name or "-".join(threshold.name for threshold in rules.datasets[1:] or [ALL])
    with folder.aside(data / "builds", label) as part:
        kept, unusable = _with_pictures(kept, data, part, progress)
        left_out = selection.concat_left_out([lacking, unusable])
        selection.check_not_empty(kept, left_out, rules)
        datasets = selection.select_datasets(surveyed, kept, left_out, rules)
        digest = _write_datasets(part, datasets, options)
        build_info = _build_info(
            surveyed,
            datasets,
            name=name or f"{label[:100]}-{digest[:8]}",
            digest=digest,
            program=f"raisonne {version}",
            options=options,
        )
        return _publish(part, build_info, datasheet.sample(datasets[-1].kept))


def manifest_rows(kept: pd.DataFrame) -> pa.Table:
    """Return the paintings as the manifest's rows, with their folds; what is not known yet is null."""
    artists = [None if pd.isna(artist) else str(artist) for artist in kept["artist"]]
    rows = kept.assign(fold_random=folds.assign_folds(kept["content_id"].tolist(), artists, SEED))
    return pa.table(
        [
            pa.array(rows[field.name], field.type, from_pandas=True)
            if field.name in rows
            else pa.nulls(len(rows), field.type)
            for field in manifest.SCHEMA
        ],
        schema=manifest.SCHEMA,
    )


def _options(rules: Rules) -> BuildOptions:
    return BuildOptions(
        datasets=[threshold.name for threshold in rules.datasets],
        require=list(rules.require),
        sources=sorted(rules.sources),
        bin_years=rules.bin_years,
        max_span=rules.max_span,
        seed=SEED,
        side=SIDE,
    )


def _with_pictures(
    kept: pd.DataFrame, data: Path, part: Path, progress: pictures.Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the pictures; separate the paintings that have one from those whose image is of no use."""
    images = sorted(kept["image_path"].unique())
    outcomes = dict(zip(images, pictures.store_all(data, images, part, progress), strict=True))
    is_made = kept["image_path"].map(lambda image: isinstance(outcomes[image], pictures.Picture)).astype(bool)

    def joined(paintings: pd.DataFrame, kind: type[pictures.Picture | pictures.Unusable]) -> pd.DataFrame:
        """Return the paintings with the fields of their outcomes, which are of this kind, as further columns."""
        rows = [asdict(outcomes[image]) for image in paintings["image_path"]]
        return paintings.join(pd.DataFrame(rows, paintings.index, [field.name for field in fields(kind)]))

    return (
        joined(kept[is_made], pictures.Picture),
        joined(kept[~is_made].assign(dataset=ALL.name), pictures.Unusable),
    )


def _write_datasets(part: Path, datasets: Sequence[DatasetSelection], options: BuildOptions) -> str:
    """Write each dataset and what is left out of it.

    Returns:
        A digest of all that was selected and of the options.
    """
    digest = hashlib.sha256(json.dumps(asdict(options)).encode())
    for dataset in datasets:
        manifest.write_dataset(part / dataset.name, manifest_rows(dataset.kept))
        digest.update((part / dataset.name / "manifest.csv").read_bytes())
    left_out = selection.concat_left_out(dataset.left_out for dataset in datasets)
    left_out.to_csv(part / "left_out.csv", index=False)
    digest.update((part / "left_out.csv").read_bytes())
    return digest.hexdigest()


def _build_info(
    surveyed: pd.DataFrame,
    datasets: Sequence[DatasetSelection],
    *,
    name: str,
    digest: str,
    program: str,
    options: BuildOptions,
) -> BuildInfo:
    """Describe what was built from what, without times or places."""
    kept, left_out = datasets[0].kept, datasets[0].left_out
    is_shared = kept["sha256"].duplicated(keep=False)
    shared = f"{int(is_shared.sum()):,} paintings share {int(kept.loc[is_shared, 'sha256'].nunique()):,} pictures"
    return BuildInfo(
        name=name,
        digest=digest,
        program=program,
        options=options,
        catalogue=CatalogueInfo(selection.fingerprint(surveyed), selection.counts(surveyed["source"])),
        counts=BuildCounts(
            harvested=len(surveyed), kept=len(kept), left_out=len(left_out), pictures=int(kept["sha256"].nunique())
        ),
        datasets=[
            DatasetInfo(
                name=dataset.name,
                rule=dataset.threshold.rule,
                paintings=len(dataset.kept),
                artists=int(dataset.kept["artist"].nunique()),
                decades=int(dataset.kept["decade"].nunique()),
                left_out=selection.reasons(dataset.left_out),
            )
            for dataset in datasets
        ],
        rights=selection.counts(kept["rights"].fillna("not stated")),
        notes=[f"{shared}; fold_random may train on one that it tests on"] if is_shared.any() else [],
    )


def _publish(part: Path, build_info: BuildInfo, sample: pd.DataFrame) -> Build:
    """Add the papers and publish, unless the same build stands there already."""
    target = part.parent / build_info.name
    if target.exists():
        existing = _existing(target)
        if existing.digest != build_info.digest:
            raise CurateError(_taken(target, "holds other paintings"))
        if folder.holds(target, part):
            return Build(target, existing, sample, is_new=False)
        log.warning("%s was damaged, or made by other versions of its libraries: made anew", target)
    datasheet.table_1(build_info.datasets).to_csv(part / "table1.csv", index=False)
    (part / "README.md").write_text(datasheet.readme(build_info, sample), encoding="utf-8")
    manifest.write_build(part, build_info)
    folder.publish(part, target)
    return Build(target, build_info, sample, is_new=True)


def _existing(target: Path) -> BuildInfo:
    """Return what the build of this name is.

    Raises:
        CurateError: The folder is no build.
    """
    try:
        return manifest.read_build(target)
    except manifest.ManifestError as error:
        raise CurateError(f"{target} stands in the way and is no build ({error}): choose another --name") from None


def _taken(target: Path, difference: str) -> str:
    return f"build {target.name} exists and {difference}: choose another --name; nothing was overwritten"
