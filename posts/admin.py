from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from posts import services
from posts.models import Post


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ("id", "author", "text", "created_at", "visibility", "authorship", "language")
    list_filter = ("visibility", "authorship")
    list_select_related = ("author",)
    search_fields = ("=id", "=author__username")
    search_help_text = "A post's number, or its author's username."
    ordering = ("-pk",)
    # Visibility and authorship are the author's decision: consent rests on both.
    fields = readonly_fields = (
        "id",
        "author",
        "created_at",
        "text",
        "visibility",
        "authorship",
        "imported_at",
        "reply_to",
        "thread_id",
    )
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        services.delete_post(post=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        for post in queryset:
            services.delete_post(post=post)
