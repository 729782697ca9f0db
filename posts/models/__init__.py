from posts.models.draft import KeptDraft
from posts.models.keyword_filter import KeywordFilter
from posts.models.link_preview import LinkPreview
from posts.models.media import Media
from posts.models.poll import Poll, PollVote
from posts.models.post import Post, PostQuerySet
from posts.models.reaction import Bookmark, Like
from posts.models.reference import Mention, Tag, TagFollow, Tagging
from posts.models.retraction import Retraction
from posts.models.version import PostVersion

__all__ = [
    "Bookmark",
    "KeptDraft",
    "KeywordFilter",
    "Like",
    "LinkPreview",
    "Media",
    "Mention",
    "Poll",
    "PollVote",
    "Post",
    "PostQuerySet",
    "PostVersion",
    "Retraction",
    "Tag",
    "TagFollow",
    "Tagging",
]
