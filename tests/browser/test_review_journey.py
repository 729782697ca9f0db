"""A reviewer at work: looks, searches, leaves a row out, and approves what is left."""

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from dataset_export.erasure.services import erase_revoked
from dataset_export.models import Snapshot
from dataset_export.roles import sync_roles
from tests.browser.conftest import PHONE, OpenPage
from tests.dataset_export.snapshots import built
from tests.factories import grant, person, post, recipe

TOLD = (
    "a heron on the weir",
    "the price of flour",
    "a letter from jane@example.org",
    "snow on the pass in May",
)
ERASED_MILLISECONDS = 120_000


@pytest.fixture
def in_review(live_server) -> Snapshot:
    sync_roles()
    for name in ("ida", "otto"):
        author = person(name)
        for number, what in enumerate(TOLD):
            post(
                author,
                f"{name} noted {number} things about {what} on a walk with {name}'s {number + 3} friends.",
            )
        grant(author)
    return built(recipe=recipe(3), by=person("maker"))


@pytest.fixture
def reviewer(in_review, open_page: OpenPage) -> Page:
    someone = person("reviewer", is_staff=True)
    someone.groups.add(Group.objects.get(name="Snapshot reviewers"))
    return open_page(someone, viewport=PHONE)


def test_a_row_is_found_left_out_and_the_rest_approved(reviewer: Page, in_review: Snapshot, watch):
    reviewer.goto(f"/admin/dataset_export/snapshot/{in_review.pk}/change/")
    expect(reviewer.get_by_role("img", name="Languages")).to_be_visible()
    expect(reviewer.get_by_role("region", name="Warnings")).to_contain_text(
        "No evaluation texts were blocked"
    )
    expect(reviewer.get_by_text("<email>").first).to_be_visible()
    assert reviewer.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    reviewer.get_by_label("Text", exact=True).fill("OTTO noted 0 things")
    reviewer.get_by_role("button", name="Search rows").click()
    expect(reviewer.get_by_role("heading", name="1 row found")).to_be_visible()
    reviewer.get_by_text("Exclude…").click()
    reviewer.get_by_label("Reason").fill("The heron did not want to be named")
    reviewer.get_by_role("button", name="Exclude").click()

    expect(reviewer.get_by_text("The files are being rewritten without it")).to_be_visible()
    expect(reviewer.get_by_role("button", name="Approve and publish")).to_have_count(0)
    erase_revoked()
    approve = reviewer.get_by_role("button", name="Approve and publish")
    # The page reads itself anew.
    expect(approve).to_be_visible(timeout=ERASED_MILLISECONDS)
    approve.click()
    expect(reviewer.get_by_role("status")).to_have_text("Published")
    expect(reviewer.get_by_text("Row or author excluded by reviewer")).to_be_visible()
    in_review.refresh_from_db()
    assert in_review.provenance.filter(removed_in__isnull=True).count() == 2 * len(TOLD) - 1
