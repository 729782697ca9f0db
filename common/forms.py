from typing import Any

from django import forms

from common.text_lines import normalize_line_ends


class MultilineField(forms.CharField):
    """A multi-line text, counted as browsers count it and stored with one kind of line end."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return normalize_line_ends(text) if text else text
