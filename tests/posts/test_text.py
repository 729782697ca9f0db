"""How long a text is, and that what people type becomes safe HTML that says the same."""

import json
import time
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.text_entities import find_entities
from posts.text.entities import (
    BLANK_LINES,
    TAG_LENGTH,
    isolate_entities,
    length,
    mentions_in,
    normalize_text,
    tag_name,
    tags_in,
)
from posts.text.entities import render as render_with

URL = "https://example.org/a"
PEOPLE = {name: name for name in ("alice", "bob", "alice_b", "a" * 30)}


def render(text: str) -> str:
    return render_with(text, PEOPLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("bread", 5),
        ("crème", 5),
        ("cre\u0300me", 5),
        ("a" + "\u0301" * 50, 1),
        ("👍🏽", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("👨‍👩‍👧‍👦👩🏽‍🚀", 2),
        ("🏳️‍🌈", 1),
        ("🇩🇪", 1),
        ("🇩🇪🇫🇷", 2),
        ("1️⃣2️⃣", 2),
        ("สวัสดี", 4),
        ("각", 1),
        ("\u1100\u1161\u11a8", 1),
        ("한국어", 3),
        ("日本語", 3),
        ("مرحبا", 5),
        ("a b", 3),
        ("a\nb", 3),
        ("a\r\nb", 3),
        ("a\n\nb", 4),
        ("\U0001f9c0" * 500, 500),
        (URL, 23),
        ("http://a", 8),
        ("http://a.bc", 23),
        ("https://example.org/" + "a" * 2000, 23),
        ("HTTPS://EXAMPLE.ORG", 23),
        (f"See {URL} now", 4 + 23 + 4),
        (f"{URL} {URL}", 47),
        (f"({URL})", 1 + 23 + 1),
        ("https://例え.jp/これは", 23 + 3),
        ("https://", 8),
        ("example.org", 11),
        ("ftp://example.org", 17),
    ],
)
def test_the_length_is_what_a_reader_would_count(text, expected):
    assert length(text) == expected


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  bread \n", "bread"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("a\x00b", "ab"),
        ("\x00", ""),
        (" \x00 ", ""),
        ("\t\n \u3000\u00a0", ""),
        ("a  b", "a  b"),
    ],
)
def test_what_is_stored(typed, stored):
    assert normalize_text(typed) == stored


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></div><iframe src=https://evil.example>",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/<script>alert(1)</script>",
    "https://example.org/&quot;onclick=alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt://example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "@alice<script>",
    '@"onclick=',
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "<svg/onload=alert(1)>",
    "<!--",
    "<![CDATA[",
    "{{ 7*7 }}{% now 'Y' %}",
    "\u202ehttps://example.org/\u202d<b>",
    "https://example.org\\@evil.example",
]
KINDS = {"p": {"dir"}, "br": set(), "bdi": set(), "a": {"href", "class", "rel"}}


