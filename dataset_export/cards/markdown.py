"""Tables in GitHub Flavored Markdown, for any cell content."""

import re
from collections.abc import Iterable, Sequence

# Characters that could end a cell or start markup.
_SPECIAL = re.compile(r"([\\|<>\[\]*_`])")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with right-aligned, comma-grouped numbers."""
    body = [list(row) for row in rows]
    right = [
        bool(body) and all(isinstance(row[place], int) for row in body)
        for place in range(len(head))
    ]
    lines = [list(head), ["--:" if is_number else "---" for is_number in right]]
    lines += [[cell(value) for value in row] for row in body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(str(value).splitlines()).replace("\\", "\\\\").replace("|", "\\|")


def escape_markdown(text: str) -> str:
    """Escape untrusted text."""
    return _SPECIAL.sub(r"\\\1", text)
