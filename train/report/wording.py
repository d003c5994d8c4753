"""Names and numbers as a reader sees them; a catalogue's names are text and nothing else, whatever they hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from harvest.console.text import visible

MAX_SHOWN = 28  # characters of a name beside a figure

# No text of XML holds them, escaped or not: an SVG with one of them is not drawn.
_NO_CHARACTERS = {code: f"\\u{code:04x}" for code in (0xFFFE, 0xFFFF)}


def name_of(value: Any) -> str:
    """Return a label's value as text on one line, in which nothing steers what is written around it."""
    text = visible(" ".join(str(value).split())).translate(_NO_CHARACTERS)
    return text or "(empty)"


def short_name(value: Any, longest: int = MAX_SHOWN) -> str:
    """Return a name that is cut where it is longer than there is room for beside a figure."""
    name = name_of(value)
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def short_names(values: Sequence[Any], longest: int = MAX_SHOWN) -> list[str]:
    """Return names that are cut; those that are alike then have a number, so that rows of a figure differ."""
    names = [short_name(value, longest) for value in values]
    numbers: dict[str, int] = {}
    told = []
    for name in names:
        numbers[name] = numbers.get(name, 0) + 1
        told.append(name if names.count(name) == 1 else f"{name} [{numbers[name]}]")
    return told


def per_cent(share: float) -> str:
    """Write a share; one that is small, but not nothing, is not 0 %."""
    return "<0.1\u00a0%" if 0 < share < 0.0005 else f"{100 * share:.1f}\u00a0%"


def spread(value: Mapping[str, Any] | None) -> str:
    """Write a mean and its standard deviation, which one fold has not."""
    if value is None:
        return ""
    return f"{value['mean']:.3f}" + ("" if value["sd"] is None else f" ± {value['sd']:.3f}")


def difference(value: Mapping[str, Any]) -> str:
    """Write a difference with its interval."""
    interval = "" if value["low"] is None else f" ({value['low']:+.3f} to {value['high']:+.3f})"
    return f"{value['mean']:+.3f}{interval}"
