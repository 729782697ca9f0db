from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from common.images.develop import TOO_MUCH, Developed, Refused, develop
from common.images.models import ATTEMPTS, Picture
from common.images.plans import Plan
from common.models import DiscardedFile

NOT_ARRIVED = "The file did not arrive. Send it again."


def develop_picture(picture: Picture, plan: Plan) -> bool:
    """Make the files of a picture that was claimed and note what became of it; say whether it is ready.

    If the process dies on the way, the picture is still waiting, and the files are made again under the same names.
    """
    if picture.attempts > ATTEMPTS:
        # Something in it ends its workers.
        return finish(picture, {"state": Picture.State.FAILED, "reason": TOO_MUCH})
    try:
        with default_storage.open(picture.source) as file:
            content = file.read()
    except FileNotFoundError:
        return finish(picture, {"state": Picture.State.FAILED, "reason": NOT_ARRIVED})
    try:
        developed = develop(content, plan)
    except Refused as refused:
        return finish(picture, {"state": Picture.State.FAILED, "reason": str(refused)})
    keep_files(picture.folder, developed.files)
    return finish(picture, fields_of(developed))


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
def finish(picture: Picture, fields: dict[str, object]) -> bool:
    """Note how it ended, and that the file as it was sent can go; where the row is gone, so can everything."""
    rows = type(picture).objects.filter(pk=picture.pk, state=Picture.State.WAITING)  # type: ignore[attr-defined]
    is_there = rows.update(**fields, source="", claimed_at=None)
    discard([picture.source] if is_there else [picture.source, picture.folder])
    return bool(is_there) and fields["state"] == Picture.State.READY


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
