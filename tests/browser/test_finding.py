"""Finding: search, explore, tags, with JavaScript and without it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from common.pagination import PAGE_SIZE
from posts.models import Hashtag
from tests.browser.conftest import PHONE
from tests.factories import person, post
from timeline.models import Trend
from timeline.trends.daily_usage import count_tag_days


@pytest.fixture
def garden(alice: User, bob: User) -> None:
    for number in range(PAGE_SIZE + 3):
        post(bob, f"The garden, note {number} #garden")
    post(bob, "Un café à l’Étoile")
    post(bob, "東京の本屋を歩く")


def search(page, words: str) -> None:
    field = page.get_by_role("main").get_by_role("searchbox")
    field.fill(words)
    field.press("Enter")


def test_search_from_the_side_of_any_page(open_page, alice, garden, java_script):
    page = open_page(alice, java_script_enabled=java_script)
    page.goto("/")
    page.get_by_role("complementary").get_by_role(
        "searchbox", name="Search posts, people and tags"
    ).fill("cafe etoile")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("Un café à l’Étoile")
    expect(page.get_by_role("main").get_by_role("searchbox")).to_have_value("cafe etoile")

    search(page, "本屋")
    expect(page.get_by_role("article")).to_contain_text("東京の本屋を歩く")

    search(page, "garden")
    page.get_by_role("link", name="Newest first").click()
    expect(page.get_by_role("article").first).to_contain_text(f"note {PAGE_SIZE + 2}")
    page.get_by_role("link", name="Load more").click()
    expect(page.get_by_role("article").filter(has_text="note 0 ")).to_be_visible()

    page.get_by_role("navigation", name="Search for").get_by_role("link", name="People").click()
    search(page, "bo")
    page.get_by_role("main").get_by_role("link", name="@bob").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("bob")


def test_what_is_wrong_stands_at_the_field(open_page, garden, watch):
    watch.expect(422)
    page = open_page(java_script_enabled=False)
    page.goto("/search")
    page.get_by_text("Search tips").click()
    expect(page.get_by_text("from:ana", exact=True)).to_be_visible()
    search(page, "garden has:cats")
    field = page.get_by_role("main").get_by_role("searchbox")
    expect(field).to_have_accessible_description("Use has:media, has:poll or has:link.")
    expect(field).to_have_value("garden has:cats")
    search(page, "nothing of the sort")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_follow_a_tag_from_its_page_and_let_it_go_in_the_settings(
    open_page, alice, garden, java_script
):
    page = open_page(alice, java_script_enabled=java_script)
    page.goto("/tags/garden")
    expect(page.get_by_role("heading", level=1)).to_have_text("#garden")
    page.get_by_role("button", name="Follow #garden").click()
    expect(page.get_by_role("button", name="Unfollow #garden")).to_be_visible()
    page.locator("summary").filter(has_text="Your account").click()
    page.get_by_role("link", name="Followed tags").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Followed tags")
    page.get_by_role("button", name="Unfollow #garden").click()
    expect(page.get_by_role("heading", name="No tags yet")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
def test_explore_without_an_account(open_page, bob, garden, size):
    shown = {"people": 5, "state": "allowed", "decided_at": timezone.now()}
    for number in range(7):
        url = f"https://example.org/{number}"
        Trend.objects.create(kind="link", url=url, score=5000 - number, **shown)
    Trend.objects.create(kind="tag", tag=Hashtag.objects.get(), score=5000, **shown)
    Trend.objects.create(
        kind="post", post=post(person("carla"), "Who bakes tomorrow?"), score=5000, **shown
    )
    count_tag_days(timezone.now().date())
    page = open_page(viewport=size, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Explore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
    expect(page.get_by_role("article")).to_contain_text("Who bakes tomorrow?")
    expect(page.get_by_role("img", name="posts in the last 30 days")).to_be_visible()
    expect(page.get_by_role("link", name="example.org/6")).to_have_count(0)
    page.get_by_role("link", name="More links").click()
    expect(page.get_by_role("link", name="example.org/6")).to_be_visible()
    page.go_back()
    page.get_by_role("main").get_by_role("link", name="#garden").first.click()
    expect(page.get_by_role("article")).to_have_count(PAGE_SIZE)


def test_not_to_be_found(open_page, bob, alice, garden):
    page = open_page(bob, java_script_enabled=False)
    page.goto("/settings/profile")
    page.get_by_label("Show my public posts and profile").uncheck()
    page.get_by_role("button", name="Save").click()
    other = open_page(alice)
    other.goto("/search?q=garden")
    expect(other.get_by_role("heading", name="Nothing found")).to_be_visible()
