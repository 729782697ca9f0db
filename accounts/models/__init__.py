from accounts.models.people_list import ListMember, PeopleList
from accounts.models.portrait import Portrait
from accounts.models.relation import Block, Follow, FollowRequest, Mute
from accounts.models.token import DEFAULT_LIFETIME, AccessToken, default_scopes, digest_of
from accounts.models.user import USERNAME_VALIDATORS, User

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
    "digest_of",
]
