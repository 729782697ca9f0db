from timeline.models.notification import Notification, NotificationMarker, RefusedKind, StaffMessage

__all__ = ["Notification", "NotificationMarker", "RefusedKind", "StaffMessage"]
