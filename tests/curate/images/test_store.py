import hashlib
import io
import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import curate.images.store as module
from curate.executor import Processes
from curate.images.store import CACHE, Picture, Unusable, store, store_all
from curate.selection.criteria import LOST
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
    (tmp_path / "build" / "images").mkdir(parents=True)
    picture = store(tmp_path, path, tmp_path / "build", PixelBudget())
    assert isinstance(picture, Picture)
    content = (tmp_path / "build" / picture.image).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert picture == Picture(f"images/{sha256[:2]}/{sha256[2:4]}/{sha256}.jpg", sha256, digest, 450, 300, 75)
    assert decoded(content).size == (450, 300)


def test_a_build_that_is_gone_is_not_begun_anew(tmp_path: Path) -> None:
    path, _ = keep(tmp_path, jpeg())
    with pytest.raises(FileNotFoundError):  # as in a process that outlives a killed build for a moment
        store(tmp_path, path, tmp_path / "build", PixelBudget())
    assert not (tmp_path / "build").exists()


def test_images_of_no_use_say_why(tmp_path: Path) -> None:
    changed, _ = keep(tmp_path, jpeg())
    (tmp_path / changed).write_bytes(jpeg((9, 9)))
    (tmp_path / "folder.jpg").mkdir()
    missing = "images/00/00/0000.jpg"
    torn, _ = keep(tmp_path, jpeg((900, 900))[:-300])
    cut, _ = keep(tmp_path, jpeg((900, 900))[:-300] + b"\xff\xd9")
    strip, _ = keep(tmp_path, encoded(Image.new("L", (1, 900)), "PNG"))
    images = [changed, "folder.jpg", missing, torn, cut, strip]
    outcomes = store_all(tmp_path, images, tmp_path, lambda steps, _: steps, executor=Processes(1))
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Unusable)] == [
        "image unreadable",
        "image unreadable",
        "image missing from the data folder",
        "image unreadable",
        "image truncated",
        "image too narrow",
    ]
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, Unusable)} == set(LOST)
    details = [outcome.detail for outcome in outcomes if isinstance(outcome, Unusable)]
    assert "another SHA-256" in details[0]
    assert "Is a directory" in details[1]
    assert details[2] == missing
    assert "truncated" in details[3]
    assert "truncated" in details[4]
    assert "1 x 900 pixels" in details[5]


def test_a_large_scan_is_read_without_a_warning(tmp_path: Path) -> None:
    path, _ = keep(tmp_path, encoded(Image.new("1", (9500, 9500)), "PNG"))
    (outcome,) = store_all(tmp_path, [path], tmp_path / "build", lambda steps, _: steps, executor=Processes(1))
    assert isinstance(outcome, Picture)


def keep(data: Path, content: bytes) -> tuple[str, str]:
    sha256 = hashlib.sha256(content).hexdigest()
    (data / f"{sha256}.jpg").write_bytes(content)
    return f"{sha256}.jpg", sha256


def shades(data: Path, number: int) -> list[str]:
    """Keep images of as many colours, the smallest of them first; return their paths."""
    return [keep(data, jpeg((310 + place, 400), (place, place, 90)))[0] for place in range(number)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_any_number_of_processes_makes_the_same(tmp_path: Path) -> None:
    images = [*shades(tmp_path, 40), "missing.jpg"]
    outcomes = []
    for workers in (1, 2):
        outcomes.append(
            store_all(tmp_path, images, tmp_path / str(workers), lambda steps, _: steps, executor=Processes(workers))
        )
        shutil.rmtree(tmp_path / CACHE)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][-1] == Unusable("image missing from the data folder", "missing.jpg")
    assert len(files(tmp_path / "1")) == 40
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_only_what_changed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    shrink = module.shrink
    monkeypatch.setattr(module, "shrink", lambda content, budget, **_: made.append(content) or shrink(content, budget))
    images = shades(tmp_path, 3)
    first = store_all(tmp_path, images, tmp_path / "first", lambda steps, _: steps, executor=Processes(1))
    assert len(made) == 3
    again = store_all(
        tmp_path, [*images, *shades(tmp_path, 4)[3:]], tmp_path / "again", lambda steps, _: steps, executor=Processes(1)
    )
    assert len(made) == 4
    assert again[:3] == first
    assert files(tmp_path / "again").items() > files(tmp_path / "first").items()
    for entry in (tmp_path / CACHE).rglob("*.jpg"):  # damaged: made anew
        entry.write_bytes(entry.read_bytes()[:-1] + b"x")
    assert store_all(tmp_path, images, tmp_path / "damaged", lambda steps, _: steps, executor=Processes(1)) == first
    assert len(made) == 7
    assert files(tmp_path / "damaged") == files(tmp_path / "first")
    monkeypatch.setattr(module, "method", lambda: "another version")
    store_all(tmp_path, images, tmp_path / "other", lambda steps, _: steps, executor=Processes(1))
    assert len(made) == 10


def test_processes_end_when_what_began_them_is_killed(tmp_path: Path) -> None:
    images = shades(tmp_path, 32)
    script = tmp_path / "script.py"
    script.write_text(f"""
import multiprocessing, time
from pathlib import Path
from curate.executor import Processes
from curate.images.store import store_all

def first_then_wait(outcomes, _):
    yield next(outcomes)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    while True:
        time.sleep(1)

if __name__ == "__main__":
    store_all(Path({str(tmp_path)!r}), {images!r}, Path({str(tmp_path / "build")!r}), first_then_wait,
              executor=Processes(2))
""")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        children = [int(number) for number in process.stdout.readline().split()]
        process.kill()
        process.stdout.read()  # ends when none of them holds it any more
    assert len(children) == 2


def test_large_scans_of_several_processes_share_one_budget(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    budget = PixelBudget(10, context)
    child = context.Process(target=hold, args=(budget, 4))
    with budget.hold(8):
        child.start()
        child.join(0.5)
        assert child.is_alive()  # it waits for 4 of 2
    child.join()
    assert child.exitcode == 0


def hold(budget: PixelBudget, pixels: int) -> None:
    with budget.hold(pixels):
        pass
