from posts.models.draft import Draft
from posts.models.keyword_filter import KeywordFilter
from posts.models.link_preview import LinkPreview
from posts.models.media import Media
from posts.models.poll import Poll, PollVote
from posts.models.post import Post, PostQuerySet
from posts.models.reaction import Bookmark, Like
from posts.models.reference import Hashtag, HashtagFollow, Mention, PostHashtag
from posts.models.retraction import Retraction
from posts.models.version import PostVersion

__all__ = [
    "Bookmark",
    "Draft",
    "Hashtag",
    "HashtagFollow",
    "KeywordFilter",
    "Like",
    "LinkPreview",
    "Media",
    "Mention",
    "Poll",
    "PollVote",
    "Post",
    "PostHashtag",
    "PostQuerySet",
    "PostVersion",
    "Retraction",
]
