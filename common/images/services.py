from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from common.images.models import MAX_PROCESSING_ATTEMPTS, ImageAsset
from common.images.runner import (
    TOO_LARGE_MESSAGE,
    ImageProcessingError,
    ProcessedImage,
    process_image,
)
from common.images.variants import VariantSpec
from common.models import PendingFileDeletion

MISSING_UPLOAD_MESSAGE = "The file did not arrive. Send it again."


def process_claimed_image(
    picture: Any, plan: VariantSpec, when_ready: Callable[[Any], None] = lambda picture: None
) -> None:
    """Make the files of a picture that was claimed and note what became of it, with what follows `when_ready`.

    If the process dies on the way, the picture is still waiting, and the files are made again under the same names.
    """
    if picture.attempts > MAX_PROCESSING_ATTEMPTS:
        # Something in it ends its workers.
        save_result(picture, {"state": ImageAsset.State.FAILED, "reason": TOO_LARGE_MESSAGE})
        return
    try:
        with default_storage.open(picture.source) as file:
            content = file.read()
    except FileNotFoundError:
        save_result(picture, {"state": ImageAsset.State.FAILED, "reason": MISSING_UPLOAD_MESSAGE})
        return
    try:
        developed = process_image(content, plan)
    except ImageProcessingError as refused:
        save_result(picture, {"state": ImageAsset.State.FAILED, "reason": str(refused)})
        return
    store_files(picture.folder, developed.files)
    save_result(picture, ready_fields(developed), when_ready)


def store_files(folder: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        default_storage.save(f"{folder}/{name}", ContentFile(content))


def ready_fields(developed: ProcessedImage) -> dict[str, object]:
    """Return the columns of a picture that is ready."""
    return {
        "state": ImageAsset.State.READY,
        "reason": "",
        "kind": developed.kind,
        "width": developed.width,
        "height": developed.height,
        "widths": developed.widths,
        "placeholder": developed.placeholder,
    }


@transaction.atomic
def save_result(
    picture: Any,
    fields: dict[str, object],
    when_ready: Callable[[Any], None] = lambda picture: None,
) -> None:
    """Note how it ended, and that the file as it was sent can go; where the row is gone, so can everything."""
    rows = type(picture).objects.filter(pk=picture.pk, state=ImageAsset.State.WAITING)
    if not rows.update(**fields, source="", claimed_at=None):
        schedule_deletion([picture.source, picture.folder])
        return
    schedule_deletion([picture.source])
    if fields["state"] == ImageAsset.State.READY:
        when_ready(picture)


def schedule_deletion(names: Iterable[str]) -> None:
    """Have files, or all files of a folder, removed once this transaction holds."""
    PendingFileDeletion.objects.bulk_create(
        PendingFileDeletion(name=name) for name in names if name
    )


def delete_orphaned_files() -> None:
    """Remove the files that nothing refers to any more; doing it again does no harm."""
    for row in PendingFileDeletion.objects.order_by("pk")[:1000]:
        delete_path(row.name)
        row.delete()


def delete_path(name: str) -> None:
    """Remove a file, or a folder with its files."""
    try:
        _, files = default_storage.listdir(name)
    except (FileNotFoundError, NotADirectoryError):
        files = []
    for file in files:
        default_storage.delete(f"{name}/{file}")
    default_storage.delete(name)
