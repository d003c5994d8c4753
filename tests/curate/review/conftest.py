"""A museum with gaps, on each engine, and predictions for them."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import text

from curate.cli import main
from curate.predictions import SCHEMA, FieldInfo, PredictionsInfo, write_predictions
from harvest.catalogue.database import open_catalogue
from tests.curate.conftest import Museum

THRESHOLDS = {"0.9": 0.6, "0.95": 0.8}


class Gallery(Museum):
    """A museum whose gaps are asked about and decided, by the commands themselves."""

    def __init__(self, data: Path, url: str, capfd: pytest.CaptureFixture[str]) -> None:
        super().__init__(data, open_catalogue(url, create=True))
        self.url, self.capfd = url, capfd

    def predict(
        self, name: str, *answers: tuple[Any, ...], run: str = "net", bin_years: int = 10, novel: tuple[str, ...] = ()
    ) -> str:
        """Write predictions: a content id or None, a field, and values with probabilities, the likeliest first."""
        rows = []
        for content_id, field, *ranks in answers:
            for rank, (value, probability) in enumerate(ranks, start=1):
                reached = [float(precision) for precision, least in THRESHOLDS.items() if probability >= least]
                thing = {"content_id": content_id, "file": None if content_id else "a.jpg"}
                about = {"field": field, "rank": rank, "value": value, "probability": probability, "known": "genre=x"}
                about["is_novel"] = content_id in novel if (field, rank) == ("artist", 1) else None
                rows.append({**thing, **about, "precision": max(reached, default=None) if rank == 1 else None})
        fields = {field: FieldInfo(1.0, THRESHOLDS, "9 examples") for field in ("artist", "decade")}
        trained_on = {"build": "b", "dataset": "all", "manifest_sha256": "1" * 64}
        info = PredictionsInfo(
            name=name, program="raisonne 1", run=run, model_sha256="0" * 64, trained_on=trained_on, asked={},
            fields=fields, counts={}, left_out={}, bin_years=bin_years,
        )  # fmt: skip
        write_predictions(self.data / "predictions" / name, info, pa.Table.from_pylist(rows, SCHEMA))
        return name

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """Run `curate`; return its exit code, stdout and stderr."""
        with pytest.raises(SystemExit) as stop:
            main([*map(str, arguments), "--data", str(self.data), "--catalogue", self.url])
        out, err = self.capfd.readouterr()
        return int(stop.value.code or 0), out, err

    def told(self, *arguments: object) -> dict[str, Any]:
        """Run `curate` to its end; return its JSON."""
        code, out, err = self.run(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the catalogue directly."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def change(self, statement: str) -> None:
        """Let a source, or somebody else, change the catalogue."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture(params=["sqlite", "mariadb"])
def gallery(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gallery]:
    monkeypatch.delenv("RAISONNE_CATALOGUE", raising=False)
    database: Callable[[], str] = (
        (lambda: f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
        if request.param == "sqlite"
        else request.getfixturevalue("mariadb")
    )
    gallery = Gallery(tmp_path, database(), capfd)
    yield gallery
    gallery.engine.dispose()
    logging.getLogger().handlers.clear()  # they write to this test's stderr
