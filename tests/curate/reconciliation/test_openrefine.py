"""The circle with OpenRefine itself: its matches, people's choices, what it fetches, its export, our aliases."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.cli import main
from tests.conftest import need
from tests.curate.conftest import Museum
from tests.curate.reconciliation.conftest import Service
from tests.openrefine import OPENREFINE, OpenRefine, openrefine

TABLE = """Inventar,Künstler,geboren
1,Rembrant,1606
2,"Goltzius, H.",1558
3,Rembrandt van Rijn,
4,Jan Steen,1626
5,Jan Steen,1850
6,Niemand Bekannt,
"""


@pytest.fixture
def refine(tmp_path: Path) -> Iterator[OpenRefine]:
    need(OPENREFINE is not None, "openrefine (Debian's package)")
    with openrefine(tmp_path / "openrefine") as running:
        yield running


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_names_go_through_openrefine_and_come_back_as_aliases(
    refine: OpenRefine, service: Service, museums: Museum, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE, encoding="utf-8")
    project = refine.create(table)
    refine.reconcile(project, "Künstler", service.url, {"geboren": "birth"})
    refine.add_column(project, "Künstler", "certain", "cell.recon.match.id")
    refine.match_best(project, "Künstler")
    refine.add_column(project, "Künstler", "spelling", "value")
    refine.add_column(project, "Künstler", "id", "cell.recon.match.id")
    refine.extend(project, "Künstler", service.url, "birth", "wikidata")
    rows = rows_of(refine.export(project, tmp_path / "answers.csv"))

    assert [row["certain"] for row in rows] == ["", "", "met:1", "met:4", "wikiart:5", ""]
    assert [row["id"] for row in rows] == ["met:1", "rijksmuseum:3", "met:1", "met:4", "wikiart:5", ""]
    assert [row["Künstler"] for row in rows][:2] == [
        "Rembrandt",
        "Hendrick Goltzius",
    ]  # what the cells were matched with
    assert [row["spelling"] for row in rows][:2] == ["Rembrant", "Goltzius, H."]
    assert [row["Year of birth"] for row in rows] == ["1606", "1558", "1606", "1626", "1850", ""]
    assert [row["Number in Wikidata"] for row in rows][:2] == ["Q5598", ""]

    target = tmp_path / "aliases.csv"
    columns = ("--name", "spelling", "--artist", "id", "--to", str(target))
    with pytest.raises(SystemExit) as stop:
        main(["aliases", str(tmp_path / "answers.csv"), *columns, "--data", str(museums.data), "--json"])
    said = json.loads(capfd.readouterr().out)
    assert stop.value.code == 3
    assert said["aliases"] == {"Rembrant": "Rembrandt", "Goltzius, H.": "Hendrick Goltzius"}
    assert [fault.partition(":")[0] for fault in said["faults"]] == ["row 5", "row 6"]  # two of one name
