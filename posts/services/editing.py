from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.models import News
from common.news import tell
from posts.language import guess_language
from posts.models import Media, Mention, Poll, Post, PostVersion, Tagging
from posts.selectors import has_votes
from posts.services.media import CannotAttach, Described, described, replace_media
from posts.services.polls import CannotChangePoll, PollDraft, replace_poll
from posts.services.publishing import card_of, people_of, point_to_tags, usernames_in
from posts.text import has_url, render, tidy

MOST_EDITS = 100
SETTLED = "Somebody has voted by now, so that what they have read stays: the words, pictures and answers."


class CannotEdit(Exception):
    """The post is gone or was edited very often, the account is suspended, or its pictures or poll cannot be so."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a post says; without a language it is found from the text."""

    text: str
    warning: str = ""
    is_sensitive: bool = False
    language: str = ""
    # Its pictures in order; None leaves them as they are.
    pictures: tuple[Described, ...] | None = None
    keeps_poll: bool = True
    # The poll that it is to have, or none, where it does not keep the one it has.
    poll: PollDraft | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What readers find beside a post's words: its pictures, each by number and description, and a poll's answers."""

    pictures: tuple[tuple[int, str], ...] = ()
    options: tuple[str, ...] = ()


@transaction.atomic
def edit_post(*, post: Post, words: Words) -> None:
    """Change what a post says and shows, and keep what it said for its readers; the same again changes nothing.

    What is in sight of a picture and how a poll is voted in are changed without a version of their own.

    Raises:
        CannotEdit: with words for the author; nothing is changed.
    """
    held = Post.objects.originals().select_for_update().filter(pk=post.pk).order_by("pk").first()
    if held is None:
        raise CannotEdit("This post was deleted.")
    if not User.objects.filter(pk=held.author_id, is_active=True, suspended_at__isnull=True).exists():
        raise CannotEdit("This account is suspended and cannot edit.")
    old, new = beside(held), changed(held, words)
    after = beside_after(old, words)
    if (read(held), old) != (read(new), after) and has_votes(held):
        raise CannotEdit(SETTLED)
    is_edit = (said(held), old) != (said(new), after)
    if is_edit and PostVersion.objects.filter(post=held).count() >= MOST_EDITS:
        raise CannotEdit(f"A post can be edited {MOST_EDITS} times. Delete it and write it anew.")
    if is_edit:
        # The post first: who fixes how far a data set goes waits for the writers of its table, and so for the version
        # too, whose id is drawn after that.
        replace_words(held, new, after)
    try:
        replace_beside(held, words)
    except (CannotAttach, CannotChangePoll) as refused:
        raise CannotEdit(str(refused)) from refused
    if is_edit:
        keep_version(held, old)
        point_anew(held, new)
        tell(News.Topic.EDITED, actor=held.author_id, post=held.pk)


@transaction.atomic
def describe_picture(*, media: Media, alt: str, focus_x: float, focus_y: float) -> None:
    """Say something else of one picture of a post, which is an edit of the post.

    Raises:
        CannotEdit: with words for the author.
    """
    post = Post.objects.select_for_update(of=("self",)).filter(media=media.pk).order_by("pk").first()
    if post is None:
        raise CannotEdit("This post was deleted.")
    changed_one = Described(media.pk, alt, focus_x, focus_y)
    pictures = tuple(changed_one if each.media_id == media.pk else each for each in described(post))
    edit_post(post=post, words=replace(words_of(post), pictures=pictures))


def words_of(post: Post) -> Words:
    """Return what a post says now."""
    language = "" if post.is_language_guessed else post.language
    return Words(post.text, post.warning, post.is_sensitive, language)


def read(post: Post) -> tuple[str, str]:
    """Return the words on which a vote in a poll rests."""
    return post.text, post.warning


def said(post: Post) -> tuple[object, ...]:
    return post.text, post.warning, post.is_sensitive, post.language


def beside(post: Post) -> Beside:
    pictures = tuple((each.media_id, each.alt) for each in described(post)) if post.has_media else ()
    poll = Poll.objects.filter(post=post).order_by("pk").first() if post.has_poll else None
    return Beside(pictures, tuple(poll.options) if poll else ())


def beside_after(old: Beside, words: Words) -> Beside:
    """Return what a post will have beside its words."""
    pictures, options = old.pictures, old.options
    if words.pictures is not None:
        pictures = tuple((each.media_id, each.alt) for each in words.pictures)
    if not words.keeps_poll:
        options = words.poll.options if words.poll else ()
    return Beside(pictures, options)


def changed(post: Post, words: Words) -> Post:
    """Return a post as it would be with other words."""
    text = tidy(words.text)
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


def replace_words(old: Post, new: Post, after: Beside) -> None:
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
        link_preview=card_of(new.text, old.author),
        edited_at=timezone.now(),
    )


def replace_beside(post: Post, words: Words) -> None:
    if words.pictures is not None:
        replace_media(post, words.pictures)
    if not words.keeps_poll:
        replace_poll(post, words.poll)


def keep_version(old: Post, had: Beside) -> None:
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


def point_anew(old: Post, new: Post) -> None:
    """Have the mentions and tags of a post be those of its new words."""
    people = people_of(new, old.reply_to)
    before = set(Mention.objects.filter(post=old).values_list("user_id", flat=True))
    Mention.objects.filter(post=old, user__in=before - people).delete()
    Mention.objects.bulk_create(Mention(post=old, user_id=pk) for pk in sorted(people - before))
    Tagging.objects.filter(post=old).delete()
    point_to_tags(new)
