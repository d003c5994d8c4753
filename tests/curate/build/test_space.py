"""The space of the disk: what a build needs is said first, and a disk that lacks it is left as it was."""

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.build.build import FIGURES_BYTES, ROW_BYTES
from curate.errors import CurateError
from harvest.console.program import Exit
from tests.curate.conftest import Museum, encoded

# On a small disk of its own: the data folder is copied there, a build is made, and what it left is listed.
ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$1" none "$2" && cp -r "$3"/. "$2" || exit 99
"$4" -c 'from curate.cli import main; main()' build --data "$2" --name x
code=$?
find "$2" -not -path "$2/cache*" -not -path "$2/images*" | sort
exit $code
"""


@pytest.fixture
def grainy(museum: Museum) -> Museum:
    """A museum whose pictures are larger than their images, which are of a coarse JPEG."""
    chance = np.random.default_rng(0)
    for _ in range(40):
        grains = Image.fromarray(chance.integers(0, 255, (300, 400, 3), np.uint8))
        museum.add(image=encoded(grains, quality=8))
    museum.engine.dispose()
    return museum


def test_the_space_that_a_build_needs_is_said_first(museum: Museum, caplog: pytest.LogCaptureFixture) -> None:
    size = sum(museum.file(museum.add()).stat().st_size for _ in range(3))
    with caplog.at_level(logging.INFO):
        museum.build(room=lambda _: 5_000_000)
    assert "the build needs about 2.0 MB, 5.0 MB are free" in caplog.messages
    least = 2 * size + 3 * ROW_BYTES + FIGURES_BYTES  # a picture in the build, one in the cache
    shutil.rmtree(museum.data / "cache")
    with pytest.raises(CurateError, match="MB are free on the disk"):
        museum.build(name="x", room=lambda _: least)
    museum.build(name="x", room=lambda _: least + 10_000)
    museum.build(name="y", room=lambda _: least - size)  # its pictures are there


@pytest.mark.parametrize(
    ("size", "message"),
    [("3m", "MB are free on the disk of"), ("4m", "No space left on device")],
    ids=["too small", "too small for what comes of it"],
)
def test_a_disk_that_lacks_the_space_is_left_as_it_was(grainy: Museum, tmp_path: Path, size: str, message: str) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(place)]
    if shutil.which("unshare") is None or subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("needs the right to mount a disk of its own, which many systems give to root alone")
    command = ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", size, place, grainy.data, sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == Exit.USAGE, done.stderr
    assert message in done.stderr.splitlines()[-1]
    left = [line.removeprefix(str(place)) for line in done.stdout.splitlines()]
    assert left in (["", "/catalogue.sqlite"], ["", "/builds", "/catalogue.sqlite"])
