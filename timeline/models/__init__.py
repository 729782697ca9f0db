from timeline.models.home import HomeMarker
from timeline.models.notification import Notification, NotificationMarker, RefusedKind, StaffMessage
from timeline.models.search import SearchEntry
from timeline.models.sitemap import SitemapPart
from timeline.models.tag import TagDay
from timeline.models.trend import Trend

__all__ = [
    "HomeMarker",
    "Notification",
    "NotificationMarker",
    "RefusedKind",
    "SearchEntry",
    "SitemapPart",
    "StaffMessage",
    "TagDay",
    "Trend",
]
