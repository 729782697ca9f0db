from timeline.models.hashtag_usage import HashtagDailyUsage
from timeline.models.home_marker import HomeReadMarker
from timeline.models.notification import (
    MutedNotificationKind,
    Notification,
    NotificationReadMarker,
    StaffMessage,
)
from timeline.models.search_entry import SearchEntry
from timeline.models.sitemap_page import SitemapPage
from timeline.models.trend import Trend

__all__ = [
    "HashtagDailyUsage",
    "HomeReadMarker",
    "MutedNotificationKind",
    "Notification",
    "NotificationReadMarker",
    "SearchEntry",
    "SitemapPage",
    "StaffMessage",
    "Trend",
]
