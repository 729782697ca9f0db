"""Links, commands and names of modules in the documents exist."""

import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
PACKAGES = (
    "accounts|benchmarks|common|config|consent|dataset_export|demo|devservices|docs|posts|requirements"
    "|static|templates|tests|timeline|verify"
)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", re.MULTILINE)
COMMAND = re.compile(r"manage(?:\.py)? (?:ARGS=\"?)?([a-z][a-z_]+)")
DOTTED = re.compile(rf"(?:{PACKAGES})(?:\.\w+)+")
PATH = re.compile(
    rf"(?:{PACKAGES})/[\w./-]*\w\.(?:py|md|js|css|sql|txt|html|json)|[\w-]+\.(?:toml|yml)"
)
# Columns of a dataset's rows, which look like modules.
COLUMNS = {"consent.reference", "consent.notice", "consent.position"}
# Written by commands and ignored by git.
GENERATED = {"benchmarks/latest.json"}
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@cache
def list_documents() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(name for name in found.stdout.split() if (ROOT / name).exists())


def make_anchor(heading: str) -> str:
    """Return the fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def does_name_exist(name: str) -> bool:
    """Return whether a dotted name leads to a module, or to an attribute inside one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            if importlib.util.find_spec(".".join(parts[:length])) is None:
                continue
        except ModuleNotFoundError:
            continue
        value = importlib.import_module(".".join(parts[:length])) if length < len(parts) else None
        for attribute in parts[length:]:
            if not hasattr(value, attribute):
                return False
            value = getattr(value, attribute)
        return True
    return False


def test_documents_are_found():
    assert len(list_documents()) > 30


@pytest.mark.parametrize("document", list_documents())
def test_relative_links_resolve(document):
    text = FENCE.sub("", (ROOT / document).read_text())
    broken = []
    for link in (first or second for first, second in LINK.findall(text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        if not target.exists():
            broken.append(link)
        elif fragment and target.suffix == ".md":
            headings = [make_anchor(heading) for heading in HEADING.findall(target.read_text())]
            if fragment not in headings:
                broken.append(link)
    assert broken == []


@pytest.mark.parametrize("document", list_documents())
def test_make_targets_exist(document):
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(MAKE.findall((ROOT / document).read_text()))
    assert named <= set(targets)


@pytest.mark.parametrize("document", list_documents())
def test_management_commands_exist(document):
    named = set(COMMAND.findall((ROOT / document).read_text())) - {"py"}
    assert named <= set(get_commands())


@pytest.mark.parametrize("document", list_documents())
def test_modules_and_files_exist(document):
    missing = []
    files = {
        path.name for package in PACKAGES.split("|") for path in (ROOT / package).rglob("*.py")
    }
    for code in CODE.findall(FENCE.sub("", (ROOT / document).read_text())):
        if PATH.fullmatch(code):
            places = (ROOT / code, ROOT / "templates" / code)
            found = code in GENERATED or any(place.exists() for place in places)
            missing += [] if found else [code]
        elif re.fullmatch(r"\w+\.py", code):
            missing += [] if code in files or (ROOT / code).exists() else [code]
        elif DOTTED.fullmatch(code) and code not in COLUMNS:
            missing += [] if does_name_exist(code) else [code]
    assert missing == []
