from django.core.validators import RegexValidator
from django.db import models

# RFC 9309, section 2.2.1, plus digits, which crawlers use; no space or line break, which would end
# the rule.
_USER_AGENT = RegexValidator(
    r"\A[A-Za-z0-9_.-]+\Z", "A name as in robots.txt: letters, digits, dots, - and _."
)


class Crawler(models.Model):
    """A crawler that robots.txt may block, by its user agent."""

    class Purpose(models.TextChoices):
        TRAINING = "training", "trains AI"
        COLLECTING = "collecting", "collects for others, who train AI"
        SEARCH = "search", "finds pages for a search"
        ON_REQUEST = "on_request", "fetches a page when a person asks"

    user_agent = models.CharField(max_length=60, unique=True, validators=[_USER_AGENT])
    operator = models.CharField(max_length=100)
    purpose = models.CharField("what for", max_length=12, choices=Purpose)
    documentation_url = models.URLField(
        "documentation", blank=True, help_text="Where its operator describes it."
    )
    is_blocked = models.BooleanField("blocked", help_text="robots.txt disallows everything for it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=["training", "collecting", "search", "on_request"]),
                name="crawler_purpose_known",
            ),
        ]

    def __str__(self) -> str:
        return self.user_agent
