from timeline.models.hashtag_usage import TagDay
from timeline.models.home_marker import HomeMarker
from timeline.models.notification import Notification, NotificationMarker, RefusedKind, StaffMessage
from timeline.models.search_entry import SearchEntry
from timeline.models.sitemap_page import SitemapPart
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
