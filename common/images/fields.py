from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from common.images.formats import ACCEPTED, HEADER_BYTES, PILLOW_NAMES, detect_format


def validate_image(file: UploadedFile) -> None:
    """Reject files that cannot be images, by a quick check; workers check fully.

    Raises:
        forms.ValidationError: with a message for the user.
    """
    if not file.size:
        raise forms.ValidationError(f"{file.name} is empty.")
    if file.size > settings.MAX_IMAGE_BYTES:
        raise forms.ValidationError(
            f"{file.name} is too large; {settings.MAX_IMAGE_BYTES // 2**20} MB fit."
        )
    header = file.read(HEADER_BYTES)
    file.seek(0)
    if detect_format(header) is None:
        raise forms.ValidationError(f"{file.name} is no {PILLOW_NAMES} picture.")


class ImageUploadField(forms.FileField):
    """An image upload, recognized by its first bytes and not by its file name."""

    widget = forms.FileInput(attrs={"accept": ACCEPTED})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file is not initial:
            validate_image(file)
        return file
