from decimal import Decimal

from harvest.console.tables import comma_separated, markdown, plain, table


def test_a_table_of_text_has_a_rule_below_its_headings() -> None:
    rows = [(1, "two\nlines", None), (1200, "", Decimal("1.50"))]
    assert table(["id", "name", "price"], rows).splitlines() == [
        "id    name       price",
        "----  ---------  -----",
        "1     two lines",
        "1200             1.50",
    ]
    assert table(["name"], []).splitlines() == ["name", "----"]


def test_what_looks_like_a_number_stays_as_it_is() -> None:
    values = ["01", "1e5", "1.10", "nan", "0x1f", "-0", "1_000"]
    assert [line.strip() for line in table(["value"], [(value,) for value in values]).splitlines()[2:]] == values
    assert plain([[value] for value in values]).splitlines() == values


def test_a_wide_cell_is_cut() -> None:
    text = table(["text"], [("x" * 70,), ("y" * 60,)])
    assert text.splitlines()[2:] == ["x" * 59 + "…", "y" * 60]
    assert table(["text"], [("x" * 70,)], max_width=5).splitlines()[1:] == ["-----", "xxxx…"]


def test_markdown_reads_well_as_plain_text() -> None:
    assert markdown(["Name", "Works"], [("a | b\nc", "1,200"), ("", "7")]).splitlines() == [
        "| Name     | Works |",
        "| -------- | ----: |",
        "| a \\| b c | 1,200 |",
        "|          |     7 |",
    ]
    assert markdown(["N", "M"], [("1", "-1")]).splitlines() == ["|   N | M   |", "| --: | --- |", "|   1 | -1  |"]
    assert markdown(["Name"], []).splitlines() == ["| Name |", "| ---- |"]


def test_rows_without_headings_stand_in_columns() -> None:
    assert plain([["", "artist"], ["Top-1", "0.500 ± 0.010"], ["F1", ""]]).splitlines() == [
        "       artist",
        "Top-1  0.500 ± 0.010",
        "F1",
    ]


def test_csv_keeps_line_breaks_and_quotes() -> None:
    assert comma_separated(["a", "b"], [("x,y", 'two\n"lines"'), (None, 1)]) == 'a,b\n"x,y","two\n""lines"""\n,1'


def test_a_further_part_of_a_csv_file_has_no_headings() -> None:
    assert comma_separated(None, [(1, "b")]) == "1,b"
