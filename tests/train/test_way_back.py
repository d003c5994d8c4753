"""The whole circle on real paintings: a museum's own table, its gaps filled by a network and people, and back to it."""

import csv
import io
import json
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

import curate.cli
import harvest.cli
import train.cli
from harvest.catalogue.database import open_catalogue
from tests.curate.review.site import Site
from tests.harvest.tabular.spreadsheets import write_xlsx

pytestmark = pytest.mark.slow

WEIGHTS = "mobilenet_v2_0.35_224_no_top.weights.h5"
HEADER = ("Inv.-Nr.", "Titel", "Künstler", "Datierung", "Gattung", "Stil", "Zugang")
ARTISTS = {  # of the paintings' table, and as a museum writes them
    "rembrandt": "Rembrandt van Rijn",
    "pierre-auguste-renoir": "Renoir, Pierre-Auguste (1841–1919)",
    "henri-de-toulouse-lautrec": "Toulouse-Lautrec, Henri de",
    "kuzma-petrov-vodkin": "Petrov-Vodkin, Kuzma",
    "amedeo-modigliani": "Modigliani, Amedeo (1884–1920)",
}
OWN, BLANKED, OTHERS = 60, 12, 60  # paintings of each artist
COLUMN = HEADER.index("Künstler")
Run = Callable[..., dict[str, Any]]


def rows_of(shared: Path, start: int, number: int) -> list[dict[str, str]]:
    """Return so many real paintings of each artist, the artists taking turns."""
    with (shared / "paintings" / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    of_artists = [[row for row in rows if row["artist"] == artist][start : start + number] for artist in ARTISTS]
    return [row for together in zip(*of_artists, strict=True) for row in together]


def collection(shared: Path, folder: Path, rows: Sequence[dict[str, str]], blanked: frozenset[int]) -> list[list[str]]:
    """Lay a collection's pictures into a folder; return its table, the artists of some paintings blank."""
    folder.mkdir()
    table = [list(HEADER)]
    for number, row in enumerate(rows, 1):
        shutil.copyfile(shared / "paintings" / "images" / row["file"], folder / f"{number:04}_r.jpg")
        artist = "" if number in blanked else ARTISTS[row["artist"]]
        title = row["title_slug"].replace("-", " ")
        words = [row[name].replace("_", " ") for name in ("genre", "style")]
        table.append([f"{number:04}", f'"{title}"; Öl', artist, f"um {row['year']}", *words, f"19{number % 100:02}.0"])
    return table


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
    into = io.StringIO(newline="")
    csv.writer(into, delimiter=";").writerows(table)
    return into.getvalue().encode("cp1252")


def read_csv(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("cp1252"), newline=""), delimiter=";"))


