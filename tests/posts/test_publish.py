"""Publishing, replying and deleting: once, counted, and refused where it must be."""

import uuid

import pytest
from django.utils import timezone

from accounts.models import User
from posts.models import Like, Post
from posts.services import PostInput, PublishError, delete_post, like_post, publish_post
from tests.factories import person, post
from tests.threads import together

WRITE = "Write something first."


def fresh(one: Post) -> Post:
    return Post.objects.get(pk=one.pk)


def test_the_same_key_posts_once(alice):
    key = uuid.uuid4()
    first = publish_post(author=alice, draft=PostInput("Bread", publish_key=key))
    again = publish_post(author=alice, draft=PostInput("Bread", publish_key=key))
    assert first.pk == again.pk
    assert Post.objects.count() == 1


def test_the_same_reply_is_counted_once(alice, bob):
    asked, key = post(alice), uuid.uuid4()
    for _ in range(3):
        publish_post(author=bob, draft=PostInput("Answer", publish_key=key), reply_to=asked)
    assert fresh(asked).reply_count == 1


def test_a_key_is_of_one_person(alice, bob):
    key = uuid.uuid4()
    assert publish_post(author=alice, draft=PostInput("Mine", publish_key=key)).text == "Mine"
    assert publish_post(author=bob, draft=PostInput("My own", publish_key=key)).author == bob


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_post_once():
    alice, key = person("alice"), uuid.uuid4()
    asked = post(alice, "Asked")
    draft = PostInput("Bread", publish_key=key)
    results = together([lambda: publish_post(author=alice, draft=draft, reply_to=asked).pk] * 8)
    assert len(set(results)) == 1, results
    assert Post.objects.filter(text="Bread").count() == 1
    assert fresh(asked).reply_count == 1


@pytest.mark.django_db(transaction=True)
def test_replies_at_the_same_moment_are_all_counted():
    people = [person() for _ in range(8)]
    asked = post(people[0], "Asked")
    results = together([lambda one=one: post(one, "Answer", reply_to=asked).pk for one in people])
    assert len(set(results)) == 8, results
    assert fresh(asked).reply_count == 8


@pytest.mark.django_db(transaction=True)
def test_a_reply_meets_the_deletion_of_its_parent():
    """Either the reply comes first and stays, or it is refused; never a reply that hangs nowhere in an error."""
    alice, bob = person("alice"), person("bob")
    for _ in range(3):
        asked = post(alice, "Asked")
        reply, deletion = together(
            [lambda a=asked: post(bob, "Answer", reply_to=a), lambda a=asked: delete_post(post=a)]
        )
        assert isinstance(reply, Post | PublishError), repr(reply)
        assert deletion is None, repr(deletion)
        if isinstance(reply, Post):
            assert fresh(reply).reply_to_id is None


@pytest.mark.django_db(transaction=True)
def test_a_post_and_its_replies_are_deleted_at_the_same_moment():
    alice = person("alice")
    asked = post(alice, "Asked")
    answers = [post(alice, "Answer", reply_to=asked) for _ in range(5)]
    assert together([lambda a=a: delete_post(post=a) for a in [asked, *answers]]) == [None] * 6
    assert not Post.objects.exists()


def test_a_post_that_is_gone_cannot_be_answered(alice, bob):
    asked = post(alice)
    stale = fresh(asked)
    delete_post(post=asked)
    with pytest.raises(PublishError, match="deleted"):
        post(bob, "Answer", reply_to=stale)
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "field", [{"suspended_at": timezone.now()}, {"is_active": False}], ids=["suspended", "closed"]
)
def test_who_is_out_of_use_cannot_post(alice, field):
    User.objects.filter(pk=alice.pk).update(**field)
    with pytest.raises(PublishError):
        post(alice)
    assert not Post.objects.exists()


def test_a_suspended_person_is_told_and_keeps_the_text(client, alice):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    response = client.post("/compose", {"text": "My words"})
    assert response.status_code == 422
    assert "suspended" in response.content.decode()
    assert "My words" in response.content.decode()


def test_deleting_keeps_the_replies_and_their_place(client, alice, bob):
    asked = post(alice, "Asked")
    answer = post(bob, "Answer", reply_to=asked)
    deeper = post(alice, "Deeper", reply_to=answer)
    like_post(user=bob, post=asked)
    delete_post(post=asked)
    assert fresh(answer).reply_to_id is None
    assert fresh(answer).thread_id == asked.pk
    assert (fresh(deeper).reply_to_id, fresh(deeper).thread_id) == (answer.pk, asked.pk)
    assert client.get(answer.get_absolute_url()).status_code == 200
    assert not Like.objects.exists()


