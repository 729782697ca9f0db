from django import forms

from consent.models import ConsentEvent


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        choices=ConsentEvent.Decision.choices,
        error_messages={"required": "Choose yes or no.", "invalid_choice": "Choose yes or no."},
    )
    covers = forms.ChoiceField(choices=ConsentEvent.Covers.choices, required=False)
    adult = forms.BooleanField(required=False)

    def clean_covers(self) -> str:
        return self.cleaned_data["covers"] or ConsentEvent.Covers.FROM_NOW
