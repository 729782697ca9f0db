"""Every path that is written out in a template or a script leads to a view.

Most links are reversed from URL names. Post cards and scripts write paths out, so a changed pattern
would break them unnoticed.
"""

import re
from itertools import product

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve

ATTRIBUTE = re.compile(
    r'(?<![\w-])(?:href|action|formaction|hx-get|hx-post|data-[a-z-]+)="'
    r'((?:/|\{\{ [\w.]*get_absolute_url \}\})(?:\{%.*?%\}|[^"])*)"'
)
CONDITION = re.compile(r"\{% if .*?%\}(.*?)\{% else %\}(.*?)\{% endif %\}")
VARIABLE = re.compile(r"\{\{ ([\w.]+) \}\}")
SCRIPT_PATH = re.compile(r"""["'`](/[a-z][^"'`\s]*)["'`]""")


def template_paths() -> list[tuple[str, str]]:
    folder = settings.BASE_DIR / "templates"
    return [
        (path.relative_to(folder).as_posix(), expanded)
        for path in sorted(folder.rglob("*.html"))
        for found in ATTRIBUTE.findall(path.read_text())
        for expanded in expand(found)
    ]


def script_paths() -> list[tuple[str, str]]:
    folder = settings.BASE_DIR / "static" / "js"
    return [
        (path.name, found)
        for path in sorted(folder.glob("*.js"))
        for found in SCRIPT_PATH.findall(path.read_text())
    ]


def expand(value: str) -> list[str]:
    """Return the paths that a template writes: one for each branch, with sample values."""
    branches = CONDITION.split(value)
    choices = [[text] for text in branches[::3]]
    conditions = list(zip(branches[1::3], branches[2::3], strict=True))
    parts = [choices[0]]
    for condition, rest in zip(conditions, choices[1:], strict=True):
        parts += [list(condition), rest]
    return [VARIABLE.sub(sample, "".join(pieces)) for pieces in product(*parts)]


def sample(variable: re.Match[str]) -> str:
    name = variable[1].rpartition(".")[2]
    if name == "get_absolute_url":
        return "/@alice/1"
    return "alice" if name in {"username", "parent_author"} else "1"


@pytest.mark.parametrize(("file", "path"), [*template_paths(), *script_paths()])
def test_written_path_leads_to_a_view(file: str, path: str):
    address = path.partition("?")[0]
    try:
        resolve(address)
    except Resolver404:
        pytest.fail(f"{file}: nothing answers at {address}")


def test_paths_are_found_in_templates_and_scripts():
    assert ("posts/_card.html", "/posts/1/unlike") in template_paths()
    assert ("posts/_card.html", "/posts/1/like") in template_paths()
    assert ("posts/_post_meta.html", "/@alice/1/likes") in template_paths()
    assert ("autocomplete.js", "/suggest/people") in script_paths()


def test_expand_follows_each_branch():
    value = "/a/{{ post.id }}/{% if post.liked %}un{% else %}{% endif %}like"
    assert expand(value) == ["/a/1/unlike", "/a/1/like"]
