"""How long a large table of a museum's own takes, and how much memory, beside pandas' reader alone.

Run `python -m bench.table`; bench/README.md says what is measured.
"""

import argparse
import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

WORDS = ("Mädchen", "am", "Fenster", "Straße", "Hafen", "bei", "Nacht", "Stillleben", "mit", "Krug", "Bildnis", "eines")
DATES = ("um {}", "{}", "zwischen {} und 1899", "2. Hälfte 19. Jh.", "nach {}", "12. März {}", "o. J.")
HEADER = "Inv.-Nr.;Titel;Künstler;Datierung;Material/Technik;Gattung;Stil;Maße;Standort;Bildrechte;Erwerbung;Bemerkung"
GOAL_SECONDS, GOAL_MEGABYTES = 60.0, 500.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        began = time.perf_counter()
        number = STEPS[options.step](options.folder)
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures = (number, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        print(json.dumps(figures))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.rows)
        size = (folder / "table.csv").stat().st_size / 1e6
        print(f"{options.rows:,} rows of 12 columns, {size:.0f} MB, and as many pictures' names")
        print(f"{'':<34}{'rows':>9}{'seconds':>9}{'CPU':>7}{'peak MB':>9}")
        for step in STEPS:
            command = [sys.executable, "-m", "bench.table", "--step", step, "--folder", name]
            result = subprocess.run(command, check=True, capture_output=True, text=True)
            number, seconds, cpu, megabytes = json.loads(result.stdout.splitlines()[-1])
            print(f"{step:<34}{number:>9,}{seconds:>9.1f}{cpu:>7.1f}{megabytes:>9.0f}")
        print(f"goal of a first look and of a first load: {GOAL_SECONDS:.0f} s, {GOAL_MEGABYTES:.0f} MB")


def make(folder: Path, rows: int) -> None:
    """Write a table, and an empty file for each picture."""
    with (folder / "table.csv").open("w", encoding="cp1252") as file:
        file.write(f"{HEADER}\r\n")
        for n in range(rows):
            title = " ".join(WORDS[(n * step) % len(WORDS)] for step in (1, 3, 5, 7))
            date = DATES[n % len(DATES)].format(1800 + n % 99)
            maker = f"Müller {n % 5000}, Jörg ({1780 + n % 90}–{1850 + n % 60})"
            file.write(
                f"A-{n:06};{title} {n};{maker};{date};Öl auf Leinwand;Porträt;Realismus;{n % 90} x {n % 70} cm;"
                f"Depot {n % 40};CC0;Ankauf {1900 + n % 100};{'Ränder beschnitten. ' * (n % 3)}\r\n"
            )
    for n in range(rows):
        if n % 1000 == 0:
            (folder / "scans" / f"{n // 1000:03}").mkdir(parents=True)
        (folder / "scans" / f"{n // 1000:03}" / f"a_{n}_r.tif").touch()


def read_by_pandas(folder: Path) -> int:
    """Read the cells into memory, and nothing else."""
    import pandas

    return len(pandas.read_csv(folder / "table.csv", sep=";", encoding="cp1252", dtype=str))


def look(folder: Path) -> int:
    """Read every row by the guess, and find its picture: what --plan does."""
    from harvest.tabular.mapping import Mapping
    from harvest.tabular.plan import plan_table
    from harvest.tabular.source import own_table, read_sheet

    sheet, guessed = read_sheet(folder / "table.csv", Mapping(images=str(folder / "scans")))
    plan = plan_table(own_table("bench", guessed.mapping, sheet), sheet, guessed.doubts)
    assert plan.pictures is not None
    assert plan.pictures.objects == plan.objects
    return plan.objects


def load(folder: Path) -> int:
    """Load the table with its pictures' names: what the command does before it reads a picture."""
    from harvest.cli import main as harvest

    arguments = ["--data", str(folder / "data"), "--quiet", "table", str(folder / "table.csv"), "--name", "bench"]
    with contextlib.suppress(SystemExit):
        harvest([*arguments, "--images", str(folder / "scans"), "--no-images"])
    from sqlalchemy import func, select

    from harvest.catalogue.database import opened
    from harvest.catalogue.schema import objects

    with opened(f"sqlite:///{folder / 'data' / 'catalogue.sqlite'}") as catalogue, catalogue.connect() as connection:
        return connection.execute(select(func.count()).select_from(objects)).scalar_one()


STEPS: dict[str, Callable[[Path], int]] = {
    "pandas' reader alone": read_by_pandas,
    "a first look (--plan)": look,
    "a first load into SQLite": load,
    "the same once more": load,
}

if __name__ == "__main__":
    main()
