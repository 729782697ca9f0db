"""The page of a tag, following it, and its days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Block, User
from common.snowflake import min_id_at
from posts.models import Hashtag, HashtagFollow, Post, PostHashtag
from posts.services import HashtagFollowError, follow_tag, hashtags, unfollow_tag
from tests.factories import person, post
from timeline.hashtags import parse_tag_path, sparkline_path, usage_by_day
from timeline.models import HashtagDailyUsage
from timeline.trends.daily_usage import count_tag_days


def texts(client: Client, address: str) -> list[str]:
    return [shown.text for shown in client.get(address).context["page"].items]


def test_posts_with_a_tag(client, alice, bob):
    post(alice, "One #Bread")
    post(bob, "Two #bread #butter")
    post(bob, "Three #butter")
    post(bob, "Four #bread", visibility="unlisted")
    post(bob, "Five #bread", visibility="followers")
    assert texts(client, "/tags/bread") == ["Two #bread #butter", "One #Bread"]
    assert texts(client, "/tags/BREAD") == ["Two #bread #butter", "One #Bread"]
    assert texts(client, "/tags/bread+butter") == [
        "Three #butter",
        "Two #bread #butter",
        "One #Bread",
    ]
    assert texts(client, "/tags/butter+nothing") == ["Three #butter", "Two #bread #butter"]
    assert texts(client, "/tags/nothing") == []
    page = client.get("/tags/bread").content.decode()
    assert "<bdi>#Bread</bdi>" in page
    assert "Log in to follow" in page


def test_who_is_blocked_does_not_stand_there(client, alice, bob):
    post(bob, "Two #bread")
    Block.objects.create(blocker=bob, blocked=alice)
    client.force_login(alice)
    assert texts(client, "/tags/bread") == []


@pytest.mark.parametrize(
    "address",
    ["/tags/123", "/tags/a+b+c+d+e+f", "/tags/a%20b", "/tags/+", "/tags/%23a", "/tags/a'b"],
)
def test_what_is_no_tag_is_not_found(client, db, address):
    assert client.get(address).status_code == 404


def test_tags_in_an_address():
    assert parse_tag_path("Bread+bread+BUTTER") == ["bread", "BUTTER"]
    assert parse_tag_path("日本語+Café") == ["日本語", "Café"]
    assert parse_tag_path("") is None


def test_follow_and_unfollow(client, alice):
    post(alice, "One #Bread")
    client.force_login(alice)
    assert client.post("/tags/bread/follow")["Location"] == "/tags/bread"
    assert "Unfollow" in client.get("/tags/bread").content.decode()
    assert "#Bread" in client.get("/settings/tags").content.decode()
    client.post("/tags/BREAD/follow")
    assert HashtagFollow.objects.count() == 1
    response = client.post("/tags/bread/unfollow", headers={"HX-Request": "true"})
    assert "/tags/bread/follow" in response.content.decode()
    assert not HashtagFollow.objects.exists()
    assert client.post("/tags/bread+butter/follow").status_code == 404


def test_a_tag_that_nobody_used_can_be_followed(client, alice):
    client.force_login(alice)
    client.post("/tags/Sourdough/follow")
    assert Hashtag.objects.get().label == "Sourdough"


def test_following_has_the_home_timeline_put_together_anew(alice):
    def epoch() -> int:
        return User.objects.get(pk=alice.pk).home_timeline_version

    follow_tag(user=alice, name="bread", label="Bread")
    assert epoch() == 1
    follow_tag(user=alice, name="bread", label="Bread")
    assert epoch() == 1
    unfollow_tag(user=alice, name="bread")
    assert epoch() == 2
    unfollow_tag(user=alice, name="bread")
    assert epoch() == 2
    with transaction.atomic():
        follow_tag(user=alice, name="bread", label="Bread")
        transaction.set_rollback(True)
    assert epoch() == 2 or not HashtagFollow.objects.exists()


def test_nobody_follows_without_end(client, alice, monkeypatch):
    monkeypatch.setattr(hashtags, "MAX_FOLLOWED_HASHTAGS", 1)
    follow_tag(user=alice, name="bread", label="Bread")
    with pytest.raises(HashtagFollowError, match="that is the most"):
        follow_tag(user=alice, name="butter", label="Butter")
    client.force_login(alice)
    page = client.post("/tags/butter/follow", follow=True).content.decode()
    assert "that is the most" in page
    assert HashtagFollow.objects.count() == 1


def tagged(author: User, at: datetime, tag: Hashtag, **fields) -> Post:
    made = Post.objects.create(id=min_id_at(at), author=author, text="#bread", html="", **fields)
    PostHashtag.objects.create(post=made, tag=tag)
    return made


def test_days(client, alice, bob):
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    tag = Hashtag.objects.create(name="bread", label="Bread")
    for hours, author, fields in [
        (0, alice, {}),
        (1, alice, {}),
        (2, bob, {}),
        (3, person(), {"visibility": "unlisted"}),
        (25, bob, {}),
        (24 * 40, bob, {}),
    ]:
        tagged(author, noon - timedelta(hours=hours), tag, **fields)
    count_tag_days(noon.date())
    count_tag_days(noon.date())
    rows = {row.day: (row.posts, row.people) for row in HashtagDailyUsage.objects.all()}
    assert rows == {date(2026, 11, 27): (3, 2), date(2026, 11, 26): (1, 1)}
    days = usage_by_day([tag.pk], noon.date())[tag.pk]
    assert (days.posts, days.people) == (4, 2)
    assert days.path.count("L") == 29
    Post.objects.filter(author=alice).delete()
    count_tag_days(noon.date())
    assert HashtagDailyUsage.objects.get(day=noon.date()).posts == 1


def test_the_line_stays_in_its_box():
    assert sparkline_path([0, 0, 5]) == "M0.0 23.0L60.0 23.0L120.0 1.0"
    assert sparkline_path([0, 0]) == "M0.0 23.0L120.0 23.0"


def test_the_page_shows_the_days(client, alice):
    post(alice, "One #bread")
    count_tag_days(timezone.now().date())
    page = client.get("/tags/bread").content.decode()
    assert "1 post in the last 30 days; 1 person today" in page
    assert 'class="sparkline"' in page
