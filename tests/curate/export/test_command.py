import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curate.cli import main
from harvest.console.program import Exit


def run(data: Path, *arguments: str) -> Result:
    return CliRunner(env={"RAISONNE_DATA": str(data), "RAISONNE_CATALOGUE": None}).invoke(main, list(arguments))


def test_an_export_says_what_it_left_out_and_where_it_is(data: Path) -> None:
    result = run(data, "export", "x/all", "--format", "webdataset")
    assert result.exit_code == Exit.DONE
    assert result.stdout.splitlines() == [
        "14 in x/all = 11 exported + 3 left out",
        "  1 rights do not allow copies",
        "  1 rights not stated",
        "  1 rights unknown",
        "",
        str(data / "exports/x-all-webdataset"),
    ]


def test_its_result_is_one_json_object(data: Path) -> None:
    result = json.loads(run(data, "export", "x", "--format", "frictionless", "--metadata-only", "--json").stdout)
    assert result["folder"] == str(data / "exports/x-min6-frictionless-metadata")
    assert (result["exported"], result["left_out"], result["metadata_only"]) == (12, {}, True)
    summary = json.loads((Path(result["folder"]) / "export.json").read_text())
    assert {name: result[name] for name in summary} == summary


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x",), "Missing option '--format'"),
        (("x", "--format", "zip"), "'zip' is not one of 'huggingface', 'webdataset', 'tfrecord'"),
        (("y", "--format", "tfrecord"), "no build at "),
        (("x/min7", "--format", "tfrecord"), "build x has no dataset min7: it has all, min6"),
        (("x", "--format", "imagefolder", "--metadata-only"), "choose another --format for --metadata-only"),
        (("../x", "--format", "tfrecord"), "'../x' names no dataset: expected BUILD or BUILD/DATASET"),
        (("x/all/y", "--format", "tfrecord"), "'x/all/y' names no dataset: expected BUILD or BUILD/DATASET"),
    ],
)
def test_bad_input_is_told_in_one_line(data: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(data, "export", *arguments)
    assert (result.exit_code, message in result.stderr) == (Exit.USAGE, True), result.stderr
    assert result.stderr.count("\n") == 1
    assert not (data / "exports").exists()


def test_verify_looks_at_the_table_for_hugging_face_too(data: Path) -> None:
    assert run(data, "verify", "x").exit_code == Exit.DONE
    (data / "builds/x/metadata.parquet").write_bytes(b"?")
    result = run(data, "verify", "x")
    assert (result.exit_code, "metadata.parquet is absent or not as it was written" in result.stdout) == (5, True)
