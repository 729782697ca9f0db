"""Those who have copies learn what must go from them, and say when it is gone."""

import re
import subprocess
import sys
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.services import create_token
from dataset_export.access.services import revoke_access
from dataset_export.erasure.exclude import exclude_rows
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import (
    AccessRequest,
    Acknowledgement,
    AuditEntry,
    Download,
    Removal,
    RemovalAnnouncement,
    RemovalNotice,
    Revision,
    Shard,
    Snapshot,
    WebhookMessage,
)
from dataset_export.publication.services import withdraw_snapshot
from dataset_export.removals import feed, tasks
from dataset_export.removals.acknowledge import (
    acknowledge_removals,
    pending_removals,
    pending_removals_for,
)
from dataset_export.removals.announce import announce
from dataset_export.removals.mail import MIN_INTERVAL, mail_notices
from dataset_export.removals.remind import BETWEEN_REMINDERS
from dataset_export.removals.webhooks import set_webhook
from dataset_export.signing.manifests import site_public_key
from dataset_export.signing.revisions import create_revision
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer, published
from tests.dataset_export.test_access_admin import browser_of, member
from tests.factories import grant, person, post, recipe, snapshot

NOTICES = "/admin/dataset_export/removalnotice/"
FEED = "/api/v1/datasets/words/removals"
ANSWERS = "/api/v1/datasets/words/acknowledgements"
SCRIPT = Path(__file__).resolve().parents[2] / "verify" / "commonplace_dataset.py"
PARQUET = Shard.Format.PARQUET


@pytest.fixture
def words(db) -> Snapshot:
    return put_out()


def put_out(name: str = "words") -> Snapshot:
    """Return a published snapshot that was never built: rows about rows are all that is needed here."""
    Snapshot.objects.published().filter(name=name).update(state=Snapshot.State.SUPERSEDED)
    made, now = snapshot(name), timezone.now()
    reach = dict.fromkeys(("post_watermark", "ledger_size", "retraction_watermark"), 1)
    state = {
        "state": Snapshot.State.PUBLISHED,
        "manifest_json": b"{}",
        "approved_at": now,
        "published_at": now,
    }
    Snapshot.objects.filter(pk=made.pk).update(**state, **reach)
    for format in Shard.Format.values:
        sizes = {"rows": 5, "size": 1, "sha256": "0" * 64}
        Shard.objects.create(
            snapshot=made, split="train", number=0, format=format, path=f"data/0.{format}", **sizes
        )
    create_revision(made.pk, number=0, content=b"{}", at=now)
    made.refresh_from_db()
    return made


@pytest.fixture
def built_words(alice) -> Snapshot:
    for text in (
        "fed the starter with rye",
        "bought a stone mill",
        "needs more salt",
        "has a hotter oven",
    ):
        post(alice, f"She {text} before the train came in.")
    grant(alice)
    return published(recipe=recipe(2))


@pytest.fixture
def reader(words) -> User:
    reader = person("reader", email="reader@example.org")
    granted(reader)
    had(reader, words)
    return reader


@pytest.fixture
def program(reader) -> Client:
    return Client(enforce_csrf_checks=True, headers=bearer(reader))


def had(user: User, snapshot: Snapshot, format: str = PARQUET, status: int = 200) -> Download:
    """Note that somebody downloaded a file."""
    access = AccessRequest.objects.filter(user=user, dataset=snapshot.name).latest("pk")
    path = snapshot.shards.filter(format=format).order_by("pk").values_list("path", flat=True)[0]
    return Download.objects.create(
        user=user, access=access, snapshot=snapshot, path=path, bytes_asked=1, status=status
    )


def erased(snapshot: Snapshot, *, rows: int = 1, removals: list[Removal] | None = None) -> Revision:
    """Sign a revision without so many rows, or without those that were erased already."""
    removals = removals or [removal_of(snapshot) for _ in range(rows)]
    number = snapshot.revisions.count()
    Removal.objects.filter(pk__in=[removal.pk for removal in removals]).update(revision=number)
    content = f"{snapshot.pk}.{number}".encode()
    return create_revision(
        snapshot.pk, number=number, content=content, at=timezone.now(), removed_rows=len(removals)
    )


def removal_of(snapshot: Snapshot) -> Removal:
    """Note a row as erased and not signed yet."""
    row = Removal.objects.filter(snapshot=snapshot).count()
    place = {"split": "train", "shard_number": 0, "row": row, "row_id": f"{snapshot.pk}-{row}"}
    return Removal.objects.create(
        snapshot=snapshot, leaf_hash=b"", reason=Removal.Reason.EXCLUSION, **place
    )


