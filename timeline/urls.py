from django.urls import path

from timeline import views

app_name = "timeline"
urlpatterns = [
    path("", views.home, name="home"),
    path("public", views.public, name="public"),
    path("@<str:username>", views.profile, name="profile"),
]
