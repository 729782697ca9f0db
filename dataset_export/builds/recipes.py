from dataset_export import audit
from dataset_export.models import AuditEntry, Recipe
from dataset_export.pipeline.recipe import DEFAULTS

DEFAULT_NAME = "pretraining-default"


def ensure_recipes() -> Recipe:
    """Create the default recipes, or new versions of changed ones, and return the default."""
    for name, data in DEFAULTS.items():
        newest = newest_recipe(name)
        if newest is None or newest.data != data:
            made = Recipe.objects.create(
                name=name, version=newest.version + 1 if newest else 1, data=data
            )
            audit.record(actor=None, act=AuditEntry.Act.RECIPE_MADE, object=made)
    return Recipe.objects.filter(name=DEFAULT_NAME).latest("version")


def newest_recipe(name: str = DEFAULT_NAME) -> Recipe | None:
    """Return the newest version of a recipe."""
    return Recipe.objects.filter(name=name).order_by("-version").first()
