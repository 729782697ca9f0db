from django.urls import path

from posts import views

app_name = "posts"
urlpatterns = [
    path("@<str:username>/<int:post_id>", views.detail, name="detail"),
    path("compose", views.compose, name="compose"),
    path("posts/<int:post_id>/delete", views.delete, name="delete"),
    path("posts/<int:post_id>/like", views.like, name="like"),
    path("posts/<int:post_id>/unlike", views.unlike, name="unlike"),
]
