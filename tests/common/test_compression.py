"""Pages go over the line compressed, and what a first visit loads stays small."""

import re
import zlib
from pathlib import Path
from random import Random

import brotli
from django.contrib.staticfiles import finders
from django.test import Client

from common.pagination import PAGE_SIZE
from posts.text.entities import MAX_POST_LENGTH
from tests.factories import post

MAX_BYTES = 60_000
GZIP = zlib.MAX_WBITS | 16
WORDS = [
    "the",
    "kettle",
    "sings",
    "before",
    "bread",
    "rises",
    "while",
    "rain",
    "counts",
    "tiles",
    "above",
    "windows",
]
LOADED = re.compile(r'(?:href|src)="/static/([\w/.-]+\.(?:css|js|svg))')
IMPORTED = re.compile(r'(?:from|import) "\./([\w.-]+)"')


def long_text(number: int) -> str:
    """Words in an order of their own, so that no text helps to shorten the next."""
    return " ".join(Random(number).choices(WORDS, k=MAX_POST_LENGTH))[:MAX_POST_LENGTH]


def compressed(client: Client, path: str) -> bytes:
    response = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert response.status_code == 200
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]
    return response.content


def files_of(page: str) -> set[str]:
    """Return the files that a page loads, with the modules that its scripts import."""
    files = set(LOADED.findall(page))
    waiting = [name for name in files if name.endswith(".js")]
    while waiting:
        text = content_of(waiting.pop()).decode()
        new = {f"js/{name}" for name in IMPORTED.findall(text)} - files
        files |= new
        waiting += new
    return files


def content_of(name: str) -> bytes:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found).read_bytes()


def test_a_page_is_the_same_when_it_is_compressed(client, alice):
    post(alice, "Rain on the roof")
    page = zlib.decompress(compressed(client, alice.get_absolute_url()), GZIP).decode()
    assert page == client.get(alice.get_absolute_url()).content.decode()


def test_what_is_no_page_goes_as_it_is(client, alice):
    post(alice, "Rain on the roof " * 20)
    for path in ("/api/v1/timelines/public", f"{alice.get_absolute_url()}.atom", "/robots.txt"):
        response = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in response.headers, path


def test_the_first_page_with_all_its_files_is_light(client, alice):
    for number in range(PAGE_SIZE):
        post(alice, long_text(number))
    client.force_login(alice)
    packed = compressed(client, "/")
    page = zlib.decompress(packed, GZIP).decode()
    assert page.count('<article class="post"') == PAGE_SIZE
    files = files_of(page)
    assert {"css/card.css", "js/main.js", "js/post-actions.js", "img/icons.svg"} <= files
    weights = {name: len(brotli.compress(content_of(name))) for name in files}
    assert len(packed) + sum(weights.values()) < MAX_BYTES, (len(packed), weights)
