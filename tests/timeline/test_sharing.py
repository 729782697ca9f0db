"""What the site says to programs of other sites: feeds, cards, embeds, sitemaps; never more than everyone may read."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.services import follow
from consent.models import Subject
from consent.services import get_or_create_subject
from posts.models import LinkPreview, Media, Post
from posts.services import PollDraft, PostContent, delete_post, edit_post
from tests.factories import person, post
from tests.pictures import ready
from timeline.models import SitemapPage
from timeline.syndication import selectors, services

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
SITE = settings.SITE_URL
FORMS = ("atom", "rss")
HIDDEN = "Words that are not for everyone"


def entries(client: Client, address: str) -> list[tuple[str, str]]:
    """Return title and text of each entry of a feed, which has to be well-formed and complete."""
    response = client.get(address)
    assert response.status_code == 200, address
    root = ElementTree.fromstring(response.content)
    if address.endswith(".atom"):
        assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert root.tag == "{http://www.w3.org/2005/Atom}feed"
        for name in ("id", "title", "updated"):
            assert root.findtext(f"a:{name}", namespaces=ATOM)
        found = root.findall("a:entry", ATOM)
        assert all(one.findtext("a:id", namespaces=ATOM).startswith(SITE) for one in found)
        return [
            (one.findtext("a:title", namespaces=ATOM), one.findtext("a:summary", namespaces=ATOM))
            for one in found
        ]
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    channel = root.find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description", "lastBuildDate"))
    found = channel.findall("item")
    assert all(one.findtext("guid").startswith(SITE) for one in found)
    return [(one.findtext("title"), one.findtext("description")) for one in found]


@pytest.mark.parametrize("form", FORMS)
def test_the_feed_of_a_person(client, alice, bob, form):
    for visibility in ("unlisted", "followers", "direct"):
        post(alice, HIDDEN, visibility=visibility)
    asked = post(bob, "Bob asks")
    post(alice, "Alice answers", reply_to=asked)
    mine = post(alice, "First, see https://example.org/?a=1&b=2 and @bob #bread")
    post(alice, "And so on", reply_to=mine)
    found = entries(client, f"/@alice.{form}")
    assert [title for title, _ in found] == [
        "And so on",
        "First, see https://example.org/?a=1&b=2 and @bob #bread",
    ]
    assert f'href="{SITE}/@bob"' in found[1][1]
    assert f'href="{SITE}/tags/bread"' in found[1][1]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_is_the_same_whoever_asks(alice, bob, form):
    follow(follower=bob, followed=alice)
    post(alice, HIDDEN, visibility="followers")
    browser = Client()
    browser.force_login(bob)
    assert entries(browser, f"/@alice.{form}") == []
    assert "Set-Cookie" not in browser.get(f"/@alice.{form}").headers


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text", ["\x0b\x1b[31m\ufffe 🧑‍🚀", "<script>1</script> & ]]>", "\u202e turned", "مرحبا"]
)
def test_no_text_breaks_a_feed(client, alice, text, form):
    User.objects.filter(pk=alice.pk).update(display_name=f"A{text}"[:60], bio=text)
    post(alice, f"{text} #bread")
    assert (
        len(entries(client, f"/@alice.{form}")) == len(entries(client, f"/tags/bread.{form}")) == 1
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_has_a_warning_is_not_in_the_feed_with_its_words(client, alice, form):
    post(alice, "The butler did it.", warning="End of a <novel>")
    found = entries(client, f"/@alice.{form}")
    assert found[0][0] == "End of a <novel>"
    assert "butler" not in client.get(f"/@alice.{form}").content.decode()


@pytest.mark.parametrize("form", FORMS)
def test_the_feed_of_a_tag(client, alice, bob, form):
    post(alice, "Rye #Bread")
    post(bob, "Wheat #bread")
    for visibility in ("unlisted", "followers"):
        post(alice, f"{HIDDEN} #bread", visibility=visibility)
    assert [title for title, _ in entries(client, f"/tags/BREAD.{form}")] == [
        "Wheat #bread",
        "Rye #Bread",
    ]
    User.objects.filter(pk=bob.pk).update(is_discoverable=False)
    assert [title for title, _ in entries(client, f"/tags/bread.{form}")] == ["Rye #Bread"]
    assert client.get(f"/tags/nothing.{form}").status_code == 404


def test_nobody_out_of_use_has_a_feed(client, alice):
    post(alice, "Words #bread")
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    assert client.get("/@alice.atom").status_code == client.get("/@nobody.rss").status_code == 404
    assert entries(client, "/tags/bread.atom") == []


# What somebody else keeps of us: a reader of feeds may ask by date alone.


@pytest.mark.parametrize(
    "address", [f"{path}.{form}" for path in ("/@alice", "/tags/bread") for form in FORMS]
)
def test_a_reader_who_has_the_feed_is_not_sent_it_again(client, alice, address):
    post(alice, "Rye #bread")
    first = client.get(address)
    assert set(first["Cache-Control"].split(", ")) == {"public", "max-age=300", "must-revalidate"}
    assert not first.has_header("Last-Modified")
    known = {"If-None-Match": first["ETag"], "If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"}
    again = client.get(address, headers=known)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def delete(made: Post) -> None:
    delete_post(post=made)


def rename(made: Post) -> None:
    User.objects.filter(pk=made.author_id).update(display_name="Another name")


def suspend(made: Post) -> None:
    User.objects.filter(pk=made.author_id).update(suspended_at=timezone.now())


def hide(made: Post) -> None:
    Post.objects.filter(pk=made.pk).update(visibility="followers")


def warn(made: Post) -> None:
    Post.objects.filter(pk=made.pk).update(warning="Spoilers")


def edit(made: Post) -> None:
    edit_post(post=made, words=PostContent("Other words #bread"))


def picture(made: Post) -> None:
    Post.objects.filter(pk=made.pk).update(has_media=True)
    ready(made.author, post=made)


@pytest.mark.parametrize("which", ["newest", "oldest"])
@pytest.mark.parametrize("change", [delete, rename, suspend, hide, warn, edit, picture])
@pytest.mark.parametrize("address", ["/@{}.atom", "/tags/bread.rss"])
def test_what_changes_in_a_feed_reaches_whoever_asks_by_date_or_validator(
    client, alice, bob, address, change, which
):
    posts = [post(author, "Rye #bread") for author in (alice, bob, bob, alice)]
    changed = posts[-1 if which == "newest" else 0]
    path = address.format("alice")
    before = client.get(path)
    change(changed)
    for headers in (
        {"If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"},
        {"If-None-Match": before["ETag"]},
        {"If-None-Match": before["ETag"], "If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"},
    ):
        answer = client.get(path, headers=headers)
        assert answer.status_code == (404 if change is suspend and "alice" in path else 200), (
            headers
        )
        assert answer.content != before.content


@pytest.mark.parametrize(
    "path", ["/sitemap.xml", "/sitemaps/posts-0.xml", "{post}/embed", "/oembed?url={url}"]
)
def test_what_is_kept_elsewhere_is_kept_for_minutes(client, alice, path):
    mine = post(alice)
    path = path.format(post=mine.get_absolute_url(), url=f"{SITE}{mine.get_absolute_url()}")
    answer = client.get(path)
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=300", "must-revalidate"}
    if "oembed" in path:
        assert answer.json()["cache_age"] == 300
    delete_post(post=mine)
    after = client.get(path, headers={"If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"})
    assert after.status_code == {"/sitemap.xml": 200, "/sitemaps/posts-0.xml": 200}.get(
        path, after.status_code
    )
    assert after.status_code in (200, 404, 410)
    assert mine.get_absolute_url() not in after.getvalue().decode()


# What a feed carries of what is more than words


MEDIA = "{http://search.yahoo.com/mrss/}"


def items(client: Client, address: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(client.get(address).content)
    return (
        root.findall("a:entry", ATOM) if address.endswith(".atom") else root.findall("channel/item")
    )


def with_pictures(
    author: User, text: str = "", alts: tuple[str, ...] = ("A loaf & <salt>",), **fields: object
) -> Post:
    made = post(author, text)
    Post.objects.filter(pk=made.pk).update(has_media=True, **fields)
    for position, alt in enumerate(alts):
        ready(author, post=made, position=position, alt=alt)
    return made


def enclosures(item: ElementTree.Element) -> list[str]:
    links = [link.get("href") for link in item.findall("a:link[@rel='enclosure']", ATOM)]
    return links or [enclosure.get("url") for enclosure in item.findall("enclosure")]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_carries_pictures(client, alice, form):
    made = with_pictures(alice, alts=("A loaf & <salt>", ""))
    urls = [f"{SITE}{picture.url}" for picture in made.media.order_by("position")]
    [(title, html)] = entries(client, f"/@alice.{form}")
    [item] = items(client, f"/@alice.{form}")
    assert title == "Image: A loaf & <salt>"
    assert f'<img src="{urls[0]}" alt="A loaf &amp; &lt;salt&gt;" width="300" height="200">' in html
    assert f'<img src="{urls[1]}" alt=""' in html
    assert "<p></p>" not in html
    assert enclosures(item) == (urls if form == "atom" else urls[:1])
    media = item.findall(f"{MEDIA}content")
    assert [(each.get("url"), each.get("type"), each.get("width")) for each in media] == [
        (url, "image/webp", "300") for url in urls
    ]
    assert [each.findtext(f"{MEDIA}description") for each in media] == ["A loaf & <salt>", None]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", [{"is_sensitive": True}, {"warning": "Spiders"}])
def test_a_feed_carries_no_picture_that_is_not_for_all_eyes(client, alice, form, field):
    made = with_pictures(alice, **field)
    [(title, html)] = entries(client, f"/@alice.{form}")
    [item] = items(client, f"/@alice.{form}")
    assert title == ("Spiders" if "warning" in field else f"Sensitive image by {alice.name}")
    assert enclosures(item) == item.findall(f"{MEDIA}content") == []
    assert made.media.get().folder not in client.get(f"/@alice.{form}").content.decode()
    assert "loaf" not in html
    assert f"{SITE}{made.get_absolute_url()}" in html


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_carries_the_answers_of_a_poll(client, alice, form):
    post(alice, "Which bread?", poll=PollDraft(("Rye <dark>", "Wheat"), hours=1))
    assert entries(client, f"/@alice.{form}")[0][1].endswith(
        "<ul><li>Rye &lt;dark&gt;</li><li>Wheat</li></ul>"
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_names_what_is_quoted_where_everyone_may_read_it(client, alice, bob, form):
    quoted = post(bob, "Words of bob")
    post(alice, "Look", quote_of=quoted)
    [(title, html)] = entries(client, f"/@alice.{form}")
    assert title == "Look"
    assert f'<a href="{SITE}{quoted.get_absolute_url()}">a post by {bob.name} (@bob)</a>' in html
    assert "Words of bob" not in html
    Post.objects.filter(pk=quoted.pk).update(visibility="followers")
    assert "bob" not in entries(client, f"/@alice.{form}")[0][1]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_carries_the_card_of_a_link(client, alice, form):
    made = post(alice, "See https://example.org/bread")
    LinkPreview.objects.filter(pk=made.link_preview_id).update(
        title="All <bread>", description="Of rye."
    )
    html = entries(client, f"/@alice.{form}")[0][1]
    assert '<a href="https://example.org/bread">All &lt;bread&gt;</a></p><p>Of rye.</p>' in html


@pytest.mark.parametrize(
    ("alts", "fields", "words"),
    [
        (("", "A loaf"), {}, "Image: A loaf"),
        (("",), {}, "Picture by Ana"),
        (("", ""), {}, "Pictures by Ana"),
        (("A loaf",), {"is_sensitive": True}, "Sensitive image by Ana"),
        (("A loaf",), {"warning": "Bread"}, "Bread"),
    ],
)
def test_a_post_without_words_has_a_title_everywhere(client, alice, alts, fields, words):
    User.objects.filter(pk=alice.pk).update(display_name="Ana")
    made = with_pictures(alice, alts=alts, **fields)
    html = client.get(made.get_absolute_url()).content.decode()
    assert f"<title>&#8296;Ana&#8297;: “&#8296;{words}&#8297;”" in html
    assert Head(html).meta["og:description"] == Head(html).meta["description"] == words
    assert graph(html)["SocialMediaPosting"]["headline"] == words
    assert ask(client, f"{SITE}{made.get_absolute_url()}").json()["title"] == words
    assert [title for title, _ in entries(client, "/@alice.atom")] == [words]


def test_a_poll_or_quote_without_words_has_a_title(client, alice, bob):
    User.objects.filter(pk=alice.pk).update(display_name="Ana")
    post(alice, "", poll=PollDraft(("Rye", "Wheat"), hours=1))
    post(alice, "", quote_of=post(bob))
    assert [title for title, _ in entries(client, "/@alice.rss")] == [
        f"Ana quotes {bob.name}",
        "Poll: Rye, Wheat",
    ]


@pytest.mark.parametrize(
    "address",
    ["/@alice.atom", "/@alice.rss", "/tags/bread.atom", "{post}/embed", "/oembed?url={url}"],
)
def test_it_says_whether_it_may_be_used_for_training(client, alice, address):
    mine = post(alice, "Rye #bread").get_absolute_url()
    path = address.format(post=mine, url=f"{SITE}{mine}")
    assert client.get(path)["Content-Usage"] == "train-ai=n, search=y"
    get_or_create_subject(alice)
    Subject.objects.update(allows_crawling=True)
    assert client.get(path)["Content-Usage"] == "train-ai=y, search=y"


def test_a_feed_costs_the_same_for_one_and_for_twenty(client, alice):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/@alice.atom")
            client.get("/tags/bread.rss")
        return len(captured)

    post(alice, "#bread")
    one = cost()
    for _ in range(20):
        post(alice, "#bread")
    assert cost() == one


class Head(HTMLParser):
    """The tags of a page by which it tells of itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[tuple[str, str | None], str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attributes) -> None:
        values = dict(attributes)
        if tag == "meta" and "content" in values:
            self.meta[values.get("property") or values.get("name") or ""] = values["content"]
        if tag == "link" and "rel" in values:
            self.links[values["rel"], values.get("type")] = values["href"]


