"""What an edit changes beside the words: pictures, what is said of them, and the answers of a poll."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from common.images import services
from common.models import OutboxEvent
from posts import selectors
from posts.models import Media, Poll, Post, PostVersion
from posts.services import (
    EditError,
    MediaMetadata,
    PollDraft,
    PostContent,
    PostInput,
    edit_post,
    publish_post,
    vote,
)
from tests.factories import person, post
from tests.pictures import developed, ready, sent
from tests.posts.test_media import files_of, upload
from tests.threads import together


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def pictured(author, *alts: str) -> Post:
    ids = tuple(ready(author, alt=alt).pk for alt in alts)
    return publish_post(author=author, draft=PostInput("Look", media_ids=ids))


def asking(author, *options: str, **poll) -> Post:
    return post(author, "Which?", poll=PollDraft(options or ("Rye", "Oat"), 24, **poll))


def pictures_of(made: Post) -> list[tuple[int, str]]:
    return list(made.media.order_by("position").values_list("pk", "alt"))


def fields(made: Post, text: str = "Look", **more) -> dict:
    """Return what the page sends where nothing was touched."""
    sent_fields = {"text": text, "media": [pk for pk, _ in pictures_of(made)]}
    for number, (pk, alt) in enumerate(pictures_of(made), 1):
        sent_fields |= {f"picture-{pk}-alt": alt, f"picture-{pk}-place": number}
    return sent_fields | more


def edit(made: Post, **words) -> Post:
    edit_post(post=made, words=PostContent(made.text, **words))
    return Post.objects.get(pk=made.pk)


def test_other_pictures_in_another_order_with_other_descriptions(alice):
    made = pictured(alice, "A cat", "A dog")
    (cat, _), (dog, _) = pictures_of(made)
    bird = developed(alice)
    new = edit(
        made,
        pictures=(MediaMetadata(bird.pk, "A bird", 0.5), MediaMetadata(cat, "A cat that sleeps")),
    )
    assert pictures_of(made) == [(bird.pk, "A bird"), (cat, "A cat that sleeps")]
    assert new.edited_at is not None
    assert not Media.objects.filter(pk=dog).exists()
    version = PostVersion.objects.get()
    assert (version.text, version.pictures) == ("Look", ["A cat", "A dog"])
    assert OutboxEvent.objects.filter(topic="edited", post_id=made.pk).exists()


def test_the_files_of_what_is_taken_out_go(alice):
    row = developed(alice)
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=(row.pk,)))
    new = edit(made, pictures=())
    assert not new.has_media
    services.delete_orphaned_files()
    assert files_of(row) == set()


def test_what_is_in_sight_changes_without_a_version(alice):
    made = pictured(alice, "A cat")
    ((cat, alt),) = pictures_of(made)
    new = edit(made, pictures=(MediaMetadata(cat, alt, -0.5, 1),))
    assert (new.edited_at, Media.objects.get().focus_x) == (None, -0.5)
    assert not PostVersion.objects.exists()


def test_a_post_may_lose_its_words_but_not_all_it_has(writer, alice):
    made = pictured(alice, "A cat")
    ((cat, _),) = pictures_of(made)
    answer = writer.post(f"/posts/{made.pk}/edit", fields(made, text="", remove=[cat]))
    assert answer.status_code == 422
    assert pictures_of(made) == [(cat, "A cat")]
    assert writer.post(f"/posts/{made.pk}/edit", fields(made, text="")).status_code == 302
    assert Post.objects.get().text == ""


@pytest.mark.parametrize("what", ["of another", "in another post", "gone", "twice", "five"])
def test_pictures_that_it_cannot_have_change_nothing(alice, bob, what):
    made = pictured(alice, "A cat")
    ((cat, _),) = pictures_of(made)
    ids = {
        "of another": lambda: [cat, ready(bob).pk],
        "in another post": lambda: [pictures_of(pictured(alice, "A dog"))[0][0]],
        "gone": lambda: [999_999],
        "twice": lambda: [cat, cat],
        "five": lambda: [cat, *(ready(alice).pk for _ in range(4))],
    }[what]()
    with pytest.raises(EditError):
        edit_post(
            post=made,
            words=PostContent("Other words", pictures=tuple(MediaMetadata(pk) for pk in ids)),
        )
    assert pictures_of(made) == [(cat, "A cat")]
    assert Post.objects.get(pk=made.pk).text == "Look"
    assert not PostVersion.objects.exists()


def test_the_page_changes_pictures_without_javascript(writer, alice):
    made = pictured(alice, "A cat", "A dog", "A bird")
    (cat, _), (dog, _), (bird, _) = pictures_of(made)
    page = writer.get(f"/posts/{made.pk}/edit").content.decode()
    assert (
        page.index("A cat</textarea>")
        < page.index("A dog</textarea>")
        < page.index("A bird</textarea>")
    )
    more = {f"picture-{bird}-place": 1, f"picture-{dog}-alt": "A dog that barks", "remove": [cat]}
    asked = writer.post(f"/posts/{made.pk}/edit", fields(made, pictures=[upload()], **more))
    assert asked.status_code == 200
    assert "Some images have no alt text" in asked.content.decode()
    # Nothing is changed before all of it can be.
    assert pictures_of(made) == [(cat, "A cat"), (dog, "A dog"), (bird, "A bird")]
    fish = Media.objects.latest("pk").pk
    form = {
        "text": "Look",
        "media": [bird, dog, fish],
        "reminded": 1,
        f"picture-{fish}-alt": "A fish",
    }
    form |= {f"picture-{bird}-alt": "A bird", f"picture-{dog}-alt": "A dog that barks"}
    assert writer.post(f"/posts/{made.pk}/edit", form).status_code == 302
    assert pictures_of(made) == [(bird, "A bird"), (dog, "A dog that barks"), (fish, "A fish")]


def test_a_typing_error_is_corrected_without_a_reminder(writer, alice):
    made = pictured(alice, "")
    assert writer.post(f"/posts/{made.pk}/edit", fields(made, text="Look here")).status_code == 302


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ((1, 2, 3), "abc"),
        ((1, 2, 1), "cab"),
        ((3, 2, 3), "bca"),
        ((2, 1, 3), "bac"),
        ((3, 1, 2), "bca"),
        ("xyz", "abc"),
    ],
)
def test_each_picture_goes_to_its_place(writer, alice, places, order):
    made = pictured(alice, "a", "b", "c")
    chosen = {
        f"picture-{pk}-place": place
        for (pk, _), place in zip(pictures_of(made), places, strict=True)
    }
    writer.post(f"/posts/{made.pk}/edit", fields(made, **chosen))
    assert "".join(alt for _, alt in pictures_of(made)) == order


def test_a_bad_description_changes_nothing(writer, alice):
    made = pictured(alice, "A cat")
    ((cat, _),) = pictures_of(made)
    answer = writer.post(
        f"/posts/{made.pk}/edit", fields(made, text="Other", **{f"picture-{cat}-alt": "a" * 1501})
    )
    assert answer.status_code == 422
    assert (Post.objects.get().text, pictures_of(made)) == ("Look", [(cat, "A cat")])


def test_nobody_else_changes_them(client, alice, bob):
    made = pictured(alice, "A cat")
    ((cat, _),) = pictures_of(made)
    client.force_login(bob)
    assert (
        client.post(f"/posts/{made.pk}/edit", {"text": "Mine", "media": [cat]}).status_code == 404
    )
    # Nor does it come into a post of the other's.
    mine = post(bob, "Mine")
    assert (
        client.post(f"/posts/{mine.pk}/edit", {"text": "Mine", "media": [cat]}).status_code == 302
    )
    assert pictures_of(made) == [(cat, "A cat")]
    assert not Post.objects.get(pk=mine.pk).has_media


def test_a_picture_that_failed_does_not_stand_in_the_way(writer, alice):
    made = pictured(alice, "A cat", "A dog")
    (cat, _), (dog, _) = pictures_of(made)
    Media.objects.filter(pk=dog).update(state="failed", reason="The file is damaged.")
    form = {"text": "Look here", "media": [cat], f"picture-{cat}-alt": "A cat"}
    assert f'value="{dog}"' not in writer.get(f"/posts/{made.pk}/edit").content.decode()
    assert writer.post(f"/posts/{made.pk}/edit", form).status_code == 302
    assert pictures_of(made) == [(cat, "A cat")]


def test_a_picture_that_is_not_ready_yet_stays(writer, alice):
    row = sent(alice)
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=(row.pk,)))
    assert writer.post(f"/posts/{made.pk}/edit", fields(made, text="Look here")).status_code == 302
    assert pictures_of(made) == [(row.pk, "")]


def test_a_later_description_is_an_edit_that_readers_can_look_up(writer, alice):
    made = pictured(alice, "A dog", "A cat")
    (dog, _), (cat, _) = pictures_of(made)
    form = {f"picture-{dog}-alt": "A wolf", f"picture-{dog}-focus_x": "0.5"}
    assert writer.post(f"/pictures/{dog}", form).status_code == 302
    assert pictures_of(made) == [(dog, "A wolf"), (cat, "A cat")]
    page = writer.get(f"/posts/{made.pk}/history").content.decode()
    assert "<del>A dog</del>" in page
    assert "<ins>A wolf</ins>" in page


def test_answers_can_be_others_until_somebody_has_voted(writer, alice, bob):
    made = asking(alice)
    ends_at = Poll.objects.get().ends_at
    page = writer.get(f"/posts/{made.pk}/edit").content.decode()
    assert "after someone votes" in page
    form = {
        "text": "Which?",
        "poll-option_0": "Rye",
        "poll-option_1": "Wheat",
        "poll-option_2": "Oat",
    }
    assert (
        writer.post(f"/posts/{made.pk}/edit", {**form, "poll-is_multiple": "on"}).status_code == 302
    )
    poll = Poll.objects.get()
    assert (poll.options, poll.counts, poll.is_multiple, poll.ends_at) == (
        ["Rye", "Wheat", "Oat"],
        [0, 0, 0],
        True,
        ends_at,
    )
    assert PostVersion.objects.get().poll_options == ["Rye", "Oat"]
    page = writer.get(f"/posts/{made.pk}/history").content.decode()
    assert "<ins>Wheat</ins>" in page
    vote(user=bob, post=made, choices=[1])
    page = writer.get(f"/posts/{made.pk}/edit").content.decode()
    assert "can no longer be changed" in page
    assert "poll-option_0" not in page
    late = writer.post(
        f"/posts/{made.pk}/edit", {**form, "text": "What?", "poll-option_1": "Barley"}
    )
    assert late.status_code == 422
    assert "Someone has voted" in late.content.decode()
    assert Poll.objects.get().options == ["Rye", "Wheat", "Oat"]
    assert Post.objects.get().text == "Which?"


@pytest.mark.parametrize("field", ["text", "warning"])
def test_words_that_somebody_has_voted_on_stay(writer, alice, bob, field):
    made = asking(alice)
    vote(user=bob, post=made, choices=[1])
    User.objects.filter(pk=bob.pk).update(suspended_at=timezone.now())
    said = {"text": "Which?", "language": "de", "is_sensitive": "on"}
    page = writer.get(f"/posts/{made.pk}/edit").content.decode()
    assert "can no longer be changed" in page
    assert "readonly" in page
    refused = writer.post(f"/posts/{made.pk}/edit", {**said, field: "Something else"})
    assert refused.status_code == 422
    assert "Someone has voted" in refused.content.decode()
    assert writer.post(f"/posts/{made.pk}/edit", said).status_code == 302
    edited = Post.objects.get()
    assert (edited.text, edited.warning, edited.language, edited.is_sensitive) == (
        "Which?",
        "",
        "de",
        True,
    )


def test_pictures_that_somebody_has_voted_on_stay(writer, alice, bob):
    picture = ready(alice, alt="A loaf")
    made = post(alice, "Which?", poll=PollDraft(("Rye", "Oat"), 24), media_ids=(picture.pk,))
    vote(user=bob, post=made, choices=[1])
    for pictures in ((), (MediaMetadata(picture.pk, "A cake"),)):
        with pytest.raises(EditError, match="voted"):
            edit_post(post=made, words=PostContent("Which?", pictures=pictures))
    refused = writer.post(f"/pictures/{picture.pk}", {"alt": "A cake", "focus_x": 0, "focus_y": 0})
    assert refused.status_code == 422
    assert "Someone has voted" in refused.content.decode()
    assert pictures_of(made) == [(picture.pk, "A loaf")]
    # What is in sight of it is nothing that was read.
    edit_post(
        post=made,
        words=PostContent("Which?", pictures=(MediaMetadata(picture.pk, "A loaf", 0.5, 0.5),)),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"text": "What not?"},
        {"warning": "Food"},
        {"poll-option_0": "Oat", "poll-option_1": "Rye"},
        {"poll-is_multiple": "on"},
        {"poll-hides_results": "on"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_vote_is_for_what_the_voter_read(writer, alice, bob, change):
    made, client = asking(alice), Client()
    client.force_login(bob)
    page = client.get(made.get_absolute_url()).content.decode()
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    form = {"text": "Which?", "poll-option_0": "Rye", "poll-option_1": "Oat", **change}
    assert writer.post(f"/posts/{made.pk}/edit", form).status_code == 302
    for headers in ({}, {"HX-Request": "true"}):
        refused = client.post(
            f"/posts/{made.pk}/vote", {"choice": "0", "seen": seen}, headers=headers
        )
        assert refused.status_code == 422
        assert "The poll changed, look again." in refused.content.decode()
    assert Poll.objects.get().voter_count == 0
    (now,) = re.findall(r'name="seen" value="(\w+)"', refused.content.decode())
    assert client.post(f"/posts/{made.pk}/vote", {"choice": "0", "seen": now}).status_code == 302
    assert Poll.objects.get().counts == [1, 0]


def test_a_vote_that_does_not_say_what_was_read_is_for_the_poll_as_it_was_published(
    client, alice, bob
):
    client.force_login(bob)
    same, other = asking(alice), asking(alice)
    edit_post(
        post=other,
        words=PostContent("Which?", keeps_poll=False, poll=PollDraft(("Oat", "Rye"), None)),
    )
    assert client.post(f"/posts/{same.pk}/vote", {"choice": "0"}).status_code == 302
    assert client.post(f"/posts/{other.pk}/vote", {"choice": "0"}).status_code == 422


def test_a_vote_that_comes_first_stops_the_edit_whole(alice, bob):
    made = asking(alice)
    vote(user=bob, post=made, choices=[0])
    with pytest.raises(EditError, match="voted"):
        edit_post(
            post=made,
            words=PostContent("Other words", keeps_poll=False, poll=PollDraft(("A", "B"), None)),
        )
    assert Post.objects.get().text == "Which?"
    assert Poll.objects.get().counts == [1, 0]


def test_how_a_poll_ends_and_is_voted_in_changes_without_a_version(writer, alice):
    made = asking(alice)
    ends_at = Poll.objects.get().ends_at
    form = {"text": "Which?", "poll-option_0": "Rye", "poll-option_1": "Oat", "poll-hours": "168"}
    assert (
        writer.post(f"/posts/{made.pk}/edit", {**form, "poll-hides_results": "on"}).status_code
        == 302
    )
    poll = Poll.objects.get()
    assert poll.hides_results
    assert poll.ends_at > ends_at
    assert Post.objects.get().edited_at is None


def test_a_poll_comes_and_goes(writer, alice):
    made = post(alice, "Which?")
    form = {"text": "Which?", "poll-option_0": "Rye", "poll-option_1": "Oat"}
    writer.post(f"/posts/{made.pk}/edit", form)
    assert Post.objects.get().has_poll
    assert Poll.objects.get().options == ["Rye", "Oat"]
    writer.post(f"/posts/{made.pk}/edit", {"text": "Which?"})
    assert not Post.objects.get().has_poll
    assert not Poll.objects.exists()
    assert [version.poll_options for version in PostVersion.objects.order_by("pk")] == [
        [],
        ["Rye", "Oat"],
    ]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (("Rye", ""), "two answers"),
        (("Rye", "rye"), "already"),
        (("Rye", "a" * 51), "50 characters"),
    ],
)
def test_a_poll_that_is_none(writer, alice, answers, says):
    made = asking(alice)
    form = {"text": "Other", "poll-option_0": answers[0], "poll-option_1": answers[1]}
    response = writer.post(f"/posts/{made.pk}/edit", form)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert Post.objects.get().text == "Which?"


@pytest.mark.django_db(transaction=True)
def test_votes_and_edits_at_the_same_moment():
    alice = person()
    made = asking(alice)
    voters = [person() for _ in range(4)]
    words = PostContent("Which?", keeps_poll=False, poll=PollDraft(("Wheat", "Barley"), None))
    acts = [lambda each=each: vote(user=each, post=made, choices=[0]) for each in voters]
    together([*acts[:2], lambda: edit_post(post=made, words=words), *acts[2:]])
    poll = Poll.objects.get()
    # The edit came before all votes or not at all, and each vote counts.
    assert poll.counts == [4, 0]
    versions = PostVersion.objects.count()
    assert poll.options == (["Wheat", "Barley"] if versions else ["Rye", "Oat"])


def test_the_history_asks_the_same_for_one_and_for_twenty(client, alice):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/posts/{made.pk}/history")
        return len(captured)

    made = pictured(alice, "0")
    ((pk, _),) = pictures_of(made)
    edit(made, pictures=(MediaMetadata(pk, "1"),))
    one = queries()
    for number in range(2, 21):
        edit(made, pictures=(MediaMetadata(pk, f"{number}"),))
    assert queries() == one
    assert [state.pictures for state in selectors.revision_history(Post.objects.get())][:1] == [
        [("taken", "19"), ("added", "20")]
    ]
