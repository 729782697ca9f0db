"""Held rows: removed by a suspension or closure that may still be reversed."""

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
    """Return a condition: only the state of the author's account keeps a record out."""
    returnable = returnable_posts(snapshot.purpose, notice_version=snapshot.notice_version)
    return Q(Exists(returnable.filter(pk=OuterRef("post_id")))) & ~Q(
        Exists(reviewer_exclusions(snapshot))
    )


def returning_rows(snapshot: Snapshot) -> QuerySet[HeldRow]:
    """Return held rows that nothing keeps out any longer, conversations as a whole."""
    ineligible = records_of_held_row().exclude(record_is_exportable(snapshot))
    return snapshot.held_rows.filter(~Exists(ineligible), returns_in__isnull=True)


def erase_final(snapshot: Snapshot) -> int:
    """Delete held rows that will not return, and return how many.

    Either something else keeps them out by now, such as a withdrawal, or the time in which a
    suspension may be lifted is over. Rows about to be signed are left for the next run.
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
    """Return a condition: the gate lets the record's post pass, and no reviewer excluded it."""
    exportable = exportable_posts(snapshot.purpose, notice_version=snapshot.notice_version)
    return Q(Exists(exportable.filter(pk=OuterRef("post_id")))) & ~Q(
        Exists(reviewer_exclusions(snapshot))
    )
