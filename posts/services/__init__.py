from posts.services.counting import recount
from posts.services.drafts import (
    CannotKeep,
    CannotUndo,
    Written,
    keep_draft,
    publish_when_due,
    redraft,
    schedule_post,
    undo_publishing,
    unschedule,
)
from posts.services.editing import CannotEdit, Words, describe_picture, edit_post, words_of
from posts.services.media import Described
from posts.services.pinning import CannotPin, pin_post, unpin_post
from posts.services.polls import CannotVote, PollDraft, end_next_poll, vote
from posts.services.publishing import CannotPublish, Draft, delete_post, publish_post, publish_thread
from posts.services.reactions import bookmark_post, like_post, unbookmark_post, unlike_post
from posts.services.reposts import CannotRepost, repost, take_repost_back
from posts.services.tags import CannotFollowTag, follow_tag, unfollow_tag

__all__ = [
    "CannotEdit",
    "CannotFollowTag",
    "CannotKeep",
    "CannotPin",
    "CannotPublish",
    "CannotRepost",
    "CannotUndo",
    "CannotVote",
    "Described",
    "Draft",
    "PollDraft",
    "Words",
    "Written",
    "bookmark_post",
    "delete_post",
    "describe_picture",
    "edit_post",
    "end_next_poll",
    "follow_tag",
    "keep_draft",
    "like_post",
    "pin_post",
    "publish_post",
    "publish_thread",
    "publish_when_due",
    "recount",
    "redraft",
    "repost",
    "schedule_post",
    "take_repost_back",
    "unbookmark_post",
    "undo_publishing",
    "unfollow_tag",
    "unlike_post",
    "unpin_post",
    "unschedule",
    "vote",
    "words_of",
]
