"""Pictures in a bucket instead of a folder: the same code, by one address in the environment."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.service_urls import build_media_storage, get_media_origins

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = """
import django; django.setup()
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage as storage
from common.images import services
name = "ab/" + "0" * 32
services.store_files(name, {"96.webp": b"one", "400.webp": b"two"})
services.store_files(name, {"96.webp": b"anew"})
print(storage.url(f"{name}/96.webp"), storage.open(f"{name}/96.webp").read())
services.delete_path(name)
print(storage.exists(f"{name}/96.webp"), settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"][2:])
"""
LIST = '<?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>{}</ListBucketResult>'


class Bucket(ThreadingHTTPServer):
    """As much of S3 as the storage speaks."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}


class Handler(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Fri, 27 Nov 2026 12:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    @property
    def name(self) -> str:
        return urlsplit(self.path).path

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            body = body.split(b"\r\n")[1]
        self.server.files[self.name] = body
        self.answer(200)

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "prefix" in query:
            names = [
                name for name in self.server.files if name.startswith(f"/b/{query['prefix'][0]}")
            ]
            keys = "".join(
                f"<Contents><Key>{name.removeprefix('/b/')}</Key><Size>1</Size></Contents>"
                for name in names
            )
            self.answer(200, LIST.format(keys).encode())
            return
        body = self.server.files.get(self.name)
        self.answer(404 if body is None else 200, body or b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.server.files.pop(self.name, None)
        self.answer(204)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    server = Bucket()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_pictures_are_kept_and_removed_in_a_bucket(bucket):
    address = f"s3+http://key:secret@127.0.0.1:{bucket.server_port}/b?region=us-east-1&public=pictures.example.org"
    environment = {
        **os.environ,
        "MEDIA_STORAGE_URL": address,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", WORK], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        f"https://pictures.example.org/ab/{'0' * 32}/96.webp b'anew'",
        "False ['https://pictures.example.org']",
    ], done.stderr
    assert bucket.files == {}


def test_without_an_address_they_are_files():
    assert build_media_storage("")["BACKEND"] == "django.core.files.storage.FileSystemStorage"
    assert get_media_origins("") == []


def test_other_addresses_are_refused():
    with pytest.raises(ImproperlyConfigured, match="must begin with s3://"):
        build_media_storage("ftp://example.org/b")
