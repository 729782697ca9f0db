from django.db import models

from posts.models import Hashtag


class HashtagDailyUsage(models.Model):
    """Public posts with a hashtag per day (UTC), and their authors."""

    tag = models.ForeignKey(Hashtag, models.CASCADE, related_name="days")
    day = models.DateField()
    posts = models.PositiveIntegerField()
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "day"], name="tag_day_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.day}"
