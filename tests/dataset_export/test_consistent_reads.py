"""Pages about a snapshot while its files are being replaced: what they show is from before, or from after."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from accounts.models import User
from dataset_export.erasure.affected_shards import shards_to_rewrite
from dataset_export.erasure.publish_revision import sign_revision
from dataset_export.erasure.rewrite_shard import rewrite
from dataset_export.models import ReviewStatistics, Shard, Snapshot
from dataset_export.removals.announce import announce
from dataset_export.roles import sync_roles
from dataset_export.signing.revisions import current_revision
from dataset_export.transparency.statistics import count_everything
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer, in_train, published
from tests.factories import grant, person, post, withdraw
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = {
    "alice": "wrote that the oven takes an hour to heat on cold mornings.",
    "bob": "wrote of a walk by the river, where the oven of the old bakery still stands.",
    "charlie": "wrote down what a new oven costs, and bought seven candles instead.",
    "dana": "wrote to ask whether anybody repairs the door of an oven in this town.",
    "erin": "wrote a letter about winter, bread and the oven of a grandmother.",
    "frank": "wrote nothing for weeks but has now built an oven out of clay.",
    "grace": "wrote the third verse of a song in which an oven dreams of summer.",
}
AUTHORS = tuple(TEXTS)
REVIEW = "/admin/dataset_export/snapshot"


@pytest.fixture
def made() -> Snapshot:
    """A published snapshot with rows by many authors in one file."""
    for name in AUTHORS:
        author = person(name)
        post(author, f"{name} {TEXTS[name]}")
        grant(author)
    return published(by=person("maker"), recipe=in_train(50))


@pytest.fixture
def reviewer() -> Client:
    sync_roles()
    client = Client()
    client.force_login(person("reviewer", is_staff=True, is_superuser=True))
    return client


def stage_erasure(made: Snapshot, *names: str) -> None:
    """Have people withdraw, and files without their rows lie ready."""
    for name in names:
        withdraw(User.objects.get(username=name))
    for place in shards_to_rewrite(made):
        rewrite(made.pk, place)


def switch_before(made: Snapshot, query: str) -> AbstractContextManager[None]:
    """Put the files that lie ready in place just before the first query of this thread that holds some words."""
    return call_before(query, lambda: sign_revision(made.pk))


@contextmanager
def call_before(query: str, call: Callable[[], object]) -> Iterator[None]:
    switched = []

    def wrapper(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        if query in str(sql) and not switched:
            switched.append(together([call]))
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield
    assert len(switched) == 1, f"no query with {query}"
    assert not isinstance(switched[0][0], Exception), switched


def digests(made: Snapshot) -> set[str]:
    return set(Shard.objects.filter(snapshot=made).values_list("sha256", flat=True))


@pytest.mark.parametrize("address", ["rows/?words=oven", "change/", "body/"])
def test_review_never_shows_an_erased_row_nor_a_row_under_another_record(made, reviewer, address):
    reviewer.get(f"{REVIEW}/{made.pk}/change/")
    stage_erasure(made, "alice")
    with switch_before(made, 'FROM "dataset_export_removal"'):
        page = reviewer.get(f"{REVIEW}/{made.pk}/{address}")
    assert page.status_code == 200
    assert "alice wrote" not in page.content.decode()
    rows = page.context["found"].rows if "found" in page.context else page.context["sample"]
    assert len(rows) == len(AUTHORS) - 1
    for row in rows:
        [message] = row.messages
        assert message.pieces[0].text.startswith(
            User.objects.get(consent_subject=message.record.subject).username
        )


def test_figures_are_kept_under_the_manifest_that_they_are_true_of(made, reviewer):
    stage_erasure(made, "alice")
    before = made.manifest_sha256
    with switch_before(made, "dataset_export_rowprovenance"):
        reviewer.get(f"{REVIEW}/{made.pk}/change/")
    kept = ReviewStatistics.objects.get(snapshot=made)
    assert (kept.manifest_sha256, kept.data["rows"]) == (before, len(AUTHORS))


def test_pages_of_a_data_set_name_the_files_of_one_revision(made):
    user = person("engineer")
    granted(user)
    headers = bearer(user, "datasets:read")
    old, version = digests(made), f"v{made.version}.{current_revision(made).number}"
    stage_erasure(made, "alice")
    with switch_before(made, 'FROM "dataset_export_shard"'):
        page = Client().get(f"/datasets/{made.name}/")
    assert {digest in page.content.decode() for digest in old} == {True}
    assert page.context["facts"].version == version
    assert {file["sha256"] for file in page.context["manifest"]["shards"]} == old

    old = digests(made)
    stage_erasure(made, "bob")
    with switch_before(made, 'FROM "dataset_export_revision"'):
        page = Client().get(f"/datasets/{made.name}/datasheet")
    assert page.status_code == 200

    stage_erasure(made, "charlie")
    old = digests(made)
    with switch_before(made, 'FROM "dataset_export_shard"'):
        found = Client().get(f"/api/v1/datasets/{made.name}/", headers=headers).json()
    assert {file["sha256"] for file in found["files"]} == old


def test_page_of_a_data_set_names_the_revision_of_its_manifest(made):
    version = f"v{made.version}.{current_revision(made).number}"
    stage_erasure(made, "alice")
    with switch_before(made, 'FROM "dataset_export_revision"'):
        page = Client().get(f"/datasets/{made.name}/")
    assert page.context["facts"].version == version
    assert page.context["facts"].manifest == made.manifest


def test_an_authors_page_counts_each_post_once(made):
    alice = User.objects.get(username="alice")
    client = Client()
    client.force_login(alice)
    stage_erasure(made, "alice")
    with switch_before(made, '"dataset_export_exclusion"'):
        page = client.get("/settings/training-use")
    [(holding, _)] = page.context["data_sets"]
    totals = page.context["totals"]
    assert (holding.held, holding.pending, holding.removed) == (1, 1, 0)
    assert (totals.posts, totals.pending, totals.removed) == (0, 1, 0)


def test_removals_and_pending_rows_are_counted_at_one_moment(made):
    stage_erasure(made, *AUTHORS[:6])
    with switch_before(made, '"dataset_export_exclusion"'):
        erasure = count_everything()["erasure"]
    assert (erasure.pending.number, erasure.reasons) == (6, [])


def test_a_page_of_the_feed_has_the_rows_of_the_revision_that_it_names(made):
    user = person("engineer")
    granted(user)
    headers = bearer(user, "datasets:read")
    stage_erasure(made, "alice")
    sign_revision(made.pk)
    with call_before('"dataset_export_removalannouncement"."id" >= ', announce):
        page = Client().get(f"/api/v1/datasets/{made.name}/removals", headers=headers).json()
    assert (page["removals"], page["revision"]) == ([], f"v{made.version}.1")
    page = Client().get(f"/api/v1/datasets/{made.name}/removals", headers=headers).json()
    assert [row["revision"] for row in page["removals"]] == [page["revision"]]


@pytest.mark.django_db(transaction=True)
def test_pages_of_a_data_set_greet_a_session_that_has_ended_as_nobody():
    """The session's row is deleted on the way, which a transaction that only reads refuses."""
    alice = person()
    post(alice, "Bread rises while nobody looks at it.")
    grant(alice)
    published()
    browsers = {page: Client() for page in ("", "datasheet", "summary", "revisions")}
    for browser in browsers.values():
        browser.force_login(alice)
    alice.set_password("another long phrase")
    alice.save()
    assert [
        browser.get(f"/datasets/words/{page}").status_code for page, browser in browsers.items()
    ] == [200] * 4
    assert not Session.objects.exists()
