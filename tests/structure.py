"""The shape of the code: what each module imports of ours and how long its functions are.

Run: python -m tests.structure [--verbose] [CHECKOUT]

Prints the figures by which the structure is judged; `tests/test_architecture.py` asserts the rules.
"""

import argparse
import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGES = ("harvest", "curate", "train")
BELOW = {  # each wing of harvest, and the wings that stand directly below it
    "commands": ("maintenance", "console", "iiif"),
    "maintenance": ("enrichment", "bulk"),
    "enrichment": ("engine",),
    "bulk": ("engine", "http"),
    "engine": ("queue", "http"),
    "queue": ("catalogue",),
    "catalogue": ("storage",),
    "sources": ("parsers",),
    "iiif": ("tabular",),
    "tabular": ("parsers",),
    "storage": (),
    "http": (),
    "parsers": (),
    "console": (),
}
ROOT_WING = ""  # the modules in the folder `harvest/` itself, which every wing may import
TOP = "harvest.cli"  # but for this one, which stands above all wings


@dataclass(frozen=True)
class Module:
    """One module, by its dotted name."""

    name: str
    path: Path

    @cached_property
    def code(self) -> str:
        """Return its text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Return its syntax tree."""
        return ast.parse(self.code)

    @property
    def package(self) -> str:
        """Return harvest, curate or train."""
        return self.name.partition(".")[0]

    @property
    def is_package(self) -> bool:
        """Return whether it is the `__init__.py` of a folder."""
        return self.path.name == "__init__.py"

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Return its functions and methods, nested ones included."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    @cached_property
    def called_once(self) -> list[str]:
        """Return its private functions that it names at most once."""
        named = Counter(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        named += Counter(node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute))
        names = [function.name for function in self.functions]
        return [name for name in names if re.match(r"_(?!_)", name) and named[name] <= 1]


def modules(root: Path) -> dict[str, Module]:
    """Return the modules of the three programs in a checkout, by name."""
    found = {}
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if path.name == "__init__.py" else parts)
        found[name] = Module(name, path)
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what a tree imports, by its full name: `from a import b` is a.b, whether or not that is a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"line {node.lineno}: a relative import")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(module: Module, known: Mapping[str, Module]) -> set[str]:
    """Return the names of our modules that one imports."""
    names = {name if name in known else name.rpartition(".")[0] for name in imported(module.tree)}
    return {name for name in names if name in known} - {module.name}


def wing_of(name: str, known: Mapping[str, Module]) -> str | None:
    """Return the wing of harvest that a module is in; None for another program's module."""
    parts = name.split(".")
    if parts[0] != "harvest":
        return None
    return parts[1] if len(parts) > 2 or (len(parts) == 2 and known[name].is_package) else ROOT_WING


def all_below(wing: str, below: Mapping[str, Sequence[str]] = BELOW) -> set[str]:
    """Return all wings that one may import: those below it, those below these, and so on."""
    lower = below.get(wing, ())
    return set(lower).union(*(all_below(other, below) for other in lower))


def against_direction(known: Mapping[str, Module]) -> list[tuple[str, str]]:
    """Return the imports within harvest that run back up, as pairs of module and imported module.

    `harvest.cli` stands above the wings; the other modules in the root of harvest import each other alone.
    """
    against = []
    for module in known.values():
        wing = wing_of(module.name, known)
        if wing is None or module.name == TOP:
            continue
        allowed = {None, wing, ROOT_WING} | all_below(wing)
        names = sorted(imports(module, known))
        against += [(module.name, name) for name in names if name == TOP or wing_of(name, known) not in allowed]
    return against


def cycle(known: Mapping[str, Module]) -> list[str]:
    """Return the modules of one import cycle, or nothing."""
    try:
        TopologicalSorter({module.name: imports(module, known) for module in known.values()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function, from `def` to its last."""
    return int(function.end_lineno or function.lineno) - function.lineno + 1


def percentile(values: Sequence[int], share: float) -> int:
    """Return the value that such a share of the values lies below."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def figures(package: str, known: Mapping[str, Module]) -> dict[str, str]:
    """Return the figures of one program, as they are printed."""
    own = {name: module for name, module in known.items() if module.package == package and not module.is_package}
    functions = [function for module in own.values() for function in module.functions]
    lengths = [length(function) for function in functions]
    once = sum(len(module.called_once) for module in own.values())
    return {
        "modules": str(len(own)),
        "modules in the root": str(sum(name.count(".") == 1 for name in own)),
        "imports of ours a module": f"{statistics.mean(len(imports(module, known)) for module in own.values()):.2f}",
        "private functions called once": f"{once / len(functions):.1%}",
        "functions": str(len(functions)),
        "lines of a function: median": f"{statistics.median(lengths):.0f}",
        "lines of a function: 90th percentile": str(percentile(lengths, 0.9)),
        "lines of a function: longest": str(max(lengths)),
        "longest module": str(max(module.code.count("\n") for module in own.values())),
    }


def details(known: Mapping[str, Module]) -> Iterator[str]:
    """Yield what stands behind the figures of harvest."""
    own = [module for module in known.values() if module.package == "harvest" and not module.is_package]
    yield "Imports against the direction:"
    yield from (f"      {module} -> {name}" for module, name in against_direction(known))
    yield "Imports of ours, most first:"
    for module in sorted(own, key=lambda module: -len(imports(module, known)))[:20]:
        yield f"  {len(imports(module, known)):3} {module.name}"
    yield "Private functions called once, most first:"
    for module in sorted(own, key=lambda module: -len(module.called_once)):
        if module.called_once:
            yield f"  {len(module.called_once):3} {module.name}: {', '.join(module.called_once)}"


def main() -> None:
    """Print the figures of a checkout."""
    parser = argparse.ArgumentParser(prog="python -m tests.structure", description=__doc__)
    parser.add_argument("checkout", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--verbose", action="store_true", help="name the modules and functions behind the figures")
    arguments = parser.parse_args()
    known = modules(arguments.checkout)
    columns = {package: figures(package, known) for package in PACKAGES}
    print(f"{'':38}" + "".join(f"{package:>9}" for package in PACKAGES))
    for name in columns["harvest"]:
        print(f"{name:38}" + "".join(f"{columns[package][name]:>9}" for package in PACKAGES))
    print("import cycle:", " -> ".join(cycle(known)) or "none")
    print("imports against the direction:", len(against_direction(known)) or "none")
    if arguments.verbose:
        print("\n".join(details(known)))


if __name__ == "__main__":
    main()
