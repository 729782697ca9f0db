"""The pages on which a person says that removals are applied, and where a program wants to hear of them."""

from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views.profile import current_user
from common.http_client import DeliveryError, require_public_target
from common.ratelimits import rate_limited
from dataset_export.models import Webhook
from dataset_export.removals.acknowledge import (
    NotAnnouncedError,
    UnknownRevisionError,
    acknowledge_removals,
)
from dataset_export.removals.feed import DatasetNotFoundError, can_read_removals, newest_revision
from dataset_export.removals.webhooks import remove_webhook, set_webhook

limited = rate_limited("removals_page", limit=60, seconds=3600)


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        validators=[URLValidator(schemes=["https"])],
        help_text="Must start with https://, without a port, and be reachable from the internet.",
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if not url.isascii() or urlsplit(url).username is not None:
            raise ValidationError("Write it in ASCII, without a user name.")
        try:
            require_public_target(url)
        except DeliveryError as refused:
            raise ValidationError(str(refused)) from refused
        return url


def require_downloader(request: HttpRequest, name: str) -> None:
    """Answer as the API does: 404 for no dataset, 403 for whoever never had it."""
    try:
        newest_revision(name)
    except DatasetNotFoundError as error:
        raise Http404 from error
    if not can_read_removals(current_user(request), name):
        raise PermissionDenied


@login_required
@require_POST
@limited
def acknowledge(request: HttpRequest, name: str) -> HttpResponse:
    require_downloader(request, name)
    revision = request.POST.get("revision", "")
    try:
        acknowledge_removals(user=current_user(request), name=name, revision=revision)
    except (UnknownRevisionError, NotAnnouncedError) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, f"Thank you. It is noted that your copies are as {name} {revision}."
        )
    return redirect("dataset_export:access_requests")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@limited
def webhook(request: HttpRequest, name: str) -> HttpResponseBase:
    require_downloader(request, name)
    user = current_user(request)
    if request.POST.get("act") == "remove":
        remove_webhook(user=user, dataset=name)
        messages.success(request, "Removed. No more messages will be sent.")
        return redirect("dataset_export:webhook", name)
    form = WebhookForm(request.POST or None)
    secret = None
    if request.method == "POST" and form.is_valid():
        secret = set_webhook(user=user, dataset=name, url=form.cleaned_data["url"]).secret_text
    found = Webhook.objects.filter(user=user, dataset=name).order_by("pk").first()
    context = {"name": name, "form": form, "webhook": found, "secret": secret}
    return render(
        request, "dataset_export/webhook.html", context, status=422 if form.errors else 200
    )
