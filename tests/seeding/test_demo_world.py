from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from accounts.models import Follow, ProfileImage, User
from common.models import Deployment, OutboxEvent
from common.text_entities import find_entities
from consent.models import ConsentEvent, Subject
from dataset_export.access.selectors import may_download
from dataset_export.models import AccessRequest
from demo.artwork import DRAWINGS, drawn
from demo.world import PASSWORD, people
from posts.models import Like, Media, Mention, Poll, PollVote, Post, PostHashtag
from posts.presentation.training_status import annotate_training_status
from posts.services import media, recount
from posts.text.entities import MAX_POST_LENGTH, length
from tests.factories import person
from timeline.event_handlers import dispatch_outbox
from timeline.models import Notification

pytestmark = pytest.mark.django_db

LOGINS = ["admin", "ana", "ben", "builder", "engineer", "reviewer"]


def run(**options):
    out = StringIO()
    call_command("demo_world", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def world():
    run()


def test_its_size(world):
    writers = Post.objects.values("author").distinct().count()
    assert User.objects.count() == len(people()) == 18
    assert writers >= 14
    assert Post.objects.count() >= 70
    assert Post.objects.values("language").distinct().count() >= 9
    assert set(User.objects.values_list("source", flat=True)) == {"demo"}


def test_a_second_run_changes_nothing(world):
    models = (User, Post, Follow, Like, Subject, ConsentEvent, AccessRequest)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    assert run() == ""
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_a_site_with_people_stays_as_it_is():
    person("somebody")
    assert run() == ""
    assert not Post.objects.exists()
    assert run(show=True) == ""


def test_counters_tell_the_truth(world):
    assert recount() == 0
    assert Post.objects.filter(like_count__gt=0, reply_count__gt=0).exists()


def test_threads_and_times_fit(world):
    posts = {found.pk: found for found in Post.objects.all()}
    for found in posts.values():
        if found.reply_to_id is None:
            assert found.thread_id is None
        else:
            parent = posts[found.reply_to_id]
            assert found.thread_id == parent.root_id
            assert found.created_at > parent.created_at
            assert parent.visibility == "public"


def test_posts_are_such_as_people_could_write(world):
    names = set(User.objects.values_list("username", flat=True))
    for found in Post.objects.all():
        assert length(found.text) <= MAX_POST_LENGTH
        for entity in find_entities(found.text):
            assert entity.kind != "mention" or entity.value in names
            assert entity.kind != "url" or entity.value.startswith("https://example.org/")


def test_nobody_likes_what_they_cannot_read_or_their_own(world):
    for found in Like.objects.select_related("user", "post"):
        assert Post.objects.filter(pk=found.post_id).visible_to(found.user).exists()
        assert found.user_id != found.post.author_id


def test_every_kind_of_post_is_there(world):
    kinds = Counter(Post.objects.values_list("visibility", "authorship"))
    assert kinds[("followers", "human")] >= 2
    assert kinds[("unlisted", "human")] >= 2
    assert kinds[("public", "assisted")] == 1


def test_each_mark_appears(world):
    tones = set()
    for user in User.objects.all():
        posts = list(Post.objects.filter(author=user).order_by("pk"))
        annotate_training_status(posts, user)
        tones |= {found.mark.tone for found in posts}
    assert tones == {"off", "on", "never"}


def test_decisions_are_in_the_ledger_in_order(world):
    events = list(ConsentEvent.objects.select_related("notice").order_by("position"))
    assert [event.position for event in events] == list(range(len(events)))
    assert all(bytes(event.leaf_hash) == event.expected_leaf_hash() for event in events)
    assert {event.source for event in events} == {"settings"}
    assert {event.decision for event in events} == {"granted", "withdrawn"}
    assert {event.scope for event in events} == {"account", "post"}
    assert {event.covers for event in events if event.is_grant} == {"everything", "from_now"}


def test_the_logins_work_and_nobody_else_has_one(world, client):
    able = [user for user in User.objects.order_by("username") if user.has_usable_password()]
    assert [user.username for user in able] == LOGINS
    for user in able:
        assert client.login(username=user.username, password=PASSWORD)


def test_roles(world):
    users = {user.username: user for user in User.objects.all()}
    assert [name for name, user in sorted(users.items()) if user.is_staff] == [
        "admin",
        "builder",
        "reviewer",
    ]
    assert [name for name, user in sorted(users.items()) if user.is_superuser] == ["admin"]
    assert users["builder"].has_perm("dataset_export.build_snapshot")
    assert not users["builder"].has_perm("dataset_export.approve_snapshot")
    assert users["reviewer"].has_perm("dataset_export.approve_snapshot")
    assert users["reviewer"].has_perm("dataset_export.decide_access")
    assert may_download(users["engineer"], "first")
    assert not may_download(users["engineer"], "second")
    assert not may_download(users["ana"], "first")


def test_show_prints_the_logins_in_line_and_nothing_else(world):
    lines = run(show=True).splitlines()
    assert sorted(line.split()[0] for line in lines) == LOGINS
    assert {line.index(PASSWORD) for line in lines} == {len("engineer") + 2}


def test_production_refuses():
    Deployment.objects.update_or_create(pk=1, defaults={"environment": "production"})
    for show in (False, True):
        with pytest.raises(CommandError, match="production"):
            run(show=show)
    assert not User.objects.exists()


def test_people_talk_with_each_other(world):
    """Reposts, quotes, a poll, a warning, tags, mentions, lists and bookmarks are there, and counted right."""
    without_reposts = Post.objects.without_reposts()
    reposts = without_reposts.annotate(real=Count("reposts", distinct=True))
    assert reposts.filter(real__gt=0).count() >= 4
    assert Post.objects.filter(quote_state="shown", quote_of__isnull=False).count() == 2
    assert Post.objects.exclude(warning="").count() == 1
    assert PostHashtag.objects.filter(tag__name="garden").count() >= 3
    ana = User.objects.get(username="ana")
    assert ana.bookmarks.count() == 3
    assert ana.people_lists.get().members.count() == 3
    assert Mention.objects.filter(user=ana).exists()
    poll = Poll.objects.get()
    votes = [choice for vote in PollVote.objects.all() for choice in vote.choices]
    assert poll.counts == [votes.count(number) for number in range(len(poll.options))]
    assert not PollVote.objects.filter(user=poll.post.author).exists()


def test_pictures_are_there_and_described(world):
    pictures = Media.objects.order_by("pk")
    assert 6 <= pictures.count() <= 12
    assert {picture.post_id for picture in pictures} == set(
        Post.objects.filter(has_media=True).values_list("pk", flat=True)
    )
    assert all(len(picture.alt) > 20 for picture in pictures)
    assert set(ProfileImage.objects.values_list("place", flat=True)) == {"avatar", "header"}
    # As anybody's, they wait for a worker.
    media.process_media(pictures[0].pk)
    assert Media.objects.get(pk=pictures[0].pk).is_ready


def test_drawings_are_the_same_each_time():
    assert {name: drawing().as_jpeg() for name, drawing in DRAWINGS.items()} == {
        name: drawn(name) for name in DRAWINGS
    }


def test_what_happened_lately_is_told(world):
    dispatch_outbox()
    assert Notification.objects.filter(recipient__username="ana").exists()
    assert not OutboxEvent.objects.exists()
