"""Profile images: uploaded with the profile form, processed by a worker, shown when ready."""

from functools import partial
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import ProfileImage, User
from common.enqueue import enqueue_task
from common.images import services, variants
from common.images.models import new_upload_key
from common.task_names import TaskName

PROFILE_IMAGE_VARIANTS = {
    ProfileImage.Place.AVATAR: variants.AVATAR,
    ProfileImage.Place.HEADER: variants.HEADER,
}


def upload_profile_image(*, user: User, place: str, file: IO[bytes]) -> ProfileImage:
    """Store an upload and enqueue its processing; the previous image is shown until then."""
    portrait = ProfileImage.objects.create(user=user, place=place, source=new_upload_key())
    default_storage.save(portrait.source, File(file))
    transaction.on_commit(partial(enqueue_task, TaskName.PROFILE_IMAGES_PROCESS, portrait.pk))
    return portrait


def process_profile_image(pk: int) -> None:
    """Process a pending image; does nothing if it is claimed or gone."""
    portrait = ProfileImage.objects.claim(pk)
    if portrait is not None:
        services.process_claimed_image(
            portrait, PROFILE_IMAGE_VARIANTS[portrait.place], when_ready=activate_profile_image
        )


def activate_profile_image(portrait: ProfileImage) -> None:
    """Show the newest ready images and delete the ones before them."""
    user = User.objects.select_for_update(no_key=True).get(pk=portrait.user_id)
    ready = user.portraits.ready().filter(place=portrait.place).order_by("-pk")
    newest = ready.first()
    if newest is None:
        return
    User.objects.filter(pk=user.pk).update(**{portrait.place: newest.folder})
    user.portraits.filter(place=portrait.place, pk__lt=newest.pk).delete()


@transaction.atomic
def remove_profile_images(*, user: User, place: str) -> None:
    """Remove a user's images, also pending ones."""
    User.objects.filter(pk=user.pk).update(**{place: ""})
    user.portraits.filter(place=place).delete()
