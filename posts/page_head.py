"""What a web page says about itself in its head: Open Graph, what Twitter made of it, and plain HTML.

Run as a module it reads one page under limits: Python's parser can be kept busy by a page that is made for it.
"""

import codecs
import json
import re
import sys
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from common.limited import Limits, TooMuch, accept_limits, run_limited
from common.strangers import Fetched, NotFetched

HTML_TYPES = ("text/html", "application/xhtml+xml")
LARGEST_PAGE = 1024 * 1024
LIMITS = Limits(memory=512 * 1024 * 1024, cpu_seconds=5, seconds=10)
DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
DECLARED_WITHIN = 2048
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+")
# The names of each thing, the best first.
TITLES = ("og:title", "twitter:title", "title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
IMAGE_ALTS = ("og:image:alt", "twitter:image:alt")
SITES = ("og:site_name", "application-name")
AUTHORS = ("author", "article:author")


@dataclass(frozen=True, slots=True)
class PageHead:
    title: str = ""
    description: str = ""
    site_name: str = ""
    author: str = ""
    image: str = ""
    image_alt: str = ""


def read_head(page: Fetched) -> PageHead:
    """Return what a page says about itself, read in a process of its own.

    Raises:
        NotFetched: reading it takes too much time or memory.
    """
    question = json.dumps({"url": page.url, "charset": page.charset}).encode() + b"\n" + page.body
    try:
        return PageHead(**json.loads(run_limited("posts.page_head", question, LIMITS)))
    except TooMuch as error:
        raise NotFetched("Reading the page takes too much.") from error


def main() -> None:
    accept_limits(sys.argv[1:])
    question, content = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    head = head_of(decoded(content, question["charset"]), question["url"])
    sys.stdout.write(json.dumps(asdict(head)))


def decoded(content: bytes, charset: str | None) -> str:
    """Return the text of a page by what its headers or its first bytes say, or else as UTF-8."""
    declared = DECLARED.search(content[:DECLARED_WITHIN])
    for name in (charset, declared and declared[1].decode("ascii"), "utf-8"):
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return content.decode(name, "replace")
        except (LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def head_of(html: str, url: str) -> PageHead:
    found = Head(html).found

    def first(names: tuple[str, ...], length: int) -> str:
        return next((cut(found[name], length) for name in names if cut(found.get(name, ""), length)), "")

    author = first(AUTHORS, 100)
    return PageHead(
        title=first(TITLES, 200),
        description=first(DESCRIPTIONS, 400),
        site_name=first(SITES, 100),
        author="" if "://" in author else author,
        image=absolute(url, first(IMAGES, 2000)),
        image_alt=first(IMAGE_ALTS, 400),
    )


def cut(text: str, length: int) -> str:
    """Return a text in one line, without what turns or hides what follows it."""
    line = INVISIBLE.sub(" ", text).strip()
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def absolute(base: str, address: str) -> str:
    if not address:
        return ""
    try:
        joined = urljoin(base, address)
    except ValueError:
        return ""
    return joined if joined.startswith(("https://", "http://")) else ""


class HeadIsOver(Exception):
    """Nothing more is to be learned."""


class Head(HTMLParser):
    """Collect the first of each name in the head of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.in_title = False
        try:
            self.feed(html)
        except HeadIsOver:
            return

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            raise HeadIsOver
        self.in_title = tag == "title" and "title" not in self.found
        if tag == "meta":
            values = dict(attrs)
            name = (values.get("property") or values.get("name") or "").strip().lower()
            if values.get("content"):
                self.found.setdefault(name, values["content"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.in_title = False
        if tag == "head":
            raise HeadIsOver

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.found["title"] = self.found.get("title", "") + data


if __name__ == "__main__":
    main()
