"""The build: from the catalogue's paintings to a finished folder of datasets."""

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from curate import manifest, place
from curate.build import datasheet, folder, notes, papers
from curate.build.grouping import SEED, Grouped, group
from curate.build.source_gain import readable, source_gains
from curate.build.statistics import write_contact_sheets, write_statistics
from curate.errors import CurateError
from curate.executor import Executor, Processes
from curate.images import store as pictures
from curate.images.hashes import CACHED
from curate.manifest import BuildCounts, BuildInfo, BuildOptions, CatalogueInfo, DatasetInfo
from curate.selection import completed
from curate.selection import left_out as left_out_of
from curate.selection.accepted import Accepted, fillings
from curate.selection.annotated import Survey, check_rights, split_annotated, survey
from curate.selection.criteria import ALL, FIELDS, Rules, noun_of
from curate.selection.left_out import DatasetSelection, concat_left_out
from curate.selection.thresholds import check_not_empty, select_datasets, split_shared
from curate.tables import write_csv
from harvest.catalogue.database import free_bytes
from harvest.catalogue.paintings import Painting
from harvest.console.text import counted
from harvest.pictures import SIDE

PICTURE_BYTES = 60_000  # of a usual picture of SIDE pixels; a smaller image needs no more than itself
ROW_BYTES = 2_000  # of a painting in all files of tables
FIGURES_BYTES = 2_000_000  # of the statistics' figures and sheets
OF_PICTURES = ["image", "sha256", "picture_sha256", "width", "height"]

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
    accepted: Sequence[Accepted] = (),
    name: str | None = None,
    executor: Executor | None = None,
    address: str = "",
    progress: pictures.Progress = lambda steps, _: steps,
    room: Callable[[Path], int] = free_bytes,
    figures: bool = True,
) -> Build:
    """Build the datasets that the rules ask for, whole or not at all.

    Args:
        paintings: The catalogue's, in any order.
        rules: What to select.
        data: The data folder; images are read from it, the build is written to `builds/` in it.
        version: Of this program, to be kept with the build.
        accepted: What people have accepted of suggestions: no ground truth where a source says it by now.
        name: Of the build. None: its thresholds and a digest of its content.
        executor: Which works on pictures. None: processes of this machine.
        address: Where the build is to lie with its pictures, under its name. Empty: in the data folder.
        progress: Shown the pictures as they are made.
        room: Returns the bytes that are free in a folder.
        figures: Draw the statistics, beside their tables, and contact sheets.

    Raises:
        CurateError: A dataset would be empty, the name is taken by another build, or the disk is too full.
        IntegrityError: The sums do not come out.
    """
    options, executor = _options(rules), executor or Processes()
    _check_place(data, name, options)
    surveyed = _surveyed(paintings, rules, accepted)
    kept, left_out = _select(surveyed, rules, accepted)
    check_not_empty(kept, left_out, rules)
    _check_room(kept, len(surveyed.paintings), data, rules, room)
    label = name or "-".join(threshold.name for threshold in rules.thresholds or [ALL])
    with folder.aside(data / "builds", label) as part:
        if rules.has_pictures:
            kept, unusable = _with_pictures(kept, data, part, rules, executor, progress)
            left_out = pd.concat([rows for rows in (left_out, unusable) if len(rows)] or [left_out])
            check_not_empty(kept, left_out, rules)
        kept = kept.reindex(columns=list(dict.fromkeys([*kept.columns, *OF_PICTURES])))
        grouped = group(kept, part, data, executor=executor, previous=rules.previous_folds, progress=progress)
        write_csv(part / "duplicates.csv", papers.duplicates_table(grouped.evidence))
        left_out = pd.concat([rows for rows in (left_out, grouped.leaking) if len(rows)] or [left_out])
        datasets = select_datasets(surveyed.paintings, grouped.paintings, left_out, rules)
        origins = completed.origins_table(datasets[0].kept, fillings(accepted)) if rules.with_suggestions else None
        digest = _write_datasets(part, datasets, surveyed, options, origins)
        name = name or f"{label[:100]}-{digest[:8]}"
        build_info = _build_info(
            surveyed, datasets, rules, grouped, origins, name=name, digest=digest, version=version, options=options
        )
        build_info = replace(build_info, pictures=f"{address.rstrip('/')}/{name}" if address else "")
        done = _done(part, build_info, datasets)
        return done or _publish(part, build_info, datasets, surveyed.paintings, executor, progress, figures=figures)


