"""The tables beside a build's manifests, as CSV: every text in quotes, so that no line break or "nan" is misread."""

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from curate.manifest import DamagedBuild

FORMULA = tuple("=+-@\t\r")  # a spreadsheet runs a text that begins so


def write_csv(path: Path, rows: pa.Table) -> None:
    """Write a table; null is nothing between two commas."""
    pa.csv.write_csv(rows, path)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs: behind an apostrophe, where it begins as a formula does.

    For tables that people work through in a spreadsheet; those that programs read keep all texts as they are.
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def read_csv(path: Path, columns: Collection[str] = ()) -> pa.Table:
    """Read a table that `write_csv` wrote; all columns are text, and what stands in quotes is never null.

    Args:
        path: Of the file.
        columns: That it has to have.

    Raises:
        DamagedBuild: It is absent, or no such table.
    """
    try:
        with path.open(encoding="utf-8") as file:
            names = file.readline().strip().replace('"', "").split(",")
        rows = pa.csv.read_csv(
            path,
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except FileNotFoundError:
        raise DamagedBuild(f"{path} is absent: build again with 'curate build'") from None
    except (pa.ArrowException, UnicodeDecodeError):
        raise DamagedBuild(f"{path} is no CSV table: build again with 'curate build'") from None
    if lacking := [name for name in columns if name not in rows.column_names]:
        raise DamagedBuild(f"{path} lacks the columns {', '.join(lacking)}: build again with 'curate build'")
    return rows
