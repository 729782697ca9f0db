"""Who may use the API: each address of it, with each kind of token."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessToken, User, hash_token
from accounts.services import create_token, revoke_token
from dataset_export.access.services import refuse_access, revoke_access
from dataset_export.models import AccessRequest
from tests.addresses import all_patterns
from tests.dataset_export.grants import asked, granted
from tests.dataset_export.snapshots import bearer, published
from tests.factories import grant, person, post
from tests.sessions import confirm_password

OPEN = "dataset_export:api-signing-key"
# The names of the datasets are no secret; a token is enough.
OPEN_WITH_TOKEN = "dataset_export:api-list"
OPEN_WITHOUT_TOKEN = "api-schema"
TAKES_ANSWERS = "dataset_export:api-acknowledgements"


def reader(username: str, dataset: str = "words", **fields) -> User:
    someone = person(username, **fields)
    granted(someone, dataset)
    return someone


def waiting(username: str) -> User:
    return asked(person(username)).user


def refused(username: str) -> User:
    request = asked(person(username))
    refuse_access(request=request, by=person(), reason="Too little is said.")
    return request.user


def expired(username: str) -> User:
    request = granted(person(username))
    AccessRequest.objects.filter(pk=request.pk).update(granted_until=timezone.now())
    return request.user


def banned(username: str) -> User:
    request = granted(person(username))
    revoke_access(request=request, by=person(), reason="It was passed on.")
    return request.user


def revoked() -> dict[str, str]:
    headers = bearer(reader("careless"))
    revoke_token(token=AccessToken.objects.get(user__username="careless"))
    return headers


# Whoever sends the header, and what they get where not everything is open.
CALLERS = {
    "no token": (dict, 401),
    "an empty token": (lambda: {"Authorization": "Bearer "}, 401),
    "a made-up token": (lambda: {"Authorization": "Bearer cp_nonsense"}, 401),
    "a token in another alphabet": (lambda: {"Authorization": "Bearer cp_é\xff"}, 401),
    "another scheme": (lambda: {"Authorization": "Basic YWxpY2U6cGFzcw=="}, 401),
    "a revoked token": (revoked, 401),
    "a suspended person": (lambda: bearer(reader("suspended", suspended_at=timezone.now())), 401),
    "a closed account": (lambda: bearer(reader("closed", is_active=False)), 401),
    "no grant": (lambda: bearer(person("curious")), 403),
    "staff without a grant": (lambda: bearer(person("plain", is_staff=True)), 403),
    "the superuser without a grant": (lambda: bearer(person("root", is_superuser=True)), 403),
    "somebody who waits": (lambda: bearer(waiting("waiting")), 403),
    "somebody who was refused": (lambda: bearer(refused("refused")), 403),
    "a reader whose grant is over": (lambda: bearer(expired("late")), 403),
    "a reader whose grant was revoked": (lambda: bearer(banned("banned")), 403),
    "a reader of another dataset": (lambda: bearer(reader("other", dataset="other")), 403),
    "a reader whose token is for something else": (
        lambda: bearer(reader("elsewhere"), "consent"),
        403,
    ),
    "a reader": (lambda: bearer(reader("reader")), 200),
    "a reader who writes small": (
        lambda: {
            "Authorization": bearer(reader("small"))["Authorization"].replace("Bearer", "bearer")
        },
        200,
    ),
}


@pytest.fixture
def paths(alice) -> dict[str, str]:
    """The addresses of the API by name, read from the URL configuration."""
    post(alice, "The bread is in the oven.")
    grant(alice)
    made = published()
    values = {"<slug:name>": "words", "<path:path>": made.shards.get(format="jsonl").path}
    found = {}
    for name, pattern in all_patterns():
        # What takes decisions, what shows posts, and what answers as the Hub does, has its own tests.
        if pattern.startswith(("api/v1/", "api/schema")) and not name.startswith(
            ("consent:", "posts:", "timeline:")
        ):
            for placeholder, value in values.items():
                pattern = pattern.replace(placeholder, value)
            assert "<" not in pattern, f"say what stands in {pattern}"
            found[name] = f"/{pattern}"
    return found


def test_every_address_with_every_kind_of_token(paths):
    assert len(paths) >= 7
    for caller, (headers_of, status) in CALLERS.items():
        headers = headers_of()
        for name, path in paths.items():
            response = Client().get(path, headers=headers)
            assert response.status_code == expected(name, headers, status), (caller, name)
            if response.status_code == 401:
                assert response["WWW-Authenticate"].startswith("Bearer"), (caller, name)


def expected(name: str, headers: dict[str, str], status: int) -> int:
    """Return the status for a caller who may get something else than 200 where not everything is open."""
    if name == OPEN_WITHOUT_TOKEN:
        return (
            401 if status == 401 and headers.get("Authorization", "").startswith("Bearer") else 200
        )
    if name == OPEN_WITH_TOKEN and status == 403 and "consent" not in scopes_of(headers):
        return 200
    return 200 if name == OPEN else status


def scopes_of(headers: dict[str, str]) -> list[str]:
    return AccessToken.objects.get(
        digest=hash_token(headers["Authorization"].partition(" ")[2])
    ).scopes


def test_being_logged_in_is_no_token(paths):
    browser = Client()
    browser.force_login(reader("reader"))
    for name, path in paths.items():
        assert browser.get(path).status_code == expected(name, {}, 401), name


def test_nothing_can_be_written_but_answers(paths):
    headers = bearer(reader("reader"))
    for name, path in paths.items():
        for method in (
            ("put", "patch", "delete")
            if name == TAKES_ANSWERS
            else ("post", "put", "patch", "delete")
        ):
            assert getattr(Client(), method)(path, headers=headers).status_code == 405, (
                name,
                method,
            )


def test_a_token_ends_with_its_persons_account(paths):
    someone = reader("reader")
    headers = bearer(someone)
    assert Client().get(paths["dataset_export:api-list"], headers=headers).status_code == 200
    someone.delete()
    assert Client().get(paths["dataset_export:api-list"], headers=headers).status_code == 401


def test_only_the_hash_of_a_token_is_kept(alice):
    text = create_token(user=alice, name="laptop")
    token = AccessToken.objects.get()
    assert token.digest == hash_token(text)
    assert text not in str(AccessToken.objects.values())


def test_the_last_use_is_noted_once_a_minute(paths):
    headers = bearer(reader("reader"))
    tokens = AccessToken.objects.filter(user__username="reader")

    def use() -> object:
        Client().get(paths["dataset_export:api-list"], headers=headers)
        return tokens.get().last_used_at

    first = use()
    assert timezone.now() - first < timedelta(minutes=1)
    assert use() == first
    tokens.update(last_used_at=first - timedelta(minutes=2))
    assert use() > first


def test_the_page_shows_a_new_token_once_and_only_to_its_owner(client, alice, bob):
    client.force_login(alice)
    confirm_password(client)
    page = client.post("/settings/tokens", {"name": "laptop", "scopes": ["datasets:read"]})
    text = page.context["new_token"]
    assert text in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    again = client.get("/settings/tokens").content.decode()
    assert text not in again
    assert "laptop" in again
    client.force_login(bob)
    assert list(client.get("/settings/tokens").context["tokens"]) == []


def test_revoking_on_the_page_ends_the_token(client, paths):
    someone = reader("reader")
    headers = bearer(someone)
    client.force_login(someone)
    client.post(f"/settings/tokens/{someone.access_tokens.get().pk}/revoke")
    assert Client().get(paths["dataset_export:api-list"], headers=headers).status_code == 401
    assert list(client.get("/settings/tokens").context["tokens"]) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_token_needs_a_name(client, alice, name):
    client.force_login(alice)
    assert client.post("/settings/tokens", {"name": name}).status_code == 422
    assert not AccessToken.objects.exists()
