from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from common.images import plans, work
from common.images.models import new_source
from common.sending import send_later
from posts.models import Media, Post
from posts.models.media import MOST_IN_POST, soon


class CannotAttach(Exception):
    """A picture is not the author's, is used elsewhere, or is none; with words for the author."""


def add_media(*, owner: User, file: BinaryIO) -> Media:
    """Keep a file that somebody sent and have it developed.

    The row comes first, so that there is never a file that no row knows of.
    """
    media = Media.objects.create(owner=owner, source=new_source())
    default_storage.save(media.source, File(file))
    transaction.on_commit(partial(send_later, "posts.tasks.develop_media", media.pk))
    return media


def develop_media(pk: int) -> None:
    """Develop a picture that waits; where somebody else does, or it is gone, nothing happens."""
    media = Media.objects.claim(pk)
    if media is not None:
        work.develop_picture(media, plans.POST)


def attach_media(post: Post, ids: Sequence[int]) -> None:
    """Give a new post its pictures, in order, within the transaction that publishes it.

    Raises:
        CannotAttach: with words for the author.
    """
    if len(set(ids)) != len(ids) or len(ids) > MOST_IN_POST:
        raise CannotAttach(f"A post can have {MOST_IN_POST} pictures at the most.")
    held = Media.objects.unused_by(post.author_id).filter(pk__in=ids).order_by("pk").select_for_update().in_bulk()
    for position, pk in enumerate(ids):
        media = held.get(pk)
        if media is None:
            raise CannotAttach("A picture is no longer there, or is in another post. Add it again.")
        if media.is_failed:
            raise CannotAttach(f"A picture cannot be used. {media.reason}")
        Media.objects.filter(pk=pk).update(post=post, position=position, kept_until=None)


def keep_media(*, owner: User, ids: Sequence[int]) -> None:
    """Keep pictures that a draft has, however long it lies."""
    Media.objects.unused_by(owner.pk).filter(pk__in=ids).update(kept_until=None)


def let_media_go(*, owner: User, ids: Sequence[int]) -> None:
    """Delete pictures in a day, unless something takes them up before."""
    Media.objects.unused_by(owner.pk).filter(pk__in=ids).update(kept_until=soon())


def describe_media(*, media: Media, alt: str, focus_x: float, focus_y: float) -> None:
    Media.objects.filter(pk=media.pk).update(alt=alt, focus_x=focus_x, focus_y=focus_y)


def delete_orphans() -> None:
    """Delete pictures that were sent and never used; their files follow (see the trigger of the table)."""
    Media.objects.orphans().delete()
