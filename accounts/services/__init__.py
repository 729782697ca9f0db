from accounts.services.blocks import BlockError, block, mute, unblock, unmute
from accounts.services.follows import FollowError, accept_request, follow, reject_request, unfollow
from accounts.services.languages import set_preferred_languages
from accounts.services.locks import lock_user_pair
from accounts.services.tokens import create_token, keeping_tokens, revoke_all_tokens, revoke_token
from accounts.services.user_lists import (
    UserListError,
    create_list,
    delete_list,
    remove_from_list,
    set_list_memberships,
    update_list,
)

__all__ = [
    "BlockError",
    "FollowError",
    "UserListError",
    "accept_request",
    "block",
    "create_list",
    "create_token",
    "delete_list",
    "follow",
    "keeping_tokens",
    "lock_user_pair",
    "mute",
    "reject_request",
    "remove_from_list",
    "revoke_all_tokens",
    "revoke_token",
    "set_list_memberships",
    "set_preferred_languages",
    "unblock",
    "unfollow",
    "unmute",
    "update_list",
]
