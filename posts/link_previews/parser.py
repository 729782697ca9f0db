"""Extracts a web page's metadata: Open Graph, Twitter cards, plain HTML.

Run as a module it reads one page under resource limits: crafted pages can keep Python's parser
busy.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from common.http_client import FetchedResponse, FetchError
from common.sandbox import ResourceLimitError, ResourceLimits, apply_resource_limits, run_sandboxed
from posts.page_encoding import decode_page

HTML_TYPES = ("text/html", "application/xhtml+xml")
MAX_PAGE_BYTES = 1024 * 1024
LIMITS = ResourceLimits(memory=512 * 1024 * 1024, cpu_seconds=5, seconds=10)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+")
# Property names by preference.
TITLES = ("og:title", "twitter:title", "title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
IMAGE_ALTS = ("og:image:alt", "twitter:image:alt")
SITES = ("og:site_name", "application-name")
AUTHORS = ("author", "article:author")
# Elements whose own titles do not count, which these tags end (HTML 13.2.6.5), and hidden ones.
_DRAWINGS, LEAVES_DRAWINGS = ("svg", "math"), ("div", "head", "meta", "p")
SET_APART = ("template", "noscript", "textarea", "iframe", "noembed", "noframes", "xmp")


@dataclass(frozen=True, slots=True)
class PageMetadata:
    title: str = ""
    description: str = ""
    site_name: str = ""
    author: str = ""
    image: str = ""
    image_alt: str = ""


def extract_metadata(page: FetchedResponse) -> PageMetadata:
    """Extract a page's metadata in a sandboxed subprocess.

    Raises:
        FetchError: parsing exceeds its limits.
    """
    question = json.dumps({"url": page.url, "charset": page.charset}).encode() + b"\n" + page.body
    try:
        return PageMetadata(
            **json.loads(run_sandboxed("posts.link_previews.parser", question, LIMITS))
        )
    except ResourceLimitError as error:
        raise FetchError("The page takes too long or too much memory to parse.") from error


def main() -> None:
    apply_resource_limits(sys.argv[1:])
    question, content = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    head = slice_head(decode_page(content, question["charset"]), question["url"])
    sys.stdout.write(json.dumps(asdict(head)))


def slice_head(html: str, url: str) -> PageMetadata:
    head = MetadataParser(html)
    found, base = head.found, resolve_url(url, head.base) or url

    def first(names: tuple[str, ...], length: int) -> str:
        return next(
            (
                truncate(found[name], length)
                for name in names
                if truncate(found.get(name, ""), length)
            ),
            "",
        )

    author = first(AUTHORS, 100)
    return PageMetadata(
        title=first(TITLES, 200),
        description=first(DESCRIPTIONS, 400),
        site_name=first(SITES, 100),
        author="" if "://" in author else author,
        image=resolve_url(base, first(IMAGES, 2000)),
        image_alt=first(IMAGE_ALTS, 400),
    )


def truncate(text: str, length: int) -> str:
    """Return a text in one line, without bidi controls and invisible characters."""
    line = _INVISIBLE.sub(" ", text).strip()
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def resolve_url(base: str, address: str) -> str:
    if not address:
        return ""
    try:
        joined = urljoin(base, address)
    except ValueError:
        return ""
    return joined if joined.startswith(("https://", "http://")) else ""


class StopParsingError(Exception):
    """Nothing more to extract."""


class MetadataParser(HTMLParser):
    """Collects the first value of each property in a page's head, its base URL and title.

    Titles in SVG, MathML, templates and noscript are skipped; tags in a title are text.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.base = ""
        self.inside: list[str] = []
        self.in_title = False
        try:
            self.feed(html)
            self.close()
        except StopParsingError:
            return

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.in_title:
            self.handle_data(self.get_starttag_text() or "")
            return
        if tag == "body":
            raise StopParsingError
        if tag in LEAVES_DRAWINGS:
            self.inside = [outer for outer in self.inside if outer not in _DRAWINGS]
        if tag in _DRAWINGS or tag in SET_APART:
            self.inside.append(tag)
        elif self.inside:
            return
        elif tag == "title" and "title" not in self.found:
            self.found["title"], self.in_title = "", True
        else:
            # Of duplicate attributes the first counts.
            self.read(tag, dict(reversed(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Only in SVG and MathML a slash ends an element.
        if self.in_title or tag not in _DRAWINGS:
            self.handle_starttag(tag, attrs)

    def read(self, tag: str, values: dict[str, str | None]) -> None:
        if tag == "base" and not self.base:
            self.base = (values.get("href") or "").strip()
        content = values.get("content")
        if tag == "meta" and content:
            for name in (values.get("property") or values.get("name") or "").lower().split():
                self.found.setdefault(name, content)

    def handle_endtag(self, tag: str) -> None:
        if self.in_title:
            if tag != "title":
                self.handle_data(f"</{tag}>")
                return
            self.in_title = False
        elif tag in self.inside:
            while self.inside.pop() != tag:
                pass
        elif tag == "head":
            raise StopParsingError

    def handle_comment(self, data: str) -> None:
        if self.in_title:
            self.handle_data(f"<!--{data}-->")

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.found["title"] += data


if __name__ == "__main__":
    main()
