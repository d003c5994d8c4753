"""The same catalogue and options give the same bytes, wherever and by however many processes a build is made."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.curate.conftest import Museum, encoded

pytestmark = pytest.mark.slow

BUILD = """
import os, sys
os.cpu_count = lambda: int(sys.argv[1])
os.umask(int(sys.argv[2], 8))
from curate.cli import main
main(["build", "--data", sys.argv[3], "--media", "terms", "--min-per-artist", "9", "--quiet"])
"""
ARTISTS = ("Émile Bernard", "İzzet Ziya", "Straße, Jörg")  # letters that locales change and sort in their own ways


def filled(museum: Museum, *, reverse: bool) -> Path:
    """Fill a museum with two sources, copies, series and slightly different media; return its data folder."""
    chance = np.random.default_rng(1)
    paintings = []
    for number in range(40):
        grains = Image.fromarray(chance.integers(0, 255, (12, 16, 3), np.uint8)).resize((400, 320))
        paintings.append((number, encoded(grains)))
        if number % 10 == 0:
            paintings.append((100 + number, encoded(grains.crop((20, 10, 400, 320)))))
    for number, image in reversed(paintings) if reverse else paintings:
        museum.numbers = count(number)  # by which it names the maker
        museum.add(
            ARTISTS[number % 3],
            source=("wikiart", "met")[number % 2],
            source_id=f"{number:03}",
            title=f"Łódź No. {number % 7}",
            dating=(f"c. {1850 + number}", 1850 + number, 1852 + number),
            medium=("oil", ("canvas", "panel", "a wórd of its own")[number % 3]),
            genre=("portrait", "Landschaft", None)[number % 3 if number < 6 else 0],
            image=image,
        )
    museum.engine.dispose()
    return museum.data


def digests(data: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of all builds."""
    files = [path for path in (data / "builds").rglob("*") if path.is_file()]
    return {
        path.relative_to(data / "builds").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def test_nothing_around_a_build_changes_a_byte_of_it(make_museum: Callable[[str], Museum], tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "matplotlibrc").write_text("font.size: 20\naxes.facecolor: red\nsvg.fonttype: none\nsavefig.dpi: 30\n")
    places: dict[str, tuple[int, str, dict[str, str]]] = {  # workers, umask, environment
        "data": (2, "022", {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0"}),
        "one worker": (1, "077", {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"}),
        "a folder of two": (
            3,
            "000",
            {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "PYTHONUTF8": "0", "PYTHONHASHSEED": "7"},
        ),
        "rc": (2, "027", {"MPLCONFIGDIR": str(config), "MPLBACKEND": "svg", "OMP_NUM_THREADS": "1", "COLUMNS": "20"}),
    }
    made = {}
    for place, (workers, umask, environment) in places.items():
        data = filled(make_museum(place), reverse=workers != 2)
        arguments = [str(workers), umask, str(data) if workers == 2 else data.name]
        subprocess.run(
            [sys.executable, "-c", BUILD, *arguments],
            env={**os.environ, **environment},
            cwd=data.parent,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        made[place] = digests(data)
    first, *others = made.values()
    assert {"duplicates.csv", "left_out.csv", "build.json", "README.md"} <= {name.split("/", 1)[1] for name in first}
    assert sum(name.endswith((".png", ".svg", "duplicates.jpg")) for name in first) == 15
    for other in others:
        assert other == first
