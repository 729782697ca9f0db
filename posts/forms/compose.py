import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.selectors import users_by_usernames
from common.forms import MultilineField
from consent.purposes import Purpose
from consent.services import Choice
from posts.forms.poll import PollForm
from posts.models import Poll, Post
from posts.presentation.training_status import ineligibility_reason
from posts.services import PostContent, PostInput
from posts.services.drafts import MAX_THREAD_POSTS, poll_fields
from posts.text.entities import (
    MAX_POST_LENGTH,
    URL_WEIGHT,
    is_blank,
    length,
    mentions_in,
    normalize_text,
)
from posts.text.language import LANGUAGES

if TYPE_CHECKING:
    from posts.forms.media import Attachments

# A URL counts 23 whatever its length, so characters have a limit of their own.
MAXIMUM_CHARACTERS = 10_000
MAX_SCHEDULE_AHEAD = timedelta(days=365)
_EMPTY = "Write something first."
POLL_LOCKED = (
    "Someone has voted, or the poll has ended, so it can no longer be changed. "
    "Save again to change the rest."
)
TRAINING = [
    ("settings", "Use my default"),
    ("never", "Never"),
    *((purpose.value, f"Yes: {purpose.label}") for purpose in Purpose),
]
MEANING = 'What each purpose means stands under <a href="/settings/training">Training</a>.'
REPLY_HELP = {
    False: "Applies to the whole thread.",
    True: "To this answer, among those whom the one who began the conversation lets answer at all.",
}
LANGUAGE_CHOICES = [("", "As the words show"), *LANGUAGES.items()]


class LanguageSelect(forms.Select):
    """A select of a hundred languages, whose options are rendered once per process."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, language_options(str(value or "")))


@lru_cache(maxsize=256)
def language_options(chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((code, SELECTED[code == chosen], name) for code, name in LANGUAGE_CHOICES),
    )


SELECTED = {True: mark_safe(" selected"), False: ""}


class PostTextField(MultilineField):
    """The text of a post, normalized for storage."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(
            attrs={"rows": 4, "dir": "auto", "data-post-text": "", "aria-autocomplete": "list"}
        )
        super().__init__(
            max_length=MAXIMUM_CHARACTERS,
            strip=False,
            widget=widget,
            error_messages={"required": _EMPTY},
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        text = normalize_text(super().clean(value))
        if is_blank(text):
            if self.required:
                raise forms.ValidationError(_EMPTY)
            return ""
        over = length(text) - MAX_POST_LENGTH
        if over > 0:
            raise forms.ValidationError(
                f"This is {over} characters too long; {MAX_POST_LENGTH} fit."
            )
        return text


class ThreadPostForm(forms.Form):
    """One more post of a thread; empty ones are skipped."""

    text = PostTextField(required=False)
    pictures: "Attachments | None" = None

    def __init__(self, data: Mapping[str, Any] | None, *, number: int, text: str) -> None:
        super().__init__(data, prefix=f"part-{number}", initial={"text": text})
        self.fields["text"].label = f"Part {number + 1}"


class EditForm(forms.Form):
    """Form to edit a post; `poll` is None if its poll can no longer change."""

    text = PostTextField(label="Your post")
    warning = forms.CharField(label="Content warning", max_length=200, required=False)
    is_sensitive = forms.BooleanField(label="Mark images as sensitive", required=False)
    language = forms.ChoiceField(
        label="Language", choices=LANGUAGE_CHOICES, required=False, widget=LanguageSelect
    )
    maximum_length = MAX_POST_LENGTH
    url_length = URL_WEIGHT
    # Set by `posts.forms.media.add_pictures_of`.
    pictures: "Attachments | None" = None

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        words: PostContent,
        poll: Poll | None = None,
        has_votes: bool = False,
    ) -> None:
        """Bind submitted data, or show the current content and poll; `has_votes` locks the poll."""
        said = {
            name: getattr(words, name) for name in ("text", "warning", "is_sensitive", "language")
        }
        super().__init__(data, initial=said)
        is_settled = has_votes or (poll is not None and poll.has_ended)
        self.has_votes = has_votes
        if has_votes:
            for name in ("text", "warning"):
                self.fields[name].widget.attrs["readonly"] = True
        answers = poll_fields(poll) if poll is not None else {}
        self.poll = None if is_settled else PollForm(data, answers, has_begun=poll is not None)

    def clean(self) -> dict[str, Any]:
        if self.poll is None and any(name.startswith("poll-") for name in self.data):
            raise forms.ValidationError(POLL_LOCKED)
        if self.poll is not None and not self.poll.is_valid():
            raise forms.ValidationError("Check your poll: see the error below.")
        return super().clean() or {}

    def words(self) -> PostContent:
        words = PostContent(
            **self.cleaned_data, pictures=self.pictures.described if self.pictures else None
        )
        return (
            words if self.poll is None else replace(words, keeps_poll=False, poll=self.poll.draft())
        )


