"""Access managers at work in the admin, and what each role may and may not do."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from dataset_export.access.terms import current_terms
from dataset_export.models import AccessRequest, AccessTerms, AuditEntry, Download
from dataset_export.roles import ROLES, sync_roles
from tests.dataset_export.grants import PURPOSE, asked, granted
from tests.factories import person, snapshot

REQUESTS = "/admin/dataset_export/accessrequest"
TERMS = "/admin/dataset_export/accessterms"


def member(group: str, username: str) -> User:
    sync_roles()
    someone = person(username, is_staff=True)
    someone.groups.add(Group.objects.get(name=group))
    return someone


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(db) -> User:
    return member("Access managers", "manager")


@pytest.fixture
def desk(manager) -> Client:
    return browser_of(manager)


def act(client: Client, request: AccessRequest, what: str, **form) -> str:
    return client.post(f"{REQUESTS}/{request.pk}/act/{what}/", form, follow=True).content.decode()


def test_one_page_has_all_that_a_decision_needs(desk, bob, charlie):
    earlier = granted(bob, "others", organisation="Small Models")
    of_colleague = asked(charlie, organisation="small models")
    made = snapshot()
    Download.objects.create(
        user=bob, access=earlier, snapshot=made, path="a", bytes_asked=2048, status=200
    )
    request = asked(
        bob,
        organisation="Small Models",
        organisation_url="https://example.org/sm",
        purpose=PURPOSE + "<b>",
    )
    page = desk.get(f"{REQUESTS}/{request.pk}/change/")
    assert list(page.context["earlier"]) == [of_colleague, earlier]
    text = page.content.decode()
    for shown in (
        "@bob",
        bob.email,
        "Small Models",
        "https://example.org/sm",
        f"{PURPOSE}&lt;b&gt;",
        "Version 1",
        "2.0",
    ):
        assert shown in text


@pytest.mark.parametrize(
    ("days", "expected"),
    [("30", 30), ("90", 90), ("365", 365), ("", 365), ("9999", 365), ("x", 365)],
)
def test_granting_for_a_time(desk, manager, bob, days, expected):
    request = asked(bob)
    assert "Granted." in act(desk, request, "grant", days=days)
    request.refresh_from_db()
    assert (request.state, request.decided_by) == ("granted", manager)
    assert (request.granted_until - request.decided_at).days in (expected, expected - 1)


@pytest.mark.parametrize(("what", "make"), [("refuse", asked), ("revoke", granted)])
def test_a_no_needs_a_reason(desk, bob, what, make):
    request = make(bob)
    before = request.state
    for reason in ("", "   "):
        page = desk.post(f"{REQUESTS}/{request.pk}/act/{what}/", {"reason": reason})
        assert page.status_code == 422
        assert "Say why" in page.content.decode()
    request.refresh_from_db()
    assert request.state == before
    act(desk, request, what, reason="Say <b>more</b>")
    request.refresh_from_db()
    assert (request.state, request.reason) == (f"{what}d", "Say <b>more</b>")


def test_the_second_manager_reads_who_was_quicker(desk, bob):
    request = asked(bob)
    other = browser_of(member("Access managers", "other"))
    act(other, request, "grant")
    said = act(desk, request, "refuse", reason="No.")
    assert "Already decided: granted by other." in said
    request.refresh_from_db()
    assert request.state == "granted"


def test_ones_own_request_has_no_buttons_and_takes_no_act(desk, manager):
    mine = asked(manager)
    page = desk.get(f"{REQUESTS}/{mine.pk}/change/").content.decode()
    assert "Someone else has to decide it" in page
    assert "Grant access" not in page
    assert "your own request" in act(desk, mine, "grant")
    mine.refresh_from_db()
    assert mine.is_open


def test_an_act_that_does_not_exist_is_not_found(desk, bob):
    assert desk.post(f"{REQUESTS}/{asked(bob).pk}/act/delete/").status_code == 404
    assert desk.post(f"{REQUESTS}/0/act/grant/").status_code == 404


@pytest.mark.parametrize("state", ["open", "granted", "refused", "revoked", "expired", "nonsense"])
def test_the_list_is_filtered_by_state(desk, bob, charlie, state):
    asked(bob)
    granted(charlie)
    found = desk.get(f"{REQUESTS}/", {"state": state}).context["cl"].queryset
    assert found.count() == {"open": 1, "granted": 1, "nonsense": 2}.get(state, 0)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_lists_ask_no_more_queries_for_more_rows(db):
    """Each row of another person, grant and snapshot."""
    root = browser_of(person("root", is_staff=True, is_superuser=True))

    def had(number: int) -> None:
        access = granted(person(), f"set-{number}", organisation="Small Models")
        asked(person(), f"set-{number}")
        made = snapshot(f"set-{number}")
        Download.objects.create(
            user=access.user, access=access, snapshot=made, path="a", bytes_asked=1, status=200
        )

    had(0)
    of_first = f"{REQUESTS}/{AccessRequest.objects.earliest('pk').pk}/change/"
    others = (
        f"/admin/dataset_export/{name}/" for name in ("download", "auditentry", "accessterms")
    )
    addresses = [f"{REQUESTS}/", of_first, *others]
    for address in addresses:
        queries_of(root, address)
    for_one = [queries_of(root, address) for address in addresses]
    for number in range(1, 20):
        had(number)
    Download.objects.update(user=AccessRequest.objects.earliest("pk").user)
    assert [queries_of(root, address) for address in addresses] == for_one
    assert max(for_one) <= 14, for_one


def test_new_terms_are_a_new_version(desk, manager):
    old = current_terms()
    page = desk.get(f"{TERMS}/add/")
    assert old.text.split(".")[0] in page.content.decode()
    desk.post(
        f"{TERMS}/add/",
        {"text": "Be kind within {days} days.", "removal_days": "3", "is_material": "on"},
    )
    made = AccessTerms.objects.get(version=2)
    assert (made.words, made.is_material) == ("Be kind within 3 days.", True)
    assert AuditEntry.objects.get(act="terms_made", object_id=str(made.pk)).actor == "manager"
    desk.post(f"{TERMS}/{old.pk}/change/", {"text": "Milder.", "removal_days": "90"})
    assert AccessTerms.objects.get(version=1).text == old.text
    assert desk.post(f"{TERMS}/add/", {"text": "Never.", "removal_days": "91"}).status_code == 200
    assert AccessTerms.objects.count() == 2


ALL = {
    "Snapshot builders": {
        "view_snapshot",
        "add_snapshot",
        "build_snapshot",
        "view_recipe",
        "add_recipe",
        "view_evaluationlist",
        "add_evaluationlist",
    },
    "Snapshot reviewers": {
        "view_snapshot",
        "approve_snapshot",
        "view_recipe",
        "view_evaluationlist",
    },
    "Access managers": {
        "view_accessrequest",
        "decide_access",
        "view_accessterms",
        "add_accessterms",
        "view_download",
        "view_removalnotice",
    },
    "Auditors": {
        "view_auditentry",
        "view_accessrequest",
        "view_accessterms",
        "view_download",
        "view_removalnotice",
        "view_snapshot",
        "view_recipe",
        "view_evaluationlist",
    },
    "Trend reviewers": {"view_trend", "change_trend"},
}


def test_each_role_may_do_this_and_nothing_else(db):
    sync_roles()
    Group.objects.get(name="Auditors").permissions.add(
        Permission.objects.get(codename="delete_user")
    )
    sync_roles()
    assert set(ROLES) == set(ALL)
    for role, expected in ALL.items():
        someone = person(is_staff=True)
        someone.groups.add(Group.objects.get(name=role))
        assert {name.rpartition(".")[2] for name in someone.get_all_permissions()} == expected, role


LISTS = (
    "snapshot",
    "recipe",
    "accessrequest",
    "accessterms",
    "download",
    "removalnotice",
    "auditentry",
)
OPEN_LISTS = {
    "Snapshot builders": {"snapshot", "recipe"},
    "Snapshot reviewers": {"snapshot", "recipe"},
    "Access managers": {"accessrequest", "accessterms", "download", "removalnotice"},
    "Auditors": set(LISTS),
}
DECIDES = {"Access managers"}


@pytest.mark.parametrize("role", [*OPEN_LISTS, "no role", "outsider"])
def test_what_each_role_sees_and_decides(bob, role):
    if role in OPEN_LISTS:
        someone = member(role, "someone")
    else:
        someone = person("someone", is_staff=role == "no role")
    browser, request = browser_of(someone), asked(bob)
    seen = {
        name for name in LISTS if browser.get(f"/admin/dataset_export/{name}/").status_code == 200
    }
    assert seen == OPEN_LISTS.get(role, set())
    browser.post(f"{REQUESTS}/{request.pk}/act/grant/")
    request.refresh_from_db()
    assert request.is_open is (role not in DECIDES)


def test_an_auditor_looks_and_changes_nothing(bob):
    browser, request = browser_of(member("Auditors", "auditor")), granted(bob)
    page = browser.get(f"{REQUESTS}/{request.pk}/change/").content.decode()
    assert PURPOSE in page
    assert "Revoke access" not in page
    assert browser.get(f"{TERMS}/add/").status_code == 403
