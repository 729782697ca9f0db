from django.urls import path

from posts import views, views_acts, views_compose, views_media, views_sharing, views_thread, views_training
from posts.api import views as api

app_name = "posts"
urlpatterns = [
    path("api/v1/posts/<int:post_id>/training", api.Training.as_view(), name="api-training"),
    path("compose", views_compose.compose, name="compose"),
    path("compose/parts", views_compose.add_part, name="add_part"),
    path("drafts", views_compose.drafts, name="drafts"),
    path("drafts/save", views_compose.save_draft, name="save_draft"),
    path("drafts/<int:draft_id>/delete", views_compose.delete_draft, name="delete_draft"),
    path("drafts/<int:draft_id>/unschedule", views_compose.unschedule, name="unschedule"),
    path("@<str:username>/<int:post_id>", views_thread.detail, name="detail"),
    path("@<str:username>/<int:post_id>/likes", views_thread.likes, name="likes"),
    path("@<str:username>/<int:post_id>/reposts", views_thread.reposts, name="reposts"),
    path("@<str:username>/<int:post_id>/quotes", views_thread.quotes, name="quotes"),
    path("bookmarks", views_thread.bookmarks, name="bookmarks"),
    path("likes", views_thread.liked, name="liked"),
    path("@<str:username>/<int:post_id>/embed", views_sharing.embed, name="embed"),
    path("oembed", views_sharing.oembed_provider, name="oembed"),
    path("posts/<int:post_id>/delete", views.delete, name="delete"),
    path("posts/<int:post_id>/training", views_training.training, name="training"),
    path("settings/posts-training", views_training.bulk, name="bulk"),
    path("settings/posts-training/<int:bulk_id>/undo", views_training.undo, name="undo_bulk"),
    path("posts/<int:post_id>/like", views_acts.like, name="like"),
    path("posts/<int:post_id>/unlike", views_acts.unlike, name="unlike"),
    path("posts/<int:post_id>/bookmark", views_acts.bookmark, name="bookmark"),
    path("posts/<int:post_id>/unbookmark", views_acts.unbookmark, name="unbookmark"),
    path("posts/<int:post_id>/repost", views_acts.repost, name="repost"),
    path("posts/<int:post_id>/unrepost", views_acts.take_repost_back, name="unrepost"),
    path("posts/<int:post_id>/hide", views_acts.hide_reply, name="hide_reply"),
    path("posts/<int:post_id>/unhide", views_acts.unhide_reply, name="unhide_reply"),
    path("posts/<int:post_id>/detach", views_acts.detach, name="detach"),
    path("posts/<int:post_id>/attach", views_acts.attach, name="attach"),
    path("pictures", views_media.upload, name="upload"),
    path("pictures/<int:media_id>", views_media.describe, name="describe"),
    path("pictures/<int:media_id>/state", views_media.state, name="media_state"),
]
