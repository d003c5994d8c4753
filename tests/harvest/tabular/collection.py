"""A small collection of a museum that nobody serves: a table and a folder of pictures."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

HEADER = ("Inv.-Nr.", "Titel", "Künstler", "Datierung", "Technik", "Gattung", "Stil", "Bildrechte")


def row(number: int, **changes: str) -> list[str]:
    """Return a row of the table."""
    cells = {
        "Inv.-Nr.": f"A-{number:02}",
        "Titel": f"Mädchen am Fenster {number}",
        "Künstler": "Müller, Jörg (1840–1926)",
        "Datierung": f"um {1860 + number}",
        "Technik": "Öl auf Leinwand",
        "Gattung": "Porträt",
        "Stil": "Realismus",
        "Bildrechte": "CC0",
    }
    return list((cells | changes).values())


def write_table(path: Path, rows: Iterable[Sequence[str]], *, encoding: str = "utf-8", separator: str = ";") -> Path:
    """Write a table as a spreadsheet saves it."""
    quoted = [separator.join(_quoted(cell, separator) for cell in cells) for cells in rows]
    path.write_bytes(("\r\n".join(quoted) + "\r\n").encode(encoding))
    return path


def draw(folder: Path, *names: str) -> Path:
    """Draw a picture under each name; no two are the same."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = sum(name.encode()) % 200
        Image.linear_gradient("L").resize((80 + len(name), 60)).point(lambda v, s=shade: (v + s) % 256).save(path)
    return folder


def _quoted(cell: str, separator: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & {separator, '"', "\n"} else cell
