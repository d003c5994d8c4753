import hashlib
import io
from pathlib import Path

from PIL import Image

from curate.pictures import Picture, Unusable, store, store_all
from harvest.pictures import PixelBudget
from tests.curate.conftest import jpeg


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def decoded(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_picture_is_named_by_its_original(tmp_path: Path) -> None:
    path, sha256 = keep(tmp_path, jpeg((600, 400)))
    picture = store(tmp_path, path, tmp_path / "build", PixelBudget())
    assert picture == Picture(f"images/{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg", sha256, 450, 300)
    assert decoded((tmp_path / "build" / picture.image).read_bytes()).size == (450, 300)


def test_images_of_no_use_say_why(tmp_path: Path) -> None:
    changed, _ = keep(tmp_path, jpeg())
    (tmp_path / changed).write_bytes(jpeg((9, 9)))
    (tmp_path / "folder.jpg").mkdir()
    missing = "images/00/00/0000.jpg"
    torn, _ = keep(tmp_path, jpeg((900, 900))[:-300])
    outcomes = store_all(tmp_path, [changed, "folder.jpg", missing, torn], tmp_path, lambda steps, _: steps)
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Unusable)] == [
        "image unreadable",
        "image unreadable",
        "image missing from the data folder",
        "image unreadable",
    ]
    details = [outcome.detail for outcome in outcomes if isinstance(outcome, Unusable)]
    assert "another SHA-256" in details[0]
    assert "Is a directory" in details[1]
    assert details[2] == missing
    assert "truncated" in details[3]


def test_a_large_scan_is_read_without_a_warning(tmp_path: Path) -> None:
    path, _ = keep(tmp_path, encoded(Image.new("1", (9500, 9500)), "PNG"))
    (outcome,) = store_all(tmp_path, [path], tmp_path / "build", lambda steps, _: steps)
    assert isinstance(outcome, Picture)


def keep(data: Path, content: bytes) -> tuple[str, str]:
    sha256 = hashlib.sha256(content).hexdigest()
    (data / f"{sha256}.jpg").write_bytes(content)
    return f"{sha256}.jpg", sha256
