"""A production site that lacks a setting does not start, and says which in one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from consent.log import keys
from dataset_export import signing

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "s" * 64,
    "SIGNING_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ALLOWED_HOSTS": "example.org",
    "SITE_URL": "https://example.org",
    "DATABASE_URL": "postgresql://someone@db/site",
    "REDIS_URL": "redis://redis/0",
}
SHOW = "import config.settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.ALLOWED_HOSTS)"


def start(changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in {**GOOD, **changes}.items() if value}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_with_all_of_them_it_starts_as_a_production_site():
    assert start({}).stdout == "False True True ['example.org']\n"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY in the environment: "),
        ({"SIGNING_KEY": ""}, "Set SIGNING_KEY in the environment: "),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS in the environment: "),
        ({"SITE_URL": ""}, "Set SITE_URL in the environment: "),
        ({"DATABASE_URL": ""}, "Set DATABASE_URL in the environment: "),
        ({"REDIS_URL": ""}, "Set REDIS_URL in the environment: "),
        ({"DATABASE_URL": "mysql://db/site"}, "DATABASE_URL must begin with postgresql://"),
        ({"ENVIRONMENT": "staging"}, "set it to development or production."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_it_says_what_is_missing(changes, says):
    ended = start(changes)
    assert ended.returncode != 0
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert says in last
    assert ended.stdout == ""


@pytest.mark.parametrize("key", ["nonsense", "c2hvcnQ=", "AAEC" * 16, "é"])
def test_a_signing_key_is_32_bytes(settings, key):
    settings.SIGNING_KEY = key
    for use in (keys.signing_seed, keys.signing_key, signing.public_key):
        with pytest.raises(ImproperlyConfigured, match="SIGNING_KEY must be"):
            use()
