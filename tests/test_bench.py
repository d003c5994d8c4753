"""That the benchmarks run, and that what they count is right; never what they time."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import pytest

from bench import builds, cluster, parse, review
from bench.export import make_build
from bench.planted import KINDS
from curate.export.export import export
from tests.conftest import ROOT, need

pytestmark = pytest.mark.slow

OBJECTS, LISTINGS_PER_ARTIST = 60, 1  # of the quick museum


@pytest.fixture(scope="module")
def figures() -> dict[str, list[dict[str, Any]]]:
    parts = [argument for part in ("cpu", "rate", "again") for argument in ("--only", part)]
    command = [sys.executable, "-m", "bench.engine", "--quick", "--json", *parts]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def test_a_bare_loop_and_ours_ask_for_the_same(figures: dict[str, list[dict[str, Any]]]) -> None:
    bare, blank, objects, images = (row["requests"] for row in figures["cpu"])
    assert bare == OBJECTS
    assert blank == objects == 1 + LISTINGS_PER_ARTIST + OBJECTS  # robots.txt, and a list
    assert images == objects + 2 + OBJECTS  # the image host's robots.txt and tdmrep.json


def test_no_pace_is_undercut(figures: dict[str, list[dict[str, Any]]]) -> None:
    for row in figures["rate"]:
        assert row["least gap: throttle"] >= row["pace"] - 1e-6


def test_a_second_harvest_brings_nothing_again(figures: dict[str, list[dict[str, Any]]]) -> None:
    rows = {row[""]: row for row in figures["again"]}
    assert rows["first, validators"]["bodies"] == LISTINGS_PER_ARTIST + 2 * OBJECTS
    assert (rows["second, validators"]["bodies"], rows["second, validators"]["bytes"]) == (0, 0)
    assert rows["second, none"]["bodies"] == LISTINGS_PER_ARTIST + OBJECTS  # pages, but no image
    for row in (rows["second, validators"], rows["second, none"]):
        assert (row["new"], row["changed"], row["unchanged"], row["images"]) == (0, 0, OBJECTS, 0)


def test_a_large_build_keeps_or_explains_each_painting(capfd: pytest.CaptureFixture[str]) -> None:
    builds.main(["--objects", "10000"])
    assert "each is kept or left out with one reason; the datasets are nested" in capfd.readouterr().out


def test_a_large_table_is_read_and_loaded_whole() -> None:
    command = [sys.executable, "-m", "bench.table", "--rows", "300"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    read = [line.split()[-4] for line in shown.splitlines()[2:6]]
    assert read == ["300"] * 4


def test_the_review_s_pages_come_and_decisions_are_kept(mariadb: object, capfd: pytest.CaptureFixture[str]) -> None:
    review.main(["--suggestions", "60", "--rounds", "2"])
    assert capfd.readouterr().out.count("a decision, and the next painting") == 2


def test_our_parser_reads_the_pages_of_the_parser_s_bench(capsys: pytest.CaptureFixture[str]) -> None:
    parse.main(["--pages", "4", "--rounds", "1"])
    assert "4 pages of 13" in capsys.readouterr().out


def test_a_table_is_loaded_whole_and_not_again(mariadb: object) -> None:
    command = [sys.executable, "-m", "bench.met", "--rows", "700", "--json"]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    written = {row[""]: row["written"] for row in json.loads(run.stdout) if "written" in row}
    assert written == {
        "LOAD DATA, our tables": 700,
        "ours, SQLite, first": 700, "ours, SQLite, again": 0, "ours, MariaDB, first": 700, "ours, MariaDB, again": 0
    }  # fmt: skip


def test_planted_duplicates_of_real_paintings_are_found_and_no_fold_splits_them(shared: Path) -> None:
    command = [sys.executable, "-m", "bench.planted", "--shared", str(shared), "--step", "30", "--json"]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    judged = json.loads(run.stdout)
    assert [row["kind"] for row in judged["kinds"]] == list(KINDS)
    for row in judged["kinds"]:
        assert row["found"] == row["planted"] > 1
        assert (row["split by fold_duplicates"], row["split by fold_series"]) == (0, 0)
    assert judged["unplanted"] == []
    assert len(judged["alike"]) >= sum(row["planted"] for row in judged["kinds"])
    assert judged["split"]["fold_random"]  # as it may, and as the check sees
    assert (judged["split"]["fold_duplicates"], judged["split"]["fold_series"]) == ([], [])


def test_the_trainings_bench_measures_each_part_beside_its_limit() -> None:
    parts = [argument for part in ("loader", "features", "head") for argument in ("--part", part)]
    command = [sys.executable, "-m", "bench.train", "--quick", "--json", *parts]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    rows = json.loads(run.stdout)
    assert [row["part"].split(",")[0] for row in rows] == ["loader"] * 2 + ["features of mobilenetv2_0.35"] * 2 + [
        "dense head"
    ] * 4
    assert [row["% of limit"] for row in rows if row[""].startswith("limit: ")] == [100, 100, 100]
    assert all(row["per CPU second"] > 0 for row in rows)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, as in tests/train
def test_the_bench_for_an_accelerator_runs_on_a_processor_in_small(tmp_path: Path) -> None:
    need(importlib.util.find_spec("jax") is not None, "jax")
    pixels = keras.Input((None, None, 3))
    keras.Model(pixels, keras.layers.Conv2D(8, 3, strides=2, activation="relu")(pixels)).save(tmp_path / "own.keras")
    small = ("--backbone", str(tmp_path / "own.keras"), "--side", "32", "--batch", "8", "--steps", "2")
    command = [sys.executable, "-m", "bench.gpu", "--json", *small]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    measured = json.loads(run.stdout)
    assert measured["device"]
    assert list(measured["images/s"]) == ["batch 8, loader off", "batch 8, loader on"]
    assert min(measured["images/s"].values()) > 0
    assert measured["ends the same after a stop"] is True
    assert measured["parity"] < 0.02


def test_a_cluster_makes_and_exports_the_same_files_as_processes(capfd: pytest.CaptureFixture[str]) -> None:
    cluster.main(["--images", "36", "--side", "40", "--empty", "20", "--shard", "12"])
    lines = capfd.readouterr().out.splitlines()
    named = ["two processes", "two processes", "two workers", "two workers", "two workers, a third is killed (-9)"]
    assert [line.partition(":")[0] for line in lines[:5]] == named
    assert re.match(r"the same \d\d files each time, digest", lines[5])


def test_the_build_of_the_export_bench_is_one_that_is_exported_whole(tmp_path: Path) -> None:
    make_build(tmp_path, 30, 32)
    assert export(tmp_path, "bench/all", "webdataset", program="bench").info.exported == 30
