"""Images that once ended a build, came out black or were refused: each is a row with its colours, or has a reason."""

import csv
import random
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from curate.manifest import read_dataset
from curate.selection.criteria import LOST
from tests.curate.conftest import Museum
from tests.harvest.test_pictures import adobe_rgb, encoded, tiff
from tests.harvest.test_pictures_fuzz import KINDS, mutated, original

GREEN = Image.new("RGB", (40, 30), (60, 200, 60))


def note(text: str) -> bytes:
    """Return a green PNG with a text that pretends to be EXIF."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type exif", text)
    return encoded(GREEN, "PNG", pnginfo=info)


def greys(values: object, kind: str) -> bytes:
    return encoded(Image.fromarray(np.full((30, 40), values, kind)), "TIFF")


ROWS = {  # and what a pixel in the middle is then
    "a resolution as text": (tiff((282, 2, 8, b"seventy\0")), (220, 220, 220)),
    "a maker as a double": (tiff((271, 12, 1, struct.pack("<d", 1.5))), (220, 220, 220)),
    "a text that pretends to be EXIF": (note("\nexif\n 8\nzz"), (60, 200, 60)),
    "floats of 0 to 1": (greys(0.5, "float32"), (128, 128, 128)),
    "integers of 32 bits": (greys(200, "int32"), (200, 200, 200)),
    "a wide gamut": (encoded(GREEN, "PNG", icc_profile=adobe_rgb()), (0, 201, 37)),
    "182 million pixels": (encoded(Image.new("L", (13_500, 13_500), 77), "JPEG"), (77, 77, 77)),
}
REASONS = {
    "offsets of strips as floats": (tiff((273, 11, 1, struct.pack("<f", 8.0))), "image unreadable"),
    "a sliver": (encoded(Image.new("L", (1, 20_000)), "PNG"), "image too narrow"),
    "a sliver that lies": (encoded(Image.new("L", (20_000, 1)), "PNG"), "image too narrow"),
    "a part that is missing": (encoded(GREEN.resize((900, 900)), "JPEG")[:-300] + b"\xff\xd9", "image truncated"),
}


@pytest.mark.filterwarnings("ignore:Metadata Warning")
def test_an_odd_image_is_a_row_with_its_colours_or_has_a_reason(museum: Museum) -> None:
    ids = {name: museum.add(image=content) for name, (content, _) in (ROWS | REASONS).items()}
    folder = museum.build(name="x").folder
    rows = {row["content_id"]: row["image"] for row in read_dataset(folder.parent).rows.to_pylist()}
    with (folder / "left_out.csv").open(newline="") as lines:
        reasons = {row["content_id"]: row["reason"] for row in csv.DictReader(lines)}
    assert reasons == {ids[name]: reason for name, (_, reason) in REASONS.items()}
    assert set(rows) == {ids[name] for name in ROWS}
    for name, (_, colour) in ROWS.items():
        with Image.open(folder / rows[ids[name]]) as picture:
            middle = picture.getpixel((picture.width // 2, picture.height // 2))
            assert middle == pytest.approx(colour, abs=4), name


def check_mutants(museum: Museum, number: int) -> None:
    """Build from mutated images of all kinds: each is a row or has a reason and says more of it."""
    ids = {
        museum.add(image=mutated(original(kind), random.Random(f"build {kind} {place}")))
        for kind in KINDS
        for place in range(number)
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of odd metadata
        done = museum.build(name="x")
    with (done.folder / "left_out.csv").open(newline="") as lines:
        left_out = list(csv.DictReader(lines))
    kept = read_dataset(done.folder.parent).rows["content_id"].to_pylist()
    assert sorted([*kept, *(row["content_id"] for row in left_out)]) == sorted(ids)
    assert kept
    assert {row["reason"] for row in left_out} <= set(LOST)
    assert all(row["detail"] for row in left_out)


def test_mutated_images_are_rows_or_have_a_reason(museum: Museum) -> None:
    check_mutants(museum, 10)


@pytest.mark.slow
def test_many_mutated_images_are_rows_or_have_a_reason(museum: Museum) -> None:
    check_mutants(museum, 200)
