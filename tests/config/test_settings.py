"""A site with a missing or wrong setting does not start, and says which."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import gunicorn_config
from config.environment import list_sections
from consent.transparency_log import keys
from dataset_export.signing import manifests

SITE_VARIABLES = [variable.name for group in list_sections().values() for variable in group]
ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a long random text of seventy signs, as nobody guesses it: Wq7-xK2_pLz9",
    "SIGNING_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ALLOWED_HOSTS": "example.org",
    "SITE_URL": "https://example.org",
    "DATABASE_URL": "postgresql://someone@db/site",
    "REDIS_URL": "redis://redis/0",
}
SHOW = "import config.settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.ALLOWED_HOSTS)"


def start(changes: dict[str, str], code: str = SHOW) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in {**GOOD, **changes}.items() if value}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_settings_with_all_variables_are_those_of_production():
    assert start({}).stdout == "False True True ['example.org']\n"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ENVIRONMENT": ""}, "Set ENVIRONMENT in the environment: production, or development"),
        ({"SECRET_KEY": ""}, "Set SECRET_KEY in the environment: "),
        ({"SIGNING_KEY": ""}, "Set SIGNING_KEY in the environment: "),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS in the environment: "),
        ({"SITE_URL": ""}, "Set SITE_URL in the environment: "),
        ({"DATABASE_URL": ""}, "Set DATABASE_URL in the environment: "),
        ({"REDIS_URL": ""}, "Set REDIS_URL in the environment: "),
        ({"DATABASE_URL": "mysql://db/site"}, "DATABASE_URL must begin with postgresql://"),
        ({"ENVIRONMENT": "staging"}, "set it to development or production."),
        ({"SECRET_KEY": "a"}, "SECRET_KEY is too easy to guess"),
        ({"SECRET_KEY": "a" * 100}, "SECRET_KEY is too easy to guess"),
        ({"SECRET_KEY": "django-insecure-" + "abcdefgh" * 10}, "SECRET_KEY is too easy to guess"),
        ({"SIGNING_KEY": "notbase64"}, "SIGNING_KEY must be the base64 of 32 bytes"),
        ({"SIGNING_KEY": "AAEC"}, "SIGNING_KEY must be the base64 of 32 bytes"),
        ({"SIGNING_KEY": "é"}, "SIGNING_KEY must be the base64 of 32 bytes"),
        ({"SITE_URL": "example.org"}, "SITE_URL is 'example.org'; it must be a scheme and a host"),
        ({"SITE_URL": "https://example.org/blog"}, "it must be a scheme and a host"),
        ({"SITE_URL": "https://"}, "SITE_URL is"),
        ({"SITE_URL": "ftp://example.org"}, "it must be a scheme and a host"),
        ({"SITE_URL": "https://me:pass@example.org"}, "it must be a scheme and a host"),
        (
            {"SITE_URL": "https://example.org:none"},
            "SITE_URL is 'https://example.org:none'; it is no URL",
        ),
        ({"ALLOWED_HOSTS": "*"}, "'*' must be a host name"),
        ({"ALLOWED_HOSTS": "example.org,*"}, "'*' must be a host name"),
        ({"ALLOWED_HOSTS": "https://example.org"}, "'https://example.org' must be a host name"),
        ({"CSRF_TRUSTED_ORIGINS": "example.org"}, "CSRF_TRUSTED_ORIGINS is 'example.org'"),
        ({"EMAIL_URL": "foo"}, "EMAIL_URL must be smtps://"),
        ({"EMAIL_URL": "smtp+ssl://mail"}, "EMAIL_URL must be smtps://"),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL must be smtps://"),
        ({"EMAIL_URL": "smtp://mail:port"}, "EMAIL_URL is no URL"),
        ({"DEFAULT_FROM_EMAIL": "nobody"}, "DEFAULT_FROM_EMAIL is 'nobody'"),
        ({"DATABASE_URL": "postgresql://db"}, "DATABASE_URL must end with the name of a database"),
        ({"DATABASE_URL": "postgresql://db:99999/site"}, "DATABASE_URL is no URL"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must begin with redis://"),
        ({"REDIS_URL": "redis://redis/first"}, "REDIS_URL must name a host and a number"),
        (
            {"MEDIA_STORAGE_URL": "s3://key:secret@host"},
            "MEDIA_STORAGE_URL must name a host and a bucket",
        ),
        (
            {"TRUSTED_PROXIES": "-1"},
            "TRUSTED_PROXIES is '-1'; it must be a whole number, 0 or more.",
        ),
        ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES is 'one'"),
        ({"DATABASE_POOL_SIZE": "-8"}, "DATABASE_POOL_SIZE is '-8'"),
        (
            {"BUILD_TASK_POSTS": "0"},
            "BUILD_TASK_POSTS is '0'; it must be a whole number, 1 or more.",
        ),
        (
            {"OUTBOX_SWEEP_SECONDS": "0"},
            "OUTBOX_SWEEP_SECONDS is '0'; it must be a number of seconds above 0.",
        ),
        ({"OUTBOX_SWEEP_SECONDS": "nan"}, "OUTBOX_SWEEP_SECONDS is 'nan'"),
        ({"HSTS_SECONDS": "-1"}, "HSTS_SECONDS is '-1'"),
        ({"HSTS_PRELOAD": "yes"}, "HSTS_PRELOAD is 'yes'; set it to 0 or 1."),
        ({"SECURE_SSL_REDIRECT": "off"}, "SECURE_SSL_REDIRECT is 'off'; set it to 0 or 1."),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml'"),
    ],
    ids=lambda value: (
        ",".join("=".join(pair) for pair in value.items())[:40] if isinstance(value, dict) else ""
    ),
)
def test_settings_with_a_wrong_value_say_which(changes, says, monkeypatch):
    for name in SITE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        runpy.run_path(str(ROOT / "config" / "settings.py"))
    assert says in str(refusal.value)


def test_process_with_a_wrong_value_ends_with_one_sentence():
    ended = start({"SECRET_KEY": ""})
    assert ended.returncode != 0
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: Set SECRET_KEY in the ")
    assert ended.stdout == ""


def test_management_command_with_a_wrong_value_prints_one_line():
    ended = start(
        {"ENVIRONMENT": ""}, "import sys; sys.argv[1:] = ['check']; import manage; manage.main()"
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Set ENVIRONMENT in the environment: production, or development")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("key", ["nonsense", "c2hvcnQ=", "AAEC" * 16, "é"])
def test_signing_key_of_another_length_raises(settings, key):
    settings.SIGNING_KEY = key
    for use in (keys.signing_seed, keys.signing_key, manifests.site_public_key):
        with pytest.raises(ImproperlyConfigured, match="SIGNING_KEY must be"):
            use()


def test_errors_about_urls_do_not_repeat_passwords():
    for changes in (
        {"DATABASE_URL": "mysql://u:hunter2@db/x"},
        {"EMAIL_URL": "pop://u:hunter2@mail"},
    ):
        assert "hunter2" not in start(changes).stderr


SHOW_COOKIES_AND_HSTS = (
    "import config.settings as s;"
    "print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD,"
    " s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"
)


def test_hsts_defaults_to_an_hour_without_subdomains_and_preload():
    assert (
        start({}, SHOW_COOKIES_AND_HSTS).stdout
        == "3600 False False __Host-sessionid __Host-csrftoken\n"
    )
    more = {"HSTS_SECONDS": "31536000", "HSTS_INCLUDE_SUBDOMAINS": "1", "HSTS_PRELOAD": "1"}
    assert start(more, SHOW_COOKIES_AND_HSTS).stdout.startswith("31536000 True True ")


def test_statement_timeout_applies_to_gunicorn_only():
    look = "from django.conf import settings as s; print(s.DATABASES['default']['OPTIONS'])"
    options = dict(pair.split("=", 1) for pair in gunicorn_config.raw_env)
    assert "statement_timeout=30000" in start(options, f"import config.wsgi; {look}").stdout
    assert "statement_timeout" not in start({}, f"import config.celery; {look}").stdout


@pytest.mark.parametrize("module", ["config.settings", "config.wsgi", "config.celery"])
def test_import_starts_nothing_and_leaves_the_environment_alone(module):
    code = (
        "import os, subprocess, sys; before = dict(os.environ);"
        "subprocess.Popen = None;"
        f"import {module};"
        "from django.conf import settings; settings.DEBUG;"
        "print({n for n in os.environ if os.environ[n] != before.get(n)}, 'devservices' in sys.modules)"
    )
    # Django itself sets these two.
    changed = start({"DJANGO_SETTINGS_MODULE": "config.settings", "TZ": "UTC"}, code)
    assert changed.stdout == "set() False\n", changed.stderr
