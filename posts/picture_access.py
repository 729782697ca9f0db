"""Access to image files: whoever may read the post may see its images."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Exists, OuterRef, Q, Value

from accounts.models import ProfileImage, User
from accounts.selectors import Viewer, active_users
from posts.models import LinkPreview, Media, Post


def is_for_everyone(folder: str) -> bool | None:
    """Tell in one query whether an image is public; None if it does not exist.

    Profile images are public while the profile is, link previews always.
    """
    open_posts = Post.objects.filter(pk=OuterRef("post")).readable_by(AnonymousUser())
    people = active_users().filter(pk=OuterRef("user"))
    in_posts = (
        Media.objects.filter(folder=folder)
        .annotate(is_open=Exists(open_posts))
        .values_list("is_open")
    )
    of_people = (
        ProfileImage.objects.filter(folder=folder)
        .annotate(is_open=Exists(people))
        .values_list("is_open")
    )
    always = Value(True, BooleanField())
    of_links = (
        LinkPreview.objects.filter(folder=folder).annotate(is_open=always).values_list("is_open")
    )
    found = in_posts.union(of_people, of_links, all=True)
    return next((is_open for (is_open,) in found), None)


def may_see(viewer: Viewer, folder: str) -> bool:
    """Tell whether a user may see a non-public image; unpublished uploads only their owner."""
    if not isinstance(viewer, User):
        return False
    readable = Post.objects.filter(pk=OuterRef("post")).readable_by(viewer)
    in_posts = Media.objects.filter(
        Q(post__isnull=True, owner=viewer) | Exists(readable), folder=folder
    )
    return in_posts.exists() or ProfileImage.objects.filter(user=viewer, folder=folder).exists()
