"""Access tokens: what each may do, and that moving their table kept them."""

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.models import AccessToken, User
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer
from tests.sessions import confirm_password


@pytest.fixture
def reader(alice) -> User:
    granted(alice)
    return alice


def test_a_token_reads_data_sets_and_nothing_else_unless_told(reader):
    headers = bearer(reader)
    assert AccessToken.objects.get().scopes == ["datasets:read"]
    assert Client().get("/api/v1/datasets/", headers=headers).status_code == 200
    assert Client().get("/api/v1/consent/", headers=headers).status_code == 403


def test_a_token_for_consent_reads_no_data_sets(reader):
    response = Client().get("/api/v1/datasets/", headers=bearer(reader, "consent"))
    assert response.status_code == 403
    assert "datasets:read" in response.json()["error"]


def test_a_token_may_do_both(reader):
    headers = bearer(reader, "consent", "datasets:read", "consent")
    assert AccessToken.objects.get().scopes == ["consent", "datasets:read"]
    assert Client().get("/api/v1/datasets/", headers=headers).status_code == 200
    assert Client().get("/api/v1/consent/", headers=headers).status_code == 200


@pytest.mark.parametrize("scopes", [[], ["admin"], ["consent", "everything"]])
def test_the_database_takes_no_token_without_known_scopes(alice, scopes):
    with pytest.raises(IntegrityError):
        AccessToken.objects.create(user=alice, name="laptop", digest="0" * 64, scopes=scopes)


def test_the_page_offers_the_scopes(client, alice):
    client.force_login(alice)
    page = client.get("/settings/tokens").content.decode()
    assert page.count('type="checkbox" name="scopes"') == 3
    assert page.count(" checked") == 1
    confirm_password(client)
    client.post("/settings/tokens", {"name": "diary", "scopes": ["consent"]})
    assert AccessToken.objects.get().scopes == ["consent"]
    assert (
        "Read and change what you share for training"
        in client.get("/settings/tokens").content.decode()
    )


@pytest.mark.parametrize("scopes", [[], ["admin"], ["consent", "admin"]])
def test_the_page_makes_no_token_without_known_scopes(client, alice, scopes):
    client.force_login(alice)
    assert client.post("/settings/tokens", {"name": "diary", "scopes": scopes}).status_code == 422
    assert not AccessToken.objects.exists()