def manifest_rows(kept: pd.DataFrame) -> pa.Table:
    """Return the paintings as the manifest's rows; what is not known is null."""
    return pa.table(
        [
            pa.array(kept[field.name], field.type, from_pandas=True)
            if field.name in kept
            else pa.nulls(len(kept), field.type)
            for field in manifest.SCHEMA
        ],
        schema=manifest.SCHEMA,
    )


def _check_place(data: Path, name: str | None, options: BuildOptions) -> None:
    """Refuse a data folder that is not there, and a name that is none or another build's."""
    if not data.is_dir():
        raise CurateError(f"there is no data folder {data}: name the one that was harvested into with --data")
    if name is not None:
        folder.check_name(name)
        target = data / "builds" / name
        if target.exists() and _existing(target).options != options:
            raise CurateError(_taken(target, "was made with other options"))


def _options(rules: Rules) -> BuildOptions:
    folds = json.dumps(rules.previous_folds, sort_keys=True)
    return BuildOptions(
        datasets=[threshold.name for threshold in rules.datasets],
        require=list(rules.require),
        sources=sorted(rules.sources),
        bin_years=rules.bin_years,
        max_span=rules.max_span,
        seed=SEED,
        side=SIDE,
        year=rules.year,
        media=rules.media,
        object_types=sorted(rules.object_types),
        rights=sorted(rules.rights),
        shared_values=rules.shared_values,
        aliases=dict(sorted(rules.aliases.items())),
        has_pictures=rules.has_pictures,
        with_truncated=rules.with_truncated,
        with_tags=rules.with_tags,
        with_suggestions=rules.with_suggestions,
        previous_folds=hashlib.sha256(folds.encode()).hexdigest() if rules.previous_folds else "",
    )


def _surveyed(paintings: Iterable[Painting], rules: Rules, accepted: Sequence[Accepted]) -> Survey:
    """Return the paintings to choose from, once all that the rules name is known to be there."""
    surveyed = survey(paintings, rules, accepted)
    check_rights(surveyed.paintings, rules)
    return completed.with_accepted(surveyed, fillings(accepted)) if rules.with_suggestions else surveyed


