"""Cards of links: what a page says about itself, fetched from public hosts only, once for all posts."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from django.utils import timezone

from common import http_client
from common.http_client import FetchError, fetch
from common.images import services
from common.images.models import CLAIM_TIMEOUT, MAX_PROCESSING_ATTEMPTS
from posts.link_previews import fetcher, parser
from posts.link_previews.fetcher import HOST_LIMIT, MAX_AT_ONCE, fetch_preview
from posts.link_previews.parser import HTML_TYPES, slice_head
from posts.models import LinkPreview, Post
from posts.presentation.hydrate import hydrate_posts
from posts.services import PostContent, PostInput, edit_post, publish_thread
from tests.factories import post
from tests.pictures import jpeg

PAGE = """<!DOCTYPE html><html><head><title>The plain title</title>
<meta property="og:title" content="A page &amp; its title"><meta property="og:description" content="What it says.">
<meta property="og:site_name" content="The site"><meta name="author" content="Ana">
<meta property="og:image" content="/picture.jpg"><meta property="og:image:alt" content="A gradient">
</head><body><meta property="og:title" content="not this"></body></html>"""


class Web(ThreadingHTTPServer):
    """A small web on this machine: `pages` by path, each a status, headers and a body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def put(self, path: str, body: str | bytes = "", *, status: int = 200, **headers: str) -> str:
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"Content-Type": "text/html; charset=utf-8", **named}, content)
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://localhost.localdomain:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def web(settings, monkeypatch) -> Iterator[Web]:
    settings.ALLOW_LOOPBACK_REQUESTS = True
    real = socket.getaddrinfo

    def lookup(host: str, *args: object, **kwargs: object) -> list[tuple]:
        return real("127.0.0.1" if host == "localhost.localdomain" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    server = Web()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def preview_of(url: str) -> LinkPreview:
    preview = fetcher.get_or_create_preview(url)
    assert preview is not None
    fetch_preview(preview.pk)
    preview.refresh_from_db()
    return preview


def test_a_card_of_a_page(web, alice, client):
    web.put("/picture.jpg", jpeg(1200, 630), Content_Type="image/jpeg")
    made = post(alice, f"Read {web.put('/page', PAGE)} and more")
    fetch_preview(made.link_preview_id)
    preview = LinkPreview.objects.get()
    assert (preview.state, preview.title, preview.description) == (
        "ready",
        "A page & its title",
        "What it says.",
    )
    assert (preview.site_name, preview.author_name, preview.image_alt) == (
        "The site",
        "Ana",
        "A gradient",
    )
    assert preview.widths == [360, 720]
    page = client.get(made.get_absolute_url()).content.decode()
    assert "A page &amp; its title" in page
    assert f"/media/{preview.folder}/720.webp 720w" in page
    assert client.get(preview.url_at(720)).status_code == 200
    for _, headers in web.asked:
        assert "Cookie" not in headers
        assert headers["User-Agent"].startswith("Commonplace/")


def test_a_link_is_fetched_once_for_all_posts(web, alice, bob):
    url = web.put("/page", PAGE)
    for author in (alice, bob):
        fetch_preview(post(author, f"{url}#here").link_preview_id)
        fetch_preview(post(author, url).link_preview_id)
    assert [path for path, _ in web.asked] == ["/page", "/picture.jpg"]
    assert LinkPreview.objects.get().url == url


def test_what_failed_is_remembered_for_a_day_and_what_is_known_for_a_week(web, db):
    gone = preview_of(web.url("/gone"))
    assert (gone.state, gone.reason) == ("failed", "The response status was 404.")
    known = preview_of(web.put("/page", PAGE))
    web.asked.clear()
    for url in (gone.url, known.url):
        preview_of(url)
    assert web.asked == []
    LinkPreview.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert preview_of(gone.url).state == "failed"
    preview_of(known.url)
    assert [path for path, _ in web.asked] == ["/gone"]
    LinkPreview.objects.update(asked_at=timezone.now() - timedelta(days=8))
    web.put("/page", PAGE.replace("A page", "A new page"))
    assert preview_of(known.url).title == "A new page & its title"


def test_a_new_picture_takes_the_place_of_the_old_one(web, db, client):
    web.put("/picture.jpg", jpeg(1200, 630), Content_Type="image/jpeg")
    before = preview_of(web.put("/page", PAGE))
    LinkPreview.objects.update(asked_at=timezone.now() - timedelta(days=8))
    after = preview_of(before.url)
    assert client.get(after.url_at(720)).status_code == 200
    etag = f'"{before.folder}/720.webp"'
    assert client.get(before.url_at(720), headers={"If-None-Match": etag}).status_code == 404
    services.delete_orphaned_files()
    assert before.folder != after.folder
    storage = services.default_storage
    assert (
        storage.exists(f"{before.folder}/720.webp"),
        storage.exists(f"{after.folder}/720.webp"),
    ) == (False, True)


@pytest.mark.parametrize(
    "image", ["", "/none.jpg", "ftp://example.org/a.jpg", "http://10.0.0.1/a.jpg", "http://[/a.jpg"]
)
def test_a_card_can_do_without_its_picture(web, db, image):
    preview = preview_of(web.put("/page", PAGE.replace("/picture.jpg", image)))
    assert (preview.state, preview.widths, preview.image_alt) == ("ready", [], "")


def test_a_picture_that_is_none_is_left_out(web, db):
    web.put("/picture.jpg", b"<svg/>", Content_Type="image/jpeg")
    assert preview_of(web.put("/page", PAGE)).widths == []


def test_an_edit_changes_the_card(web, alice):
    made = post(alice, f"Read {web.put('/one', PAGE)}")
    edit_post(post=made, words=PostContent(f"Read {web.put('/two', PAGE)}"))
    assert Post.objects.get(pk=made.pk).link_preview.url.endswith("/two")
    edit_post(post=made, words=PostContent("Read nothing"))
    assert Post.objects.get(pk=made.pk).link_preview is None


def test_cards_of_links_come_with_their_posts(web, alice, django_assert_num_queries):
    for number in range(5):
        preview_of(web.put(f"/page{number}", PAGE))
        post(alice, web.url(f"/page{number}"))
    rows = list(Post.objects.with_card_data(alice).order_by("-pk"))
    with django_assert_num_queries(0):
        shown = hydrate_posts(rows, alice)
    assert all(each.preview for each in shown)


def test_one_host_is_not_asked_too_often(web, db, monkeypatch):
    # The limit counts by the minute, and this may begin at the end of one.
    monkeypatch.setattr("common.ratelimits.time", SimpleNamespace(time=lambda: 0.0))
    for number in range(HOST_LIMIT + 3):
        fetcher.get_or_create_preview(web.put(f"/{number}", PAGE))
    for pk in LinkPreview.objects.values_list("pk", flat=True):
        fetch_preview(pk)
    assert LinkPreview.objects.waiting().count() == 3


def test_a_page_that_kills_its_workers_is_given_up(web, db):
    preview = fetcher.get_or_create_preview(web.put("/page", PAGE))
    LinkPreview.objects.update(attempts=MAX_PROCESSING_ATTEMPTS)
    fetch_preview(preview.pk)
    preview.refresh_from_db()
    assert preview.state == "failed"
    assert web.asked == []


def test_an_address_too_long_has_no_card(alice):
    assert post(alice, "https://example.org/" + "a" * 2100).link_preview is None
    # Of all scripts with letters of three and four bytes, which no compression makes short enough for an index.
    letters = "".join(
        chr(code)
        for code in (*range(0x1200, 0x1249), *range(0xA000, 0xA48D), *range(0x12000, 0x1239A))
    )
    assert post(alice, f"https://example.org/{letters[:1900]}").link_preview is None


# What is fetched


def test_redirects_are_followed_three_times(web):
    web.put("/end", PAGE)
    for number in range(4):
        target = f"/{number - 1}" if number else "/end"
        web.put(f"/{number}", status=302, Location=target)
    assert fetch(web.url("/2"), types=HTML_TYPES, limit=10_000).url == web.url("/end")
    with pytest.raises(FetchError, match="too often"):
        fetch(web.url("/3"), types=HTML_TYPES, limit=10_000)


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "http://[::ffff:10.0.0.1]/",
        "//[",
        "x:y",
    ],
)
def test_a_redirect_to_the_inside_is_refused(web, target, monkeypatch):
    connect = socket.create_connection

    def only_here(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        assert address[0] == "127.0.0.1"
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", only_here)
    with pytest.raises(FetchError):
        fetch(web.put("/page", status=302, Location=target), types=HTML_TYPES, limit=10_000)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://127.0.0.1/",
            "http://localhost/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
        ),
        *(
            "http://169.254.169.254/",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://224.0.0.1/",
            "http://240.0.0.1/",
        ),
        *(
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
        ),
        *(
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1/",
            "https://1.1.1.1:8443/",
            "http://1.1.1.1:22/",
        ),
        *(
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "gopher://1.1.1.1/",
            "http://u:p@1.1.1.1/",
            "http://",
            "",
            "http://[x/",
        ),
    ],
)
def test_other_addresses_are_refused_before_anybody_is_connected(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", pytest.fail)
    with pytest.raises(FetchError):
        fetch(url, types=HTML_TYPES, limit=10_000)


def test_the_address_that_was_checked_is_the_one_that_is_spoken_to(monkeypatch):
    answers, asked = [["1.1.1.1"], ["127.0.0.1"]], []

    def lookup(host: str, port: int, **kwargs: object) -> list[tuple]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers.pop(0)
        ]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address)
        raise OSError("enough")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchError):
        fetch("http://rebound.example/", types=HTML_TYPES, limit=10_000)
    assert asked == [("1.1.1.1", 80)]


