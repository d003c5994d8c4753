"""Which rows of a table are objects, and which are lines of statistics below them."""

from collections.abc import Sequence

import pytest

from harvest.tabular.formats import LeftOut, Why
from harvest.tabular.mapping import Mapping
from harvest.tabular.rows import Objects
from harvest.tabular.sheet import Sheet
from tests.harvest.tabular.collection import HEADER, row

MAPPING = Mapping(
    {"number": "Inv.-Nr.", "title": "Titel", "artist": "Künstler", "date": "Datierung", "medium": "Technik"}
    | {"genre": "Gattung", "style": "Stil", "rights": "Bildrechte"}
)
LETTERED = [row(n) for n in range(1, 31)]  # "A-01"
PLAIN = [row(n, **{"Inv.-Nr.": str(n)}) for n in range(1, 31)]
BLANK = dict.fromkeys(HEADER, "")
EMPTY = list(BLANK.values())


def line(*first: str, **more: str) -> list[str]:
    """Return a row of which only the first cells are filled, and those that are named."""
    return list((BLANK | dict(zip(HEADER, first, strict=False)) | more).values())


class Read:
    """What is read of a table."""

    def __init__(self, body: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> None:
        text = "\n".join(";".join(cells) for cells in [header, *body])
        self.left_out = LeftOut()
        objects = Objects(Sheet.of(text.encode(), MAPPING), MAPPING, self.left_out)
        self.numbers = [cells[0] for _, cells in objects]
        assert sorted(objects.numbers) == sorted(self.numbers)
        self.asked = objects.asked


def numbers(body: Sequence[Sequence[str]]) -> list[str]:
    return [cells[0] for cells in body]


@pytest.mark.parametrize(
    "below",
    [
        [line("Paintings", "364")],
        [line("Paintings", "364"), line("Drawings", "19"), line("Total works", "383")],
        [line("24", "Paintings"), line("29", "Total works")],
        [line("24", "Gemälde"), line("5", "Gouachen"), line("29", "Summe")],
        [line("2", "Schilderijen"), line("19", "Tekeningen"), line("21", "Totaal aantal werken")],
        [line("", "Peintures", Datierung="364"), line("", "Dessins à l'encre", Datierung="19")],
        [line("", "Cuadros", "364"), line("", "Total de obras", "383")],
        [line("Óleos", "1.234", "95 %"), line("Dibujos", "64", "5 %")],
        [EMPTY, line("Statistics"), line("Before 1800", "12"), EMPTY, line("1800 to 1900", Gattung="9")],
        [line("", "Statistik der Sammlung"), line("12", "Leihgaben"), line("3", "Dauerleihgaben")],
        [line("Estadísticas", "Cuadros", "364"), line("", "Dibujos", "19")],
        [line("Gattung", "Anzahl"), line("Gemälde", "364"), line("Kupferstiche", "19")],
        [line("Öl auf Leinwand", "364"), line("Tempera auf Holz", "19"), line("Stand: 1. 3. 2020")],
        [line("Statistik"), line("", "nach Jahrhundert"), line("", "18th", "", "12"), line("Gattung", "Anzahl")],
        [line("", "Gattung", "Anzahl"), line("", "Gemälde", "12")],
        [line("Total", "383", "works"), line("Works on paper", "19")],
    ],
)
@pytest.mark.parametrize("objects", [LETTERED, PLAIN], ids=["lettered", "plain"])
def test_lines_of_statistics_below_the_objects_are_no_objects(objects: list[list[str]], below: list[list[str]]) -> None:
    read = Read([*objects, *below])
    assert (read.numbers, read.asked) == (numbers(objects), [])
    assert len(read.left_out.no_objects) == sum(map(any, below))
    assert read.left_out.damages == []


def test_a_line_of_statistics_is_told_by_row_and_column() -> None:
    read = Read([*LETTERED, line("Statistik"), line("364", "Gemälde")])
    assert read.left_out.reasons == [
        "row 32, column 'Inv.-Nr.': 'Statistik' seems a heading of statistics",
        "row 33, column 'Titel': 'Gemälde', with '364' beside it, seems a line of statistics",
    ]
    assert read.left_out.counts == {Why.STATISTICS: 2}


@pytest.mark.parametrize(
    "below",
    [
        [line("A-17", "Haus")],
        [line("A-31", "1880")],
        [line("A-31", "Paintings")],
        [line("A-31", Datierung="1880")],
        [line("A-31", "Haus"), line("A-32", "12"), line("A-33")],
        [line("A-31", "Total")],
        [line("Dep. 1902", Datierung="1880")],
        [line("Dep. 1902", "Haus", Datierung="1880")],
    ],
)
def test_an_object_of_which_little_is_known_is_one_at_the_end_too(below: list[list[str]]) -> None:
    read = Read([*LETTERED, *below])
    assert (len(set(read.numbers)), read.left_out.reasons, read.asked) == (
        len(set(numbers([*LETTERED, *below]))),
        [],
        [],
    )


@pytest.mark.parametrize(
    "below",
    [
        [line("31", "Haus")],
        [line("31", "1880")],
        [line("31", "Haus"), line("32", "Hof", Datierung="1880")],
        [line("31", "Paintings", Datierung="1880"), line("32", "Hof")],
        [line("", "", "Lund, Ada"), line("Paintings", "364")],
        [line("", "", "Lund, Ada", "1892")],  # goes on with the row above it
    ],
)
def test_a_plain_number_that_goes_on_is_an_objects(below: list[list[str]]) -> None:
    read = Read([*PLAIN, *below])
    expected = [number for number in numbers(below) if number.isdecimal()]
    assert (read.numbers, read.left_out.damages) == ([*numbers(PLAIN), *expected], [])


def test_objects_above_the_statistics_stay() -> None:
    sparse = [line("31", "Haus"), line("32", "Hof")]
    read = Read([*PLAIN, *sparse, line("Gemälde gesamt", "30"), line("2", "Gouachen"), line("32", "Total works")])
    assert read.numbers == numbers([*PLAIN, *sparse])
    assert read.asked == []
    assert len(read.left_out.no_objects) == 3


@pytest.mark.parametrize(
    ("objects", "below", "asked"),
    [
        (PLAIN, line("384", "Drawings"), "row 32, column 'Titel': 'Drawings', with '384' beside it"),
        (LETTERED, line("384", "Haus"), "row 32, column 'Titel': 'Haus', with '384' beside it"),
        (LETTERED, line("Leihgabe", Datierung="1902"), "row 32, column 'Inv.-Nr.': 'Leihgabe', with '1902' beside it"),
        (LETTERED, line("Leihgabe Nr. 5", "12"), "row 32, column 'Inv.-Nr.': 'Leihgabe Nr. 5', with '12' beside it"),
        (LETTERED, line("384", Gattung="Gemälde"), "row 32, column 'Gattung': 'Gemälde', with '384' beside it"),
    ],
)
def test_what_may_be_an_object_or_statistics_is_read_and_asked_about(
    objects: list[list[str]], below: list[str], asked: str
) -> None:
    read = Read([*objects, below])
    assert (read.numbers, read.asked) == (numbers([*objects, below]), [asked])


def test_objects_among_the_statistics_stay() -> None:
    objects = [line("A-31", "Total"), line("A-32", "1880"), line("A-33", "Haus")]
    read = Read(
        [*LETTERED, objects[0], line("Paintings", "364"), line("Statistik"), *objects[1:], line("Drawings", "9")]
    )
    assert read.numbers == [*numbers(LETTERED), "A-31", "Paintings", "A-32", "A-33"]
    assert read.asked == ["row 33, column 'Inv.-Nr.': 'Paintings', with '364' beside it"]
    below = Read([*LETTERED, objects[0], line("Paintings", "364")])
    assert below.numbers == [*numbers(LETTERED), "A-31"]


def test_a_count_of_any_length_is_read() -> None:
    read = Read([*LETTERED, line("Paintings", "9" * 5000), line("Drawings", "1" * 5000)])
    assert read.numbers == numbers(LETTERED)


def test_a_count_between_the_objects_is_asked_about() -> None:
    body = [*LETTERED[:5], line("Porträts", "5"), *LETTERED[5:]]
    read = Read(body)
    assert (read.numbers, read.asked) == (numbers(body), ["row 7, column 'Inv.-Nr.': 'Porträts', with '5' beside it"])


def test_more_than_a_total_counts_is_not_taken_for_a_part_of_it() -> None:
    new = [line("2024001", "Hafen"), line("2024002", "Haus")]
    read = Read([*LETTERED, *new, line("400", "Total works")])
    assert read.numbers == numbers([*LETTERED, *new])
    assert len(read.asked) == 2


def test_a_table_of_a_number_and_a_title_has_statistics_too() -> None:
    header, body = HEADER[:2], [(f"A-{n}", f"Haus {n}") for n in range(1, 9)]
    read = Read([*body, ("Paintings", "364"), ("12", "Zeichnungen"), ("Sammlung", "376")], header)
    assert (read.numbers, read.asked) == (numbers(body), [])
    years = [(str(n), f"Haus {n}", "", str(1880 + n)) for n in range(1, 9)]
    assert Read([*years, ("9", "Paintings")], HEADER[:4]).numbers[:8] == numbers(years)


def test_headings_above_statistics_are_still_told() -> None:
    body = [line("Gemälde"), *LETTERED[:5], line("Zeichnungen"), *LETTERED[5:], line("Paintings", "364")]
    assert Read(body).numbers == numbers(LETTERED)
