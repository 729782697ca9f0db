"""A worried person finds out where their posts went, with and without JavaScript."""

from playwright.sync_api import expect

from dataset_export.access.log import log_download
from dataset_export.erasure.services import erase_revoked
from tests.browser.conftest import OpenPage
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post, withdraw


def test_where_my_posts_went(open_page: OpenPage, live_server, java_script):
    alice = person("alice")
    kept, gone = post(alice, "The starter needs rye."), post(alice, "Never weigh the flour twice.")
    yes = grant(alice)
    made = published("words-of-bread")
    club = granted(
        person(),
        "words-of-bread",
        organisation="Small Models Club",
        purpose="To write about good bread.",
    )
    for shard in made.shards.filter(format="parquet"):
        log_download(
            grant=club, token=None, snapshot=made, path=shard.path, bytes_asked=1, status=200
        )
    withdraw(alice, post_id=gone.pk)

    page = open_page(alice, java_script_enabled=java_script)
    page.goto("/settings/data")
    page.get_by_role("link", name="Where your posts went").click()
    expect(page.get_by_text("1 post is being removed.")).to_be_visible()
    downloads = page.get_by_role("region", name="Who downloaded them")
    expect(downloads).to_contain_text("Small Models Club")
    expect(downloads).to_contain_text("To write about good bread.")

    erase_revoked()
    page.reload()
    expect(page.get_by_role("region", name="What was erased")).to_contain_text(
        "You took your yes back."
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it as JSON").click()
    assert download.value.suggested_filename == "posts-in-data-sets.json"

    page.get_by_role("link", name="View as a timeline").click()
    expect(
        page.get_by_role("listitem").filter(has_text="was erased from words-of-bread")
    ).to_be_visible()
    page.get_by_role("link", name=f"Receipt {yes.position}", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("eceipt")

    for one, says in ((kept, "It contains your post."), (gone, "Your post was erased from it.")):
        page.goto(f"/posts/{one.pk}/training-use")
        expect(page.get_by_text(says)).to_be_visible()
        expect(page.get_by_role("region", name="Who downloaded it")).to_contain_text(
            "Small Models Club"
        )
    page.get_by_role("link", name="Transparency").click()
    expect(page.get_by_role("heading", name="Withdrawals")).to_be_visible()
