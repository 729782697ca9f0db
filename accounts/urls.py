from django.urls import path

from accounts import views, views_tokens

app_name = "accounts"
urlpatterns = [
    path("@<str:username>/follow", views.follow, name="follow"),
    path("@<str:username>/unfollow", views.unfollow, name="unfollow"),
    path("@<str:username>/followers", views.followers, name="followers"),
    path("@<str:username>/following", views.following, name="following"),
    path("settings/profile", views.edit_profile, name="edit_profile"),
    path("settings/tokens", views_tokens.tokens, name="tokens"),
    path("settings/tokens/<int:token_id>/revoke", views_tokens.revoke_token, name="revoke_token"),
]
