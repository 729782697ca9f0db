from django.db import models
from django.utils import timezone

from consent.purposes import Purpose


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class Notice(models.Model):
    """The text displayed for a decision. Rows are immutable; a new text is a new version."""

    purpose = models.CharField(max_length=20, choices=Purpose)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=16, choices=Language)
    text = models.TextField()
    text_sha256 = models.BinaryField(max_length=32)
    # A material change: earlier grants do not carry over.
    is_material = models.BooleanField(default=True, db_default=True)
    published_at = models.DateTimeField(default=timezone.now)
    # The site's signature over the row (consent.seals).
    seal = models.BinaryField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version", "language"], name="notice_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.version}/{self.language}"


class NoticeDraft(models.Model):
    """Text of the next version of a notice, until it is published in all languages together."""

    purpose = models.CharField(max_length=20, choices=Purpose)
    language = models.CharField(max_length=16, choices=Language)
    text = models.TextField(
        help_text="What, for whom, for how long, and how to undo it, in plain words."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "language"], name="notice_draft_once")
        ]

    def __str__(self) -> str:
        return f"draft of {self.purpose}, {self.language}"
