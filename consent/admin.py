from typing import Any

from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from common.forms import MultilineField
from consent.ai_policy.crawlers import forget_rules
from consent.models import ConsentEvent, Crawler, Notice, NoticeDraft
from consent.notices import MissingTranslationsError, publish_drafts
from consent.purposes import Purpose


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    list_display = ("position", "at", "purpose", "decision", "covers", "scope", "source", "notice")
    list_filter = ("purpose", "decision", "source")
    list_select_related = ("notice",)
    ordering = ("-position",)
    exclude = ("salt", "leaf_hash")
    show_full_result_count = False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("purpose", "version", "language", "is_material", "published_at")
    exclude = ("text_sha256",)
    ordering = ("purpose", "-version", "language")


@admin.register(NoticeDraft)
class NoticeDraftAdmin(admin.ModelAdmin):
    list_display = ("purpose", "language", "updated_at")
    ordering = ("purpose", "language")
    actions = ("publish_material", "publish_editorial")
    formfield_overrides = {models.TextField: {"form_class": MultilineField}}

    @admin.action(
        description="Publish as a material change: everyone is asked again", permissions=["change"]
    )
    def publish_material(self, request: HttpRequest, drafts: QuerySet[NoticeDraft]) -> None:
        self.publish(request, drafts, is_material=True)

    @admin.action(
        description="Publish as an editorial change: decisions stay valid", permissions=["change"]
    )
    def publish_editorial(self, request: HttpRequest, drafts: QuerySet[NoticeDraft]) -> None:
        self.publish(request, drafts, is_material=False)

    def publish(
        self, request: HttpRequest, drafts: QuerySet[NoticeDraft], *, is_material: bool
    ) -> None:
        for purpose in sorted(set(drafts.values_list("purpose", flat=True))):
            try:
                version = publish_drafts(purpose=purpose, is_material=is_material)
            except MissingTranslationsError as missing:
                messages.error(request, f"{Purpose(purpose).label}: {missing}")
            else:
                messages.success(
                    request, f"{Purpose(purpose).label}: version {version} is published."
                )


@admin.register(Crawler)
class CrawlerAdmin(admin.ModelAdmin):
    list_display = ("user_agent", "operator", "purpose", "is_blocked")
    list_editable = ("is_blocked",)
    list_filter = ("purpose", "is_blocked")
    search_fields = ("user_agent", "operator")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    ordering = ("operator", "user_agent")

    def save_model(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().save_model(request, *args, **kwargs)
        transaction.on_commit(forget_rules)

    def delete_model(self, request: HttpRequest, obj: Crawler) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(forget_rules)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Crawler]) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(forget_rules)
