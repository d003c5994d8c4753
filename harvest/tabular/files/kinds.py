"""Files that are no table, or none that can be read as they are: each is told by what it is and what to do."""

import io
import re
import zipfile

from harvest.errors import Unparsed

_AS_TABLE = "save the table as XLSX or CSV, and name that"
_UNPACK = "unpack it, and name the table that is in it"
_FROM_DATABASE = "export the table from it as XLSX or CSV, and name that"
_FIND = "name the table, not one of its pictures"
_STARTS = (  # how a file begins, what it is, and what to do
    (b"%PDF", "a PDF", _AS_TABLE),
    (b"{\\rtf", "a text document (RTF)", _AS_TABLE),
    (b"\x89PNG", "a picture (PNG)", _FIND),
    (b"\xff\xd8\xff", "a picture (JPEG)", _FIND),
    (b"GIF8", "a picture (GIF)", _FIND),
    (b"II*\0", "a picture (TIFF)", _FIND),
    (b"MM\0*", "a picture (TIFF)", _FIND),
    (b"\x1f\x8b", "a file packed by gzip", _UNPACK),
    (b"BZh91AY&SY", "a file packed by bzip2", _UNPACK),
    (b"\xfd7zXZ", "a file packed by xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a file packed by zstd", _UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"PAR1", "a Parquet file", _AS_TABLE),
    (b"SQLite format 3\0", "a SQLite database", _FROM_DATABASE),
    (b"\0\1\0\0Standard ", "an Access database", _FROM_DATABASE),
    (b"MIME-Version:", "a web archive (MHTML)", "open it in a spreadsheet program, save it as XLSX, and name that"),
    (b"\x09\x08\x08\0", "a workbook of Excel 4 or older", _AS_TABLE),
    (b"\x09\x04\x06\0", "a workbook of Excel 4 or older", _AS_TABLE),
    (b"\x09\x02\x06\0", "a workbook of Excel 4 or older", _AS_TABLE),
)
_LOCKED = "a spreadsheet behind a password"
_TAKE_AWAY = "open it, save it without the password as XLSX, and name that"
OLE = b"\xd0\xcf\x11\xe0"  # how Office files before 2007 begin, and those behind a password
ZIP = b"PK\x03\x04"
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a]")  # of no text; others part cells and lines in some program's tables
_MAX_CONTROL = 2  # strays


def expect_table(content: bytes) -> None:
    """Refuse a file that begins as no table does.

    Raises:
        Unparsed: It does; the message says what it is, and what to do.
    """
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Unparsed("the file is empty: export the table once more")
    for start, what, remedy in _STARTS:
        if content.startswith(start):
            raise _refusal(what, remedy)
    if content.startswith(OLE):
        _expect_workbook(content)
    if content.startswith(ZIP):
        _expect_sheets(content)


def expect_text(start: str) -> None:
    """Refuse what is no text, or one that is no table.

    Raises:
        Unparsed: It is; the message says what it is, and what to do.
    """
    if "\0" in start or len(_CONTROL.findall(start)) > _MAX_CONTROL:
        raise _refusal("neither text nor a spreadsheet that is known", _AS_TABLE)
    if re.match(r"\[\s*[\[{]", start):
        raise _refusal("a JSON array", "write one object a line (JSON Lines), as jq -c '.[]' does, and name that")
    if start.startswith("<?xml"):
        root = re.search(r"<([A-Za-z][\w.:-]*)", start)
        if root is not None and root[1].lower() == "workbook":
            raise _refusal("a workbook as XML (Excel 2003)", "open it, save it as XLSX, and name that")
        raise _refusal(f"XML (<{root[1] if root else '…'}>)", _AS_TABLE)


def told(error: str) -> str:
    """Return what to say of a spreadsheet that its reader fails on."""
    if "password" in error.lower() or "encrypt" in error.lower():
        return f"{_LOCKED}: {_TAKE_AWAY}"
    return (
        f"expected a spreadsheet (.xlsx, .ods or .xls), got one that cannot be read ({error}): open it, save it "
        "as XLSX, and name that"
    )


def _expect_workbook(content: bytes) -> None:
    """Look at the names of what an old Office file holds, which stand in it as UTF-16."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in content

    if holds("EncryptedPackage"):
        raise _refusal(_LOCKED, _TAKE_AWAY)
    if holds("Workbook") or holds("Book"):
        return
    if holds("WordDocument"):
        raise _refusal("a Word document", _AS_TABLE)
    raise _refusal("a file of an old Office program without a workbook in it", _AS_TABLE)


def _expect_sheets(content: bytes) -> None:
    """Look at the names of what a ZIP file holds, as XLSX and ODS are."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype").decode(errors="replace") if "mimetype" in names else ""
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError):
        raise Unparsed("a spreadsheet or ZIP file that is damaged or cut off: get it once more") from None
    if b"encryption-data" in manifest:
        raise _refusal(_LOCKED, _TAKE_AWAY)
    if any(name.startswith("xl/") for name in names) or "spreadsheet" in kind:
        return
    if any(name.startswith("word/") for name in names) or kind.startswith("application/vnd.oasis"):
        raise _refusal("a document of a word processor", _AS_TABLE)
    if any(name.endswith(".iwa") for name in names):
        raise _refusal("a file of Apple's Numbers or Pages", "export it as Excel or CSV, and name that")
    raise _refusal(f"a ZIP archive of {', '.join(names[:3])[:100]}", _UNPACK)


def _refusal(what: str, remedy: str) -> Unparsed:
    return Unparsed(f"expected a table (CSV, XLSX, ODS, XLS or JSON Lines), got {what}: {remedy}")
