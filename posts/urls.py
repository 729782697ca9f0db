from django.urls import path

from posts import views, views_training
from posts.api import views as api

app_name = "posts"
urlpatterns = [
    path("api/v1/posts/<int:post_id>/training", api.Training.as_view(), name="api-training"),
    path("@<str:username>/<int:post_id>", views.detail, name="detail"),
    path("compose", views.compose, name="compose"),
    path("posts/<int:post_id>/delete", views.delete, name="delete"),
    path("posts/<int:post_id>/training", views_training.training, name="training"),
    path("settings/posts-training", views_training.bulk, name="bulk"),
    path("settings/posts-training/<int:bulk_id>/undo", views_training.undo, name="undo_bulk"),
    path("posts/<int:post_id>/like", views.like, name="like"),
    path("posts/<int:post_id>/unlike", views.unlike, name="unlike"),
]
