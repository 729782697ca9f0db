"""Editing, with what was said before kept for its readers; and what people do with their own posts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import follow
from common.models import OutboxEvent
from common.snowflake import min_id_at
from posts import selectors, services
from posts.models import Draft, Mention, Post, PostHashtag, PostVersion
from posts.services import (
    EditError,
    PinError,
    PostContent,
    PostInput,
    UndoError,
    edit_post,
    pin_post,
    publish_thread,
)
from posts.services.editing import MAX_EDITS
from posts.services.pins import MAX_PINNED
from posts.text.diff import ADDED, REMOVED_TEXT, differences
from tests.factories import person, post
from tests.threads import together


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def fresh(one: Post) -> Post:
    return Post.objects.get(pk=one.pk)


def edit(one: Post, text: str, **words) -> Post:
    edit_post(post=one, words=PostContent(text, **words))
    return fresh(one)


def test_what_was_said_before_is_kept(alice):
    old = post(alice, "Bread rses slowly.", warning="Bread", language="en")
    new = edit(old, "Bread rises slowly.", is_sensitive=True, language="nl")
    assert (new.text, new.warning, new.is_sensitive, new.language) == (
        "Bread rises slowly.",
        "",
        True,
        "nl",
    )
    assert "rises" in new.html
    assert new.edited_at is not None
    version = PostVersion.objects.get()
    assert (version.text, version.warning, version.is_sensitive, version.language) == (
        old.text,
        "Bread",
        False,
        "en",
    )
    assert version.html == old.html


def test_the_same_words_again_are_no_edit(alice):
    old = post(alice, "Bread")
    edit(old, " Bread\r\n")
    assert fresh(old).edited_at is None
    assert not PostVersion.objects.exists()
    assert not OutboxEvent.objects.filter(topic="edited").exists()


def test_an_edit_is_news(alice):
    made = post(alice)
    edit(made, "Other words")
    news = OutboxEvent.objects.get(topic="edited")
    assert (news.actor_id, news.post_id) == (alice.pk, made.pk)


def test_mentions_and_tags_are_those_of_the_new_words(alice, bob, charlie):
    asked = post(charlie)
    made = post(alice, "@bob #bread #water", reply_to=asked)
    edit(made, "@dora #bread #salt, with @alice")
    assert set(Mention.objects.filter(post=made).values_list("user", flat=True)) == {charlie.pk}
    person("dora")
    new = edit(made, "@dora #salt https://example.org")
    assert set(Mention.objects.filter(post=made).values_list("user__username", flat=True)) == {
        "charlie",
        "dora",
    }
    assert set(PostHashtag.objects.filter(post=made).values_list("tag__name", flat=True)) == {
        "salt"
    }
    assert new.has_link


def test_who_is_not_named_any_more_reads_it_no_more(client, alice, bob):
    made = post(alice, "Only for @bob", visibility="direct")
    client.force_login(bob)
    assert client.get(made.get_absolute_url()).status_code == 200
    edit(made, "Only for myself")
    assert client.get(made.get_absolute_url()).status_code == 404
    assert client.get(f"/posts/{made.pk}/history").status_code == 404


def test_there_is_an_end_to_edits(alice):
    made = post(alice)
    PostVersion.objects.bulk_create(
        PostVersion(post=made, text="x", html="x") for _ in range(MAX_EDITS)
    )
    with pytest.raises(EditError, match="times"):
        edit(made, "Once more")


def test_who_is_suspended_cannot_edit(alice):
    made = post(alice, "Bread")
    User.objects.update(suspended_at=timezone.now())
    with pytest.raises(EditError, match="suspended"):
        edit(made, "Other words")
    assert fresh(made).text == "Bread"


def test_what_is_gone_cannot_be_edited(alice):
    made = post(alice)
    services.delete_post(post=fresh(made))
    with pytest.raises(EditError, match="deleted"):
        edit_post(post=made, words=PostContent("Other words"))


@pytest.mark.django_db(transaction=True)
def test_edits_at_the_same_moment_are_all_kept():
    made = post(person(), "0")
    assert (
        together([lambda n=n: edit_post(post=made, words=PostContent(f"{n}")) for n in range(1, 7)])
        == [None] * 6
    )
    said = [*PostVersion.objects.order_by("pk").values_list("text", flat=True), fresh(made).text]
    assert sorted(said) == [f"{n}" for n in range(7)]
    assert said[0] == "0"


def test_the_page_to_edit(writer, alice):
    made = post(alice, "Bread rses slowly.", warning="Bread")
    page = writer.get(f"/posts/{made.pk}/edit").content.decode()
    assert "Bread rses slowly." in page
    done = writer.post(
        f"/posts/{made.pk}/edit", {"text": "Bread rises slowly.", "warning": "Bread"}
    )
    assert done["Location"] == made.get_absolute_url()
    assert (
        f'href="/posts/{made.pk}/history"' in writer.get(made.get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ({"text": ""}, "Write something"),
        ({"text": "a" * 501}, "1 characters too long"),
        ({"warning": "a" * 201}, "200"),
    ],
    ids=["empty", "too long", "warning"],
)
def test_what_cannot_be_said_is_not_taken(writer, alice, field, says):
    made = post(alice, "Bread")
    response = writer.post(f"/posts/{made.pk}/edit", {"text": "Other", **field})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert fresh(made).text == "Bread"


def test_readers_see_the_differences(client, alice):
    made = post(alice, "Bread rises & falls.", warning="Cats")
    edit(made, "Bread rises & <b>sinks</b>.")
    page = client.get(f"/posts/{made.pk}/history").content.decode()
    assert "<del>falls</del>" in page
    assert "<ins>&lt;b&gt;sinks&lt;/b&gt;</ins>" in page
    assert "<del>Cats</del>" in page


def test_the_history_is_for_those_who_may_read_the_post(client, alice, bob, charlie):
    made = post(alice, "Among us.", visibility="followers")
    edit(made, "Among us all.")
    follow(follower=bob, followed=alice)
    for reader, status in [(bob, 200), (charlie, 404), (alice, 200)]:
        client.force_login(reader)
        assert client.get(f"/posts/{made.pk}/history").status_code == status


def test_the_history_costs_the_same_for_one_and_for_twenty(client, alice):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/posts/{made.pk}/history")
        return len(captured)

    made = edit(post(alice, "0"), "1")
    one = queries()
    for number in range(2, 21):
        edit(made, f"{number}")
    assert queries() == one
    assert [state.words.text for state in selectors.revision_history(fresh(made))] == [
        f"{n}" for n in range(20, -1, -1)
    ]


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_differences_hold_both_texts(old, new):
    pieces = differences(old, new)
    assert "".join(words for kind, words in pieces if kind != ADDED) == old
    assert "".join(words for kind, words in pieces if kind != REMOVED_TEXT) == new


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("a b c", "a x c", [("equal", "a "), ("taken", "b"), ("added", "x"), ("equal", " c")]),
        ("日本語", "日本人", [("equal", "日本"), ("taken", "語"), ("added", "人")]),
        ("", "a", [("added", "a")]),
        ("a", "", [("taken", "a")]),
        ("a", "a", [("equal", "a")]),
    ],
)
def test_differences_by_words(old, new, pieces):
    assert differences(old, new) == pieces


def test_pinned_posts_come_first_on_the_profile_and_only_there(client, alice, bob):
    first, second = post(alice, "The first."), post(alice, "The second.")
    hidden = post(alice, "For followers.", visibility="followers")
    for one in (first, first, hidden):
        pin_post(post=one)
    page = client.get("/@alice")
    assert page.context["pinned"] == [first]
    assert page.context["page"].items == [second]
    services.unpin_post(post=first)
    assert client.get("/@alice").context["page"].items == [second, first]


def test_no_more_than_a_few_are_pinned(writer, alice):
    made = [post(alice, f"{number}") for number in range(MAX_PINNED + 1)]
    for one in made[:-1]:
        assert writer.post(f"/posts/{one.pk}/pin").status_code == 302
    response = writer.post(f"/posts/{made[-1].pk}/pin", follow=True)
    assert f"{MAX_PINNED} posts are pinned already" in response.content.decode()
    assert Post.objects.filter(pinned_at__isnull=False).count() == MAX_PINNED


@pytest.mark.django_db(transaction=True)
def test_pins_at_the_same_moment_are_no_more_either():
    alice = person()
    made = [post(alice, f"{number}") for number in range(MAX_PINNED + 3)]
    together([lambda one=one: pin_post(post=one) for one in made])
    assert Post.objects.filter(pinned_at__isnull=False).count() == MAX_PINNED


def test_a_direct_post_is_not_pinned(alice, bob):
    with pytest.raises(PinError):
        pin_post(post=post(alice, "@bob", visibility="direct"))


def test_publishing_can_be_undone_at_once_thread_and_all(writer, alice):
    page = writer.post(
        "/compose",
        {"text": "One", "parts_count": 1, "part-1-text": "Two", "publish_key": KEY},
        follow=True,
    )
    first = Post.objects.order_by("pk").first()
    assert f'formaction="/posts/{first.pk}/undo"' in page.content.decode()
    back = writer.post(f"/posts/{first.pk}/undo", follow=True)
    assert not Post.objects.exists()
    form = back.context["form"]
    assert [form["text"].value(), form.parts[0]["text"].value()] == ["One", "Two"]


KEY = "0b6f6c1e-8a53-4d0c-8a5e-2f6d3b9f6f10"


def test_later_it_cannot_be_undone(writer, alice):
    made = post(alice)
    long_ago = Post.objects.create(
        pk=min_id_at(timezone.now() - timedelta(minutes=2)), author=alice, text="Old", html="Old"
    )
    with pytest.raises(UndoError):
        services.undo_publishing(post=long_ago)
    response = writer.post(f"/posts/{long_ago.pk}/undo", follow=True)
    assert "too late" in response.content.decode()
    assert Post.objects.filter(pk__in=[made.pk, long_ago.pk]).count() == 2


def test_undoing_leaves_what_others_said(alice, bob):
    first, second = publish_thread(author=alice, drafts=[PostInput("One"), PostInput("Two")])
    answer = post(bob, "Answer", reply_to=first)
    services.undo_publishing(post=first)
    assert fresh(answer).reply_to is None
    # Without a key nothing says that the second belongs to it.
    assert fresh(second).text == "Two"


def test_deleting_to_write_anew(writer, alice):
    made = post(alice, "Bread rses slowly.")
    assert "redraft" in writer.get(f"/posts/{made.pk}/delete").content.decode()
    page = writer.post(f"/posts/{made.pk}/redraft", follow=True)
    assert page.context["form"]["text"].value() == "Bread rses slowly."
    assert Draft.objects.count() == 1


def test_a_warning_hides_the_words_until_they_are_opened(client, alice):
    made = post(alice, "It was the butler.", warning="The end of the book")
    page = client.get(made.get_absolute_url()).content.decode()
    assert '<summary dir="auto">The end of the book</summary>' in page
