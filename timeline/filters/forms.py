from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from timeline.models import KeywordFilter

# In hours; 0 is for good.
TIMES = [(0, "For good"), (24, "1 day"), (7 * 24, "7 days"), (30 * 24, "30 days")]


class FilterForm(forms.ModelForm):
    hours = forms.TypedChoiceField(label="For how long", choices=TIMES, coerce=int, initial=0, empty_value=None)

    class Meta:
        model = KeywordFilter
        fields = ["phrase", "is_whole_word", "action"]
        help_texts = {"phrase": "In capital or small letters, in the words of posts and of their warnings."}
        widgets = {"action": forms.RadioSelect}

    def clean_phrase(self) -> str:
        return " ".join(str(self.cleaned_data["phrase"]).split())

    @property
    def until(self) -> datetime | None:
        hours = self.cleaned_data["hours"]
        return timezone.now() + timedelta(hours=hours) if hours else None
