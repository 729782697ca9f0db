"""Programs that read and change what a person shares: with a token of the right scope, for that person only."""

import re
import threading
from http import HTTPStatus

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import create_token
from consent.models import ConsentEvent, IdempotencyKey, Notice
from consent.notices import current_notice, publish
from consent.services import record_age_attestation
from tests.dataset_export.snapshots import bearer
from tests.factories import grant, person, post, withdraw

STATE, NOTICES, DECISIONS = (
    "/api/v1/consent/",
    "/api/v1/consent/notices",
    "/api/v1/consent/decisions",
)
YES = {"purpose": "pretraining", "decision": "granted", "notice": "pretraining/1/en"}
NO = {"purpose": "pretraining", "decision": "withdrawn"}


class Program:
    """A program with a person's token."""

    def __init__(self, user: User, *scopes: str, name: str = "diary") -> None:
        token = create_token(user=user, name=name, scopes=scopes or ("consent",))
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str):
        return Client().get(path, headers=self.headers)

    def post(self, path: str, body: object, key: str = ""):
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return Client().post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def program(alice) -> Program:
    record_age_attestation(user=alice)
    current_notice("pretraining")
    return Program(alice)


def paths(post_id: int = 1, position: int = 0) -> list[tuple[str, str]]:
    return [
        ("get", STATE),
        ("get", NOTICES),
        ("get", DECISIONS),
        ("post", DECISIONS),
        ("get", f"/api/v1/consent/receipts/{position}"),
        ("post", f"/api/v1/posts/{post_id}/training"),
    ]


