"""The build: from the catalogue's paintings to a finished folder of datasets."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa

from curate import manifest
from curate.build import datasheet, folder, papers
from curate.build.grouping import SEED, Grouped, group
from curate.build.source_gain import readable, source_gains
from curate.build.statistics import write_contact_sheets, write_statistics
from curate.errors import CurateError
from curate.executor import Executor, Processes
from curate.images import store as pictures
from curate.images.hashes import CACHED
from curate.manifest import BuildCounts, BuildInfo, BuildOptions, CatalogueInfo, DatasetInfo
from curate.selection import left_out as left_out_of
from curate.selection.annotated import Survey, check_rights, split_annotated, survey
from curate.selection.criteria import ALL, FIELDS, Rules, noun_of
from curate.selection.left_out import DatasetSelection, concat_left_out
from curate.selection.thresholds import check_not_empty, select_datasets, split_shared, styleless
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
    name: str | None = None,
    executor: Executor | None = None,
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
        name: Of the build. None: its thresholds and a digest of its content.
        executor: Which works on pictures. None: processes of this machine.
        progress: Shown the pictures as they are made.
        room: Returns the bytes that are free in a folder.
        figures: Draw the statistics, beside their tables, and contact sheets.

    Raises:
        CurateError: A dataset would be empty, the name is taken by another build, or the disk is too full.
        IntegrityError: The sums do not come out.
    """
    options, executor = _options(rules), executor or Processes()
    _check_place(data, name, options)
    surveyed = survey(paintings, rules)
    check_rights(surveyed.paintings, rules)
    kept, left_out = _select(surveyed, rules)
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
        datasets = select_datasets(surveyed.paintings, grouped.paintings, left_out, rules)
        digest = _write_datasets(part, datasets, surveyed, options)
        build_info = _build_info(
            surveyed,
            datasets,
            rules,
            grouped,
            name=name or f"{label[:100]}-{digest[:8]}",
            digest=digest,
            program=f"raisonne {version}",
            options=options,
        )
        return _publish(part, build_info, datasets, surveyed.paintings, figures=figures)


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
        previous_folds=hashlib.sha256(folds.encode()).hexdigest() if rules.previous_folds else "",
    )


def _select(surveyed: Survey, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the paintings that have all that is asked for, and the others with their reasons."""
    kept, left_out = split_annotated(surveyed.paintings, rules.required)
    log.info("%s of %s annotated in full", f"{len(kept):,}", counted(len(surveyed.paintings), "painting"))
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


def _write_datasets(part: Path, datasets: Sequence[DatasetSelection], surveyed: Survey, options: BuildOptions) -> str:
    """Write each dataset, what is left out of it, and who is who.

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
    digest = hashlib.sha256(json.dumps(asdict(options)).encode())
    tables = [part / dataset.name / name for dataset in datasets for name in ("manifest.csv", "labels.json")]
    for path in (*tables, part / "left_out.csv", part / "artists.csv", part / "duplicates.csv"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _build_info(
    surveyed: Survey,
    datasets: Sequence[DatasetSelection],
    rules: Rules,
    grouped: Grouped,
    *,
    name: str,
    digest: str,
    program: str,
    options: BuildOptions,
) -> BuildInfo:
    """Describe what was built from what, without times or places."""
    kept, left_out = datasets[0].kept, datasets[0].left_out
    gains = source_gains(kept)
    return BuildInfo(
        name=name,
        digest=digest,
        program=program,
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
            *_notes_on_input(surveyed, kept, left_out, rules),
            *_notes(kept, datasets, rules, grouped),
            *readable(gains, rules.max_source_gain),
        ],
        source_gain=gains,
    )


def _notes_on_input(surveyed: Survey, kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules) -> list[str]:
    """Return what came to nothing: sources without a painting in the build, and rows of a user's tables."""
    silent = left_out[~left_out["source"].isin(kept["source"])]
    notes = []
    for source, paintings in silent.groupby("source"):
        why = ", ".join(f"{reason}: {number:,}" for reason, number in left_out_of.reasons(paintings).items())
        notes.append(f"no {rules.noun} of {source} is in this build ({why})")
    if len(silent) and (advice := styleless(silent, rules)):
        notes.append(advice)
    if idle := surveyed.idle_aliases:
        notes.append(f"{counted(len(idle), 'name')} of --aliases without a maker of that name: {_first(idle)}")
    if strangers := sorted(set().union(*rules.previous_folds.values()) - set(kept["content_id"])):
        notes.append(
            f"{counted(len(strangers), rules.noun)} with an earlier fold not in this build: {_first(strangers)}"
        )
    return notes


def _first(names: Sequence[str], number: int = 5) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - number:,} more" if len(names) > number else ""
    return ", ".join(names[:number]) + more


