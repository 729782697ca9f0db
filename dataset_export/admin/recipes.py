import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.views.profile import current_user
from common.pagination import get_cursor
from dataset_export import audit
from dataset_export.builds.evaluation import UnknownEvaluationListError, lists_for
from dataset_export.builds.recipe_descriptions import describe_output, steps_in_words
from dataset_export.builds.recipes import newest_recipe
from dataset_export.models import AuditEntry, Recipe
from dataset_export.pipeline.recipe import RecipeError
from dataset_export.pipeline.recipe import RecipeSpec as Steps

TEXTAREA = {"rows": 30, "cols": 90, "spellcheck": "false", "class": "recipe-json", "wrap": "off"}
DATA_HELP = _("The steps in order, the output and the size of files.")
VERSION_HELP = _("Leave empty for the next version of this name.")


def reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse duplicate keys, of which the last would silently win."""
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ValueError(gettext("the key {key} occurs twice in one object").format(key=twice))
    return dict(pairs)


class PrettyJSONField(forms.JSONField):
    """A JSON field that shows indented JSON."""

    widget = forms.Textarea(attrs=TEXTAREA)
    # An empty list or object is an invalid recipe, reported as such.
    empty_values = (None, "")

    def to_python(self, value: Any) -> Any:
        """Parse the input; errors name the line."""
        if value in self.empty_values:
            return None
        try:
            return json.loads(value, object_pairs_hook=reject_duplicate_keys)
        except RecursionError as error:
            raise forms.ValidationError(gettext("The JSON is nested too deeply.")) from error
        except json.JSONDecodeError as error:
            message = gettext("Invalid JSON at line {line}, column {column}: {error}.").format(
                line=error.lineno, column=error.colno, error=error.msg
            )
            raise forms.ValidationError(message, code="invalid") from error
        except ValueError as error:
            raise forms.ValidationError(
                gettext("Unreadable: {error}.").format(error=error)
            ) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the input exactly as typed."""
        return initial if self.disabled else data

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else pretty(value)


class RecipeForm(forms.ModelForm):
    data = PrettyJSONField(label=_("Recipe"), help_text=DATA_HELP)  # type: ignore[assignment]
    version = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text=VERSION_HELP
    )

    class Meta:
        model = Recipe
        fields = ["name", "version", "data"]

    def clean_data(self) -> Any:
        data = self.cleaned_data["data"]
        try:
            steps = Steps.parse(data)
        except RecipeError as mistake:
            raise forms.ValidationError(str(mistake)) from mistake
        try:
            lists_for(steps)
        except UnknownEvaluationListError as unknown:
            raise forms.ValidationError(f"{lists_path(steps)}: {unknown}") from unknown
        return data

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        others = Recipe.objects.filter(name=data.get("name")).exclude(pk=self.instance.pk)
        if "version" in data and data["version"] is None:
            data["version"] = (others.aggregate(newest=Max("version"))["newest"] or 0) + 1
        version = data.get("version")
        if version is not None and others.filter(version=version).exists():
            self.add_error(
                "version",
                gettext("Version {number} of {name} exists already.").format(
                    number=version, name=data["name"]
                ),
            )
        return data


def lists_path(steps: Steps) -> str:
    names = [step["step"] for step in steps.steps]
    return f"steps[{names.index('decontaminate')}].lists"


def pretty(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


@admin.register(Recipe)
class RecipeAdmin(admin.ModelAdmin):
    form = RecipeForm
    change_form_template = "admin/dataset_export/recipe/change_form.html"
    list_display = ("name", "version", "created_at")
    ordering = ("name", "-version")
    search_fields = ("name",)

    def get_fields(self, request: HttpRequest, obj: Recipe | None = None) -> tuple[str, ...]:
        return ("name", "version", "data") if self.may_change(request, obj) else ("name", "version")

    def may_change(self, request: HttpRequest, obj: Recipe | None) -> bool:
        return (
            self.has_add_permission(request)
            if obj is None
            else self.has_change_permission(request, obj)
        )

    def has_change_permission(self, request: HttpRequest, obj: Recipe | None = None) -> bool:
        """A recipe used by a snapshot is immutable; changes are a new version."""
        return super().has_change_permission(request, obj) and not is_used(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Recipe | None = None) -> bool:
        return obj is not None and not is_used(obj) and super().has_delete_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        recipe = self.initial_recipe(request)
        return {"name": recipe.name, "data": recipe.data, "version": ""} if recipe else {}

    def save_model(
        self, request: HttpRequest, obj: Recipe, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            actor=current_user(request), act=AuditEntry.Act.RECIPE_MADE, object=obj, data=obj.data
        )

    def initial_recipe(self, request: HttpRequest) -> Recipe | None:
        """Return the recipe named in the query, else the newest default."""
        number = get_cursor(request, "from")
        return Recipe.objects.filter(pk=number or 0).order_by("pk").first() or newest_recipe()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        recipe = kwargs.get("obj")
        if recipe is not None:
            context |= recipe_context(recipe) | {"json": pretty(recipe.data)}
        return super().render_change_form(request, context, *args, **kwargs)


def is_used(recipe: Recipe | None) -> bool:
    return recipe is not None and recipe.snapshots.exists()


def recipe_context(recipe: Recipe) -> dict[str, Any]:
    """Return the described recipe, if valid, and its snapshots."""
    try:
        steps = recipe.steps()
    except RecipeError as mistake:
        return {"mistake": str(mistake), "snapshots": recipe.snapshots.order_by("-pk")}
    return {
        "steps": steps_in_words(steps),
        "output": describe_output(steps),
        "snapshots": recipe.snapshots.order_by("-pk"),
    }
