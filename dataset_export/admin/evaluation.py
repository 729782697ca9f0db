from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.views.profile import current_user
from dataset_export import audit
from dataset_export.builds.evaluation_lists import (
    MAX_LIST_BYTES,
    InvalidEvaluationListError,
    build_ngrams,
    create_evaluation_list,
    ngrams_in,
    parse_texts,
)
from dataset_export.models import AuditEntry, EvaluationList
from dataset_export.pipeline.steps.decontaminate import EvaluationNgrams

FILE_HELP = format_lazy(
    _(
        "Plain text with one text per line, or JSON Lines; UTF-8, up to {size}. Split larger files "
        "into several lists. Only hashes of word sequences are stored, not the texts."
    ),
    size=filesizeformat(MAX_LIST_BYTES),
)


class EvaluationListForm(forms.ModelForm):
    file = forms.FileField(help_text=FILE_HELP)
    field = forms.CharField(
        required=False,
        max_length=100,
        label=_("Field"),
        help_text=_(
            "For JSON Lines: the field with the text, such as question. If empty, each line is a text."
        ),
    )
    texts = 0
    ngrams: EvaluationNgrams

    class Meta:
        model = EvaluationList
        fields = ["name", "source"]

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_LIST_BYTES:
            raise forms.ValidationError(
                gettext("The file is larger than {size}. Split it.").format(
                    size=filesizeformat(MAX_LIST_BYTES)
                )
            )
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self.read(data)
        return data

    def read(self, data: dict[str, Any]) -> None:
        try:
            texts = parse_texts(data["file"].file, data["field"].strip())
            self.texts, self.ngrams = len(texts), build_ngrams(data["name"], texts)
        except InvalidEvaluationListError as mistake:
            self.add_error("file", str(mistake))


@admin.register(EvaluationList)
class EvaluationListAdmin(admin.ModelAdmin):
    list_display = ("name", "texts", "source", "created_at", "created_by")
    list_select_related = ("created_by",)
    search_fields = ("name", "source")
    ordering = ("name",)
    fields = (
        "name",
        "source",
        "texts",
        "ngram_count",
        "sha256",
        "created_at",
        "created_by",
        "used_by",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvaluationList]:
        return super().get_queryset(request).defer("ngrams")

    def get_form(
        self,
        request: HttpRequest,
        obj: EvaluationList | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[forms.ModelForm]:
        return (
            EvaluationListForm if obj is None else super().get_form(request, obj, change, **kwargs)
        )

    def get_fields(
        self, request: HttpRequest, obj: EvaluationList | None = None
    ) -> tuple[str, ...]:
        return ("name", "source", "file", "field") if obj is None else self.fields

    def get_readonly_fields(
        self, request: HttpRequest, obj: EvaluationList | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else self.readonly_fields

    def has_change_permission(
        self, request: HttpRequest, obj: EvaluationList | None = None
    ) -> bool:
        """Nobody edits a list, as snapshots depend on it."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: EvaluationList | None = None
    ) -> bool:
        return (
            obj is not None
            and not obj.snapshots.exists()
            and super().has_delete_permission(request, obj)
        )

    def save_model(
        self, request: HttpRequest, obj: EvaluationList, form: Any, change: bool
    ) -> None:
        kept = create_evaluation_list(
            ngrams=form.ngrams, texts=form.texts, source=obj.source, by=current_user(request)
        )
        audit.record(
            actor=current_user(request),
            act=AuditEntry.Act.LIST_UPLOADED,
            object=kept,
            sha256=kept.sha256,
        )
        obj.pk = kept.pk

    @admin.display(description=_("N-grams"))
    def ngram_count(self, each: EvaluationList) -> str:
        return f"{ngrams_in(each):,}"

    @admin.display(description=_("Used by"))
    def used_by(self, each: EvaluationList) -> str:
        return ", ".join(map(str, each.snapshots.order_by("-pk")[:20])) or gettext(
            "No snapshot yet"
        )
