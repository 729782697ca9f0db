"""In which languages somebody reads what everyone posts."""

import pytest
from django.utils import timezone

from accounts.models import User
from posts.models import Post
from tests.factories import person, post
from timeline.models import Trend


@pytest.fixture
def reader(client, alice) -> User:
    client.force_login(alice)
    return alice


@pytest.fixture
def world(alice, bob) -> None:
    for language in ("de", "pt-BR", "fr", ""):
        made = post(bob, f"Words in {language or 'nothing'}", language=language or "en")
        Post.objects.filter(pk=made.pk).update(language=language)
        Trend.objects.create(
            kind="post", post=made, score=9, state="allowed", decided_at=timezone.now()
        )
    post(alice, "My words", language="it")


def seen(client, address: str) -> set[str]:
    return {one.text for one in client.get(address).context["page"].items}


def test_everything_is_shown_until_somebody_chooses(client, world, reader):
    assert len(seen(client, "/public")) == 5
    assert len(seen(client, "/explore/posts")) == 4
    client.logout()
    assert len(seen(client, "/public")) == 5


def test_a_choice_holds_among_public_posts_and_trends_only(client, world, reader, bob):
    page = client.post(
        "/settings/languages", {"languages": ["de", "pt"]}, follow=True
    ).content.decode()
    assert "in the languages you read" in page
    read = {"Words in de", "Words in pt-BR", "Words in nothing"}
    assert seen(client, "/public") == {*read, "My words"}
    assert seen(client, "/explore/posts") == read
    assert "Posts in the languages you read" in client.get("/explore").content.decode()
    assert len(seen(client, "/@bob")) == 4
    assert len(seen(client, "/search?q=words&sort=newest")) == 5
    client.force_login(bob)
    assert len(seen(client, "/public")) == 5


def test_it_can_be_taken_back(client, world, reader):
    client.post("/settings/languages", {"languages": ["de"]})
    chosen = client.get("/settings/languages").context["form"]["languages"].value()
    assert chosen == ["de"]
    client.post("/settings/languages", {})
    assert len(seen(client, "/public")) == 5


def test_what_is_no_language_is_refused(client, reader):
    for wrong in ("xx-nope", "de'", "D" * 100):
        assert client.post("/settings/languages", {"languages": ["de", wrong]}).status_code == 422
    reader.refresh_from_db()
    assert reader.preferred_languages == []
    assert person().preferred_languages == []
