from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.views.profile import current_user
from common.consistent_reads import consistent_read
from dataset_export.builds import services
from dataset_export.builds.estimates import estimate
from dataset_export.builds.locks import MAX_TASK_ATTEMPTS
from dataset_export.builds.progress import failed_tasks, progress
from dataset_export.builds.recipes import newest_recipe
from dataset_export.builds.services import SnapshotError
from dataset_export.eligibility import ordered_shards, revoked_records
from dataset_export.models import AuditEntry, Snapshot
from dataset_export.publication.services import (
    approve_and_publish,
    reject_snapshot,
    withdraw_snapshot,
)
from dataset_export.review.comparison import difference
from dataset_export.review.exclusions import exclude_selection
from dataset_export.review.previews import RowPreview, load_rows, sample_rows
from dataset_export.review.row_index import file_spans
from dataset_export.review.search import RowQuery, search_rows
from dataset_export.review.statistics import (
    COUNTED,
    get_review_statistics,
    stored_review_statistics,
)
from dataset_export.review.summary import charts, facts
from dataset_export.review.tasks import notify_creator_task
from dataset_export.review.warnings import rows_meant, warnings

BUILD, APPROVE = "dataset_export.build_snapshot", "dataset_export.approve_snapshot"
MAX_SEED = 2**31
LEAVES_OUT = (Snapshot.State.IN_REVIEW, Snapshot.State.PUBLISHED)
MAX_ROW_NUMBER = 10**12
MAX_SEARCH_LENGTH, MAX_EXCLUSION_REASON_LENGTH = 200, 500
STOPPABLE = (
    Snapshot.State.DRAFT,
    Snapshot.State.BUILDING,
    Snapshot.State.PAUSED,
    Snapshot.State.FAILED,
)


