from typing import Any

from django import forms
from django.core.validators import RegexValidator

from common.forms import MultilineField
from dataset_export.access.terms import required_version
from dataset_export.models import AccessTerms
from dataset_export.models.access import MAX_PURPOSE_LENGTH, MIN_PURPOSE_LENGTH

AS_PERSON, AS_ORGANISATION = "person", "organisation"
# Invisible characters that reorder text or break lines.
_UNSEEN = "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
NEW_TERMS = (
    "The terms have changed since you opened this page. Read the new ones below, then agree."
)


class TermsForm(forms.Form):
    """Agreement to the displayed terms; a hidden field names their version."""

    terms = forms.ModelChoiceField(
        AccessTerms.objects.order_by("-version"), to_field_name="version", required=False
    )
    agrees = forms.BooleanField(
        label="I agree to these terms",
        error_messages={"required": "Agree to the terms to get access."},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        terms = data.get("terms")
        if terms is None or terms.version < required_version():
            self.add_error("agrees", NEW_TERMS)
            # Agreement to other terms is not preselected.
            self.data = {name: value for name, value in self.data.items() if name != "agrees"}
        return data


class AccessRequestForm(TermsForm):
    kind = forms.ChoiceField(
        label="Requesting as",
        choices=[(AS_PERSON, "Individual"), (AS_ORGANISATION, "Organisation")],
        initial=AS_PERSON,
        widget=forms.RadioSelect,
    )
    organisation = forms.CharField(
        label="Name of the organisation",
        required=False,
        max_length=120,
        validators=[
            RegexValidator(_UNSEEN, "Leave out characters that cannot be seen.", inverse_match=True)
        ],
        help_text="Only if you request for an organisation. The authors of the posts can see it.",
    )
    organisation_url = forms.URLField(
        label="Its web page", required=False, max_length=200, assume_scheme="https"
    )
    purpose = MultilineField(
        label="What do you want to use it for?",
        min_length=MIN_PURPOSE_LENGTH,
        max_length=MAX_PURPOSE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What you train or test, who will use it, and where it is published. The authors of the posts can "
        "read this.",
    )
    field_order = ("kind", "organisation", "organisation_url", "purpose", "agrees")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (
            data.get("kind") == AS_ORGANISATION
            and not data.get("organisation")
            and "organisation" not in self.errors
        ):
            self.add_error("organisation", "Say which organisation you ask for.")
        return data

    def answers(self) -> dict[str, Any]:
        """Return the data of the request; individuals have no organisation."""
        data = self.cleaned_data
        of_organisation = data["kind"] == AS_ORGANISATION
        return {
            "purpose": data["purpose"],
            "terms": data["terms"],
            "organisation": data["organisation"] if of_organisation else "",
            "organisation_url": data["organisation_url"] if of_organisation else "",
        }
