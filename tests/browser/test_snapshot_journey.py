"""From people's yes to a file on an engineer's disk, and back out again when one of them says no."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pyarrow.parquet
import pytest
import zstandard
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from accounts.models import User
from config.celery import app
from dataset_export.access.terms import ensure_terms
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.models import Snapshot
from dataset_export.pipeline.manifest import verify_manifest
from dataset_export.roles import sync_roles
from tests.browser.conftest import OpenPage
from tests.factories import PASSWORD, grant, person, post
from tests.workers import celery_worker, wait_until

AUTHORS, POSTS_EACH = 4, 30
BUILD_MILLISECONDS = 240_000


@pytest.fixture
def worker(live_server, settings, tmp_path: Path) -> Iterator[None]:
    settings.BUILD_TASK_POSTS = 40
    app.control.purge()
    with celery_worker(tmp_path, beat=True):
        yield


@pytest.fixture
def authors(live_server) -> list[User]:
    people = [person(f"author{number}") for number in range(AUTHORS)]
    for author in people:
        grant(author)
        for number in range(POSTS_EACH):
            post(
                author,
                f"On day {number} {author.username} wrote about the weather over the sea and the bread.",
            )
    return people


@pytest.fixture
def team(live_server) -> dict[str, User]:
    ensure_recipes()
    sync_roles()
    ensure_terms()
    roles = {
        "builder": "Snapshot builders",
        "reviewer": "Snapshot reviewers",
        "manager": "Access managers",
    }
    team = {name: person(name, is_staff=True) for name in roles}
    for name, role in roles.items():
        team[name].groups.add(Group.objects.get(name=role))
    return team | {"engineer": person("engineer")}


class Api:
    """What an engineer's program does: ask for addresses of the site with a token."""

    def __init__(self, site: str, token: str) -> None:
        self.site, self.token = site, token

    def get(self, path: str) -> bytes:
        request = Request(
            f"{self.site}/api/v1/{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urlopen(request, timeout=60) as answer:
            return answer.read()

    def status(self, path: str) -> int:
        try:
            self.get(path)
        except HTTPError as error:
            error.close()
            return error.code
        return 200


def make_draft(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("row", name="Snapshots").get_by_role("link", name="Add").click()
    page.get_by_label("Name").fill("sea-and-bread")
    page.get_by_label("Purpose").select_option(label="Pretraining")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Draft")


def build(page: Page) -> None:
    """Start the build and see it through on one page, which is never loaded again."""
    page.get_by_role("button", name="Start the build").click()
    expect(page.get_by_text("Build started.")).to_be_visible()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    expect(page.get_by_role("status")).to_have_text("In review", timeout=BUILD_MILLISECONDS)
    assert loads == []


def approve(page: Page, made: Snapshot) -> None:
    page.goto(f"/admin/dataset_export/snapshot/{made.pk}/change/")
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.get_by_role("status")).to_have_text("Published")


def ask(page: Page) -> None:
    """Ask for the dataset that is open."""
    page.get_by_role("link", name="Request access").click()
    page.get_by_role("radio", name="Organisation").check()
    page.get_by_label("Name of the organisation").fill("Small Models Club")
    page.get_by_label("What do you want to use it for?").fill(
        "We train a model of a few million parameters."
    )
    page.get_by_label("I agree to these terms").check()
    page.get_by_role("button", name="Request access").click()
    expect(page.get_by_text("Awaiting a decision")).to_be_visible()


def give(page: Page) -> None:
    """Grant the one request that waits."""
    page.goto("/admin/dataset_export/accessrequest/?state=open")
    page.get_by_role("rowheader").get_by_role("link", name="sea-and-bread").click()
    expect(page.get_by_text("Small Models Club")).to_be_visible()
    page.get_by_label("For", exact=True).select_option(label="90 days")
    page.get_by_role("button", name="Grant access").click()
    expect(page.get_by_role("status")).to_have_text("Granted")


def make_token(page: Page) -> str:
    """Make a token where the page about one's access leads."""
    page.goto("/settings/access")
    page.get_by_role("link", name="make an access token").click()
    page.get_by_label("Name").fill("training cluster")
    page.get_by_role("button", name="Create token").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    token = page.get_by_text("cp_").inner_text()
    page.goto("/settings/tokens")
    expect(page.get_by_role("rowheader", name="training cluster")).to_be_visible()
    assert token not in page.content()
    return token


def say_no(page: Page) -> None:
    page.goto("/settings/training")
    page.get_by_role("region", name="Pretraining").get_by_role("button", name="No").click()
    expect(page.get_by_text("Pretraining: no.")).to_be_visible()


def read_json_lines(content: bytes) -> list[dict]:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)) as reader:
        return [json.loads(line) for line in reader.read().splitlines()]


