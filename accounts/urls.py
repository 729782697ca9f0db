from django.urls import path

from accounts import views, views_lists, views_relations, views_tokens

app_name = "accounts"
urlpatterns = [
    path("@<str:username>/follow", views.follow, name="follow"),
    path("@<str:username>/unfollow", views.unfollow, name="unfollow"),
    path("@<str:username>/followers", views.followers, name="followers"),
    path("@<str:username>/following", views.following, name="following"),
    path("@<str:username>/block", views_relations.block, name="block"),
    path("@<str:username>/unblock", views_relations.unblock, name="unblock"),
    path("@<str:username>/mute", views_relations.mute, name="mute"),
    path("@<str:username>/unmute", views_relations.unmute, name="unmute"),
    path("@<str:username>/lists", views_lists.person_lists, name="person_lists"),
    path("settings/blocks", views_relations.blocks, name="blocks"),
    path("settings/mutes", views_relations.mutes, name="mutes"),
    path("settings/follow-requests", views_relations.follow_requests, name="follow_requests"),
    path("settings/follow-requests/<int:request_id>/accept", views_relations.accept_request, name="accept_request"),
    path("settings/follow-requests/<int:request_id>/reject", views_relations.reject_request, name="reject_request"),
    path("lists", views_lists.lists, name="lists"),
    path("lists/<int:list_id>/edit", views_lists.edit_list, name="edit_list"),
    path("lists/<int:list_id>/delete", views_lists.delete_list, name="delete_list"),
    path("lists/<int:list_id>/members", views_lists.list_members, name="list_members"),
    path("lists/<int:list_id>/leave/@<str:username>", views_lists.leave_list, name="leave_list"),
    path("settings/profile", views.edit_profile, name="edit_profile"),
    path("settings/tokens", views_tokens.tokens, name="tokens"),
    path("settings/tokens/revoke", views_tokens.revoke_all_tokens, name="revoke_all_tokens"),
    path("settings/tokens/<int:token_id>/revoke", views_tokens.revoke_token, name="revoke_token"),
]
