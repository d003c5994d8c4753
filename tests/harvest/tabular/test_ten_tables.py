"""Ten tables of different make, each read by the guess or by a mapping of at most six lines."""

import json
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvest.catalogue.database import open_catalogue
from tests.harvest.conftest import harvest, rows
from tests.harvest.tabular.collection import draw, write_table
from tests.harvest.tabular.spreadsheets import write_ods, write_xlsx

MAX_LINES = 6  # of a mapping
LABELS = "source_id, title, artist, earliest, latest"
Expected = list[tuple[Any, ...]]
Table = tuple[Path, Expected, str]  # the file, what is read, the mapping


def german(folder: Path) -> Table:
    """A list with lines above its header, in Windows' encoding."""
    header = ("Inv.-Nr.", "Bezeichnung", "Künstler/in", "Entstehungszeit", "Material/Technik")
    body = [
        ("Stadtmuseum Düren",),
        ("Bestandsliste vom 3. 4. 2021", "", "", "", ""),
        (),
        header,
        ("G 1", "Straße", "Groß, Änne (1850-1911)", "2. Hälfte 19. Jh.", "Öl/Lwd."),
        ("G 2", "Mädchen", "unbekannt", "o. J.", "Öl/Lwd."),
    ]
    draw(folder / "pics", "g1.jpg", "G_2_r.tif")
    return write_table(folder / "t.csv", body, encoding="cp1252"), [
        ("G 1", "Straße", "Änne Groß", 1851, 1900, "g1.jpg"),
        ("G 2", "Mädchen", None, None, None, "G_2_r.tif"),
    ], ""  # fmt: skip


def dutch(folder: Path) -> Table:
    """Unicode text as a spreadsheet saves it: UTF-16, tabs."""
    body = [
        ("Inventarisnummer", "Titel", "Vervaardiger", "Datering", "Techniek", "Bestandsnaam"),
        ("1902.3", "Stilleven", "toegeschreven aan Jan Smit", "17e eeuw", "olieverf", r"D:\foto\STIL.JPG"),
        ("1902.4", "Zee", "Jan Smit", "omstreeks 1650", "olieverf", "zee"),
    ]
    draw(folder / "pics", "stil.jpg", "x/Zee.png")
    return write_table(folder / "t.txt", body, encoding="utf-16", separator="\t"), [
        ("1902.3", "Stilleven", None, 1601, 1700, "stil.jpg"),
        ("1902.4", "Zee", "Jan Smit", 1650, 1650, "x/Zee.png"),
    ], ""  # fmt: skip


def french(folder: Path) -> Table:
    """Line breaks within cells, a byte order mark."""
    body = [
        ("N° d'inventaire", "Titre", "Auteur", "Date de création", "Technique et matériaux"),
        ("D. 12", "La forêt\nenchantée", "Hervé,\nNoël", "début du XIXe siècle", "huile\nsur toile"),
        ("D. 13", 'Le "grand" étang', "Éluard, Anne ; Hervé, Noël", "vers 1650", "huile"),
    ]
    draw(folder / "pics", "D-12.jpg", "d13 (2).jpg", "d13.jpg")
    return write_table(folder / "t.csv", body, encoding="utf-8-sig", separator=","), [
        ("D. 12", "La forêt enchantée", "Noël Hervé", 1801, 1834, "D-12.jpg"),
        ("D. 13", 'Le "grand" étang', "Anne Éluard", 1650, 1650, "d13.jpg"),
    ], ""  # fmt: skip