def still_serves(api: Api, path: str, words: str) -> bool:
    address = f"datasets/sea-and-bread/files/{path}"
    if api.status(address) == 503:
        return False
    return any(words in text for text in texts({path: api.get(address)}, ""))


def without_first_author(found: list[str]) -> bool:
    return len(found) == (AUTHORS - 1) * POSTS_EACH and not any("author0" in text for text in found)


def downloaded(api: Api) -> dict[str, bytes]:
    """Return the files of the snapshot, each checked against the signed manifest."""
    manifest = api.get("datasets/sea-and-bread/manifest.json")
    signature = api.get("datasets/sea-and-bread/manifest.json.sig").decode()
    assert verify_manifest(manifest, signature, base64.b64decode(api.get("signing-key")))
    assert not verify_manifest(manifest + b" ", signature, base64.b64decode(api.get("signing-key")))
    files = {}
    for shard in json.loads(manifest)["shards"]:
        content = api.get(f"datasets/sea-and-bread/files/{shard['path']}")
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            shard["bytes"],
            shard["sha256"],
        )
        files[shard["path"]] = content
    return files


def texts(files: dict[str, bytes], *endings: str) -> list[str]:
    """Return the texts of all rows, read the way the ending of each file calls for."""
    rows = []
    for path, content in files.items():
        if path.endswith(".parquet"):
            found = pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
        else:
            found = read_json_lines(content)
        rows += [
            row["text"]
            for row in found
            if path.endswith(endings) and not path.startswith("proofs/")
        ]
    return rows


def test_from_a_yes_to_a_file_and_back(
    open_page: OpenPage, live_server, watch, worker, team, authors
):
    builder = open_page(team["builder"])
    make_draft(builder)
    build(builder)
    expect(builder.get_by_role("region", name="Figures")).to_contain_text(str(AUTHORS))
    sample = builder.get_by_role("region", name="A sample of rows")
    expect(sample.get_by_text("wrote about the weather").first).to_be_visible()
    expect(builder.get_by_role("region", name="Files")).to_contain_text(".parquet")
    expect(builder.get_by_text("so a second person has to approve it")).to_be_visible()
    expect(builder.get_by_role("button", name="Approve and publish")).to_have_count(0)

    made = Snapshot.objects.get()
    reviewer = open_page(team["reviewer"])
    approve(reviewer, made)
    engineer = open_page(team["engineer"])
    engineer.goto("/datasets/")
    engineer.get_by_role("link", name="sea-and-bread").click()
    expect(engineer.get_by_role("heading", level=1)).to_have_text("sea-and-bread")
    ask(engineer)
    give(open_page(team["manager"]))
    api = Api(live_server.url, make_token(engineer))
    assert api.status("datasets/never-made/manifest.json") == 404
    engineer.goto("/datasets/")
    expect(engineer.get_by_text("You have access")).to_be_visible()
    engineer.get_by_role("link", name="sea-and-bread").click()
    expect(engineer.get_by_text("You may download it until")).to_be_visible()

    files = downloaded(api)
    assert texts(files, ".parquet") == texts(files, ".jsonl.zst", ".jsonl")
    assert len(texts(files, ".parquet")) == AUTHORS * POSTS_EACH
    assert Api(live_server.url, "cp_made_up").status("datasets/sea-and-bread/manifest.json") == 401

    leaver = open_page(authors[0])
    say_no(leaver)
    held = [
        path
        for path, content in files.items()
        if any("author0" in text for text in texts({path: content}, ""))
    ]
    assert held
    # From now on withheld, until the sweep has written the files without the row.
    assert not [path for path in held if still_serves(api, path, "author0")]
    wait_until(
        lambda: "removals" in json.loads(api.get("datasets/sea-and-bread/manifest.json")),
        "the next revision",
    )
    assert without_first_author(texts(downloaded(api), ".parquet"))

    make_draft(builder)
    build(builder)
    approve(reviewer, Snapshot.objects.get(version=2))
    assert without_first_author(texts(downloaded(api), ".parquet"))