CALLERS = {
    "no token": (dict, 401),
    "a made-up token": (lambda: {"Authorization": "Bearer cp_nonsense"}, 401),
    "a token without the scope": (lambda: bearer(person("plain")), 403),
    "a suspended person": (
        lambda: bearer(person("bad", suspended_at=timezone.now()), "consent"),
        401,
    ),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_without_the_right_token(alice, caller):
    event, mine = grant(alice), post(alice)
    headers_of, status = CALLERS[caller]
    headers = headers_of()
    for method, path in paths(mine.pk, event.position):
        response = getattr(Client(), method)(path, headers=headers)
        assert response.status_code == status, path
        assert set(response.json()) == {"error"}, path
    assert ConsentEvent.objects.count() == 1


def test_being_logged_in_is_no_token(client, alice):
    client.force_login(alice)
    for method, path in paths():
        assert getattr(client, method)(path).status_code == 401


def test_the_state_before_anything_was_said(alice):
    state = Program(alice).get(STATE).json()
    assert state["adult"] is state["allows_crawling"] is False
    assert [purpose["purpose"] for purpose in state["purposes"]] == [
        "pretraining",
        "fine_tuning",
        "evaluation",
        "open_release",
    ]
    for purpose in state["purposes"]:
        assert purpose["granted"] is purpose["outdated"] is False
        assert (
            purpose["since"]
            is purpose["covers"]
            is purpose["notice"]
            is purpose["position"]
            is None
        )


def state_of(program: Program, purpose: str = "pretraining") -> dict:
    return next(
        state for state in program.get(STATE).json()["purposes"] if state["purpose"] == purpose
    )


def test_the_state_names_the_words_and_the_place_in_the_log(alice, program):
    event = grant(alice)
    state = state_of(program)
    assert state["granted"] is True
    assert state["covers"] == "everything"
    assert state["position"] == event.position
    assert state["notice"] == {
        "name": "pretraining/1/en",
        "version": 1,
        "language": "en",
        "sha256": bytes(event.notice.text_sha256).hex(),
    }
    withdraw(alice)
    assert state_of(program)["granted"] is False
    assert state_of(program)["position"] == event.position + 1


def test_a_yes_to_words_that_changed_materially_is_outdated(alice, program):
    grant(alice)
    publish("pretraining", 2, "en", "Other words.", is_material=True)
    assert state_of(program)["granted"] is False
    assert state_of(program)["outdated"] is True


def test_the_notices_are_those_in_force_in_every_language(program):
    notices = program.get(NOTICES).json()
    assert len(notices) == 8
    for notice in notices:
        stored = Notice.objects.get(
            purpose=notice["purpose"], version=notice["version"], language=notice["language"]
        )
        assert notice["name"] == str(stored)
        assert notice["text"] == stored.text
        assert notice["sha256"] == bytes(stored.text_sha256).hex()


def test_a_decision_is_noted_with_the_program_that_asked(alice, program):
    response = program.post(DECISIONS, {**YES, "covers": "everything"})
    assert response.status_code == HTTPStatus.OK
    event = ConsentEvent.objects.get()
    assert (event.subject, event.scope, event.covers) == (
        alice.consent_subject.pk,
        "account",
        "everything",
    )
    assert (event.source, event.app) == ("api", "diary")
    answer = response.json()
    assert answer["position"] == event.position
    assert answer["app"] == "diary"
    assert answer["post_id"] is None
    assert answer["receipt"].endswith(f"/api/v1/consent/receipts/{event.position}")
    assert "no-store" in response["Cache-Control"]


def test_a_no_needs_no_notice_and_no_attestation(alice):
    grant(alice)
    assert Program(alice).post(DECISIONS, NO).status_code == HTTPStatus.OK
    alice.consent_subject.adult_attested_at = None
    alice.consent_subject.save()
    assert (
        Program(alice).post(DECISIONS, {**NO, "purpose": "evaluation"}).status_code == HTTPStatus.OK
    )


def test_a_yes_covers_from_now_unless_said(program):
    program.post(DECISIONS, YES)
    assert ConsentEvent.objects.get().covers == "from_now"


REFUSED = [
    {},
    [],
    {**YES, "purpose": "everything"},
    {**YES, "decision": "perhaps"},
    {**YES, "decision": "cleared"},
    {**YES, "covers": "all"},
    {**YES, "notice": "evaluation/1/en"},
    {**YES, "notice": "pretraining/9/en"},
    {**YES, "notice": "pretraining/1/xx"},
    {**YES, "notice": "pretraining/²/en"},
    {**YES, "notice": "nonsense"},
    {**YES, "notice": "a\x00b"},
    {**YES, "notice": None},
    {**YES, "post_id": 1},
    {"purpose": "pretraining", "decision": "granted"},
]


@pytest.mark.parametrize("body", REFUSED, ids=str)
def test_what_cannot_be_taken_is_refused_with_a_sentence(program, body):
    response = program.post(DECISIONS, body)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.json()["error"]
    assert not ConsentEvent.objects.exists()


def test_what_is_no_json_is_refused(program):
    response = Client().post(
        DECISIONS, "{", content_type="application/json", headers=program.headers
    )
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert set(response.json()) == {"error"}


def test_no_program_can_say_that_somebody_is_an_adult(alice):
    current_notice("pretraining")
    response = Program(alice).post(DECISIONS, {**YES, "adult": True})
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "18" in response.json()["error"]
    assert not ConsentEvent.objects.exists()


def test_a_yes_to_words_that_were_replaced_is_refused_and_a_no_never(alice, program):
    grant(alice)
    publish("pretraining", 2, "en", "Other words.", is_material=False)
    assert program.post(DECISIONS, YES).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (
        program.post(DECISIONS, {**NO, "notice": "pretraining/1/en"}).status_code == HTTPStatus.OK
    )
    assert (
        program.post(DECISIONS, {**YES, "notice": "pretraining/2/en"}).status_code == HTTPStatus.OK
    )


def test_the_same_key_gets_the_same_answer_and_decides_once(alice, program):
    first = program.post(DECISIONS, YES, key="one")
    program.post(DECISIONS, NO)
    again = program.post(DECISIONS, YES, key="one")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert ConsentEvent.objects.count() == 2
    assert not state_of(program)["granted"]


def test_the_same_key_with_another_body_is_refused(alice, program):
    mine = post(alice)
    program.post(DECISIONS, YES, key="one")
    for path, body in [
        (DECISIONS, NO),
        (DECISIONS, {**YES, "covers": "everything"}),
        (f"/api/v1/posts/{mine.pk}/training", YES),
    ]:
        assert program.post(path, body, key="one").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert ConsentEvent.objects.count() == 1


def test_a_key_is_one_persons(alice, bob, program):
    record_age_attestation(user=bob)
    program.post(DECISIONS, YES, key="one")
    Program(bob).post(DECISIONS, YES, key="one")
    assert ConsentEvent.objects.values("subject").distinct().count() == 2


def test_a_refused_decision_uses_no_key_up(alice):
    current_notice("pretraining")
    program = Program(alice)
    assert program.post(DECISIONS, YES, key="one").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    record_age_attestation(user=alice)
    assert program.post(DECISIONS, YES, key="one").status_code == HTTPStatus.OK


def test_a_key_has_a_length(program):
    assert program.post(DECISIONS, YES, key="x" * 200).status_code == HTTPStatus.OK
    assert (
        program.post(DECISIONS, YES, key="x" * 201).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    )


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_many_times_at_once_decides_once():
    alice = person("alice")
    record_age_attestation(user=alice)
    current_notice("pretraining")
    program, answers = Program(alice), []

    def send() -> None:
        answers.append(program.post(DECISIONS, YES, key="one").json())
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)
    assert ConsentEvent.objects.count() == IdempotencyKey.objects.count() == 1


