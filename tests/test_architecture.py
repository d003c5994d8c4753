"""The rules of the house, kept: who may know whom, where printing is allowed, what the README must hold."""

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("harvest", "curate", "train")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ALLOWED = {
    "harvest": ("harvest",),
    "curate": (
        "curate",
        "harvest.records",
        "harvest.catalogue.database",
        "harvest.catalogue.paintings",
        "harvest.console",
    ),
    "train": ("train", "curate.manifest", "harvest.console", "harvest.files", "harvest.pictures"),
}
MAX_FUNCTION = 60
MAX_MODULE = 400
VAGUE = {"utils", "helpers", "common", "manager", "misc", "tools"}

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file names, `from a import b` as both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, allowed: str) -> bool:
    return name == allowed or name.startswith(f"{allowed}.")


@each_module
def test_each_package_knows_only_whom_it_may(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    ours = [name for name in imported(path) if name.split(".")[0] in PACKAGES]
    strangers = [name for name in ours if not any(is_within(name, allowed) for allowed in ALLOWED[package])]
    assert not strangers


@each_module
def test_heavy_libraries_stay_where_they_belong(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"sql", "tests"}
    if package != "train":
        assert not roots & {"keras", "tensorflow", "sklearn", "jinja2", "jax", "torch"}
    if package != "harvest":
        assert not roots & {"requests", "bs4", "warcio", "protego"}


def test_the_manifest_needs_only_pyarrow() -> None:
    import sys

    roots = {name.split(".")[0] for name in imported(ROOT / "curate" / "manifest.py")}
    assert roots <= {"pyarrow", *sys.stdlib_module_names}


@each_module
def test_only_a_cli_prints_and_reads_the_environment(path: Path) -> None:
    if path.name == "cli.py":
        return
    code = path.read_text()
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "print" not in calls
    assert "os.environ" not in code
    assert "getenv" not in code


@each_module
def test_functions_and_modules_are_short(path: Path) -> None:
    code = path.read_text()
    assert code.count("\n") <= MAX_MODULE
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < MAX_FUNCTION, node.name


@each_module
def test_nothing_is_swallowed_or_put_off(path: Path) -> None:
    code = path.read_text()
    assert not re.search(r"except Exception|except BaseException|except:|\bTODO\b|\bFIXME\b|NotImplementedError", code)
    assert not re.search(r"type: ignore(?!\[)|noqa(?!:)", code)
    assert path.stem not in VAGUE


@each_module
def test_an_init_holds_a_docstring_and_nothing_else(path: Path) -> None:
    body = ast.parse(path.read_text()).body
    assert ast.get_docstring(ast.parse(path.read_text()))
    if path.name == "__init__.py":
        assert len(body) == 1


def test_every_package_is_installed() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")}
    folders |= {path.parent for path in (ROOT / "sql").rglob("__init__.py")}
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert listed == {f"harvest.{name}" if is_within(name, "sql") else name for name in names}


def test_no_image_or_data_is_kept_here() -> None:
    import subprocess

    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    outside_docs = [name for name in tracked if not name.startswith("docs/")]
    assert not [name for name in outside_docs if re.search(r"\.(jpe?g|png|h5|keras|sqlite|gz|parquet|npy)$", name)]
