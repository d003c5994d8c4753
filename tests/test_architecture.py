"""The rules of the house, kept: who may know whom, where printing is allowed, how large a thing may be."""

import ast
import configparser
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.structure import (
    BELOW,
    PACKAGES,
    ROOT_WING,
    Module,
    against_direction,
    all_below,
    cycle,
    imported,
    imports,
    length,
    modules,
    percentile,
    wing_of,
)

MODULES = modules(ROOT)
FOLDERS = sorted({module.path.parent for module in MODULES.values()})
ALLOWED = {
    "harvest": ("harvest",),
    "curate": (
        "curate",
        "harvest.records",
        "harvest.catalogue.database",
        "harvest.catalogue.paintings",
        "harvest.catalogue.review",
        "harvest.catalogue.suggestions",
        "harvest.console",
        "harvest.files",
        "harvest.pictures",
        "harvest.tabular.edit",
        "harvest.version",
    ),
    "train": (
        "train",
        "curate.manifest",
        "curate.predictions",
        "harvest.console",
        "harvest.files",
        "harvest.pictures",
        "harvest.version",
    ),
}
HEAVY = {"keras", "tensorflow", "sklearn", "jax", "torch"}  # for `train` alone
NETWORK = {"requests", "bs4", "warcio", "protego"}  # for `harvest` alone
TEMPLATES = ("train", "curate.quality", "curate.review")  # what writes HTML, with jinja2
SPEAKING = ("harvest.cli", "harvest.commands", "harvest.console", "curate.cli", "train.cli", "train.commands")
SPEECH = (  # what prints, reads what is typed, sets up logging or reads the environment
    "print",
    "input",
    "click.echo",
    "click.echo_via_pager",
    "click.secho",
    "click.prompt",
    "click.confirm",
    "click.get_text_stream",
    "click.get_binary_stream",
    "logging.basicConfig",
    "logging.StreamHandler",
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.putenv",
    "sys.stdin",
    "sys.stdout",
    "sys.stderr",
    "sys.argv",
)
ASKING = ("sys.stdout.isatty", "sys.stderr.isatty")  # whether there is somebody to read: no print by itself
MAX_FUNCTION = 59  # lines
MAX_USUAL_FUNCTION = 29  # lines, of 90 functions in 100
MAX_MODULE = 400  # lines
MAX_MODULES = 12  # in a folder, `__init__.py` not counted
VAGUE = {"utils", "helpers", "common", "manager", "misc", "tools"}

each_module = pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)


def is_within(name: str, *allowed: str) -> bool:
    return any(name == other or name.startswith(f"{other}.") for other in allowed)


def module_of(code: str, tmp_path: Path, name: str = "harvest.example") -> Module:
    path = tmp_path / f"{name}.py"
    path.write_text(code)
    return Module(name, path)


@each_module
def test_each_program_knows_only_whom_it_may(module: Module) -> None:
    ours = [name for name in imported(module.tree) if name.split(".")[0] in PACKAGES]
    assert not [name for name in ours if not is_within(name, *ALLOWED[module.package])]


@each_module
def test_heavy_libraries_stay_where_they_belong(module: Module) -> None:
    roots = {name.split(".")[0] for name in imported(module.tree)}
    assert not roots & {"sql", "tests", "bench"}
    assert module.package == "train" or not roots & HEAVY
    assert module.package == "harvest" or not roots & NETWORK
    assert is_within(module.name, *TEMPLATES) or "jinja2" not in roots


def test_the_manifest_needs_only_pyarrow() -> None:
    roots = {name.split(".")[0] for name in imported(MODULES["curate.manifest"].tree)}
    assert roots <= {"pyarrow", *sys.stdlib_module_names}


def test_every_wing_has_its_place_in_the_direction() -> None:
    assert {wing_of(name, MODULES) for name in MODULES} == {None, ROOT_WING, *BELOW}
    assert all_below("maintenance") == {"enrichment", "bulk", "engine", "http", "queue", "catalogue", "storage"}
    assert not any(wing in all_below(wing) for wing in BELOW)


def test_no_import_runs_against_the_direction() -> None:
    assert not against_direction(MODULES)


