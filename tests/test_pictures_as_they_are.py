"""Pictures of all makes in a folder of one's own: harvested, built and reported on, and no file is changed."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from bench.charts import checker, scan
from curate.manifest import read_dataset
from tests.curate.images.pictures import painted
from tests.curate.images.test_measures import framed, moulding
from tests.harvest.tabular.collection import HEADER, row, write_table

Pixels = NDArray[Any]


def tiff(*pages: Pixels, **options: Any) -> bytes:
    target = io.BytesIO()
    with tifffile.TiffWriter(
        target, bigtiff=options.pop("bigtiff", False), byteorder=options.pop("order", "<")
    ) as file:
        for number, page in enumerate(pages):
            marks = {"subfiletype": 1} if number == 0 and options.get("is_first_small") else {}
            file.write(
                page, **{"photometric": "rgb"} | {k: v for k, v in options.items() if k != "is_first_small"} | marks
            )
    return target.getvalue()


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def wide(pixels: Pixels) -> Pixels:
    return pixels.astype(np.uint16) * 257


def planes(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(np.moveaxis(pixels, 2, 0))


def grey(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def half_clear(pixels: Pixels) -> Pixels:
    """Add a channel by which the left half is transparent."""
    opaque = np.full((*pixels.shape[:2], 1), np.iinfo(pixels.dtype).max, pixels.dtype)
    opaque[:, : opaque.shape[1] // 2] = 0
    return np.concatenate([pixels, opaque], axis=2)


def on_white(pixels: Pixels) -> Pixels:
    shown = pixels.copy()
    shown[:, : shown.shape[1] // 2] = 255
    return shown


def as_grey(pixels: Pixels) -> Pixels:
    return np.repeat(grey(pixels)[..., None], 3, axis=2)


def cmyk(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels).convert("CMYK")


TURNED = [(274, "H", 1, 6, True)]
SEPARATE = {"planarconfig": "separate"}
MAKES: dict[str, tuple[Any, Any]] = {  # how a file is written, and what it shows
    "striped.tif": (lambda p: tiff(p, rowsperstrip=16, compression="deflate"), None),
    "tiled.tif": (lambda p: tiff(p, tile=(64, 64)), None),
    "big.tif": (lambda p: tiff(p, bigtiff=True), None),
    "planes.tif": (lambda p: tiff(planes(p), **SEPARATE), None),
    "sixteen.tif": (lambda p: tiff(wide(p)), None),
    "sixteen_motorola.tif": (lambda p: tiff(wide(p), order=">"), None),
    "sixteen_tiled.tif": (lambda p: tiff(wide(p), tile=(64, 64), compression="deflate", predictor=True), None),
    "sixteen_planes.tif": (lambda p: tiff(planes(wide(p)), **SEPARATE), None),
    "sixteen_planes_motorola.tif": (lambda p: tiff(planes(wide(p)), order=">", **SEPARATE), None),
    "sixteen_cmyk.tif": (lambda p: tiff(wide(np.asarray(cmyk(p))), photometric="separated"), None),
    "sixteen_clear.tif": (lambda p: tiff(half_clear(wide(p)), extrasamples=["unassalpha"]), on_white),
    "sixteen_grey.tif": (lambda p: tiff(wide(grey(p)), photometric="minisblack"), as_grey),
    "sixteen_grey_negative.tif": (lambda p: tiff(65535 - wide(grey(p)), photometric="miniswhite"), as_grey),
    "grey_negative.tif": (lambda p: tiff(255 - grey(p), photometric="miniswhite"), as_grey),
    "sixteen.png": (lambda p: cv2.imencode(".png", wide(p)[..., ::-1])[1].tobytes(), None),
    "clear.tif": (lambda p: tiff(half_clear(p), extrasamples=["unassalpha"]), on_white),
    "turned.tif": (lambda p: tiff(p, extratags=TURNED), lambda p: np.rot90(p, -1)),
    "cmyk.tif": (lambda p: saved(cmyk(p), "TIFF"), None),
    "cmyk.jpg": (lambda p: saved(cmyk(p), "JPEG", quality=95), None),
    "jpeg_within.tif": (lambda p: saved(Image.fromarray(p), "TIFF", compression="jpeg", quality=95), None),
    "pages.tif": (lambda p: tiff(p, painted(99, (350, 310))), None),
    "thumbnail_first.tif": (lambda p: tiff(p[::6, ::6].copy(), p, is_first_small=True), None),
    "thumbnail_unmarked.tif": (lambda p: tiff(p[::6, ::6].copy(), p), None),
    "detail_first.tif": (lambda p: tiff(p, painted(98, (900, 900))), None),
}  # fmt: skip
SIZE = (420, 330)
ODD = {  # and the findings that name them
    "frame.jpg": ({"borders"}, lambda p: moulding(p, 30)),
    "wall.jpg": ({"borders"}, lambda p: framed(p, 40, 50, 60, 40, (236, 232, 226))),
    "chart.jpg": ({"charts"}, lambda p: scan(p, checker(Random(1)), 0.5, Random(4))),
    "small.jpg": ({"small_images"}, lambda p: p[:90, :120]),
}
REFUSED = "float.tif"


def command(program: str, *arguments: object, code: int = 0) -> dict[str, Any]:
    line = [sys.executable, "-c", f"from {program}.cli import main; main()", *map(str, arguments), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout))


def originals() -> dict[str, Pixels]:
    return {name: painted(number, SIZE) for number, name in enumerate([*MAKES, *ODD, REFUSED])}


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture of each make, and a table of them."""
    folder = tmp_path_factory.mktemp("as_they_are") / "scans"
    folder.mkdir()
    shown = originals()
    for number, (name, (write, _)) in enumerate(MAKES.items(), 1):
        (folder / f"A-{number:02}_{name}").write_bytes(write(shown[name]))
    for number, (name, (_, draw)) in enumerate(ODD.items(), 1 + len(MAKES)):
        (folder / f"A-{number:02}_{name}").write_bytes(
            saved(Image.fromarray(np.ascontiguousarray(draw(shown[name]))), "JPEG", quality=92)
        )
    floats = tiff(shown[REFUSED].astype(np.float32) / 255)
    (folder / f"A-{1 + len(MAKES) + len(ODD):02}_{REFUSED}").write_bytes(floats)
    rows = [row(number, Datierung="1880") for number in range(1, 2 + len(MAKES) + len(ODD))]
    write_table(folder.with_name("objekte.csv"), [HEADER, *rows])
    return folder


