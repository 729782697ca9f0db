from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone


class EvaluationList(models.Model):
    """Benchmark texts that must not be trained on, stored as hashes of word n-grams.

    Immutable, as snapshots depend on it.
    """

    name = models.CharField(
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"\A[a-z0-9][a-z0-9.-]*\Z", "Use a to z, digits, dots and hyphens.")
        ],
        help_text="With its version, such as gsm8k-test-1.1. Recipes and manifests name it so.",
    )
    source = models.CharField(max_length=300, blank=True, help_text="Where the texts are from.")
    sha256 = models.CharField(max_length=64, editable=False)
    texts = models.PositiveIntegerField(editable=False)
    ngrams = models.BinaryField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    def __str__(self) -> str:
        return self.name
