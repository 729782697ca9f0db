from collections.abc import Iterator
from pathlib import Path

import django.test
import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import override_settings

import config.celery  # noqa: F401  the app through which tasks are sent
from accounts.models import User
from tests.factories import person

# A busy machine is no fault of the code; what must be fast is measured elsewhere.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `unit` what needs no database, and so no server, worker or browser: the fast tier."""
    for item in items:
        uses_database = (
            item.get_closest_marker("django_db") is not None
            or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
            or issubclass(getattr(item, "cls", None) or object, django.test.TransactionTestCase)
        )
        if not uses_database and not {"browser", "slow"} & {
            mark.name for mark in item.iter_markers()
        }:
            item.add_marker("unit")


@pytest.fixture(autouse=True)
def plain_settings(settings, tmp_path_factory) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Nobody reads as fast as a test; what is said of these limits sets them for itself.
    settings.READ_LIMITS = dict.fromkeys(settings.READ_LIMITS, 1_000_000)
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "media"
    cache.clear()


@pytest.fixture(scope="session")
def static_root(tmp_path_factory) -> Iterator[None]:
    """A folder that exists: a fresh checkout has none, and the server looks for it when it starts."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(scope="session")
def live_server(static_root, live_server):
    return live_server


@pytest.fixture(autouse=True)
def flushable_ledger(request) -> Iterator[None]:
    """Let the flush after a test with real transactions pass the ledger's triggers, and only that."""
    if "transactional_db" not in request.fixturenames and "live_server" not in request.fixturenames:
        marker = request.node.get_closest_marker("django_db")
        if marker is None or not marker.kwargs.get("transaction"):
            yield
            return
    request.getfixturevalue("transactional_db")
    set_replication_role("origin")
    yield
    set_replication_role("replica")


def set_replication_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = '{role}'")


@pytest.fixture
def no_redis(settings) -> None:
    """Point the cache at a port where nothing listens."""
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }


@pytest.fixture
def alice(db) -> User:
    """The owner of what a test is about."""
    return person("alice")


@pytest.fixture
def bob(db) -> User:
    return person("bob")


@pytest.fixture
def charlie(db) -> User:
    """The outsider."""
    return person("charlie")


@pytest.fixture
def shared_data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the folder of real posts and published vectors is not beside this checkout")
    return SHARED
