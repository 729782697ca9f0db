from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.selectors import users_by_usernames
from accounts.views.profile import current_user
from common.forms import MultilineField
from timeline.models import StaffMessage, Trend
from timeline.notifications.services import send_staff_message
from timeline.trends.services import moderate_trends


class StaffMessageForm(forms.ModelForm):
    to = forms.CharField(label="To", max_length=31, help_text="The person’s name, as in @name.")

    class Meta:
        model = StaffMessage
        fields = ["text"]
        field_classes = {"text": MultilineField}

    def clean_to(self) -> User:
        person = (
            users_by_usernames([self.cleaned_data["to"].removeprefix("@")]).order_by("pk").first()
        )
        if person is None:
            raise forms.ValidationError("There is nobody of this name.")
        return person


@admin.register(StaffMessage)
class StaffMessageAdmin(admin.ModelAdmin):
    """Send a message to one user; sent messages are immutable."""

    list_display = ("sent_at", "recipient", "sent_by", "text")
    list_select_related = ("recipient", "sent_by")
    search_fields = ("=recipient__username",)
    ordering = ("-pk",)
    fields = ("recipient", "text", "sent_by", "sent_at")
    show_full_result_count = False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else StaffMessageForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("to", "text")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: StaffMessage, form: Any, change: bool) -> None:
        sent = send_staff_message(
            recipient=form.cleaned_data["to"],
            text=form.cleaned_data["text"],
            sent_by=current_user(request),
        )
        obj.pk = sent.pk


@admin.register(Trend)
class TrendAdmin(admin.ModelAdmin):
    """Moderates trends in the list; each decision is recorded in the row's history."""

    list_display = (
        "subject",
        "kind",
        "people",
        "score",
        "state",
        "decided_by",
        "decided_at",
        "found_at",
    )
    list_filter = ("state", "kind")
    list_select_related = ("tag", "post", "decided_by")
    search_fields = ("tag__name", "url")
    ordering = ("-score", "-pk")
    actions = ("allow", "refuse")
    fields = readonly_fields = (
        *("subject", "kind", "people", "score", "found_at"),
        *("state", "decided_by", "decided_at"),
    )
    show_full_result_count = False

    @admin.display(description="what")
    def subject(self, trend: Trend) -> str:
        if trend.tag:
            return f"#{trend.tag.label}"
        return trend.post.text[:100] if trend.post else trend.url

    @admin.action(description="Allow: show the selected trends", permissions=["change"])
    def allow(self, request: HttpRequest, trends: QuerySet[Trend]) -> None:
        self.decide(request, trends, Trend.State.ALLOWED)

    @admin.action(description="Refuse: never show the selected trends", permissions=["change"])
    def refuse(self, request: HttpRequest, trends: QuerySet[Trend]) -> None:
        self.decide(request, trends, Trend.State.REFUSED)

    def decide(self, request: HttpRequest, trends: QuerySet[Trend], state: str) -> None:
        chosen = list(trends)
        moderate_trends(trends=chosen, state=state, by=current_user(request))
        for trend in chosen:
            self.log_change(request, trend, f"{state} by {request.user}")
        self.message_user(request, f"{len(chosen)} trend{'s' if len(chosen) != 1 else ''} {state}.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Trend | None = None) -> bool:
        return False
