from accounts.models.access_token import DEFAULT_LIFETIME, AccessToken, default_scopes, hash_token
from accounts.models.profile_image import ProfileImage
from accounts.models.relationships import Block, Follow, FollowRequest, Mute
from accounts.models.user import USERNAME_VALIDATORS, User
from accounts.models.user_list import ListMember, UserList

__all__ = [
    "DEFAULT_LIFETIME",
    "USERNAME_VALIDATORS",
    "AccessToken",
    "Block",
    "Follow",
    "FollowRequest",
    "ListMember",
    "Mute",
    "ProfileImage",
    "User",
    "UserList",
    "default_scopes",
    "hash_token",
]
