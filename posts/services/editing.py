from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.models import News
from common.news import tell
from posts.language import guess_language
from posts.models import Mention, Post, PostVersion, Tagging
from posts.services.publishing import card_of, people_of, point_to_tags, usernames_in
from posts.text import has_url, render, tidy

MOST_EDITS = 100


class CannotEdit(Exception):
    """The post is gone or was edited very often, or the account is suspended."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a post says; without a language it is found from the text."""

    text: str
    warning: str = ""
    is_sensitive: bool = False
    language: str = ""


@transaction.atomic
def edit_post(*, post: Post, words: Words) -> None:
    """Change what a post says, and keep what it said for its readers; the same words again change nothing.

    Raises:
        CannotEdit: with words for the author.
    """
    held = Post.objects.originals().select_for_update().filter(pk=post.pk).order_by("pk").first()
    if held is None:
        raise CannotEdit("This post was deleted.")
    if not User.objects.filter(pk=held.author_id, is_active=True, suspended_at__isnull=True).exists():
        raise CannotEdit("This account is suspended and cannot edit.")
    if said(held) == said(changed(held, words)):
        return
    if PostVersion.objects.filter(post=held).count() >= MOST_EDITS:
        raise CannotEdit(f"A post can be edited {MOST_EDITS} times. Delete it and write it anew.")
    replace_words(held, changed(held, words))
    tell(News.Topic.EDITED, actor=held.author_id, post=held.pk)


def said(post: Post) -> tuple[object, ...]:
    return post.text, post.warning, post.is_sensitive, post.language


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


def replace_words(old: Post, new: Post) -> None:
    # The post first: who fixes how far a data set goes waits for the writers of its table, and so for the version
    # too, whose id is drawn after that.
    Post.objects.filter(pk=old.pk).update(
        text=new.text,
        html=render(new.text, usernames_in(new.text)),
        warning=new.warning,
        is_sensitive=new.is_sensitive,
        language=new.language,
        is_language_guessed=new.is_language_guessed,
        has_link=has_url(new.text),
        link_preview=card_of(new.text),
        edited_at=timezone.now(),
    )
    PostVersion.objects.create(
        post=old,
        text=old.text,
        html=old.html,
        warning=old.warning,
        is_sensitive=old.is_sensitive,
        language=old.language,
        is_language_guessed=old.is_language_guessed,
    )
    point_anew(old, new)


def point_anew(old: Post, new: Post) -> None:
    """Have the mentions and tags of a post be those of its new words."""
    people = people_of(new, old.reply_to)
    before = set(Mention.objects.filter(post=old).values_list("user_id", flat=True))
    Mention.objects.filter(post=old, user__in=before - people).delete()
    Mention.objects.bulk_create(Mention(post=old, user_id=pk) for pk in sorted(people - before))
    Tagging.objects.filter(post=old).delete()
    point_to_tags(new)