class SnapshotForm(forms.ModelForm):
    class Meta:
        model = Snapshot
        fields = ["name", "purpose", "recipe"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        other = (
            Snapshot.objects.filter(name=data.get("name"))
            .exclude(purpose=data.get("purpose"))
            .order_by("pk")
            .first()
        )
        if other is not None and data.get("purpose"):
            self.add_error(
                "name",
                gettext("This name is for {purpose}. Choose another.").format(
                    purpose=other.get_purpose_display()
                ),
            )
        return data


@admin.register(Snapshot)
class SnapshotAdmin(admin.ModelAdmin):
    form = SnapshotForm
    list_display = (
        "name",
        "version",
        "purpose",
        "state",
        "created_by",
        "created_at",
        "approved_by",
        "published_at",
    )
    list_filter = ("state", "purpose")
    list_select_related = ("created_by", "approved_by", "recipe")
    search_fields = ("name",)
    ordering = ("-pk",)
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Snapshot | None = None) -> bool:
        """Nobody edits a snapshot; the review page has actions."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Snapshot | None = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"recipe": newest_recipe()}

    def save_model(
        self, request: HttpRequest, obj: Snapshot, form: forms.ModelForm, change: bool
    ) -> None:
        made = services.create_snapshot(
            name=obj.name, purpose=obj.purpose, recipe=obj.recipe, by=current_user(request)
        )
        obj.pk, obj.version = made.pk, made.version

    def response_add(
        self, request: HttpRequest, obj: Snapshot, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect(review_url(obj))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:snapshot_id>/change/",
                view(self.review),
                name="dataset_export_snapshot_change",
            ),
            path("<int:snapshot_id>/body/", view(self.body), name="dataset_export_snapshot_body"),
            path(
                "<int:snapshot_id>/standing/",
                view(self.standing),
                name="dataset_export_snapshot_status",
            ),
            path("<int:snapshot_id>/rows/", view(self.rows), name="dataset_export_snapshot_rows"),
            path(
                "<int:snapshot_id>/leave-out/",
                view(self.leave_out),
                name="dataset_export_snapshot_leave_out",
            ),
            path(
                "<int:snapshot_id>/act/<slug:act>/",
                view(self.act),
                name="dataset_export_snapshot_act",
            ),
            *super().get_urls(),
        ]

    def review(self, request: HttpRequest, snapshot_id: int) -> HttpResponse:
        """Show everything about a snapshot, with its actions."""
        self.count_few_rows(request, snapshot_id)
        with consistent_read():
            context = {
                **self.admin_site.each_context(request),
                **self.review_context(request, snapshot_id),
            }
            return render(request, "admin/dataset_export/snapshot/review.html", context)

    def body(self, request: HttpRequest, snapshot_id: int) -> HttpResponse:
        """Return the part of the review page that changes while a build runs."""
        self.count_few_rows(request, snapshot_id)
        with consistent_read():
            context = self.review_context(request, snapshot_id)
            context["is_news"] = request.GET.get("seen") != notify_changes(context["snapshot"])
            return render(request, "admin/dataset_export/snapshot/_review_panel.html", context)

    def standing(self, request: HttpRequest, snapshot_id: int) -> HttpResponse:
        """Show whether files are being rewritten or rows counted; afterwards reload the page."""
        self.count_few_rows(request, snapshot_id)
        context = status_context(self.looked_at(request, snapshot_id))
        response = render(request, "admin/dataset_export/snapshot/_status.html", context)
        if not context["is_settling"]:
            response["HX-Refresh"] = "true"
        return response

    @method_decorator(consistent_read())
    def rows(self, request: HttpRequest, snapshot_id: int) -> HttpResponse:
        """Show rows that match a search."""
        snapshot = self.looked_at(request, snapshot_id)
        query = query_of(request)
        start = parse_index(request, "from", 0, MAX_ROW_NUMBER)
        context = {
            **self.admin_site.each_context(request),
            **rows_context(request, snapshot),
            "title": gettext("Rows of {snapshot}").format(snapshot=snapshot),
            "opts": self.opts,
            "query": query,
            "found": search_rows(snapshot, query, start)
            if snapshot.has_rows and any(query)
            else None,
            "go_on": urlencode(
                {"words": query.words, "language": query.language, "label": query.label}
            ),
        }
        return render(request, "admin/dataset_export/snapshot/rows.html", context)

    def leave_out(self, request: HttpRequest, snapshot_id: int) -> HttpResponseBase:
        """Exclude a row or an author from the dataset."""
        return require_POST(self.post_exclude)(request, snapshot_id)

    def post_exclude(self, request: HttpRequest, snapshot_id: int) -> HttpResponse:
        if not request.user.has_perm(APPROVE):
            raise PermissionDenied
        snapshot = get_object_or_404(Snapshot, pk=snapshot_id)
        form = request.POST
        try:
            exclude_selection(
                snapshot=snapshot,
                choice=form.get("choice", ""),
                reason=form.get("reason", ""),
                by=current_user(request),
            )
        except SnapshotError as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, snapshot, gettext("Excluded rows."))
            messages.success(request, gettext("Excluded. The affected files are being rewritten."))
        return redirect(f"{review_url(snapshot)}?seed={parse_index(request, 'seed', 1, MAX_SEED)}")

    def looked_at(self, request: HttpRequest, snapshot_id: int) -> Snapshot:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(
            Snapshot.objects.select_related("recipe", "created_by", "approved_by"), pk=snapshot_id
        )

    def count_few_rows(self, request: HttpRequest, snapshot_id: int) -> None:
        """Compute statistics small enough for a request; a consistent read writes nothing."""
        snapshot = self.looked_at(request, snapshot_id)
        if snapshot.has_rows:
            get_review_statistics(snapshot)

    def review_context(self, request: HttpRequest, snapshot_id: int) -> dict[str, Any]:
        snapshot = self.looked_at(request, snapshot_id)
        standing = status_context(snapshot)
        counted = standing["counted"]
        return {
            "title": str(snapshot),
            "seen": notify_changes(snapshot),
            "opts": self.opts,
            **build_context(snapshot),
            **standing,
            **rows_context(request, snapshot),
            "facts": facts(snapshot),
            "charts": charts(snapshot, counted),
            "difference": difference(snapshot, counted),
            "warnings": warnings(snapshot, counted) if counted else [],
            "files": ordered_shards(snapshot),
            **sample_context(request, snapshot, counted),
            "acts": audit_entries(snapshot),
            "may_build": request.user.has_perm(BUILD),
            "may_approve": request.user.has_perm(APPROVE)
            and snapshot.created_by_id != request.user.pk,
            "may_withdraw": request.user.has_perm(APPROVE),
            "is_maker": snapshot.created_by_id == request.user.pk,
        }

    def act(self, request: HttpRequest, snapshot_id: int, act: str) -> HttpResponseBase:
        """Perform an action of the review page, log it, and redirect back."""
        return require_POST(self.post_act)(request, snapshot_id, act)

    def post_act(self, request: HttpRequest, snapshot_id: int, act: str) -> HttpResponse:
        if act not in ACTIONS:
            raise Http404("Unknown action.")
        permission, perform, message = ACTIONS[act]
        if not request.user.has_perm(permission):
            raise PermissionDenied
        snapshot = get_object_or_404(Snapshot, pk=snapshot_id)
        try:
            perform(request, snapshot)
        except SnapshotError as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, snapshot, str(message))
            messages.success(request, str(message))
        return redirect(review_url(snapshot))


def notify_changes(snapshot: Snapshot) -> str:
    """Return the state whose change is announced to screen readers."""
    return f"{snapshot.state}-{snapshot.stage}"


def build_context(snapshot: Snapshot) -> dict[str, Any]:
    """Return the context of a draft's estimate or a build's progress."""
    is_draft, is_paused = (
        snapshot.state == Snapshot.State.DRAFT,
        snapshot.state == Snapshot.State.PAUSED,
    )
    stages = [] if is_draft else progress(snapshot)
    return {
        "estimate": estimate(snapshot) if is_draft else None,
        "stages": stages,
        "failures": [] if is_draft else failed_tasks(snapshot),
        "attempts": MAX_TASK_ATTEMPTS,
        "is_moving": snapshot.is_building or (is_paused and any(stage.at_work for stage in stages)),
        "may_be_stopped": snapshot.state in STOPPABLE,
    }


def status_context(snapshot: Snapshot) -> dict[str, Any]:
    """Return revoked rows and statistics, and whether either is pending."""
    withheld = revoked_records(snapshot).count() if snapshot.has_rows else 0
    kept = stored_review_statistics(snapshot) if snapshot.has_rows else None
    counted = kept.data if kept else None
    is_counting = snapshot.state in COUNTED and counted is None
    return {
        "snapshot": snapshot,
        "withheld": withheld,
        "counted": counted,
        "is_counting": is_counting,
        "is_settling": bool(withheld) or is_counting,
    }


def rows_context(request: HttpRequest, snapshot: Snapshot) -> dict[str, Any]:
    """Return the options of the forms about rows."""
    manifest = snapshot.manifest
    return {
        "snapshot": snapshot,
        "seed": parse_index(request, "seed", 1, MAX_SEED),
        "languages": list(manifest.get("languages", {})),
        "labels": list(manifest.get("safety", {})),
        "may_leave_out": request.user.has_perm(APPROVE) and snapshot.state in LEAVES_OUT,
    }


def sample_context(
    request: HttpRequest, snapshot: Snapshot, counted: dict[str, Any] | None
) -> dict[str, Any]:
    """Return random rows, or those that a warning is about."""
    meant = request.GET.get("about", "")
    return {
        "about": meant,
        "sample": rows_to_show(request, snapshot, counted, meant) if snapshot.has_rows else [],
    }


def rows_to_show(
    request: HttpRequest, snapshot: Snapshot, counted: dict[str, Any] | None, meant: str
) -> list[RowPreview]:
    if meant and counted:
        return load_rows(snapshot, file_spans(snapshot), rows_meant(counted, meant))
    return sample_rows(snapshot, parse_index(request, "seed", 1, MAX_SEED))


def audit_entries(snapshot: Snapshot) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(object_type="snapshot", object_id=str(snapshot.pk)).order_by(
        "pk"
    )


def query_of(request: HttpRequest) -> RowQuery:
    fields = (
        request.GET.get(name, "")[:MAX_SEARCH_LENGTH].strip()
        for name in ("words", "language", "label")
    )
    return RowQuery(*fields)


def approve(request: HttpRequest, snapshot: Snapshot) -> None:
    approve_and_publish(
        snapshot=snapshot,
        by=current_user(request),
        manifest_sha256=request.POST.get("manifest_sha256", ""),
    )


def reject(request: HttpRequest, snapshot: Snapshot) -> None:
    reason = _reason_in(request, gettext("Say why you reject it. Its creator can read it."))
    reject_snapshot(snapshot=snapshot, by=current_user(request), reason=reason)
    # Without a broker, the page still shows the reason.
    transaction.on_commit(partial(notify_creator_task.delay, snapshot.pk), robust=True)


def withdraw(request: HttpRequest, snapshot: Snapshot) -> None:
    reason = _reason_in(
        request, gettext("Say why you unpublish it. The reason is kept in the audit log.")
    )
    withdraw_snapshot(snapshot=snapshot, by=current_user(request), reason=reason)


def _reason_in(request: HttpRequest, otherwise: str) -> str:
    reason = (
        request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_EXCLUSION_REASON_LENGTH]
    )
    if not reason:
        raise SnapshotError(otherwise)
    return reason


_Act = tuple[str, Callable[[HttpRequest, Snapshot], object], Promise]
ACTIONS: dict[str, _Act] = {
    "start": (
        BUILD,
        lambda request, snapshot: services.start_build(snapshot=snapshot, by=current_user(request)),
        _("Build started."),
    ),
    "pause": (
        BUILD,
        lambda request, snapshot: services.pause_build(snapshot=snapshot, by=current_user(request)),
        _("Build paused."),
    ),
    "resume": (
        BUILD,
        lambda request, snapshot: services.resume_build(
            snapshot=snapshot, by=current_user(request)
        ),
        _("Build resumed."),
    ),
    "cancel": (
        BUILD,
        lambda request, snapshot: services.cancel_build(
            snapshot=snapshot, by=current_user(request)
        ),
        _("Build cancelled."),
    ),
    "approve": (APPROVE, approve, _("Approved and published.")),
    "reject": (APPROVE, reject, _("Rejected.")),
    "withdraw": (APPROVE, withdraw, _("Unpublished. Downloaders will be notified.")),
}


def review_url(snapshot: Snapshot) -> str:
    return reverse("admin:dataset_export_snapshot_change", args=[snapshot.pk])


def parse_index(request: HttpRequest, name: str, default: int, end: int) -> int:
    """Return a number below `end` from query or form, or the default if invalid."""
    value = request.GET.get(name) or request.POST.get(name, "")
    return int(value) % end if value.isascii() and value.isdigit() and len(value) < 20 else default
