"""The documentation explains every command and option, names nothing that is not there, and its links lead on."""

import configparser
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from docs.commands import PAGE, PROGRAMS, page
from harvest.catalogue.query import named_queries
from harvest.console.program import COMMON
from tests.conftest import ROOT

MAX_README = 150  # lines
WAY = ROOT / "docs" / "your-collection.md"  # from a museum's table to the review, and back
MAX_WAY = 180
LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout
MARKDOWN = [ROOT / name for name in sorted(LISTED.splitlines()) if (ROOT / name).exists()]
TEXTS = {path: path.read_text(encoding="utf-8") for path in MARKDOWN}
GUIDES = "\n".join(text for path, text in TEXTS.items() if path.parent == ROOT / "docs" and path != PAGE)
FOR_USERS = "\n".join([GUIDES, TEXTS[PAGE], TEXTS[ROOT / "README.md"], TEXTS[ROOT / "SECURITY.md"]])
GUIDES_OF = {
    "harvest": ("harvest.md", "catalogue.md", "tables.md", "iiif.md"),
    "curate": ("curate.md", "exports.md", "reconciliation.md", "suggestions.md"),
    "train": ("train.md",),
}
INVENTED = {"harvest/sources/artic.py"}  # the museum that CONTRIBUTING.md adds

each_file = pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))


def commands() -> list[tuple[str, click.Command]]:
    return [(f"{program.name} {verb}", command) for program in PROGRAMS for verb, command in program.commands.items()]


def without_code(text: str) -> str:
    """A file's text without what stands in code blocks."""
    return re.sub(r"^( *)```.*?^\1```", "", text, flags=re.MULTILINE | re.DOTALL)


def code_in(text: str) -> str:
    return "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL))


def anchors(path: Path) -> set[str]:
    """The anchors of a file's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", without_code(TEXTS[path]), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(next(free for free in (name, *(f"{name}-{n}" for n in range(1, 100))) if free not in found))
    return found


def links(text: str) -> list[str]:
    """Where a file's links and pictures lead."""
    shown = re.sub(r"`[^`\n]*`", "", without_code(text))
    inline = re.findall(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)", shown)
    return inline + re.findall(r"^\[[^\]]+\]: *(\S+)", shown, re.MULTILINE) + re.findall(r"<(https?:[^>]*)>", shown)


def leads_on(path: Path, target: str) -> bool:
    """Whether a link leads to a file and anchor that are there; an absolute one only has to be well-formed."""
    parts = urlsplit(target)
    if parts.scheme:
        return parts.scheme in ("http", "https", "mailto") and bool(parts.netloc or parts.scheme == "mailto")
    there = (path.parent / parts.path).resolve() if parts.path else path
    if not there.exists() or not there.is_relative_to(ROOT):
        return False
    return not parts.fragment or (there in TEXTS and parts.fragment in anchors(there))


