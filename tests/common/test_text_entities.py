"""Links, mentions and hashtags, found in one way for pages, search and datasets."""

import subprocess
import sys

import pytest

from common.text_entities import find_entities, find_hashtags, find_mentions, find_urls

LINK = "https://example.com"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"{LINK}は便利です", LINK),
        (f"見て{LINK}を", LINK),
        (f"{LINK}에서", LINK),
        (f"{LINK}สวัสดี", LINK),
        (f"{LINK}は。", LINK),
        (f"{LINK}。次の文", LINK),
        (f"{LINK}/foo。次の文", f"{LINK}/foo"),
        (f"（{LINK}/baz）我们", f"{LINK}/baz"),
        (f"{LINK}/สวัสดี", f"{LINK}/"),
        (f"{LINK}/foo()は", f"{LINK}/foo()"),
        ("http://例子.中国/は", "http://例子.中国/"),
        ("http://example.みんな", "http://example.みんな"),
        ("http://日本abc.jp", "http://日本abc.jp"),
        ("http://abc日本.jp", "http://abc日本.jp"),
    ],
)
def test_find_urls_beside_scripts_without_blanks_ends_with_the_link(text, url):
    assert [(found.value, text[found.start : found.end]) for found in find_urls(text)] == [
        (url, url)
    ]


@pytest.mark.parametrize(
    "tag",
    [
        "col·lecció",
        "דו־קיום",
        "スター・ウォーズ",
        "foo_bar·baz",
        "ཁ་བ",
        "می\u200cروم",
        "क्\u200dष",
        "צה״ל",
        "1a",
    ],
)
def test_find_hashtags_with_a_joiner_returns_one_tag(tag):
    assert [found.value for found in find_hashtags(f"a #{tag}, b")] == [tag]


def test_find_of_one_kind_has_none_inside_another():
    text = f"@ana {LINK}/#tag/@bob #one"
    assert [found.value for found in find_urls(text)] == [f"{LINK}/#tag/@bob"]
    assert [found.value for found in find_mentions(text)] == ["ana"]
    assert [found.value for found in find_hashtags(text)] == ["one"]
    assert [found.kind for found in find_entities(text)] == ["mention", "url", "tag"]


def test_importing_text_entities_brings_no_django():
    code = "import sys, common.text_entities; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
