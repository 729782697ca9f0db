"""WSGI middleware against content types that break Django before any middleware runs."""

from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def drop_unreadable_charsets(application: Application) -> Application:
    """Drop a charset that is no text encoding (`base64`): Django raises LookupError for it."""

    def wrapper(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if "charset" in content_type.lower() and not has_text_charset(content_type):
            environ["CONTENT_TYPE"] = content_type.partition(";")[0]
        return application(environ, start_response)

    return wrapper


def has_text_charset(content_type: str) -> bool:
    message = Message()
    message["Content-Type"] = content_type
    try:
        # Python checks the kind of a codec only if there is something to decode.
        b"a".decode(message.get_content_charset("utf-8"))
    except UnicodeDecodeError:
        return True
    except (LookupError, ValueError):
        return False
    return True
