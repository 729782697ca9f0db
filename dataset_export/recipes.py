from dataset_export import audit
from dataset_export.models import AuditEntry, Recipe
from dataset_export.pipeline.recipe import DEFAULT

DEFAULT_NAME = "pretraining-default"


def ensure_recipes() -> Recipe:
    """Make the default recipe, and return it; a newer default is a new version."""
    newest = Recipe.objects.filter(name=DEFAULT_NAME).order_by("-version").first()
    if newest is not None and newest.data == DEFAULT:
        return newest
    made = Recipe.objects.create(name=DEFAULT_NAME, version=newest.version + 1 if newest else 1, data=DEFAULT)
    audit.record(actor=None, act=AuditEntry.Act.RECIPE_MADE, object=made)
    return made


def newest_recipe(name: str = DEFAULT_NAME) -> Recipe | None:
    """Return the newest version of a recipe."""
    return Recipe.objects.filter(name=name).order_by("-version").first()
