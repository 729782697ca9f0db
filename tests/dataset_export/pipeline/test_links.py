"""Links of the pipeline are those of the pages, and what only looks like one."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given

from common.text_entities import find_urls
from dataset_export.pipeline.dedup.minhash import comparison_tokens
from dataset_export.pipeline.links import find_links, replace_links
from dataset_export.pipeline.steps.personal_data import find_personal_data
from dataset_export.pipeline.steps.personal_data.links import secret_links
from dataset_export.pipeline.steps.quality import DEFAULT_LIMITS, ShortPostQuality, measure

from .factories import make_record
from .strategies import hostile_text

# A sentence without blanks right behind a link, in each script that has none, and one that has them.
SENTENCES = [
    pytest.param("。今日は朝からずっと雨が降っていて寒いですね、みなさん", id="Japanese"),
    pytest.param("）我们今天早上去港口看船了，然后大家一起吃了饭", id="Chinese"),
    pytest.param("สวัสดีตอนเช้าวันนี้อากาศดีมากเลย", id="Thai"),
    pytest.param("ສະບາຍດີຕອນເຊົ້າມື້ນີ້ອາກາດດີ", id="Lao"),
    pytest.param("អរុណសួស្តីថ្ងៃនេះអាកាសធាតុល្អ", id="Khmer"),
    pytest.param("မင်္ဂလာပါဒီနေ့ရာသီဥတုကောင်း", id="Burmese"),
    pytest.param("에서 오늘 아침 항구의 안개가 걷히고 배가 왔다", id="Korean"),
]


@pytest.mark.parametrize(
    "link", ["https://example.com/foo", "HTTPS://example.com/foo()", "www.example.com"]
)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_link_before_a_sentence_without_blanks_is_one_link(link, sentence):
    text = f"{link}{sentence}"
    assert [text[start:end] for start, end in find_links(text)] == [link]
    assert [text[start:end] for start, end in secret_links(text)] == [link]
    assert comparison_tokens(text) == comparison_tokens(sentence)
    quality = measure(text)
    assert 0 < quality.url_share < 0.2
    assert ShortPostQuality(DEFAULT_LIMITS)(make_record(text)) == make_record(text).with_quality(
        quality
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "see https://example.com/foo(bar), or (https://example.com/baz).",
            ["https://example.com/foo(bar)", "https://example.com/baz"],
        ),
        ("see www.example.org/x). And www.example.org", ["www.example.org/x", "www.example.org"]),
        ("http://localhost:8000/x and https://…", ["http://localhost:8000/x", "https://"]),
        ("https://jo:secret@example.org/x", ["https://jo:secret@example.org/x"]),
        ("done.It is 3:1 in x@www.example.org", []),
        ("wwww.example.org, awww. nice", []),
        (
            "https://a.example/?to=https://b.example/x",
            ["https://a.example/?to=https://b.example/x"],
        ),
    ],
)
def test_find_links(text, found):
    assert [text[start:end] for start, end in find_links(text)] == found


def test_a_web_address_with_a_password_is_found_to_its_end():
    text = "psql postgres://jo:pw12@db.example/x https://jo:secret@example.org/路"
    assert [(one.kind, text[one.start : one.end]) for one in find_personal_data(text)] == [
        ("url", "postgres://jo:pw12@db.example/x"),
        ("url", "https://jo:secret@example.org/"),
    ]


@given(hostile_text)
def test_all_links_of_pages_are_found_and_none_overlaps(text):
    text = f"https://example.org/a {text} www.example.org/b{text}"
    places = find_links(text)
    assert {(url.start, url.end) for url in find_urls(text)} <= set(places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert replace_links(text)[1] == len(places)


@pytest.mark.parametrize(
    "repeated", ["https://", "www.", "http://a", "www.a.", "://", "https://a.b/("]
)
def test_long_texts_take_no_longer_than_their_length(repeated):
    begun = process_time()
    find_links(repeated * 10_000)
    assert process_time() - begun < 5
