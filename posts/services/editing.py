from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.models import OutboxEvent
from common.outbox import emit
from posts.models import Media, Mention, Poll, Post, PostHashtag, PostVersion
from posts.selectors import has_votes
from posts.services.media import MediaError, MediaMetadata, media_metadata, replace_media
from posts.services.polls import PollChangeError, PollDraft, replace_poll
from posts.services.publishing import (
    create_hashtags,
    link_preview_for,
    mentioned_user_ids,
    usernames_in,
)
from posts.text.entities import has_url, normalize_text, render
from posts.text.language import guess_language

MAX_EDITS = 100
_SETTLED = "Someone has voted, so the text, images and options can no longer be changed."


class EditError(Exception):
    """The post is gone or was edited very often, the account is suspended, or its pictures or poll cannot be so."""


@dataclass(frozen=True, slots=True)
class PostContent:
    """What a post says; without a language it is found from the text."""

    text: str
    warning: str = ""
    is_sensitive: bool = False
    language: str = ""
    # Its pictures in order; None leaves them as they are.
    pictures: tuple[MediaMetadata, ...] | None = None
    keeps_poll: bool = True
    # The poll that it is to have, or none, where it does not keep the one it has.
    poll: PollDraft | None = None


@dataclass(frozen=True, slots=True)
class PostAttachments:
    """What readers find beside a post's words: its pictures, each by number and description, and a poll's answers."""

    pictures: tuple[tuple[int, str], ...] = ()
    options: tuple[str, ...] = ()


@transaction.atomic
def edit_post(*, post: Post, words: PostContent) -> None:
    """Change what a post says and shows, and keep what it said for its readers; the same again changes nothing.

    What is in sight of a picture and how a poll is voted in are changed without a version of their own.

    Raises:
        CannotEdit: with words for the author; nothing is changed.
    """
    held = (
        Post.objects.without_reposts().select_for_update().filter(pk=post.pk).order_by("pk").first()
    )
    if held is None:
        raise EditError("This post was deleted.")
    if not User.objects.filter(
        pk=held.author_id, is_active=True, suspended_at__isnull=True
    ).exists():
        raise EditError("This account is suspended and can’t edit posts.")
    old, new = current_attachments(held), apply_edit(held, words)
    after = next_attachments(old, words)
    if (_read(held), old) != (_read(new), after) and has_votes(held):
        raise EditError(_SETTLED)
    is_edit = (content_tuple(held), old) != (content_tuple(new), after)
    if is_edit and PostVersion.objects.filter(post=held).count() >= MAX_EDITS:
        raise EditError(f"A post can be edited {MAX_EDITS} times. Delete and redraft it instead.")
    if is_edit:
        # The post first: who fixes how far a dataset goes waits for the writers of its table, and so for the version
        # too, whose id is drawn after that.
        update_content(held, new, after)
    try:
        update_attachments(held, words)
    except (MediaError, PollChangeError) as refused:
        raise EditError(str(refused)) from refused
    if is_edit:
        save_version(held, old)
        update_references(held, new)
        emit(OutboxEvent.Topic.EDITED, actor=held.author_id, post=held.pk)


@transaction.atomic
def describe_picture(*, media: Media, alt: str, focus_x: float, focus_y: float) -> None:
    """Say something else of one picture of a post, which is an edit of the post.

    Raises:
        CannotEdit: with words for the author.
    """
    post = (
        Post.objects.select_for_update(of=("self",)).filter(media=media.pk).order_by("pk").first()
    )
    if post is None:
        raise EditError("This post was deleted.")
    changed_one = MediaMetadata(media.pk, alt, focus_x, focus_y)
    pictures = tuple(
        changed_one if each.media_id == media.pk else each for each in media_metadata(post)
    )
    edit_post(post=post, words=replace(words_of(post), pictures=pictures))


def words_of(post: Post) -> PostContent:
    """Return what a post says now."""
    language = "" if post.is_language_guessed else post.language
    return PostContent(post.text, post.warning, post.is_sensitive, language)


def _read(post: Post) -> tuple[str, str]:
    """Return the words on which a vote in a poll rests."""
    return post.text, post.warning


def content_tuple(post: Post) -> tuple[object, ...]:
    return post.text, post.warning, post.is_sensitive, post.language


def current_attachments(post: Post) -> PostAttachments:
    pictures = (
        tuple((each.media_id, each.alt) for each in media_metadata(post)) if post.has_media else ()
    )
    poll = Poll.objects.filter(post=post).order_by("pk").first() if post.has_poll else None
    return PostAttachments(pictures, tuple(poll.options) if poll else ())


def next_attachments(old: PostAttachments, words: PostContent) -> PostAttachments:
    """Return what a post will have beside its words."""
    pictures, options = old.pictures, old.options
    if words.pictures is not None:
        pictures = tuple((each.media_id, each.alt) for each in words.pictures)
    if not words.keeps_poll:
        options = words.poll.options if words.poll else ()
    return PostAttachments(pictures, options)


def apply_edit(post: Post, words: PostContent) -> Post:
    """Return a post as it would be with other words."""
    text = normalize_text(words.text)
    return Post(
        pk=post.pk,
        author_id=post.author_id,
        visibility=post.visibility,
        text=text,
        warning=words.warning,
        is_sensitive=words.is_sensitive,
        language=words.language or guess_language(text),
        is_language_guessed=not words.language,
    )


def update_content(old: Post, new: Post, after: PostAttachments) -> None:
    Post.objects.filter(pk=old.pk).update(
        text=new.text,
        html=render(new.text, usernames_in(new.text)),
        warning=new.warning,
        is_sensitive=new.is_sensitive,
        language=new.language,
        is_language_guessed=new.is_language_guessed,
        has_link=has_url(new.text),
        has_media=bool(after.pictures),
        has_poll=bool(after.options),
        link_preview=link_preview_for(new.text, old.author),
        edited_at=timezone.now(),
    )


def update_attachments(post: Post, words: PostContent) -> None:
    if words.pictures is not None:
        replace_media(post, words.pictures)
    if not words.keeps_poll:
        replace_poll(post, words.poll)


def save_version(old: Post, had: PostAttachments) -> None:
    PostVersion.objects.create(
        post=old,
        text=old.text,
        html=old.html,
        warning=old.warning,
        is_sensitive=old.is_sensitive,
        language=old.language,
        is_language_guessed=old.is_language_guessed,
        pictures=[alt for _, alt in had.pictures],
        poll_options=list(had.options),
    )


def update_references(old: Post, new: Post) -> None:
    """Have the mentions and tags of a post be those of its new words."""
    people = mentioned_user_ids(new, old.reply_to)
    before = set(Mention.objects.filter(post=old).values_list("user_id", flat=True))
    Mention.objects.filter(post=old, user__in=before - people).delete()
    Mention.objects.bulk_create(Mention(post=old, user_id=pk) for pk in sorted(people - before))
    PostHashtag.objects.filter(post=old).delete()
    create_hashtags(new)
