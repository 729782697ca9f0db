"""Pages go over the line compressed, and what a first visit loads stays small."""

import gzip
import re
from pathlib import Path
from random import Random

import brotli
import pytest
import zstandard
from django.contrib.staticfiles import finders
from django.test import Client

from common.pagination import PAGE_SIZE
from posts.text.entities import MAX_POST_LENGTH
from tests.factories import post

MAX_BYTES = 60_000
DECOMPRESS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().stream_reader(data).read(),
}
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


def get_compressed(client: Client, path: str, accepted: str, encoding: str) -> bytes:
    response = client.get(path, headers={"Accept-Encoding": accepted})
    assert response.status_code == 200
    assert response.headers["Content-Encoding"] == encoding
    assert "accept-encoding" in response.headers["Vary"].lower()
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


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
    ],
)
def test_page_is_the_same_in_every_encoding(client, alice, accepted, encoding):
    post(alice, "Rain on the roof")
    packed = get_compressed(client, alice.get_absolute_url(), accepted, encoding)
    page = DECOMPRESS[encoding](packed).decode()
    assert page == client.get(alice.get_absolute_url()).content.decode()


def test_length_of_a_compressed_page_is_random(client, alice):
    """BREACH: a length that depends on the page alone would tell of a secret in it."""
    lengths = set()
    for _ in range(20):
        response = client.get(alice.get_absolute_url(), headers={"Accept-Encoding": "gzip"})
        headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        lengths.add(len(headers) + len(response.content))
    assert len(lengths) > 5


def test_what_is_no_page_goes_as_it_is(client, alice):
    post(alice, "Rain on the roof " * 20)
    for path in ("/api/v1/timelines/public", f"{alice.get_absolute_url()}.atom", "/robots.txt"):
        response = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in response.headers, path


def test_the_first_page_with_all_its_files_is_light(client, alice):
    for number in range(PAGE_SIZE):
        post(alice, long_text(number))
    client.force_login(alice)
    packed = get_compressed(client, "/", "gzip, deflate, br", "br")
    page = brotli.decompress(packed).decode()
    assert page.count('<article class="post"') == PAGE_SIZE
    files = files_of(page)
    assert {"css/card.css", "js/main.js", "js/post-actions.js", "img/icons.svg"} <= files
    weights = {name: len(brotli.compress(content_of(name))) for name in files}
    assert len(packed) + sum(weights.values()) < MAX_BYTES, (len(packed), weights)
