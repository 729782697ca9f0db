from typing import Any

from django import forms

from common.text_lines import normalize_line_ends


class MultilineField(forms.CharField):
    """A text of several lines, counted as browsers count it and stored with line ends of one kind."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return normalize_line_ends(text) if text else text
