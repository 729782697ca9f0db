"""Admin of removal notices: recipients, acknowledgements and overdue ones."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPException
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.views.profile import current_user
from consent.admin import ReadOnlyAdmin
from dataset_export.access.admin import DECIDE_PERMISSION
from dataset_export.models import RemovalNotice
from dataset_export.removals.remind import ReminderError, remind


class AnswerFilter(admin.SimpleListFilter):
    """Filters by acknowledged, pending and overdue."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", "Overdue"),
            ("waiting", "Waiting, in time"),
            ("acknowledged", "Acknowledged"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RemovalNotice]
    ) -> QuerySet[RemovalNotice]:
        kinds: dict[str | None, Callable[[], QuerySet[RemovalNotice]]] = {
            "overdue": RemovalNotice.objects.overdue,
            "waiting": lambda: RemovalNotice.objects.pending().filter(due_at__gte=timezone.now()),
            "acknowledged": RemovalNotice.objects.acknowledged,
        }
        chosen = kinds.get(self.value())
        return queryset.filter(pk__in=chosen().values("pk")) if chosen else queryset


@admin.register(RemovalNotice)
class RemovalNoticeAdmin(ReadOnlyAdmin):
    list_display = (
        "announcement",
        "person",
        "organisation",
        "removed",
        "told",
        "due_at",
        "answer",
        "reminded_at",
    )
    list_filter = (AnswerFilter, "announcement__snapshot__name")
    list_select_related = ("announcement__snapshot", "user", "access")
    search_fields = ("announcement__snapshot__name", "user__username", "access__organisation")
    fields = (
        "announcement",
        "person",
        "organisation",
        "access",
        "removed",
        "told",
        "due_at",
        "answer",
        "reminded_at",
    )
    show_full_result_count = False
    ordering = ("-pk",)
    actions = ("send_reminders",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RemovalNotice]:
        notices = RemovalNotice.objects.with_answer()
        return notices.defer(
            "announcement__snapshot__manifest_json", "announcement__snapshot__pseudonym_key"
        )

    def has_remind_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(DECIDE_PERMISSION)

    @admin.action(description="Send overdue reminders by email", permissions=["remind"])
    def send_reminders(self, request: HttpRequest, notices: QuerySet[RemovalNotice]) -> None:
        """Remind overdue recipients: one mail per user and dataset."""
        reminded, refused = 0, Counter[str]()
        for notice in notices.select_related("announcement__snapshot").order_by("pk"):
            try:
                remind(notice=notice, by=current_user(request))
            except ReminderError as why:
                refused[str(why)] += 1
            except (SMTPException, OSError):
                refused["the mail could not be sent, try again"] += 1
            else:
                reminded += 1
        if reminded:
            messages.success(
                request, f"{reminded} {'person was' if reminded == 1 else 'people were'} reminded."
            )
        for reason, number in refused.items():
            messages.warning(request, f"{number} of the notices brought no mail: {reason}.")

    @admin.display(ordering="user__username")
    def person(self, notice: RemovalNotice) -> str:
        return f"@{notice.user}" if notice.user else "account closed"

    @admin.display(ordering="access__organisation")
    def organisation(self, notice: RemovalNotice) -> str:
        return notice.access.organisation

    @admin.display(description="rows")
    def removed(self, notice: RemovalNotice) -> str:
        return "all" if notice.announcement.is_withdrawal else str(notice.announcement.rows)

    @admin.display(ordering="sent_at")
    def told(self, notice: RemovalNotice) -> datetime | str:
        return notice.sent_at or "not yet"

    @admin.display(description="answer")
    def answer(self, notice: RemovalNotice) -> str:
        acknowledged_at: datetime | None = getattr(notice, "acknowledged_at", None)
        if acknowledged_at is not None:
            return f"Acknowledged {acknowledged_at:%-d %b %Y}"
        if notice.user_id is None:
            return "Account closed"
        return "Overdue" if notice.due_at < timezone.now() else "Waiting"
