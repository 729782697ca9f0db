from accounts.models.access_token import DEFAULT_LIFETIME, AccessToken, default_scopes, hash_token
from accounts.models.profile_image import Portrait
from accounts.models.relationships import Block, Follow, FollowRequest, Mute
from accounts.models.user import USERNAME_VALIDATORS, User
from accounts.models.user_list import ListMember, PeopleList

__all__ = [
    "DEFAULT_LIFETIME",
    "USERNAME_VALIDATORS",
    "AccessToken",
    "Block",
    "Follow",
    "FollowRequest",
    "ListMember",
    "Mute",
    "PeopleList",
    "Portrait",
    "User",
    "default_scopes",
    "hash_token",
]
