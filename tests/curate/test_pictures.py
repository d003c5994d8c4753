import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.pictures import Picture, Unreadable, Unusable, shrink, store, store_all
from tests.curate.conftest import jpeg


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def decoded(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ((1200, 900), (400, 300)),
        ((900, 1200), (300, 400)),
        ((1000, 1507), (300, 452)),
        ((4803, 4801), (300, 300)),
        ((3000, 310), (2903, 300)),
        ((300, 5000), (300, 5000)),
        ((200, 1000), (200, 1000)),
        ((40, 30), (40, 30)),
    ],
)
def test_the_shorter_side_becomes_300_and_nothing_is_enlarged(
    original: tuple[int, int], expected: tuple[int, int]
) -> None:
    for kind in ("JPEG", "PNG"):
        small, size = shrink(encoded(Image.new("RGB", original, "green"), kind))
        assert size == decoded(small).size == expected


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("original", [(60, 40), (1210, 800)])
def test_a_picture_is_turned_upright(orientation: int, original: tuple[int, int]) -> None:
    image = Image.new("RGB", original, "white")
    image.paste("red", (0, 0, original[0] // 2, original[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    small, size = shrink(encoded(image, "JPEG", exif=exif))
    wide = (60, 40) if original == (60, 40) else (454, 300)
    assert size == decoded(small).size == (wide if orientation < 5 else wide[::-1])
    right, low = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    red = decoded(small).getpixel((size[0] * (1 + 2 * right) // 4, size[1] * (1 + 2 * low) // 4))
    assert red[0] > 200
    assert red[1] < 60


def test_cmyk_becomes_rgb() -> None:
    image = decoded(shrink(encoded(Image.new("CMYK", (50, 50), (0, 255, 255, 0)), "JPEG"))[0])
    assert image.mode == "RGB"
    assert image.getpixel((25, 25))[0] > 200
    assert image.getpixel((25, 25))[1] < 60


def test_what_is_transparent_lies_on_white() -> None:
    palette = Image.new("P", (50, 50), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(1, (25, 0, 50, 50))
    for transparency in (0, bytes([0, 255])):
        image = decoded(shrink(encoded(palette, "PNG", transparency=transparency))[0])
        assert min(image.getpixel((5, 25))) > 240
        assert image.getpixel((45, 25))[2] > 200
    half = decoded(shrink(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 128)), "PNG"))[0])
    assert half.getpixel((25, 25)) == pytest.approx((127, 127, 127), abs=3)
    grey = decoded(shrink(encoded(Image.new("LA", (50, 50), (0, 0)), "PNG"))[0])
    assert grey.getpixel((25, 25)) == (255, 255, 255)


def test_sixteen_bit_grey_keeps_its_range() -> None:
    values = np.linspace(0, 65535, 400 * 400).reshape(400, 400).astype("uint16")
    for kind in ("PNG", "TIFF"):
        image = decoded(shrink(encoded(Image.fromarray(values), kind))[0])
        assert image.mode == "RGB"
        assert image.getpixel((150, 1))[0] < 5
        assert image.getpixel((150, 150)) == pytest.approx((128, 128, 128), abs=3)
        assert image.getpixel((150, 298))[0] > 250


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_other_modes_become_rgb(mode: str) -> None:
    assert decoded(shrink(encoded(Image.new(mode, (310, 310)), "PNG"))[0]).mode == "RGB"


def test_no_metadata_stays() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    small = shrink(jpeg((400, 310), exif=exif, comment=b"a comment", icc_profile=b"a profile" * 20, dpi=(72, 72)))[0]
    assert not {"exif", "comment", "icc_profile", "dpi"} & set(decoded(small).info)
    assert b"comment" not in small


def test_a_picture_is_the_same_each_time() -> None:
    noise = Image.effect_noise((900, 700), 80)
    assert shrink(encoded(noise, "PNG"))[0] == shrink(encoded(noise, "PNG"))[0]


def test_a_jpeg_decoded_small_looks_like_one_decoded_whole() -> None:
    gradient = Image.merge("RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L")])
    content = encoded(gradient.resize((2600, 2400)), "JPEG", quality=95)
    ours = np.asarray(decoded(shrink(content)[0]), dtype=int)
    whole = np.asarray(decoded(content).resize((325, 300), Image.Resampling.LANCZOS), dtype=int)
    assert np.abs(ours - whole).mean() < 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no known image format"),
        (b"<html>not found</html>", "no known image format"),
        (jpeg((900, 900))[:-200], "truncated"),
        (encoded(Image.effect_noise((90, 90), 50), "PNG")[:-200], "."),
        (encoded(Image.new("RGB", (9, 9)), "PNG").replace(b"IDAT", b"IDAX"), "."),
    ],
)
def test_what_cannot_be_read_to_the_end_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message) as first:
        shrink(content)
    with pytest.raises(Unreadable) as second:
        shrink(content)
    assert str(first.value) == str(second.value)


def test_a_picture_is_named_by_its_original(tmp_path: Path) -> None:
    path, sha256 = keep(tmp_path, jpeg((600, 400)))
    picture = store(tmp_path, path, tmp_path / "build")
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
