import json

import pytest

from harvest.commands.sql import show_rows

ROWS = [(1, "a"), (2, 'b "c"'), (3, None)]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("rows", [ROWS, []])
def test_batches_make_no_difference(
    rows: list[tuple[object, ...]], size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    show_rows(("n", "text"), rows, as_json=True, as_csv=False, batch_size=size)
    expected = [dict(zip(("n", "text"), row, strict=True)) for row in rows]
    assert json.loads(capsys.readouterr().out) == {"columns": ["n", "text"], "rows": expected}
    show_rows(("n", "text"), rows, as_json=False, as_csv=True, batch_size=size)
    assert capsys.readouterr().out == "n,text\n" + "".join(["1,a\n", '2,"b ""c"""\n', "3,\n"][: len(rows)])


def test_each_batch_of_a_table_has_headings(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(("n", "text"), ROWS, as_json=False, as_csv=False, batch_size=2)
    assert capsys.readouterr().out == 'n  text\n-  -----\n1  a\n2  b "c"\n\nn  text\n-  ----\n3\n'


def test_csv_for_another_program_is_kept_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(("t",), [("\x1b[2J",)], as_json=False, as_csv=True)
    assert capsys.readouterr().out == "t\n\x1b[2J\n"
