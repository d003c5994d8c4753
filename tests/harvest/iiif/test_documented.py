"""The documentation's lines for a server of one's own work as they stand there."""

import json
import os
import re
import socket
import subprocess
import sysconfig
import time
from pathlib import Path

from PIL import Image

from tests.conftest import ROOT
from tests.harvest.conftest import harvest
from tests.harvest.iiif.conftest import Library, home
from tests.harvest.iiif.manifests import canvas3, manifest3

PORT = "8000"  # in the documentation


def test_the_lines_of_the_documentation_harvest_a_picture(tmp_path: Path) -> None:
    section = (ROOT / "docs" / "iiif.md").read_text("utf-8").partition("## Try it on your own machine")[2]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    blocks = [block.replace(PORT, port) for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)]
    install, serve = blocks[0].split("\n", 1)
    assert install == "pip install iiif"
    Image.linear_gradient("L").resize((900, 700)).save(tmp_path / "picture.jpg")
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"}
    script = f"set -e\n{serve}\ntrap 'kill $!' EXIT\nread -r\n{blocks[1]}"
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as shell:
        _await(int(port), shell)
        out, errors = shell.communicate("\n")
    assert shell.returncode == 0, errors
    assert "Harbour at Dusk" in out
    assert re.search(r"library\.example\.org/harbour +Harbour at Dusk +Ada Lund +1884 +images/", out), out


def test_a_source_of_several_manifests_grows_by_each_and_loses_none(library: Library, tmp_path: Path) -> None:
    urls = [home(f"{number}/manifest.json") for number in (1, 2)]
    for url in urls:
        library.answers[url] = manifest3(url, [canvas3(f"{url}/c", "1", None, f"{url}/file.jpg")])
    for url in (*urls, urls[0]):
        given = ("--name", "handschriften", "--no-images", "--mirror", library.museum.url, "--data", tmp_path)
        result = harvest("iiif", url, *given, "--json")
        assert (result.exit_code, json.loads(result.stdout)["counts"]["gone"]) == (0, 0), result.output
    told = harvest("sql", "SELECT source_id FROM objects WHERE deleted_at IS NULL", "--csv", "--data", tmp_path)
    assert told.stdout.split() == ["source_id", "library.example.org/1", "library.example.org/2"]


def _await(port: int, shell: "subprocess.Popen[str]") -> None:
    while shell.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
