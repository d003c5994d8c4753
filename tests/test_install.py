"""The package installed as people install it: a wheel used in another folder, and an editable checkout."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.lowest import lowest

PROBE = """
import importlib.util, json, sys
import harvest.sql, harvest.catalogue.query, harvest.catalogue.database
engine = harvest.catalogue.database.open_catalogue("sqlite:///c.sqlite", create=True)
print(json.dumps({
    "sql": importlib.util.find_spec("sql") is not None,
    "queries": sorted(harvest.catalogue.query.named_queries()),
    "where": harvest.sql.__file__,
}))
"""


def output_of(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that must end well, and return what it prints."""
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{command[0]} ended with {run.returncode}: {run.stdout}{run.stderr}"
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from what git would hand out: no build folder of an earlier one gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in output_of("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    output_of(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source)
    (built,) = folder.glob("*.whl")
    return built


def installed(folder: Path, *what: str) -> Path:
    """A virtual environment that borrows the libraries of this one, with our package installed by pip."""
    output_of(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    (site,) = (folder / "lib").glob("python*/site-packages")
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    # Plain paths: the editable hook of this environment, a .pth file, is not run for them.
    (site / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    install = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--ignore-installed", *what]
    output_of(sys.executable, "-m", "pip", "--python", python, *install)
    return python


@pytest.mark.parametrize("editable", [False, True])
def test_it_works_from_another_folder(wheel: Path, tmp_path: Path, editable: bool) -> None:
    python = installed(tmp_path / "venv", *(["--editable", str(ROOT)] if editable else [str(wheel)]))
    (tmp_path / "elsewhere").mkdir()
    probed = json.loads(output_of(python, "-c", PROBE, cwd=tmp_path / "elsewhere"))
    assert not probed["sql"], "a top-level package sql would stand in other tools' way"
    assert "fill" in probed["queries"]
    assert Path(probed["where"]).is_relative_to(ROOT / "sql" if editable else tmp_path / "venv")


def test_the_commands_are_installed(wheel: Path, tmp_path: Path) -> None:
    python = installed(tmp_path / "venv", str(wheel))
    for name in ("harvest", "curate", "train"):
        assert output_of(python.parent / name, "--version").startswith("raisonne ")


def test_the_wheel_holds_all_that_is_sql_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"harvest/sql/schema.sql", "harvest/sql/queries/fill.sql", "harvest/sql/migrations/env.py"} <= names
    assert "harvest/sql/migrations/versions/0001_first_shape.py" in names
    assert not [name for name in names if name.startswith(("tests/", "sql/", "bench/"))]


def test_whoever_only_harvests_never_loads_what_trains() -> None:
    code = "import json, sys, harvest.cli, curate.cli, train.cli; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(output_of(sys.executable, "-c", code))}
    assert {"harvest", "curate", "train"} <= loaded
    assert not loaded & {"tensorflow", "keras", "sklearn", "skimage", "torch", "jax"}


def test_the_lowest_versions_are_read_from_the_setup(tmp_path: Path) -> None:
    assert {"pymysql==1.2", "tensorflow==2.20"} <= set(lowest(ROOT / "setup.cfg"))
    setup = tmp_path / "setup.cfg"
    setup.write_text(
        "[options]\ninstall_requires =\n    a >= 1\n    b[s3,x] >= 2.0\n    ruff >= 1\n[options.extras_require]\n"
    )
    assert list(lowest(setup)) == ["a==1", "b==2.0"]
    setup.write_text("[options]\ninstall_requires =\n    a\n[options.extras_require]\n")
    with pytest.raises(ValueError, match="expected NAME >= VERSION, got 'a'"):
        list(lowest(setup))
