from django.conf import settings
from django.db import models


class HomeReadMarker(models.Model):
    """How far somebody has read at home, on whatever device; it only moves on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="home_marker"
    )
    last_read_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} read up to {self.last_read_id}"
