"""What is talked about: enough different people, lately, and looked at by an admin."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser, Group
from django.test import Client

from accounts.models import Block, User
from common.snowflake import min_id_at
from dataset_export.roles import sync_roles
from posts.models import Hashtag, Like, LinkPreview, Post, PostHashtag
from tests.factories import person
from timeline.models import Trend
from timeline.trends import scoring
from timeline.trends.scoring import count_trends, page_of
from timeline.trends.selectors import trending_links, trending_posts, trending_tags
from timeline.trends.services import moderate_trends

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WORDS = ["amber", "birch", "cedar", "dune", "ember", "fern", "grove", "heath", "iris", "juniper"]
numbers = iter(range(1 << 16))


@pytest.fixture
def crowd(db) -> list[User]:
    return [person() for _ in range(10)]


def write(author: User, text: str, *, hours: float = 1, tag: str = "", **fields) -> Post:
    pk = min_id_at(NOW - timedelta(hours=hours)) + next(numbers)
    made = Post.objects.create(
        id=pk, author=author, text=text, html=text, has_link="://" in text, **fields
    )
    if tag:
        PostHashtag.objects.create(
            post=made, tag=Hashtag.objects.get_or_create(name=tag, defaults={"label": tag})[0]
        )
    return made


def talk(crowd: list[User], tag: str = "bread", *, hours: float = 1, **fields) -> None:
    for someone, word in zip(crowd, WORDS, strict=False):
        write(someone, f"My {word} loaf #{tag}", hours=hours, tag=tag, **fields)


def tags() -> dict[str, int]:
    count_trends(NOW)
    return {trend.tag.name: trend.people for trend in Trend.objects.filter(kind="tag", score__gt=0)}


def allow(**which) -> None:
    Trend.objects.filter(**which).update(state="allowed", decided_at=NOW)


def test_a_tag_of_enough_people(crowd):
    talk(crowd[:5])
    talk(crowd[:4], "butter")
    assert tags() == {"bread": 5}


def test_one_who_says_much_is_one(crowd):
    for word in WORDS * 3:
        write(crowd[0], f"My {word} loaf number {next(numbers)} #bread", tag="bread")
    talk(crowd[1:4])
    assert tags() == {}


def test_copies_are_one_voice(crowd):
    for someone in crowd:
        write(
            someone,
            f"Buy the BEST loaf!! https://example.org/{someone.pk} @someone{someone.pk} #bread",
            tag="bread",
        )
    assert tags() == {}
    talk(crowd[5:9])
    assert tags() == {"bread": 5}


@pytest.mark.parametrize(
    "fields",
    [
        {"is_sensitive": True},
        {"warning": "Crumbs"},
        {"visibility": "unlisted"},
        {"visibility": "followers"},
        {"authorship": "automated"},
    ],
    ids=str,
)
def test_posts_that_do_not_count(crowd, fields):
    talk(crowd, **fields)
    assert tags() == {}


@pytest.mark.parametrize(
    "field", [{"is_discoverable": False}, {"suspended_at": NOW}, {"is_active": False}], ids=str
)
def test_people_who_do_not_count(crowd, field):
    talk(crowd)
    User.objects.filter(pk__in=[someone.pk for someone in crowd[:6]]).update(**field)
    assert tags() == {}


def test_interest_fades_and_ends(crowd):
    talk(crowd[:5], "old", hours=24)
    talk(crowd[:5], "new", hours=0.001)
    talk(crowd, "gone", hours=24 * 4)
    assert tags() == {"old": 5, "new": 5}
    scores = dict(Trend.objects.values_list("tag__name", "score"))
    assert scores["new"] == pytest.approx(5000, rel=0.01)
    # Two half-lives later a quarter is left.
    assert scores["old"] == pytest.approx(1250, rel=0.01)
    count_trends(NOW + timedelta(days=3))
    assert not Trend.objects.filter(score__gt=0).exists()
    assert Trend.objects.count() == 2


def test_nothing_is_shown_before_it_is_allowed_and_what_is_allowed_stays_so(crowd, alice):
    talk(crowd)
    count_trends(NOW)
    assert not trending_tags().exists()
    moderate_trends(trends=Trend.objects.all(), state=Trend.State.ALLOWED, by=alice)
    assert [trend.tag.name for trend in trending_tags()] == ["bread"]
    count_trends(NOW + timedelta(days=9))
    assert not trending_tags().exists()
    Post.objects.all().delete()
    talk(crowd)
    count_trends(NOW)
    trend = trending_tags().get()
    assert (trend.state, trend.decided_by, trend.decided_at is not None) == ("allowed", alice, True)
    moderate_trends(trends=[trend], state=Trend.State.REFUSED, by=alice)
    count_trends(NOW)
    assert not trending_tags().exists()


def liked(author: User, by: list[User], text: str = "Look at this loaf", **fields) -> Post:
    made = write(author, text, **fields)
    Like.objects.bulk_create(
        Like(user=someone, post=made, created_at=NOW - timedelta(minutes=5)) for someone in by
    )
    return made


def test_posts_that_enough_people_take_up(crowd, alice, bob):
    much = liked(alice, crowd[:3])
    write(crowd[3], "I answer", hours=0.5, reply_to=much)
    write(crowd[4], "I quote", hours=0.5, quote_of=much, quote_state="shown")
    write(crowd[0], "Me again", hours=0.5, reply_to=much)
    write(alice, "My own words below", hours=0.5, reply_to=much)
    liked(alice, crowd[:4], "Not enough")
    liked(alice, crowd, "With a warning", warning="Crumbs")
    liked(alice, crowd, "An answer", reply_to=much)
    liked(bob, crowd, "Look at this loaf!")
    count_trends(NOW)
    assert [(trend.post_id, trend.people) for trend in Trend.objects.filter(kind="post")] == [
        (much.pk, 5)
    ]


def test_posts_are_shown_as_long_as_they_may_be(crowd, alice, bob):
    much = liked(alice, crowd)
    count_trends(NOW)
    allow(kind="post")
    viewer = AnonymousUser()
    assert [trend.post_id for trend in trending_posts(viewer)] == [much.pk]
    Block.objects.create(blocker=alice, blocked=bob)
    assert not trending_posts(bob).exists()
    for change in ({"is_sensitive": True}, {"warning": "Crumbs"}, {"visibility": "unlisted"}):
        before = {name: getattr(much, name) for name in change}
        Post.objects.filter(pk=much.pk).update(**change)
        assert not trending_posts(viewer).exists(), change
        Post.objects.filter(pk=much.pk).update(**before)
    User.objects.filter(pk=alice.pk).update(is_discoverable=False)
    assert not trending_posts(viewer).exists()
    Post.objects.filter(pk=much.pk).delete()
    assert not Trend.objects.exists()


def test_links(crowd):
    for someone, word in zip(crowd[:6], WORDS, strict=False):
        write(someone, f"On {word}: https://Example.org/page?utm_source={word}&id=7#part", hours=1)
    for someone in crowd[:6]:
        write(someone, "The same words https://example.org/spam")
    count_trends(NOW)
    trend = Trend.objects.get(kind="link")
    assert (trend.url, trend.people) == ("https://example.org/page?id=7", 6)
    allow(kind="link")
    assert trending_links().get().shown_url == "example.org/page?id=7"
    LinkPreview.objects.create(url="https://example.org/page?id=7", title="A page")
    assert (trending_links().get().title, trending_links().get().host) == ("A page", "example.org")


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://Example.org", "https://example.org/"),
        ("HTTPS://example.org/A?b=1&utm_medium=x&fbclid=2", "https://example.org/A?b=1"),
        ("https://example.org/?size=1&site=2", "https://example.org/?size=1&site=2"),
    ],
)
def test_one_page_has_one_address(url, page):
    assert page_of(url) == page


def test_no_more_rows_than_an_admin_may_want_to_look_at(crowd, monkeypatch):
    monkeypatch.setattr(scoring, "MAX_TRENDS", 1)
    talk(crowd[:5], "bread")
    talk(crowd[:6], "butter")
    assert tags() == {"butter": 6}


def test_pages(client, crowd):
    Trend.objects.bulk_create(
        Trend(
            kind="link",
            url=f"https://example.org/{number}",
            score=1000,
            people=5,
            state="allowed",
            decided_at=NOW,
        )
        for number in range(25)
    )
    first = client.get("/explore/links")
    second = client.get(first.context["page"].next_url)
    urls = [trend.url for page in (first, second) for trend in page.context["page"].items]
    assert (len(urls), len(set(urls))) == (25, 25)


def test_decided_in_the_admin_and_noted(client, crowd):
    talk(crowd)
    liked(crowd[0], crowd[1:], "Look at this loaf https://example.org/")
    count_trends(NOW)
    root = person("root", is_staff=True, is_superuser=True)
    client.force_login(root)
    page = client.get("/admin/timeline/trend/").content.decode()
    assert "#bread" in page
    assert "Look at this loaf" in page
    bread = Trend.objects.get(kind="tag")
    client.post("/admin/timeline/trend/", {"action": "allow", "_selected_action": [bread.pk]})
    bread.refresh_from_db()
    assert (bread.state, bread.decided_by) == ("allowed", root)
    assert "allowed by root" in LogEntry.objects.get().change_message
    client.post("/admin/timeline/trend/", {"action": "refuse", "_selected_action": [bread.pk]})
    bread.refresh_from_db()
    assert bread.state == "refused"


def test_plain_staff_decides_nothing(crowd):
    talk(crowd)
    count_trends(NOW)
    client = Client()
    client.force_login(person("staff", is_staff=True))
    action = {"action": "allow", "_selected_action": [Trend.objects.get().pk]}
    assert client.post("/admin/timeline/trend/", action).status_code == 403
    assert Trend.objects.get().state == "pending"


def test_trend_reviewers_decide_on_trends_and_on_nothing_else(client, crowd):
    sync_roles()
    talk(crowd)
    count_trends(NOW)
    reviewer = person("reviewer", is_staff=True)
    reviewer.groups.add(Group.objects.get(name="Trend reviewers"))
    client.force_login(reviewer)
    action = {"action": "allow", "_selected_action": [Trend.objects.get().pk]}
    assert client.post("/admin/timeline/trend/", action).status_code == 302
    trend = Trend.objects.get()
    assert (trend.state, trend.decided_by) == ("allowed", reviewer)
    assert client.get(f"/admin/timeline/trend/{trend.pk}/change/").status_code == 200
    for closed in (
        "timeline/staffmessage/",
        "posts/post/",
        "accounts/user/",
        "dataset_export/snapshot/",
    ):
        assert client.get(f"/admin/{closed}").status_code == 403, closed
    outsider = person("outsider")
    outsider.groups.add(Group.objects.get(name="Trend reviewers"))
    client.force_login(outsider)
    assert client.post("/admin/timeline/trend/", {**action, "action": "refuse"}).status_code == 302
    assert Trend.objects.get().state == "allowed"


def test_explore_shows_what_was_allowed(client, crowd, alice):
    talk(crowd)
    liked(alice, crowd)
    for someone, word in zip(crowd, WORDS, strict=False):
        write(someone, f"On {word}: https://example.org/page")
    count_trends(NOW)
    page = client.get("/explore").content.decode()
    assert "Latest public posts" in page
    assert "Trending tags" not in page
    allow()
    for viewer in (None, alice):
        if viewer:
            client.force_login(viewer)
        page = client.get("/explore").content.decode()
        for shown in (
            "#bread",
            "Look at this loaf",
            "example.org/page",
            "Who to follow",
            'name="q"',
        ):
            assert shown in page, shown
        assert "bread" in client.get("/explore/tags").content.decode()
        assert "Look at this loaf" in client.get("/explore/posts").content.decode()
        assert "example.org/page" in client.get("/explore/links").content.decode()


def test_whom_to_meet(client, alice, bob, charlie):
    from accounts.services import follow
    from timeline.explore import users_worth_following

    friend, hidden, quiet = person("friend"), person("hidden"), person("quiet")
    follow(follower=alice, followed=bob)
    follow(follower=bob, followed=friend)
    follow(follower=bob, followed=hidden)
    User.objects.filter(pk=hidden.pk).update(is_discoverable=False)
    for someone in (alice, bob, charlie, hidden):
        write(someone, "Words")
    assert [met.username for met in users_worth_following(alice, 9)] == ["friend", "charlie"]
    assert {met.username for met in users_worth_following(AnonymousUser(), 9)} == {
        "alice",
        "bob",
        "charlie",
    }
    Block.objects.create(blocker=charlie, blocked=alice)
    assert quiet not in users_worth_following(alice, 9)
    assert [met.username for met in users_worth_following(alice, 9)] == ["friend"]
