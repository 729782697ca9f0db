from posts.services.publishing import CannotPublish, Draft, delete_post, publish_post
from posts.services.reactions import bookmark_post, like_post, unbookmark_post, unlike_post
from posts.services.reposts import CannotRepost, repost, take_repost_back

__all__ = [
    "CannotPublish",
    "CannotRepost",
    "Draft",
    "bookmark_post",
    "delete_post",
    "like_post",
    "publish_post",
    "repost",
    "take_repost_back",
    "unbookmark_post",
    "unlike_post",
]
