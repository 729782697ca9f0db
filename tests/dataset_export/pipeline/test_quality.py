import gzip
import json
from collections import Counter
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from hypothesis import given

from dataset_export.pipeline.records import Dropped, Quality
from dataset_export.pipeline.steps.quality import (
    DEFAULT_LIMITS,
    QUALITY_REASONS,
    ShortPostQuality,
    check_limits,
    measure,
)

from .factories import make_record
from .strategies import hostile_text

POSTS = Path(__file__).parents[4] / "shared/data/posts.jsonl.gz"
LINK = "https://example.org/a1"
NOTHING = Quality(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)

default = ShortPostQuality(DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "lol",
            "No!",
            "ok",
            "🎉",
            "❤️",
            "好",
            "はい",
            "ครับ",
            "네",
            "?",
            "…",
            ":)",
            "¯\\_(ツ)_/¯",
            "(╯°□°)╯︵ ┻━┻",
            "<3 <3 <3",
        ),
        *(
            "hahahahaha",
            "jajajajajaja",
            "ㅋㅋㅋㅋㅋㅋㅋㅋ",
            "5555555",
            "noooooooo",
            "no no no no no",
            "😂😂😂😂😂😂",
        ),
        *("WHAT A GOAL!!!", "HAPPY BIRTHDAY TO THE BEST SISTER IN THE WHOLE WORLD", "3-1", "NASA"),
        *(
            f"Look at this {LINK}",
            f"wow {LINK}",
            "@0123456789ab thanks",
            "Sunday #fog #harbour",
            "<email> or <phone>",
        ),
        "@0123456789ab @0123456789ac @0123456789ad see you there",
        f"RT @0123456789ab: fog {LINK}",
        "RT @0123456789ab: 😂",
        "RT @0123456789ab: @0123456789ac thanks",
        "今天早上港口的雾散了，船终于进来了。",
        "หมอกที่ท่าเรือหายไปแล้วเช้านี้ เรือเลยเข้ามาได้ตามเวลา",
        "We are, we are, we are, we are the ones who wait for the boat",
        "I'm at the harbour in bed weather, look " + LINK,
        "I just earned my first badge of honour: a sunburn.",
        "I liked a song about fog today",
        "Just posted a letter to my grandmother",
        "The latest news from the harbour is good!",
        "I voted for the blue boat, and so should you " + LINK,
        "Wind and rain all day, 12 km/h at most",
        "I took the bus. Which one are you on?",
        "12 people followed me home after the concert, it was lovely",
    ],
)
def test_what_people_write_stays(text):
    assert default(make_record(text)).text == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LINK, "too_many_urls"),
        (f"{LINK} www.example.org/b HTTPS://EXAMPLE.ORG", "too_many_urls"),
        ("#fog #sea #boat #blue #morning", "too_many_hashtags"),
        ("#fog#sea#boat#blue#morning nice", "too_many_hashtags"),
        ("@0123456789ab @0123456789ac", "too_many_mentions"),
        (f"RT @0123456789ab: RT @0123456789ac: {LINK}", "too_many_urls"),
        ("═" * 40, "symbol_noise"),
        ("🔥" * 60, "symbol_noise"),
        ("\ufffd" * 30 + "ok", "symbol_noise"),
        ("ha" * 60, "repetitive"),
        ("ㅋ" * 90, "repetitive"),
        ("buy now " * 20, "repetitive"),
        ("便宜" * 50, "repetitive"),
        (f"I'm at Blue Harbour in Quay Town {LINK}", "template"),
        (f"I'm at Blue Harbour (Quay Town) w/ @0123456789ab {LINK}", "template"),
        (f"Just posted a photo @ Blue Harbour {LINK}", "template"),
        (f"Acabo de publicar una foto en Puerto Azul {LINK}", "template"),
        (f"Je viens de publier une vidéo {LINK}", "template"),
        (f"Gerade ein Foto gepostet @ Blauer Hafen {LINK}", "template"),
        (f"I liked a @0123456789ab video {LINK} Boats of the north", "template"),
        (f"Me gustó un video de @0123456789ab {LINK}", "template"),
        (f"Ich mag ein @0123456789ab-Video {LINK}", "template"),
        (f"I just unlocked the 'Old Salt' achievement on @0123456789ab! {LINK}", "template"),
        ("Wordle 1,234 4/6\n\n⬛🟨⬛⬛⬛\n🟩🟩🟩🟩🟩", "template"),
        (f"Today stats: 3 followers, 1 unfollower via {LINK}", "template"),
        (f"2 people followed me // automatically checked by {LINK}", "template"),
        (f"Your patience pays off, and someone will... More for Virgo {LINK}", "template"),
        (f"#NowPlaying Song of the Sea - The Boats {LINK}", "template"),
        ("08:00 Temp: 7 °C, Wind: S, 12 km/h, Humidity: 80%", "template"),
        (f"The latest The Harbour Daily! {LINK} #fog", "template"),
        (f"Just completed a 5.43 km run {LINK}", "template"),
        (f"I got Lighthouse! Which Building Are You? {LINK}", "template"),
    ],
)
def test_clear_junk_goes(text, reason):
    assert default(make_record(text)) == Dropped(reason)


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("", {}),
        ("Fog over the harbour.", {}),
        (f"one two three {LINK}", {"url_share": 0.25}),
        (f"一二三{LINK}", {"url_share": 0.25}),
        (f"一二三 {LINK}", {"url_share": 0.25}),
        ("one #two three #four", {"hashtag_share": 0.5}),
        ("#หมอก ดี", {"hashtag_share": 85 / 256}),
        ("@0123456789ab one @0123456789ac three", {"mention_share": 0.5}),
        ("mail jo@example.org", {}),
        ("*" * 10, {}),
        ("*" * 20, {"symbol_share": 0.5}),
        ("♥" * 20, {"symbol_share": 0.5}),
        ("TWENTY-NINE LETTERS, NO MORE, NONE"[:34], {}),
        ("THIRTY LETTERS AND A FEW ON TOP so quiet", {"uppercase_share": 200 / 256}),
        ("ПОЛНЫЙ ТУМАН НАД ГАВАНЬЮ СЕГОДНЯ УТРОМ", {"uppercase_share": 1.0}),
        ("ÄÖÜÉÈÀÇÑŁŻ ØÅÆÞÐŠŽČĘĄŚ ĞİŞĆŃÓŹŐŰ", {"uppercase_share": 1.0}),
        ("one two " * 10, {"repetition": 102 / 256}),
    ],
)
def test_signals(text, signals):
    assert measure(text) == NOTHING._replace(**signals)