class PostForm(forms.Form):
    text = PostTextField(label="Your post")
    visibility = forms.ChoiceField(
        label="Who can see this", choices=Post.Visibility.choices, required=False
    )
    reply_policy = forms.ChoiceField(
        label="Who can reply", choices=Post.Repliers.choices, required=False
    )
    quote_policy = forms.ChoiceField(
        label="Who can quote", choices=Post.Audience.choices, required=False
    )
    language = forms.ChoiceField(
        label="Language", choices=LANGUAGE_CHOICES, required=False, widget=LanguageSelect
    )
    authorship = forms.ChoiceField(
        label="Written by", choices=Post.Authorship.choices, required=False
    )
    training = forms.ChoiceField(
        label="Use for AI training", choices=TRAINING, required=False, help_text=MEANING
    )
    warning = forms.CharField(
        label="Content warning",
        max_length=200,
        required=False,
        help_text="Readers see this first and tap to reveal the post.",
    )
    is_sensitive = forms.BooleanField(label="Mark images as sensitive", required=False)
    publish_at = forms.CharField(
        label="Publish later",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="<span data-time-zone>In Coordinated Universal Time (UTC).</span>",
    )
    zone = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone-name": ""})
    )
    parts_count = forms.IntegerField(required=False, widget=forms.HiddenInput)
    publish_key = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput(attrs={"data-publish-key": "", "autocomplete": "off"}),
    )
    # Set when opened from the drafts: saving replaces the draft with this key.
    is_fresh = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)
    maximum_length = MAX_POST_LENGTH
    url_length = URL_WEIGHT
    most_parts = MAX_THREAD_POSTS
    # Set by `posts.forms.media.add_pictures`.
    pictures: "Attachments | None" = None

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        parent: Post | None = None,
        fields: Mapping[str, Any] | None = None,
        one_more: bool = False,
    ) -> None:
        """Bind submitted `data`, or show `fields` as typed, optionally with one more part."""
        super().__init__(data)
        self.is_reply = parent is not None
        self.fields["reply_policy"].help_text = REPLY_HELP[self.is_reply]
        # A reply defaults to the audience of its parent.
        self.usual_visibility = parent.visibility if parent else Post.Visibility.PUBLIC.value
        self.initial = {
            "text": initial_mentions(parent),
            "publish_key": uuid.uuid4(),
            "is_fresh": "1",
            "visibility": self.usual_visibility,
            "authorship": Post.Authorship.HUMAN,
            **(fields or {}),
        }
        self.parts = self.build_thread_forms(one_more)
        self.poll = PollForm(data, fields or {})
        self.initial["parts_count"] = len(self.parts)

    def build_thread_forms(self, one_more: bool) -> list["ThreadPostForm"]:
        """Return the forms of a thread's posts after the first."""
        values = self.data if self.is_bound else self.initial
        count = min(parse_post_id(values.get("parts_count")) + one_more, MAX_THREAD_POSTS - 1)
        data = self.data if self.is_bound else None
        parts = [
            ThreadPostForm(data, number=number, text=values.get(f"part-{number}-text", ""))
            for number in range(1, count + 1)
        ]
        if one_more:
            parts[-1].fields["text"].widget.attrs["autofocus"] = True
        return parts

    @property
    def all_thread_forms(self) -> "list[PostForm | ThreadPostForm]":
        """All forms of the thread, including this one."""
        return [self, *self.parts]

    @property
    def options(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != "text"]

    @property
    def has_wrong_option(self) -> bool:
        return any(field.errors for field in self.options)

    def clean(self) -> dict[str, Any]:
        """Fill in defaults, and reject a grant for a post that is never used."""
        data = super().clean() or {}
        data["visibility"] = data.get("visibility") or self.usual_visibility
        data["authorship"] = data.get("authorship") or Post.Authorship.HUMAN
        data["publish_at"] = self.time_of(data)
        if [part for part in self.parts if not part.is_valid()]:
            raise forms.ValidationError(
                "Something is wrong with one of the parts; it stands beside it."
            )
        if not self.poll.is_valid():
            raise forms.ValidationError("Check your poll: see the error below.")
        refusal = ineligibility_reason(
            Post(visibility=data["visibility"], authorship=data["authorship"])
        )
        if refusal is not None and data.get("training") in Purpose.values:
            self.add_error("training", refusal)
        if (
            data["visibility"] == Post.Visibility.DIRECT
            and not self.is_reply
            and not self.has_audience()
        ):
            self.add_error("visibility", "Mention at least one person with @.")
        return data

    def time_of(self, data: dict[str, Any]) -> datetime | None:
        """Return when to publish, or None for now."""
        if not data.get("publish_at"):
            return None
        try:
            moment = localize(data["publish_at"], data.get("zone") or "UTC")
        except forms.ValidationError as wrong:
            self.add_error("publish_at", wrong)
            return None
        now = timezone.now()
        if not now < moment < now + MAX_SCHEDULE_AHEAD:
            self.add_error("publish_at", "Choose a time from now on, within a year.")
        return moment

    def has_audience(self) -> bool:
        names = mentions_in(self.cleaned_data.get("text", ""))
        return bool(names) and users_by_usernames(names).exists()

    def posts(self) -> list[tuple[str, tuple[int, ...]]]:
        """Return text and images of each post, without empty parts."""
        first, *others = [
            (part.cleaned_data["text"], part.pictures.ids if part.pictures else ())
            for part in self.all_thread_forms
        ]
        return [first, *(part for part in others if any(part))]

    def drafts(self) -> list[PostInput]:
        """Return the posts to publish; a poll belongs to the first."""
        data = self.cleaned_data
        first, *others = [
            PostInput(
                text=text,
                media_ids=media_ids,
                visibility=data["visibility"],
                authorship=data["authorship"],
                language=data["language"],
                publish_key=data["publish_key"],
                training=initial_training_choice(data["training"]),
                warning=data["warning"],
                is_sensitive=data["is_sensitive"],
                reply_policy=data["reply_policy"] or Post.Repliers.EVERYONE,
                quote_policy=data["quote_policy"] or Post.Audience.EVERYONE,
            )
            for text, media_ids in self.posts()
        ]
        return [replace(first, poll=self.poll.draft()), *others]


def initial_mentions(parent: Post | None) -> str:
    """Return the mentions that a reply to a direct post starts with."""
    if parent is None or parent.visibility != Post.Visibility.DIRECT:
        return ""
    names = dict.fromkeys([parent.author.username, *mentions_in(parent.text)])
    return "".join(f"@{name} " for name in names)


def parse_post_id(value: Any) -> int:
    text = str(value)
    return int(text[:3]) if text.isascii() and text.isdigit() else 0


def localize(value: str, zone: str) -> datetime:
    """Return the time that `value` means in a time zone."""
    try:
        naive = parse_datetime(value)
        place = ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as wrong:
        raise forms.ValidationError("This is no time that exists.") from wrong
    if naive is None:
        raise forms.ValidationError("Write a date and a time.")
    return naive if timezone.is_aware(naive) else naive.replace(tzinfo=place)


def initial_training_choice(value: str) -> Choice:
    if value == "never":
        return "never"
    return frozenset([value]) if value in Purpose.values else "settings"
