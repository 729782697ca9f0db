"""Who asks for a dataset, what comes of it, and who is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import create_token
from consent.services import get_or_create_subject
from dataset_export.access.mail import send_decisions
from dataset_export.access.selectors import (
    downloads_of_snapshot,
    downloads_of_subject,
    get_access_status,
    grant_of,
    may_download,
)
from dataset_export.access.services import (
    AccessError,
    TermsChangedError,
    grant_access,
    refuse_access,
    revoke_access,
)
from dataset_export.access.terms import current_terms, ensure_terms, publish_terms
from dataset_export.models import AccessRequest, AccessTerms, AuditEntry, Download, Snapshot
from tests.dataset_export.grants import PURPOSE, asked, granted
from tests.dataset_export.snapshots import bearer, published
from tests.factories import grant, person, post, withdraw
from tests.threads import together

ASK = "/datasets/words/access"


@pytest.fixture
def words(alice) -> Snapshot:
    post(alice, "The bread is in the oven.")
    grant(alice)
    return published()


@pytest.fixture
def manager(db) -> User:
    return person("manager")


def form(**fields) -> dict:
    return {
        "kind": "person",
        "purpose": PURPOSE,
        "agrees": "on",
        "terms": current_terms().version,
        **fields,
    }


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def end(request: AccessRequest) -> None:
    AccessRequest.objects.filter(pk=request.pk).update(
        granted_until=timezone.now() - timedelta(seconds=1)
    )


def revoke(request: AccessRequest) -> None:
    revoke_access(request=request, by=person(), reason="It was passed on.")


CHANGES = {
    "nothing happened": (lambda request: None, True),
    "its time is over": (end, False),
    "it was revoked": (revoke, False),
    "the account is suspended": (
        lambda request: User.objects.update(suspended_at=timezone.now()),
        False,
    ),
    "the account is closed": (lambda request: User.objects.update(is_active=False), False),
    "the terms changed in substance": (lambda request: publish_terms(text="New.", by=None), False),
    "the terms changed in wording": (
        lambda request: publish_terms(text="New.", by=None, is_material=False),
        True,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_grant_counts_while_it_is_in_force(bob, change):
    happen, expected = CHANGES[change]
    request = granted(bob)
    assert may_download(bob, "words")
    happen(request)
    assert may_download(User.objects.get(pk=bob.pk), "words") is expected


def test_a_grant_is_for_one_person_and_one_data_set(bob, charlie, words):
    granted(bob)
    assert may_download(bob, words)
    assert not may_download(bob, "others")
    assert not may_download(charlie, words)
    assert get_access_status(charlie, "words").newest is None


def test_no_answer_and_no_are_no_access(bob, charlie, manager):
    asked(bob)
    refuse_access(request=asked(charlie), by=manager, reason="Say more.")
    assert not may_download(bob, "words")
    assert not may_download(charlie, "words")


def test_of_two_grants_the_longer_one_is_used(bob):
    first = granted(bob, days=20)
    second = granted(bob, days=90)
    assert grant_of(bob, "words") == second
    end(second)
    assert grant_of(bob, "words") == first


def test_revoking_ends_every_grant_of_the_person_to_the_data_set(bob, charlie):
    granted(bob, days=20)
    other, others = granted(bob, "others"), granted(charlie)
    revoke(granted(bob, days=90))
    assert not may_download(bob, "words")
    assert grant_of(bob, "others") == other
    assert grant_of(charlie, "words") == others


def test_one_open_request_a_person_and_data_set(bob):
    asked(bob)
    with pytest.raises(AccessError, match="already"):
        asked(bob)
    asked(bob, "others")
    assert AccessRequest.objects.count() == 2


def test_the_end_of_a_grant_can_be_moved_when_it_is_near(bob):
    granted(bob, days=90)
    with pytest.raises(AccessError, match="already"):
        asked(bob)
    AccessRequest.objects.update(granted_until=timezone.now() + timedelta(days=29))
    assert asked(bob).is_open
    assert may_download(bob, "words")


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_the_same_moment_one_is_kept():
    someone = person()
    terms = ensure_terms()
    results = together([lambda: asked(someone, terms=terms)] * 2)
    assert sorted(type(result) for result in results if not isinstance(result, AccessRequest)) == [
        AccessError
    ]
    assert AccessRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_at_the_same_moment_one_decides():
    request, first, second = asked(person()), person("first"), person("second")
    results = together(
        [
            lambda: grant_access(request=request, by=first),
            lambda: refuse_access(request=request, by=second, reason="Too little is said."),
        ]
    )
    (refused,) = [result for result in results if result is not None]
    request.refresh_from_db()
    assert isinstance(refused, AccessError)
    assert (
        str(refused) == f"Already decided: {request.state_label.lower()} by {request.decided_by}."
    )
    assert request.decided_by == (first if results[0] is None else second)
    assert AuditEntry.objects.filter(act__in=["access_granted", "access_refused"]).count() == 1


def test_nobody_decides_on_their_own_request(manager):
    mine = asked(manager)
    for act in (grant_access, refuse_access, revoke_access):
        with pytest.raises(AccessError, match="your own"):
            act(request=mine, by=manager, **({} if act is grant_access else {"reason": "No."}))
    mine.refresh_from_db()
    assert mine.is_open


def test_what_is_decided_stays_decided(bob, manager):
    request = granted(bob)
    for act, more in ((grant_access, {}), (refuse_access, {"reason": "No."})):
        with pytest.raises(AccessError, match="granted by"):
            act(request=request, by=manager, **more)
    end(request)
    with pytest.raises(AccessError, match="expired"):
        revoke_access(request=request, by=manager, reason="Late.")


NOW, LATER = timezone.now(), timezone.now() + timedelta(days=1)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "granted"},
        {"state": "granted", "decided_at": NOW},
        {"state": "open", "decided_at": NOW},
        {"state": "open", "granted_until": LATER},
        {"state": "open", "reason": "No."},
        {"state": "refused", "decided_at": NOW},
        {"state": "revoked", "decided_at": NOW, "granted_until": LATER, "reason": "No."},
        {"state": "maybe"},
        {"organisation_url": "https://example.org/"},
        {"state": "granted", "decided_at": NOW, "granted_until": LATER, "decided_by": F("user")},
        {
            "state": "revoked",
            "decided_at": NOW,
            "granted_until": LATER,
            "revoked_at": NOW,
            "reason": "x",
            "revoked_by": F("user"),
        },
    ],
)
def test_the_database_takes_no_half_decision(bob, change):
    request = asked(bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.filter(pk=request.pk).update(**change)


def test_a_closed_account_leaves_purpose_and_organisation_behind(bob, words):
    request = granted(bob, organisation="Small Models Club")
    bob.delete()
    request.refresh_from_db()
    assert (request.user, request.requester, request.purpose) == (
        None,
        "Small Models Club",
        PURPOSE,
    )


def test_the_form_makes_a_request(bob, words):
    page = browser_of(bob).post(
        ASK, form(kind="organisation", organisation="Small Models", organisation_url="sm.org")
    )
    assert page["Location"] == "/settings/access"
    request = AccessRequest.objects.get()
    assert (request.user, request.dataset, request.purpose) == (bob, "words", PURPOSE)
    assert (request.organisation, request.organisation_url) == ("Small Models", "https://sm.org")
    assert (request.terms, request.state) == (current_terms(), "open")


def test_who_asks_as_a_person_names_no_organisation(bob, words):
    browser_of(bob).post(
        ASK, form(organisation="Typed and thought better of", organisation_url="example.org")
    )
    assert (
        AccessRequest.objects.get().organisation
        == AccessRequest.objects.get().organisation_url
        == ""
    )


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"purpose": "x" * 19}, "purpose", "at least 20"),
        ({"purpose": " " * 30}, "purpose", "required"),
        ({"purpose": "x" * 2001}, "purpose", "at most 2000"),
        ({"kind": ""}, "kind", "required"),
        ({"kind": "robot"}, "kind", "not one of"),
        ({"kind": "organisation"}, "organisation", "Say which organisation"),
        ({"kind": "organisation", "organisation": "x" * 121}, "organisation", "at most 120"),
        (
            {"kind": "organisation", "organisation": "\u202eelgooG"},
            "organisation",
            "cannot be seen",
        ),
        (
            {"kind": "organisation", "organisation": "Small\r\nModels"},
            "organisation",
            "cannot be seen",
        ),
        (
            {"kind": "organisation", "organisation": "A", "organisation_url": "javascript:x"},
            "organisation_url",
            "valid",
        ),
        ({"agrees": ""}, "agrees", "to get access"),
        ({"terms": ""}, "agrees", "terms have changed"),
        ({"terms": "0"}, "agrees", "terms have changed"),
        ({"terms": "9" * 40}, "agrees", "terms have changed"),
        ({"terms": "x"}, "agrees", "terms have changed"),
    ],
)
def test_what_the_form_refuses(bob, words, fields, field, says):
    page = browser_of(bob).post(ASK, form(**fields))
    assert page.status_code == 422
    assert says in str(page.context["form"].errors[field])
    assert not AccessRequest.objects.exists()


def test_words_that_are_replaced_in_substance_have_to_be_read_again(bob, words):
    old = form()
    publish_terms(text="Mind the gap.", by=None)
    page = browser_of(bob).post(ASK, old)
    assert page.status_code == 422
    text = page.content.decode()
    assert "Mind the gap." in text
    assert 'name="terms" value="2"' in text
    assert " checked" not in text.partition('name="agrees"')[2].partition(">")[0]
    with pytest.raises(TermsChangedError):
        asked(bob, terms=AccessTerms.objects.get(version=1))


def test_words_that_are_only_polished_count_as_they_were_shown(bob, words):
    old = form()
    publish_terms(text="Mind the gap, please.", by=None, is_material=False)
    assert browser_of(bob).post(ASK, old).status_code == 302
    assert AccessRequest.objects.get().terms.version == 1


def test_new_terms_are_agreed_to_on_their_own_page(bob, charlie, words):
    request = granted(bob)
    publish_terms(text="Mind the gap.", by=None)
    address = f"/settings/access/{request.pk}/terms"
    assert browser_of(charlie).post(address, {"terms": 2, "agrees": "on"}).status_code == 404
    browser = browser_of(bob)
    assert "Read the new terms" in browser.get("/settings/access").content.decode()
    assert "Read the new terms" in browser.get("/datasets/words/").content.decode()
    assert browser.post(address, {"terms": 1, "agrees": "on"}).status_code == 422
    assert browser.post(address, {"terms": 2}).status_code == 422
    assert not may_download(bob, "words")
    assert browser.post(address, {"terms": 2, "agrees": "on"}).status_code == 302
    assert may_download(bob, "words")
    assert AuditEntry.objects.filter(
        act="terms_agreed", object_id=str(request.pk)
    ).get().detail == {"version": 2}


def test_terms_stay_as_they_were_agreed_to(db):
    terms = ensure_terms()
    assert (terms.version, terms.removal_days, terms.is_material) == (1, 7, True)
    assert "within 7 days" in terms.words
    assert ensure_terms() == terms
    for change in (
        lambda: AccessTerms.objects.update(text="Milder."),
        lambda: AccessTerms.objects.all().delete(),
    ):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            change()
    page = Client().get("/data-terms")
    assert "within 7 days" in page.content.decode()
    assert Client().get("/data-terms/1").status_code == 200
    assert Client().get("/data-terms/2").status_code == 404


def test_the_catalogue_shows_figures_and_no_rows_to_everybody(client, words):
    page = client.get("/datasets/words/").content.decode()
    assert "Request access" in page
    assert "The bread is in the oven." not in page
    assert "You have access" not in client.get("/datasets/").content.decode()


def test_the_catalogue_knows_who_has_access(bob, words):
    granted(bob)
    browser = browser_of(bob)
    assert "You have access" in browser.get("/datasets/").content.decode()
    assert "You may download it until" in browser.get("/datasets/words/").content.decode()


STATES = {
    "open": (asked, "Awaiting a decision", "Ask again"),
    "granted": (granted, "make an access token", "Ask again"),
    "refused": (
        lambda user: refuse_access(request=asked(user), by=person(), reason="Say <b>more</b>."),
        "Say &lt;b&gt;more&lt;/b&gt;.",
        None,
    ),
    "expired": (lambda user: end(granted(user)), "Expired", None),
    "revoked": (lambda user: revoke(granted(user)), "It was passed on.", None),
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_about_ones_requests(bob, charlie, words, state):
    happen, shown, not_shown = STATES[state]
    happen(bob)
    page = browser_of(bob).get("/settings/access").content.decode()
    assert shown in page
    assert ("Ask again" in page) is (not_shown is None)
    assert (browser_of(bob).get(ASK).status_code == 200) is (not_shown is None)
    assert browser_of(bob).get("/datasets/words/").status_code == 200
    assert "No requests yet" in browser_of(charlie).get("/settings/access").content.decode()


def test_the_page_asks_no_more_queries_for_more_requests(bob, words, django_assert_max_num_queries):
    browser = browser_of(bob)
    for number in range(20):
        granted(bob, f"set-{number}")
    with django_assert_max_num_queries(8):
        browser.get("/settings/access")


def test_who_has_a_token_is_told_to_use_it(bob, words):
    granted(bob)
    create_token(user=bob, name="diary", scopes=["consent"])
    assert "make an access token" in browser_of(bob).get("/settings/access").content.decode()
    create_token(user=bob, name="cluster")
    assert "load it" in browser_of(bob).get("/settings/access").content.decode()


def test_a_data_set_that_is_not_published_cannot_be_asked_for(bob):
    assert browser_of(bob).get(ASK).status_code == 404


DECISIONS = {
    "granted": (
        lambda request: grant_access(request=request, by=person()),
        "you may download",
        "/settings/tokens",
    ),
    "refused": (
        lambda request: refuse_access(request=request, by=person(), reason="Too <short>."),
        "refused",
        "Too <short>.",
    ),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_asker_is_told_once(bob, decision):
    decide, *says = DECISIONS[decision]
    request = asked(bob)
    send_decisions()
    assert mail.outbox == []
    decide(request)
    send_decisions()
    send_decisions()
    (letter,) = mail.outbox
    assert letter.to == [bob.email]
    assert "words" in letter.subject
    assert all(words in letter.body for words in says)


def test_who_was_told_of_a_grant_is_told_of_its_end(bob):
    request = granted(bob)
    send_decisions()
    revoke(request)
    send_decisions()
    assert "has ended" in mail.outbox[1].subject
    assert "It was passed on." in mail.outbox[1].body


def test_a_letter_that_fails_keeps_nobody_else_from_theirs(bob, charlie, monkeypatch):
    granted(bob)
    granted(charlie)
    send = mail.EmailMultiAlternatives.send

    def fail_for_bob(letter, *args, **kwargs):
        if letter.to == [bob.email]:
            raise OSError("no such box")
        return send(letter, *args, **kwargs)

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", fail_for_bob)
    send_decisions()
    assert [letter.to for letter in mail.outbox] == [[charlie.email]]
    monkeypatch.undo()
    send_decisions()
    assert [letter.to for letter in mail.outbox] == [[charlie.email], [bob.email]]


def fetch(reader: User, shard, **headers) -> int:
    address = f"/api/v1/datasets/words/files/{shard.path}"
    response = Client().get(address, headers=bearer(reader) | headers)
    response.getvalue()
    return response.status_code


def test_each_request_for_a_file_is_in_the_log(bob, words, alice):
    request = granted(bob)
    shard = words.shards.get(format="parquet")
    assert fetch(bob, shard) == 200
    assert fetch(bob, shard, Range="bytes=0-9") == 206
    assert fetch(bob, shard, Range=f"bytes={shard.size}-") == 416
    withdraw(alice)
    assert fetch(bob, shard) == 503
    rows = Download.objects.order_by("pk")
    assert [(row.status, row.bytes_asked) for row in rows] == [
        (200, shard.size),
        (206, 10),
        (416, 0),
        (503, 0),
    ]
    for row in rows:
        assert (row.user, row.access, row.token_name, row.snapshot) == (
            bob,
            request,
            "laptop",
            words,
        )
        assert row.path == shard.path


def test_a_look_at_the_head_and_a_refusal_are_no_downloads(bob, charlie, words):
    granted(bob)
    shard = words.shards.get(format="parquet")
    Client().head(f"/api/v1/datasets/words/files/{shard.path}", headers=bearer(bob))
    assert fetch(charlie, shard) == 403
    assert not Download.objects.exists()


def test_a_token_that_asks_too_often_waits(bob, words, monkeypatch):
    monkeypatch.setattr("dataset_export.access.log.REQUESTS", 2)
    granted(bob)
    shard = words.shards.get(format="parquet")
    headers = bearer(bob)
    address = f"/api/v1/datasets/words/files/{shard.path}"
    answers = [Client().get(address, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) <= 300
    assert fetch(bob, shard) == 200  # another token


def test_who_had_which_rows_when(alice, bob, charlie, words):
    granted(
        bob, organisation="Small Models Club", purpose="To find out how bread is written about."
    )
    granted(charlie)
    parquet, lines = words.shards.get(format="parquet"), words.shards.get(format="jsonl")
    for shard in (parquet, parquet, lines):
        fetch(bob, shard)
    fetch(charlie, lines, Range="bytes=0-4")
    fetch(charlie, lines, Range="bytes=99999999-")
    person_had, club_had = downloads_of_snapshot(words)
    assert (club_had.name, club_had.files) == ("Small Models Club", 2)
    assert club_had.purpose == "To find out how bread is written about."
    assert club_had.bytes == 2 * parquet.size + lines.size
    assert club_had.first_at < club_had.last_at < person_had.last_at
    assert (person_had.name, person_had.files, person_had.bytes) == ("@charlie", 1, 5)
    assert downloads_of_subject(get_or_create_subject(alice).pk) == [person_had, club_had]
    assert downloads_of_subject(get_or_create_subject(bob).pk) == []
