from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import JSONObject

from accounts.models import Block, Follow, Mute
from common.compiled_queries import IDS, EqualsAny

# Models defined after this module; imported at call time.
from posts import models as posts
from posts.filtering import ALL_ACTIONS, collapsed_by_filter, hidden_by_filter

# Fields of images and polls that cards show.
MEDIA_FIELDS = (
    *("id", "post_id", "position", "alt", "focus_x", "focus_y"),
    *("state", "reason", "folder", "kind", "width", "height", "widths", "placeholder"),
)
POLL_FIELDS = (
    "post_id",
    "options",
    "counts",
    "voter_count",
    "is_multiple",
    "hides_results",
    "ends_at",
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import User
    from accounts.selectors import Viewer


class PostQuerySet(QuerySet["posts.Post"]):
    def with_some_ids(self) -> "PostQuerySet":
        """Posts by the ids bound to a compiled query."""
        return self.filter(EqualsAny(F("pk"), IDS))

    def below_some_ids(self) -> "PostQuerySet":
        """Replies to such posts, also if a post between them was deleted."""
        return self.filter(
            Q(EqualsAny(F("reply_to"), IDS)) | Q(EqualsAny(F("surviving_ancestor_id"), IDS))
        )

    def without_reposts(self) -> "PostQuerySet":
        """Posts with content of their own."""
        return self.filter(repost_of__isnull=True)

    def public(self) -> "PostQuerySet":
        """Public posts by active users, without reposts."""
        return (
            self.by_active_authors()
            .without_reposts()
            .filter(visibility=posts.Post.Visibility.PUBLIC)
        )

    def by_active_authors(self) -> "PostQuerySet":
        return self.filter(author__is_active=True, author__suspended_at__isnull=True)

    def visible_to(self, viewer: "Viewer") -> "PostQuerySet":
        """Posts that `viewer` may read; reposts only if the original is readable, too."""
        original = posts.Post.objects.filter(pk=OuterRef("repost_of")).readable_by(viewer)
        return self.readable_by(viewer).filter(Q(repost_of__isnull=True) | Exists(original))

    def readable_by(self, viewer: "Viewer") -> "PostQuerySet":
        """Posts whose author lets `viewer` read them, whatever they repost."""
        return self.filter(is_readable(viewer))

    def without_blocked(self, viewer: "User") -> "PostQuerySet":
        """Posts by authors without a block in either direction."""
        return self.filter(is_unblocked(viewer))

    def without_muted(self, viewer: "User") -> "PostQuerySet":
        """Posts, for timelines, by nobody whom the viewer mutes; nor their posts when others repost them."""
        muted = Mute.objects.in_force().filter(muter=viewer).values("muted")
        return self.exclude(author__in=muted).exclude(repost_of__author__in=muted)

    def without_filtered(self, viewer: "Viewer", place: str) -> "PostQuerySet":
        """Posts that the viewer's filters do not leave out in a place, or that are the viewer's; with `warned_by`."""
        if viewer.is_anonymous:
            return self.annotate_filter_warnings(viewer, place)
        shown = self.filter(Q(author=viewer) | ~Q(hidden_by_filter(viewer, place)))
        return shown.annotate_filter_warnings(viewer, place, [posts.KeywordFilter.Action.WARN])

    def annotate_filter_warnings(
        self, viewer: "Viewer", place: str, actions: "Collection[str]" = ALL_ACTIONS
    ) -> "PostQuerySet":
        """Annotate `filtered_by`, the phrase of a filter that collapses the post where none is
        hidden.
        """
        if viewer.is_anonymous:
            return self.annotate(filtered_by=Value(""))
        return self.annotate(filtered_by=collapsed_by_filter(viewer, place, actions))

    def in_preferred_languages(self, viewer: "Viewer") -> "PostQuerySet":
        """Posts in the viewer's languages, in an unknown one, or by the viewer."""
        if viewer.is_anonymous or not viewer.preferred_languages:
            return self
        code: Any = Func(
            F("language"), Value("-"), Value(1), function="split_part", output_field=CharField()
        )
        read = Q(language_code__in=["", *viewer.preferred_languages])
        return self.alias(language_code=code).filter(read | Q(author=viewer))

    def with_card_data(self, viewer: "Viewer") -> "PostQuerySet":
        """Annotate everything that a card shows of a post, so that cards run no queries.

        Related posts, such as the original of a repost, are added by `hydrate_posts`.
        """
        cards = self.select_related("author", "link_preview").annotate(
            parent_row=Case(When(is_readable(viewer, "reply_to__"), then=row_of_parent())),
            original_quote_of=F("repost_of__quote_of"),
            picture_rows=Case(When(has_media=True, then=media_json())),
            poll_row=Case(When(has_poll=True, then=poll_json(viewer))),
        )
        if viewer.is_anonymous:
            return cards.annotate(  # type: ignore[no-redef]
                liked=Value(False),
                reposted=Value(False),
                bookmarked=Value(False),
                # Buttons lead to log-in first, where the author's rules are read.
                author_allows_reply=Value(True),
                thread_refusal=Value(None, CharField()),
                may_quote=Value(True),
            )
        mine = {"user": viewer, "post": OuterRef("pk")}
        return cards.with_permissions(viewer).annotate(
            liked=Exists(posts.Like.objects.filter(**mine)),
            bookmarked=Exists(posts.Bookmark.objects.filter(**mine)),
            reposted=Exists(posts.Post.objects.filter(author=viewer, repost_of=OuterRef("pk"))),
        )

    def with_permissions(self, viewer: "User") -> "PostQuerySet":
        """Annotate what authors let the viewer do: `author_allows_reply` and `may_quote`.

        And `thread_refusal`, the rule by which the thread's first author keeps the viewer from
        replying.
        """
        post = posts.Post
        own = Q(author=viewer)
        follows = Q(Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("author"))))
        mentioned = Q(Exists(posts.Mention.objects.filter(post=OuterRef("pk"), user=viewer)))
        reply = Q(reply_policy=post.Repliers.EVERYONE) | own | mentioned
        reply |= Q(reply_policy=post.Repliers.FOLLOWERS) & follows
        quote = (
            Q(quote_policy=post.Audience.EVERYONE)
            | Q(quote_policy=post.Audience.FOLLOWERS) & follows
        )
        quote &= Q(visibility__in=[post.Visibility.PUBLIC, post.Visibility.UNLISTED])
        return self.annotate(
            author_allows_reply=ExpressionWrapper(reply, BooleanField()),
            thread_refusal=Subquery(closed_thread_roots(viewer).values("reply_policy")),
            may_quote=ExpressionWrapper(own | quote, BooleanField()),
        )


