from django import forms

from timeline.models import Notification


class KindsForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label="Tell me when",
        choices=[(kind.value, kind.label) for kind in Notification.Kind],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
