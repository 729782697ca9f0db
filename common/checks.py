"""Checks of a production site for `manage.py check --deploy`."""

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning
from django.http.request import validate_host

from common.database_role import is_unprotected

# 32 random bytes have 30 different values on average, and practically never fewer than 20.
MIN_DISTINCT_KEY_BYTES = 20
# What the browsers' preload list requires.
MIN_PRELOAD_SECONDS = 31_536_000


def check_keys(**_: Any) -> list[CheckMessage]:
    """Return an error for a signing key that was not generated at random."""
    seed = base64.b64decode(settings.SIGNING_KEY)
    if len(set(seed)) >= MIN_DISTINCT_KEY_BYTES:
        return []
    hint = "Generate 32 random bytes, as .env.example shows."
    return [Error("SIGNING_KEY is easy to guess.", hint=hint, id="commonplace.E001")]


def check_addresses(**_: Any) -> list[CheckMessage]:
    """Return errors for a SITE_URL that the site does not answer to, or not over TLS."""
    site = urlsplit(settings.SITE_URL)
    messages: list[CheckMessage] = []
    if not validate_host(site.hostname or "", settings.ALLOWED_HOSTS):
        hint = f"Add {site.hostname} to ALLOWED_HOSTS."
        message = "ALLOWED_HOSTS does not contain the host of SITE_URL."
        messages.append(Error(message, hint=hint, id="commonplace.E002"))
    if site.scheme != "https" and settings.SECURE_SSL_REDIRECT:
        message = "SITE_URL begins with http://, but the site redirects to https."
        hint = "Let SITE_URL begin with https://."
        messages.append(Error(message, hint=hint, id="commonplace.E003"))
    return messages


def check_proxies(**_: Any) -> list[CheckMessage]:
    """Return a warning if the proxy that speaks TLS is not counted."""
    if settings.TRUSTED_PROXIES or not settings.SECURE_SSL_REDIRECT:
        return []
    message = "TRUSTED_PROXIES is 0: all visitors share the proxy's address and its rate limits."
    hint = "Set TRUSTED_PROXIES to the number of proxies in front of the site."
    return [Warning(message, hint=hint, id="commonplace.W004")]


def check_hsts(**_: Any) -> list[CheckMessage]:
    """Return an error for HSTS settings that the browsers' preload list refuses."""
    is_accepted = (
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
        and settings.SECURE_HSTS_SECONDS >= MIN_PRELOAD_SECONDS
    )
    if is_accepted or not settings.SECURE_HSTS_PRELOAD:
        return []
    message = "HSTS_PRELOAD needs HSTS_SECONDS of a year or more and HSTS_INCLUDE_SUBDOMAINS."
    hint = f"Set HSTS_SECONDS={MIN_PRELOAD_SECONDS} and HSTS_INCLUDE_SUBDOMAINS=1, or no preload."
    return [Error(message, hint=hint, id="commonplace.E005")]


def check_mail(**_: Any) -> list[CheckMessage]:
    """Return a message about a site that sends no email, or from an address of no domain."""
    if not settings.PRODUCTION:
        return []
    if not settings.EMAIL_URL:
        hint = "Set EMAIL_URL, or users who forgot their password cannot log in again."
        message = "Without EMAIL_URL this site sends no email."
        return [Info(message, hint=hint, id="commonplace.I001")]
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        hint = "Set DEFAULT_FROM_EMAIL to an address of your domain."
        message = "Emails come from an address at localhost, which mail servers refuse."
        return [Warning(message, hint=hint, id="commonplace.W006")]
    return []


def check_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return a warning if the site's database role can disable the triggers of the ledger."""
    if settings.PRODUCTION and databases and is_unprotected("consent_consentevent"):
        message = "The role in DATABASE_URL can disable the triggers that protect the consent log."
        hint = (
            "Run `manage.py grant_site_role NAME` as the owner of the tables, and name that role"
            " in DATABASE_URL."
        )
        return [Warning(message, hint=hint, id="commonplace.W002")]
    return []


DEPLOYMENT_CHECKS = (check_keys, check_addresses, check_proxies, check_hsts, check_mail)
