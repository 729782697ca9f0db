from django.urls import path

from accounts.views import lists, profile, relationships, tokens

app_name = "accounts"
urlpatterns = [
    path("@<str:username>/follow", profile.follow_user, name="follow"),
    path("@<str:username>/unfollow", profile.unfollow_user, name="unfollow"),
    path("@<str:username>/followers", profile.followers, name="followers"),
    path("@<str:username>/following", profile.following, name="following"),
    path("@<str:username>/block", relationships.block_user, name="block"),
    path("@<str:username>/unblock", relationships.unblock_user, name="unblock"),
    path("@<str:username>/mute", relationships.mute_user, name="mute"),
    path("@<str:username>/unmute", relationships.unmute_user, name="unmute"),
    path("@<str:username>/lists", lists.edit_memberships, name="list_memberships"),
    path("settings/blocks", relationships.blocks, name="blocks"),
    path("settings/mutes", relationships.mutes, name="mutes"),
    path("settings/follow-requests", relationships.follow_requests, name="follow_requests"),
    path(
        "settings/follow-requests/<int:request_id>/accept",
        relationships.accept_follow_request,
        name="accept_follow_request",
    ),
    path(
        "settings/follow-requests/<int:request_id>/reject",
        relationships.reject_follow_request,
        name="reject_follow_request",
    ),
    path("lists", lists.lists, name="lists"),
    path("lists/<int:list_id>/edit", lists.edit_list, name="edit_list"),
    path("lists/<int:list_id>/delete", lists.remove_list, name="delete_list"),
    path("lists/<int:list_id>/members", lists.list_members, name="list_members"),
    path(
        "lists/<int:list_id>/leave/@<str:username>", lists.remove_member, name="remove_list_member"
    ),
    path("settings/profile", profile.edit_profile, name="edit_profile"),
    path("settings/tokens", tokens.access_tokens, name="access_tokens"),
    path(
        "settings/tokens/revoke", tokens.revoke_all_access_tokens, name="revoke_all_access_tokens"
    ),
    path(
        "settings/tokens/<int:token_id>/revoke",
        tokens.revoke_access_token,
        name="revoke_access_token",
    ),
]