def told_of(snapshot: Snapshot, rows: int = 1) -> RemovalAnnouncement:
    erased(snapshot, rows=rows)
    return announce()[0]


def is_signed(page: dict) -> bool:
    rest = {name: value for name, value in page.items() if name != "signature"}
    key = Ed25519PublicKey.from_public_bytes(b64decode(site_public_key()))
    key.verify(b64decode(page["signature"]), orjson.dumps(rest, option=orjson.OPT_SORT_KEYS))
    return True


def whole_feed(program: Client) -> list[dict]:
    rows, address = [], FEED
    while address:
        page = program.get(address).json()
        assert is_signed(page)
        rows += page["removals"]
        address = page["next"] and f"{FEED}?after={page['next']}"
    return rows


# The feed


def test_the_feed_tells_what_removals_jsonl_tells(built_words):
    reader = person("reader")
    granted(reader)
    had(reader, built_words)
    program = Client(headers=bearer(reader))
    assert (program.get(FEED).json()["removals"], program.get(FEED).json()["revision"]) == (
        [],
        "v1.0",
    )
    rows = built_words.provenance.filter(configuration="posts").order_by("pk")[:2]
    exclude_rows(snapshot=built_words, reason="Said so.", by=None, records=rows)
    erase_revoked()
    announce()
    page = program.get(FEED).json()
    assert is_signed(page)
    assert (page["revision"], page["next"], len(page["removals"])) == ("v1.1", None, 2)
    in_file = program.get("/datasets/commonplace/words/resolve/main/removals.jsonl").getvalue()
    assert page["removals"] == [orjson.loads(line) for line in in_file.splitlines()]
    assert program.get(f"{FEED}?after={page['cursor']}").json()["removals"] == []
    for address in ("/settings/access", "/datasets/words/"):
        assert "2 removals to apply" in browser_of(reader).get(address).content.decode()


@pytest.mark.parametrize("announcements", [2, 50])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_pages_join_without_gap_or_repetition(words, program, monkeypatch, rows, announcements):
    monkeypatch.setattr(feed, "PAGE_ROWS", rows)
    monkeypatch.setattr(feed, "PAGE_ANNOUNCEMENTS", announcements)
    for count in (2, 1, 1):
        told_of(words, count)
    found = [row["id"] for row in whole_feed(program)]
    assert found == list(
        Removal.objects.order_by("revision", "pk").values_list("row_id", flat=True)
    )
    assert len(found) == 4


def test_a_row_that_was_signed_late_is_not_missed(words, program):
    """Rows get their ids when they are erased; another snapshot may be signed in between."""
    second = put_out()
    rows = [removal_of(words), removal_of(second)]
    erased(second, removals=rows[1:])
    announce()
    page = program.get(FEED).json()
    assert [row["revision"] for row in page["removals"]] == ["v2.1"]
    erased(words, removals=rows[:1])
    announce()
    later = program.get(f"{FEED}?after={page['cursor']}").json()
    assert [row["revision"] for row in later["removals"]] == ["v1.1"]


@pytest.mark.parametrize(
    "cursor", ["", "1", "1.", ".1", "-1.0", "1.1.1", "x", "²." + "1", "9" * 19 + ".0", "1.0\n"]
)
def test_what_is_no_cursor_is_refused(program, cursor):
    response = program.get(FEED, {"after": cursor})
    assert response.status_code == 422
    assert "after" in response.json()["details"]


def test_a_withdrawn_data_set_still_has_its_feed(words, program):
    told_of(words)
    withdraw_snapshot(snapshot=words)
    announce()
    page = program.get(FEED).json()
    assert (page["withdrawn"], len(page["removals"])) == (["v1.1"], 1)
    assert page["withdrawn_roots"] == [None]


def test_a_page_says_of_what_it_is(words, program):
    told_of(words, 2)
    page = program.get(FEED).json()
    assert (page["name"], page["after"]) == ("words", "0.0")
    assert program.get(FEED, {"after": page["cursor"]}).json()["after"] == page["cursor"]


def late(reader: User) -> None:
    AccessRequest.objects.filter(user=reader).update(granted_until=timezone.now())


def banned(reader: User) -> None:
    revoke_access(request=AccessRequest.objects.get(user=reader), by=person(), reason="Passed on.")


