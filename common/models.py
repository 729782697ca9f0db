from django.db import models


class Deployment(models.Model):
    """One row that says what this database is for, so that it stays protected whatever process reaches it."""

    class Environment(models.TextChoices):
        DEVELOPMENT = "development"
        PRODUCTION = "production"

    environment = models.CharField(max_length=12, choices=Environment)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="deployment_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.environment
