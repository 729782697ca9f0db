"""The composer's images: earlier uploads, new uploads, and their metadata."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from common.forms import MultilineField
from common.images.fields import validate_image
from common.ratelimits import allow_request
from posts.forms.compose import EditForm, PostForm
from posts.models import Media, Post
from posts.models.media import ALT_LENGTH, MAX_MEDIA_PER_POST, MediaQuerySet
from posts.services.media import MediaMetadata, add_media, describe_media

# Mastodon's limit, which clients expect.
UPLOADS, UPLOAD_SECONDS = 30, 30 * 60
RANGE_WIDGET = {"type": "range", "min": "-1", "max": "1", "step": "0.1"}
FOCUS_POSITIONS = [str(place) for place in range(1, MAX_MEDIA_PER_POST + 1)]
RATE_LIMITED_MESSAGE = "You have sent many pictures in a short time. Try again in half an hour."
TOO_MANY = f"A post can have {MAX_MEDIA_PER_POST} pictures at the most."


class PictureForm(forms.ModelForm):
    class Meta:
        model = Media
        fields = ["alt", "focus_x", "focus_y"]
        labels = {
            "alt": "Description",
            "focus_x": "Focus, left to right",
            "focus_y": "Focus, top to bottom",
        }
        field_classes = {"alt": MultilineField}
        help_texts = {"alt": "Describe this image for people who can’t see it."}
        widgets = {
            "alt": forms.Textarea(attrs={"rows": 2, "dir": "auto", "maxlength": ALT_LENGTH}),
            "focus_x": forms.NumberInput(attrs=RANGE_WIDGET),
            "focus_y": forms.NumberInput(attrs=RANGE_WIDGET),
        }

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Media) -> None:
        super().__init__(data, instance=instance, prefix=f"picture-{instance.pk}")
        for name in ("focus_x", "focus_y"):
            self.fields[name].required = False
        self.fields["alt"].widget.attrs["aria-label"] = f"Description of picture {instance.pk}"

    places = ("First", "Second", "Third", "Fourth")

    def clean_focus_x(self) -> float:
        return clamp(self.cleaned_data["focus_x"])

    def clean_focus_y(self) -> float:
        return clamp(self.cleaned_data["focus_y"])

    def keep(self) -> None:
        describe_media(pk=self.instance.pk, **self.cleaned_data)

    def described(self) -> MediaMetadata:
        """Return the metadata as submitted, or as stored."""
        media = self.instance
        return MediaMetadata(media.pk, media.alt, media.focus_x, media.focus_y)


def clamp(value: float | None) -> float:
    if value is None:
        return 0.0
    if not -1 <= value <= 1:
        raise forms.ValidationError("Choose a place within the picture.")
    return value


def store_upload(owner: User, file: UploadedFile) -> Media:
    """Store an upload.

    Raises:
        forms.ValidationError: it is not an image, or there are too many.
    """
    validate_image(file)
    if not allow_request("upload", str(owner.pk), limit=UPLOADS, seconds=UPLOAD_SECONDS):
        raise forms.ValidationError(RATE_LIMITED_MESSAGE)
    return add_media(owner=owner, file=file)


def add_pictures(
    form: PostForm,
    owner: User,
    data: QueryDict,
    files: "MultiValueDict[str, UploadedFile]",
    size: int = 0,
) -> list["Attachments"]:
    """Attach images to each post of a composer; a post with images needs no text."""
    all_pictures = []
    for number, part in enumerate(form.all_thread_forms):
        prefix = f"part-{number}-" if number else ""
        part.pictures = pictures = Attachments(
            owner, data, files.getlist(f"{prefix}pictures"), prefix=prefix
        )
        reject_oversized(pictures, size)
        if pictures.has_any:
            part.fields["text"].required = False
        all_pictures.append(pictures)
    return all_pictures


def add_pictures_of(
    post: Post,
    form: EditForm,
    data: QueryDict | None,
    files: Sequence[UploadedFile] = (),
    size: int = 0,
) -> "Attachments":
    """Attach the submitted images to the edit form, or those the post has."""
    if data is None:
        data = QueryDict(mutable=True)
        data.setlist(
            "media", [str(pk) for pk in Media.objects.usable_in(post).values_list("pk", flat=True)]
        )
    form.pictures = pictures = Attachments(post.author, data, files, post=post)
    reject_oversized(pictures, size)
    if pictures.has_any:
        form.fields["text"].required = False
    return pictures


def reject_oversized(pictures: "Attachments", size: int) -> None:
    """Reject an oversized request, whose files were not read (see `common.uploads`)."""
    if size > settings.MAX_REQUEST_BYTES:
        pictures.errors.append(
            f"The files are too large; {settings.MAX_IMAGE_BYTES // 2**20} MB fit for each."
        )


def validate_and_store_media(pictures: Iterable["Attachments"]) -> bool:
    """Validate and store each post's images; return whether all posts can be published."""
    answers = [each.settle() for each in pictures]
    return all(answers)