def _select(surveyed: Survey, rules: Rules, accepted: Sequence[Accepted]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the paintings that have all that is asked for, and the others with their reasons."""
    kept, left_out = split_annotated(surveyed.paintings, rules.required)
    asked = f"with {', '.join(rules.required)}" if rules.required else "taken"
    kind = "annotated in full" if set(rules.require) == set(FIELDS) else asked
    log.info("%s of %s %s", f"{len(kept):,}", counted(len(surveyed.paintings), "painting"), kind)
    if rules.with_suggestions:
        added, left_out = completed.complete(left_out, fillings(accepted), surveyed.artists, rules)
        log.info("%s more completed by accepted suggestions", f"{len(added):,}")
        kept = pd.concat([kept, added]).sort_values("content_id")
    kept, unshared = _split_shared(kept, rules)
    return kept, pd.concat([left_out, unshared])


def _split_shared(kept: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings whose required labels are not all shared; of the year, its decade is the label."""
    labels = ["decade" if name == "year" else name for name in FIELDS if name in rules.require]
    return split_shared(kept, labels if rules.shared_values else [])


def _check_room(kept: pd.DataFrame, number: int, data: Path, rules: Rules, room: Callable[[Path], int]) -> None:
    """Say what space the build needs, and refuse it where the disk lacks that."""
    needed = number * ROW_BYTES + FIGURES_BYTES
    if rules.has_pictures:
        images = kept.drop_duplicates("image_path").set_index("image_path")["image_bytes"]
        sizes = images.fillna(PICTURE_BYTES).clip(upper=PICTURE_BYTES)
        new = pictures.uncached(data, list(sizes.index), with_truncated=rules.with_truncated)
        needed += int(sizes.sum() + sizes[sizes.index.isin(new)].sum()) + 2 * CACHED.itemsize * len(new)
    free = room(data)
    log.info("the build needs about %s MB, %s MB are free", f"{needed / 1e6:,.1f}", f"{free / 1e6:,.1f}")
    if needed > free:
        raise CurateError(
            f"the build needs about {needed / 1e6:,.1f} MB and {free / 1e6:,.1f} MB are free on the disk of {data}: "
            "make room, choose fewer paintings with --source or --rights, or build with --no-images"
        )


def _with_pictures(
    kept: pd.DataFrame, data: Path, part: Path, rules: Rules, executor: Executor, progress: pictures.Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the pictures; separate the paintings that have one from those that are left out for want of one."""
    images = sorted(kept["image_path"].unique())
    made = pictures.store_all(data, images, part, progress, executor=executor, with_truncated=rules.with_truncated)
    outcomes = dict(zip(images, made, strict=True))
    is_made = kept["image_path"].map(lambda image: isinstance(outcomes[image], pictures.Picture)).astype(bool)

    def joined(paintings: pd.DataFrame, kind: type[pictures.Picture | pictures.Unusable]) -> pd.DataFrame:
        """Return the paintings with the fields of their outcomes, which are of this kind, as further columns."""
        rows = [asdict(outcomes[image]) for image in paintings["image_path"]]
        return paintings.join(pd.DataFrame(rows, paintings.index, [field.name for field in fields(kind)]))

    unusable = joined(kept[~is_made].assign(dataset=ALL.name), pictures.Unusable)
    # A value may have lost its second source with a picture.
    shown, unshared = _split_shared(joined(kept[is_made], pictures.Picture), rules)
    return shown, pd.concat([rows for rows in (unusable, unshared) if len(rows)] or [unusable])


def _write_datasets(
    part: Path,
    datasets: Sequence[DatasetSelection],
    surveyed: Survey,
    options: BuildOptions,
    origins: pd.DataFrame | None,
) -> str:
    """Write each dataset, what is left out of it, who is who, and whence suggested values are.

    Returns:
        A digest of all that was selected and of the options.
    """
    for dataset in datasets:
        vocabulary = papers.vocabulary(dataset.kept, surveyed.artists)
        manifest.write_dataset(part / dataset.name, manifest_rows(dataset.kept), vocabulary)
    left_out = concat_left_out(dataset.left_out for dataset in datasets)
    texts = {name: pa.array(left_out[name], pa.string(), from_pandas=True) for name in left_out}
    write_csv(part / "left_out.csv", pa.table(texts))
    write_csv(part / "artists.csv", papers.artists_table(surveyed))
    if origins is not None:
        write_csv(part / completed.FILE, pa.Table.from_pandas(origins, preserve_index=False))
    digest = hashlib.sha256(json.dumps(manifest.content_of(options)).encode())
    tables = [part / dataset.name / name for dataset in datasets for name in ("manifest.csv", "labels.json")]
    tables += [part / name for name in ("left_out.csv", "artists.csv", "duplicates.csv")]
    for path in (*tables, *([part / completed.FILE] if origins is not None else [])):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _build_info(
    surveyed: Survey,
    datasets: Sequence[DatasetSelection],
    rules: Rules,
    grouped: Grouped,
    origins: pd.DataFrame | None,
    *,
    name: str,
    digest: str,
    version: str,
    options: BuildOptions,
) -> BuildInfo:
    """Describe what was built from what, without times or places."""
    kept, left_out = datasets[0].kept, datasets[0].left_out
    gains = source_gains(kept)
    return BuildInfo(
        name=name,
        digest=digest,
        program=f"raisonne {version}",
        options=options,
        catalogue=CatalogueInfo(surveyed.fingerprint, left_out_of.counts(surveyed.paintings["source"])),
        counts=BuildCounts(
            harvested=len(surveyed.paintings),
            kept=len(kept),
            left_out=len(left_out),
            pictures=int(kept["sha256"].nunique()),
        ),
        datasets=[
            DatasetInfo(
                name=dataset.name,
                rule=dataset.threshold.rule,
                paintings=len(dataset.kept),
                artists=int(dataset.kept["artist"].nunique()),
                decades=int(dataset.kept["decade"].nunique()),
                left_out=left_out_of.reasons(dataset.left_out),
            )
            for dataset in datasets
        ],
        rights=left_out_of.counts(kept["rights"].fillna("not stated")),
        notes=[
            *notes.on_input(surveyed, kept, left_out, rules),
            *notes.on_content(kept, datasets, rules, grouped, origins),
            *notes.on_artists(kept, surveyed.artists, rules),
            *readable(gains, rules.max_source_gain),
        ],
        source_gain=gains,
    )


def _done(part: Path, build_info: BuildInfo, datasets: Sequence[DatasetSelection]) -> Build | None:
    """Return the same build where it stands already, whole; None: it is to be published.

    Raises:
        CurateError: Another build has its name.
    """
    target, address = part.parent / build_info.name, build_info.pictures
    mark = place.mark(address) if address else None
    if mark is not None and json.loads(mark)["digest"] != build_info.digest:
        raise CurateError(f"{address} holds a build of other paintings: choose another --name; nothing was overwritten")
    if not target.exists():
        return None
    existing = _existing(target)
    if existing.digest != build_info.digest:
        of = existing.manifest_version
        older = f"is of manifest version {of}, this one would be of {manifest.VERSION}"
        raise CurateError(_taken(target, "holds other paintings" if of == manifest.VERSION else older))
    if existing.pictures != address:
        raise CurateError(_taken(target, f"its pictures lie {existing.pictures or 'in it'}"))
    is_held = folder.holds(target, part, without=place.PICTURES if address else None)
    is_there = not address or mark == (target / place.MARK).read_bytes()
    if is_held and is_there and not manifest.damaged_files(target, existing):
        return Build(target, existing, datasheet.sample(datasets[-1].kept), is_new=False)
    log.warning("%s was damaged, or made by other versions of its libraries: made anew", target)
    return None


def _publish(
    part: Path,
    build_info: BuildInfo,
    datasets: Sequence[DatasetSelection],
    surveyed: pd.DataFrame,
    executor: Executor,
    progress: pictures.Progress,
    *,
    figures: bool,
) -> Build:
    """Add the papers and publish."""
    target, sample = part.parent / build_info.name, datasheet.sample(datasets[-1].kept)
    noun = noun_of(build_info.options.object_types)
    write_statistics(part / "statistics", surveyed, datasets[0].kept, noun=noun, figures=figures)
    if figures and build_info.options.has_pictures:
        write_contact_sheets(part / "statistics", part, datasets[0].kept, noun=noun)
    build_info = papers.write(part, build_info, datasets, sample)
    if build_info.pictures:
        place.publish(part, build_info.pictures, executor, progress)
        shutil.rmtree(part / place.PICTURES)
    folder.publish(part, target)
    return Build(target, build_info, sample, is_new=True)


def _existing(target: Path) -> BuildInfo:
    """Return what the build of this name is.

    Raises:
        CurateError: The folder is no build.
    """
    try:
        return manifest.read_build(target)
    except manifest.ManifestError:
        raise CurateError(
            f"{target} stands in the way and is no build that can be read: move it away, or choose another --name; "
            "nothing was overwritten"
        ) from None


def _taken(target: Path, difference: str) -> str:
    return f"build {target.name} exists and {difference}: choose another --name; nothing was overwritten"
