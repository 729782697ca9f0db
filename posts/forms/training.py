from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet

from accounts.models import User
from common.snowflake import min_id_at
from consent.purposes import Purpose
from consent.selectors import ConsentStatus
from consent.services import Choice
from posts.models import Post
from posts.presentation.training_status import is_opted_out

SETTINGS, _NEVER, CHOSEN = "settings", "never", "chosen"
CHOICES = [
    (SETTINGS, "Use my default"),
    (_NEVER, "Never, whatever my settings say"),
    (CHOSEN, "Yes for these purposes; for the others as my settings say"),
]
# A bulk change is one transaction; this many posts take about a second.
MAX_BULK_POSTS = 10_000


class ChoiceForm(forms.Form):
    training = forms.ChoiceField(
        label="Use of this post", choices=CHOICES, widget=forms.RadioSelect
    )
    purposes = forms.MultipleChoiceField(
        label="Purposes",
        choices=Purpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    adult = forms.BooleanField(label="I’m 18 or older (required to opt in)", required=False)

    def __init__(self, *args: Any, adult: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if adult:
            del self.fields["adult"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("training") == CHOSEN and not data.get("purposes"):
            self.add_error("purposes", "Choose at least one purpose.")
        elif (
            data.get("training") != CHOSEN
            and data.get("purposes")
            and "purposes" in self.changed_data
        ):
            self.add_error("training", "You ticked a purpose: say yes here, or take the tick away.")
        return data

    def choice(self) -> Choice:
        return parse_choice(self.cleaned_data["training"], self.cleaned_data["purposes"])


def parse_choice(training: str, purposes: list[str]) -> Choice:
    if training == _NEVER:
        return "never"
    return frozenset(purposes) if training == CHOSEN else "settings"


def current_choice(post: Post, standing: ConsentStatus) -> dict[str, Any]:
    """Return the form values of a post's current setting."""
    granted = [
        purpose for purpose, event in standing.posts.get(post.pk, {}).items() if event.is_grant
    ]
    training = _NEVER if is_opted_out(post, standing) else CHOSEN if granted else SETTINGS
    return {"training": training, "purposes": granted}


class BulkForm(forms.Form):
    before = forms.DateField(
        label="Posted before", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    tag = forms.CharField(
        label="With the tag",
        required=False,
        max_length=100,
        validators=[RegexValidator(r"\A#?\w+\Z", "Write one tag, such as #garden.")],
        help_text="Such as #garden.",
    )
    training = forms.ChoiceField(
        label="Use of these posts", choices=CHOICES[:2], initial=_NEVER, widget=forms.RadioSelect
    )

    def clean_tag(self) -> str:
        return self.cleaned_data["tag"].lstrip("#")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("before") and not data.get("tag"):
            self.add_error(
                "before", "Give a date or a tag, so that it is clear which posts you mean."
            )
        return data

    def posts_of(self, author: User) -> QuerySet[Post]:
        """Return the matching posts of the author, the newest ones up to the limit."""
        posts = Post.objects.without_reposts().filter(author=author)
        if before := self.cleaned_data["before"]:
            posts = posts.filter(pk__lt=min_id_at(datetime.combine(before, time.min, tzinfo=UTC)))
        if tag := self.cleaned_data["tag"]:
            posts = posts.filter(text__iregex=rf"(^|[^\w&/])#{tag}($|[^\w])")
        newest = posts.order_by("-pk").values("pk")[:MAX_BULK_POSTS]
        return Post.objects.filter(pk__in=newest)

    def choice(self) -> Choice:
        return parse_choice(self.cleaned_data["training"], [])

    def description(self) -> str:
        """Describe the selection in a line, for the list of bulk changes."""
        parts = [dict(CHOICES)[self.cleaned_data["training"]].split(",")[0]]
        if before := self.cleaned_data["before"]:
            parts.append(f"written before {before:%-d %B %Y}")
        if tag := self.cleaned_data["tag"]:
            parts.append(f"with #{tag}")
        return ", ".join(parts)
