from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from posts.models import KeywordFilter

# In hours; 0 means permanently.
DURATIONS = [
    (0, "Permanently"),
    (1, "1 hour"),
    (24, "1 day"),
    (7 * 24, "7 days"),
    (30 * 24, "30 days"),
]
UNCHANGED = -1


class FilterForm(forms.ModelForm):
    places = forms.MultipleChoiceField(
        label="Where",
        choices=KeywordFilter.Place.choices,
        initial=KeywordFilter.Place.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    hours = forms.TypedChoiceField(
        label="For how long", choices=DURATIONS, coerce=int, initial=0, empty_value=None
    )

    class Meta:
        model = KeywordFilter
        fields = ["phrase", "is_whole_word", "action", "places"]
        help_texts = {
            "phrase": "In capital or small letters, in posts and what they quote, also in warnings, polls and the "
            "descriptions of pictures."
        }
        widgets = {"action": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.until:
            # An existing end does not move when something else changes.
            as_now = (
                UNCHANGED,
                f"As now: until {date_format(self.instance.until, 'j F Y, H:i')} UTC",
            )
            self.fields["hours"].choices = [as_now, *DURATIONS]  # type: ignore[attr-defined]
            self.initial["hours"] = UNCHANGED

    def clean_phrase(self) -> str:
        return " ".join(str(self.cleaned_data["phrase"]).split())

    @property
    def until(self) -> datetime | None:
        hours = self.cleaned_data["hours"]
        if hours == UNCHANGED:
            return self.instance.until
        return timezone.now() + timedelta(hours=hours) if hours else None
