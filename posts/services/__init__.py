from posts.services.drafts import (
    CannotKeep,
    Written,
    keep_draft,
    publish_when_due,
    redraft,
    schedule_post,
    unschedule,
)
from posts.services.polls import CannotVote, PollDraft, end_next_poll, vote
from posts.services.publishing import CannotPublish, Draft, delete_post, publish_post, publish_thread
from posts.services.reactions import bookmark_post, like_post, unbookmark_post, unlike_post
from posts.services.reposts import CannotRepost, repost, take_repost_back
from posts.services.tags import CannotFollowTag, follow_tag, unfollow_tag

__all__ = [
    "CannotFollowTag",
    "CannotKeep",
    "CannotPublish",
    "CannotRepost",
    "CannotVote",
    "Draft",
    "PollDraft",
    "Written",
    "bookmark_post",
    "delete_post",
    "end_next_poll",
    "follow_tag",
    "keep_draft",
    "like_post",
    "publish_post",
    "publish_thread",
    "publish_when_due",
    "redraft",
    "repost",
    "schedule_post",
    "take_repost_back",
    "unbookmark_post",
    "unfollow_tag",
    "unlike_post",
    "unschedule",
    "vote",
]
