"""Rows that are held back, as a suspension or the closing of an account may still be reversed: bring back, or erase."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from dataset_export.builds.cleanup import erase_held_rows
from dataset_export.eligibility import exportable_posts, returnable_posts, reviewer_exclusions
from dataset_export.erasure.request_times import ROW_SQL
from dataset_export.models import HeldRow, RowProvenance, Snapshot


def may_return(snapshot: Snapshot) -> Q:
    """Say of an outer record whether only the standing of its author's account keeps it out."""
    returnable = returnable_posts(snapshot.purpose, notice_version=snapshot.notice_version)
    return Q(Exists(returnable.filter(pk=OuterRef("post_id")))) & ~Q(
        Exists(reviewer_exclusions(snapshot))
    )


def returning_rows(snapshot: Snapshot) -> QuerySet[HeldRow]:
    """Return the held rows that nothing keeps out any more; a conversation comes back with all of its messages."""
    ineligible = records_of_held_row().exclude(record_is_exportable(snapshot))
    return snapshot.held_rows.filter(~Exists(ineligible), returns_in__isnull=True)


def erase_final(snapshot: Snapshot) -> int:
    """Delete the held rows that will not come back, and return how many there were.

    Either something else keeps them out by now, as a withdrawn consent or a deleted account, or what held them back
    has lasted for as long as it may be reversed. What is about to be signed is left for the next time.
    """
    final_at = timezone.now() - timedelta(days=settings.SUSPENSION_FINAL_AFTER_DAYS)
    ineligible = records_of_held_row().exclude(record_is_exportable(snapshot))
    for_good = ineligible.exclude(may_return(snapshot))
    recent = User.objects.filter(consent_subject=OuterRef("subject"), suspended_at__gt=final_at)
    for_long = ineligible.exclude(Exists(recent))
    is_final = Q(Exists(for_good)) | Q(Exists(for_long), held_at__lte=final_at)
    return erase_held_rows(snapshot.held_rows.filter(is_final, returns_in__isnull=True))


def records_of_held_row() -> QuerySet[RowProvenance]:
    """Return the records of an outer held row."""
    return RowProvenance.objects.filter(**{column: OuterRef(column) for column in ROW_SQL})


def record_is_exportable(snapshot: Snapshot) -> Q:
    """Say of an outer record whether the gate gives its post, and no reviewer left it out."""
    exportable = exportable_posts(snapshot.purpose, notice_version=snapshot.notice_version)
    return Q(Exists(exportable.filter(pk=OuterRef("post_id")))) & ~Q(
        Exists(reviewer_exclusions(snapshot))
    )