def merged_header(folder: Path) -> Table:
    """A workbook with a header of merged cells, numbers and days as dates, and a second sheet."""
    body = [
        ("Objekt", None, "Künstler", None, "Datierung"),
        ("Inv.-Nr.", "Titel", "Name", "Lebensdaten", None),
        ("M1", "Berg", "Anna Lund", "1840-1900", 1880.0),
        ("M2", "Tal", "Anna Lund", "1840-1900", date(1905, 6, 17)),
        ("M3", "See", "Anna Lund", None, "zwischen 1850 und 1860"),
    ]
    draw(folder / "pics", "M1.jpg", "M2_v.jpg", "M2_det.jpg", "M3_det.jpg", "M2_1.jpg")
    return write_xlsx(folder / "t.xlsx", Notiz=[("nur eine Zeile",)], Objekte=body), [
        ("M1", "Berg", "Anna Lund", 1880, 1880, "M1.jpg"),
        ("M2", "Tal", "Anna Lund", 1905, 1905, "M2_1.jpg"),
        ("M3", "See", "Anna Lund", 1850, 1860, "M3_det.jpg"),
    ], ""  # fmt: skip


def spanish(folder: Path) -> Table:
    """An OpenDocument spreadsheet whose pictures lie in a folder for each object."""
    body = [
        ("Nº de inventario", "Título", "Autor", "Datación", "Técnica", "Género"),
        ("P-007", "La niña", "José Ruiz", "siglo XVII", "óleo sobre lienzo", "retrato"),
        ("P-008", "El río", "anónimo", "hacia 1700", "óleo", "paisaje"),
    ]
    draw(folder / "pics", "P-7/recto.jpg", "P-7/verso.jpg", "P-8/imagen.jpg")
    return write_ods(folder / "t.ods", body), [
        ("P-007", "La niña", "José Ruiz", 1601, 1700, "P-7/recto.jpg"),
        ("P-008", "El río", None, 1700, 1700, "P-8/imagen.jpg"),
    ], ""  # fmt: skip


def json_lines(folder: Path) -> Table:
    """Lines of JSON, with values within values, and lists."""
    lines = [
        {
            "id": 7,
            "title": "Pier",
            "artist": {"name": "Ada Lund"},
            "date": {"from": 1884, "to": 1886},
            "images": ["p7.jpg"],
        },
        {"id": 8, "title": "Fog", "artist": {"name": None}, "date": {"from": 1890}, "images": ["p8b.jpg", "p8a.jpg"]},
    ]
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    draw(folder / "pics", "p7.jpg", "p8a.jpg", "p8b.jpg")
    return folder / "t.jsonl", [
        ("7", "Pier", "Ada Lund", 1884, 1886, "p7.jpg"),
        ("8", "Fog", None, 1890, 1890, "p8b.jpg"),
    ], ""  # fmt: skip


def spoilt_by_a_spreadsheet(folder: Path) -> Table:
    """Leading zeros lost, numbers with a decimal, days as numbers."""
    body = [
        ("Object No.", "Title", "Artist", "Year"),
        ("12.0", "Mill", "Ada Lund", "1880.0"),
        ("130.0", "Barn", "Ada Lund", "29221"),
        ("131.0", "Lane", "Ada Lund", "1881-01-01 00:00:00"),
    ]
    draw(folder / "pics", "000012.jpg", "000130_a.jpg", "000131.jpg")
    return write_table(folder / "t.csv", body, separator=","), [
        ("12", "Mill", "Ada Lund", 1880, 1880, "000012.jpg"),
        ("130", "Barn", "Ada Lund", 1980, 1980, "000130_a.jpg"),
        ("131", "Lane", "Ada Lund", 1881, 1881, "000131.jpg"),
    ], ""  # fmt: skip


def two_rows_an_object(folder: Path) -> Table:
    """A row for each picture, and one that goes on with the row above it."""
    body = [
        ("Inventory number", "Title", "Maker", "Date", "Image file"),
        ("X.1", "Dance", "Ada Lund", "c. 1890", "b.jpg"),
        ("X.2", "Song", "Ada Lund", "1891", "c.jpg"),
        ("X.1", "Dance", "Ada Lund", "c. 1890", "a.jpg"),
        ("X.3", "Duet", "Ada Lund", "1892", "d.jpg"),
        ("", "", "Bo Lind", "", "e.jpg"),
    ]
    draw(folder / "pics", "a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    return write_table(folder / "t.csv", body, separator="\t"), [
        ("X.1", "Dance", "Ada Lund", 1890, 1890, "b.jpg"),
        ("X.2", "Song", "Ada Lund", 1891, 1891, "c.jpg"),
        ("X.3", "Duet", "Ada Lund", 1892, 1892, "d.jpg"),
    ], ""  # fmt: skip


