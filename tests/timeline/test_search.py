"""What is found: words of every language, filters, and nothing that is not for the reader."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Block, Mute, User
from accounts.services import follow
from common.snowflake import min_id_at
from posts.models import Post
from posts.services import (
    MediaMetadata,
    PollDraft,
    PostContent,
    bookmark_post,
    delete_post,
    edit_post,
    like_post,
    repost,
)
from tests.factories import person, post
from tests.pictures import ready
from timeline.models import SearchEntry
from timeline.search import engine
from timeline.search.engine import RANK_WINDOW, SearchCursor, resolve_query, search_posts
from timeline.search.parser import OPERATORS, parse_query
from timeline.search.time_buckets import spans

NOBODY = AnonymousUser()
TODAY = date(2026, 11, 27)


def found(typed: str, viewer=NOBODY, *, newest_first: bool = True, size: int = 50) -> list[str]:
    """Return the texts of what a search finds, in its order."""
    asked = resolve_query(parse_query(typed, TODAY), viewer)
    assert asked.query.problems == []
    ids = search_posts(asked, size=size, newest_first=newest_first).ids
    texts = dict(Post.objects.filter(pk__in=ids).values_list("pk", "text"))
    return [texts[pk] for pk in ids]


def past_post(author: User, text: str, at: datetime, **fields) -> Post:
    return Post.objects.create(id=min_id_at(at), author=author, text=text, html="", **fields)


TEXTS = {
    "bread": "Fresh bread and cold butter, every day.",
    "breads": "Three BREADS: rye, wheat, spelt.",
    "cafe": "Un café crème à l’Étoile, s’il vous plaît",
    "strasse": "In der Straße wohnt ein Fräulein Øster",
    "istanbul": "İstanbul'da ışık ılık",
    "japanese": "日本語の本を読む。東京タワー",
    "chinese": "我在北京學習中文",
    "thai": "สวัสดีชาวโลก วันนี้อากาศดีมาก",
    "khmer": "សួស្តីពិភពលោក",
    "lao": "ສະບາຍດີຊາວໂລກ",
    "korean": "오늘은 책을 읽었다",
    "arabic": "السَّلامُ عَلَيكُم",
    "russian": "Ёлка стоит в углу",
    "hindi": "नमस्ते दुनिया",
    "greek": "Καλημέρα κόσμε",
    "tagged": "Look: #Bäckerei and #bread_2, @bob!",
    "address": "See https://example.org/some/path?x=1 (good)",
    "contracted": "Don't know, email me",
    "emoji": "Lovely🍞today",
    "wide": "Ｆｕｌｌ ｗｉｄｔｈ ｶﾀｶﾅ",
}


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("bread", {"bread", "breads", "tagged"}),
        ("brea", {"bread", "breads", "tagged"}),
        ("bre", set()),
        ("bre*", {"bread", "breads", "tagged"}),
        ("breads", {"breads"}),
        ("BUTTER cold", {"bread"}),
        ('"cold butter"', {"bread"}),
        ('"butter cold"', set()),
        ('"fresh butter"', set()),
        ("bread -butter", {"breads", "tagged"}),
        ('bread -"cold butter" -rye', {"tagged"}),
        ("bread -butt", {"bread", "breads", "tagged"}),
        ("cafe creme", {"cafe"}),
        ("CAFÉ etoile", {"cafe"}),
        ("l'etoile", {"cafe"}),
        ("strasse fraulein", {"strasse"}),
        ("STRAẞE", {"strasse"}),
        ("oster", {"strasse"}),
        ("istanbul isik", {"istanbul"}),
        ("日本", {"japanese"}),
        ("本語", {"japanese"}),
        ("日本語の本", {"japanese"}),
        ("本日", set()),
        ("む", {"japanese"}),
        ("読", {"japanese"}),
        ("東京 日本", {"japanese"}),
        ("北京", {"chinese"}),
        ("京", {"japanese", "chinese"}),
        ("学習", set()),
        ("สวัสดี", {"thai"}),
        ("อากาศ", {"thai"}),
        ("ពិភព", {"khmer"}),
        ("ຊາວ", {"lao"}),
        ("책", set()),
        ("책을", {"korean"}),
        ("오늘", {"korean"}),
        ("السلام", {"arabic"}),
        ("елка", {"russian"}),
        ("ёлк", {"russian"}),
        ("नमस्ते", {"hindi"}),
        ("καλημερα", {"greek"}),
        ("#backerei", {"tagged"}),
        ("#Bäckerei", {"tagged"}),
        ("#bread", set()),
        ("#bread_2", {"tagged"}),
        ("mentions:Bob", {"tagged"}),
        ("mentions:bo", set()),
        ("has:link", {"address"}),
        ("example.org", {"address"}),
        ("https://example.org/some", {"address"}),
        ("some/path", {"address"}),
        ("path some", {"address"}),
        ("don't", {"contracted"}),
        ("email", {"contracted"}),
        ("🍞", {"emoji"}),
        ("lovely🍞", {"emoji"}),
        ("today", {"emoji"}),
        ("full width", {"wide"}),
        ("カタカナ", {"wide"}),
        ("nothing_like_it", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_words(alice, typed, keys):
    for text in TEXTS.values():
        post(alice, text)
    assert {key for key, text in TEXTS.items() if text in found(typed)} == keys


TAGS = [
    "col·lecció",
    "דו־קיום",
    "スター・ウォーズ",
    "foo_bar·baz",
    "ཁ་བ",
    "می\u200cروم",
    "צה״ל",
    "ﷺ",
    "１a",
    "a゛b",
]


@pytest.mark.parametrize("tag", TAGS)
def test_search_of_a_tag_with_a_joiner_finds_just_that_tag(alice, tag):
    tagged = post(alice, f"Bread (#{tag}), fresh").text
    others = [
        post(alice, f"Bread {text}").text
        for text in (f"#{tag}x", f"#{tag[0]}z {tag[1:]}", f"#{tag}#", tag)
    ]
    assert found(f"#{tag}") == [tagged]
    assert set(found(f"bread -#{tag}")) == set(others)
    assert found(f"＃{tag.upper()}") == [tagged]


def test_search_of_a_tag_reads_on_behind_it(alice):
    written = post(
        alice, "Some #bread-butter, a#none&#none https://example.org/#none @nobody#none"
    ).text
    assert found("#bread-butter") == [written]
    assert found("#bread -butter") == found("#none") == found("#bread-missing") == []


def test_search_of_mentions_finds_those_that_are_names(alice):
    written = post(alice, "See @Ben, a@ann.example, https://example.org/@cleo and .@dora").text
    assert {
        name for name in ("ben", "ann", "cleo", "dora") if found(f"mentions:{name}") == [written]
    } == {
        "ben",
        "dora",
    }


def test_filters(alice, bob, charlie):
    asked = post(alice, "Words by Alice", language="en")
    post(bob, "Words by Bob", language="de-AT", reply_to=asked)
    unknown = post(charlie, "Words by Charlie @bob")
    Post.objects.filter(pk=unknown.pk).update(language="")
    Post.objects.filter(pk=asked.pk).update(has_media=True)
    assert found("words from:alice") == ["Words by Alice"]
    assert found("from:ALICE from:bob") == ["Words by Bob", "Words by Alice"]
    assert found("words -from:alice") == ["Words by Charlie @bob", "Words by Bob"]
    assert found("from:me", alice) == ["Words by Alice"]
    assert found("words is:reply") == ["Words by Bob"]
    assert found("words -is:reply") == ["Words by Charlie @bob", "Words by Alice"]
    assert found("lang:de") == ["Words by Bob"]
    assert found("words lang:und") == ["Words by Charlie @bob"]
    assert found("lang:de lang:en") == ["Words by Bob", "Words by Alice"]
    assert found("has:media") == ["Words by Alice"]
    assert found("words -has:media") == ["Words by Charlie @bob", "Words by Bob"]
    assert found("from:charlie mentions:bob") == ["Words by Charlie @bob"]


def test_times(alice):
    for year, month, day in [(2024, 2, 29), (2026, 11, 2), (2026, 11, 3), (2026, 11, 4)]:
        past_post(
            alice, f"Words of {year}-{month}-{day}", datetime(year, month, day, 23, 59, tzinfo=UTC)
        )
    assert found("words before:2026-11-03") == ["Words of 2026-11-2", "Words of 2024-2-29"]
    assert found("words after:2026-11-03") == ["Words of 2026-11-4"]
    assert found("words during:2026-11-03") == ["Words of 2026-11-3"]
    assert found("words during:2024") == ["Words of 2024-2-29"]
    assert found("words after:2024-02 before:2026-11-03") == ["Words of 2026-11-2"]


NO_TIMES = [
    "after:today",
    "after:2026-11",
    "after:2026",
    "after:2999-12-31",
    "during:2999",
    "before:1970",
]
BESIDE_TIMES = [
    "bread",
    "-bread from:alice",
    "from:me",
    "#bread",
    "in:library",
    "lang:en",
    "has:link",
    "mentions:bob",
]


def test_search_in_a_time_without_posts_finds_nothing(client, alice):
    past_post(alice, "Bread", datetime(2025, 6, 1, tzinfo=UTC), has_link=True)
    client.force_login(alice)
    for times, beside in product(
        [*NO_TIMES, "before:2025 during:2024", "during:1999-12-31"], BESIDE_TIMES
    ):
        response = client.get("/search", {"q": f"{beside} {times}"})
        assert (response.status_code, response.context["page"].items) == (200, []), (times, beside)
    response = client.get("/search", {"q": "bread after:today", "sort": "newest"})
    assert (response.status_code, response.context["page"].items) == (200, [])


def test_search_help_says_whose_midnight_ends_a_day(client, db):
    assert "days are in UTC" in client.get("/search").content.decode()


def test_library(alice, bob):
    alice.refresh_from_db()
    liked, kept, other = (post(bob, f"Words {name}") for name in ("liked", "kept", "other"))
    like_post(user=alice, post=liked)
    bookmark_post(user=alice, post=kept)
    post(alice, "Words of mine", visibility="direct")
    User.objects.filter(pk=bob.pk).update(is_discoverable=False)
    Post.objects.filter(pk=kept.pk).update(visibility="unlisted")
    assert found("words in:library", alice) == ["Words of mine", "Words kept", "Words liked"]
    assert found("in:library", alice) == ["Words of mine", "Words kept", "Words liked"]
    assert found("in:library -kept before:2099", alice) == ["Words of mine", "Words liked"]
    assert found("words", alice) == ["Words of mine"]
    Post.objects.filter(pk=liked.pk).update(visibility="direct")
    assert found("liked in:library", alice) == []
    assert other.text not in found("words in:library", alice)


def test_the_warning_is_found_too(alice):
    post(alice, "It was the butler", warning="Ending of a crime novel")
    assert found("novel butler") == ["It was the butler"]


def test_what_is_edited_moved_or_deleted_follows(alice):
    mine = post(alice, "Old words")
    Post.objects.filter(pk=mine.pk).update(text="New words", like_count=3)
    assert found("old") == []
    assert found("new") == ["New words"]
    Post.objects.filter(pk=mine.pk).update(visibility="followers")
    assert found("new") == []
    assert found("new", alice) == ["New words"]
    delete_post(post=mine)
    assert not SearchEntry.objects.exists()


def test_what_is_said_of_pictures_and_the_answers_of_polls_are_found_too(alice):
    pictures = [ready(alice, alt="A heron in the reeds"), ready(alice, alt="鷺が立っている")]
    made = post(alice, "Morning walk", media_ids=tuple(picture.pk for picture in pictures))
    asked = post(alice, "What now?", poll=PollDraft(("Breakfast", "Back to bed"), 24))
    post(alice, "Nothing beside it")
    assert (
        found("heron reeds") == found("鷺が") == found("walk heron has:media") == ["Morning walk"]
    )
    assert found("breakfast") == found("has:poll breakf*") == ["What now?"]
    assert found("-heron walk") == []
    later = PostContent("Morning walk", pictures=(MediaMetadata(pictures[0].pk, "A stork"),))
    edit_post(post=made, words=later)
    assert found("stork") == ["Morning walk"]
    assert found("heron") == found("鷺") == []
    edit_post(post=made, words=PostContent("Evening walk"))
    assert found("stork evening") == ["Evening walk"]
    edit_post(post=asked, words=PostContent("What now?", keeps_poll=False))
    assert found("breakfast") == []
    delete_post(post=made)
    delete_post(post=asked)
    assert SearchEntry.objects.count() == 1


def test_a_post_that_says_so_comes_before_one_whose_picture_shows_it(alice):
    said = post(alice, "My garden, today")
    shown = post(alice, "Where I was today", media_ids=(ready(alice, alt="My garden").pk,))
    assert found("garden", newest_first=False) == [said.text, shown.text]
    assert found("garden") == [shown.text, said.text]


def test_what_is_beside_a_post_is_for_its_readers(alice, bob):
    post(alice, "Ours", media_ids=(ready(alice, alt="A heron").pk,), visibility="followers")
    assert found("heron") == found("heron", bob) == []
    assert found("heron", alice) == ["Ours"]


def test_reposts_are_no_finds(alice, bob):
    repost(user=bob, post=post(alice, "Words of a post"))
    assert SearchEntry.objects.count() == 1
    assert found("from:bob", bob) == []


VIEWERS = ("author", "follower", "mentioned", "stranger", "blocked", "blocker", "logged out")
EVERYONE = {"author", "follower", "mentioned", "stranger", "logged out"}
FINDERS = {
    "public": EVERYONE,
    "unlisted": {"author"},
    "followers": {"author", "follower", "mentioned"},
    "direct": {"author", "mentioned"},
}


@pytest.fixture
def viewers(alice) -> dict[str, object]:
    found = {name: person(name.replace(" ", "_")) for name in VIEWERS[1:-1]}
    follow(follower=found["follower"], followed=alice)
    Block.objects.create(blocker=alice, blocked=found["blocked"])
    Block.objects.create(blocker=found["blocker"], blocked=alice)
    return {**found, "author": alice, "logged out": NOBODY}


@pytest.mark.parametrize("visibility", FINDERS)
def test_who_finds_what(alice, viewers, visibility):
    post(alice, "Words for @mentioned", visibility=visibility)
    assert {name for name, viewer in viewers.items() if found("words", viewer)} == FINDERS[
        visibility
    ]
    assert {name for name, viewer in viewers.items() if found("from:alice", viewer)} == FINDERS[
        visibility
    ]
    User.objects.filter(pk=alice.pk).update(is_discoverable=False)
    assert {name for name, viewer in viewers.items() if found("words", viewer)} == {"author"}


@pytest.mark.parametrize("visibility", FINDERS)
def test_the_page_shows_what_is_found_and_nothing_else(alice, viewers, visibility):
    post(alice, "Words for @mentioned", visibility=visibility)
    seen = set()
    for name, viewer in viewers.items():
        client = Client()
        if viewer is not NOBODY:
            client.force_login(viewer)
        if "Words for" in client.get("/search?q=words").content.decode():
            seen.add(name)
    assert seen == FINDERS[visibility]


def test_the_words_of_suspended_and_muted_people(alice, bob, charlie):
    post(bob, "Words by Bob")
    post(charlie, "Words by Charlie")
    Mute.objects.create(muter=alice, muted=bob)
    assert found("words", alice) == ["Words by Charlie"]
    # Whoever names somebody wants to hear them.
    assert found("from:bob", alice) == ["Words by Bob"]
    User.objects.filter(pk=charlie.pk).update(suspended_at="2026-01-01T00:00Z")
    assert found("words", alice) == []


def test_the_best_are_first_and_the_newest_of_equals(alice):
    at = datetime(2026, 11, 20, tzinfo=UTC)
    past_post(
        alice,
        "Gardens and much else that has to do with this and that and with something else again",
        at,
    )
    past_post(alice, "My garden", at - timedelta(days=2))
    past_post(alice, "My garden!", at - timedelta(days=1))
    past_post(alice, "The garden of long ago", at - timedelta(days=400))
    order = ["My garden!", "My garden", "Gardens and much", "The garden of long ago"]
    texts = found("garden", newest_first=False)
    assert [text[: len(start)] for text, start in zip(texts, order, strict=True)] == order
    assert found("garden")[0].startswith("Gardens")


def pages(typed: str, viewer=NOBODY, *, size: int, newest_first: bool = False) -> list[list[int]]:
    asked, cursor, got = resolve_query(parse_query(typed, TODAY), viewer), None, []
    while True:
        page = search_posts(asked, size=size, cursor=cursor, newest_first=newest_first)
        got.append(page.ids)
        if page.following is None:
            return got
        cursor = SearchCursor.read(str(page.following))


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_hold_each_post_once(alice, monkeypatch, newest_first):
    monkeypatch.setattr(engine, "RANK_WINDOW", 10)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(25):
        past_post(
            alice, "garden " + "and more " * (number * 7 % 5), at - timedelta(days=number * 9)
        )
    got = pages("garden", size=4, newest_first=newest_first)
    every = [pk for page in got for pk in page]
    assert sorted(every) == sorted(Post.objects.values_list("pk", flat=True))
    assert len(every) == len(set(every))
    assert all(len(page) == 4 for page in got[:2])


def test_pages_stand_still_while_others_write(alice):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(12):
        past_post(alice, f"garden {number}", at - timedelta(days=number))
    asked = resolve_query(parse_query("garden", TODAY), NOBODY)
    first = search_posts(asked, size=5)
    post(alice, "A garden that is new")
    second = search_posts(asked, size=5, cursor=SearchCursor.read(str(first.following)))
    delete_post(post=Post.objects.get(pk=first.ids[-1]))
    assert (
        search_posts(asked, size=5, cursor=SearchCursor.read(str(first.following))).ids
        == second.ids
    )
    assert not set(first.ids) & set(second.ids)


def test_a_search_that_takes_too_long_tells_of_the_last_weeks(alice, monkeypatch):
    now = datetime(2026, 11, 27, tzinfo=UTC)
    past_post(alice, "garden now", now)
    past_post(alice, "garden long ago", now - timedelta(days=700))
    real, asked = engine.statement, resolve_query(parse_query("garden", TODAY), NOBODY)

    def slow(search, looked_at, most):
        sql, parameters = real(search, looked_at, most)
        return (
            f"SELECT 1, 1 FROM pg_sleep(9) UNION ALL ({sql})" if len(looked_at) > 3 else sql
        ), parameters

    monkeypatch.setattr(engine, "statement", slow)
    monkeypatch.setattr(engine, "MAX_SEARCH_SECONDS", 0.2)
    page = search_posts(asked, size=5)
    assert page.is_partial
    assert [Post.objects.get(pk=pk).text for pk in page.ids] == ["garden now"]


def test_a_common_word_is_not_taken_for_the_beginning_of_others(alice, monkeypatch):
    post(alice, "This and that")
    post(alice, "Thatched roofs")
    assert len(found("that")) == 2
    monkeypatch.setattr(engine, "common_words", lambda: frozenset({"that"}))
    assert found("that") == ["This and that"]


def test_the_words_that_are_common_are_those_of_the_statistics(alice):
    for number in range(30):
        post(alice, f"the number {number}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE timeline_searchentry")
    assert {"the", "number"} <= engine.common_words()


@given(st.integers(0, 2**62), st.integers(1, 2**62))
def test_spans_hold_each_moment_once_and_name_it(low, length):
    high = low + length
    got = list(spans(low, high))
    assert [span.high for span in got] == [high, *(span.low for span in got[:-1])]
    assert got[-1].low == low
    for span in got:
        for pk in (span.low, (span.low + span.high) // 2, span.high - 1):
            marks = {f"'a={pk >> 39}'", f"'b={pk >> 43}'", f"'c={pk >> 47}'"}
            assert span.marks is None or marks & set(span.marks.split("|"))


@pytest.fixture
def some_post(alice) -> Post:
    return post(alice, "Bread")


TIMES = [
    "today",
    "yesterday",
    "2999",
    "1970",
    "2026-11",
    "2026-11-30",
    "0001",
    "0000-00-00",
    "9999-12-31",
    "-1",
]
PIECES = st.one_of(
    st.sampled_from(
        [
            *(f"{name}:" for name in OPERATORS),
            "alice",
            "me",
            "library",
            "media",
            "-",
            '"',
            "#",
            "*",
            "'",
        ]
    ),
    st.sampled_from(
        [f" {name}:{time}" for name in ("before", "after", "during") for time in TIMES]
    ),
    st.sampled_from(
        ["\\", ":*", "&", "|", "!", "<->", "%s", "%", "\x00", "日", "ก", "🍞", "́", " ", " ", "2026"]
    ),
    st.text(max_size=4),
)


CURSORS = st.one_of(
    st.text(max_size=8), st.sampled_from(["0", "1", "1-1-1", "9" * 19, "-".join(["9" * 19] * 3)])
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(PIECES, max_size=12).map("".join),
    st.sampled_from(["posts", "people", "tags"]),
    CURSORS,
)
@pytest.mark.usefixtures("some_post")
def test_whatever_is_typed_is_answered(client, alice, monkeypatch, typed, tab, cursor):
    monkeypatch.setattr("timeline.views.search.allow_request", lambda *args, **kwargs: True)
    client.force_login(alice)
    response = client.get(
        "/search", {"q": typed, "tab": tab, "cursor": cursor, "min_id": cursor, "max_id": cursor}
    )
    assert response.status_code in (200, 422)


@given(st.text(max_size=200))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_written_is_stored_and_its_words_find_it(alice, text):
    """Text and query are folded and cut alike."""
    text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_tsvector(%s) @@ search_tsquery(%s, false)", [text, text])
        assert cursor.fetchone()[0] in (True, None)


def test_no_more_searches_than_anybody_needs(client, monkeypatch, alice):
    monkeypatch.setattr("timeline.views.search.SEARCHES", 2)
    client.force_login(alice)
    assert [client.get("/search?q=x").status_code for _ in range(3)] == [200, 200, 429]


def test_visitors_without_an_address_may_search(client, db):
    assert client.get("/search?q=x", REMOTE_ADDR="").status_code == 200


def test_ranked_are_more_than_a_few_pages():
    assert RANK_WINDOW >= 200
