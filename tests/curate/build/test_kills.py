"""Builds that are stopped at random points: no half build is ever seen, and the next one leaves nothing behind."""

import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.build.verify import verify
from harvest.console.program import Exit
from tests.curate.conftest import Museum, encoded

# Sends itself a signal when it has touched the data folder so many times, or so many seconds later.
STOPPED = """
import os, signal, sys, threading
data, place, delay, number = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
touched = 0

def watch(event, arguments):
    global touched
    if event.startswith(("open", "os.", "shutil.")) and arguments and str(arguments[0]).startswith(data):
        touched += 1
        if touched == place:
            threading.Timer(delay, os.kill, (os.getpid(), number)).start() if delay else os.kill(os.getpid(), number)

sys.addaudithook(watch)
from curate.cli import main
try:
    main(["build", "--data", data, "--name", "mine", *sys.argv[5:]])
finally:
    print("touched", touched, file=sys.stderr)
"""


def build(museum: Museum, *options: str, place: int = 0, delay: float = 0, number: int = 0) -> tuple[int, str]:
    """Build in a process of its own; return its exit code, and what it said."""
    arguments = [str(museum.data), str(place), str(delay), str(number), *options]
    done = subprocess.run(
        [sys.executable, "-c", STOPPED, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def filled(museum: Museum) -> Museum:
    """A museum with pictures enough for several processes, and one of them twice."""
    chance = np.random.default_rng(0)
    for number in range(80):
        grains = Image.fromarray(chance.integers(0, 255, (45, 60, 3), np.uint8)).resize((360, 330))
        museum.add(f"Artist {number % 3}", title=f"No. {number % 40}", image=encoded(grains))
    museum.add(image=museum.file("wikiart:1").read_bytes())
    museum.add(None)
    museum.engine.dispose()  # the last one that closes the catalogue takes its journal away
    return museum


def check_kills(museum: Museum, *options: str, kills: int) -> None:
    """Kill builds at random points; each time no build is seen, or a whole one, and at last nothing is left."""
    code, said = build(museum, *options)
    assert code == Exit.DONE, said
    touched = int(re.findall(r"touched (\d+)", said)[0])
    builds, cache = museum.data / "builds", museum.data / "cache"
    whole, cached = contents(builds / "mine"), sorted(contents(cache)) if cache.exists() else []
    chance, hits = random.Random(f"{kills} {options}"), 0
    for _ in range(kills):
        shutil.rmtree(builds / "mine", ignore_errors=True)
        if is_cold := chance.random() < 0.5:
            shutil.rmtree(cache, ignore_errors=True)
        place = chance.randrange(1, (touched if is_cold else touched // 2) + 1)
        delay = chance.choice((0, chance.random() / 10))
        code, said = build(museum, *options, place=place, delay=delay, number=signal.SIGKILL)
        assert code in (Exit.DONE, -signal.SIGKILL), said
        hits += code != Exit.DONE
        for folder in builds.glob("[!.]*"):
            assert (folder.name, contents(folder), verify(folder)) == ("mine", whole, []), (place, delay)
    assert hits > kills / 3
    code, said = build(museum, *options)
    assert (code, contents(builds / "mine") == whole) == (Exit.DONE, True), said
    assert sorted(path.name for path in builds.iterdir()) == ["mine"]
    others = {path.name for path in museum.data.iterdir()} - {cache.name}
    assert others == {"builds", "catalogue.sqlite", "images"}
    assert (sorted(contents(cache)) if cache.exists() else []) == cached


@pytest.mark.parametrize("options", [(), ("--no-images",)], ids=["pictures", "tables"])
def test_a_killed_build_is_never_seen_in_part(filled: Museum, options: tuple[str, ...]) -> None:
    check_kills(filled, *options, kills=2)


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--no-images",)], ids=["pictures", "tables"])
def test_a_build_killed_often_is_never_seen_in_part(filled: Museum, options: tuple[str, ...]) -> None:
    check_kills(filled, *options, kills=15)


def check_signals(museum: Museum, number: int, expected: Exit, *, signals: int) -> None:
    """End builds by a signal at random points; each time nothing is left, or a whole build, and one line says so."""
    builds = museum.data / "builds"
    code, said = build(museum)
    touched = int(re.findall(r"touched (\d+)", said)[0])
    whole = contents(builds / "mine")
    shutil.rmtree(builds / "mine")
    chance, hits = random.Random(f"{number} {signals}"), 0
    for _ in range(signals):
        shutil.rmtree(museum.data / "cache", ignore_errors=True)
        place = chance.randrange(1, touched + 1)
        code, said = build(museum, place=place, number=number)
        if code == expected:
            hits += 1
            assert "curate: stopped; nothing is left half done" in said, (place, said)
            assert "Traceback" not in said, (place, said)
        else:
            assert code == Exit.DONE, (place, said)
        assert [path.name for path in builds.glob("*")] in ([], ["mine"]), place
        if (builds / "mine").exists():
            assert contents(builds / "mine") == whole, place
            shutil.rmtree(builds / "mine")
    assert hits > signals / 3


SIGNALS = [(signal.SIGTERM, Exit.TERMINATED), (signal.SIGINT, Exit.INTERRUPTED)]


@pytest.mark.parametrize(("number", "expected"), SIGNALS, ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_a_build_cleanly(filled: Museum, number: int, expected: Exit) -> None:
    check_signals(filled, number, expected, signals=1)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "expected"), SIGNALS, ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_at_many_points_ends_a_build_cleanly(filled: Museum, number: int, expected: Exit) -> None:
    check_signals(filled, number, expected, signals=10)
