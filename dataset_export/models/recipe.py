from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from dataset_export.pipeline.recipe import RecipeSpec as Steps


class Recipe(models.Model):
    """The steps of a pipeline as data. A version used by a snapshot is immutable."""

    name = models.CharField(
        max_length=60,
        validators=[RegexValidator(r"\A[a-z0-9-]+\Z", "Use a to z, digits and hyphens.")],
    )
    version = models.PositiveIntegerField(default=1)
    data = models.JSONField(help_text="The steps from top to bottom, and the size of shards.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="recipe_version")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def steps(self) -> Steps:
        """Return the recipe as the pipeline reads it.

        Raises:
            RecipeError: naming the invalid path.
        """
        return Steps.parse(self.data)