def has_rejected_media(form: PostForm) -> bool:
    return any(
        part.pictures is not None and part.pictures.is_refused for part in form.all_thread_forms
    )


class Attachments:
    """The images of one post in a composer; each post of a thread has its own `prefix`.

    With a `post` they belong to an edit, which saves their metadata.
    """

    def __init__(
        self,
        owner: User,
        data: QueryDict,
        files: Sequence[UploadedFile] = (),
        *,
        prefix: str = "",
        post: Post | None = None,
    ) -> None:
        self.owner, self.data, self.files, self.prefix, self.post = owner, data, files, prefix, post
        self.errors: list[str] = []
        self.is_reminder = False
        removed, sent = set(data.getlist(f"{prefix}remove")), data.getlist(f"{prefix}media")
        wanted = [
            pk for pk in dict.fromkeys(sent) if pk.isascii() and pk.isdigit() and len(pk) < 19
        ]
        self.wanted = [int(pk) for pk in reorder(wanted, data) if pk not in removed]

    @cached_property
    def forms(self) -> list[PictureForm]:
        """A form per image that is the owner's and in no other post, in order."""
        found = self.usable().in_bulk(self.wanted)
        there = [found[pk] for pk in self.wanted if pk in found]
        return [PictureForm(self.answers(media), instance=media) for media in there]

    def usable(self) -> MediaQuerySet:
        unused = Media.objects.unused_by(self.owner.pk)
        return (
            unused if self.post is None else unused | Media.objects.usable_in(self.post).order_by()
        )

    def answers(self, media: Media) -> QueryDict | None:
        """Return the metadata submitted for an image, or None for a new upload."""
        has_answer = f"picture-{media.pk}-alt" in self.data
        return self.data if has_answer else None

    @property
    def has_any(self) -> bool:
        """Tell whether there are images before storing them, so that text is optional."""
        return bool(self.files) or (
            bool(self.wanted) and self.usable().filter(pk__in=self.wanted).exists()
        )

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(form.instance.pk for form in self.forms)

    @property
    def described(self) -> tuple[MediaMetadata, ...]:
        return tuple(form.described() for form in self.forms)

    def settle(self) -> bool:
        """Store files and metadata; return whether the post can be published.

        It cannot if something is invalid, or if alt text is missing and the reminder was not shown
        yet.
        """
        self.take_files()
        described = [self.is_described(form) for form in self.forms]
        if len(self.forms) > MAX_MEDIA_PER_POST:
            self.errors.append(TOO_MANY)
        failed = [form.instance for form in self.forms if form.instance.is_failed]
        self.errors += [f"Leave a picture out. {media.reason}" for media in failed]
        if self.errors or not all(described):
            return False
        self.is_reminder = (
            self.owner.warns_about_alt_text and not self.alt_warning_shown and self.lacks_alt_text
        )
        return not self.is_reminder

    def take_files(self) -> None:
        room = MAX_MEDIA_PER_POST - len(self.wanted)
        if len(self.files) > room:
            self.errors.append(TOO_MANY)
        for file in self.files[: max(room, 0)]:
            try:
                self.wanted.append(store_upload(self.owner, file).pk)
            except forms.ValidationError as refused:
                self.errors += refused.messages

    def is_described(self, form: PictureForm) -> bool:
        if not form.is_bound:
            return True
        if not form.is_valid():
            return False
        if self.post is None:
            form.keep()
        return True

    @property
    def is_refused(self) -> bool:
        """Whether there are errors, shown next to their images."""
        return bool(self.errors) or any(form.is_bound and form.errors for form in self.forms)

    @property
    def alt_warning_shown(self) -> bool:
        return f"{self.prefix}reminded" in self.data

    @property
    def lacks_alt_text(self) -> bool:
        """Whether an unpublished image lacks alt text."""
        return any(not form.instance.alt for form in self.forms if form.instance.post_id is None)


def reorder(wanted: Sequence[str], data: QueryDict) -> list[str]:
    """Return the images by chosen position; the others keep their order."""

    def place(number: int) -> float:
        chosen = data.get(f"picture-{wanted[number]}-place", "")
        to = int(chosen) - 1 if chosen in FOCUS_POSITIONS else number
        # Between the image at this position and the next one in the direction of the move.
        return to + 0.5 * ((to > number) - (to < number))

    return [wanted[number] for number in sorted(range(len(wanted)), key=place)]
