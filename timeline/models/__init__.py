from timeline.models.notification import Notification, NotificationMarker, RefusedKind, StaffMessage
from timeline.models.sitemap import SitemapPart

__all__ = ["Notification", "NotificationMarker", "RefusedKind", "SitemapPart", "StaffMessage"]
