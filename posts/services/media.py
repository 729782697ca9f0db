from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.enqueue import enqueue_task
from common.images import services, variants
from common.images.models import new_upload_key
from common.pagination import parse_id
from common.task_names import TaskName
from posts.models import Draft, Media, Post
from posts.models.media import MAX_MEDIA_PER_POST


class MediaError(Exception):
    """A picture is not the author's, is used elsewhere, or is none; with words for the author."""


@dataclass(frozen=True, slots=True)
class MediaMetadata:
    """A picture by its number, what is said of it, and what of it must stay in sight."""

    media_id: int
    alt: str = ""
    focus_x: float = 0
    focus_y: float = 0


def add_media(*, owner: User, file: IO[bytes]) -> Media:
    """Keep a file that somebody sent and have it developed.

    The row comes first, so that there is never a file that no row knows of.
    """
    media = Media.objects.create(owner=owner, source=new_upload_key())
    default_storage.save(media.source, File(file))
    transaction.on_commit(partial(enqueue_task, TaskName.MEDIA_PROCESS, media.pk))
    return media


def process_media(pk: int) -> None:
    """Develop a picture that waits; where somebody else does, or it is gone, nothing happens."""
    media = Media.objects.claim(pk)
    if media is not None:
        services.process_claimed_image(media, variants.POST)


def attach_media(post: Post, ids: Sequence[int]) -> None:
    """Give a new post its pictures, in order, within the transaction that publishes it.

    Raises:
        CannotAttach: with words for the author.
    """
    if len(set(ids)) != len(ids) or len(ids) > MAX_MEDIA_PER_POST:
        raise MediaError(f"A post can have {MAX_MEDIA_PER_POST} pictures at the most.")
    held = (
        Media.objects.unused_by(post.author_id)
        .filter(pk__in=ids)
        .order_by("pk")
        .select_for_update()
        .in_bulk()
    )
    for position, pk in enumerate(ids):
        media = held.get(pk)
        if media is None:
            raise MediaError("A picture is no longer there, or is in another post. Add it again.")
        if media.is_failed:
            raise MediaError(f"A picture cannot be used. {media.reason}")
        Media.objects.filter(pk=pk).update(post=post, position=position)


def detach_media(post: Post) -> list[int]:
    """Take the pictures of a post that is to be written anew, so that they do not go with it; return their ids."""
    held = list(post.media.order_by("position").values_list("pk", flat=True))
    Media.objects.filter(pk__in=held).update(post=None, created_at=timezone.now())
    return held


def replace_media(post: Post, pictures: Sequence[MediaMetadata]) -> None:
    """Give a post these pictures in place of those that it has; one that is left out is deleted.

    Raises:
        CannotAttach: with words for the author.
    """
    before = detach_media(post)
    ids = [picture.media_id for picture in pictures]
    attach_media(post, ids)
    for each in pictures:
        describe_media(pk=each.media_id, alt=each.alt, focus_x=each.focus_x, focus_y=each.focus_y)
    Media.objects.filter(pk__in=set(before) - set(ids)).delete()


def media_metadata(post: Post) -> tuple[MediaMetadata, ...]:
    """Return the pictures of a post, in order, as far as they can be seen."""
    values = Media.objects.usable_in(post).values_list("pk", "alt", "focus_x", "focus_y")
    return tuple(MediaMetadata(*row) for row in values)


def describe_media(*, pk: int, alt: str, focus_x: float, focus_y: float) -> None:
    Media.objects.filter(pk=pk).update(alt=alt, focus_x=focus_x, focus_y=focus_y)


def delete_orphaned_media() -> None:
    """Delete pictures that no post and no draft has; their files follow (see the trigger of the table)."""
    orphans = Media.objects.orphans()
    owners = set(orphans.values_list("owner", flat=True))
    kept = {pk for fields in drafts_with_media(owners) for pk in iter_draft_media_ids(fields)}
    orphans.exclude(pk__in=kept).delete()


def drafts_with_media(owners: Collection[int]) -> Iterable[dict[str, Any]]:
    return Draft.objects.filter(author__in=owners).values_list("fields", flat=True)


def iter_draft_media_ids(fields: Mapping[str, Any]) -> Iterator[int]:
    """Yield the pictures that a draft names, in any post of a thread."""
    for name, value in fields.items():
        if name.endswith("media"):
            numbers = map(parse_id, map(str, value if isinstance(value, list) else [value]))
            yield from (number for number in numbers if number is not None)
