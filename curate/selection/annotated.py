"""The catalogue's paintings with their labels, and which of them are annotated in full."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from curate.errors import CurateError, IntegrityError
from curate.labels.artists import Artist, identify, names_of, parted
from curate.labels.decades import decades, years
from curate.labels.media import medium_of
from curate.labels.vocabulary import plain_text, term_of
from curate.manifest import LABELS, SEPARATOR
from curate.selection.accepted import Accepted, by_painting, without_taken_over
from curate.selection.criteria import ALL, CRITERIA, DATED, IMAGE, OF_NETWORKS, TAKEN_OVER, Criterion, Rules
from harvest.catalogue.paintings import Maker, Painting

_TYPES: dict[str, Any] = {  # of the columns, the same in pandas 2 and 3
    **dict.fromkeys(
        (
            "content_id", "source", "source_id", "url", "title", "source_artist", "qualifier", "dating_text",
            "dating_edtf", "source_genre", "source_style", "source_medium", "rights", "image_path", "tag_genre",
            "tag_style", "tag_medium",
        ),
        "string",
    ),
    **dict.fromkeys(("earliest", "latest", "image_bytes", "image_width", "image_height"), "Int64"),
    "is_deleted": "bool",
    "has_rights": "bool",
    "is_truncated": "bool",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Survey:
    """The paintings that a build chooses from, labelled, and what of the catalogue they come from."""

    paintings: pd.DataFrame  # one row a painting, sorted by content_id
    artists: list[Artist]
    nobody: list[Maker]  # makers who are none
    idle_aliases: list[str]  # a user's, that no maker of the catalogue bears
    parted: list[tuple[str, str]]  # whom a user's aliases make, and who of the same name is left behind
    fingerprint: str  # a digest of all that the catalogue says of these paintings


def survey(paintings: Iterable[Painting], rules: Rules, accepted: Iterable[Accepted] = ()) -> Survey:
    """Return the paintings of the sources asked for, with the labels in one vocabulary beside the sources' own words.

    Args:
        paintings: The catalogue's.
        rules: Which, and how they are labelled.
        accepted: What people have accepted of suggestions: where a source says it now, it counts as not said.

    Raises:
        CurateError: There is no painting, none of a source, or no tag where they are asked for.
    """
    rows, makers, digests, known, everybody = [], [], {}, set(), set()
    suggested, taken = by_painting(accepted), dict[str, dict[str, str | None]]()
    rights = {plain_text(text) for text in rules.rights}
    for painting in paintings:
        known.add(painting.source)
        everybody.add(painting.maker)
        if not rules.sources or painting.source in rules.sources:
            painting, own = without_taken_over(painting, suggested)
            taken |= {f"{painting.source}:{painting.source_id}": own} if own else {}
            rows.append(_row(painting, rights, with_truncated=rules.with_truncated))
            makers.append(painting.maker)
            digests[rows[-1][0]] = hashlib.sha256(repr(painting).encode("utf-8", "surrogatepass")).digest()
    _check_sources(sorted(known), rules)
    frame = pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)
    if rules.with_tags and frame[["tag_genre", "tag_style", "tag_medium"]].isna().to_numpy().all():
        raise CurateError("the paintings have no tags: run 'curate tag' first, or build without --with-tags")
    del rows  # as large as the frame
    works = Counter(maker for maker in makers if maker)
    artists = identify(works, rules.aliases)
    labels = _labels(frame, makers, artists, rules)
    named = set(labels["artist"].dropna())  # without those of whom there are only works of a workshop, a follower
    return Survey(
        frame.assign(**labels, **_taken_over(frame, taken)).sort_values("content_id", ignore_index=True),
        artists,
        sorted(works.keys() - {maker for artist in artists for maker in artist.makers}),
        sorted(rules.aliases.keys() - {name for maker in everybody if maker for name in names_of(maker)}),
        [pair for pair in parted(artists, rules.aliases) if pair[1] in named],
        hashlib.sha256(b"".join(digests[name] for name in sorted(digests))).hexdigest(),
    )


def split_annotated(
    paintings: pd.DataFrame, require: Sequence[str], criteria: Sequence[Criterion] = CRITERIA
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings that have all required annotations from those that lack one.

    Args:
        paintings: Of a survey.
        require: Annotations, and IMAGE.
        criteria: What to test.

    Returns:
        The kept paintings, and those left out with `dataset`, `reason` and `detail`.

    Raises:
        CurateError: A required annotation is none that a criterion tests.
        IntegrityError: A painting is kept that lacks a required annotation.
    """
    fields = dict.fromkeys(criterion.field for criterion in criteria if criterion.field)
    for name in require:
        if name not in fields:
            raise CurateError(f"{name!r} is no annotation: choose of {', '.join(fields)}")
    reason = pd.Series(pd.NA, index=paintings.index, dtype="string")
    for criterion in criteria:
        if criterion.field is None or criterion.field in require:
            reason = reason.mask(reason.isna() & criterion.excludes(paintings), criterion.reason)
    kept = paintings[reason.isna()]
    for name in require:
        if name != IMAGE and (lacking := int(kept[name].isna().sum())):
            raise IntegrityError(
                f"{lacking:,} of the {len(kept):,} paintings kept lack a required {name}; "
                "nothing was built: please report this"
            )
    left_out = paintings.assign(dataset=ALL.name, reason=reason)[reason.notna()]
    columns = ["reason", "qualifier", "source_artist", "rights", "dating_text", "earliest", "latest"]
    details = [_detail(*values) for values in left_out[columns].itertuples(index=False, name=None)]
    detail = pd.Series(details, left_out.index, dtype="string")
    for field, own in OF_NETWORKS.items():
        if (column := f"{TAKEN_OVER}{field}") in left_out:
            detail = detail.mask(left_out["reason"] == own, left_out[column])
    return kept, left_out.assign(detail=detail)


