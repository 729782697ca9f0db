"""One name, one meaning: a public name of a module is defined in one module only."""

import ast
import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("accounts", "common", "config", "consent", "dataset_export"),
    *("demo", "devservices", "posts", "timeline"),
)
CONVENTIONS = {
    # Django, Celery and logging look for these, or everybody expects them.
    *("Command", "app_name", "log", "main", "register", "urlpatterns"),
    # Type variables, which mean nothing outside of their module.
    *("P", "Row"),
    # A value that steps of the pipeline share by its text.
    "UNKNOWN",
}
OTHER_WORDS_FOR_LIMITS = (
    *("MOST_", "LARGEST_", "LONGEST_", "GREATEST_", "HIGHEST_"),
    *("FEWEST_", "LEAST_", "SHORTEST_", "LOWEST_"),
)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def public_names(module: ast.Module) -> set[str]:
    """Return what a module defines at its top level, without what it imports."""
    names: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            leaves = (leaf for target in targets for leaf in ast.walk(target))
            names |= {leaf.id for leaf in leaves if isinstance(leaf, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def test_public_names_have_one_definition_each():
    places: dict[str, list[str]] = defaultdict(list)
    for path, module in modules():
        for name in public_names(module) - CONVENTIONS:
            places[name].append(str(path.relative_to(ROOT)))
    assert len(places) > 2000
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_limits_begin_with_max_or_min():
    names = {name for _, module in modules() for name in public_names(module)}
    assert {name for name in names if name.startswith(OTHER_WORDS_FOR_LIMITS)} == set()


def test_docstrings_stay_short():
    """The first paragraph of a docstring: a ratchet on its median length in words."""
    lengths = [
        len(text.split("\n\n")[0].split())
        for _, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and (text := ast.get_docstring(node))
    ]
    assert len(lengths) > 2000
    assert statistics.median(lengths) <= 12
