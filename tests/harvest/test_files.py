import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harvest import files
from harvest.files import (
    FolderInUse,
    atomic_write,
    fit_name,
    is_folder_name,
    is_in_use,
    lock,
    set_aside,
    set_tail_aside,
    write_text,
)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of what was brought to the disk, in order."""
    paths: list[str] = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    return paths


def test_a_file_gets_its_name_when_it_is_whole_and_on_the_disk(tmp_path: Path, synced: list[str]) -> None:
    path = tmp_path / "new" / "file"
    with atomic_write(path) as file:
        file.write(b"whole")
        assert not path.exists()
        assert not synced
    assert path.read_bytes() == b"whole"
    assert [Path(name).suffix for name in synced] == [".part", ""]
    assert synced[1] == str(path.parent)
    assert list(path.parent.iterdir()) == [path]


def test_on_an_error_the_old_file_stays_and_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")

    def write_half() -> None:
        with atomic_write(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_whether_a_folder_is_in_use_can_be_asked(tmp_path: Path) -> None:
    assert not is_in_use(tmp_path)
    with lock(tmp_path):
        assert is_in_use(tmp_path)
    assert not is_in_use(tmp_path)


def test_many_threads_may_write_the_same_file(tmp_path: Path) -> None:
    together, errors = threading.Barrier(8), []

    def write(number: int) -> None:
        together.wait()
        try:
            with atomic_write(tmp_path / "file") as file:
                file.write(bytes([number]) * 1000)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert len(set((tmp_path / "file").read_bytes())) == 1


def test_a_tree_is_on_the_disk_from_the_leaves_up(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    files.sync_tree(tmp_path / "a")
    assert synced == [str(tmp_path / "a" / "b" / "file"), str(tmp_path / "a" / "b"), str(tmp_path / "a")]


def test_a_folder_is_held_by_one_process_until_it_ends(tmp_path: Path) -> None:
    hold = "import sys, pathlib, harvest.files as f\nwith f.lock(pathlib.Path(sys.argv[1])): print(flush=True), input()"
    command = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(FolderInUse, match="in use by another process") as refusal, lock(tmp_path):
            pass
        assert refusal.value.filename == str(tmp_path)
        process.kill()
    with lock(tmp_path):
        pass


def test_an_error_within_the_block_is_not_taken_for_a_held_lock(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), lock(tmp_path):
        raise BlockingIOError
    with lock(tmp_path):
        pass


@pytest.mark.parametrize("replaced", [False, True])
def test_a_folder_that_was_renamed_while_its_lock_was_taken_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    folder = tmp_path / ".run.part"
    folder.mkdir()

    def rename(_descriptor: int, _operation: int) -> None:
        folder.rename(tmp_path / "run")
        if replaced:
            folder.mkdir()

    monkeypatch.setattr("fcntl.flock", rename)
    with pytest.raises(FolderInUse), lock(folder):
        pass


@pytest.mark.parametrize("name", ["a", "min10-0a1b", "Künstler und Werke", "ä" * 100, "a" * 200, "-x", "a..b"])
def test_plain_names_are_folder_names(name: str, tmp_path: Path) -> None:
    assert is_folder_name(name)
    (tmp_path / f".{name}.damaged.part").mkdir()


@pytest.mark.parametrize(
    "name", ["", " ", ".hidden", ".", "..", "a/b", "a\\b", "a\nb", "a\0b", "ä" * 101, "a" * 201, "\udcff"]
)
def test_other_names_are_none(name: str) -> None:
    assert not is_folder_name(name)


def test_a_name_is_cut_so_that_its_suffix_fits() -> None:
    assert fit_name("build", "-all") == "build-all"
    assert fit_name("a" * 300, "-all") == "a" * 196 + "-all"
    assert fit_name("ä" * 100, "-b") == "ä" * 99 + "-b"
    assert fit_name("a\udcffb", "-é") == "ab-é"
    assert is_folder_name(fit_name("ü" * 200))


def test_what_is_set_aside_keeps_its_path_and_overwrites_nothing(tmp_path: Path) -> None:
    for content in ("first", "second", "third"):
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images" / "a.jpg").write_text(content)
        set_aside(tmp_path, tmp_path / "images" / "a.jpg")
    set_aside(tmp_path, tmp_path / "images" / "a.jpg")
    kept = {path.name: path.read_text() for path in (tmp_path / "lost+found" / "images").iterdir()}
    assert sorted(kept.values()) == ["first", "second", "third"]
    assert kept["a.jpg"] == "first"


def test_a_tail_is_kept_before_it_is_cut(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"committed, uncommitted")
    set_tail_aside(tmp_path, tmp_path / "file", 9)
    assert (tmp_path / "file").read_bytes() == b"committed"
    assert (tmp_path / "lost+found" / "file").read_bytes() == b", uncommitted"


def test_a_text_is_written_whole_whatever_is_in_it(tmp_path: Path) -> None:
    path = write_text(tmp_path / "new" / "report.json", "Müller \ud800")
    assert (path, path.read_text("utf-8")) == (tmp_path / "new" / "report.json", "Müller ?")
    write_text(path, "again")
    assert [(one.name, one.read_text()) for one in path.parent.iterdir()] == [("report.json", "again")]
