"""Email to the creator of a snapshot."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from dataset_export.models import Snapshot


def notify_creator(snapshot_id: int) -> None:
    """Email the reason of a rejection, if the creator has an address."""
    snapshot = Snapshot.objects.select_related("created_by").get(pk=snapshot_id)
    maker = snapshot.created_by
    if maker is None or not maker.email or snapshot.state != Snapshot.State.CANCELLED:
        return
    page = settings.SITE_URL + reverse("admin:dataset_export_snapshot_change", args=[snapshot.pk])
    body = render_to_string(
        "dataset_export/snapshot_rejected.txt", {"snapshot": snapshot, "maker": maker, "page": page}
    )
    send_mail(
        gettext("{snapshot} was rejected").format(snapshot=snapshot), body, None, [maker.email]
    )
