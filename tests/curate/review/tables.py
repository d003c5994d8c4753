"""A museum's own table, harvested, decided on, written again and undone, by the commands."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from python_calamine import CalamineWorkbook

from harvest.catalogue.suggestions import Wanted, decide, find
from harvest.console.program import now
from tests.curate.review.conftest import Gallery
from tests.harvest.conftest import harvest
from tests.harvest.tabular.collection import write_table
from tests.harvest.tabular.spreadsheets import write_ods, write_xlsx

HEADER = ("Inv.-Nr.", "Titel", "Künstler", "Datierung", "Technik", "Gattung", "Bemerkung")
ROWS = (
    ("0012", "Fluß; am Abend", "Monet, Claude (1840–1926)", "um 1880", "Öl", "Porträt", "1880.0"),
    ("0013", "Wald", "", "", "Öl", "Porträt", "007"),
    ("0014", "Meer", "", "19. Jh.", "Öl", "", 'mit "Rahmen"'),
    ("0015", "Berg", "unbekannt", "1885", "Öl", "Landschaft", ""),
    ("0016", "Tal", "", "1886", "Öl", "Landschaft", "recto"),
    ("0016", "Tal", "", "1886", "Öl", "Landschaft", "verso"),
    ("0017", "See", "", "1887", "Öl", "Landschaft", ""),
    ("0018", "Haus", "", "1888", "Öl", "Landschaft", ""),
)
ADDED = ("Künstler (before)", "Künstler (after)", "Datierung (before)", "Datierung (after)")
MODEL = f"model net {'0' * 12}"
Write = Callable[[Path, Sequence[Sequence[str]]], Path]


def write_json(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write rows as JSON Lines, by the names of the first one."""
    header, *others = rows
    lines = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in others]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


WRITERS: dict[str, Write] = {
    ".csv": lambda path, rows: write_table(path, rows, encoding="cp1252"),
    ".txt": lambda path, rows: write_table(path, rows, encoding="utf-16", separator="\t"),
    ".xlsx": lambda path, rows: write_xlsx(path, Objekte=rows, Notizen=[["x"]]),
    ".ods": write_ods,
    ".jsonl": write_json,
}


def cells(path: Path) -> list[list[str]]:
    """Read a table by other means than the program's."""
    if path.suffix in (".csv", ".txt"):
        encoding, separator = ("cp1252", ";") if path.suffix == ".csv" else ("utf-16", "\t")
        return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=separator))
    if path.suffix == ".jsonl":
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        known = {name for line in lines for name in line}
        names = [name for name in (*HEADER, *ADDED, "raisonne") if name in known]
        assert len(names) == len(known)
        return [names, *([str(line.get(name, "")) for name in names] for line in lines)]
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.iter_rows()]


def take_in(gallery: Gallery, path: Path, name: str = "stadtmuseum") -> dict[str, int]:
    """Harvest a table; return what is new, changed and gone."""
    where = ("--data", gallery.data, "--catalogue", gallery.url, "--json")
    done = harvest("table", path, "--name", name, *where)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout)["table"])


def answer(gallery: Gallery, number: str, kind: str, value: str, field: str = "artist") -> None:
    """Decide as a person does in the review page."""
    with gallery.engine.begin() as connection:
        wanted = Wanted(objects=[("stadtmuseum", number)], fields=[field])
        (row,) = find(connection, wanted)
        decide(connection, row, kind, reviewer="Max", at=now(), value=value)


def review(gallery: Gallery) -> None:
    """Suggest artists and decades, and let people decide of most."""
    said = {"0013": "Claude Monet", "0014": "Claude Monet", "0015": "Claude Monet", "0016": "Paul Cézanne"}
    answers = [(f"stadtmuseum:{number}", "artist", (name, 0.9)) for number, name in said.items()]
    answers += [(f"stadtmuseum:{number}", "artist", ("Claude Monet", 0.9)) for number in ("0017", "0018")]
    answers += [(f"stadtmuseum:{number}", "decade", ("1880", 0.9)) for number in ("0013", "0014")]
    gallery.told("suggest", gallery.predict("p", *answers))
    chosen = [part for number in ("0013", "0015", "0016") for part in ("--object", f"stadtmuseum:{number}")]
    gallery.told("accept", "--reviewer", "Eva", *chosen)
    gallery.told("accept", "--reviewer", "Eva", "--field", "decade", "--object", "stadtmuseum:0014")
    answer(gallery, "0014", "coarser", "Werkstatt des Monet")
    answer(gallery, "0017", "coarser", "Swiss painter")
    gallery.told("reject", "--reviewer", "Eva", "--object", "stadtmuseum:0018")


def written(gallery: Gallery, suffix: str, *more: str, name: str = "stadtmuseum") -> Path:
    """Write the table again; return where it lies."""
    told = gallery.told("export-suggestions", "--format", "table", "--source", name, *more)
    return Path(told["folder"]) / f"{name}{'.changed' if '--only-changed' in more else ''}{suffix}"


def undo(gallery: Gallery, path: Path, name: str, *more: object, code: int = 0) -> Path:
    """Undo what was written into a table; return the new file."""
    target = gallery.data / name
    result = gallery.run("undo-table", path, "--to", target, *more)
    assert result[0] == code, result
    return target


def decided_csv(gallery: Gallery) -> Path:
    """Harvest a CSV and decide on it."""
    path = WRITERS[".csv"](gallery.data / "objekte.csv", [HEADER, *ROWS])
    take_in(gallery, path)
    review(gallery)
    return path
