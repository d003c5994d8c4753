"""A source beside other museums, and what a run and its predictions say of their paintings."""

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from curate.cli import main
from curate.manifest import BuildCounts, BuildInfo, BuildOptions, CatalogueInfo, DatasetInfo, write_build
from curate.predictions import SCHEMA, FieldInfo, PredictionsInfo, write_predictions
from tests.curate.conftest import Museum, empty_museum

ANSWERS = pa.schema(
    [
        ("content_id", pa.string()),
        ("fold", pa.int8()),
        ("target", pa.string()),
        ("truth", pa.string()),
        ("predicted", pa.string()),
        ("probability", pa.float32()),
        ("top", pa.list_(pa.string())),
        ("top_probabilities", pa.list_(pa.float32())),
    ]
)
Answer = tuple[str, int, str, str | None, str, float]  # content id, fold, target, truth, predicted, probability
DIGEST = "1" * 64
AGES = count(1_700_000_000)  # seconds: each run is newer than the one before


def write_run(
    data: Path,
    answers: Iterable[Answer],
    classes: Mapping[str, Sequence[Any]],
    *,
    name: str = "net",
    inputs: Sequence[str] = ("image", "genre"),
    novelty: tuple[float, float] | None = None,
) -> Path:
    """Write a finished run's files: what its networks answered, what it knows, how often its novelty is wrong."""
    folder = data / "runs" / name
    folder.mkdir(parents=True)
    rows = [dict(zip(ANSWERS.names, (*one, [one[4]], [one[5]]), strict=True)) for one in answers]
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows, ANSWERS), folder / "predictions.parquet")
    dataset = {"build": "b", "name": "all", "sha256": DIGEST}
    (folder / "config.json").write_text(json.dumps({"dataset": dataset, "config": {"inputs": inputs}}))
    targets = {field: {"classes": list(values)} for field, values in classes.items()}
    (folder / "report.json").write_text(json.dumps({"targets": targets}))
    if novelty:
        rates = dict(zip(("known_flagged", "unknown_missed"), novelty, strict=True))
        (folder / "model.json").write_text(json.dumps({"novelty": {"artist": rates}}))
    os.utime(folder / "config.json", (age := next(AGES), age))
    return folder


def write_answers(
    data: Path,
    name: str,
    answers: Iterable[tuple[str, str, float, float | None, bool | None]],
    *,
    run: str = "net",
    novelty: tuple[float, float] | None = None,
) -> None:
    """Write predictions: content id, field, probability, the highest precision that it promises, whether novel."""
    rows = [
        {
            "content_id": content_id, "field": field, "rank": 1, "value": "1880" if field == "decade" else "A",
            "probability": probability, "precision": precision, "is_novel": is_novel, "known": "",
        }
        for content_id, field, probability, precision, is_novel in answers
    ]  # fmt: skip
    rates = dict(zip(("known_flagged", "unknown_missed"), novelty or (0, 0), strict=True))
    info = PredictionsInfo(
        name=name, program="raisonne 1", run=run, model_sha256="0" * 64, asked={}, counts={}, left_out={},
        trained_on={"build": "b", "dataset": "all", "manifest_sha256": DIGEST},
        fields={"artist": FieldInfo(1.0, {"0.95": 0.8}, "9 examples")}, novelty={"artist": rates} if novelty else {},
    )  # fmt: skip
    write_predictions(data / "predictions" / name, info, pa.Table.from_pylist(rows, SCHEMA))


def write_options(data: Path, **options: Any) -> None:
    """Write the options of the build that the runs were trained on."""
    usual: dict[str, Any] = {"bin_years": 10, "max_span": 10, "seed": 0, "side": 300, "require": [], "sources": []}
    info = BuildInfo(
        name="b", digest=DIGEST, program="raisonne 1", options=BuildOptions(["all"], **(usual | options)),
        catalogue=CatalogueInfo(DIGEST, {}), counts=BuildCounts(0, 0, 0, 0),
        datasets=[DatasetInfo("all", "all", 0, 0, 0, {})], rights={}, notes=[],
    )  # fmt: skip
    (data / "builds" / "b").mkdir(parents=True, exist_ok=True)
    write_build(data / "builds" / "b", info)


class Curator:
    """Asks about a source as a person does."""

    def __init__(self, museum: Museum, capfd: pytest.CaptureFixture[str]) -> None:
        self.museum, self.data, self.capfd = museum, museum.data, capfd

    def add(self, number: int, artist: str | None, source: str = "stadtmuseum", **own: Any) -> list[str]:
        """Add some paintings; return their content ids."""
        return [self.museum.add(artist, source=source, **own) for _ in range(number)]

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """Run `curate`; return its exit code, stdout and stderr."""
        with pytest.raises(SystemExit) as stop:
            main([*map(str, arguments), "--data", str(self.data)])
        out, err = self.capfd.readouterr()
        return int(stop.value.code or 0), out, err

    def told(self, *arguments: object) -> dict[str, Any]:
        """Ask for a report; return its JSON."""
        code, out, err = self.run("report", *(arguments or ("stadtmuseum",)), "--json")
        assert (code, err) == (0, "")
        return dict(json.loads(out))

    def text(self, *arguments: object) -> str:
        """Ask for a report; return its words, without line breaks."""
        code, out, err = self.run("report", *(arguments or ("stadtmuseum",)))
        assert (code, err) == (0, "")
        return " ".join(out.split())


@pytest.fixture
def curator(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Curator]:
    monkeypatch.delenv("RAISONNE_CATALOGUE", raising=False)
    write_options(tmp_path)
    with empty_museum(tmp_path) as museum:
        yield Curator(museum, capfd)
    logging.getLogger().handlers.clear()  # they write to this test's stderr
