import io

import pytest
from django.core.handlers.wsgi import WSGIRequest

from config.content_types import drop_unreadable_charsets


def get_charset(content_type: str) -> str | None:
    """Return the encoding that Django reads after the middleware."""
    seen = []

    def application(environ, start_response):
        seen.append(WSGIRequest(environ).encoding)
        return []

    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "wsgi.input": io.BytesIO(),
        "PATH_INFO": "/",
    }
    drop_unreadable_charsets(application)(environ, lambda *_: None)
    return seen[0]


@pytest.mark.parametrize(
    "name", ["base64", "zlib", "hex", "rot13", "no-such", "a b", "\u00e4", "'", '"base64"']
)
def test_charset_that_decodes_no_text_is_left_out(name):
    assert get_charset(f"application/json; charset={name}") is None


@pytest.mark.parametrize("name", ["utf-8", "UTF-8", '"utf-8"', "latin-1"])
def test_charset_of_text_stays(name):
    assert get_charset(f"text/plain; charset={name}") == name.strip('"')
