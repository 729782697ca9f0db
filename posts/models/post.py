from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import GeneratedField, Q

from common.snowflake import NextSnowflakeId, SnowflakeTimestamp
from posts.models.queryset import PostQuerySet
from posts.text.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from posts.models.link_preview import LinkPreview
    from posts.models.media import Media
    from posts.presentation.poll_view import PollView
    from posts.presentation.training_status import TrainingStatus

REPLY_RULES = {
    "followers": "Only the author’s followers and people it mentions can reply.",
    "mentioned": "Only people it mentions can reply.",
}
THREAD_RULES = {
    "followers": "Only followers of the author of the first post, and people it mentions, can reply.",
    "mentioned": "Only people the first post mentions can reply.",
}
QUOTE_RULES = {
    "followers": "Only the author’s followers can quote it.",
    "nobody": "The author has turned off quotes.",
}


SITE_LANGUAGE = settings.LANGUAGE_CODE.partition("-")[0]


class Post(models.Model):
    class Visibility(models.TextChoices):
        PUBLIC = "public", "Public"
        UNLISTED = "unlisted", "Unlisted"
        FOLLOWERS = "followers", "Followers only"
        DIRECT = "direct", "Direct"

    class Authorship(models.TextChoices):
        HUMAN = "human", "Me"
        ASSISTED = "assisted", "With AI help"
        AUTOMATED = "automated", "Automated"

    class Audience(models.TextChoices):
        """Who may quote a post."""

        EVERYONE = "everyone", "Everyone"
        FOLLOWERS = "followers", "Followers"
        NOBODY = "nobody", "Nobody"

    class Repliers(models.TextChoices):
        EVERYONE = "everyone", "Everyone"
        FOLLOWERS = "followers", "Followers"
        MENTIONED = "mentioned", "People you mention"

    class Quote(models.TextChoices):
        """State of a quote: shown, or detached by the quoted author."""

        NONE = ""
        SHOWN = "shown"
        DETACHED = "detached"

    id = models.BigIntegerField(primary_key=True, db_default=NextSnowflakeId(), editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts")
    text = models.TextField()
    html = models.TextField(editable=False)
    language = models.CharField(max_length=16, blank=True)
    # Detected from the text rather than declared, so it is no evidence.
    is_language_guessed = models.BooleanField(default=False, db_default=False)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    authorship = models.CharField(max_length=10, choices=Authorship, default=Authorship.HUMAN)
    reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replies"
    )
    # A repost is a row without text that shows another post to the reposter's followers.
    repost_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="reposts"
    )
    # Null with a state: the quoted post was deleted.
    quote_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="quotes"
    )
    quote_state = models.CharField(
        max_length=10, choices=Quote, blank=True, default="", db_default=""
    )
    # The first post of the thread; null in that post. It outlives the post, so it is not a foreign
    # key.
    thread_id = models.BigIntegerField(null=True, blank=True)
    # If the parent was deleted, the nearest existing ancestor. Maintained by triggers.
    surviving_ancestor_id = models.BigIntegerField(null=True, blank=True)
    created_at = GeneratedField(
        expression=SnowflakeTimestamp("id"), output_field=models.DateTimeField(), db_persist=True
    )
    warning = models.CharField(max_length=200, blank=True, default="", db_default="")
    is_sensitive = models.BooleanField(default=False, db_default=False)
    reply_policy = models.CharField(
        max_length=10, choices=Repliers, default="everyone", db_default="everyone"
    )
    quote_policy = models.CharField(
        max_length=10, choices=Audience, default="everyone", db_default="everyone"
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    # Set by the author of the parent.
    is_hidden_reply = models.BooleanField(default=False, db_default=False)
    has_media = models.BooleanField(default=False, db_default=False)
    has_poll = models.BooleanField(default=False, db_default=False)
    has_link = models.BooleanField(default=False, db_default=False)
    # The preview of its first link.
    link_preview = models.ForeignKey(
        "posts.LinkPreview", models.SET_NULL, null=True, blank=True, related_name="posts"
    )
    imported_at = models.DateTimeField(null=True, blank=True)
    # Deduplicates publishing: a second click or a retry finds the first one's post.
    publish_key = models.UUIDField(null=True, blank=True)
    # Public interactions by active users. Maintained by triggers (ADR 21).
    like_count = models.PositiveIntegerField(default=0, db_default=0)
    reply_count = models.PositiveIntegerField(default=0, db_default=0)
    repost_count = models.PositiveIntegerField(default=0, db_default=0)
    quote_count = models.PositiveIntegerField(default=0, db_default=0)

    objects = PostQuerySet.as_manager()

    # Set by views for the viewer's own posts.
    mark: ClassVar["TrainingStatus | None"] = None
    # Set by `hydrate_posts`: the reposter, the id of the repost, and the quoted post.
    reposted_by: ClassVar["User | None"] = None
    quoted: ClassVar["Post | None"] = None
    # Set by timelines: why the post is shown, and the followed hashtag if no followed user brought
    # it.
    reason: ClassVar[str] = ""
    matched_hashtag: ClassVar[str] = ""
    # Set by timelines: the filter that collapses it, and whether the rest was read before.
    filtered_by: ClassVar[str | None] = None
    # Set on thread pages: why it is collapsed for everyone.
    hidden_by: ClassVar[str] = ""
    starts_read_section: ClassVar[bool] = False
    is_read: ClassVar[bool] = False
    # Set by `hydrate_posts`: images, failed images and the link preview.
    pictures: ClassVar["Sequence[Media]"] = ()
    failed_pictures: ClassVar["Sequence[Media]"] = ()
    preview: ClassVar["LinkPreview | None"] = None
    # Set by `attach_polls`, for one viewer.
    poll: ClassVar["PollView | None"] = None
    # Annotated by `with_card_data`: rows of images and poll, the parent if the viewer may read it,
    # and the quote of a reposted post.
    picture_rows: ClassVar["Sequence[dict[str, Any]] | None"] = None
    poll_row: ClassVar["dict[str, Any] | None"] = None
    parent_row: ClassVar["dict[str, Any] | None"] = None
    original_quote_of: ClassVar[int | None] = None
    # Annotated by the queryset's `with_permissions` and `with_card_data`, for one viewer. They have
    # no default: reading them from a post that was loaded without them is an AttributeError, and
    # never a permission.
    author_allows_reply: bool
    thread_refusal: str | None
    may_quote: bool

    class Meta:
        indexes = [
            models.Index(fields=["author", "-id"], name="post_newest_of_author"),
            models.Index(fields=["reply_to", "-id"], name="post_newest_replies"),
            models.Index(
                fields=["-id"],
                name="post_newest_public",
                condition=Q(visibility="public", reply_to__isnull=True, repost_of__isnull=True),
            ),
            models.Index(
                fields=["thread_id", "id"],
                name="post_of_thread",
                condition=Q(thread_id__isnull=False),
            ),
            models.Index(
                fields=["surviving_ancestor_id", "id"],
                name="post_below_gap",
                condition=Q(surviving_ancestor_id__isnull=False),
            ),
            models.Index(
                fields=["quote_of", "-id"],
                name="post_newest_quotes",
                condition=Q(quote_of__isnull=False),
            ),
            models.Index(
                fields=["repost_of", "-id"],
                name="post_newest_reposts",
                condition=Q(repost_of__isnull=False),
            ),
            models.Index(
                fields=["author", "-id"], name="post_newest_media", condition=Q(has_media=True)
            ),
            models.Index(
                fields=["author", "-pinned_at"],
                name="post_pinned",
                condition=Q(pinned_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "publish_key"],
                name="post_published_once",
                condition=Q(publish_key__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["author", "repost_of"],
                name="repost_once",
                condition=Q(repost_of__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(repost_of__isnull=True)
                | Q(text="", reply_to__isnull=True, quote_of__isnull=True, thread_id__isnull=True),
                name="repost_has_no_words",
            ),
            models.CheckConstraint(
                condition=Q(quote_of__isnull=True) | Q(quote_state__in=["shown", "detached"]),
                name="quote_has_a_state",
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=["public", "unlisted", "followers", "direct"]),
                name="post_visibility_known",
            ),
            models.CheckConstraint(
                condition=Q(authorship__in=["human", "assisted", "automated"]),
                name="post_authorship_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the post's path, written out because timelines need twenty of them (see
        urls.py).
        """
        return f"/@{self.author.username}/{self.pk}"

    @property
    def is_open(self) -> bool:
        """Tell whether everyone with the link can read it."""
        return self.visibility in (self.Visibility.PUBLIC, self.Visibility.UNLISTED)

    @property
    def parent_id(self) -> int | None:
        """The id of the parent, if the viewer may read it."""
        return self.parent_row["id"] if self.parent_row else None

    @property
    def parent_author(self) -> str | None:
        """The parent author's username, if the viewer may read the parent."""
        return self.parent_row["author"] if self.parent_row else None

    @property
    def parent_author_id(self) -> int | None:
        return self.parent_row["author_id"] if self.parent_row else None

    @property
    def waiting_pictures(self) -> int:
        """The number of images still being processed."""
        return sum(not picture.is_ready for picture in self.pictures)

    @property
    def may_reply(self) -> bool:
        """Whether the author and the thread's first author let the viewer reply."""
        return self.author_allows_reply and self.thread_refusal is None

    @property
    def reply_rule(self) -> str:
        """Who may reply, for viewers who may not."""
        if self.author_allows_reply and self.thread_refusal is not None:
            return THREAD_RULES[self.thread_refusal]
        return REPLY_RULES.get(self.reply_policy, "")

    @property
    def quote_rule(self) -> str:
        """Who may quote, for viewers who may not."""
        return (
            QUOTE_RULES.get(self.quote_policy, "")
            if self.is_open
            else "Only posts for everyone can be quoted."
        )

    @property
    def row_id(self) -> int:
        """The cursor of a list that holds the post: the repost's id if it came by one."""
        return self.__dict__.get("_row_id", self.pk)

    @row_id.setter
    def row_id(self, value: int) -> None:
        self.__dict__["_row_id"] = value

    @property
    def has_context(self) -> bool:
        """Whether a card shows more than author, time and text."""
        usual = (
            self.visibility == self.Visibility.PUBLIC and self.authorship == self.Authorship.HUMAN
        )
        return not usual or self.is_sensitive or self.is_foreign or self.edited_at is not None

    @property
    def is_foreign(self) -> bool:
        """Whether its language differs from the site's, so that the card names it."""
        return bool(self.language) and self.language.partition("-")[0] != SITE_LANGUAGE

    @property
    def language_name(self) -> str:
        return LANGUAGES.get(self.language, self.language)

    @property
    def root_id(self) -> int:
        return self.thread_id or self.pk
