from allauth.account.forms import LoginForm, SignupForm
from django import forms

from accounts.models import AccessToken, User, default_scopes


class LogInForm(LoginForm):
    """Django-allauth's form, in our words."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Name or e-mail"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignUpForm(SignupForm):
    """Django-allauth's form, in our words."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "Letters a to z, digits and _. It is your address here: /@name."
        self.fields["email"].help_text = "For getting back in. Nobody else sees it."
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["display_name", "bio"]
        widgets = {"bio": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "display_name": "The name above your posts.",
            "bio": "A few words on your profile page.",
        }


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=AccessToken.Scope.choices,
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one thing that it may do."},
    )

    class Meta:
        model = AccessToken
        fields = ["name", "scopes"]
        help_texts = {
            "name": "So that you know later which one it was, such as “laptop” or “training cluster”. What a program "
            "decides for you is noted under this name for good, so put nothing private into it."
        }