def test_replies_are_counted_up_and_down(alice, bob):
    asked = post(alice)
    answers = [post(bob, f"Answer {number}", reply_to=asked) for number in range(3)]
    assert fresh(asked).reply_count == 3
    delete_post(post=answers[0])
    assert fresh(asked).reply_count == 2


def test_deleting_twice_counts_once(alice, bob):
    """Two tabs: both have loaded the post when each of them deletes it."""
    asked = post(alice)
    answer = post(bob, "Answer", reply_to=asked)
    post(bob, "Another", reply_to=asked)
    for seen in [fresh(answer), fresh(answer)]:
        delete_post(post=seen)
    assert fresh(asked).reply_count == 1


@pytest.mark.parametrize("road", ["one", "action"])
def test_a_moderator_who_deletes_a_reply_corrects_the_count(client, alice, bob, road):
    asked = post(alice)
    answer = post(bob, "Answer", reply_to=asked)
    client.force_login(person("root", is_staff=True, is_superuser=True))
    if road == "one":
        client.post(f"/admin/posts/post/{answer.pk}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [answer.pk], "post": "yes"}
        client.post("/admin/posts/post/", chosen)
    assert not Post.objects.filter(pk=answer.pk).exists()
    assert fresh(asked).reply_count == 0


FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a" * 500, "a" * 500),
        (FAMILY * 500, FAMILY * 500),
        ("  " + "a" * 500 + "\r\n", "a" * 500),
        ("a\r\n" * 249 + "aa", "a\n" * 249 + "aa"),
        (
            "https://example.org/" + "a" * 900 + " " + "b" * 476,
            "https://example.org/" + "a" * 900 + " " + "b" * 476,
        ),
    ],
    ids=[
        "500 letters",
        "500 families",
        "blanks around",
        "line ends of two characters",
        "a long URL",
    ],
)
def test_what_fits(client, alice, text, stored):
    client.force_login(alice)
    response = client.post("/compose", {"text": text})
    assert response.status_code == 302
    assert Post.objects.get().text == stored
    assert response["Location"] == Post.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a" * 501, "1 characters too long"),
        (FAMILY * 501, "1 characters too long"),
        ("https://example.org " + "b" * 477, "1 characters too long"),
        ("a" * 10_001, "10000"),
        ("", WRITE),
        ("   ", WRITE),
        ("\r\n\t\u3000", WRITE),
        ("a\x00b", "Null characters"),
        ("\x00", "Null characters"),
    ],
    ids=[
        "501 letters",
        "501 families",
        "a URL and 478",
        "10001",
        "empty",
        "blank",
        "blanks of all kinds",
        "NUL",
        "only NUL",
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(client, alice, text, says):
    client.force_login(alice)
    response = client.post("/compose", {"text": text})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "field",
    [{"visibility": "direct"}, {"visibility": "x"}, {"authorship": "x"}, {"publish_key": "x"}],
    ids=str,
)
def test_what_the_form_does_not_offer_is_refused(client, alice, field):
    client.force_login(alice)
    assert client.post("/compose", {"text": "Bread", **field}).status_code == 422
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "text", ["\u200b\u200d", "\u3164", "\u202e \u2066", "\u2800", "\ufe0f\u00ad"], ids=ascii
)
def test_a_text_that_shows_nothing_is_refused(client, alice, text):
    client.force_login(alice)
    assert client.post("/compose", {"text": text}).status_code == 422
    assert not Post.objects.exists()


def test_an_answer_goes_to_those_who_read_the_question(client, alice):
    client.force_login(alice)
    for visibility in Post.Visibility.values:
        asked = post(alice, visibility=visibility)
        client.post(f"/compose?reply_to={asked.pk}", {"text": f"To {visibility}"})
        assert asked.replies.get().visibility == visibility


def test_a_second_click_leads_to_the_same_post(client, alice):
    client.force_login(alice)
    form = {"text": "Bread", "publish_key": str(uuid.uuid4())}
    first, second = client.post("/compose", form), client.post("/compose", form)
    assert first["Location"] == second["Location"]
    assert Post.objects.count() == 1


def test_every_form_has_a_key_of_its_own(client, alice):
    client.force_login(alice)
    keys = {str(client.get("/compose").context["form"]["publish_key"].value()) for _ in range(3)}
    assert len(keys) == 3


def test_the_author_cannot_be_chosen(client, alice, bob):
    client.force_login(alice)
    client.post(
        "/compose", {"text": "Bread", "author": bob.pk, "author_id": bob.pk, "like_count": 700}
    )
    assert (Post.objects.get().author, Post.objects.get().like_count) == (alice, 0)


def test_html_is_shown_as_text(client, alice):
    client.force_login(alice)
    client.post("/compose", {"text": "<script>alert(1)</script>"})
    for address in ("/", "/public", "/@alice", Post.objects.get().get_absolute_url()):
        page = client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