def closed(reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("what_happens", "status"),
    [(lambda reader: None, 200), (late, 200), (banned, 200), (closed, 401)],
)
def test_whoever_has_a_copy_learns_of_removals_though_access_is_over(
    program, reader, what_happens, status
):
    what_happens(reader)
    for address in (FEED, ANSWERS):
        assert program.get(address).status_code == status


def test_whoever_has_none_does_not(words, reader):
    outsider, unscoped = person("outsider"), bearer(reader, "consent")
    of_other = person("other")
    granted(of_other, "others")
    refused = person("refused")
    granted(refused)
    had(refused, words, status=503)
    late(refused)
    callers = {401: {}, 403: bearer(outsider)}
    for status, headers in [
        *callers.items(),
        (403, unscoped),
        (403, bearer(of_other)),
        (403, bearer(refused)),
    ]:
        for address in (FEED, ANSWERS):
            assert Client().get(address, headers=headers).status_code == status
        body = {"revision": "v1.0"}
        answer = Client().post(ANSWERS, body, content_type="application/json", headers=headers)
        assert answer.status_code == status
    assert Client().get(FEED.replace("words", "none"), headers=bearer(reader)).status_code == 404
    assert not Acknowledgement.objects.exists()


def test_a_data_set_that_was_never_published_is_not_told_of(reader, program):
    Snapshot.objects.filter(pk=put_out("secret").pk).update(
        state="in_review", approved_at=None, published_at=None
    )
    assert program.get(FEED.replace("words", "secret")).status_code == 404


def test_the_feed_costs_as_many_queries_for_many_rows_as_for_one(
    words, program, django_assert_max_num_queries
):
    told_of(words, 1)
    told_of(words, 3)
    with django_assert_max_num_queries(16):
        program.get(FEED)


# Who is told


def test_only_who_had_rows_before_is_told_and_once(words, reader, bob, charlie):
    for other in (bob, charlie):
        granted(other)
    had(bob, words, Shard.Format.PROOF)
    had(bob, words, status=503)
    change = told_of(words, 2)
    had(charlie, words)
    assert (change.rows, str(change)) == (2, "words v1.1")
    assert [(notice.user, notice.due_at - change.at) for notice in RemovalNotice.objects.all()] == [
        (reader, timedelta(days=7))
    ]
    assert announce() == []
    second = told_of(words)
    assert {notice.user for notice in second.notices.all()} == {reader, charlie}


def test_a_withdrawn_data_set_is_announced_once_and_its_rows_no_more(words, reader):
    withdraw_snapshot(snapshot=words)
    (change,) = announce()
    assert (change.is_withdrawal, change.rows) == (True, None)
    assert change.notices.get().user == reader
    assert not told_of(words).notices.exists()


def test_one_mail_says_all_and_comes_once(words, reader):
    told_of(words, 1)
    told_of(words, 2)
    mail_notices()
    mail_notices()
    (letter,) = mail.outbox
    due = RemovalNotice.objects.order_by("pk").first().due_at
    assert letter.to == ["reader@example.org"]
    assert letter.subject == "Posts to remove from your copies of the dataset words"
    for said in (
        "3 of its rows were removed",
        f"by {due:%-d %B %Y}",
        "(7 days)",
        FEED,
        "commonplace_dataset.py removals",
    ):
        assert said in letter.body
    assert not re.search(r"\n{3,}|[{}]|&#", letter.body)


def test_mails_of_one_data_set_keep_their_distance(words, reader):
    told_of(words)
    mail_notices()
    told_of(words)
    mail_notices()
    assert len(mail.outbox) == 1
    RemovalNotice.objects.filter(sent_at__isnull=False).update(sent_at=F("sent_at") - MIN_INTERVAL)
    mail_notices()
    assert len(mail.outbox) == 2
    assert "1 of its rows was removed" in mail.outbox[1].body


def test_a_mail_that_failed_is_sent_later_and_holds_up_nobody(words, reader, bob, monkeypatch):
    granted(bob)
    had(bob, words)
    told_of(words)
    sent = []

    def send(subject, body, sender, to):
        if to == [reader.email] and not sent:
            sent.append("failed")
            raise OSError("away")
        sent.append(to)

    monkeypatch.setattr("dataset_export.removals.mail.send_mail", send)
    mail_notices()
    assert sent == ["failed", [bob.email]]
    assert RemovalNotice.objects.filter(sent_at=None).get().user == reader
    mail_notices()
    assert [reader.email] in sent
    assert not RemovalNotice.objects.filter(sent_at=None).exists()