def _notes(kept: pd.DataFrame, datasets: Sequence[DatasetSelection], rules: Rules, grouped: Grouped) -> list[str]:
    """Return what whoever uses the build should know."""
    notes = []
    noun = rules.noun
    is_shared = kept["sha256"].notna() & kept["sha256"].duplicated(keep=False)
    if is_shared.any():
        shown = counted(int(kept.loc[is_shared, "sha256"].nunique()), "picture")
        shared = f"{int(is_shared.sum()):,} {noun}s share {shown}"
        notes.append(f"{shared}; fold_random may train on one that it tests on")
    if number := kept["duplicate_group"].nunique():
        groups = counted(number, "group")
        notes.append(f"{int(kept['duplicate_group'].notna().sum()):,} {noun}s are in {groups} of duplicates")
    if number := kept["series"].nunique():
        notes.append(f"{int(kept['series'].notna().sum()):,} {noun}s are in {number:,} series")
    for column, moved in grouped.moved.items():
        if moved:
            where = ", which 'curate diff --rows' lists" if len(moved) > 5 else ""
            notes.append(
                f"{counted(len(moved), noun)} with another {column} than before, as groups were split: "
                f"{_first(moved)}{where}"
            )
    if tagged := papers.tagged_labels(kept):
        numbers = ", ".join(f"the {label} of {number:,}" for label, number in tagged.items())
        notes.append(
            f"words found in titles and descriptions are {numbers} {noun}s: their source names none "
            f"({', '.join(f'source_{label}' for label in tagged)} empty)"
        )
    made = {dataset.threshold for dataset in datasets}
    if unreached := [threshold for threshold in rules.datasets if threshold not in made]:
        most = kept["artist"].value_counts().max() if kept["artist"].notna().any() else 0
        rules_unreached = ", ".join(threshold.rule for threshold in unreached)
        notes.append(f"no artist reaches {rules_unreached} of the paper's thresholds: the most any has is {most:,}")
    if unknown := papers.unknown_words(kept):
        words = sum(number for *_, number in unknown)
        notes.append(
            f"{counted(len(unknown), 'word')} that no table knows, {counted(words, 'time')}, kept as found: "
            "'curate vocabulary --missing'"
        )
    return notes


def _publish(
    part: Path, build_info: BuildInfo, datasets: Sequence[DatasetSelection], surveyed: pd.DataFrame, *, figures: bool
) -> Build:
    """Add the papers and publish, unless the same build stands there already."""
    target, sample = part.parent / build_info.name, datasheet.sample(datasets[-1].kept)
    if target.exists():
        existing = _existing(target)
        if existing.digest != build_info.digest:
            raise CurateError(_taken(target, "holds other paintings"))
        if folder.holds(target, part) and not manifest.damaged_files(target, existing):
            return Build(target, existing, sample, is_new=False)
        log.warning("%s was damaged, or made by other versions of its libraries: made anew", target)
    noun = noun_of(build_info.options.object_types)
    write_statistics(part / "statistics", surveyed, datasets[0].kept, noun=noun, figures=figures)
    if figures and build_info.options.has_pictures:
        write_contact_sheets(part / "statistics", part, datasets[0].kept, noun=noun)
    build_info = papers.write(part, build_info, datasets, sample)
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
