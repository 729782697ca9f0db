"""Notices: current versions, drafts and publication."""

import hashlib

from django.db import transaction
from django.db.models import Max

from consent.default_notices import DEFAULT_NOTICES
from consent.models import Language, Notice, NoticeDraft
from consent.purposes import Purpose
from consent.seals import seal_notice

DEFAULT_LANGUAGE = Language.ENGLISH
FIRST_VERSION = 1


class MissingTranslationsError(Exception):
    """A version is published in all languages at once, and a draft is missing."""


def sync_default_notices() -> None:
    """Publish the first version of every notice that has none."""
    published = set(Notice.objects.values_list("purpose", "language"))
    for (purpose, language), words in DEFAULT_NOTICES.items():
        if (purpose, language) not in published:
            publish(purpose, FIRST_VERSION, language, words.text, is_material=True)


def publish(purpose: str, version: int, language: str, text: str, *, is_material: bool) -> Notice:
    """Publish a text as a version; existing ones stay as they are."""
    digest = hashlib.sha256(text.encode()).digest()
    key = {"purpose": purpose, "version": version, "language": language}
    content = {"text": text, "text_sha256": digest, "is_material": is_material}
    seal = seal_notice(Notice(**key, **content))
    return Notice.objects.get_or_create(**key, defaults={**content, "seal": seal})[0]


def current_notices(language: str = DEFAULT_LANGUAGE) -> dict[str, Notice]:
    """Return the newest notice of each purpose, publishing the defaults if needed."""
    newest = (
        Notice.objects.filter(language=language).order_by("purpose", "-version").distinct("purpose")
    )
    notices = {notice.purpose: notice for notice in newest}
    if len(notices) < len(Purpose.values):
        sync_default_notices()
        notices = {notice.purpose: notice for notice in newest.all()}
    return notices


def current_notice(purpose: str, language: str = DEFAULT_LANGUAGE) -> Notice:
    """Return the current notice of a purpose."""
    return current_notices(language)[purpose]


def is_superseded(notice: Notice) -> bool:
    """Tell whether a newer version is current."""
    return current_notice(notice.purpose, notice.language).version > notice.version


def min_valid_versions() -> dict[str, int]:
    """Return the lowest version per purpose whose grants count: the last material change."""
    material = Notice.objects.filter(is_material=True).values_list("purpose")
    return dict(material.annotate(version=Max("version")).order_by())


@transaction.atomic
def publish_drafts(*, purpose: str, is_material: bool) -> int:
    """Publish a purpose's drafts as its next version; after a material one everyone is asked again.

    Raises:
        MissingTranslationsError: a language has no draft.
    """
    drafts = {
        draft.language: draft
        for draft in NoticeDraft.objects.select_for_update().filter(purpose=purpose)
    }
    missing = [Language(language).label for language in Language.values if language not in drafts]
    if missing:
        raise MissingTranslationsError(
            f"There is no draft in {', '.join(missing)}. A version is published in all languages."
        )
    version = (
        Notice.objects.filter(purpose=purpose).aggregate(newest=Max("version"))["newest"] or 0
    ) + 1
    for language, draft in drafts.items():
        publish(purpose, version, language, draft.text, is_material=is_material)
        draft.delete()
    return version


def find_notice(name: str) -> Notice | None:
    """Return the notice named purpose/version/language."""
    purpose, _, rest = name.partition("/")
    version, _, language = rest.partition("/")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return None
    notices = Notice.objects.filter(purpose=purpose, version=int(version), language=language)
    return notices.order_by("pk").first()