def test_a_withdrawn_data_set_asks_for_every_copy(words, reader):
    withdraw_snapshot(snapshot=words)
    announce()
    mail_notices()
    (letter,) = mail.outbox
    assert letter.subject == "Delete your copies of the dataset words"
    assert "Delete every copy of version 1" in letter.body
    assert "removed because" not in letter.body


def test_a_closed_account_is_not_written_to_and_its_organisation_stays(words, reader):
    told_of(words)
    reader.delete()
    mail_notices()
    assert mail.outbox == []
    assert RemovalNotice.objects.get().access.dataset == "words"
    assert not RemovalNotice.objects.overdue(timezone.now() + timedelta(days=99)).exists()


def test_an_erasure_is_announced_by_the_task_that_all_workers_share(words, reader, monkeypatch):
    monkeypatch.setattr(tasks.send_webhooks, "delay", lambda: None)
    set_webhook(user=reader, dataset="words", url="https://example.org/")
    erased(words)
    tasks.notify_downloaders()
    tasks.notify_downloaders()
    assert WebhookMessage.objects.get().announcement == RemovalNotice.objects.get().announcement
    assert len(mail.outbox) == 1


def test_a_program_that_asks_too_often_waits(words, program, monkeypatch):
    monkeypatch.setattr("dataset_export.removals.api.allow_request", lambda *args, **limits: False)
    response = program.get(FEED)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300


# The answer


def test_the_script_for_engineers_understands_the_site(words, reader, live_server, tmp_path):
    told_of(words, 2)
    (tmp_path / "token").write_text(create_token(user=reader, name="laptop"))
    (tmp_path / "manifest.json").write_text('{"name": "words"}')
    site = ["--site", live_server.url, "--token-file", str(tmp_path / "token")]
    for command, said in (
        (
            ["removals", str(tmp_path), *site, "--key", site_public_key()],
            "2 rows were removed by v1.1",
        ),
        (["acknowledge", str(tmp_path), *site], "acknowledged words v1.1"),
    ):
        done = subprocess.run(
            [sys.executable, "-I", SCRIPT, *command], capture_output=True, text=True, env={}
        )
        assert (done.returncode, done.stdout[: len(said)]) == (0, said), done.stderr
    assert pending_removals(reader) == []


def say(program: Client, revision: object = "v1.1") -> tuple[int, dict]:
    response = program.post(ANSWERS, {"revision": revision}, content_type="application/json")
    return response.status_code, response.json()


def test_acknowledging_ends_the_duty_and_can_be_repeated(words, reader, program):
    change = told_of(words)
    pending = program.get(ANSWERS).json()["pending"]
    assert (pending["rows"], pending["revision"]) == (1, "v1.1")
    status, said = say(program)
    assert (status, said["name"], said["revision"]) == (201, "words", "v1.1")
    assert say(program) == (200, said)
    assert program.get(ANSWERS).json() == {"pending": None}
    assert Acknowledgement.objects.get().announcement == change


@pytest.mark.parametrize(
    ("revision", "status"),
    [
        ("v1.0", 201),
        ("v1.9", 404),
        ("v1.1-withdrawn", 404),
        ("-withdrawn", 404),
        ("v2.0", 404),
        ("main", 404),
        ("", 422),
        (None, 422),
        (["v1.1"], 422),
        ("v" * 61, 422),
    ],
)
def test_only_a_revision_can_be_acknowledged(words, program, revision, status):
    told_of(words)
    answer, said = say(program, revision)
    assert answer == status
    assert ("error" in said) == (status > 201)
    assert pending_removals_for(User.objects.get(username="reader"), "words").rows == 1


