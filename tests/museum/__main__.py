"""Open a museum on loopback: `python -m tests.museum [OPTIONS] [-- COMMAND …]`.

Without a command it stays open until Ctrl-C. With one, it runs the command with MUSEUM_URL in its environment,
closes, and exits with the command's exit code.
"""

import argparse
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.museum.collection import Collection, generated, real
from tests.museum.server import Museum
from tests.museum.wikiart_page import LAYOUTS

INTERRUPTED = 130  # what shells say of a command that Ctrl-C ended


def main(arguments: Sequence[str]) -> int:
    """Open the museum and give the exit code."""
    own, command = _split(arguments)
    options = _parser().parse_args(own)
    with Museum(_collection(options), layout=options.layout, port=options.port) as museum:
        try:
            return _run(command, museum.url) if command else _wait(museum.url)
        except KeyboardInterrupt:
            return INTERRUPTED if command else 0


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part our own options from the command behind `--`."""
    everything = list(arguments)
    end = everything.index("--") if "--" in everything else len(everything)
    return everything[:end], everything[end + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.museum", description=__doc__)
    parser.add_argument("--artists", type=int, default=5, help="how many artists to invent (5)")
    parser.add_argument("--works", type=int, default=30, help="how many works of each (30)")
    parser.add_argument("--seed", type=int, default=0, help="another number, other paintings (0)")
    parser.add_argument("--paintings", type=Path, metavar="FOLDER", help="show these real paintings instead")
    parser.add_argument("--layout", choices=LAYOUTS, default="both", help="of WikiArt's pages (both)")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one (0)")
    return parser


def _collection(options: argparse.Namespace) -> Collection:
    if options.paintings:
        return real(options.paintings, options.seed)
    return generated(options.artists, options.works, options.seed)


def _run(command: Sequence[str], url: str) -> int:
    return subprocess.run(command, env={**os.environ, "MUSEUM_URL": url}, check=False).returncode


def _wait(url: str) -> int:
    print(url, flush=True)
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