def test_only_what_was_asked_for_is_read(web):
    for headers in (
        {"Content_Type": "application/pdf"},
        {"Content_Type": ""},
        {"Content_Encoding": "gzip"},
    ):
        with pytest.raises(FetchError):
            fetch(web.put("/page", PAGE, **headers), types=HTML_TYPES, limit=10_000)


def test_so_much_is_read_and_no_more(web):
    url = web.put("/page", "x" * 50_000)
    assert len(fetch(url, types=HTML_TYPES, limit=10_000, cut=True).body) == 10_000
    with pytest.raises(FetchError, match="too large"):
        fetch(url, types=HTML_TYPES, limit=10_000)


def test_who_sends_a_byte_at_a_time_is_hung_up_on(settings, monkeypatch):
    settings.ALLOW_LOOPBACK_REQUESTS = True
    monkeypatch.setattr(http_client, "TOTAL_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        thread = threading.Thread(target=drip, args=[slow])
        thread.start()
        begun = time.monotonic()
        with pytest.raises(FetchError):
            fetch(f"http://127.0.0.1:{slow.getsockname()[1]}/", types=HTML_TYPES, limit=10_000)
        assert time.monotonic() - begun < 3
        thread.join()


def drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
            for _ in range(200):
                connection.sendall(b"<")
                time.sleep(0.05)
        except OSError:
            return


def test_a_person_has_so_many_pages_fetched_and_no_more(web, alice, bob, monkeypatch):
    monkeypatch.setattr("common.ratelimits.time", SimpleNamespace(time=lambda: 0.0))
    monkeypatch.setattr(fetcher, "PERSON_LIMIT", 3)
    thread = [PostInput(web.put(f"/{number}", PAGE)) for number in range(5)]
    cards = [made.link_preview_id for made in publish_thread(author=alice, drafts=thread)]
    assert [card is not None for card in cards] == [True, True, True, False, False]
    assert LinkPreview.objects.count() == 3
    # What is there already costs nothing, and others have fetched what they link to.
    assert post(alice, web.url("/0")).link_preview_id == cards[0]
    assert post(bob, web.url("/4")).link_preview_id is not None
    assert post(alice, web.url("/4")).link_preview_id is not None


def test_a_card_out_of_date_counts_as_one_more_page(web, alice, monkeypatch):
    monkeypatch.setattr("common.ratelimits.time", SimpleNamespace(time=lambda: 0.0))
    monkeypatch.setattr(fetcher, "PERSON_LIMIT", 0)
    known = preview_of(web.put("/page", PAGE))
    LinkPreview.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert post(alice, known.url).link_preview == known
    known.refresh_from_db()
    assert known.state == "ready"


def test_so_many_cards_are_fetched_at_once_and_the_others_wait(web, db):
    busy = [
        LinkPreview(url=f"https://example.org/{n}", claimed_at=timezone.now())
        for n in range(MAX_AT_ONCE)
    ]
    LinkPreview.objects.bulk_create(busy)
    waiting = preview_of(web.put("/page", PAGE))
    assert (waiting.state, waiting.attempts, web.asked) == ("waiting", 0, [])
    # One of the workers was killed.
    LinkPreview.objects.filter(url=busy[0].url).update(claimed_at=timezone.now() - CLAIM_TIMEOUT)
    assert preview_of(waiting.url).state == "ready"


def test_a_picture_has_the_time_that_its_page_left(web, db, monkeypatch):
    web.put("/picture.jpg", jpeg(1200, 630), Content_Type="image/jpeg")
    monkeypatch.setattr(fetcher, "CARD_SECONDS", 0)
    preview = preview_of(web.put("/page", PAGE))
    assert (preview.state, preview.title, preview.widths) == ("ready", "A page & its title", [])
    assert [path for path, _ in web.asked] == ["/page"]


# What a page says


@pytest.mark.parametrize(
    ("html", "field", "value"),
    [
        ("<title>One</title><title>Two</title>", "title", "One"),
        ("<title>\n a \n\n b </title>", "title", "a b"),
        ("<meta name='twitter:title' content='T'><title>Plain</title>", "title", "T"),
        ("<meta property='og:title' content=' '><title>Plain</title>", "title", "Plain"),
        ("<title>" + "x" * 500 + "</title>", "title", "x" * 199 + "…"),
        ("<title>a\u202eb\u0000c</title>", "title", "a b c"),
        ("<svg><title>Icon</title></svg>", "title", ""),
        ("<svg><g><title>Icon</title></g></svg><title>Page</title>", "title", "Page"),
        ("<svg/><title>Page</title>", "title", "Page"),
        ("<svg><title>Icon</title><meta property='og:title' content='Page'>", "title", "Page"),
        ("<math><title>Formula</title></math><title>Page</title>", "title", "Page"),
        (
            "<template><title>Later</title><meta name=author content=No></template><title>Page</title>",
            "title",
            "Page",
        ),
        (
            "<template><meta name=author content=No></template><meta name=author content=Ana>",
            "author",
            "Ana",
        ),
        ("<noscript><title>Without</title></noscript><title>Page</title>", "title", "Page"),
        (
            "<title>a <b>bold</b> <!-- c --> &lt;d&gt; &eacute;&amp;</title>",
            "title",
            "a <b>bold</b> <!-- c --> <d> é&",
        ),
        ("<title>a<br/>b</title>", "title", "a<br/>b"),
        ("<title>Page<meta name=author content=No></title>", "author", ""),
        ("<meta property='og:title twitter:title' content='Both'>", "title", "Both"),
        ("<meta property='og:title' content='First' content='Second'>", "title", "First"),
        (
            "<meta name='twitter:title' content='T'><meta property='og:title' content='O'>",
            "title",
            "O",
        ),
        (
            "<meta property='og:image' content='a.jpg'><base href='/c/'>",
            "image",
            "https://example.org/c/a.jpg",
        ),
        (
            "<base target=_blank><base href='//x.org/'><meta name='og:image' content='a'>",
            "image",
            "https://x.org/a",
        ),
        (
            "<base href='data:,'><meta property='og:image' content='a.jpg'>",
            "image",
            "https://example.org/b/a.jpg",
        ),
        ("<meta name=description content=D>", "description", "D"),
        ("<meta property='article:author' content='https://example.org/ana'>", "author", ""),
        ("<meta property='og:image' content='a.jpg'>", "image", "https://example.org/b/a.jpg"),
        ("<meta property='og:image' content='javascript:alert(1)'>", "image", ""),
        ("<meta property='og:image' content='data:image/png,'>", "image", ""),
        ("<body><title>Late</title>", "title", ""),
        ("<head></head><meta name=description content=Late>", "description", ""),
        ("<script>'<title>No</title>'</script><title>Yes</title>", "title", "Yes"),
        ("<!-- <title>No</title> --><title>Yes</title>", "title", "Yes"),
        ("", "title", ""),
    ],
)
def test_heads_of_pages(html, field, value):
    assert getattr(slice_head(html, "https://example.org/b/c"), field) == value


def test_a_page_is_read_in_its_own_encoding(web, db):
    page = "<meta charset=x-sjis><title>日本語①</title>".encode("cp932")
    assert preview_of(web.put("/page", page, Content_Type="text/html")).title == "日本語①"
    assert (
        preview_of(web.put("/cut", page[:-12] + b"\x8c", Content_Type="text/html")).title == "日本"
    )


def test_a_page_that_keeps_the_parser_busy_is_given_up(web, db, monkeypatch):
    monkeypatch.setattr(
        parser, "LIMITS", parser.ResourceLimits(memory=512 * 2**20, cpu_seconds=2, seconds=10)
    )
    preview = preview_of(web.put("/page", "<!" * 400_000))
    assert preview.state == "failed"