@pytest.mark.parametrize(
    "sent", [b"[" * 99_999, b'{"revision": "\\ud800"}', b'{"revision": "\\u0000"}', b"\xff"]
)
def test_nonsense_in_place_of_a_revision_is_refused(program, sent):
    answer = program.post(ANSWERS, sent, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_what_is_not_in_the_feed_yet_cannot_be_applied(words, program):
    erased(words)
    status, said = say(program)
    assert (status, said["error"]) == (
        409,
        "The removals of this revision are being announced. Try again in a minute.",
    )


def test_an_answer_covers_what_came_before_in_all_snapshots_and_nothing_after(
    words, reader, program
):
    second = put_out()
    had(reader, second)
    told_of(words)
    told_of(second)
    newest = program.get(FEED).json()["revision"]
    assert say(program, newest)[0] == 201
    assert pending_removals(reader) == []
    told_of(second)
    assert pending_removals_for(reader, "words").revision.startswith("v2.")


def test_an_answer_from_before_a_withdrawal_does_not_cover_it(words, reader, program):
    told_of(words)
    assert say(program)[0] == 201
    withdraw_snapshot(snapshot=words)
    announce()
    duty = pending_removals_for(reader, "words")
    assert (duty.revision, duty.withdrawn, duty.rows) == ("v1.1-withdrawn", (1,), 0)
    assert say(program)[0] == 200
    assert pending_removals(reader) == [duty]
    assert [say(program, duty.revision)[0], say(program, duty.revision)[0]] == [201, 200]
    assert pending_removals(reader) == []


def test_who_read_the_feed_before_a_withdrawal_does_not_answer_for_it(words, reader, program):
    """A program reads the feed, and somebody runs its second half a day later."""
    told_of(words)
    read = program.get(FEED).json()["revision"]
    withdraw_snapshot(snapshot=words)
    announce()
    assert say(program, read)[0] == 201
    assert pending_removals_for(reader, "words").withdrawn == (1,)
    assert say(program, program.get(FEED).json()["revision"])[0] == 201
    assert pending_removals(reader) == []


def test_nobody_answers_for_another(words, reader, bob):
    granted(bob)
    had(bob, words)
    told_of(words)
    acknowledge_removals(user=bob, name="words", revision="v1.1")
    assert [duty.dataset for duty in pending_removals(reader)] == ["words"]


def test_the_button_on_the_page_says_it(words, reader):
    told_of(words, 2)
    browser = browser_of(reader)
    assert "2 removals to apply" in browser.get("/settings/access").content.decode()
    page = browser.post(
        "/datasets/words/acknowledge", {"revision": "v1.1"}, follow=True
    ).content.decode()
    assert "Thank you." in page
    assert "to apply" not in page


def test_the_button_wants_a_session_its_token_and_a_copy(words, reader, charlie):
    told_of(words)
    form = {"revision": "v1.1"}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader)
    assert strict.post("/datasets/words/acknowledge", form).status_code == 403
    assert browser_of(charlie).post("/datasets/words/acknowledge", form).status_code == 403
    assert browser_of(reader).get("/datasets/words/acknowledge").status_code == 405
    assert (
        Client().post("/datasets/words/acknowledge", form)["Location"].startswith("/accounts/login")
    )
    assert not Acknowledgement.objects.exists()
    assert (
        "no revision"
        in browser_of(reader).post("/datasets/words/acknowledge", {}, follow=True).content.decode()
    )


# Who looks on


def test_the_desk_sees_who_is_late(words, reader, bob):
    granted(bob, organisation="Small Models")
    had(bob, words)
    change = told_of(words)
    acknowledge_removals(user=bob, name="words", revision="v1.1")
    RemovalNotice.objects.update(due_at=change.at)
    desk = browser_of(member("Access managers", "manager"))
    expected = {"": {reader, bob}, "overdue": {reader}, "waiting": set(), "acknowledged": {bob}}
    for answer, people in expected.items():
        page = desk.get(
            "/admin/dataset_export/removalnotice/", {"answer": answer} if answer else {}
        )
        assert {notice.user for notice in page.context["cl"].result_list} == people, answer
    text = desk.get("/admin/dataset_export/removalnotice/").content.decode()
    for shown in ("Overdue", "Acknowledged", "Small Models", "@reader", "words v1.1", "not yet"):
        assert shown in text
    assert (
        desk.get(f"/admin/dataset_export/removalnotice/{reader_notice(reader)}/change/").status_code
        == 200
    )


def reader_notice(reader: User) -> int:
    return RemovalNotice.objects.get(user=reader).pk


