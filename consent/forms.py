from typing import Any

from django import forms

from consent.models import ConsentEvent, Notice
from consent.notices import find_notice, is_superseded
from consent.purposes import Purpose

GRANTED = ConsentEvent.Decision.GRANTED
CHOICE_REQUIRED = {"required": "Choose yes or no.", "invalid_choice": "Choose yes or no."}
NOTICE_SUPERSEDED = "The text has changed while you read it. Here it is as it stands now."


class DecisionForm(forms.Form):
    """A decision on a notice; `notice` names the version that was displayed."""

    decision = forms.ChoiceField(
        choices=[(value, value) for value in (GRANTED, ConsentEvent.Decision.WITHDRAWN)],
        error_messages=CHOICE_REQUIRED,
    )
    covers = forms.ChoiceField(choices=ConsentEvent.Covers.choices, required=False)
    adult = forms.BooleanField(required=False)
    notice = forms.CharField(max_length=60)

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purpose = purpose

    def clean_covers(self) -> str:
        return self.cleaned_data["covers"] or ConsentEvent.Covers.FROM_NOW

    def clean_notice(self) -> Notice:
        notice = find_notice(self.cleaned_data["notice"])
        if notice is None or notice.purpose != self.purpose:
            raise forms.ValidationError("Read the text below, then answer.")
        # A withdrawal is valid whatever version was displayed.
        if self.cleaned_data.get("decision") == GRANTED and is_superseded(notice):
            raise forms.ValidationError(NOTICE_SUPERSEDED)
        return notice


class OnboardingForm(forms.Form):
    """All purposes on one screen, none preselected, each optional."""

    adult = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in Purpose.values:
            self.fields[purpose] = forms.ChoiceField(
                choices=ConsentEvent.Decision.choices[:2],
                required=False,
                error_messages=CHOICE_REQUIRED,
            )
            self.fields[f"{purpose}_notice"] = forms.CharField(max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for purpose, decision in self.answers():
            notice = find_notice(data.get(f"{purpose}_notice", ""))
            if notice is None or notice.purpose != purpose:
                self.add_error(purpose, "Read the text, then answer.")
            elif decision == GRANTED and is_superseded(notice):
                self.add_error(purpose, NOTICE_SUPERSEDED)
            data[f"{purpose}_notice"] = notice
            if decision == GRANTED and not data.get("adult"):
                self.add_error("adult", "Confirm you’re 18 or older to opt in.")
        return data

    def answers(self) -> list[tuple[str, str]]:
        """Return the decided purposes, each with yes or no."""
        answered = [(purpose, self.cleaned_data.get(purpose, "")) for purpose in Purpose.values]
        return [(purpose, decision) for purpose, decision in answered if decision]