def digitised(folder: Path) -> Table:
    """A year of digitisation where the date is looked for; names that differ in case and in how umlauts are made."""
    body = [
        ("Signatur", "Titel", "Maler", "Datum", "Gemalt"),
        *((f"Müller {n}", f"Bild {n}", "Jörg Müller", "2014", str(1870 + n)) for n in range(1, 4)),
    ]
    draw(folder / "pics", unicodedata.normalize("NFD", "MÜLLER_01.jpg"), "mueller-2.jpg", "Müller 3/r.jpg")
    return write_table(folder / "t.csv", body), [
        ("Müller 1", "Bild 1", "Jörg Müller", 1871, 1871, unicodedata.normalize("NFD", "MÜLLER_01.jpg")),
        ("Müller 2", "Bild 2", "Jörg Müller", 1872, 1872, "mueller-2.jpg"),
        ("Müller 3", "Bild 3", "Jörg Müller", 1873, 1873, "Müller 3/r.jpg"),
    ], 'date = "Gemalt"\n'  # fmt: skip


def named_by_nobody(folder: Path) -> Table:
    """Columns that are called as no other museum's are."""
    body = [
        ("Abzug 7", "", "", ""),
        ("feld1", "feld2", "feld3", "feld4"),
        ("Z/1", "Haus", "Lund, Ada", "um 1900"),
        ("Z/2", "Hof", "Lund, Ada", "1900/02"),
    ]
    mapping = 'header = 2\nseparator = "|"\nnumber = "feld1"\ntitle = "feld2"\nartist = "feld3"\ndate = "feld4"\n'
    draw(folder / "pics", "Z-1.jpg", "Z 2 verso.jpg", "Z 2.jpg")
    return write_table(folder / "t.csv", body, separator="|"), [
        ("Z/1", "Haus", "Ada Lund", 1900, 1900, "Z-1.jpg"),
        ("Z/2", "Hof", "Ada Lund", 1900, 1902, "Z 2.jpg"),
    ], mapping  # fmt: skip


TABLES = (
    german,
    dutch,
    french,
    merged_header,
    spanish,
    json_lines,
    spoilt_by_a_spreadsheet,
    two_rows_an_object,
    digitised,
    named_by_nobody,
)


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_it_is_read(make: Callable[[Path], Table], tmp_path: Path) -> None:
    file, expected, mapping = make(tmp_path)
    assert mapping.count("\n") <= MAX_LINES
    arguments: list[object] = [
        "--data",
        tmp_path / "data",
        "table",
        file,
        "--name",
        "own",
        "--images",
        tmp_path / "pics",
    ]
    if mapping:
        (tmp_path / "mapping.toml").write_text(mapping)
        arguments += ["--mapping", tmp_path / "mapping.toml"]
    result = harvest(*arguments)
    assert result.exit_code == 0, result.output
    catalogue = open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}")
    read = rows(catalogue, f"SELECT {LABELS} FROM paintings ORDER BY source_id")
    shown = dict(
        rows(
            catalogue,
            "SELECT source_id, candidates FROM images JOIN objects ON object_id = objects.id WHERE position = 0",
        )
    )
    states = rows(catalogue, "SELECT DISTINCT state FROM images")
    catalogue.dispose()
    assert states == [("stored",)]
    assert read == [row[:5] for row in expected]
    plan = json.loads(harvest(*arguments, "--plan", "--json").stdout)
    assert {row["number"]: row["picture"].partition(" (+")[0] for row in plan["rows"]} == {
        number: picture for number, *_, picture in expected
    }
    assert shown.keys() == {row[0] for row in expected}
