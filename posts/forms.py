import uuid
from typing import Any

from django import forms

from consent.purposes import Purpose
from consent.services import Choice
from posts.models import Post
from posts.services import Draft
from posts.text import MAXIMUM_LENGTH, URL_LENGTH, is_blank, length, tidy
from posts.training import why_never

# A URL counts 23 whatever its length, so the characters need a bound of their own.
MAXIMUM_CHARACTERS = 10_000
TRAINING = [
    ("settings", "As my settings say"),
    ("never", "Never"),
    *((purpose.value, f"Yes: {purpose.label}") for purpose in Purpose),
]
MEANING = 'What each purpose means stands under <a href="/settings/training">Training</a>.'
OFFERED = [Post.Visibility.PUBLIC, Post.Visibility.UNLISTED, Post.Visibility.FOLLOWERS]


class PostForm(forms.Form):
    text = forms.CharField(
        label="Your post",
        max_length=MAXIMUM_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"required": "Write something first."},
    )
    visibility = forms.ChoiceField(
        label="Who can read it",
        choices=[(choice.value, choice.label) for choice in OFFERED],
        required=False,
    )
    authorship = forms.ChoiceField(label="Who wrote it", choices=Post.Authorship.choices, required=False)
    training = forms.ChoiceField(label="Use for AI training", choices=TRAINING, required=False, help_text=MEANING)
    publish_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    maximum_length = MAXIMUM_LENGTH
    url_length = URL_LENGTH

    def __init__(self, *args: Any, parent: Post | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An answer is offered to those who could read the question, and to nobody else unless its author says so.
        self.usual_visibility = parent.visibility if parent else Post.Visibility.PUBLIC.value
        if self.usual_visibility not in OFFERED:
            choice = Post.Visibility(self.usual_visibility)
            self.fields["visibility"] = forms.ChoiceField(choices=[(choice.value, choice.label)], required=False)
        self.initial = {
            "publish_key": uuid.uuid4(),
            "visibility": self.usual_visibility,
            "authorship": Post.Authorship.HUMAN,
        }

    def clean_text(self) -> str:
        text = tidy(self.cleaned_data["text"])
        if is_blank(text):
            raise forms.ValidationError("Write something first.")
        over = length(text) - MAXIMUM_LENGTH
        if over > 0:
            raise forms.ValidationError(f"This is {over} characters too long; {MAXIMUM_LENGTH} fit.")
        return text

    def clean(self) -> dict[str, Any]:
        """Fill in what was left open, and take no yes for a post that is never used."""
        data = super().clean() or {}
        data["visibility"] = data.get("visibility") or self.usual_visibility
        data["authorship"] = data.get("authorship") or Post.Authorship.HUMAN
        refusal = why_never(Post(visibility=data["visibility"], authorship=data["authorship"]))
        if refusal is not None and data.get("training") in Purpose.values:
            self.add_error("training", refusal)
        return data

    def draft(self) -> Draft:
        data = self.cleaned_data
        return Draft(
            text=data["text"],
            visibility=data["visibility"],
            authorship=data["authorship"],
            publish_key=data["publish_key"],
            training=training_choice(data["training"]),
        )


def training_choice(value: str) -> Choice:
    if value == "never":
        return "never"
    return frozenset([value]) if value in Purpose.values else "settings"
