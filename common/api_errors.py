import re

from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

# `get_object_or_404` names a Python class, which means nothing to API clients.
OF_SHORTCUT = re.compile(r"No \w+ matches the given query\.")
NOTHING_HERE = "There is nothing at this address that you may see."
# An error as REST framework nests it: by field, in lists, or alone.
ErrorTree = dict[str, "ErrorTree"] | list["ErrorTree"] | ErrorDetail


def api_exception_handler(exception: Exception, context: dict[str, object]) -> Response | None:
    """Return errors as {"error": message}; validation errors are 422 with `details` by field."""
    response = exception_handler(exception, context)
    if response is None:
        return None
    if isinstance(exception, ValidationError):
        response.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
        response.data = {
            "error": first_error_message(exception.detail),
            "details": exception.detail,
        }
    else:
        sentence = str(response.data["detail"])
        response.data = {"error": NOTHING_HERE if OF_SHORTCUT.fullmatch(sentence) else sentence}
    return response


def first_error_message(refusal: ErrorTree) -> str:
    """Return the first message of an error with its field."""
    if isinstance(refusal, dict):
        field, inner = next(iter(refusal.items()))
        return (
            first_error_message(inner)
            if field == "non_field_errors"
            else f"{field}: {first_error_message(inner)}"
        )
    return first_error_message(refusal[0]) if isinstance(refusal, list) else str(refusal)