@each_file
def test_every_link_leads_on(path: Path) -> None:
    assert [target for target in links(TEXTS[path]) if not leads_on(path, target)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    here = ROOT / "README.md"
    text = (
        "[a](LICENSE) ![b](docs/none.png) `[c](none)`\n```\n[d](none)\n```\n"
        "[e](https:none) <http://127.0.0.1:1> [f](#install)"
    )
    assert links(text) == ["LICENSE", "docs/none.png", "https:none", "#install", "http://127.0.0.1:1"]
    assert [target for target in links(text) if not leads_on(here, target)] == ["docs/none.png", "https:none"]
    assert not leads_on(here, "#no-such-heading")
    assert not leads_on(here, "docs/harvest.md#no-such-heading")
    assert not leads_on(here, str(tmp_path))


@each_file
def test_every_path_it_names_is_there(path: Path) -> None:
    named = set(
        re.findall(r"`((?:harvest|curate|train|tests|bench|sql|docs)/[a-z0-9_./-]+)`", without_code(TEXTS[path]))
    )
    assert {name for name in named - INVENTED if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_command_and_option_is_explained(name: str, command: click.Command) -> None:
    program = name.split()[0]
    guide = "\n".join(TEXTS[ROOT / "docs" / file] for file in GUIDES_OF[program])
    assert f"`{name}" in guide
    for option in command.params:
        if isinstance(option, click.Option) and option not in COMMON:
            assert any(re.search(rf"`[^`\n]*{re.escape(flag)}\b", guide) for flag in option.opts), (
                f"{name} {option.opts}"
            )


def test_the_page_of_commands_is_what_the_programs_say() -> None:
    assert TEXTS[PAGE] == page(), "run 'make docs'"


def test_it_names_no_command_that_is_not_there() -> None:
    there = {name for name, _ in commands()}
    named = set(re.findall(r"^(?:\$ )?((?:harvest|curate|train) [a-z][a-z-]*)\b", code_in(FOR_USERS), re.MULTILINE))
    named |= set(re.findall(r"`((?:harvest|curate|train) [a-z][a-z-]*)[` ]", FOR_USERS))
    assert named == there


def test_it_shows_no_option_that_is_not_there() -> None:
    there = {name: {flag for param in command.params for flag in param.opts} for name, command in commands()}
    for line in code_in(FOR_USERS).splitlines():
        if shown := re.match(r"(?:\$ )?((?:harvest|curate|train) [a-z][a-z-]*)\b([^#>]*)", line):
            flags = set(re.findall(r"(?<= )--?[a-z][a-z-]*", re.sub(r'"[^"]*"', "", shown[2])))
            assert flags <= there[shown[1]], line


def test_the_queries_it_shows_are_there_and_all_are_named() -> None:
    shown = set(re.findall(r"harvest sql ([a-z-]+)", FOR_USERS))
    assert shown
    assert shown <= set(named_queries())
    assert {name for name in named_queries() if f"`{name}`" not in GUIDES} == set()


def test_the_readme_is_short() -> None:
    assert TEXTS[ROOT / "README.md"].count("\n") <= MAX_README


def test_the_readme_leads_a_museum_with_a_spreadsheet_to_its_page_first() -> None:
    routes = TEXTS[ROOT / "README.md"].partition("## Where to start\n")[2]
    assert links(routes)[0] == "docs/your-collection.md"


def test_the_way_of_a_museums_own_table_is_one_page_with_every_step_in_order() -> None:
    shown = re.findall(r"^(?:\$ )?((?:harvest|curate|train) [a-z-]+)", code_in(TEXTS[WAY]), re.MULTILINE)
    assert list(dict.fromkeys(shown)) == [
        "harvest table", "harvest wikiart", "curate report", "curate build", "train run", "train predict",
        "curate suggest", "curate review", "curate accept", "curate revert", "curate export-suggestions",
    ]  # fmt: skip
    assert "`curate undo-table" in TEXTS[WAY]
    assert TEXTS[WAY].count("\n") <= MAX_WAY


def test_the_folders_of_the_code_are_those_of_the_architecture() -> None:
    rows = re.findall(r"^\| `([\w/]+)/` \| [^|]* \| ([^|]*) \|", TEXTS[ROOT / "docs" / "architecture.md"], re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", modules)) for name, modules in rows}
    folders = {path.parent for path in (ROOT / "harvest").glob("*/__init__.py")}
    assert listed.keys() - {"harvest"} == {folder.name for folder in folders}
    for folder in [ROOT / "harvest", *folders]:
        modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
        assert modules - listed[folder.name] == set(), f"a module of {folder.name} is not in docs/architecture.md"


def test_the_contributor_finds_every_folder() -> None:
    short = set(re.findall(r"^\| `(\w+)/` \|", TEXTS[ROOT / "CONTRIBUTING.md"], re.MULTILINE))
    assert short == {path.parent.name for path in (ROOT / "harvest").glob("*/__init__.py")}


def test_the_citation_names_the_version() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {setup['metadata']['version']}\n" in citation
    assert f"\nlicense: {setup['metadata']['license']}\n" in citation
