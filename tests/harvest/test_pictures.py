import io
import math
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, TiffImagePlugin

from harvest import pictures
from harvest.pictures import (
    EXTENSIONS,
    MAX_ASPECT,
    MAX_PIXELS,
    QUALITY,
    ROOM,
    Checked,
    PixelBudget,
    Sliver,
    Truncated,
    Unreadable,
    read,
    shrink,
    verify,
)
from tests.curate.conftest import jpeg

BUDGET = PixelBudget()


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
        small, size = shrink(encoded(Image.new("RGB", original, "green"), kind), BUDGET)
        assert size == decoded(small).size == expected


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("original", [(60, 40), (1210, 800)])
def test_a_picture_is_turned_upright(orientation: int, original: tuple[int, int]) -> None:
    image = Image.new("RGB", original, "white")
    image.paste("red", (0, 0, original[0] // 2, original[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    small, size = shrink(encoded(image, "JPEG", exif=exif), BUDGET)
    wide = (60, 40) if original == (60, 40) else (454, 300)
    assert size == decoded(small).size == (wide if orientation < 5 else wide[::-1])
    right, low = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    red = decoded(small).getpixel((size[0] * (1 + 2 * right) // 4, size[1] * (1 + 2 * low) // 4))
    assert red[0] > 200
    assert red[1] < 60


def test_cmyk_becomes_rgb() -> None:
    image = decoded(shrink(encoded(Image.new("CMYK", (50, 50), (0, 255, 255, 0)), "JPEG"), BUDGET)[0])
    assert image.mode == "RGB"
    assert image.getpixel((25, 25))[0] > 200
    assert image.getpixel((25, 25))[1] < 60


def test_what_is_transparent_lies_on_white() -> None:
    palette = Image.new("P", (50, 50), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(1, (25, 0, 50, 50))
    for transparency in (0, bytes([0, 255])):
        image = decoded(shrink(encoded(palette, "PNG", transparency=transparency), BUDGET)[0])
        assert min(image.getpixel((5, 25))) > 240
        assert image.getpixel((45, 25))[2] > 200
    half = decoded(shrink(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 128)), "PNG"), BUDGET)[0])
    assert half.getpixel((25, 25)) == pytest.approx((127, 127, 127), abs=3)
    grey = decoded(shrink(encoded(Image.new("LA", (50, 50), (0, 0)), "PNG"), BUDGET)[0])
    assert grey.getpixel((25, 25)) == (255, 255, 255)


def test_sixteen_bit_grey_keeps_its_range() -> None:
    values = np.linspace(0, 65535, 400 * 400).reshape(400, 400).astype("uint16")
    for kind in ("PNG", "TIFF"):
        image = decoded(shrink(encoded(Image.fromarray(values), kind), BUDGET)[0])
        assert image.mode == "RGB"
        assert image.getpixel((150, 1))[0] < 5
        assert image.getpixel((150, 150)) == pytest.approx((128, 128, 128), abs=3)
        assert image.getpixel((150, 298))[0] > 250


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_other_modes_become_rgb(mode: str) -> None:
    assert decoded(shrink(encoded(Image.new(mode, (310, 310)), "PNG"), BUDGET)[0]).mode == "RGB"


def test_no_metadata_stays() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    small = shrink(
        jpeg((400, 310), exif=exif, comment=b"a comment", icc_profile=b"a profile" * 20, dpi=(72, 72)), BUDGET
    )[0]
    assert not {"exif", "comment", "icc_profile", "dpi"} & set(decoded(small).info)
    assert b"comment" not in small


def test_a_picture_is_the_same_each_time() -> None:
    noise = Image.effect_noise((900, 700), 80)
    assert shrink(encoded(noise, "PNG"), BUDGET)[0] == shrink(encoded(noise, "PNG"), BUDGET)[0]


def test_a_jpeg_decoded_small_looks_like_one_decoded_whole() -> None:
    gradient = Image.merge("RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L")])
    content = encoded(gradient.resize((2600, 2400)), "JPEG", quality=95)
    ours = np.asarray(decoded(shrink(content, BUDGET)[0]), dtype=int)
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
        shrink(content, BUDGET)
    with pytest.raises(Unreadable) as second:
        shrink(content, BUDGET)
    assert str(first.value) == str(second.value)


