import pytest

from harvest.tabular.guess import guess
from harvest.tabular.mapping import Mapping
from harvest.tabular.sheet import Sheet

COLUMNS = [
    (
        "Inventar-Nr.|number; Titel|title; Künstler/in|artist; Datierung|date; "
        "Material und Technik|medium; Gattung|genre; "
        "Stilrichtung|style; Objektart|type; Bildrechte|rights; Dateiname|picture"
    ),
    (
        "Inventarisnummer|number; Titel|title; Vervaardiger|artist; Datering|date; Techniek|medium; Genre|genre; "
        "Stijl|style; Objectsoort|type; Licentie|rights; Bestandsnaam|picture"
    ),
    (
        "N° d'inventaire|number; Titre|title; Artiste|artist; Datation|date; Technique|medium; Genre|genre; "
        "Style|style; Domaine|type; Droits|rights; Nom du fichier|picture"
    ),
    (
        "Nº de inventario|number; Título|title; Autor|artist; Fecha|date; Técnica|medium; Género|genre; "
        "Estilo|style; Tipo de objeto|type; Derechos|rights; Archivo|picture"
    ),
    (
        "Accession Number|number; Title|title; Artist Name|artist; Creation Date|date; Medium|medium; Genre|genre; "
        "Style|style; Object Type|type; License|rights; File name|picture"
    ),
    (
        "ID|-; Inv.Nr.|number; Objektbezeichnung|title; Maler|artist; Jahr von|earliest; Jahr bis|latest; "
        "Geburtsjahr|birth; Todesjahr|death; Erwerbungsjahr|-; Fotograf|-; Scandatum|-; Permalink|link"
    ),
]
CELLS = {
    "number": "A-{}", "date": "um 18{}0", "earliest": "18{}0", "latest": "18{}5", "birth": "17{}0", "death": "17{}9",
    "picture": "a{}.jpg", "link": "https://x.example/{}", "-": "{}",
}  # fmt: skip


@pytest.mark.parametrize("columns", COLUMNS, ids=lambda columns: columns.partition("|")[0])
def test_columns_are_known_by_their_names_in_five_languages(columns: str) -> None:
    named = dict(part.split("|") for part in columns.split("; "))
    rows = [[CELLS.get(role, f"{role} {{}}").format(n) for role in named.values()] for n in range(1, 7)]
    content = "\n".join(";".join(cells) for cells in [list(named), *rows]).encode()
    found = guess(Sheet.of(content, Mapping())).mapping.columns
    assert dict(found) == {role: name for name, role in named.items() if role != "-"}


@pytest.mark.parametrize(
    ("columns", "medium"),
    [
        ("Materiaal;Techniek", ("Materiaal", "Techniek")),
        ("Technik;Material", ("Technik", "Material")),
        ("Technik;Material/Technik", "Technik"),
        ("Material;Technik der Rahmung", "Material"),
    ],
)
def test_material_and_technique_may_be_two_columns(columns: str, medium: str | tuple[str, ...]) -> None:
    content = f"Nr.;Objectcategorie;{columns}\n1;schilderij;doek;olieverf\n2;prent;hout;tempera\n"
    found = guess(Sheet.of(content.encode(), Mapping())).mapping.columns
    assert (found["medium"], found["type"]) == (medium, "Objectcategorie")


def test_a_number_that_no_picture_bears_is_told_with_the_column_that_they_bear() -> None:
    rows = "".join(f"{number};2014.{number};Haus\n" for number in range(1, 9))
    sheet = Sheet.of(f"Object ID;Zugang;Titel\n{rows}".encode(), Mapping())
    names = [f"2014.{number}_001" for number in range(1, 9)]
    (told,) = guess(sheet, names).doubts
    assert "column 'Object ID': the name of no picture begins with one of its values; those of 'Zugang' do" in told
    (told,) = guess(sheet, ["front", "back"]).doubts
    assert told.endswith("begins with one of its values")
    assert guess(sheet, ["2014.3_001"], {"number": "Zugang"}).doubts == []


def test_a_column_that_pictures_are_named_after_numbers_the_objects() -> None:
    content = b"feld;Titel\nZ1;Haus\nZ2;Hof\n"
    assert guess(Sheet.of(content, Mapping())).mapping.column("number") is None
    assert guess(Sheet.of(content, Mapping()), ["z-01_r", "z-02"]).mapping.column("number") == "feld"
