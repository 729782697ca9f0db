"""Announces erasures and withdrawn datasets to those who have copies."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from common.advisory_locks import AdvisoryLock, advisory_lock
from dataset_export.access.selectors import SERVED
from dataset_export.models import (
    AccessRequest,
    Download,
    RemovalAnnouncement,
    RemovalNotice,
    Revision,
    Shard,
    Snapshot,
    Webhook,
    WebhookMessage,
)
from dataset_export.signing.revisions import current_revision


@transaction.atomic
def announce() -> list[RemovalAnnouncement]:
    """Create announcements for new changes, with their recipients.

    Serialized, so that whoever has read up to one has missed none.
    """
    advisory_lock(AdvisoryLock.REMOVAL_ANNOUNCEMENT)
    made = [*announce_erasures(), *announce_withdrawals()]
    for announcement in made:
        create_notices(announcement)
    return made


def announce_erasures() -> Iterator[RemovalAnnouncement]:
    told = RemovalAnnouncement.objects.filter(
        snapshot=OuterRef("snapshot"), revision=OuterRef("number"), is_withdrawal=False
    )
    open_ones = Revision.objects.filter(
        ~Exists(told), removed_rows__gt=0, snapshot__published_at__isnull=False
    )
    for revision in (
        open_ones.defer("manifest_json").select_related("snapshot").order_by("at", "pk")
    ):
        yield RemovalAnnouncement.objects.create(
            snapshot=revision.snapshot,
            revision=revision.number,
            rows=revision.removed_rows,
            at=revision.at,
        )


def announce_withdrawals() -> Iterator[RemovalAnnouncement]:
    told = RemovalAnnouncement.objects.filter(snapshot=OuterRef("pk"), is_withdrawal=True)
    open_ones = Snapshot.objects.filter(
        ~Exists(told), state=Snapshot.State.WITHDRAWN, published_at__isnull=False
    )
    for snapshot in open_ones.order_by("pk"):
        number = current_revision(snapshot).number
        yield RemovalAnnouncement.objects.create(
            snapshot=snapshot, revision=number, is_withdrawal=True
        )


def create_notices(announcement: RemovalAnnouncement) -> None:
    """Create a notice per downloader, and messages for their webhooks."""
    holders = downloaders_before(announcement)
    grants = AccessRequest.objects.select_related("terms").in_bulk(holders.values())
    RemovalNotice.objects.bulk_create(
        RemovalNotice(
            announcement=announcement,
            user_id=user_id,
            access=grants[access_id],
            due_at=announcement.at + timedelta(days=grants[access_id].terms.removal_days),
        )
        for user_id, access_id in holders.items()
    )
    webhooks = Webhook.objects.filter(
        user__in=holders, dataset=announcement.snapshot.name, disabled_at=None
    )
    WebhookMessage.objects.bulk_create(
        WebhookMessage(webhook=webhook, announcement=announcement) for webhook in webhooks
    )


def downloaders_before(announcement: RemovalAnnouncement) -> dict[int, int]:
    """Return who downloaded the snapshot before a change, with their newest grant.

    Recipients of a withdrawal are not notified of single rows.
    """
    snapshot = announcement.snapshot
    if snapshot.announcements.filter(is_withdrawal=True).exclude(pk=announcement.pk).exists():
        return {}
    with_rows = snapshot.shards.exclude(format=Shard.Format.PROOF).values("path")
    downloads = Download.objects.filter(
        snapshot=snapshot,
        path__in=with_rows,
        status__in=SERVED,
        at__lt=announcement.at,
        user__isnull=False,
    )
    return dict(
        downloads.values("user").annotate(newest=Max("access")).values_list("user", "newest")
    )
