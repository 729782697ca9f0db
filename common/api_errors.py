from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

# A refusal as the framework nests it: by field, in lists, or alone.
Refusal = dict[str, "Refusal"] | list["Refusal"] | ErrorDetail


def answer_with_error(exception: Exception, context: dict[str, object]) -> Response | None:
    """Say what is wrong as {"error": a sentence}; what was sent and cannot be taken is 422 with `details` by field."""
    response = exception_handler(exception, context)
    if response is None:
        return None
    if isinstance(exception, ValidationError):
        response.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
        response.data = {"error": first_sentence(exception.detail), "details": exception.detail}
    else:
        response.data = {"error": str(response.data["detail"])}
    return response


def first_sentence(refusal: Refusal) -> str:
    """Return the first sentence in a refusal, with the field it is about."""
    if isinstance(refusal, dict):
        field, inner = next(iter(refusal.items()))
        return first_sentence(inner) if field == "non_field_errors" else f"{field}: {first_sentence(inner)}"
    return first_sentence(refusal[0]) if isinstance(refusal, list) else str(refusal)
