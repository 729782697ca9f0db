from django import forms

from posts.text.language import LANGUAGES


class LanguagesForm(forms.Form):
    languages = forms.MultipleChoiceField(
        label="I read",
        choices=list(LANGUAGES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Leave empty for all languages.",
    )
