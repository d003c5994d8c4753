"""Pictures that lie in a folder of the user's: read from there, where others are asked for over HTTP."""

from pathlib import Path
from urllib.parse import unquote

from harvest.errors import BadAnswer, Gone
from harvest.records import LOCAL
from harvest.request import Request
from harvest.response import Response


def is_local(url: str) -> bool:
    """Return whether an address is that of a picture in a folder."""
    return url.startswith(LOCAL)


def read_local(folder: Path | None, request: Request) -> Response:
    """Read a picture.

    Args:
        folder: Where it lies; None: no folder is named.
        request: Whose address is the file's path within the folder; what stands behind "?" tells its versions apart.

    Raises:
        Gone: It is not there any more.
        BadAnswer: It cannot be read, or would lie outside the folder.
    """
    name = unquote(request.url.removeprefix(LOCAL).partition("?")[0], errors="surrogateescape")
    if folder is None:
        raise BadAnswer(f"{name}: expected the folder that holds it, got none: name it with --images")
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise BadAnswer(f"{name}: expected a file within {folder}")
    try:
        return Response(request, request.url, 200, {}, (folder / name).read_bytes())
    except FileNotFoundError:
        raise Gone(f"{name}: not in {folder} any more") from None
    except OSError as error:
        raise BadAnswer(f"{name}: expected a file in {folder}, got {error.strerror}") from None
