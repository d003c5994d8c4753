"""Print the lowest versions that setup.cfg allows, as a constraints file for pip.

Run: python -m tests.lowest > lowest.txt; pip install -e '.[train,weights,export,dev]' -c lowest.txt
"""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

SETUP = Path(__file__).resolve().parent.parent / "setup.cfg"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[a-z0-9,]+\])?\s*>=\s*(?P<version>[0-9.]+)")
CHECKERS = re.compile(r"mypy|ruff|types-.*|.*-stubs")  # these read our code and never run with it: any version will do


def lowest(setup: Path = SETUP) -> Iterator[str]:
    """Yield `name==version` for each requirement of the package and of its extras, but for the checkers of code.

    Raises:
        ValueError: If a requirement is anything but a name and a lower bound.
    """
    parser = configparser.ConfigParser()
    parser.read(setup)
    listed = [parser["options"]["install_requires"], *parser["options.extras_require"].values()]
    for line in filter(None, "\n".join(listed).splitlines()):
        match = REQUIREMENT.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"setup.cfg: expected NAME >= VERSION, got {line!r}")
        if not CHECKERS.fullmatch(match["name"]):
            yield f"{match['name']}=={match['version']}"


if __name__ == "__main__":
    print("\n".join(lowest()))
