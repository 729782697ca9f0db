from django import forms

from dataset_export.models import AccessToken


class TokenForm(forms.ModelForm):
    class Meta:
        model = AccessToken
        fields = ["name"]
        help_texts = {"name": "So that you know later which one it was, such as “laptop” or “training cluster”."}
