"""Admin of access requests and terms, downloads and the audit log."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.views.profile import current_user
from common.forms import MultilineField
from consent.admin import ReadOnlyAdmin
from dataset_export.access import services
from dataset_export.access.selectors import downloaders, earlier_requests
from dataset_export.access.services import DEFAULT_PERIOD, PERIODS, AccessError
from dataset_export.access.terms import latest_terms, publish_terms
from dataset_export.models import AccessRequest, AccessTerms, AuditEntry, Download, Snapshot
from dataset_export.models.access import MAX_REASON_LENGTH

DECIDE_PERMISSION = "dataset_export.decide_access"


@admin.register(AccessTerms)
class AccessTermsAdmin(ReadOnlyAdmin):
    list_display = ("version", "removal_days", "is_material", "published_at")
    fields = ("version", "text", "removal_days", "is_material", "published_at")
    readonly_fields = ("version", "published_at")
    ordering = ("-version",)
    formfield_overrides = {models.TextField: {"form_class": MultilineField}}
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def get_fields(self, request: HttpRequest, obj: AccessTerms | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("text", "removal_days", "is_material")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        last = latest_terms()
        return (
            {"text": last.text, "removal_days": last.removal_days, "is_material": True}
            if last
            else {}
        )

    def save_model(
        self, request: HttpRequest, obj: AccessTerms, form: forms.ModelForm, change: bool
    ) -> None:
        made = publish_terms(
            text=obj.text,
            removal_days=obj.removal_days,
            is_material=obj.is_material,
            by=current_user(request),
        )
        obj.pk, obj.version = made.pk, made.version


class PendingFilter(admin.SimpleListFilter):
    """Filters by status, pending first."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*AccessRequest.State.choices, ("expired", "Expired")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessRequest]
    ) -> QuerySet[AccessRequest]:
        granted = AccessRequest.State.GRANTED
        if self.value() == granted:
            return queryset.filter(state=granted, granted_until__gt=timezone.now())
        if self.value() == "expired":
            return queryset.filter(state=granted, granted_until__lte=timezone.now())
        return (
            queryset.filter(state=self.value())
            if self.value() in AccessRequest.State.values
            else queryset
        )


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    list_display = (
        "dataset",
        "user",
        "organisation",
        "state_label",
        "asked_at",
        "granted_until",
        "decided_by",
    )
    list_filter = (PendingFilter, "dataset")
    list_select_related = ("user", "decided_by")
    search_fields = ("dataset", "organisation", "user__username")
    ordering = ("-pk",)
    actions = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:request_id>/change/",
                view(self.review),
                name="dataset_export_accessrequest_change",
            ),
            path(
                "<int:request_id>/act/<slug:act>/",
                view(self.act),
                name="dataset_export_accessrequest_act",
            ),
            *super().get_urls(),
        ]

    def review(
        self, request: HttpRequest, request_id: int, errors: dict[str, str] | None = None
    ) -> HttpResponse:
        """Show everything a decision needs, with its forms."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        people = ("user", "terms", "decided_by", "revoked_by")
        access = get_object_or_404(AccessRequest.objects.select_related(*people), pk=request_id)
        context = {
            **self.admin_site.each_context(request),
            "title": str(access),
            "opts": self.opts,
            "access": access,
            "published": Snapshot.objects.published()
            .filter(name=access.dataset)
            .order_by("pk")
            .first(),
            "earlier": earlier_requests(access),
            "downloaders": downloaders(Download.objects.filter(user=access.user_id))
            if access.user_id
            else [],
            "periods": [(days, label, days == DEFAULT_PERIOD) for days, label in PERIODS.items()],
            "may_decide": request.user.has_perm(DECIDE_PERMISSION)
            and access.user_id != request.user.pk,
            "is_own": access.user_id == request.user.pk,
            "longest_reason": MAX_REASON_LENGTH,
            "errors": errors or {},
            "typed": request.POST.get("reason", ""),
        }
        page = "admin/dataset_export/accessrequest/review.html"
        return render(request, page, context, status=422 if errors else 200)

    def act(self, request: HttpRequest, request_id: int, act: str) -> HttpResponseBase:
        """Decide on a request and return to it."""
        return require_POST(self.post_act)(request, request_id, act)

    def post_act(self, request: HttpRequest, request_id: int, act: str) -> HttpResponse:
        if not request.user.has_perm(DECIDE_PERMISSION):
            raise PermissionDenied
        if act not in ACTS:
            raise Http404("No such act.")
        perform, said = ACTS[act]
        access = get_object_or_404(AccessRequest.objects.select_related("user"), pk=request_id)
        try:
            perform(request, access)
        except ReasonRequiredError:
            return self.review(request, request_id, {act: "Say why; the asker reads it."})
        except AccessError as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, access, said)
            messages.success(request, said)
        return redirect(reverse("admin:dataset_export_accessrequest_change", args=[access.pk]))


class ReasonRequiredError(Exception):
    """A rejection without a reason."""


def _grant(request: HttpRequest, access: AccessRequest) -> None:
    days = {str(days): days for days in PERIODS}.get(request.POST.get("days", ""), DEFAULT_PERIOD)
    services.grant_access(request=access, by=current_user(request), days=days)


def refuse(request: HttpRequest, access: AccessRequest) -> None:
    services.refuse_access(request=access, by=current_user(request), reason=_reason_in(request))


def revoke(request: HttpRequest, access: AccessRequest) -> None:
    services.revoke_access(request=access, by=current_user(request), reason=_reason_in(request))


def _reason_in(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").strip()[:MAX_REASON_LENGTH]
    if not reason:
        raise ReasonRequiredError
    return reason


ACTS: dict[str, tuple[Callable[[HttpRequest, AccessRequest], None], str]] = {
    "grant": (_grant, "Granted. The asker gets an email."),
    "refuse": (refuse, "Refused. The asker gets an email with your reason."),
    "revoke": (
        revoke,
        "Revoked. Nothing more can be downloaded under it; the holder gets an email.",
    ),
}


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "user",
        "organisation",
        "snapshot",
        "path",
        "bytes_asked",
        "status",
        "token_name",
    )
    list_filter = ("status", "at")
    list_select_related = ("user", "access", "snapshot")
    search_fields = ("user__username", "access__organisation", "snapshot__name")
    show_full_result_count = False
    ordering = ("-pk",)
    actions = None

    @admin.display(ordering="access__organisation")
    def organisation(self, download: Download) -> str:
        return download.access.organisation


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "act", "object_label")
    list_filter = ("act", "object_type", "at")
    search_fields = ("actor", "object_label")
    show_full_result_count = False
    ordering = ("-pk",)
    actions = None
