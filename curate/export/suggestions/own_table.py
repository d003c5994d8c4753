"""The user's own table again, of a source that came by `harvest table`: its gaps filled, with what undoes it."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from curate.errors import CurateError
from curate.export.suggestions.export import OWN_TABLE, SUMMARY, place_of
from curate.export.suggestions.rows import OPEN, Suggestion
from curate.review.agreement import same_value
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.table import Fill, OwnTable, is_mapped, says_less

UNDO, CHANGED = ".undo.json", ".changed"  # how the names end of what undoes a table, and of its changed rows alone
UNDECIDED = "nobody has decided"
NO_TABLE = "the source is no table of your own"
NO_ROW = "the table has no row of this number"
NO_LETTERS = "the table's encoding lacks letters of the value"
OWN, BESIDE = "in cells of its own", "in the columns (after) alone"  # of the table, where values are written
NEW = "that your table says nowhere else: if it spells them in another way, say so in aliases.csv"
_ROLES = {"decade": "date"}  # of the mapping, where they are called otherwise than the catalogue's fields
_DIGEST = 12  # characters by which a model is named


@dataclass(frozen=True, slots=True)
class OwnTables:
    """The tables of users that a data folder keeps.

    Args:
        data: The data folder.
        kept: Where the tables lie, by source.
        only_changed: Leave out all rows that nothing is written into.
        values: Takes how many were written into the tables' own cells, and how many stand beside them alone.
    """

    data: Path
    kept: Mapping[str, str]
    only_changed: bool
    values: Counter[str] = field(default_factory=Counter)

    def write(self, folder: Path, suggestions: Sequence[Suggestion]) -> dict[str, int]:
        """Write each source's table; return why suggestions are in none, counted.

        The tables that an earlier export wrote, each with what undoes it, stay but for those that are written anew.

        Raises:
            CurateError: A table cannot be written again.
        """
        left_out: Counter[str] = Counter()
        decided = [one for one in suggestions if one.status != OPEN]
        left_out[UNDECIDED] = len(suggestions) - len(decided)
        for source, group in groupby(sorted(decided, key=lambda one: one.source), key=lambda one: one.source):
            own = list(group)
            if source not in self.kept or not is_mapped(self.data, source):
                left_out[NO_TABLE] += len(own)
                continue
            try:
                self._write_source(folder, source, own, left_out)
            except TableError as error:
                raise CurateError(f"{source}: {error}") from None
        self._keep_others(folder)
        return {reason: number for reason, number in left_out.items() if number}

    def _write_source(self, folder: Path, source: str, own: Sequence[Suggestion], left_out: Counter[str]) -> None:
        table = OwnTable.kept(self.data, source, self.kept[source])
        words, fills = _Words(table), list[Fill]()
        for one in own:
            if one.source_id not in table.objects:
                left_out[NO_ROW] += 1
            elif not table.can_hold(one.value):
                left_out[NO_LETTERS] += 1
            else:
                fills += _fills(table, words, one)
        if fills:
            content, undo = table.filled(source, self.kept[source], fills, only_changed=self.only_changed)
            own_cells = sum(cell.column not in undo.columns for cell in undo.cells)
            self.values.update({OWN: own_cells, BESIDE: len(fills) - own_cells, NEW: words.new})
            name = f"{source}{CHANGED if self.only_changed else ''}"
            (folder / f"{name}{table.suffix}").write_bytes(content)
            (folder / f"{name}{UNDO}").write_text(undo.text(), "utf-8")

    def _keep_others(self, folder: Path) -> None:
        earlier = place_of(self.data, OWN_TABLE)
        anew = {_table_of(path) for path in folder.iterdir()}
        for path in earlier.iterdir() if earlier.is_dir() else ():
            if path.is_file() and path.name != SUMMARY and _table_of(path) not in anew:
                shutil.copy2(path, folder / path.name)


def _table_of(path: Path) -> str:
    """Return the name that a table has in common with what undoes it."""
    return path.name.removesuffix(UNDO) if path.name.endswith(UNDO) else path.stem


class _Words:
    """The words of a table for values: what its column says most often where it means the same."""

    def __init__(self, table: OwnTable) -> None:
        self._table = table
        self._by_role: dict[str, Counter[tuple[str, str]]] = {}
        self._by_value: dict[tuple[str, str], str] = {}
        self.new = 0  # values of artists whom the table names nowhere else

    def of(self, role: str, one: Suggestion) -> str:
        """Return a value as the table writes it: "Monet, Claude (1840–1926)", "Porträt"."""
        if one.status == "coarser" or one.field == "decade":
            return one.value
        if role not in self._by_role:
            self._by_role[role] = self._table.words(role)
        key = one.field, one.value
        if key not in self._by_value:
            own = [
                (-number, text)
                for (text, name), number in self._by_role[role].items()
                if same_value(one.field, one.value, name)
            ]
            self._by_value[key] = min(own)[1] if own else ""
        self.new += one.field == "artist" and not self._by_value[key]
        return self._by_value[key] or one.value


def _fills(table: OwnTable, words: "_Words", one: Suggestion) -> Iterator[Fill]:
    """Yield what a suggestion writes into a table: one value, or the two years of one without a column for dates."""
    role = _ROLES.get(one.field, one.field)
    years = one.years
    if years is not None and not table.has(role) and table.has("earliest") and table.has("latest"):
        roles = {"earliest": str(years[0]), "latest": str(years[1])}
    elif years is not None:
        roles = {role: table.dash.join(map(str, years)) if years[0] != years[1] else str(years[0])}
    else:
        roles = {role: words.of(role, one)}
    is_own = one.status != "coarser" or all(says_less(role, text) for role, text in roles.items())
    for role, text in roles.items():
        yield Fill(one.source_id, role, text, is_own, _note(one))


def _note(one: Suggestion) -> str:
    """Return whose a value is."""
    day = (one.decided_at or "").partition("T")[0]
    model = f"model {one.run} {one.model_sha256[:_DIGEST]}"
    if one.status == "accepted":
        return f"{one.field}: machine-made, reviewed by {one.reviewer}, {model}, {day}"
    less = ", less precise" if one.status == "coarser" else ""
    return f"{one.field}: by {one.reviewer}{less}, in place of machine-made {one.suggested!r}, {model}, {day}"
