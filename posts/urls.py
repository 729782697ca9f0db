from django.urls import path

from posts import views, views_acts, views_sharing, views_training
from posts.api import views as api

app_name = "posts"
urlpatterns = [
    path("api/v1/posts/<int:post_id>/training", api.Training.as_view(), name="api-training"),
    path("@<str:username>/<int:post_id>", views.detail, name="detail"),
    path("@<str:username>/<int:post_id>/embed", views_sharing.embed, name="embed"),
    path("oembed", views_sharing.oembed_provider, name="oembed"),
    path("compose", views.compose, name="compose"),
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
]
