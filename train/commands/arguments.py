"""Names of networks and files as they are typed, refused before a library is loaded."""

import difflib
from pathlib import Path

import click

from train.models.backbones import BACKBONES


def backbone_name(name: str) -> str:
    """Refuse a name that is neither a known network nor a file.

    Raises:
        click.BadParameter: It is neither.
    """
    if name in BACKBONES or (name.endswith(".keras") and Path(name).is_file()):
        return name
    if name.endswith(".keras"):
        raise click.BadParameter(f"no file {name}")
    near = difflib.get_close_matches(name.lower(), BACKBONES)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise click.BadParameter(f"{name!r} is neither a .keras file nor one of {', '.join(BACKBONES)}{hint}")


def weights_name(name: str) -> str:
    """Refuse a file that is not there.

    Raises:
        click.BadParameter: It is not.
    """
    if name not in ("imagenet", "none") and not Path(name).is_file():
        raise click.BadParameter(f"no weights at {name}: give a file, or imagenet to download them, or none")
    return name
