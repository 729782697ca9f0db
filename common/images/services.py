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
    """Create the files of a claimed image and save the result, then run `when_ready`.

    If the process dies, the image is still pending, and the same names are written again.
    """
    if picture.attempts > MAX_PROCESSING_ATTEMPTS:
        # Something in the file kills its workers.
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
    """Return the column values of a ready image."""
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
    """Save the result and schedule the upload's deletion; if the row is gone, delete everything."""
    rows = type(picture).objects.filter(pk=picture.pk, state=ImageAsset.State.WAITING)
    if not rows.update(**fields, source="", claimed_at=None):
        schedule_deletion([picture.source, picture.folder])
        return
    schedule_deletion([picture.source])
    if fields["state"] == ImageAsset.State.READY:
        when_ready(picture)


def schedule_deletion(names: Iterable[str]) -> None:
    """Delete files or folders after the transaction commits."""
    PendingFileDeletion.objects.bulk_create(
        PendingFileDeletion(name=name) for name in names if name
    )


def delete_orphaned_files() -> None:
    """Delete files that nothing refers to; idempotent."""
    for row in PendingFileDeletion.objects.order_by("pk")[:1000]:
        delete_path(row.name)
        row.delete()


def delete_path(name: str) -> None:
    """Delete a file, or a folder with its files."""
    try:
        _, files = default_storage.listdir(name)
    except (FileNotFoundError, NotADirectoryError):
        files = []
    for file in files:
        default_storage.delete(f"{name}/{file}")
    default_storage.delete(name)
