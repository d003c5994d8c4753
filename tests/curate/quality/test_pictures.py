import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import pyarrow.compute as pc
import pytest
from PIL import Image

from bench.charts import checker, scan
from curate.errors import CurateError
from curate.executor import Processes
from curate.manifest import read_dataset
from curate.quality import pictures
from curate.quality.catalogue import read
from curate.quality.findings import Finding
from tests.curate.conftest import Museum
from tests.curate.images.pictures import Pixels, grey, painted
from tests.curate.images.test_measures import moulding

PLENTY = 10**12


def encoded(pixels: Pixels) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=92)
    return target.getvalue()


def framed(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.copyMakeBorder(pixels, *[30] * 4, cv2.BORDER_CONSTANT, value=(250, 250, 250)), np.uint8)


class Looks:
    """Looks at a museum's images, and what was decoded for that."""

    def __init__(self, museum: Museum) -> None:
        self.museum = museum
        self.decoded: list[int] = []

    def progress(self, steps: Any, total: int) -> Any:
        self.decoded.append(total)
        return steps

    def at(self, images: Sequence[str], free: int = PLENTY) -> Any:
        return pictures.look_at(images, self.museum.data, self.progress, lambda _: free, executor=Processes(1))

    def findings(self) -> dict[str, Finding]:
        objects = read(self.museum.paintings()).objects
        images = sorted(objects["image_path"].dropna().unique())
        looks = dict(zip(images, self.at(images), strict=True))
        return {one.name: one for one in pictures.findings(objects, looks, self.museum.data)}


@pytest.fixture
def looks(museum: Museum) -> Looks:
    return Looks(museum)


def test_frames_greys_and_lost_files_are_found(museum: Museum, looks: Looks) -> None:
    museum.add(image=encoded(painted(1)))
    museum.add(image=encoded(framed(painted(2))))
    museum.add(image=encoded(grey(painted(3))))
    museum.add(image=b"no image at all")
    museum.file(museum.add(image=encoded(painted(4)))).unlink()
    found = looks.findings()
    assert [example.content_id for example in found["borders"].examples] == ["wikiart:2"]
    assert found["borders"].examples[0].text == "a wall, a mat or bars, about 8 % of the shorter side"
    assert found["borders"].rows == [["wikiart", "a wall, a mat or bars", 1]]
    assert [example.content_id for example in found["grey_pictures"].examples] == ["wikiart:3"]
    assert sorted(found["unusable_images"].rows) == [["image missing from the data folder", 1], ["image unreadable", 1]]
    assert (found["unusable_images"].of, found["borders"].of) == (5, 3)


def test_frames_and_charts_are_named_and_their_pictures_shown(museum: Museum, looks: Looks) -> None:
    rng = Random(0)
    museum.add(image=encoded(painted(1)))
    museum.add(image=encoded(moulding(painted(2), 24)))
    museum.add(image=encoded(scan(painted(3), checker(rng), 0.5, rng)), title="With a chart")
    found = looks.findings()
    assert [(example.content_id, example.text) for example in found["charts"].examples] == [
        ("wikiart:3", "With a chart")
    ]
    assert ["wikiart", "a frame", 1] in found["borders"].rows
    assert found["charts"].examples[0].image == museum.file("wikiart:3").relative_to(museum.data).as_posix()


def test_pictures_of_two_museums_that_look_alike_are_found(museum: Museum, looks: Looks) -> None:
    museum.add(image=encoded(painted(1)))
    museum.add(image=encoded(painted(1)[8:, :-6]), source="met")
    museum.add(image=encoded(painted(2)))
    museum.add(image=encoded(painted(2)[8:, :-6]))  # of one museum
    finding = looks.findings()["alike_pictures"]
    assert [(example.content_id, example.text) for example in finding.examples] == [
        ("met:2", "wikiart:1"), ("wikiart:1", "met:2")
    ]  # fmt: skip


def test_look_alikes_are_those_that_a_build_confirms(museum: Museum, looks: Looks) -> None:
    museum.add(image=encoded(painted(1)))
    museum.add(image=encoded(np.asarray(cv2.GaussianBlur(painted(1), (0, 0), 9), np.uint8)), source="met")
    plain = np.full((90, 120, 3), 80, np.uint8)  # without a detail: the same by its pixels alone
    museum.add(image=encoded(plain), source="met")
    museum.add(image=encoded(plain) + b" ")
    ids = {example.content_id for example in looks.findings()["alike_pictures"].examples}
    rows = read_dataset(museum.data / "builds", museum.build(require=()).folder.name).rows
    grouped = rows.filter(pc.is_valid(rows["duplicate_group"]))["content_id"].to_pylist()
    assert ids == {"met:3", "wikiart:4"} == set(grouped)


def test_only_new_images_are_looked_at(museum: Museum, looks: Looks) -> None:
    museum.add(image=encoded(framed(painted(1))))
    first = looks.findings()
    museum.add(image=encoded(painted(2)))
    again = looks.findings()
    assert looks.decoded == [1, 1]
    assert first["borders"].examples == again["borders"].examples
    looks.findings()
    assert looks.decoded == [1, 1, 0]


def test_a_lost_file_is_looked_at_again_and_a_damaged_cache_is_none(
    museum: Museum, looks: Looks, tmp_path: Path
) -> None:
    file = museum.file(museum.add(image=encoded(painted(1))))
    shutil.move(file, tmp_path / "aside.jpg")
    assert looks.findings()["unusable_images"].number == 1
    shutil.move(tmp_path / "aside.jpg", file)
    assert looks.findings()["unusable_images"].number == 0
    (museum.data / pictures.CACHE).write_bytes(b"PK damaged")
    looks.findings()
    assert looks.decoded == [1, 1, 1]


def test_what_was_looked_at_before_an_end_is_kept(museum: Museum, looks: Looks) -> None:
    for number in range(3):
        museum.add(image=encoded(painted(number)))

    def stopped(steps: Any, total: int) -> Any:
        yield next(iter(steps))
        raise KeyboardInterrupt

    images = sorted(painting.image.path for painting in museum.paintings() if painting.image)
    with pytest.raises(KeyboardInterrupt):
        pictures.look_at(images, museum.data, stopped, lambda _: PLENTY, executor=Processes(1))
    looks.findings()
    assert looks.decoded == [2]


def test_several_processes_see_the_same(museum: Museum, looks: Looks) -> None:
    for number in range(40):
        museum.add(image=encoded(painted(number, (60, 50))))
    images = sorted(painting.image.path for painting in museum.paintings() if painting.image)
    several = pictures.look_at(images, museum.data, looks.progress, lambda _: PLENTY, executor=Processes(2))
    (museum.data / pictures.CACHE).unlink()
    assert (several == looks.at(images)).all()


def test_a_full_disk_is_told_before_anything_is_made(museum: Museum, looks: Looks) -> None:
    museum.add()
    images = [painting.image.path for painting in museum.paintings() if painting.image]
    with pytest.raises(CurateError, match=r"1 image needs about 0\.1 MB .* 0\.0 MB are free .* --no-images"):
        looks.at(images, free=1)
    assert not (museum.data / "cache").exists()
    museum.build(name="x")  # keeps the picture: no more room is needed for it
    assert len(looks.at(images, free=1)) == 1