def test_each_is_built_as_it_looks_is_named_where_it_is_odd_and_is_left_as_it_was(folder: Path) -> None:
    data, before = folder.with_name("data"), digests(folder)
    table = ("table", folder.with_name("objekte.csv"), "--name", "own", "--images", folder)
    harvested = command("harvest", *table, "--data", data, code=3)
    assert harvested["counts"]["images"] == len(MAKES) + len(ODD)
    errors = command("harvest", "errors", "--data", data)
    assert "it is a TIFF that is broken, or of a kind that cannot be read: unknown pixel mode" in json.dumps(errors)
    command("curate", "build", "--name", "x", "--min-per-artist", 1, "--data", data)
    folder_of_build = data / "builds" / "x"
    rows = {one["source_id"]: one for one in read_dataset(folder_of_build.parent).rows.to_pylist()}
    for number, (name, (_, look)) in enumerate(MAKES.items(), 1):
        one = rows[f"A-{number:02}"]
        shown = painted(number - 1, SIZE)
        expected = Image.fromarray(np.ascontiguousarray(look(shown) if look else shown))
        scale = 300 / min(expected.size)
        size = round(expected.width * scale), round(expected.height * scale)
        with Image.open(folder_of_build / one["image"]) as picture:
            assert picture.size == size, name
            wanted = np.asarray(expected.resize(size, Image.Resampling.BICUBIC), float)
            assert np.abs(np.asarray(picture, float) - wanted).mean() < 4, name
        assert one["sha256"] == before[f"A-{number:02}_{name}"]
    report = command("curate", "quality", "--data", data)
    found = {one["name"]: {each["content_id"] for each in one["examples"]} for one in report["findings"]}
    for number, (name, (findings, _)) in enumerate(ODD.items(), 1 + len(MAKES)):
        for finding in findings:
            assert f"own:A-{number:02}" in found[finding], (name, finding)
    assert found["charts"] == {f"own:A-{len(MAKES) + list(ODD).index('chart.jpg') + 1:02}"}
    kinds = {
        each["text"].split(",")[0] for one in report["findings"] if one["name"] == "borders" for each in one["examples"]
    }
    assert {"a frame", "a wall"} <= kinds
    assert digests(folder) == before
    stored = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (data / "images").rglob("*.*")}
    assert stored == set(before.values()) - {before[next(name for name in before if name.endswith(REFUSED))]}


PEAK = """
import sys
from harvest.pictures import PixelBudget, shrink, verify
content = sys.stdin.buffer.read()
checked = verify(content, PixelBudget())
_, size = shrink(content, PixelBudget())
# Of this program alone: a new process's `ru_maxrss` begins with that of the one that started it.
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(checked.width, checked.height, *size, peak)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak")
@pytest.mark.parametrize("kind", ["striped", "tiled", "grey of sixteen bits", "transparent", "sixteen bits"])
def test_a_scan_of_108_million_pixels_is_shrunk_in_three_copies_at_most(kind: str) -> None:
    large = np.asarray(Image.fromarray(painted(1, SIZE)).resize((12_000, 9_000), Image.Resampling.NEAREST))
    options: dict[str, Any] = {"compression": "deflate", "rowsperstrip": 64}
    content = {
        "striped": lambda: tiff(large, **options),
        "tiled": lambda: tiff(large, tile=(512, 512), compression="deflate"),
        "grey of sixteen bits": lambda: tiff(wide(grey(large)), **options | {"photometric": "minisblack"}),
        "transparent": lambda: tiff(half_clear(large), **options, extrasamples=["unassalpha"]),
        "sixteen bits": lambda: tiff(wide(large), **options),
    }[kind]()
    done = subprocess.run([sys.executable, "-c", PEAK], input=content, capture_output=True, check=True)
    *sizes, kilobytes = map(int, done.stdout.split())
    assert sizes == [12_000, 9_000, 400, 300]
    assert kilobytes * 1024 - 2 * len(content) < 3 * 4 * 12_000 * 9_000