@pytest.mark.parametrize(
    ("group", "status"),
    [
        ("Auditors", 200),
        ("Access managers", 200),
        ("Snapshot reviewers", 403),
        ("Snapshot builders", 403),
    ],
)
def test_who_may_look(words, group, status):
    assert (
        browser_of(member(group, "somebody"))
        .get("/admin/dataset_export/removalnotice/")
        .status_code
        == status
    )


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_desk_asks_the_database_as_often_for_many(words, reader):
    """Each notice of another person, grant and change."""
    told_of(words)
    desk = browser_of(member("Access managers", "manager"))
    queries_of(desk, NOTICES)
    for_one = queries_of(desk, NOTICES)
    for number in range(19):
        other = person(f"reader{number}")
        granted(other, organisation=f"Lab {number}")
        had(other, words)
    told_of(words)
    assert RemovalNotice.objects.count() == 21
    assert queries_of(desk, NOTICES) == for_one <= 12


# Who is late is reminded


@pytest.fixture
def late_reader(words, reader) -> User:
    """Somebody whose time is over for two changes, and not for a third."""
    for rows in (1, 2):
        told_of(words, rows)
    RemovalNotice.objects.update(due_at=timezone.now() - timedelta(days=1))
    told_of(words)
    return reader


def send_reminders(client: Client, notices: list[RemovalNotice] | None = None) -> str:
    chosen = [notice.pk for notice in (RemovalNotice.objects.all() if notices is None else notices)]
    form = {"action": "send_reminders", "_selected_action": chosen}
    return client.post(NOTICES, form, follow=True).content.decode()


@pytest.fixture
def desk(db) -> Client:
    return browser_of(member("Access managers", "manager"))


def test_whoever_is_late_is_reminded_of_all_that_is_overdue_in_one_mail(late_reader, desk):
    page = send_reminders(desk)
    assert "1 person was reminded." in page
    assert "2 of the notices brought no mail: they were reminded within the last day." in page
    (letter,) = mail.outbox
    assert letter.to == ["reader@example.org"]
    assert letter.subject == "Reminder: Posts to remove from your copies of the dataset words"
    assert "this is a reminder" in letter.body
    assert "3 of its rows were removed" in letter.body
    assert not re.search(r"\n{3,}|[{}]|&#", letter.body)
    assert RemovalNotice.objects.filter(reminded_at__isnull=False).count() == 2
    entry = AuditEntry.objects.get(act="holder_reminded")
    assert (entry.actor, entry.object_type) == ("manager", "accessrequest")
    assert "reader" not in f"{entry.object_label} {entry.detail}"


def test_nobody_is_reminded_twice_on_one_day(late_reader, desk):
    send_reminders(desk)
    send_reminders(browser_of(member("Access managers", "another")))
    assert len(mail.outbox) == 1
    RemovalNotice.objects.filter(reminded_at__isnull=False).update(
        reminded_at=F("reminded_at") - BETWEEN_REMINDERS
    )
    send_reminders(desk)
    assert len(mail.outbox) == AuditEntry.objects.filter(act="holder_reminded").count() == 2


def test_only_who_is_late_is_reminded(words, reader, desk):
    told_of(words)
    assert "nothing is overdue" in send_reminders(desk)
    RemovalNotice.objects.update(due_at=timezone.now() - timedelta(days=1))
    acknowledge_removals(user=reader, name="words", revision="v1.1")
    assert "nothing is overdue" in send_reminders(desk)
    assert not mail.outbox
    assert not AuditEntry.objects.filter(act="holder_reminded").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"email": ""}, "cannot be written to"), ({"is_active": False}, "cannot be written to")],
)
def test_who_cannot_be_written_to_is_not(late_reader, desk, fields, said):
    User.objects.filter(pk=late_reader.pk).update(**fields)
    assert said in send_reminders(desk)
    assert not mail.outbox


def test_a_closed_account_owes_nothing(late_reader, desk):
    late_reader.delete()
    assert "nothing is overdue" in send_reminders(desk)


def test_a_reminder_that_was_not_sent_is_not_noted(late_reader, desk, monkeypatch):
    def send(*args) -> None:
        raise OSError("away")

    monkeypatch.setattr("dataset_export.removals.remind.send_mail", send)
    assert (
        "3 of the notices brought no mail: the mail could not be sent, try again."
        in send_reminders(desk)
    )
    assert not RemovalNotice.objects.filter(reminded_at__isnull=False).exists()
    assert not AuditEntry.objects.filter(act="holder_reminded").exists()


def test_who_only_looks_on_reminds_nobody(late_reader):
    auditor = browser_of(member("Auditors", "auditor"))
    assert "send_reminders" not in auditor.get(NOTICES).content.decode()
    send_reminders(auditor)
    assert not mail.outbox
    assert browser_of(late_reader).post(NOTICES, {"action": "send_reminders"}).status_code == 302
