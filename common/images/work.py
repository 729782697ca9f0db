from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from common.images.develop import TOO_MUCH, Developed, Refused, develop
from common.images.models import ATTEMPTS, Picture
from common.images.plans import Plan
from common.models import DiscardedFile

NOT_ARRIVED = "The file did not arrive. Send it again."


def develop_picture(picture: Any, plan: Plan, when_ready: Callable[[Any], None] = lambda picture: None) -> None:
    """Make the files of a picture that was claimed and note what became of it, with what follows `when_ready`.

    If the process dies on the way, the picture is still waiting, and the files are made again under the same names.
    """
    if picture.attempts > ATTEMPTS:
        # Something in it ends its workers.
        finish(picture, {"state": Picture.State.FAILED, "reason": TOO_MUCH})
        return
    try:
        with default_storage.open(picture.source) as file:
            content = file.read()
    except FileNotFoundError:
        finish(picture, {"state": Picture.State.FAILED, "reason": NOT_ARRIVED})
        return
    try:
        developed = develop(content, plan)
    except Refused as refused:
        finish(picture, {"state": Picture.State.FAILED, "reason": str(refused)})
        return
    keep_files(picture.folder, developed.files)
    finish(picture, fields_of(developed), when_ready)


def keep_files(folder: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        default_storage.save(f"{folder}/{name}", ContentFile(content))


def fields_of(developed: Developed) -> dict[str, object]:
    """Return the columns of a picture that is ready."""
    return {
        "state": Picture.State.READY,
        "reason": "",
        "kind": developed.kind,
        "width": developed.width,
        "height": developed.height,
        "widths": developed.widths,
        "placeholder": developed.placeholder,
    }


@transaction.atomic
def finish(picture: Any, fields: dict[str, object], when_ready: Callable[[Any], None] = lambda picture: None) -> None:
    """Note how it ended, and that the file as it was sent can go; where the row is gone, so can everything."""
    rows = type(picture).objects.filter(pk=picture.pk, state=Picture.State.WAITING)
    if not rows.update(**fields, source="", claimed_at=None):
        discard([picture.source, picture.folder])
        return
    discard([picture.source])
    if fields["state"] == Picture.State.READY:
        when_ready(picture)


def discard(names: Iterable[str]) -> None:
    """Have files, or all files of a folder, removed once this transaction holds."""
    DiscardedFile.objects.bulk_create(DiscardedFile(name=name) for name in names if name)


def remove_discarded() -> None:
    """Remove the files that nothing refers to any more; doing it again does no harm."""
    for row in DiscardedFile.objects.order_by("pk")[:1000]:
        remove(row.name)
        row.delete()


def remove(name: str) -> None:
    """Remove a file, or a folder with its files."""
    try:
        _, files = default_storage.listdir(name)
    except (FileNotFoundError, NotADirectoryError):
        files = []
    for file in files:
        default_storage.delete(f"{name}/{file}")
    default_storage.delete(name)