def test_too_many_decisions_are_put_off(program, monkeypatch):
    monkeypatch.setattr("consent.api.decisions.DecisionThrottle.limit", 2)
    assert [program.post(DECISIONS, NO).status_code for _ in range(3)] == [200, 200, 429]
    assert int(program.post(DECISIONS, NO)["Retry-After"]) <= 300
    assert program.get(STATE).status_code == HTTPStatus.OK


def links(response) -> dict[str, str]:
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', response["Link"])}


def test_the_history_is_read_page_by_page(alice, program):
    written = [(grant if number % 2 else withdraw)(alice).position for number in range(7)]
    read, url = [], f"{DECISIONS}?limit=3"
    while url:
        response = program.get(url)
        read.append([event["position"] for event in response.json()])
        assert links(response)["first"].endswith(DECISIONS)
        url = links(response).get("next")
    assert [len(page) for page in read] == [3, 3, 1]
    assert [position for page in read for position in page] == sorted(written, reverse=True)


@pytest.mark.parametrize(
    ("limit", "rows"), [("0", 20), ("-1", 20), ("x", 20), ("1", 1), ("1000000", 30)]
)
def test_the_size_of_a_page_has_bounds(alice, program, limit, rows, django_assert_max_num_queries):
    for number in range(30):
        (grant if number % 2 else withdraw)(alice)
    with django_assert_max_num_queries(5):
        assert len(program.get(f"{DECISIONS}?limit={limit}").json()) == rows


def test_nobody_reads_anothers_history_or_receipts(alice, bob):
    event = grant(alice)
    for someone in (bob, person("root", is_staff=True, is_superuser=True)):
        outsider = Program(someone)
        assert outsider.get(DECISIONS).json() == []
        response = outsider.get(f"/api/v1/consent/receipts/{event.position}")
        assert response.status_code == HTTPStatus.NOT_FOUND
        assert str(event.subject) not in response.content.decode()
        assert state_of(outsider)["granted"] is False


def test_the_receipt_is_that_of_the_site(alice, program):
    event = grant(alice)
    receipt = program.get(f"/api/v1/consent/receipts/{event.position}").json()
    assert receipt["signature"]
    assert (
        program.get(f"/api/v1/consent/receipts/{event.position + 1}").status_code
        == HTTPStatus.NOT_FOUND
    )


def training_of(made) -> str:
    return f"/api/v1/posts/{made.pk}/training"


def test_a_decision_for_ones_own_post(alice, program):
    mine = post(alice)
    answer = program.post(training_of(mine), YES).json()
    assert answer["post_id"] == str(mine.pk)
    assert (answer["scope"], answer["source"], answer["app"]) == ("post", "api", "diary")
    assert (
        program.post(training_of(mine), {**YES, "decision": "withdrawn"}).json()["decision"]
        == "withdrawn"
    )
    assert (
        program.post(training_of(mine), {**NO, "decision": "cleared"}).json()["decision"]
        == "cleared"
    )


def test_nobody_decides_for_anothers_post(alice, bob):
    record_age_attestation(user=bob)
    current_notice("pretraining")
    secret = post(alice, visibility="followers")
    for made in (post(alice), secret):
        assert Program(bob).post(training_of(made), YES).status_code == HTTPStatus.NOT_FOUND
    assert (
        Program(bob).post("/api/v1/posts/99999999999999999999999/training", YES).status_code
        == HTTPStatus.NOT_FOUND
    )
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("draft", [{"visibility": "followers"}, {"authorship": "assisted"}])
def test_a_post_that_is_never_used_takes_no_yes(alice, program, draft):
    mine = post(alice, **draft)
    response = program.post(training_of(mine), YES)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "never" in response.json()["error"]
    assert program.post(training_of(mine), NO).status_code == HTTPStatus.OK


def test_the_documentation_is_sound(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(tmp_path / "schema.yml"))
    schema = (tmp_path / "schema.yml").read_text()
    for path in (
        STATE,
        NOTICES,
        DECISIONS,
        "/api/v1/consent/receipts/{position}",
        "/api/v1/posts/{post_id}/training",
    ):
        assert f"  {path}:" in schema
    assert "Idempotency-Key" in schema