def read_xlsx(path: Path) -> list[list[str]]:
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.iter_rows()]


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run one of the three programs on the same data folder, and read its result."""

    def command(program: str, *arguments: object) -> dict[str, Any]:
        main = {"harvest": harvest.cli.main, "curate": curate.cli.main, "train": train.cli.main}[program]
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--data", str(tmp_path / "data"), "--json"])
        out, err = capfd.readouterr()
        assert not ended.value.code, err
        return dict(json.loads(out))

    return command


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[[], Site]]:
    started: list[Site] = []

    def start() -> Site:
        data = tmp_path / "data"
        started.append(Site(data, f"sqlite:///{data / 'catalogue.sqlite'}"))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)


def test_a_museums_table_comes_back_filled_only_where_people_decided(
    run: Run, site: Callable[[], Site], shared: Path, tmp_path: Path
) -> None:
    own = rows_of(shared, 0, OWN)
    blanked = frozenset(
        number for n in range(len(ARTISTS)) for number in Random(n).sample(range(n + 1, 301, 5), BLANKED)
    )
    table = collection(shared, tmp_path / "scans", own, blanked)
    original = tmp_path / "objekte.csv"
    original.write_bytes(as_csv(table))
    others = collection(shared, tmp_path / "others", rows_of(shared, OWN, OTHERS), frozenset())
    (tmp_path / "others.csv").write_bytes(as_csv(others))

    run("harvest", "table", original, "--name", "stadtmuseum", "--images", tmp_path / "scans")
    run("harvest", "table", tmp_path / "others.csv", "--name", "nachbarn", "--images", tmp_path / "others")
    run("curate", "build", "--require", "artist,genre,style", "--min-per-artist", 20, "--name", "known")
    run("curate", "build", "--require", "genre,style", "--source", "stadtmuseum", "--name", "gaps")
    frozen = ("--backbone", "mobilenetv2_0.35", "--weights", shared / "weights" / WEIGHTS, "--tune", "frozen")
    small = ("--side", 96, "--views", 1, "--features", "last", "--inputs", "image,genre,style", "--targets", "artist")
    run("train", "run", "known/min20", *frozen, *small, "--name", "net")
    run("train", "predict", "net", "--build", "gaps", "--name", "gaps")
    suggested = run("curate", "suggest", "gaps", "--at-precision", 0.8)["suggested"]["artist"]
    assert suggested >= 10

    said = decided(run, site, tmp_path)

    export = ("export-suggestions", "--format", "table", "--source", "stadtmuseum")
    path = Path(run("curate", *export)["folder"]) / "stadtmuseum.csv"
    expect_only_decided(table, read_csv(path), said)
    lines = list(zip(path.read_bytes().split(b"\r\n"), original.read_bytes().split(b"\r\n"), strict=True))
    assert sum(new != old + b";;;" for new, old in lines[1:-1]) == len(said)
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    run("curate", *export)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before
    run("curate", "undo-table", path, "--to", tmp_path / "undone.csv")
    assert (tmp_path / "undone.csv").read_bytes() == original.read_bytes()

    workbook = write_xlsx(tmp_path / "objekte.xlsx", Objekte=table)
    again = run("harvest", "table", workbook, "--name", "stadtmuseum")["table"]
    assert (again["unchanged"], again["new"], again["changed"]) == (300, 0, 0)
    path = Path(run("curate", *export)["folder"]) / "stadtmuseum.xlsx"
    expect_only_decided(table, read_xlsx(path), said)
    run("curate", "undo-table", path, "--to", tmp_path / "undone.xlsx")
    assert read_xlsx(tmp_path / "undone.xlsx") == read_xlsx(workbook)

    run("harvest", "table", path, "--name", "stadtmuseum")
    settled = run("curate", "suggest", "gaps", "--at-precision", 0.8)["settled"]
    assert settled["agreed"] == {"artist": len(said)}
    assert asked(tmp_path, "SELECT count(*) FROM objects WHERE source = 'stadtmuseum'") == [(300,)]
    right = sum(
        same(said[f"{number:04}"], ARTISTS[row["artist"]])
        for number, row in enumerate(own, 1)
        if f"{number:04}" in said
    )
    print(f"\n{suggested} of {len(blanked)} blanked artists suggested; {right} of {len(said)} values written are right")


def decided(run: Run, site: Callable[[], Site], data: Path) -> dict[str, str]:
    """Accept all suggestions but six; of these one is accepted and one replaced on the page, one rejected, three left.

    Returns:
        What people said, by the object's number.
    """
    open_ones = asked(data, "SELECT source_id, value FROM suggestions JOIN objects o ON o.id = object_id ORDER BY 1")
    accepted, (page_one, other_one, rejected, *left_open) = dict(open_ones[:-6]), open_ones[-6:]
    named = [part for number in accepted for part in ("--object", f"stadtmuseum:{number}")]
    run("curate", "accept", "--reviewer", "Eva", *named)
    run("curate", "reject", "--reviewer", "Eva", "--object", f"stadtmuseum:{rejected[0]}")
    ids = dict(asked(data, "SELECT source_id, s.id FROM suggestions s JOIN objects o ON o.id = object_id"))
    max_ = site().person("Max")
    max_.decide(f"/artist/{ids[page_one[0]]}", "accepted")
    max_.decide(f"/artist/{ids[other_one[0]]}", "other", other="Gauguin, Paul")
    assert len(left_open) == 3
    return {**accepted, page_one[0]: page_one[1], other_one[0]: "Gauguin, Paul"}


def expect_only_decided(table: Sequence[Sequence[str]], written: Sequence[Sequence[str]], said: dict[str, str]) -> None:
    """Make sure that a written table is the original but for the decided cells and the columns behind it."""
    assert written[0] == [*HEADER, "Künstler (before)", "Künstler (after)", "raisonne"]
    assert len(written) == len(table)
    for old, new in zip(table[1:], written[1:], strict=True):
        value = said.get(old[0])
        assert new[:COLUMN] + new[COLUMN + 1 : len(HEADER)] == [*old[:COLUMN], *old[COLUMN + 1 :]]
        if value is None:
            assert (new[COLUMN], new[len(HEADER) :]) == (old[COLUMN], [""] * 3)
        else:
            assert old[COLUMN] == ""
            assert new[COLUMN] in {*ARTISTS.values(), "Gauguin, Paul"}, "as the museum writes it"
            assert new[len(HEADER) : -1] == ["", new[COLUMN]]
            assert "reviewed by Eva, model net" in new[-1] or "by Max, " in new[-1]


def same(value: str, name: str) -> bool:
    return set(value.replace(",", "").split()) <= set(name.replace(",", "").split())


def asked(tmp_path: Path, statement: str) -> list[tuple[Any, ...]]:
    engine = open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}")
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]
    finally:
        engine.dispose()
