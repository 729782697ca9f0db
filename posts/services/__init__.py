from posts.services.counting import recount
from posts.services.drafts import (
    ComposerState,
    DraftError,
    UndoError,
    publish_when_due,
    redraft,
    save_draft,
    schedule_post,
    undo_publishing,
    unschedule,
)
from posts.services.editing import EditError, PostContent, describe_picture, edit_post, words_of
from posts.services.hashtags import HashtagFollowError, follow_tag, unfollow_tag
from posts.services.media import MediaMetadata
from posts.services.pins import PinError, pin_post, unpin_post
from posts.services.polls import PollDraft, VoteError, close_next_poll, vote
from posts.services.publishing import (
    PostInput,
    PublishError,
    delete_post,
    publish_post,
    publish_thread,
)
from posts.services.reactions import bookmark_post, like_post, unbookmark_post, unlike_post
from posts.services.reposts import RepostError, delete_repost, repost

__all__ = [
    "ComposerState",
    "DraftError",
    "EditError",
    "HashtagFollowError",
    "MediaMetadata",
    "PinError",
    "PollDraft",
    "PostContent",
    "PostInput",
    "PublishError",
    "RepostError",
    "UndoError",
    "VoteError",
    "bookmark_post",
    "close_next_poll",
    "delete_post",
    "delete_repost",
    "describe_picture",
    "edit_post",
    "follow_tag",
    "like_post",
    "pin_post",
    "publish_post",
    "publish_thread",
    "publish_when_due",
    "recount",
    "redraft",
    "repost",
    "save_draft",
    "schedule_post",
    "unbookmark_post",
    "undo_publishing",
    "unfollow_tag",
    "unlike_post",
    "unpin_post",
    "unschedule",
    "vote",
    "words_of",
]