def graph(html: str) -> dict[str, dict]:
    """Return the parts of a page's JSON-LD by their type."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    data = json.loads(found[0])
    assert data["@context"] == "https://schema.org"
    return {part["@type"]: part for part in data["@graph"]}


def test_a_post_introduces_itself(client, alice):
    User.objects.filter(pk=alice.pk).update(display_name='Alice </script> & "Co"')
    mine = post(alice, "Bread </script><b>rises</b> slowly.", language="en")
    url = f"{SITE}/@alice/{mine.pk}"
    html = client.get(mine.get_absolute_url()).content.decode()
    head = Head(html)
    assert head.meta["og:title"] == 'Alice </script> & "Co" (@alice)'
    assert head.meta["og:description"] == "Bread </script><b>rises</b> slowly."
    assert head.meta["og:url"] == head.links["canonical", None] == url
    assert head.meta["twitter:card"] == "summary"
    assert head.meta["og:image"].startswith(f"{SITE}/static/img/icon-512")
    assert head.links["alternate", "application/atom+xml"] == f"{SITE}/@alice.atom"
    assert (
        client.get(
            head.links["alternate", "application/json+oembed"].removeprefix(SITE)
        ).status_code
        == 200
    )
    posting = graph(html)["SocialMediaPosting"]
    assert posting["articleBody"] == "Bread </script><b>rises</b> slowly."
    assert (posting["url"], posting["inLanguage"]) == (url, "en")
    assert [item["item"] for item in graph(html)["BreadcrumbList"]["itemListElement"]] == [
        f"{SITE}/",
        f"{SITE}/@alice",
        url,
    ]


@pytest.mark.parametrize(
    ("field", "shown"),
    [({}, True), ({"is_sensitive": True}, False), ({"warning": "The end of a novel"}, False)],
)
def test_a_picture_is_shown_elsewhere_where_it_is_for_all_eyes(client, alice, field, shown):
    mine = post(alice)
    Post.objects.filter(pk=mine.pk).update(has_media=True, **field)
    picture = Media.objects.create(
        owner=alice, post=mine, state="ready", widths=[320, 640], width=640, alt="A loaf"
    )
    html = client.get(mine.get_absolute_url()).content.decode()
    meta = Head(html).meta
    assert (meta["og:image"] == f"{SITE}{picture.url}") == shown
    assert meta.get("og:image:alt") == ("A loaf" if shown else None)
    assert meta["twitter:card"] == ("summary_large_image" if shown else "summary")
    assert ("image" in graph(html)["SocialMediaPosting"]) == shown


def test_a_profile_introduces_itself(client, alice, bob):
    User.objects.filter(pk=alice.pk).update(bio="Bread, mostly.")
    follow(follower=bob, followed=alice)
    html = client.get("/@alice?max_id=5").content.decode()
    head = Head(html)
    assert head.links["canonical", None] == head.meta["og:url"] == f"{SITE}/@alice"
    assert head.meta["og:type"] == "profile"
    entity = graph(html)["ProfilePage"]["mainEntity"]
    assert (entity["description"], entity["interactionStatistic"]["userInteractionCount"]) == (
        "Bread, mostly.",
        1,
    )


def test_a_tag_introduces_itself(client, alice):
    post(alice, "Rye #Brød")
    html = client.get("/tags/br%C3%B8d?max_id=99999999999999999").content.decode()
    head = Head(html)
    assert head.links["canonical", None] == head.meta["og:url"] == f"{SITE}/tags/br%C3%B8d"
    assert head.meta["og:title"] == "#Brød"
    assert (
        len(entries(client, head.links["alternate", "application/atom+xml"].removeprefix(SITE)))
        == 1
    )
    assert graph(html)["BreadcrumbList"]["itemListElement"][1]["item"] == f"{SITE}/tags/br%C3%B8d"
    assert ("canonical", None) not in Head(client.get("/tags/bread+rye").content.decode()).links


@pytest.mark.parametrize("visibility", ["followers", "direct"])
def test_what_is_not_for_everyone_introduces_itself_to_nobody(client, alice, visibility):
    client.force_login(alice)
    html = client.get(
        post(alice, HIDDEN, visibility=visibility).get_absolute_url()
    ).content.decode()
    assert not any(name.startswith(("og:", "twitter:")) for name in Head(html).meta)
    assert ("canonical", None) not in Head(html).links
    assert "ld+json" not in html


def test_a_warning_is_all_that_is_said_of_what_stands_behind_it(client, alice):
    mine = post(alice, "The butler did it.", warning="The end of a novel")
    html = client.get(mine.get_absolute_url()).content.decode()
    assert "butler" not in html.partition("</head>")[0]
    assert (
        Head(html).meta["og:description"] == Head(html).meta["description"] == "The end of a novel"
    )
    assert graph(html)["SocialMediaPosting"]["headline"] == "The end of a novel"
    answer = client.get("/oembed", {"url": f"{SITE}{mine.get_absolute_url()}"}).json()
    assert answer["title"] == "The end of a novel"


def ask(client: Client, url: str | None = None, **more: str):
    return client.get("/oembed", {**({"url": url} if url is not None else {}), **more})


def test_oembed_answers_for_an_open_post(client, alice):
    mine = post(alice, visibility="unlisted")
    url = f"{SITE}{mine.get_absolute_url()}"
    response = ask(client, url)
    assert response["Access-Control-Allow-Origin"] == "*"
    answer = response.json()
    assert (answer["version"], answer["type"], answer["provider_name"]) == (
        "1.0",
        "rich",
        "Commonplace",
    )
    assert f'<iframe src="{url}/embed" width="550"' in answer["html"]
    assert ask(client, url, maxwidth="300", maxheight="200").json()["width"] == 300
    assert ask(client, url, maxwidth="1", maxheight="1").json()["width"] == 220
    assert ask(client, url, maxwidth="nonsense").json()["width"] == 550


def test_what_oembed_refuses(client, alice, bob):
    mine = post(alice)
    url = f"{SITE}{mine.get_absolute_url()}"
    follow(follower=bob, followed=alice)
    client.force_login(bob)
    hidden = [post(alice, HIDDEN, visibility=visibility) for visibility in ("followers", "direct")]
    assert ask(client).status_code == 400
    assert ask(client, url, format="xml").status_code == 501
    elsewhere = [
        "",
        "nonsense",
        "http://[",
        f"{SITE}/@alice",
        f"{SITE}/@bob/{mine.pk}",
        f"{SITE}/@al\x00ice/{mine.pk}",
        f"{SITE}/@alice/99999999999999999999999",
        f"https://evil.example/@alice/{mine.pk}",
        *(f"{SITE}{one.get_absolute_url()}" for one in hidden),
    ]
    for address in elsewhere:
        response = ask(client, address)
        assert (response.status_code, response.json()) == (
            404,
            {"error": "There is no post at this address."},
        ), address


def test_a_post_in_a_frame(alice, bob):
    browser = Client()
    browser.force_login(bob)
    response = browser.get(f"{post(alice, 'Bread rises.').get_absolute_url()}/embed")
    html = response.content.decode()
    assert "Bread rises." in html
    assert "<form" not in html
    assert "<script" not in html
    assert "bob" not in html
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_a_frame_says_so_where_there_is_no_post(client, alice):
    mine, hidden = post(alice), post(alice, HIDDEN, visibility="followers")
    delete_post(post=mine)
    for one, status in ((mine, 410), (hidden, 404)):
        response = client.get(f"/@alice/{one.pk}/embed")
        assert response.status_code == status
        assert "This post isn’t available" in response.content.decode()
        assert "frame-ancestors *" in response["Content-Security-Policy"]


@pytest.mark.parametrize("visibility", Post.Visibility.values)
def test_only_what_everyone_could_read_is_said_to_be_gone(client, alice, visibility):
    mine = post(alice, visibility=visibility)
    delete_post(post=mine)
    for browser in (client, Client()):
        assert browser.get(f"/@alice/{mine.pk}").status_code == (
            410 if visibility == "public" else 404
        )
        browser.force_login(alice)
    assert client.get("/@alice/1").status_code == 404


def test_what_was_taken_out_of_sight_before_is_not_said_to_be_gone(client, alice):
    mine = post(alice)
    Post.objects.filter(pk=mine.pk).update(visibility="followers")
    delete_post(post=mine)
    assert client.get(f"/@alice/{mine.pk}").status_code == 404


def listed(client: Client, path: str, what: str = "s:url/s:loc") -> list[str]:
    response = client.get(path)
    assert response.status_code == 200, path
    root = ElementTree.fromstring(b"".join(response.streaming_content))
    return [one.text for one in root.findall(what, MAP)]


def all_listed(client: Client) -> list[str]:
    parts = listed(client, "/sitemap.xml", "s:sitemap/s:loc")
    return [url for part in parts for url in listed(client, part.removeprefix(SITE))]


def test_the_sitemap_lists_what_everyone_may_find(client, alice, bob):
    shown = [post(alice).get_absolute_url(), post(alice, "More").get_absolute_url()]
    for visibility in ("unlisted", "followers", "direct"):
        post(alice, visibility=visibility)
    post(bob)
    User.objects.filter(pk=bob.pk).update(is_discoverable=False)
    gone = person("gone", suspended_at=timezone.now())
    urls = all_listed(client)
    assert {url for url in urls if "/@" in url} == {f"{SITE}{path}" for path in [*shown, "/@alice"]}
    assert f"{SITE}/public" in urls
    assert gone.username not in "".join(urls)
    assert f"Sitemap: {SITE}/sitemap.xml" in client.get("/robots.txt").content.decode().splitlines()


def test_parts_of_the_sitemap(client, alice, monkeypatch):
    for module in (selectors, services):
        monkeypatch.setattr(module, "PART_SIZE", 3)
    posts = [post(alice, f"Note {number}") for number in range(8)]
    services.extend_sitemap()
    assert list(SitemapPage.objects.order_by("pk").values_list("pk", flat=True)) == [
        posts[3].pk,
        posts[6].pk,
    ]
    services.extend_sitemap()
    assert SitemapPage.objects.count() == 2
    urls = [url for url in all_listed(client) if re.search(r"/@alice/\d", url)]
    assert urls == [f"{SITE}{one.get_absolute_url()}" for one in posts]
    assert client.get(f"/sitemaps/posts-{posts[1].pk}.xml").status_code == 404
    assert client.get("/sitemaps/people-1.xml").status_code == 404
