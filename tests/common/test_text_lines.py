import json

import pytest

from common.text_lines import escape_separators, normalize_line_ends

# All at which Python's str.splitlines ends a line.
ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@pytest.mark.parametrize(
    ("text", "stored"),
    [("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\r\r\nb", "a\n\nb"), ("\r\n\r\n", "\n\n"), ("", "")],
)
def test_normalize_line_ends(text, stored):
    assert normalize_line_ends(text) == stored


def test_escape_separators_leaves_one_line_that_says_the_same():
    said = {f"key {end}": f"a{end}b Ã\u0084 \u2027\u202a 𐎨" for end in ENDS}
    line = escape_separators(json.dumps(said, ensure_ascii=False).encode())
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == said
    assert "Ã\u0084 \u2027\u202a 𐎨".encode() in line
