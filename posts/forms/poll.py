from collections.abc import Mapping
from typing import Any

from django import forms

from posts.models.poll import MAX_OPTIONS, MIN_OPTIONS, OPTION_LENGTH
from posts.services import PollDraft
from posts.text.entities import is_blank, normalize_text

HOURS = [(24, "1 day"), (1, "1 hour"), (6, "6 hours"), (3 * 24, "3 days"), (7 * 24, "7 days")]
HOURS_FROM_NOW = [("", "As before"), *((hours, f"{words} from now") for hours, words in HOURS)]
DEFAULT_HOURS = HOURS[0][0]
_NAMES = [f"option_{number}" for number in range(MAX_OPTIONS)]


class PollForm(forms.Form):
    """The poll of a post; without options there is none."""

    hours = forms.TypedChoiceField(label="Ends after", choices=HOURS, coerce=int, required=False)
    is_multiple = forms.BooleanField(label="Allow multiple choices", required=False)
    hides_results = forms.BooleanField(
        label="Hide results until people vote or the poll ends", required=False
    )

    def __init__(
        self, data: Mapping[str, Any] | None, fields: Mapping[str, Any], *, has_begun: bool = False
    ) -> None:
        """Bind submitted `data`, or show `fields` as typed, next to a composer's fields.

        A poll that `has_begun` keeps its end unless another is chosen.
        """
        initial = {
            name.removeprefix("poll-"): value
            for name, value in fields.items()
            if name.startswith("poll-")
        }
        super().__init__(data, prefix="poll", initial=initial)
        self.has_begun = has_begun
        if has_begun:
            self.fields["hours"] = forms.TypedChoiceField(
                label="Ends", choices=HOURS_FROM_NOW, coerce=int, required=False, empty_value=None
            )
        for number, name in enumerate(_NAMES, 1):
            self.fields[name] = forms.CharField(
                label=f"Answer {number}",
                max_length=OPTION_LENGTH,
                required=False,
                widget=forms.TextInput(attrs={"dir": "auto"}),
            )

    @property
    def answers(self) -> list[forms.BoundField]:
        return [self[name] for name in _NAMES]

    @property
    def is_filled(self) -> bool:
        """Tell whether anything is filled in, so that it must be visible."""
        return bool(self.errors) or any(field.value() for field in self.answers)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = {
            name: text
            for name in _NAMES
            if not is_blank(text := normalize_text(data.get(name) or ""))
        }
        if given and len(given) < MIN_OPTIONS and not self.errors:
            self.add_error(
                next(name for name in _NAMES if name not in given),
                "A poll needs two answers at least.",
            )
        seen: set[str] = set()
        for name, text in given.items():
            if text.casefold() in seen:
                self.add_error(name, "This answer is there already.")
            seen.add(text.casefold())
        data["options"] = tuple(given.values())
        return data

    def draft(self) -> PollDraft | None:
        data = self.cleaned_data
        if not data["options"]:
            return None
        hours = data["hours"] if self.has_begun else data["hours"] or DEFAULT_HOURS
        return PollDraft(data["options"], hours, data["is_multiple"], data["hides_results"])
