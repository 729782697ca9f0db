"""Words that somebody does not want to meet: hidden or folded, in any writing, for a time, and pages stay full."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import ListMember, User, UserList
from accounts.services import follow
from common.models import OutboxEvent
from posts.models import KeywordFilter, Media, Post
from posts.services import like_post, repost
from posts.services.filters import MAX_FILTERS, FilterError, keep_filter
from posts.services.polls import PollDraft
from tests.factories import person, post
from tests.pictures import ready
from timeline.event_handlers import dispatch_outbox
from timeline.models import Trend
from timeline.notifications.selectors import unread_count

HIDE, WARN = KeywordFilter.Action.HIDE, KeywordFilter.Action.WARN


def filtered(
    user: User, phrase: str, *, whole: bool = True, action: str = HIDE, **terms: Any
) -> KeywordFilter:
    return keep_filter(user=user, phrase=phrase, is_whole_word=whole, action=action, **terms)


@pytest.fixture
def reader(client, alice, bob) -> User:
    client.force_login(alice)
    follow(follower=alice, followed=bob)
    return alice


def at_home(client, address: str = "/") -> list[Post]:
    return client.get(address).context["page"].items


@pytest.mark.parametrize(
    ("phrase", "whole", "text", "is_hidden"),
    [
        ("rain", True, "Rain again", True),
        ("rain", True, "The train is late", False),
        ("rain", False, "The train is late", True),
        ("rain", True, "rain, rain!", True),
        ("rain", True, "#rain", True),
        ("rain", True, "snake_rain", False),
        ("ÄRGER", True, "Nur ärger heute", True),
        ("new  film", True, "The new\nfilm is out", True),
        ("c++", True, "I write C++ all day", True),
        ("c++", True, "I write C", False),
        ("(.*)", True, "Anything at all", False),
        ("(.*)", True, "A pattern: (.*)", True),
        ("\\d", False, "There are 5", False),
        ("映画", False, "新しい映画が出た", True),
        ("選挙", True, "明日の選挙に行く", True),
        ("AI", True, "Tout ce que j'ai", False),
        ("🎬", True, "🎬 tonight", True),
        ("50%", True, "Only 50% left", True),
    ],
)
def test_what_a_phrase_matches(client, reader, bob, phrase, whole, text, is_hidden):
    post(bob, text)
    filtered(reader, phrase, whole=whole)
    assert (at_home(client) == []) == is_hidden


def is_matched(user: User, phrase: str, text: str) -> bool:
    """Ask as `posts_matches_filter` does, of a text alone."""
    filtered(user, phrase)
    (expression,) = (
        KeywordFilter.objects.filter(user=user)
        .combined_expression()
        .values_list("expression", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posts_normalize_for_filters(%s) ~ %s COLLATE pg_unicode_fast",
            [text, expression],
        )
        return bool(cursor.fetchone()[0])


MATCHED = [
    # Scripts without blanks between words.
    ("選挙", "明日の選挙に行く"),
    ("北京", "我在北京学习"),
    ("เลือกตั้ง", "วันเลือกตั้งทั่วไป"),
    ("ເລືອກຕັ້ງ", "ວັນເລືອກຕັ້ງທົ່ວໄປ"),
    ("ការបោះឆ្នោត", "ថ្ងៃការបោះឆ្នោតនេះ"),
    ("ရွေးကောက်ပွဲ", "ယနေ့ရွေးကောက်ပွဲရှိ"),
    # Latin words among them, and Korean particles.
    ("AI", "生成AIが好き"),
    ("선거", "내일 선거를"),
    ("AI", "생성형AI는"),
    # Case, width and composition on both sides.
    ("straße", "In der STRASSE"),
    ("STRASSE", "In der Straße"),
    ("istanbul", "İstanbul'da"),
    ("İstanbul", "ISTANBUL"),
    ("ılık", "ILIK bir gün"),
    ("AI", "die ＡＩ"),
    ("ＡＩ", "the ai"),
    ("センキョ", "ｾﾝｷｮに"),
    ("ガス", "ｶﾞｽ"),
    ("cafe\u0301", "Un CAFÉ"),
    ("café", "cafe\u0301"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("مرحبا", "مَرْحَبًا"),
    ("שלום", "שָׁלוֹם"),
    # Signs around a word, and a phrase that begins or ends with one.
    ("AI", "#AI"),
    ("AI", "'AI' and ‘ai’"),
    ("🎬", "film🎬today"),
    # Endings after an apostrophe, articles before one, and phrases with one of any kind.
    ("AI", "AI's"),
    ("Ankara", "Ankara’da"),
    ("AI", "parlo dell’AI"),
    ("IA", "L'IA générative"),
    ("élection", "l'élection"),
    ("adore", "j’adore"),
    ("j'ai", "J’AI faim"),
    ("don’t", "don't"),
    ("п'ять", "ПʼЯТЬ"),
    ('צה"ל', "צה״ל"),
    ("दिल्ली", "दिल्ली में"),
]
UNMATCHED = [
    ("AI", "que j'ai"),
    ("AI", "je n’ai rien"),
    ("ai", "jʼai"),
    ("ai", "J＇AI"),
    ("ai", "j‘ai"),
    ("ai", "je l'ai vu"),
    ("un", "l'un, d’un, qu'un"),
    ("or", "médaille d'or"),
    ("est", "c'est, n’est, l'est"),
    ("hui", "aujourd'hui"),
    ("don", "I don't"),
    ("AI", "A.I."),
    ("AI", "ai_model"),
    ("고기", "물고기"),
    ("cafe", "café"),
    ("schon", "schön"),
    ("x", "x\u030c"),
    # A virama joins.
    ("कर", "कर्म"),
]


@pytest.mark.parametrize(("phrase", "text"), MATCHED)
def test_whole_word_filter_of_the_same_word_matches(alice, phrase, text):
    assert is_matched(alice, phrase, text)


@pytest.mark.parametrize(("phrase", "text"), UNMATCHED)
def test_whole_word_filter_of_another_word_does_not_match(alice, phrase, text):
    assert not is_matched(alice, phrase, text)


def test_filters_of_many_scripts_match_together(alice):
    for phrase in ("選挙", "c++", "don't", "\\", "[a", "ﷺ"):
        filtered(alice, phrase)
    assert is_matched(alice, "AI", "明日の選挙に行く")
    assert is_matched(alice, "AI", "a [A b")
    assert not is_matched(alice, "AI", "je n'ai rien")


@pytest.mark.parametrize("phrase", ["\u200b", "\u00ad\u2060", "\u0640"])
def test_filter_of_nothing_that_is_seen_is_refused(client, reader, phrase):
    with pytest.raises(FilterError):
        filtered(reader, phrase)
    given = {
        "phrase": phrase,
        "is_whole_word": "on",
        "action": "hide",
        "places": ["home"],
        "hours": "0",
    }
    assert client.post("/settings/filters", given).status_code == 422
    assert not KeywordFilter.objects.exists()


PLACES = {
    "home": ["/", "/lists/{list}"],
    "public": ["/public", "/tags/bread", "/search?q=about", "/search?q=about&sort=newest"],
    "profiles": ["/@bob", "/@bob/replies", "/@bob/media"],
}


@pytest.mark.parametrize("place", PLACES)
def test_it_holds_in_the_places_that_it_is_for(client, reader, bob, place):
    people = UserList.objects.create(owner=reader, title="Bakers")
    ListMember.objects.create(list=people, member=bob)
    asked = post(person(), "Anything new?")
    post(bob, "A spoiler about #bread")
    post(bob, "A spoiler in an answer", reply_to=asked)
    post(bob, "A spoiler with a picture", media_ids=(ready(bob).pk,))

    def seen() -> dict[str, bool]:
        return {
            address: any(
                "spoiler" in one.text for one in at_home(client, address.format(list=people.pk))
            )
            for addresses in PLACES.values()
            for address in addresses
        }

    assert all(seen().values())
    kept = filtered(reader, "spoiler", places=[place])
    assert seen() == {
        address: where != place for where, addresses in PLACES.items() for address in addresses
    }
    client.post(f"/settings/filters/{kept.pk}/remove")
    assert all(seen().values())


def test_nobody_else_is_concerned(client, reader, bob, charlie):
    post(bob, "A spoiler")
    filtered(reader, "spoiler")
    client.force_login(charlie)
    assert len(at_home(client, "/public")) == 1
    client.logout()
    assert len(at_home(client, "/public")) == 1


def test_what_is_trending_is_filtered(client, reader, bob):
    for words in ("A spoiler", "Bread"):
        Trend.objects.create(
            kind="post", post=post(bob, words), score=9, state="allowed", decided_at=timezone.now()
        )
    kept = filtered(reader, "spoiler")
    assert [one.text for one in at_home(client, "/explore/posts")] == ["Bread"]
    keep_filter(user=reader, phrase=kept.phrase, is_whole_word=True, action=WARN)
    assert {one.filtered_by for one in at_home(client, "/explore/posts")} == {"spoiler", ""}


def test_a_conversation_stays_whole_around_what_one_opens(client, reader, bob, charlie):
    """Answers are left out; what they answer, and the post itself, only fold."""
    above = post(bob, "A spoiler above")
    opened = post(charlie, "A spoiler that I open", reply_to=above)
    goes_on = post(charlie, "A spoiler of its own author", reply_to=opened)
    post(bob, "A spoiler below", reply_to=opened)
    post(bob, "Bread below", reply_to=opened)
    address = opened.get_absolute_url()
    filtered(reader, "spoiler", places=["threads"])
    page = client.get(address)
    assert page.context["above"][0].filtered_by == "spoiler"
    assert page.context["post"].filtered_by == "spoiler"
    assert [talk.reply.text for talk in page.context["conversations"]] == ["Bread below"]
    assert 'class="post__cw post__cw--filtered" open>' in page.content.decode()
    assert [(one.pk, one.filtered_by) for one in page.context["own_thread"]] == [
        (goes_on.pk, "spoiler")
    ]
    client.force_login(charlie)
    assert len(client.get(address).context["conversations"]) == 2


def test_quotes_of_a_post_are_filtered_with_its_conversation(client, reader, bob):
    quoted = post(reader, "Look at this")
    post(bob, "A spoiler", quote_of=quoted)
    address = f"{quoted.get_absolute_url()}/quotes"
    assert len(at_home(client, address)) == 1
    filtered(reader, "spoiler", places=["threads"])
    assert at_home(client, address) == []


def told(client) -> list[str]:
    dispatch_outbox()
    assert not OutboxEvent.objects.exists()
    return [
        group.post.text
        for group in client.get("/notifications").context["page"].groups
        if group.post
    ]


def test_notifications_that_bring_such_words_are_left_out_and_not_counted(
    client, reader, bob, charlie
):
    mine = post(reader, "My spoiler")
    like_post(user=bob, post=mine)
    post(bob, "A spoiler for @alice")
    post(charlie, "A spoiler in an answer", reply_to=mine)
    assert (len(told(client)), unread_count(reader)) == (3, 3)
    kept = filtered(reader, "spoiler", places=["notifications"])
    assert (told(client), unread_count(reader)) == (["My spoiler"], 1)
    keep_filter(user=reader, phrase=kept.phrase, is_whole_word=True, action=WARN)
    assert (len(told(client)), unread_count(reader)) == (3, 3)
    assert client.get("/notifications").content.decode().count("Filtered: <bdi>spoiler</bdi>") == 2


def with_poll(author: User) -> Post:
    return post(author, "Which?", poll=PollDraft(("Bread", "A spoiler"), hours=1))


def with_picture(author: User) -> Post:
    picture = ready(author)
    Media.objects.filter(pk=picture.pk).update(alt="A spoiler on a cake")
    return post(author, "Look", media_ids=(picture.pk,))


@pytest.mark.parametrize(
    "say",
    [
        lambda author: post(author, "Words", warning="A spoiler"),
        with_poll,
        with_picture,
        lambda author: post(author, "Look", quote_of=post(person(), "A spoiler")),
        lambda author: post(author, "Look", quote_of=with_poll(person())),
        lambda author: post(author, "Look", quote_of=with_picture(person())),
        lambda author: repost(user=author, post=post(person(), "A spoiler by a stranger")),
        lambda author: repost(
            user=author, post=post(person(), "Look", quote_of=post(person(), "A spoiler"))
        ),
    ],
)
def test_it_looks_into_all_that_a_card_shows(client, reader, bob, say):
    mine = post(reader, "My own spoiler")
    say(bob)
    filtered(reader, "spoiler", places=["home"])
    assert [one.pk for one in at_home(client)] == [mine.pk]


def test_what_a_card_does_not_show_is_of_no_account(client, reader, bob):
    """A quoted post that is not for everyone, or was taken out, must not be guessed at by filters."""
    closed = post(bob, "A spoiler for few", visibility="direct")
    post(bob, "Look", quote_of=closed)
    taken_out = post(bob, "See", quote_of=post(person(), "A spoiler"))
    Post.objects.filter(pk=taken_out.pk).update(quote_state=Post.Quote.DETACHED)
    post(bob, "A new", warning="film")
    filtered(reader, "spoiler")
    filtered(reader, "film new")
    filtered(reader, "new film")
    assert {one.text for one in at_home(client)} == {"Look", "See", "A new"}


def test_many_filters_are_one_question(client, reader, bob):
    for number in range(MAX_FILTERS):
        filtered(
            reader, f"word {number}", whole=number % 2 == 0, action=(HIDE, WARN)[number % 3 == 0]
        )
    for number in (3, 7, 8, 98):
        post(bob, f"Some word {number}")
        post(bob, f"A sword {number}")
    shown = {one.text: one.filtered_by for one in at_home(client)}
    assert shown == {
        "Some word 3": "word 3",
        "A sword 3": "word 3",
        "A sword 8": "",
        "A sword 98": "word 9",
    }


def test_pages_are_full(client, reader, bob):
    for number in range(60):
        post(bob, f"A spoiler {number}" if number % 3 else f"Bread {number}")
    filtered(reader, "spoiler")
    assert len(at_home(client)) == 20


def test_a_post_is_folded_and_says_by_which_filter(client, reader, bob):
    post(bob, "A spoiler about a film")
    repost(user=bob, post=post(person(), "Another spoiler"))
    filtered(reader, "spoiler", action=WARN)
    assert [one.filtered_by for one in at_home(client)] == ["spoiler", "spoiler"]
    assert client.get("/").content.decode().count("Filtered: <bdi>spoiler</bdi>") == 2
    assert "Filtered: <bdi>spoiler</bdi>" in client.get("/public").content.decode()


def test_it_ends_by_itself(client, reader, bob):
    post(bob, "A spoiler")
    filtered(reader, "spoiler", until=timezone.now() + timedelta(days=1))
    assert at_home(client) == []
    KeywordFilter.objects.update(until=timezone.now())
    assert len(at_home(client)) == 1


SENT = {
    "phrase": "new film",
    "action": "warn",
    "hours": "0",
    "is_whole_word": "on",
    "places": ["home", "public"],
}


def test_the_page(client, reader):
    sent = {
        "phrase": " new   film ",
        "action": "hide",
        "hours": "24",
        "places": KeywordFilter.Place.values,
    }
    page = client.post("/settings/filters", sent, follow=True).content.decode()
    kept = KeywordFilter.objects.get()
    assert (kept.phrase, kept.is_whole_word, kept.until is not None) == ("new film", False, True)
    assert "new film" in page
    assert "everywhere" in page
    page = client.post("/settings/filters", SENT, follow=True).content.decode()
    kept.refresh_from_db()
    assert (kept.action, kept.is_whole_word, kept.until) == ("warn", True, None)
    assert kept.places == ["home", "public"]
    assert "Home and lists; Public posts" in page
    for wrong in (
        {"phrase": "   "},
        {"phrase": "x" * 101},
        {"phrase": "x", "action": "burn"},
        {"hours": "7"},
        {"hours": "-1"},
        {"places": []},
        {"places": ["home", "moon"]},
    ):
        assert (
            client.post("/settings/filters", {**SENT, "phrase": "other", **wrong}).status_code
            == 422
        )
    assert KeywordFilter.objects.count() == 1


def test_a_filter_is_changed(client, reader, charlie):
    until = timezone.now() + timedelta(days=1)
    kept = filtered(reader, "spoiler", until=until, places=["home"])
    address = f"/settings/filters?change={kept.pk}"
    form = client.get(address).context["form"]
    assert (form["phrase"].value(), form["places"].value(), form["hours"].value()) == (
        "spoiler",
        ["home"],
        -1,
    )
    client.post(address, {**SENT, "hours": "-1"})
    changed = KeywordFilter.objects.get()
    assert (changed.phrase, changed.until) == ("new film", until)
    client.force_login(charlie)
    for strange in (changed.pk, 0, "x"):
        assert client.get(f"/settings/filters?change={strange}").status_code == 404
        assert client.post(f"/settings/filters?change={strange}", SENT).status_code == 404


def test_there_are_not_endlessly_many(client, reader):
    for number in range(MAX_FILTERS):
        filtered(reader, f"word {number}")
    response = client.post("/settings/filters", {**SENT, "phrase": "one more"})
    assert response.status_code == 422
    assert "Remove one first" in response.content.decode()
