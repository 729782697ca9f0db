"""Guard the framework against content types that it fails on before any middleware runs."""

from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def drop_unreadable_charsets(application: Application) -> Application:
    """Leave out a charset that decodes no text (`base64`, `zlib`), on which Django fails with a LookupError."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if "charset" in content_type.lower() and not decodes_text(content_type):
            environ["CONTENT_TYPE"] = content_type.partition(";")[0]
        return application(environ, start_response)

    return guarded


def decodes_text(content_type: str) -> bool:
    message = Message()
    message["Content-Type"] = content_type
    try:
        # Python looks at the kind of a codec only where there is something to decode.
        b"a".decode(message.get_content_charset("utf-8"))
    except UnicodeDecodeError:
        return True
    except (LookupError, ValueError):
        return False
    return True
