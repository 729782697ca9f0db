"""Pictures in the demo world: sent like anybody's, and developed by the workers once they run."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from accounts.models import User
from accounts.services.profile_images import upload_profile_image
from demo.artwork import drawn
from posts.models import Post
from posts.services import media

if TYPE_CHECKING:
    from demo.world import Person, Told


def hang_pictures(
    users: Mapping[str, User], people: Sequence["Person"], told: Sequence["Told"]
) -> None:
    """Give posts and people their pictures."""
    for said, post in told:
        if said.pictures:
            give_pictures(post, said.pictures)
    for person in people:
        for place, drawing in person.portraits.items():
            upload_profile_image(
                user=users[person.username], place=place, file=io.BytesIO(drawn(drawing))
            )


def give_pictures(post: Post, pictures: Sequence[Mapping[str, str]]) -> None:
    sent = [
        media.add_media(owner=post.author, file=io.BytesIO(drawn(picture["drawing"])))
        for picture in pictures
    ]
    for row, picture in zip(sent, pictures, strict=True):
        media.describe_media(pk=row.pk, alt=picture["alt"], focus_x=0, focus_y=0)
    media.attach_media(post, [row.pk for row in sent])