@pytest.mark.parametrize(
    ("name", "code", "against"),
    [
        ("harvest.queue.example", "from harvest.engine.plan import plan", "harvest.engine.plan"),
        ("harvest.queue.example", "import harvest.http.url", "harvest.http.url"),
        ("harvest.storage.example", "from harvest.catalogue import schema", "harvest.catalogue.schema"),
        ("harvest.sources.example", "from harvest.engine.parse import parse", "harvest.engine.parse"),
        ("harvest.engine.example", "def f():\n    from harvest.cli import main", "harvest.cli"),
        ("harvest.engine.example", "from harvest.console.tables import aligned", "harvest.console.tables"),
        ("harvest.example", "from harvest.queue import tasks", "harvest.queue.tasks"),
        ("harvest.engine.example", "from harvest.queue import tasks\nfrom harvest.errors import Gone", None),
        ("harvest.cli", "from harvest.commands import status", None),
    ],
)
def test_an_import_against_the_direction_is_noticed(tmp_path: Path, name: str, code: str, against: str | None) -> None:
    known = {**MODULES, name: module_of(code, tmp_path, name)}
    assert [pair for pair in against_direction(known) if pair[0] == name] == ([(name, against)] if against else [])


def test_no_modules_import_each_other_in_a_circle(tmp_path: Path) -> None:
    assert cycle(MODULES) == []
    circular = module_of("from harvest.source import Source", tmp_path, "harvest.errors")
    assert "harvest.errors" in cycle({**MODULES, "harvest.errors": circular})


def doors_of(docstring: str, wing: set[str]) -> set[str]:
    """Return the modules of a wing that other wings may import, as its docstring's line of doors names them."""
    match = re.search(r"^Doors: (.*?)\.(?:\s|$)", re.sub(r"\([^)]*\)", "", docstring), re.MULTILINE | re.DOTALL)
    assert match, 'expected a line "Doors: `a`, `b`."'
    sentence = match[1]
    named = set(re.findall(r"`([a-z_]+)`", sentence))
    assert named <= wing, f"no modules: {named - wing}"
    if sentence.startswith("every module"):
        return wing - named
    assert named or sentence.strip() == "none", sentence
    return named


def doors() -> Mapping[str, set[str]]:
    """Return the doors of every wing: its modules, and the folders within it."""
    return {
        wing: doors_of(
            str(ast.get_docstring(MODULES[f"harvest.{wing}"].tree)),
            {name.split(".")[2] for name in MODULES if name.startswith(f"harvest.{wing}.")},
        )
        for wing in BELOW
    }


def beside_doors(known: Mapping[str, Module]) -> Iterator[tuple[str, str]]:
    """Yield the imports from another wing, or program, that go through no door."""
    doors_by_wing = doors()
    for module in known.values():
        for name in sorted(imports(module, known)):
            wing = wing_of(name, known)
            if wing and wing != wing_of(module.name, known) and name.split(".")[2] not in doors_by_wing[wing]:
                yield module.name, name


def test_other_wings_import_only_doors() -> None:
    assert list(beside_doors(MODULES)) == []


def test_an_import_beside_the_doors_is_noticed(tmp_path: Path) -> None:
    module = module_of("from harvest.catalogue import load_data", tmp_path, "harvest.queue.example")
    beside = ("harvest.queue.example", "harvest.catalogue.load_data")
    assert beside in beside_doors({**MODULES, "harvest.queue.example": module})


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Idea.\n\nDoors: `a`, `b`.", {"a", "b"}),
        ("Idea.\n\nDoors: `a` (what `c` does), and `b`\n(more). `c` is none.", {"a", "b"}),
        ("Idea.\n\nDoors: every module.", {"a", "b", "c"}),
        ("Idea.\n\nDoors: every module but `a` (of `b`).", {"b", "c"}),
        ("Idea.\n\nDoors: none.", set()),
    ],
)
def test_doors_are_read_from_the_docstring(docstring: str, expected: set[str]) -> None:
    assert doors_of(docstring, {"a", "b", "c"}) == expected


