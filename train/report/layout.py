"""A document laid out: as one HTML page, as Markdown, and its figures and tables as files.

The page needs nothing beside it and lets nothing else in: its policy names the one style and the one script that may
work by their digests, and figures are pictures within it, in which no script runs.
"""

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from harvest.console.tables import comma_separated
from harvest.files import atomic_write
from train.report.document import Document, Part, Table

LONGEST_LATEX = 40  # rows; a longer table breaks over pages
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "±": r"$\pm$", "[": "{[}", "]": "{]}", "\"": r"\textquotedbl{}", "\u00a0": "~",
}  # fmt: skip


def write_document(folder: Path, document: Document) -> None:
    """Write report.html, report.md, and figures and tables in folders of their own; the page last.

    Args:
        folder: Where; what an earlier report left there is replaced.
        document: What is to be said.
    """
    files: dict[str, bytes] = {}
    for figure in document.figures:
        files |= {f"figures/{figure.file}.svg": figure.svg, f"figures/{figure.file}.png": figure.png}
    for table in document.tables:
        files |= {f"tables/{table.file}.csv": encoded(f"{csv_of(table)}\n")}
        files |= {f"tables/{table.file}.tex": encoded(latex_of(table))}
    files |= {"report.md": encoded(markdown_of(document)), "report.html": encoded(html_of(document))}
    _forget(folder, files)
    for name, content in files.items():
        with atomic_write(folder / name) as file:
            file.write(content)


def html_of(document: Document) -> str:
    """Return the page."""
    environment = _environment()
    style, script = (_source(name) for name in ("page.css", "page.js"))
    policy = "; ".join(
        ("default-src 'none'", "img-src data:", f"style-src '{_digest(style)}'", f"script-src '{_digest(script)}'",
         "base-uri 'none'", "form-action 'none'")
    )  # fmt: skip
    return environment.get_template("page.html.j2").render(
        document=document, style=Markup(style), script=Markup(script), policy=Markup(policy)  # noqa: S704 - ours
    )  # fmt: skip


def markdown_of(document: Document) -> str:
    """Return the text."""
    text = _environment().get_template("page.md.j2").render(document=document)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def csv_of(table: Table) -> str:
    """Return a table for programs."""
    return comma_separated(*table.plain())


def latex_of(table: Table) -> str:
    """Return a table for a paper; it needs the packages booktabs and, where it is long, longtable."""
    name = "longtable" if len(table.rows) > LONGEST_LATEX else "tabular"
    columns = "".join("r" if is_number else "l" for is_number in table.is_numeric)
    head, *rows = (
        " & ".join(map(latex_escaped, line)) + r" \\"
        for line in (table.columns, *([cell.text for cell in row] for row in table.rows))
    )
    lines = [f"\\begin{{{name}}}{{{columns}}}", r"\toprule", head, r"\midrule"]
    lines += [r"\endhead"] if name == "longtable" else []
    caption = [f"% {' '.join(table.caption.split())}"] if table.caption else []
    return "\n".join([*caption, *lines, *rows, r"\bottomrule", f"\\end{{{name}}}", ""])


def latex_escaped(text: str) -> str:
    """Return text in which nothing is a command of LaTeX."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def markdown_escaped(text: str) -> str:
    """Return text in which nothing is a mark of Markdown or HTML."""
    return _MARKDOWN.sub(r"\\\1", text)


def encoded(text: str) -> bytes:
    """Return text as UTF-8; half a character is written out."""
    return text.encode("utf-8", "backslashreplace")


def _forget(folder: Path, files: Mapping[str, Any]) -> None:
    """Remove figures and tables of an earlier report that this one does not have."""
    for path in (*folder.glob("figures/*"), *folder.glob("tables/*")):
        if path.relative_to(folder).as_posix() not in files and path.suffix in (".svg", ".png", ".csv", ".tex"):
            path.unlink()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("train.report"),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"kind": _kind, "anchor": _anchor, "data": _address, "escaped": markdown_escaped}
    environment.filters["markdown_table"] = _markdown_table
    return environment


def _kind(part: Part) -> str:
    return type(part).__name__


def _anchor(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def _address(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _markdown_table(table: Table) -> str:
    rules = ["---:" if is_number else "---" for is_number in table.is_numeric]
    rows: Iterable[Sequence[str]] = ([cell.text for cell in row] for row in table.rows)
    lines = [[markdown_escaped(text) for text in line] for line in (table.columns, *rows)]
    lines.insert(1, rules)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@functools.cache
def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _source(name: str) -> str:
    return resources.files("train.report").joinpath("templates", name).read_text("utf-8").strip()
