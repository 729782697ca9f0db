"""docs/settings.md is complete and current."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.environment import BASE_DIR, COMPOSE_VARIABLES, Environment, list_sections
from config.settings_reference import REFERENCE_PATH, build_reference

# Set by Django, pytest-xdist, the machine, and by supervisor and benchmarks for their children.
NOT_SETTINGS = {
    "BENCHMARK_PAGES",
    "COMMONPLACE_SITE_ROLE",
    "COMMONPLACE_SUPERVISED",
    "DJANGO_SETTINGS_MODULE",
    "HF_DATASETS_CACHE",
    "HF_HOME",
    "HF_HUB_CACHE",
    "PATH",
    "PYTEST_XDIST_WORKER",
    "XDG_CACHE_HOME",
}
SITE = {variable.name for variables in list_sections().values() for variable in variables}
COMPOSE = {variable.name for variable in COMPOSE_VARIABLES}


def list_files(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", *patterns], cwd=BASE_DIR, capture_output=True, text=True, check=True
    ).stdout.split()
    return [BASE_DIR / name for name in names if (BASE_DIR / name).exists()]


def find_variables(tree: ast.AST) -> Iterator[str]:
    """Yield each variable that a module reads from os.environ, by a literal or a constant."""
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            key = node.slice
        elif isinstance(node, ast.Call) and re.search(
            r"os\.(environ\.(get|pop|setdefault)|getenv)$", ast.unparse(node.func)
        ):
            key = node.args[0]
        else:
            continue
        if isinstance(key, ast.Constant):
            yield str(key.value)
        elif isinstance(key, ast.Name) and key.id in constants:
            yield str(constants[key.id])


def test_reference_is_current():
    assert REFERENCE_PATH.read_text() == build_reference(), "run `make reference`"


def test_variables_read_by_code_are_in_the_reference():
    read = {
        name
        for path in list_files("*.py")
        if "tests" not in path.parts
        for name in find_variables(ast.parse(path.read_text()))
    }
    assert {"PORT", "ENVIRONMENT", "APP_DATABASE_PASSWORD", "COMMONPLACE_SITE_ROLE"} <= read
    wsgi = {"CONTENT_TYPE"}
    assert read - SITE - NOT_SETTINGS - wsgi == set()


def test_variables_of_the_compose_file_are_in_the_reference():
    text = (BASE_DIR / "docker-compose.yml").read_text()
    read = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    assert read - SITE == COMPOSE


def test_defaults_of_the_compose_file_are_those_of_the_reference():
    text = (BASE_DIR / "docker-compose.yml").read_text()
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    assert {v.name: v.default for v in COMPOSE_VARIABLES if v.default} == {
        name: default for name, default in defaults.items() if name in COMPOSE
    }


def test_variables_of_the_example_are_in_the_reference():
    names = re.findall(r"^(\w+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE)
    assert len(names) > 20
    assert set(names) <= SITE | COMPOSE


def test_settings_use_every_variable():
    """A variable that nothing reads would be a promise that nothing keeps."""
    attributes = {
        node.attr
        for node in ast.walk(ast.parse((BASE_DIR / "config/settings.py").read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "env"
    }
    outside = {"APP_DATABASE_PASSWORD", "COMMONPLACE_VAR", "WEB_CONCURRENCY", "WEB_THREADS"}
    assert attributes | outside == SITE


@pytest.mark.parametrize("name", ["PORT", "HSTS_SECONDS", "EMAIL_URL", "STATIC_ROOT"])
def test_empty_variable_counts_as_unset(name, monkeypatch):
    monkeypatch.delenv(name, raising=False)
    default = getattr(Environment, name)
    monkeypatch.setenv(name, "")
    assert getattr(Environment, name) == default
