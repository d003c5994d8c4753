import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from harvest.errors import BadAnswer
from harvest.pictures import PixelBudget
from harvest.records import StoredImage
from harvest.request import Request
from harvest.response import Response
from harvest.storage.images import reread, store

URL = "https://x/a.jpg"
BUDGET = PixelBudget(10_000)


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "green").save(target, kind)
    return target.getvalue()


def response(body: bytes, content_type: str = "image/jpeg") -> Response:
    return Response(Request("image", URL), URL, 200, {"content-type": content_type}, body)


def files_of(data: Path) -> list[str]:
    return [path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("TIFF", "tif")])
def test_an_image_is_kept_as_it_came_under_its_hash_and_its_own_type(tmp_path: Path, kind: str, extension: str) -> None:
    body = picture(kind)
    digest = hashlib.sha256(body).hexdigest()
    path = f"images/{digest[:2]}/{digest[2:4]}/{digest}.{extension}"
    assert store(tmp_path, response(body, "image/gif"), BUDGET) == StoredImage(digest, path, len(body), 40, 30)
    assert files_of(tmp_path) == [path]
    assert (tmp_path / path).read_bytes() == body


def test_the_same_image_is_kept_once_and_not_written_again(tmp_path: Path) -> None:
    first = store(tmp_path, response(picture("PNG")), BUDGET)
    written_at = (tmp_path / first.path).stat().st_ino, (tmp_path / first.path).stat().st_mtime_ns
    assert store(tmp_path, response(picture("PNG")), BUDGET) == first
    assert ((tmp_path / first.path).stat().st_ino, (tmp_path / first.path).stat().st_mtime_ns) == written_at
    other = store(tmp_path, response(picture("PNG", (30, 40))), BUDGET)
    assert sorted(files_of(tmp_path)) == sorted([first.path, other.path])


@pytest.mark.parametrize(
    ("body", "content_type", "came", "reason"),
    [
        (b"<html>Not found</html>", "text/html; charset=utf-8", "text/html, 22 bytes, beginning '<html>", "no known"),
        (b"", "", "no type, 0 bytes (", "no known image format"),
        (
            picture("JPEG")[:-20],
            "image/jpeg",
            f"image/jpeg, {len(picture('JPEG')) - 20} bytes",
            "image file is truncated",
        ),
    ],
    ids=["html", "nothing", "cut short"],
)
def test_what_is_no_whole_image_is_refused_with_what_came(
    tmp_path: Path, body: bytes, content_type: str, came: str, reason: str
) -> None:
    with pytest.raises(BadAnswer) as caught:
        store(tmp_path, response(body, content_type), BUDGET)
    assert str(caught.value).startswith(f"{URL}: expected an image, got {came}")
    assert reason in str(caught.value)
    assert files_of(tmp_path) == []


def test_an_image_of_more_pixels_than_the_budget_is_refused(tmp_path: Path) -> None:
    assert store(tmp_path, response(picture("PNG", (100, 100))), BUDGET).width == 100
    with pytest.raises(BadAnswer, match=r"\(101 x 100 pixels, more than 10000\)$"):
        store(tmp_path, response(picture("PNG", (101, 100))), BUDGET)


def test_a_stored_image_is_read_again_as_it_was_stored(tmp_path: Path) -> None:
    first = store(tmp_path, response(picture("JPEG")), BUDGET)
    assert reread(tmp_path, URL, first.path, first.sha256, BUDGET) == first


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    first = store(tmp_path, response(picture("JPEG")), BUDGET)
    (tmp_path / first.path).unlink()
    with pytest.raises(BadAnswer, match=f"^{first.path}: expected the image's file, got No such file or directory$"):
        reread(tmp_path, URL, first.path, first.sha256, BUDGET)


def test_a_file_that_holds_another_image_is_refused(tmp_path: Path) -> None:
    first = store(tmp_path, response(picture("JPEG")), BUDGET)
    (tmp_path / first.path).write_bytes(picture("PNG"))
    with pytest.raises(BadAnswer, match=f"^{first.path}: expected SHA-256 {first.sha256}, got another$"):
        reread(tmp_path, URL, first.path, first.sha256, BUDGET)


def test_a_file_of_the_right_hash_that_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no image")
    with pytest.raises(BadAnswer, match=f"^{URL}: expected an image, got no type, 8 bytes"):
        reread(tmp_path, URL, "file", hashlib.sha256(b"no image").hexdigest(), BUDGET)
