from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import regex
from allauth.account.forms import ChangePasswordForm, LoginForm, SignupForm
from django import forms

from accounts.models import AccessToken, ProfileImage, User, UserList, default_scopes
from accounts.services import keeping_tokens
from accounts.services.profile_images import remove_profile_images, upload_profile_image
from common.forms import MultilineField
from common.images.fields import ImageUploadField

# In hours; 0 means permanently.
MUTE_DURATIONS = [
    (0, "Permanently"),
    (1, "1 hour"),
    (24, "1 day"),
    (7 * 24, "7 days"),
    (30 * 24, "30 days"),
]

# In days.
LIFETIMES = [(30, "30 days"), (90, "90 days"), (365, "1 year")]

# Directional embeddings, overrides and isolates (Unicode Annex 9).
BIDI_CONTROLS = regex.compile("[\u202a-\u202e\u2066-\u2069]")
# Unicode counts fillers as letters, although they are invisible.
INVISIBLE_TEXT = regex.compile(r"[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]*")


class LogInForm(LoginForm):
    """Django-allauth's log-in form with our labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Name or email"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignUpForm(SignupForm):
    """Django-allauth's sign-up form with our labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "username"
        ].help_text = "Letters, numbers and underscores. Your profile’s address: /@name."
        self.fields["email"].help_text = "Used to recover your account. Never shown to others."
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class PasswordChangeForm(ChangePasswordForm):
    """Django-allauth's form. Knowing the old password keeps the access tokens, which are listed
    next.
    """

    def save(self) -> None:
        with keeping_tokens(self.user):
            super().save()


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["display_name", "bio", "is_discoverable", "warns_about_alt_text"]
        field_classes = {"bio": MultilineField}
        widgets = {"bio": forms.Textarea(attrs={"rows": 4})}
        labels = {
            "is_discoverable": "Show my public posts and profile in search, trends and suggestions",
        }
        help_texts = {
            "display_name": "Shown above your posts.",
            "bio": "Shown on your profile.",
            "is_discoverable": "You can always find your own posts. This doesn’t affect AI training.",
            "warns_about_alt_text": "Before a post goes out with a picture that has no description. It asks once.",
        }

    def clean_display_name(self) -> str:
        """Reject names that are invisible or reverse the direction of the text around them."""
        name: str = self.cleaned_data["display_name"]
        if BIDI_CONTROLS.search(name):
            raise forms.ValidationError(
                "Leave out marks that turn the direction of writing; letters do so themselves."
            )
        if name and INVISIBLE_TEXT.fullmatch(name):
            raise forms.ValidationError("This name has no visible characters.")
        return name


class PortraitsForm(forms.Form):
    """Form for the avatar and the header image."""

    avatar = ImageUploadField(
        label="Your avatar",
        required=False,
        help_text="Cropped to a square. Location and date are removed.",
    )
    remove_avatar = forms.BooleanField(label="Show my initials instead", required=False)
    header = ImageUploadField(label="Header image", required=False, help_text="3:1")
    remove_header = forms.BooleanField(label="Show none above my profile", required=False)

    def keep(self, user: User) -> None:
        """Process uploaded images and remove those that were cleared."""
        for place in ProfileImage.Place.values:
            if file := self.cleaned_data[place]:
                upload_profile_image(user=user, place=place, file=file)
            elif self.cleaned_data[f"remove_{place}"]:
                remove_profile_images(user=user, place=place)


class MuteForm(forms.Form):
    hours = forms.TypedChoiceField(
        label="For how long",
        choices=MUTE_DURATIONS,
        coerce=int,
        initial=0,
        widget=forms.RadioSelect,
    )
    hides_notifications = forms.BooleanField(
        label="Hide their notifications too", required=False, initial=True
    )


class FollowersForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["requires_follow_approval"]
        labels = {"requires_follow_approval": "Approve followers manually"}
        help_texts = {
            "requires_follow_approval": (
                "Who wants to follow you asks first. Those who follow you already stay. "
                "Nobody who waits is let in by turning this off."
            )
        }


class ListForm(forms.ModelForm):
    class Meta:
        model = UserList
        fields = ["title", "replies", "is_exclusive"]
        labels = {
            "title": "Name",
            "replies": "Show replies to",
            "is_exclusive": "Hide their posts from Home",
        }
        help_texts = {"title": "Only you can see your lists."}


class MembershipForm(forms.Form):
    lists = forms.TypedMultipleChoiceField(
        label="Lists",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, own: Iterable[UserList], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lists"].choices = [(one.pk, one.title) for one in own]  # type: ignore[attr-defined]


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label="Permissions",
        choices=AccessToken.Scope.choices,
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one permission."},
    )

    days = forms.TypedChoiceField(
        label="Expires after", choices=LIFETIMES, coerce=int, initial=365, required=False
    )

    class Meta:
        model = AccessToken
        fields = ["name", "scopes"]
        help_texts = {
            "name": "So that you know later which one it was, such as “laptop” or “training cluster”. What a program "
            "decides for you is noted under this name for good, so put nothing private into it."
        }

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"] or 365)
