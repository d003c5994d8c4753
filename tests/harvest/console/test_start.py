import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED_WHILE_IT_LOADS = """
import os, signal
os.kill(os.getpid(), signal.SIGINT)
def main(): print("began")
"""
INTERRUPTED_LATER = """
import signal
def main():
    try: signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt: print("clean")
"""
START = "from harvest.console.start import start; start('loading')"


def started(folder: Path, module: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    (folder / "loading.py").write_text(module)
    return subprocess.run(
        [sys.executable, "-c", f"{before}{START}"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_program_that_is_stopped_while_it_loads_ends_without_a_word(tmp_path: Path) -> None:
    ended = started(tmp_path, INTERRUPTED_WHILE_IT_LOADS)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-2, "", "")  # a shell says 130


def test_what_is_not_to_be_interrupted_goes_on(tmp_path: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    ended = started(tmp_path, INTERRUPTED_WHILE_IT_LOADS, ignoring)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "began\n", "")


def test_a_program_that_runs_is_interrupted_as_ever(tmp_path: Path) -> None:
    ended = started(tmp_path, INTERRUPTED_LATER)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "clean\n", "")


@pytest.mark.parametrize("name", ["harvest", "curate", "train"])
def test_each_program_starts(name: str) -> None:
    code = f"import sys; sys.argv[1:] = ['--version']; from harvest.console.start import {name}; {name}()"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert ended.stdout.startswith("raisonne ")
