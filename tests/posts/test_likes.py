"""Likes: one a person, and a count that is exact whoever clicks at the same moment."""

import pytest

from posts.models import Like, Post
from posts.services import like_post, unlike_post
from tests.factories import person, post
from tests.threads import together


def likes(one: Post) -> tuple[int, int]:
    """Return the count on the post and the rows behind it."""
    return Post.objects.get(pk=one.pk).like_count, Like.objects.filter(post=one).count()


def test_liking_twice_counts_once_and_unliking_twice_takes_one_back(alice, bob):
    liked = post(alice)
    for act, expected in [
        (like_post, 1),
        (like_post, 1),
        (unlike_post, 0),
        (unlike_post, 0),
        (like_post, 1),
    ]:
        act(user=bob, post=liked)
        assert likes(liked) == (expected, expected)


def test_ones_own_post_can_be_liked(alice):
    mine = post(alice)
    like_post(user=alice, post=mine)
    assert likes(mine) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_ten_people_at_the_same_moment():
    people = [person() for _ in range(10)]
    liked = post(people[0])
    assert (
        together([lambda one=one: like_post(user=one, post=liked) for one in people]) == [None] * 10
    )
    assert likes(liked) == (10, 10)
    half = [*people[:5], *people[:5]]
    assert (
        together([lambda one=one: unlike_post(user=one, post=liked) for one in half]) == [None] * 10
    )
    assert likes(liked) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_of_one_person_at_the_same_moment():
    alice = person("alice")
    liked = post(alice)
    assert together([lambda: like_post(user=alice, post=liked)] * 10) == [None] * 10
    assert likes(liked) == (1, 1)
    assert together([lambda: unlike_post(user=alice, post=liked)] * 10) == [None] * 10
    assert likes(liked) == (0, 0)
    mixed = [
        lambda: like_post(user=alice, post=liked),
        lambda: unlike_post(user=alice, post=liked),
    ] * 5
    assert together(mixed) == [None] * 10
    count, rows = likes(liked)
    assert count == rows


def test_the_button_leads_back_to_where_it_was_clicked(client, alice, bob):
    liked = post(alice)
    client.force_login(bob)
    back = client.post(
        f"/posts/{liked.pk}/like", headers={"Referer": "http://testserver/public?max_id=7"}
    )
    assert back["Location"] == f"http://testserver/public?max_id=7#post-{liked.pk}"


@pytest.mark.parametrize(
    "referer", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_the_button_leads_to_no_other_site(client, alice, bob, referer):
    liked = post(alice)
    client.force_login(bob)
    back = client.post(f"/posts/{liked.pk}/like", headers={"Referer": referer})
    assert back["Location"] == liked.get_absolute_url()


def test_htmx_gets_the_button_pressed(client, alice, bob):
    liked = post(alice)
    client.force_login(bob)
    part = client.post(f"/posts/{liked.pk}/like", headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in part
    assert f"/posts/{liked.pk}/unlike" in part
    assert "<html" not in part
