"""What the harvest's engine costs, on a museum of our own: `python -m bench.engine [OPTIONS]`.

CPU seconds, counts and their ratios are what to look at; wall seconds say as much of the machine's other guests.
"""

import argparse
import importlib
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from itertools import islice

from bench.engine.measure import Row, Scale

PARTS = {  # each a module with a TITLE, `rounds`, which measures again and again, and NOTES
    "cpu": "bench.engine.cpu",
    "rate": "bench.engine.rate",
    "again": "bench.engine.again",
    "scrapy": "bench.engine.beside_scrapy",
}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--objects", type=int, default=2000, help="in the museum (2000)")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement, interleaved (5)")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; repeatable (all)")
    parser.add_argument("--quick", action="store_true", help="one round of everything small: only whether it runs")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    scale = Scale(60, quick=True) if options.quick else Scale(options.objects)
    results = {}
    for name in options.only or PARTS:
        part = importlib.import_module(PARTS[name])
        results[name] = medians(list(islice(part.rounds(scale), 1 if options.quick else options.rounds)))
        if not options.json:
            print(f"\n{part.TITLE}\n", *table(results[name]), part.NOTES, sep="\n", flush=True)
    if options.json:
        print(json.dumps(results, indent=1))


def medians(rounds: Sequence[Sequence[Row]]) -> list[Row]:
    """Return each row's medians over the rounds; of what is called least or most, the least or most."""
    return [
        {name: _middle(name, [row[name] for row in same]) for name in same[0]} for same in zip(*rounds, strict=True)
    ]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a table."""
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        rest = "".join(cell.rjust(width + 2) for cell, width in zip(others, widths[1:], strict=True))
        yield f"{first:{widths[0]}}{rest}"


def _middle(name: str, values: Sequence[float | str]) -> float | str:
    if isinstance(values[0], str):
        return values[0]
    numbers = [float(value) for value in values]
    choose = min if name.startswith("least") else max if name.startswith("most") else statistics.median
    return choose(numbers)


def _cell(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == round(value) else f"{value:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
