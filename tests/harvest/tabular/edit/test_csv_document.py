"""A CSV file is changed where it is asked for, and nowhere else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.tabular.edit.csv_document import CsvDocument

ODD = 'Nr;Titel;"Künstler"\r\n1;"Zwei\r\nZeilen, ""so""";\n\n2;;"";x\r3;"a"b;c'


def document(text: str, *, encoding: str = "utf-8", separator: str = ";") -> CsvDocument:
    return CsvDocument(text.encode(encoding), encoding, separator, (1,))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_an_unchanged_file_keeps_its_bytes(encoding: str) -> None:
    assert document(ODD, encoding=encoding).content() == ODD.encode(encoding)


def test_a_mark_of_the_other_byte_order_stays() -> None:
    content = b"\xfe\xff" + ODD.encode("utf-16-be")
    assert CsvDocument(content, "utf-16", ";", (1,)).content() == content


def test_a_cell_is_written_and_all_others_stay() -> None:
    table = document(ODD)
    table.put(2, 2, "Müller; Jörg")
    table.put(4, 1, "x")
    assert (
        table.content().decode()
        == 'Nr;Titel;"Künstler"\r\n1;"Zwei\r\nZeilen, ""so""";"Müller; Jörg"\n\n2;x;"";x\r3;"a"b;c'
    )


def test_a_cell_behind_the_last_one_is_parted_from_it() -> None:
    table = document("a;b\r\n1;2\r\n3")
    table.put(1, 2, "c")
    table.put(2, 3, 'say "d"')
    table.widen(3, 3)
    assert table.content() == b'a;b;c\r\n1;2;;"say ""d"""\r\n3;;'


def test_a_file_that_quotes_all_cells_goes_on_so() -> None:
    table = document('"a","b"\n"1",""\n', separator=",")
    table.put(2, 1, "x")
    table.widen(2, 4)
    assert table.content() == b'"a","b"\n"1","x","",""\n'


def test_columns_go_as_they_came() -> None:
    table = document("Titel der Liste\na;b;c;d\n1;2;3;4\n\n5;6\n")
    table = CsvDocument(table.content(), "utf-8", ";", (2,))
    table.drop([2, 3])
    assert table.content() == b"Titel der Liste\na;b\n1;2\n\n5;6\n"


def test_rows_are_left_out_below_the_header_alone() -> None:
    table = CsvDocument(b"Liste\na;b\n1;2\n3;4\n5;6", "utf-8", ";", (2,))
    table.keep({4})
    assert table.content() == b"Liste\na;b\n3;4\n"


def test_an_encoding_says_what_it_can_hold() -> None:
    assert document("a;b", encoding="cp1252").can_hold("Müller – Sohn")
    assert not document("a;b", encoding="cp1252").can_hold("Dvořák")


@given(st.lists(st.text('ab;,"\r\n \u20acü', max_size=12), min_size=1, max_size=8).map("\n".join))
def test_rows_and_cells_are_those_of_the_csv_module(text: str) -> None:
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    table = document(text) if text else None
    for number, cells in enumerate(read, 1):
        assert table is not None
        for place in range(len(cells)):
            table.put(number, place, f"{number}.{place}")
    if table is not None:
        assert list(csv.reader(io.StringIO(table.content().decode(), newline=""), delimiter=";")) == [
            [f"{number}.{place}" for place in range(len(cells))] for number, cells in enumerate(read, 1)
        ]