@pytest.mark.parametrize("docstring", ["Idea.", "Idea.\n\nDoors: `a`, `d`.", "Idea.\n\nDoors: some."])
def test_a_docstring_without_true_doors_is_noticed(docstring: str) -> None:
    with pytest.raises(AssertionError):
        doors_of(docstring, {"a", "b", "c"})


def used(tree: ast.AST) -> Iterator[str]:
    """Yield the full name of all that a tree uses: `from click import echo as say; say()` is click.echo."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    yield from aliases.values()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield ".".join([aliases.get(node.id, node.id), *reversed(attributes)])
        waiting += ast.iter_child_nodes(node)


def speech(tree: ast.AST) -> set[str]:
    return {name for name in used(tree) if is_within(name, *SPEECH) and name not in ASKING}


@each_module
def test_only_what_speaks_to_the_user_prints_and_reads_the_environment(module: Module) -> None:
    assert is_within(module.name, *SPEAKING) or not speech(module.tree)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('x')", "print"),
        ("import click\ndef f():\n    click.echo('x')", "click.echo"),
        ("from click import echo as say\nsay('x')", "click.echo"),
        ("import click as c\nc.secho('x')", "click.secho"),
        ("import sys\nsys.stderr.write('x')", "sys.stderr.write"),
        ("import sys\nsys.stdout.buffer.write(b'x')", "sys.stdout.buffer.write"),
        ("from sys import stdout\nstdout.write('x')", "sys.stdout"),
        ("import json, sys\njson.dump({}, sys.stdout)", "sys.stdout"),
        ("import os\nkey = os.environ['KEY']", "os.environ"),
        ("from os import getenv\ngetenv('KEY')", "os.getenv"),
        ("import logging\nlogging.basicConfig(level=0)", "logging.basicConfig"),
    ],
)
def test_speech_is_noticed(code: str, expected: str) -> None:
    assert expected in speech(ast.parse(code))


@pytest.mark.parametrize("code", ["import sys\nsys.stderr.isatty()", "environ = {}\nenviron['x']", "log.info('print')"])
def test_silence_is_silence(code: str) -> None:
    assert not speech(ast.parse(code))


@each_module
def test_functions_and_modules_are_short(module: Module) -> None:
    assert module.code.count("\n") <= MAX_MODULE
    assert not [function.name for function in module.functions if length(function) > MAX_FUNCTION]


@pytest.mark.parametrize("package", PACKAGES)
def test_most_functions_are_far_shorter(package: str) -> None:
    lengths = [length(function) for name in MODULES if is_within(name, package) for function in MODULES[name].functions]
    assert percentile(lengths, 0.9) <= MAX_USUAL_FUNCTION


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_holds_few_modules(folder: Path) -> None:
    count = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
    assert count <= MAX_MODULES


@each_module
def test_nothing_is_swallowed_or_put_off(module: Module) -> None:
    code = module.code
    is_last_resort = module.path == ROOT / "harvest" / "console" / "program.py"
    foreseen = code.replace("except Exception as error:", "", 1) if is_last_resort else code
    assert not re.search(r"except Exception|except BaseException|except:", foreseen)
    assert not re.search(r"\bTODO\b|\bFIXME\b|NotImplementedError", code)
    assert not re.search(r"type: ignore(?!\[)|noqa(?!:)", code)
    assert module.path.stem not in VAGUE


@each_module
def test_an_init_holds_a_docstring_and_nothing_else(module: Module) -> None:
    assert ast.get_docstring(module.tree)
    assert len(module.tree.body) == 1 or not module.is_package


def test_every_package_is_installed() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    names = {name for name, module in MODULES.items() if module.is_package}
    assert {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in FOLDERS} == names
    folders = {path.parent for path in (ROOT / "sql").rglob("__init__.py")}
    assert listed == names | {f"harvest.{'.'.join(folder.relative_to(ROOT).parts)}" for folder in folders}


def test_no_image_or_data_is_kept_here() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    outside_docs = [name for name in tracked if not name.startswith("docs/")]
    assert not [name for name in outside_docs if re.search(r"\.(jpe?g|png|h5|keras|sqlite|gz|parquet|npy)$", name)]
