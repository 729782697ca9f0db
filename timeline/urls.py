from django.urls import path

from timeline.mastodon_api import views as api
from timeline.notifications import views as notifications
from timeline.syndication import views as sharing
from timeline.views import explore, hashtags, languages, search, timelines

app_name = "timeline"
urlpatterns = [
    # Before the pages, whose names would take the endings in.
    path("@<str:username>.atom", sharing.profile_feed, {"form": "atom"}, name="profile_atom"),
    path("@<str:username>.rss", sharing.profile_feed, {"form": "rss"}, name="profile_rss"),
    path("tags/<str:name>.atom", sharing.tag_feed, {"form": "atom"}, name="hashtag_atom"),
    path("tags/<str:name>.rss", sharing.tag_feed, {"form": "rss"}, name="hashtag_rss"),
    path("sitemap.xml", sharing.sitemap, name="sitemap"),
    path("sitemaps/pages.xml", sharing.sitemap_pages, name="sitemap_pages"),
    path("sitemaps/people-<int:first_id>.xml", sharing.sitemap_people, name="sitemap_users"),
    path("sitemaps/posts-<int:first_id>.xml", sharing.sitemap_posts_page, name="sitemap_posts"),
    path("", timelines.home, name="home"),
    path("public", timelines.public, name="public"),
    path("notifications", notifications.notifications, name="notifications"),
    path("notifications/unread", notifications.unread_count_badge, name="unread_count"),
    path(
        "notifications/read", notifications.mark_notifications_read, name="mark_notifications_read"
    ),
    path("settings/notifications", notifications.settings, name="notification_settings"),
    path("settings/languages", languages.languages, name="languages"),
    path("newer", timelines.new_posts, name="new_posts"),
    path("home/read", timelines.read_home, name="mark_home_read"),
    path("api/v1/timelines/home", api.Home.as_view(), name="api-home"),
    path("api/v1/timelines/public", api.Public.as_view(), name="api-public"),
    path("api/v1/timelines/tag/<str:name>", api.HashtagTimeline.as_view(), name="api-tag"),
    path("api/v1/timelines/list/<int:list_id>", api.ListTimeline.as_view(), name="api-list"),
    path("api/v1/statuses/<int:post_id>", api.Status.as_view(), name="api-status"),
    path("api/v1/statuses/<int:post_id>/context", api.Context.as_view(), name="api-context"),
    path("api/v1/accounts/lookup", api.AccountLookup.as_view(), name="api-account-lookup"),
    path("api/v1/accounts/<int:user_id>", api.Account.as_view(), name="api-account"),
    path(
        "api/v1/accounts/<int:user_id>/statuses",
        api.AccountStatuses.as_view(),
        name="api-account-statuses",
    ),
    path("lists/<int:list_id>", timelines.people_list, name="list"),
    path("@<str:username>", timelines.profile, name="profile"),
    path("@<str:username>/replies", timelines.profile, {"tab": "replies"}, name="profile_replies"),
    path("@<str:username>/media", timelines.profile, {"tab": "media"}, name="profile_media"),
    path("search", search.search, name="search"),
    path("explore", explore.explore, name="explore"),
    path("explore/tags", explore.explore_hashtags, name="trending_hashtags"),
    path("explore/posts", explore.explore_posts, name="trending_posts"),
    path("explore/links", explore.explore_links, name="trending_links"),
    path("tags/<str:names>", hashtags.hashtag, name="hashtag"),
    path("tags/<str:name>/follow", hashtags.follow_hashtag, name="follow_hashtag"),
    path("tags/<str:name>/unfollow", hashtags.unfollow_hashtag, name="unfollow_hashtag"),
    path("settings/tags", hashtags.followed, name="followed_hashtags"),
]
