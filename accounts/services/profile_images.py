"""Pictures of people: sent with the profile's form, developed by a worker, shown once they are ready."""

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
    """Keep a file that somebody sent and have it developed; until then the picture before it is shown."""
    portrait = ProfileImage.objects.create(user=user, place=place, source=new_upload_key())
    default_storage.save(portrait.source, File(file))
    transaction.on_commit(partial(enqueue_task, TaskName.PROFILE_IMAGES_PROCESS, portrait.pk))
    return portrait


def process_profile_image(pk: int) -> None:
    """Develop a picture that waits; where somebody else does, or it is gone, nothing happens."""
    portrait = ProfileImage.objects.claim(pk)
    if portrait is not None:
        services.process_claimed_image(
            portrait, PROFILE_IMAGE_VARIANTS[portrait.place], when_ready=activate_profile_image
        )


def activate_profile_image(portrait: ProfileImage) -> None:
    """Show the newest of a person's pictures that are ready; the ones before it go with their files."""
    user = User.objects.select_for_update(no_key=True).get(pk=portrait.user_id)
    ready = user.portraits.ready().filter(place=portrait.place).order_by("-pk")
    newest = ready.first()
    if newest is None:
        return
    User.objects.filter(pk=user.pk).update(**{portrait.place: newest.folder})
    user.portraits.filter(place=portrait.place, pk__lt=newest.pk).delete()


@transaction.atomic
def remove_profile_images(*, user: User, place: str) -> None:
    """Show no picture any more, nor one that is being developed."""
    User.objects.filter(pk=user.pk).update(**{place: ""})
    user.portraits.filter(place=place).delete()
