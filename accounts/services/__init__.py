from accounts.services.blocks import CannotBlock, block, mute, unblock, unmute
from accounts.services.follows import CannotFollow, accept_request, follow, reject_request, unfollow
from accounts.services.languages import choose_languages
from accounts.services.pairs import hold_pair
from accounts.services.people_lists import (
    CannotList,
    change_list,
    create_list,
    delete_list,
    leave_list,
    put_into_lists,
)
from accounts.services.tokens import create_token, keeping_tokens, revoke_all_tokens, revoke_token

__all__ = [
    "CannotBlock",
    "CannotFollow",
    "CannotList",
    "accept_request",
    "block",
    "change_list",
    "choose_languages",
    "create_list",
    "create_token",
    "delete_list",
    "follow",
    "hold_pair",
    "keeping_tokens",
    "leave_list",
    "mute",
    "put_into_lists",
    "reject_request",
    "revoke_all_tokens",
    "revoke_token",
    "unblock",
    "unfollow",
    "unmute",
]
