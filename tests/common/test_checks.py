import base64

import pytest

from common.checks import DEPLOYMENT_CHECKS

RANDOM = base64.b64encode(bytes(range(7, 247, 8)) + b"\x00\x01").decode()
PRODUCTION = {
    "PRODUCTION": True,
    "SIGNING_KEY": RANDOM,
    "SITE_URL": "https://example.org",
    "ALLOWED_HOSTS": ["example.org"],
    "TRUSTED_PROXIES": 1,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 3600,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
    "SECURE_HSTS_PRELOAD": False,
    "EMAIL_URL": "smtps://mail.example.org",
    "DEFAULT_FROM_EMAIL": "Commonplace <noreply@example.org>",
}


def list_messages(settings, **changes: object) -> list[str]:
    for name, value in {**PRODUCTION, **changes}.items():
        setattr(settings, name, value)
    return [str(message.id) for check in DEPLOYMENT_CHECKS for message in check()]


def test_check_of_a_good_site_returns_nothing(settings):
    assert list_messages(settings) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"SIGNING_KEY": base64.b64encode(bytes(32)).decode()}, "commonplace.E001"),
        ({"SIGNING_KEY": base64.b64encode(b"0123456789abcdef" * 2).decode()}, "commonplace.E001"),
        ({"ALLOWED_HOSTS": ["www.example.org"]}, "commonplace.E002"),
        ({"SITE_URL": "http://example.org"}, "commonplace.E003"),
        ({"TRUSTED_PROXIES": 0}, "commonplace.W004"),
        ({"SECURE_HSTS_PRELOAD": True}, "commonplace.E005"),
        (
            {"SECURE_HSTS_PRELOAD": True, "SECURE_HSTS_SECONDS": 31_536_000},
            "commonplace.E005",
        ),
        ({"EMAIL_URL": ""}, "commonplace.I001"),
        ({"DEFAULT_FROM_EMAIL": "Commonplace <noreply@localhost>"}, "commonplace.W006"),
    ],
)
def test_check_of_a_mistake_returns_its_message(settings, changes, expected):
    assert list_messages(settings, **changes) == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        {"ALLOWED_HOSTS": [".example.org"]},
        {"SITE_URL": "http://example.org", "SECURE_SSL_REDIRECT": False, "TRUSTED_PROXIES": 0},
        {
            "SECURE_HSTS_PRELOAD": True,
            "SECURE_HSTS_SECONDS": 31_536_000,
            "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        },
    ],
)
def test_check_of_a_deliberate_choice_returns_nothing(settings, changes):
    assert list_messages(settings, **changes) == []
