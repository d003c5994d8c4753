"""`make demo` keeps what is in its folder, and says how to go on; its programs are stood in for."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

MANIFEST = 'content_id,medium,genre,style,image\na:1,"oil, canvas",still life,Realism,images/1.jpg\n'


def test_a_second_demo_keeps_what_is_there_and_its_last_lines_can_be_typed(tmp_path: Path) -> None:
    programs, data = tmp_path / "bin", tmp_path / ".demo"
    programs.mkdir()
    real = f'[ "$1" = -m ] || exec {sys.executable} "$@"'
    for name, script in (("harvest", ""), ("curate", ""), ("train", ""), ("python", real)):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    (data / "builds" / "demo" / "all").mkdir(parents=True)
    (data / "builds" / "demo" / "all" / "manifest.csv").write_text(MANIFEST)
    (data / "runs" / "own").mkdir(parents=True)
    environment = os.environ | {"VENV_BIN": str(programs), "DEMO": str(data)}
    ran = subprocess.run(
        ["sh", ROOT / "tests" / "demo.sh"], env=environment, capture_output=True, text=True, check=True
    )
    assert (data / "runs" / "own").is_dir()
    first, *_, alone, labels = ran.stdout.splitlines()
    assert (
        first
        == f"{data} is there already: the demo goes on with it, and keeps all that is in it. Delete it to begin anew."
    )
    assert f"$ export RAISONNE_DATA={data}" in ran.stdout
    assert f"  export RAISONNE_DATA={data}\n" in ran.stdout
    image = f"--image {data}/builds/demo/images/1.jpg"
    assert alone == f"  train predict picture-alone {image}"
    assert (
        labels
        == f"  train predict picture-and-labels {image} --genre 'still life' --style Realism --medium 'oil, canvas'"
    )