class Reader(HTMLParser):
    """Read HTML as a browser would, and hold it against what posts may consist of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.in_url = False

    def handle_starttag(self, tag, attributes) -> None:
        assert tag in KINDS, tag
        assert {name for name, _ in attributes} <= KINDS[tag], attributes
        if tag == "p":
            assert not self.open
            self.paragraphs.append("")
        if tag == "br":
            self.paragraphs[-1] += "\n"
            return
        self.open.append(tag)
        if tag == "a":
            self.begin_link(dict(attributes))

    def begin_link(self, attributes: dict) -> None:
        address = attributes["href"]
        self.links.append(address)
        if attributes.get("class") == "mention":
            assert address.startswith("/@")
        elif attributes.get("class") == "tag":
            assert address.startswith("/tags/")
        else:
            assert address.lower().startswith(("http://", "https://"))
            assert set(attributes["rel"].split()) >= {"nofollow", "noopener", "ugc"}
            # What is shown may be cut short.
            self.paragraphs[-1] += address
            self.in_url = True

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag
        self.in_url = self.in_url and tag != "a"

    def handle_data(self, data) -> None:
        assert self.open, "text outside of a paragraph"
        if not self.in_url:
            self.paragraphs[-1] += data

    def handle_comment(self, data) -> None:
        raise AssertionError("a comment")

    handle_decl = unknown_decl = handle_pi = handle_comment


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def says(html: str) -> str:
    return "\n\n".join(read(html).paragraphs)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_only_text(attack):
    assert says(render(attack)) == attack
    assert says(render(f"before {attack} after")) == f"before {attack} after"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("@alice", ["/@alice"]),
        ("@alice, @bob!", ["/@alice", "/@bob"]),
        ("(@alice)", ["/@alice"]),
        ("“@alice”", ["/@alice"]),
        (".@alice", ["/@alice"]),
        ("＠alice", ["/@alice"]),
        ("RT@alice", ["/@alice"]),
        ("@nobody and @alice", ["/@alice"]),
        ("@ALICE", ["/@alice"]),
        ("@alice'", ["/@alice"]),
        ("example.org/@alice", []),
        ("alice@example.org", []),
        ("a.b@example.org", []),
        ("@alice@example.org", []),
        ("@@alice", []),
        ("@", []),
        ("@ alice", []),
        ("/@alice", []),
        ("@" + "a" * 30, ["/@" + "a" * 30]),
        ("@" + "a" * 31, []),
        ("@älice", []),
        ("@alice_b", ["/@alice_b"]),
        ("日本@aliceです", ["/@alice"]),
        ("#garden", ["/tags/garden"]),
        ("#Garden ＃Ｇarden", ["/tags/garden", "/tags/garden"]),
        ("#日本 #1", ["/tags/%E6%97%A5%E6%9C%AC"]),
        ("a#garden /#garden &#garden #gar#den", []),
        ("https://example.org/#garden", ["https://example.org/#garden"]),
        ("https://example.org/@alice", ["https://example.org/@alice"]),
        ("https://example.org.", ["https://example.org"]),
        ("https://example.org, and", ["https://example.org"]),
        ("(https://example.org)", ["https://example.org"]),
        ("https://example.org/a?b=c&d=e#f", ["https://example.org/a?b=c&d=e#f"]),
        ("https://example.org/?q=1.", ["https://example.org/?q=1"]),
        ("HTTPS://Example.org", ["HTTPS://Example.org"]),
        ("https://", []),
        ("https://例え.jp/パン", ["https://例え.jp/"]),
        ("https://example.org/αλφα_и_שלום", ["https://example.org/αλφα_и_שלום"]),
        (
            "https://example.org/a_(b) (https://example.org/c)",
            ["https://example.org/a_(b)", "https://example.org/c"],
        ),
        ("https://no-host https://a.b http://localhost:8000/", []),
        # A sign that says "a/c" and would end the host there.
        ("https://example℀.org/", []),
        ("ftp://example.org", []),
        ("https://a.example https://b.example", ["https://a.example", "https://b.example"]),
    ],
)
def test_links(text, links):
    html = render(text)
    assert read(html).links == links
    assert says(html) == text


def test_a_long_url_is_shown_short_and_leads_all_the_way():
    url = "https://example.org/" + "a" * 300
    html = render(url)
    assert read(html).links == [url]
    assert f">example.org/{'a' * 28}…</a>" in html


def test_paragraphs_and_lines():
    assert (
        render("a\nb\n\nc\n\n\n\nd")
        == '<p dir="auto">a<br>b</p><p dir="auto">c</p><p dir="auto">d</p>'
    )


def test_isolate_entities_has_what_leads_elsewhere_beside_the_words():
    assert isolate_entities("@ana <b> #עיר") == "<bdi>@ana</bdi> &lt;b&gt; <bdi>#עיר</bdi>"
    assert isolate_entities("https://a.example/&…") == "<bdi>https://a.example/&amp;</bdi>…"


def test_render_isolates_links_mentions_and_tags():
    html = render("@alice @nobody #one https://a.example")
    assert html.count("<bdi>") == 4
    assert "<bdi>@nobody</bdi>" in html


ENTITIES = [
    ("@alice, ＠bob.", [("mention", "alice", 0, 6), ("mention", "bob", 8, 12)]),
    ("👍 #日本 ＃１2a", [("tag", "日本", 2, 5), ("tag", "１2a", 6, 10)]),
    ("(https://a.example/b).", [("url", "https://a.example/b", 1, 20)]),
]


@pytest.mark.parametrize(("text", "expected"), ENTITIES)
def test_entities_by_code_points(text, expected):
    assert [
        (found.kind, found.value, found.start, found.end) for found in find_entities(text)
    ] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("Garden", "gARDEN"), ("ｇａｒｄｅｎ", "garden"), ("Straße", "STRASSE"), ("ｶﾞ", "ガ")],
)
def test_tags_that_are_the_same(one, other):
    assert tag_name(one) == tag_name(other)


def test_a_long_tag_is_cut():
    assert tags_in("#" + "a" * 300) == ["a" * TAG_LENGTH]
    assert len(tag_name("ﷺ" * TAG_LENGTH)) == TAG_LENGTH


TOP_LEVEL = "there is no list of top-level domains"
ONLY_X = "t.co and lists behind names belong to X"
EXCEPTIONS = {
    "Extract a list": ONLY_X,
    "Extract a mention and list": ONLY_X,
    "Extract a list in the middle of a Japanese tweet": ONLY_X,
    "Extract a t.co URL with a trailing apostrophe": ONLY_X,
    "Extract a t.co URL with a trailing hyphen": ONLY_X,
    "DO NOT extract URLs with > 40 characters in a t.co slug": ONLY_X,
    "Extract t.co URLs skipping trailing characters and adjusting indices correctly": ONLY_X,
    "Extract valid URL: http://example.com/": TOP_LEVEL,
}
KINDS_OF_VECTORS = {
    "mentions": "mention",
    "mentions_with_indices": "mention",
    "mentions_or_lists_with_indices": "mention",
    "urls": "url",
    "urls_with_indices": "url",
    "urls_with_directional_markers": "url",
    "tco_urls_with_params": "url",
    "hashtags": "tag",
    "hashtags_from_astral": "tag",
    "hashtags_with_indices": "tag",
}
# A reply is a link between posts here, whatever its text begins with; cashtags belong to X.
NOT_OURS = {"replies", "cashtags", "cashtags_with_indices"}
VALUES = {"mention": "screen_name", "tag": "hashtag", "url": "url"}


def differences(group: str, vector: dict) -> bool:
    """Say whether a published vector and we differ, links without a scheme left aside."""
    kind = KINDS_OF_VECTORS[group]
    found = [entity for entity in find_entities(vector["text"]) if entity.kind == kind]
    if vector["expected"] and isinstance(vector["expected"][0], dict):
        got = [(entity.value, [entity.start, entity.end]) for entity in found]
        expected = [(row[VALUES[kind]], row["indices"]) for row in vector["expected"]]
        values = [value for value, _ in expected]
    else:
        got, expected = [entity.value for entity in found], vector["expected"]
        values = expected
    if kind == "url":
        pairs = zip(values, expected, strict=True)
        expected = [row for value, row in pairs if value.lower().startswith("http")]
    return got != expected


@pytest.mark.shared
def test_the_published_vectors(shared_data):
    vectors = json.loads((shared_data / "conformance/twitter-text-extract.json").read_text())
    assert set(vectors) == {*KINDS_OF_VECTORS, *NOT_OURS}
    differing = {
        vector["description"]
        for group in KINDS_OF_VECTORS
        for vector in vectors[group]
        if differences(group, vector)
    }
    assert differing == set(EXCEPTIONS)


LONG = [
    "(a",
    "#",
    "@",
    "#1",
    "http://",
    "http://a.bc/)",
    "http://a.bc/((",
    "RT@",
    "·",
    "a.",
    "https://a.b",
    "!",
    "@a",
]


@pytest.mark.parametrize("piece", LONG)
def test_the_time_grows_no_faster_than_the_text(piece):
    short, long = (work(piece * times) for times in (2_000, 16_000))
    assert long < 8 * 4 * short + 0.02


def work(text: str) -> float:
    """Return the processor time that a text takes, the least of three."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        render(text)
        length(text)
        times.append(time.process_time() - begun)
    return min(times)


hostile = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            [
                *ATTACKS,
                URL,
                "@alice",
                "\n",
                "\n\n",
                "\u202e",
                "\ufeff",
                "\u200d",
                "\u0301",
                "\U000e0041",
            ]
        ),
    ),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=200)
@given(hostile)
def test_whatever_people_type_is_shown_as_they_typed_it(typed):
    text = normalize_text(typed)
    assert says(render(text)) == BLANK_LINES.sub("\n\n", text)
    assert length(text) >= 0
    found = list(find_entities(text))
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert mentions_in(text) == [one.value for one in found if one.kind == "mention"]


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(), max_size=60))
def test_the_length_never_exceeds_the_characters_but_for_urls(text):
    urls = text.lower().count("http")
    assert length(text) <= len(text) + 23 * urls


@settings(deadline=None, max_examples=100)
@given(hostile)
def test_tidying_twice_changes_nothing(typed):
    assert normalize_text(normalize_text(typed)) == normalize_text(typed)
