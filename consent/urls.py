from django.urls import path

from consent import views

app_name = "consent"
urlpatterns = [
    path("settings/training", views.training, name="training"),
    path("settings/training/<slug:purpose>", views.decide_purpose, name="decide"),
]