def test_a_long_text_is_not_repetitive_for_its_length():
    words = Random(7).choices([f"word{number}" for number in range(80)], k=2_000)
    story = " ".join(words)
    assert measure(story).repetition < DEFAULT_LIMITS["repetition"]


def test_without_limits_everything_is_measured_and_nothing_dropped():
    step = ShortPostQuality({})
    record = step(make_record(LINK))
    assert record == make_record(LINK, quality=NOTHING._replace(url_share=1.0))


def test_each_signal_has_its_own_limit_and_may_reach_it():
    quality = measure(f"one {LINK}")
    for signal, reason in QUALITY_REASONS.items():
        at, below = (
            {signal: float(getattr(quality, signal))},
            {signal: float(getattr(quality, signal)) - 0.01},
        )
        assert not isinstance(ShortPostQuality(at)(make_record(f"one {LINK}")), Dropped)
        assert ShortPostQuality(below)(make_record(f"one {LINK}")) == Dropped(reason)


def test_shouting_can_be_dropped_by_those_who_want_it():
    text = "THE FOG OVER THE HARBOUR HAS GONE AT LAST"
    assert ShortPostQuality({"uppercase_share": 0.8})(make_record(text)) == Dropped("shouting")


def test_templates_may_stay():
    text = f"Just posted a photo {LINK}"
    assert ShortPostQuality({"template": True})(make_record(text)).quality.template


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({}, None),
        (DEFAULT_LIMITS, None),
        ({"url_share": 0, "repetition": 1, "template": True}, None),
        (None, "must be an object"),
        ([], "must be an object"),
        ({"length": 0.5}, "may hold template, url_share, "),
        ({3: 0.5}, "may hold "),
        ({"template": 1}, "template must be true or false"),
        ({"url_share": True}, "url_share must be a number between 0 and 1"),
        ({"url_share": "0.5"}, "url_share must be a number between 0 and 1"),
        ({"url_share": 1.5}, "url_share must be a number between 0 and 1"),
        ({"url_share": float("nan")}, "url_share must be a number between 0 and 1"),
    ],
)
def test_limits_are_checked(limits, problem):
    found = check_limits(limits)
    assert found is None if problem is None else found.startswith(problem)


@given(hostile_text)
def test_any_text_has_exact_signals(text):
    quality = measure(text)
    assert quality == measure(text)
    assert all(0 <= share <= 1 and share * 256 == int(share * 256) for share in quality[:-1])
    assert isinstance(quality.template, bool)


def test_long_hostile_text_takes_no_longer_than_its_length():
    started = perf_counter()
    for text in (
        "#a" * 50_000,
        "@a" * 50_000,
        "www." * 25_000,
        "I got " + "What are You? " * 9_000,
        "Wind 1 km/h " * 9_000,
    ):
        measure(text)
        measure(text.replace("a", "\u0e01"))
    assert perf_counter() - started < 5


@pytest.mark.shared
@pytest.mark.skipif(
    not POSTS.exists(), reason="the folder of real posts is not beside the checkout"
)
def test_few_real_posts_go():
    dropped: Counter[str] = Counter()
    with gzip.open(POSTS, "rt", encoding="utf-8") as lines:
        posts = [json.loads(line)["text"] for number, line in enumerate(lines) if number % 10 == 0]
    for text in posts:
        outcome = default(make_record(text))
        if isinstance(outcome, Dropped):
            dropped[outcome.reason] += 1
    assert 0.005 < dropped.total() / len(posts) < 0.03
