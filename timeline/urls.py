from django.urls import path

from timeline import views
from timeline.notifications import views as notifications

app_name = "timeline"
urlpatterns = [
    path("", views.home, name="home"),
    path("public", views.public, name="public"),
    path("notifications", notifications.notifications, name="notifications"),
    path("notifications/unread", notifications.unread, name="unread_notifications"),
    path("notifications/read", notifications.read, name="read_notifications"),
    path("settings/notifications", notifications.settings, name="notification_settings"),
    path("@<str:username>", views.profile, name="profile"),
]
