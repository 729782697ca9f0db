import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError, ValidationError


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8 (RFC 8259), rejecting what could not be stored or returned.

    That is nesting deeper than Python can follow, and unpaired surrogates (U+D800 alone).
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            content = super().parse(
                stream, media_type, {**(parser_context or {}), "encoding": "utf-8"}
            )
            json.dumps(content, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("JSON parse error - it nests too deeply") from error
        except UnicodeEncodeError as error:
            raise ValidationError(
                "A text in it has half a surrogate pair, which stands for no character."
            ) from error
        return content