def plainly(content: bytes) -> bytes:
    """Shrink a picture by Pillow's own plain ways, which a picture of no peculiarity must come out of unchanged."""
    image = Image.open(io.BytesIO(content))
    scale = min(1.0, 300 / min(image.size))
    width, height = (round(length * scale) for length in image.size)
    image.draft(None, (math.ceil(ROOM * width), math.ceil(ROOM * height)))
    upright = ImageOps.exif_transpose(image).convert("RGB")
    size = (width, height) if (upright.width > upright.height) == (width > height) else (height, width)
    small = upright.resize(size, Image.Resampling.BICUBIC)
    small.info = {}
    return encoded(small, "JPEG", quality=QUALITY)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "JPEG2000"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "CMYK"])
def test_an_ordinary_picture_is_only_shrunk(kind: str, mode: str) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((700, 620), 90) for _ in range(3)])
    try:
        content = encoded(noise.convert(mode), kind)
    except (OSError, ValueError):
        pytest.skip(f"{kind} holds no {mode}")
    assert shrink(content, BUDGET)[0] == plainly(content)
    assert read(content, BUDGET).size == (700, 620)


@pytest.mark.parametrize("options", [{"progressive": True}, {"icc_profile": "sRGB"}, {"exif": 8}])
def test_a_jpeg_of_another_kind_is_only_shrunk(options: dict[str, object]) -> None:
    if "icc_profile" in options:
        options = {"icc_profile": profile("sRGB")}
    if "exif" in options:
        exif = Image.Exif()
        exif[0x0112] = options["exif"]
        options = {"exif": exif}
    content = encoded(Image.effect_noise((1300, 900), 60).convert("RGB"), "JPEG", **options)
    assert shrink(content, BUDGET)[0] == plainly(content)