def is_readable(viewer: "Viewer", of: str = "") -> Q:
    """Return the condition that the author lets `viewer` read a post: the one visibility rule.

    `of` is the path from the queried row to the post, such as `reply_to__` for its parent.
    """
    shown = Q(**{f"{of}author__is_active": True, f"{of}author__suspended_at__isnull": True})
    open_to_all = Q(
        **{f"{of}visibility__in": [posts.Post.Visibility.PUBLIC, posts.Post.Visibility.UNLISTED]}
    )
    if viewer.is_anonymous:
        return shown & open_to_all
    follows = Follow.objects.filter(follower=viewer, followed=OuterRef(f"{of}author"))
    mentioned = posts.Mention.objects.filter(post=OuterRef(f"{of}pk"), user=viewer)
    to_followers = Q(**{f"{of}visibility": posts.Post.Visibility.FOLLOWERS}) & Q(Exists(follows))
    limited = [posts.Post.Visibility.FOLLOWERS, posts.Post.Visibility.DIRECT]
    to_mentioned = Q(**{f"{of}visibility__in": limited}) & Q(Exists(mentioned))
    shown &= open_to_all | to_followers | Q(**{f"{of}author": viewer}) | to_mentioned
    return shown & is_unblocked(viewer, of)


def is_unblocked(viewer: "User", of: str = "") -> Q:
    """Return the condition that viewer and author do not block each other."""
    # Sets of users rather than a subquery per post: PostgreSQL plans them much faster.
    blocked = Block.objects.filter(blocker=viewer).values("blocked")
    blocking = Block.objects.filter(blocked=viewer).values("blocker")
    return ~Q(**{f"{of}author__in": blocked}) & ~Q(**{f"{of}author__in": blocking})


def row_of_parent() -> JSONObject:
    """What a card shows of the parent."""
    return JSONObject(
        id="reply_to", author_id="reply_to__author", author="reply_to__author__username"
    )


def media_json() -> ArraySubquery:
    """The images of a post, in order."""
    pictures = posts.Media.objects.filter(post=OuterRef("pk")).order_by("position")
    return ArraySubquery(pictures.values_list(JSONObject(**{name: name for name in MEDIA_FIELDS})))


def poll_json(viewer: "Viewer") -> Subquery:
    """The poll of a post with the viewer's vote."""
    votes = posts.PollVote.objects.filter(poll=OuterRef("pk"), user=viewer.pk).values("choices")
    chosen = Value(None, JSONField()) if viewer.is_anonymous else Subquery(votes)
    of_poll = JSONObject(chosen=chosen, **{name: name for name in POLL_FIELDS})
    return Subquery(posts.Poll.objects.filter(post=OuterRef("pk")).values_list(of_poll))


def closed_thread_roots(viewer: "User") -> QuerySet["posts.Post"]:
    """First posts of threads whose authors do not let the viewer reply anywhere below."""
    post = posts.Post
    mentioned = Exists(posts.Mention.objects.filter(post=OuterRef("pk"), user=viewer))
    follows = Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("author")))
    beginning = post.objects.filter(pk=OuterRef("thread_id")).exclude(
        reply_policy=post.Repliers.EVERYONE
    )
    return (
        beginning.exclude(author=viewer)
        .exclude(mentioned)
        .exclude(follows, reply_policy=post.Repliers.FOLLOWERS)
    )