def _row(painting: Painting, rights: set[str | None], *, with_truncated: bool) -> tuple[Any, ...]:
    """Return what the columns of _TYPES hold: the source's words, None where there are none."""
    media = filter(None, map(plain_text, painting.texts("medium")))
    image = painting.image
    return (
        f"{painting.source}:{painting.source_id}",
        painting.source,
        painting.source_id,
        painting.url,
        plain_text(painting.title),
        plain_text(painting.maker.name) if painting.maker else None,
        plain_text(painting.qualifier),
        plain_text(painting.dating_text),
        painting.dating_edtf,
        next(filter(None, map(plain_text, painting.texts("genre"))), None),
        next(filter(None, map(plain_text, painting.texts("style"))), None),
        ", ".join(media) or None,
        (said := plain_text(painting.rights)),
        image.path if image else None,
        next(iter(painting.tags("genre")), None),
        next(iter(painting.tags("style")), None),
        ", ".join(painting.tags("medium")) or None,
        painting.earliest,
        painting.latest,
        *((image.size, image.width, image.height) if image else (None, None, None)),
        painting.is_deleted,
        not rights or said in rights,
        image is not None and image.is_truncated and not with_truncated,
    )


def _check_sources(known: Sequence[str], rules: Rules) -> None:
    if not known:
        raise CurateError("the catalogue holds no painting yet: harvest some first, as with 'harvest wikiart'")
    for source in rules.sources:
        if source not in known:
            raise CurateError(f"the catalogue holds no painting of source {source!r}: choose of {', '.join(known)}")


def _labels(
    frame: pd.DataFrame, makers: Sequence[Maker | None], artists: Sequence[Artist], rules: Rules
) -> dict[str, "pd.Series[Any]"]:
    """Return the labels, column by column."""
    names = {maker: artist.name for artist in artists for maker in artist.makers}
    artist = pd.Series([names.get(maker) if maker else None for maker in makers], frame.index, dtype="string")
    words = {label: frame[f"source_{label}"].fillna(frame[f"tag_{label}"]) for label in ("genre", "style", "medium")}
    media = {text: medium_of(text) for text in words["medium"].dropna().unique()}
    year = years(frame["earliest"], frame["latest"], rules.max_span, rules.year)
    terms = {text: SEPARATOR.join(medium.terms) or None for text, medium in media.items()}
    return {
        "artist": artist.where(frame["qualifier"].isna()),
        "genre": _translated(words["genre"], "genre"),
        "style": _translated(words["style"], "style"),
        "medium": words["medium"].map({text: medium.name for text, medium in media.items()}).astype("string"),
        "medium_terms": words["medium"].map(terms if rules.media == "terms" else {}).astype("string"),
        "year": year,
        "decade": decades(year, rules.bin_years),
    }


def _taken_over(frame: pd.DataFrame, taken: Mapping[str, Mapping[str, str | None]]) -> dict[str, "pd.Series[Any]"]:
    """Return what sources say as networks did, column by column; nothing where no source does."""
    own = [taken.get(name, {}) for name in frame["content_id"]] if taken else []
    fields = [field for field in LABELS if any(field in one for one in taken.values())]
    return {
        f"{TAKEN_OVER}{field}": pd.Series([one.get(field) for one in own], frame.index, dtype="string")
        for field in fields
    }


def _translated(words: "pd.Series[str]", label: str) -> "pd.Series[str]":
    return words.map({word: term_of(label, word) for word in words.dropna().unique()}).astype("string")


def _detail(
    reason: str, qualifier: Any, artist: Any, rights: Any, dating_text: Any, earliest: Any, latest: Any
) -> str | None:
    """Return what the source says that is the reason."""
    said: tuple[Any, ...] = ()
    if reason == "artist not certain":
        said = (qualifier, artist)
    elif reason == "no artist":
        said = (artist,)
    elif reason == "other rights":
        said = (rights,)
    elif reason in DATED:
        ends = (earliest, latest)
        span = None if all(map(pd.isna, ends)) else " to ".join("?" if pd.isna(year) else str(year) for year in ends)
        said = (dating_text, span if pd.isna(dating_text) or span is None else f"({span})")
    return " ".join(str(part) for part in said if not pd.isna(part)) or None


def check_rights(paintings: pd.DataFrame, rules: Rules) -> None:
    """Refuse rights that no source says.

    Raises:
        CurateError: It is so; the message has what they say most often.
    """
    numbers = paintings["rights"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    for text in rules.rights:
        if plain_text(text) not in numbers:
            said = ", ".join(f"{value!r} ({number:,})" for value, number in numbers.head(5).items()) or "nothing"
            raise CurateError(
                f"of no painting the source says the rights {text!r}; most often they say {said}: choose --rights of "
                "those that 'harvest sql rights' lists"
            )