@pytest.mark.parametrize(
    ("kind", "values", "white"),
    [
        ("int32", (0, 255), 255),
        ("int32", (0, 65_535), 65_535),
        ("int32", (-70_000, 140_000), 140_000),
        ("float32", (0, 1), 1),
        ("float32", (-1, 0.5), 1),
        ("float32", (0, 255), 255),
        ("float32", (0, 65_535), 65_535),
        ("float32", (0, 1e9), 1e9),
        ("uint16", (0, 255), 65_535),
    ],
)
def test_greys_of_any_width_are_scaled_to_what_is_white_in_them(
    kind: str, values: tuple[float, float], white: float
) -> None:
    greys = np.linspace(*values, 50 * 40).reshape(40, 50).astype(kind)
    expected = (greys.astype(float) * 255 / white).clip(0, 255)
    result = np.asarray(read(encoded(Image.fromarray(greys), "TIFF"), BUDGET))[..., 0]
    assert np.abs(result - expected).max() <= 0.51


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_picture_of_no_numbers_says_so(value: float) -> None:
    greys = np.full((40, 50), value, "float32")
    with pytest.raises(Unreadable, match=r"largest value is (nan|inf)"):
        read(encoded(Image.fromarray(greys), "TIFF"), BUDGET)


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_tiff_is_turned_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (1200, 400), "white")
    image.paste("red", (0, 0, 600, 200))
    small, size = shrink(encoded(image, "TIFF", exif=exif), BUDGET)
    assert size == decoded(small).size == ((900, 300) if orientation == 3 else (300, 900))
    assert decoded(small).getpixel((size[0] * 3 // 4, size[1] * (3 if orientation == 3 else 1) // 4))[1] < 60


def test_a_png_whose_metadata_stand_at_its_end_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(Image.new("RGB", (1200, 400)), "PNG", exif=exif)
    place = content.index(b"eXIf") - 4
    length = int.from_bytes(content[place : place + 4], "big") + 12
    chunk = content[place : place + length]
    late = content[:place] + content[place + length : -12] + chunk + content[-12:]
    assert PngImagePlugin.PngImageFile(io.BytesIO(late)).size == (1200, 400)
    assert shrink(late, BUDGET)[1] == (300, 900)


def test_broken_metadata_are_no_broken_picture() -> None:
    content = jpeg((400, 310), exif=b"Exif\0\0neither one byte order nor the other")
    assert shrink(content, BUDGET)[1] == (387, 300)


# Colours
def profile(name: str) -> bytes:
    """Return the bytes of a profile that LittleCMS makes."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def wide_profile() -> bytes:
    """Return a profile of RGB in which red is what sRGB calls green, and the other way round."""
    content = profile("sRGB")
    red, green = (content[content.index(tag) :][4:12] for tag in (b"rXYZ", b"gXYZ"))
    return content.replace(b"rXYZ" + red, b"rXYZ" + green).replace(b"gXYZ" + green, b"gXYZ" + red)


def grey_profile(gamma: float) -> bytes:
    """Return a profile of greys: a header, a white point and a curve of one exponent."""
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + round(gamma * 256).to_bytes(2, "big") + bytes(2)
    white = b"XYZ " + bytes(4) + b"".join(round(x * 65536).to_bytes(4, "big") for x in (0.9642, 1.0, 0.8249))
    tags = [(b"wtpt", white), (b"kTRC", curve)]
    table, content, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + (offset + len(content)).to_bytes(4, "big") + len(data).to_bytes(4, "big")
        content += data
    body = len(tags).to_bytes(4, "big") + table + content
    header = bytearray(128)
    header[0:4] = (128 + len(body)).to_bytes(4, "big")
    header[8:12] = bytes([2, 0x40, 0, 0])
    header[12:24] = b"mntrGRAYXYZ "
    header[36:40] = b"acsp"
    header[68:80] = white[8:]
    return bytes(header) + body


def test_colours_are_brought_to_srgb_by_the_embedded_profile() -> None:
    red = Image.new("RGB", (40, 40), (230, 20, 20))
    for kind in ("PNG", "TIFF", "JPEG", "WEBP"):
        plain = read(encoded(red, kind, lossless=True), BUDGET).getpixel((20, 20))
        turned = read(encoded(red, kind, lossless=True, icc_profile=wide_profile()), BUDGET).getpixel((20, 20))
        assert plain == pytest.approx((230, 20, 20), abs=2)
        assert turned == pytest.approx((20, 230, 20), abs=3)
    transparent = red.copy()
    transparent.putalpha(0)
    assert read(encoded(transparent, "PNG", icc_profile=wide_profile()), BUDGET).getpixel((20, 20)) == (255, 255, 255)


def adobe_rgb() -> bytes:
    """Return a profile with the primaries (to D50) and the curve of Adobe RGB (1998)."""
    primaries = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
    }
    content = profile("sRGB")
    for tag, values in primaries.items():
        number = content.index(tag)
        place = int.from_bytes(content[number + 4 : number + 8], "big")
        xyz = b"XYZ " + bytes(4) + b"".join(round(value * 65536).to_bytes(4, "big") for value in values)
        content = content[:place] + xyz + content[place + len(xyz) :]
    number = content.index(b"rTRC")
    place = int.from_bytes(content[number + 4 : number + 8], "big")
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + (0x0233).to_bytes(2, "big") + bytes(2)
    return content[:place] + curve + content[place + len(curve) :]


def test_a_wide_gamut_is_converted_and_not_dropped() -> None:
    green = Image.new("RGB", (40, 40), (60, 200, 60))
    for kind in ("PNG", "TIFF"):
        picture = read(encoded(green, kind, icc_profile=adobe_rgb()), BUDGET)
        assert picture.getpixel((20, 20)) == pytest.approx((0, 201, 37), abs=3)
    small = decoded(shrink(encoded(green, "PNG", icc_profile=adobe_rgb()), BUDGET)[0])
    assert small.getpixel((20, 20)) == pytest.approx((0, 201, 37), abs=5)


def test_greys_are_brought_to_srgb_by_a_profile_of_greys() -> None:
    grey = Image.new("L", (40, 40), 128)
    dark = read(encoded(grey, "PNG", icc_profile=grey_profile(1.0)), BUDGET)
    assert dark.mode == "RGB"
    assert dark.getpixel((20, 20)) == pytest.approx((188, 188, 188), abs=2)  # linear light, half of it
    with_alpha = Image.merge("LA", [grey, Image.new("L", (40, 40), 255)])
    assert read(encoded(with_alpha, "PNG", icc_profile=grey_profile(1.0)), BUDGET).getpixel((2, 2)) == dark.getpixel(
        (2, 2)
    )


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("name", ["none at all", "of another space", "sRGB", "LAB"])
def test_a_profile_that_does_not_fit_or_is_srgb_changes_nothing(mode: str, name: str) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((400, 320), 90) for _ in range(3)]).convert(mode)
    others = {"RGB": grey_profile(1.0), "L": profile("LAB"), "CMYK": wide_profile()}
    content = {"none at all": b"a profile" * 20, "of another space": others[mode]}.get(name) or profile(name)
    for kind in ("JPEG", "TIFF"):
        assert shrink(encoded(noise, kind, icc_profile=content), BUDGET) == shrink(encoded(noise, kind), BUDGET)


# Formats
def test_each_format_is_known_by_its_content() -> None:
    for name, extension in EXTENSIONS.items():
        content = encoded(Image.new("RGB", (40, 30)), name, **({"save_all": True} if name == "MPO" else {}))
        kind, *rest = verify(content, BUDGET)
        assert (EXTENSIONS[kind], *rest) == (extension, 40, 30, False)


def test_of_several_jpegs_in_a_file_the_first_is_the_picture() -> None:
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    content = encoded(first, "MPO", save_all=True, append_images=[second])
    assert verify(content, BUDGET) == Checked("MPO", 40, 30)
    assert read(content, BUDGET).getpixel((20, 15)) == pytest.approx((255, 0, 0), abs=2)


@pytest.mark.parametrize("kind", ["EPS", "PDF", "BMP", "PPM", "ICNS", "TGA", "PCX"])
def test_no_other_format_is_opened(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "check_call", lambda *_arguments, **_options: pytest.fail("a program was started"))
    content = encoded(Image.new("RGB", (64, 64)), kind)
    for decode in (verify, read, shrink):
        with pytest.raises(Unreadable, match="no known image format"):
            decode(content, BUDGET)


# The budget
def test_pillows_own_limit_is_left_alone_and_does_not_hinder() -> None:
    limit = "import PIL.Image; before = PIL.Image.MAX_IMAGE_PIXELS\nimport harvest.cli, curate.cli, train.cli"
    check = f"{limit}\nimport harvest.pictures; assert PIL.Image.MAX_IMAGE_PIXELS == before is not None"
    subprocess.run([sys.executable, "-c", check], check=True)
    assert Image.MAX_IMAGE_PIXELS is not None
    large = Image.new("1", (13_600, 13_600))  # 185 million pixels: more than twice Pillow's limit
    assert 2 * Image.MAX_IMAGE_PIXELS < large.width * large.height < MAX_PIXELS
    for kind, options in (("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "group4"})):
        assert verify(encoded(large, kind, **options), BUDGET)[1:3] == (13_600, 13_600)


def test_a_picture_larger_than_the_budget_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(Image.new("L", (100, 101)), "JPEG")
    assert verify(content, PixelBudget(10_100)) == Checked("JPEG", 100, 101)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _self: pytest.fail("it was decoded"))
    for decode in (verify, read, shrink):
        with pytest.raises(Unreadable, match=r"^100 x 101 pixels, more than 10099$"):
            decode(content, PixelBudget(10_099))


class Watched(PixelBudget):
    """A budget that knows how much was held at most."""

    held = most = 0
    guard = threading.Lock()

    @pictures.contextmanager
    def hold(self, pixels: int) -> Iterator[None]:
        with super().hold(pixels):
            with self.guard:
                self.held += pixels
                self.most = max(self.most, self.held)
            yield
            with self.guard:
                self.held -= pixels


def test_threads_together_never_hold_more_than_the_budget() -> None:
    budget = Watched(100 * 100 * 5 // 2)
    content = encoded(Image.effect_noise((100, 100), 50), "PNG")
    threads = [threading.Thread(target=lambda: [verify(content, budget) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.held == 0
    assert 0 < budget.most <= 2 * 100 * 100


def test_what_was_held_is_free_again_after_an_error() -> None:
    budget = PixelBudget(900 * 900)
    for _ in range(3):
        with pytest.raises(Unreadable, match="truncated"):
            verify(jpeg((900, 900))[:-200], budget)
    assert verify(jpeg((900, 900)), budget) == Checked("JPEG", 900, 900)


def test_small_pictures_do_not_overtake_a_large_one() -> None:
    budget, order = PixelBudget(10), []

    def take(name: str, pixels: int) -> None:
        with budget.hold(pixels):
            order.append(name)

    with budget.hold(4):
        large = threading.Thread(target=take, args=("large", 10))
        large.start()
        while not budget._turn.locked():
            time.sleep(0.001)
        small = threading.Thread(target=take, args=("small", 1))
        small.start()
        time.sleep(0.05)
        assert order == []
    large.join()
    small.join()
    assert order == ["large", "small"]


def test_a_jpeg_to_be_shrunk_holds_what_is_decoded_unless_it_is_progressive() -> None:
    image = Image.effect_noise((4800, 3600), 20)
    for options, most in (({}, 600 * 450), ({"progressive": True}, 4800 * 3600)):
        budget = Watched()
        assert shrink(encoded(image, "JPEG", **options), budget)[1] == (400, 300)
        assert budget.most == most


# What is missing
def grainy(size: tuple[int, int], flat: int | None = None) -> Image.Image:
    """Return an invented picture with grain, its lower half of one colour if one is named."""
    chance = np.random.default_rng(0)
    waves = Image.fromarray(chance.integers(0, 255, (9, 9, 3), dtype="uint8")).resize(size, Image.Resampling.BICUBIC)
    values = np.asarray(waves).astype(float) + chance.normal(0, 8, (size[1], size[0], 1))
    if flat is not None:
        values[size[1] // 2 :] = flat
    return Image.fromarray(values.clip(0, 255).astype("uint8"))


JPEGS = {
    "baseline": {},
    "fine": {"quality": 100, "subsampling": 0},
    "coarse": {"quality": 30},
    "optimized": {"optimize": True},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_blocks": 20},
}


def outcome(decode: Callable[..., object], content: bytes) -> object:
    """Return what comes of a file: a result, or the reason why there is none."""
    try:
        return decode(content, BUDGET)
    except Unreadable as error:
        return "truncated" if "truncated" in str(error) else str(error)


def without_second_half(content: bytes, *, ended: bool) -> bytes:
    return content[: len(content) // 2] + (b"\xff\xd9" if ended else b"")


def with_zeros(content: bytes, *, ended: bool) -> bytes:
    half = len(content) // 2
    return content[:half] + bytes(len(content) - half - 2) + (b"\xff\xd9" if ended else b"\0\0")


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
@pytest.mark.parametrize("flat", [None, 0, 128, 255])
@pytest.mark.parametrize("size", [(640, 480), (1501, 1201)])
def test_a_whole_jpeg_is_whole_whatever_its_kind_and_its_colours(
    options: dict[str, object], flat: int | None, size: tuple[int, int]
) -> None:
    content = encoded(grainy(size, flat), "JPEG", **options)
    for whole in (content, content + bytes(500), content + b"and a note that some camera left"):
        assert verify(whole, BUDGET) == Checked("JPEG", *size)
        assert shrink(whole, BUDGET) == shrink(content, BUDGET)


def test_a_jpeg_of_one_colour_is_whole_though_its_data_are_all_zeros() -> None:
    content = encoded(Image.new("RGB", (2000, 1500), "white"), "JPEG", optimize=True)
    assert bytes(64) in content
    assert not verify(content, BUDGET).is_truncated


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
@pytest.mark.parametrize("cut", [without_second_half, with_zeros])
@pytest.mark.parametrize("flat", [None, 128, 255])
def test_a_jpeg_whose_second_half_is_missing_is_truncated_though_it_has_an_end(
    options: dict[str, object], cut: Callable[..., bytes], flat: int | None
) -> None:
    content = cut(encoded(grainy((640, 480), flat), "JPEG", **options), ended=True)
    assert verify(content, BUDGET) == Checked("JPEG", 640, 480, is_truncated=True)
    if "progressive" not in options:  # of which only `verify` looks at what is the last bit of most values
        for side in (None, 300):
            with pytest.raises(Truncated):
                read(content, BUDGET, side=side)
    assert shrink(content, BUDGET, with_truncated=True)[1] == (400, 300)


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
@pytest.mark.parametrize("cut", [without_second_half, with_zeros])
def test_a_jpeg_without_an_end_is_truncated_or_unreadable_but_never_whole(
    options: dict[str, object], cut: Callable[..., bytes]
) -> None:
    content = cut(encoded(grainy((640, 480)), "JPEG", **options), ended=False)
    assert outcome(verify, content) in (Checked("JPEG", 640, 480, is_truncated=True), "truncated")


def test_the_first_of_several_jpegs_is_looked_at_for_what_is_missing() -> None:
    first, second = grainy((640, 480)), Image.new("RGB", (640, 480), "blue")
    content = encoded(first, "MPO", save_all=True, append_images=[second])
    assert not verify(content, BUDGET).is_truncated
    place = content.index(b"\xff\xd9")
    assert verify(content[: place // 2] + content[place:], BUDGET).is_truncated


# Metadata and odd files
def tiff(*tags: tuple[int, int, int, bytes]) -> bytes:
    """Return a TIFF of 40 x 30 greys with these tags (number, type, count, value) beside or in place of the usual."""
    pixels = bytes(range(200, 240)) * 30
    own = {
        256: (4, 1, struct.pack("<I", 40)),
        257: (4, 1, struct.pack("<I", 30)),
        258: (3, 1, struct.pack("<HH", 8, 0)),
        259: (3, 1, struct.pack("<HH", 1, 0)),
        262: (3, 1, struct.pack("<HH", 1, 0)),
        273: (4, 1, struct.pack("<I", 8)),
        278: (4, 1, struct.pack("<I", 30)),
        279: (4, 1, struct.pack("<I", len(pixels))),
    }
    own |= {number: (kind, count, value) for number, kind, count, value in tags}
    start = 8 + len(pixels)
    extra = start + 2 + 12 * len(own) + 4
    entries, values = b"", b""
    for number, (kind, count, value) in sorted(own.items()):
        if len(value) > 4:
            value, values = struct.pack("<I", extra + len(values)), values + value
        entries += struct.pack("<HHI", number, kind, count) + value.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", start) + pixels + struct.pack("<H", len(own)) + entries + bytes(4) + values


TAGS = {
    "resolution as text": (282, 2, 8, b"seventy\0"),
    "maker as a double": (271, 12, 1, struct.pack("<d", 1.5)),
    "orientation as text": (274, 2, 4, b"six\0"),
    "orientation as a float": (274, 11, 1, struct.pack("<f", 6.0)),
    "orientation of many": (274, 3, 5, struct.pack("<5H", *range(5))),
    "a date as bytes": (306, 7, 3, b"\xff\xfe\xfd"),
    "a folder of EXIF nowhere": (34665, 4, 1, struct.pack("<I", 1 << 30)),
    "a profile as text": (34675, 2, 6, b"colour"),
}


@pytest.mark.filterwarnings("ignore:Metadata Warning")  # Pillow's, of a tag with too many values
@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
@pytest.mark.parametrize("orientation", [None, 3])
def test_a_tag_of_a_wrong_type_does_not_spoil_a_sound_picture(
    tag: tuple[int, int, int, bytes], orientation: int | None
) -> None:
    turned = [(274, 3, 1, struct.pack("<HH", orientation, 0))] if orientation and tag[0] != 274 else []
    sound = read(tiff(*turned), BUDGET).tobytes()
    content = tiff(tag, *turned)
    assert verify(content, BUDGET) == Checked("TIFF", 40, 30)
    assert read(content, BUDGET).tobytes() == sound
    exif = b"Exif\0\0" + content
    assert shrink(jpeg((400, 310), exif=exif), BUDGET)[1] in ((387, 300), (300, 387))
    note = PngImagePlugin.PngInfo()
    note.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n")
    assert read(encoded(Image.new("L", (40, 30), 7), "PNG", pnginfo=note), BUDGET).size in ((40, 30), (30, 40))


@pytest.mark.parametrize("text", ["", "\nexif\n", "no hexadecimal\n\n\n", "\nexif\n 8\nzz", "\nexif\n 4\n45786966"])
def test_a_text_that_pretends_to_be_exif_does_not_spoil_a_sound_picture(text: str) -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("Raw profile type exif", text)
    assert shrink(encoded(Image.new("RGB", (400, 310)), "PNG", pnginfo=note), BUDGET)[1] == (387, 300)


@pytest.mark.parametrize("number", [256, 257, 258, 259, 262, 273, 277, 278, 279, 317, 322, 324])
@pytest.mark.parametrize("kind", [2, 5, 7, 9, 11, 12])
def test_a_tiff_whose_own_tags_are_of_a_wrong_type_is_read_or_refused_with_a_reason(number: int, kind: int) -> None:
    content = tiff((number, kind, 1, struct.pack("<d", 8.0)[: {2: 1, 7: 1, 9: 4, 11: 4}.get(kind, 8)]))
    for decode in (verify, read, shrink):
        assert outcome(decode, content) not in ("", None)


def test_what_the_pixels_of_a_tiff_of_lab_show_is_seen() -> None:
    red = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB").apply(
        Image.new("RGB", (40, 30), (200, 30, 30))
    )
    assert read(encoded(red, "TIFF"), BUDGET).getpixel((5, 5)) == pytest.approx((200, 30, 30), abs=4)


def pages(*images: Image.Image, is_marked: bool = False) -> bytes:
    """Return a TIFF of several pages, of which the first may say that it is a thumbnail."""
    target = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(target, new=True) as writer:
        for number, image in enumerate(images):
            image.save(writer, "TIFF", tiffinfo={254: int(is_marked and number == 0)})
            writer.newFrame()
    return target.getvalue()


LARGE, SMALL, OTHER = (Image.new("RGB", size, "red") for size in ((400, 300), (100, 75), (900, 900)))


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (pages(SMALL, LARGE, is_marked=True), (400, 300)),
        (pages(SMALL, OTHER, is_marked=True), (900, 900)),  # it says so, cropped as it is
        (pages(SMALL, LARGE), (400, 300)),  # by its aspect
        (pages(SMALL, OTHER), (100, 75)),
        (pages(LARGE, SMALL), (400, 300)),
        (pages(SMALL, is_marked=True), (100, 75)),  # of nothing
        (pages(LARGE, OTHER), (400, 300)),
        (pages(LARGE, LARGE), (400, 300)),
    ],
)
def test_the_first_page_of_a_tiff_counts_unless_it_is_a_thumbnail(content: bytes, size: tuple[int, int]) -> None:
    checked = verify(content, BUDGET)
    assert (checked.width, checked.height) == size == read(content, BUDGET).size


def test_a_broken_page_behind_the_first_spoils_nothing() -> None:
    content = bytearray(pages(LARGE, LARGE))
    content[-40:] = b"\xff" * 40
    assert verify(bytes(content), BUDGET)[1:3] == (400, 300)


@pytest.mark.parametrize("kind", ["<u2", ">u2"])
@pytest.mark.parametrize("planes", [1, 2])
def test_greys_of_sixteen_bits_are_read_whatever_is_said_of_planes(kind: str, planes: int) -> None:
    values = (np.arange(2000).reshape(40, 50) * 30).astype(kind)
    content = encoded(Image.fromarray(values), "TIFF", tiffinfo={284: planes})
    assert np.abs(np.asarray(read(content, BUDGET))[..., 0] - values / 257).max() < 1


@pytest.mark.parametrize("rows", [1, 7, 512])
def test_what_is_done_by_parts_is_what_is_done_at_once(rows: int) -> None:
    layer = Image.effect_noise((50, 40), 80)
    clear = Image.merge(
        "RGBA", [layer, layer.rotate(90), layer.rotate(180), Image.linear_gradient("L").resize((50, 40))]
    )
    wide = Image.fromarray(np.arange(2000, dtype=np.uint16).reshape(40, 50) * 32)
    floats = Image.fromarray(np.linspace(0, 300, 2000, dtype=np.float32).reshape(40, 50))
    for image in (clear, wide, floats, clear.convert("LA"), clear.convert("P")):
        assert pictures._flattened(image, rows).tobytes() == pictures._flattened(image, 40).tobytes()


def test_a_strip_is_refused_with_a_reason_and_a_long_scroll_is_not() -> None:
    for size in ((1, 20_000), (20_000, 1), (100, 100 * MAX_ASPECT + 1)):
        content = encoded(Image.new("L", size), "PNG")
        assert verify(content, BUDGET) == Checked("PNG", *size)
        for decode in (read, shrink):
            with pytest.raises(Sliver, match=rf"^{size[0]} x {size[1]} pixels, longer than {MAX_ASPECT} times its"):
                decode(content, BUDGET)
    assert shrink(encoded(Image.new("L", (400, 400 * MAX_ASPECT)), "PNG"), BUDGET)[1] == (300, 300 * MAX_ASPECT)


def test_a_scan_of_182_million_pixels_is_read() -> None:
    content = encoded(Image.new("L", (13_500, 13_500), 77), "JPEG")
    assert verify(content, BUDGET) == Checked("JPEG", 13_500, 13_500)
    small, size = shrink(content, BUDGET)
    assert size == (300, 300)
    assert decoded(small).getpixel((150, 150)) == pytest.approx((77, 77, 77), abs=1)
