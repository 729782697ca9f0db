from django.conf import settings
from django.db import models


class HomeReadMarker(models.Model):
    """How far a user has read the home timeline, on any device; it only advances."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="home_marker"
    )
    last_read_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} read up to {self.last_read_id}"
