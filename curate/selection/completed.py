"""Paintings completed by accepted suggestions: they are trained on, and never validated.

A painting that has all that is required from its source stays as it is, gaps that are not required included. Of the
others, those whose gaps people have filled are added. So a build with suggestions is the build without them and some
more rows, and no figure is measured on what a network said.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from curate.errors import CurateError
from curate.labels.artists import Artist, is_nobody, name_keys
from curate.labels.decades import edtf_of
from curate.labels.media import medium_of
from curate.labels.vocabulary import plain_text, term_of
from curate.manifest import LABELS, SEPARATOR
from curate.selection.accepted import COLUMNS, Accepted
from curate.selection.annotated import Survey, split_annotated
from curate.selection.criteria import Rules, is_reversed
from harvest.catalogue.paintings import Maker

FILE = "suggestions.csv"  # of a build: whence its suggested values are


def with_accepted(surveyed: Survey, accepted: Sequence[Accepted]) -> Survey:
    """Return a survey whose fingerprint is also one of what was accepted for its paintings.

    Raises:
        CurateError: Nothing was.
    """
    if not accepted:
        raise CurateError(
            "no suggestion is accepted: decide some with 'curate accept' or 'curate review' first, or build without "
            "--with-suggestions"
        )
    known = set(surveyed.paintings["content_id"])
    own = [tuple(entry) for entry in accepted if entry.content_id in known]
    digest = hashlib.sha256(f"{surveyed.fingerprint}{own}".encode("utf-8", "surrogatepass"))
    return replace(surveyed, fingerprint=digest.hexdigest())


def complete(
    left_out: pd.DataFrame, accepted: Iterable[Accepted], artists: Sequence[Artist], rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings that have all that is required once accepted values fill their gaps from the others.

    Args:
        left_out: Of a survey, with `dataset`, `reason` and `detail`.
        accepted: What people have accepted, of any painting.
        artists: Those of the survey.
        rules: What is required, and how years are binned.

    Returns:
        The completed paintings, with `suggested`, and those still left out, each for what it lacks now.
    """
    entries: dict[str, dict[str, Accepted]] = defaultdict(dict)
    for entry in accepted:
        entries[entry.field][entry.content_id] = entry
    is_asked = left_out["content_id"].isin(set().union(*entries.values()))
    filled = left_out[is_asked].drop(columns=["dataset", "reason", "detail"])
    fields: list[list[str]] = [[] for _ in range(len(filled))]
    for field in LABELS:
        given = [entries[field].get(content_id) for content_id in filled["content_id"]]
        label_of = _label_of(field, artists, rules)
        labels = pd.Series([entry and label_of(entry) for entry in given], filled.index, dtype=filled[field].dtype)
        labels = labels.where(_is_gap(filled, field, given))
        filled[field] = labels.fillna(filled[field])
        if field == "decade":
            spans = [entry and edtf_of(int(entry.value), entry.bin_years or rules.bin_years) for entry in given]
            datings = pd.Series(spans, filled.index, dtype="string").where(labels.notna())
            filled["dating_edtf"] = datings.fillna(filled["dating_edtf"])
        for own, is_filled in zip(fields, labels.notna(), strict=True):
            own += [field] * is_filled
    filled["suggested"] = pd.Series([SEPARATOR.join(own) or None for own in fields], filled.index, dtype="string")
    if rules.media == "terms":
        terms = {name: SEPARATOR.join(medium_of(name).terms) or None for name in filled["medium"].dropna().unique()}
        filled["medium_terms"] = filled["medium_terms"].fillna(filled["medium"].map(terms).astype("string"))
    is_dated = is_suggested(filled, "decade")  # by its decade alone: nobody knows the year
    undated = [name for name in rules.required if name != "year"]
    parts = [split_annotated(filled[is_dated], undated), split_annotated(filled[~is_dated], rules.required)]
    others = [left_out[~is_asked], *(rows for _, rows in parts)]
    return pd.concat([rows for rows, _ in parts]), pd.concat([rows for rows in others if len(rows)] or others[:1])


def is_suggested(paintings: pd.DataFrame, field: str) -> "pd.Series[bool]":
    """Return which paintings have a field from a suggestion."""
    fields = pd.Series(paintings.get("suggested"), paintings.index, dtype="string").fillna("")
    return fields.map(lambda names: field in names.split(SEPARATOR)).astype(bool)


def origins_table(kept: pd.DataFrame, accepted: Iterable[Accepted]) -> pd.DataFrame:
    """Return whence the suggested values of some paintings are: one row a painting and field, with COLUMNS."""
    labels = {
        (content_id, field): str(label)
        for field in LABELS
        for content_id, label in kept.loc[is_suggested(kept, field), ["content_id", field]].itertuples(index=False)
    }
    rows = [
        entry._replace(value=labels[entry.content_id, entry.field])[: len(COLUMNS)]
        for entry in accepted
        if (entry.content_id, entry.field) in labels
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _is_gap(paintings: pd.DataFrame, field: str, given: Sequence[Accepted | None]) -> "pd.Series[bool]":
    """Return where the source says nothing of a field; of a dating, nothing that contradicts the decade."""
    if field != "decade":
        return paintings[f"source_{field}"].isna()
    first, years = (
        pd.Series([entry and number(entry) for entry in given], paintings.index, dtype="Int64")
        for number in (lambda entry: int(entry.value), lambda entry: entry.bin_years)
    )
    is_outside = (first > paintings["latest"]) | (first + years <= paintings["earliest"])
    return paintings["year"].isna() & ~is_outside.fillna(value=False).astype(bool) & ~is_reversed(paintings)


def _label_of(field: str, artists: Sequence[Artist], rules: Rules) -> Callable[[Accepted], Any]:
    """Return what gives a value's label in the build's vocabulary; None: it gives none."""
    if field == "artist":
        return _artist_of(artists, rules.aliases)
    if field == "decade":
        return lambda entry: _bin_of(int(entry.value), entry.bin_years or rules.bin_years, rules.bin_years)
    if field == "medium":
        return lambda entry: medium_of(entry.value).name
    return lambda entry: term_of(field, plain_text(entry.value))


def _artist_of(artists: Sequence[Artist], aliases: Mapping[str, str]) -> Callable[[Accepted], str | None]:
    """Return what finds the artist whom a value names: by the label, else by the one artist of such a name."""
    labels = {artist.name for artist in artists}
    by_key: dict[str, set[str]] = defaultdict(set)
    for artist in artists:
        for key in {key for name in (artist.name, *artist.aliases) for key in name_keys(name)}:
            by_key[key].add(artist.name)

    def artist_of(entry: Accepted) -> str | None:
        name = plain_text(entry.value)
        if name is None or name in aliases:
            return aliases[name] or None if name else None
        if name in labels:
            return name
        if is_nobody(Maker("", "", name)):
            return None
        namesakes = set().union(*(by_key[key] for key in name_keys(name)))
        return namesakes.pop() if len(namesakes) == 1 else name

    return artist_of


def _bin_of(first: int, years: int, bin_years: int) -> int | None:
    """Return the bin of the build that holds a decade whole; None: it lies in two."""
    start = first // bin_years * bin_years
    return start if first + years <= start + bin_years else None
