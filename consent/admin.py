from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from consent.models import ConsentEvent, Crawler, Notice


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
    list_display = ("purpose", "version", "language", "published_at")
    exclude = ("text_sha256",)


@admin.register(Crawler)
class CrawlerAdmin(admin.ModelAdmin):
    list_display = ("user_agent", "operator", "purpose", "is_blocked")
    list_editable = ("is_blocked",)
    list_filter = ("purpose", "is_blocked")
    search_fields = ("user_agent", "operator")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    ordering = ("operator", "user_agent")
