"""What people see of their posts in datasets: where they are, who had them, what was erased, and nothing of others."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent
from dataset_export.access.log import log_download
from dataset_export.authors.activity import NEWEST, ActivityCursor, activity_page
from dataset_export.authors.contributions import (
    A_PERSON,
    Totals,
    author_removals,
    contributions,
    downloads,
    totals,
)
from dataset_export.authors.outcomes import REMOVED, built_snapshots, outcomes
from dataset_export.erasure.exclude import exclude_rows
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import (
    AccessRequest,
    Download,
    DroppedPost,
    Removal,
    RemovalAnnouncement,
    Revision,
    RowProvenance,
    Shard,
    Snapshot,
)
from dataset_export.pipeline.pseudonyms import Pseudonyms, consent_reference
from dataset_export.publication.services import withdraw_snapshot
from dataset_export.removals.acknowledge import acknowledge_removals
from dataset_export.removals.announce import announce
from posts.services import delete_post
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import built, published
from tests.factories import grant, person, post, recipe, withdraw

pytestmark = pytest.mark.django_db
OVERVIEW, TIMELINE, EXPORT = (
    f"/settings/training-use{end}" for end in ("", "/timeline", "/export.json")
)
CLUB = "Small Models Club"


def subject(user: User):
    return user.consent_subject.pk


def download(access: AccessRequest, made: Snapshot, *, status: int = 200, days_ago: int = 0):
    """Note that each Parquet file was asked for."""
    for shard in made.shards.filter(format="parquet"):
        log_download(
            grant=access, token=None, snapshot=made, path=shard.path, bytes_asked=1, status=status
        )
        if days_ago:
            newest = Download.objects.order_by("-pk").values("pk")[:1]
            Download.objects.filter(pk__in=newest).update(
                at=timezone.now() - timedelta(days=days_ago)
            )


def page(user: User, address: str) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


@pytest.fixture
def club(charlie) -> AccessRequest:
    return granted(charlie, organisation=CLUB, purpose="To train a model of bread and of bakers.")


@pytest.fixture
def words(alice, bob) -> Snapshot:
    """Three posts of Alice's and one of Bob's, one row in a shard."""
    for text in (
        "The starter needs rye.",
        "Two loaves went to the neighbour.",
        "Never weigh the flour twice.",
    ):
        post(alice, text)
    post(bob, "Rain over the sea since the morning.")
    grant(alice)
    grant(bob)
    return published(recipe=recipe(1))


def test_who_downloaded_what(words, alice, bob, club):
    log_download(
        grant=club, token=None, snapshot=words, path=path_of(words, bob), bytes_asked=1, status=206
    )
    assert downloads(subject(alice)) == []
    [had] = downloads(subject(bob))
    assert (had.who, had.access.purpose, had.snapshot, had.files) == (CLUB, club.purpose, words, 1)
    assert CLUB in page(bob, OVERVIEW)
    assert CLUB not in page(alice, OVERVIEW)


def path_of(made: Snapshot, author: User) -> str:
    record = made.provenance.filter(subject=subject(author), removed_in=None).earliest(
        "row", "shard_number"
    )
    return made.shards.get(format="parquet", split=record.split, number=record.shard_number).path


def test_what_was_not_handed_out_is_no_download(words, alice, club):
    for status in (503, 304, 416):
        download(club, words, status=status)
    assert downloads(subject(alice)) == []


def test_a_file_that_is_read_in_many_ranges_counts_once(words, alice, club):
    for days_ago in (3, 1, 0):
        for _ in range(2):
            download(club, words, status=206, days_ago=days_ago)
    [had] = downloads(subject(alice))
    assert (had.files, (had.last_at - had.first_at).days) == (3, 3)
    by_day = [one.files for one in activity_page(subject(alice))[0] if one.kind == "downloaded"]
    assert len(by_day) == 3
    assert set(by_day) <= {1, 2, 3}


def test_files_without_text_are_no_download(words, alice, club):
    for shard in words.shards.filter(format="proof"):
        log_download(
            grant=club, token=None, snapshot=words, path=shard.path, bytes_asked=1, status=200
        )
    log_download(
        grant=club, token=None, snapshot=words, path="README.md", bytes_asked=1, status=200
    )
    assert downloads(subject(alice)) == []


def test_a_download_after_the_erasure_is_of_others(words, alice, bob, club):
    first = granted(person(), organisation="Early Birds")
    download(first, words)
    withdraw(alice)
    erase_revoked()
    download(club, words)
    assert [had.who for had in downloads(subject(alice))] == ["Early Birds"]
    assert {had.who for had in downloads(subject(bob))} == {"Early Birds", CLUB}


def test_a_private_person_is_not_named(words, alice):
    nameless = person("zacharias", display_name="Zacharias Quill")
    download(granted(nameless, purpose="To learn how people write about bread."), words)
    for address in (OVERVIEW, TIMELINE, EXPORT):
        text = page(alice, address)
        assert A_PERSON in text
        assert "To learn how people write about bread." in text
        assert "zacharias" not in text.lower()


def test_numbers_first(words, alice, club):
    download(club, words)
    assert vars_of(totals_of(subject(alice))) == (3, 1, 1, 0, 0)
    withdraw(alice)
    assert vars_of(totals_of(subject(alice))) == (0, 0, 1, 3, 0)
    assert "3 posts are being removed" in page(alice, OVERVIEW)
    erase_revoked()
    assert vars_of(totals_of(subject(alice))) == (0, 0, 1, 0, 3)


def totals_of(person: UUID) -> Totals:
    return totals(person, downloads(person))


def vars_of(sums) -> tuple[int, ...]:
    return sums.posts, sums.data_sets, sums.downloaders, sums.pending, sums.removed


def test_each_snapshot_says_how_it_stands(words, alice):
    again, other = published(), built("more-words")
    withdraw_snapshot(snapshot=again, by=person())
    again.refresh_from_db()
    words.refresh_from_db()
    stands = {
        each.snapshot: each
        for each in contributions(subject(alice), [words, again, other], downloads(subject(alice)))
    }
    assert "older revision" in stands[words].state
    assert "taken back" in stands[again].state
    assert "being checked" in stands[other].state
    decision = ConsentEvent.objects.get(subject=subject(alice))
    assert {(each.held, each.decisions, each.newest_decision) for each in stands.values()} == {
        (3, 1, decision.position)
    }
    assert f"/settings/data/receipts/{decision.position}" in page(alice, OVERVIEW)


# How a row goes, and from when on its time counts: None where nobody noted it.
ERASURES = {
    Removal.Reason.CONSENT_WITHDRAWN: lambda one, made: withdraw(one.author),
    Removal.Reason.POST_DELETED: lambda one, made: delete_post(post=one),
    Removal.Reason.EXCLUSION: lambda one, made: exclude_rows(
        snapshot=made, reason="Odd", by=None, records=made.provenance.filter(post_id=one.pk)
    ),
    Removal.Reason.SUSPENDED: lambda one, made: User.objects.filter(pk=one.author_id).update(
        suspended_at=timezone.now()
    ),
}


@pytest.mark.parametrize("reason", ERASURES)
def test_what_was_erased_and_how_long_it_took(alice, reason):
    mine = post(alice, "The starter needs rye.")
    post(person("dora"), "Unconcerned.")
    grant(alice)
    made = published()
    before = timezone.now()
    ERASURES[reason](mine, made)
    after = timezone.now()
    erase_revoked()
    [gone] = author_removals(subject(alice))
    assert (gone.reason, gone.posts, gone.revision) == (reason, 1, "v1.1")
    if reason == Removal.Reason.SUSPENDED:
        assert (gone.took, gone.took_words) == (None, "")
    else:
        assert before <= gone.asked_at <= after <= gone.at
        assert gone.took_words == "a few seconds"


def test_the_time_counts_from_the_change_that_took_the_post_out(alice):
    """A no to the account leaves a post alone that has a yes of its own."""
    mine = post(alice, "The starter needs rye.")
    grant(alice, post_id=mine.pk)
    published()
    early = withdraw(alice)
    late = withdraw(alice, post_id=mine.pk)
    erase_revoked()
    [gone] = author_removals(subject(alice))
    assert early.at < gone.asked_at == late.at


def test_who_says_that_it_is_deleted(words, alice, charlie, club):
    download(club, words)
    download(granted(person(), organisation="Early Birds"), words)
    withdraw(alice)
    erase_revoked()
    announce()
    [gone] = author_removals(subject(alice))
    assert (gone.told, gone.acknowledged) == (2, 0)
    acknowledge_removals(user=charlie, name="words", revision="v1.1")
    [gone] = author_removals(subject(alice))
    assert (gone.told, gone.acknowledged) == (2, 1)
    newest = activity_page(subject(alice))[0][0]
    assert (newest.kind, newest.who, newest.revision) == ("acknowledged", CLUB, "v1.1")
    assert "says that they deleted" in page(alice, TIMELINE)
    assert "1 of 2 who had a copy" in page(alice, OVERVIEW)


def test_the_page_of_a_post(alice, club):
    mine = post(alice, "The starter needs rye.")
    other = post(alice, "Never weigh the flour twice.")
    grant(alice)
    made = published(recipe=recipe(1))
    download(club, made)
    address = f"/posts/{mine.pk}/training-use"
    assert CLUB in page(alice, address)
    delete_post(post=other)
    assert "was erased" not in page(alice, address)
    withdraw(alice)
    erase_revoked()
    assert "Your post was erased from it." in page(alice, address)
    assert [fate.outcome for fate in outcomes(mine, list(built_snapshots()))] == [REMOVED]


def kinds(user: User) -> list[str]:
    return [one.kind for one in activity_page(subject(user))[0]]


def test_the_timeline_tells_it_in_order(words, alice, bob, club):
    download(club, words)
    withdraw(alice)
    erase_revoked()
    assert kinds(alice) == ["removed", "decided", "downloaded", "published", "built", "decided"]
    assert kinds(bob) == ["downloaded", "published", "built", "decided"]
    times = [one.at for one in activity_page(subject(alice))[0]]
    assert times == sorted(times, reverse=True)


def test_downloads_of_a_day_are_one_line(words, alice, club):
    for days_ago in (1, 1, 2):
        download(club, words, days_ago=days_ago)
    lines = [one for one in activity_page(subject(alice))[0] if one.kind == "downloaded"]
    assert [(one.who, one.files) for one in lines] == [(CLUB, 3), (CLUB, 3)]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_pages_of_the_timeline_leave_nothing_out(words, alice, club, size):
    download(club, words)
    for _ in range(3):
        withdraw(alice)
    # What happened at the same moment, too, has an order.
    moment = words.built_at
    Snapshot.objects.filter(pk=words.pk).update(published_at=moment)
    Download.objects.update(at=moment)
    whole, end = activity_page(subject(alice))
    assert end is None
    found, below = [], NEWEST
    for _ in itertools.count():
        part, below = activity_page(subject(alice), below, size)
        found += part
        if below is None:
            break
        below = ActivityCursor.parse(str(below))
    assert [one.place for one in found] == [one.place for one in whole]
    assert len({one.place for one in found}) == len(found) == 7


@pytest.mark.parametrize(
    "text", ["", "x", "_", "1_2_3", "20260101T000000.000000_x_1", "20260101T000000.000000_1", "٣"]
)
def test_a_place_that_is_none(words, alice, text):
    assert ActivityCursor.parse(text) is None
    assert "What happened" in page(alice, f"{TIMELINE}?below={text}")


def test_a_place_far_away_is_an_empty_page(words, alice):
    assert "Nothing yet" in page(alice, f"{TIMELINE}?below=00010101T000000.000000_9_{'9' * 30}")


def test_the_export_says_all_of_it(words, alice, bob, club):
    download(club, words)
    post(alice, "The starter needs rye.")
    again = published()
    withdraw(alice)
    erase_revoked()
    data = json.loads(page(alice, EXPORT))
    assert [entry["by"] for entry in data["downloads"]] == [CLUB]
    assert {(entry["without_them"], entry["posts"]) for entry in data["removals"]} == {
        ("v1.1", 3),
        ("v2.1", 3),
    }
    of_alice = words.provenance.filter(subject=subject(alice))
    assert {entry["post"] for entry in data["posts"]} == set(
        map(str, of_alice.values_list("post_id", flat=True))
    )
    assert len(data["posts"]) == 6
    assert all(entry["is_erased"] for entry in data["posts"])
    names = Pseudonyms(bytes(words.pseudonym_key))
    assert {entry["consent_reference"] for entry in data["posts"]} == {
        names.consent(position) for position in of_alice.values_list("consent_position", flat=True)
    }
    for entry in data["posts"]:
        position = int(entry["receipt"].rpartition("/")[2])
        assert (
            consent_reference(bytes.fromhex(entry["consent_salt"]), position)
            == entry["consent_reference"]
        )
    assert [entry["why"] for entry in data["left_out"]] == [
        "An earlier post says exactly the same."
    ]
    assert again.version == 2
    others = json.loads(page(bob, EXPORT))
    assert len(others["posts"]) == 2
    assert (others["removals"], others["left_out"]) == ([], [])


def test_an_outsider_sees_nothing_of_others(words, alice, charlie, club):
    download(club, words)
    withdraw(alice)
    erase_revoked()
    dora = person("dora")
    assert vars_of(totals_of(subject_after_a_visit(dora))) == (0, 0, 0, 0, 0)
    assert "You hadn’t opted in for it" in page(dora, OVERVIEW)
    assert "Nothing yet" in page(dora, TIMELINE)
    data = json.loads(page(dora, EXPORT))
    assert [data[name] for name in ("downloads", "removals", "posts", "left_out")] == [
        [],
        [],
        [],
        [],
    ]
    for address in (OVERVIEW, TIMELINE, EXPORT):
        assert CLUB not in page(dora, address)
        assert Client().get(address).status_code == 302


def subject_after_a_visit(user: User):
    page(user, OVERVIEW)
    return subject(user)


def test_after_the_account_is_gone_nothing_is_linked(words, alice, club):
    download(club, words)
    was = subject(alice)
    alice.delete()
    erase_revoked()
    assert not words.provenance.filter(subject=was, removed_in=None).exists()
    namesake = person("alice")
    assert subject_after_a_visit(namesake) != was
    assert vars_of(totals_of(subject(namesake))) == (0, 0, 0, 0, 0)
    assert kinds(namesake) == []


def test_who_downloaded_may_close_the_account(words, alice, bob, charlie, club):
    download(club, words)
    charlie.delete()
    assert [had.who for had in downloads(subject(alice))] == [CLUB]


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response.streaming_content)
    return len(queries)


def again(made: Snapshot) -> None:
    """Let the same have happened to another dataset: its rows, downloads, removals, who was told and who answered."""
    last = Snapshot.objects.order_by("-version").values_list("version", flat=True)[0]
    twin = copy_of(made, version=last + 1, state=Snapshot.State.SUPERSEDED)
    for of_snapshot in (Shard, RowProvenance, DroppedPost, Revision, Removal, Download):
        for row in of_snapshot.objects.filter(snapshot=made.pk):
            copy_of(row, snapshot=twin)
    for announcement in RemovalAnnouncement.objects.filter(snapshot=made.pk):
        change = copy_of(announcement, snapshot=twin)
        for notice in announcement.notices.all():
            copy_of(notice, announcement=change)
        for answer in announcement.acknowledgements.all():
            copy_of(answer, announcement=change, snapshot=twin)


def copy_of(row: Any, **fields: Any) -> Any:
    copied = type(row)(
        **{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    )
    copied.pk = None
    for name, value in fields.items():
        setattr(copied, name, value)
    copied.save(force_insert=True)
    return copied


def test_the_queries_are_as_many_for_much_as_for_little(alice, bob, club):
    mine = post(alice, "The starter needs rye.")
    post(bob, "Rain.")
    grant(alice)
    grant(bob)
    client = Client()
    client.force_login(alice)
    addresses = [OVERVIEW, TIMELINE, EXPORT, f"/posts/{mine.pk}/training-use"]

    def add_one(number: int) -> None:
        post(alice, f"Loaf number {number} of the week came out well.")
        made = published()
        for requester in (club, granted(person(), organisation=f"Club {number}")):
            download(requester, made)
        gone = post(alice, f"Gone {number}")
        last = published()
        download(club, last)
        delete_post(post=gone)
        erase_revoked()
        announce()
        acknowledge_removals(user=club.user, name="words", revision=f"v{last.version}.1")
        withdraw(alice, "evaluation")

    add_one(0)
    counts = [count_queries(client, address) for address in addresses]
    first = list(Snapshot.objects.order_by("pk"))
    add_one(1)
    for _ in range(9):
        for made in first:
            again(made)
            withdraw(alice, "evaluation")
    assert built_snapshots().count() > 20
    assert [count_queries(client, address) for address in addresses] == counts
    assert max(counts) <= 30, counts


def test_places_are_written_and_read_alike():
    place = ActivityCursor(datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC), 3, 77)
    assert ActivityCursor.parse(str(place)) == place
