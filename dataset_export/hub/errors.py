"""Errors as Hugging Face clients read them: status, `X-Error-Code`, `X-Error-Message`."""

from typing import Any

from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.response import Response

from common.api_errors import api_exception_handler
from dataset_export.delivery.http import ContainsRevokedRowsError

# With any other text at 401, clients report that the repository doesn't exist.
BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105
# Clients retry five times after this many seconds: about as long as rewriting a file takes.
WITHHELD_WAIT_SECONDS = 10
CHALLENGE = 'Bearer realm="commonplace"'


class HubError(APIException):
    """An error with a code that clients map to an exception."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status_code, self.error_code = status, code


def repository_not_found() -> HubError:
    return HubError(404, "There is no such dataset here.", "RepoNotFound")


def revision_not_found(message: str, status: int) -> HubError:
    return HubError(status, message, "RevisionNotFound")


def entry_not_found() -> HubError:
    return HubError(404, "There is no such file in this revision.", "EntryNotFound")


def file_rewritten(name: str, current: str) -> HubError:
    """Return the error of a rewritten file; without a code, because clients hide messages then."""
    return HubError(
        410,
        f"Posts in this file were taken back since {name}, so it is no longer served. Start the download again with "
        f"main or {current}; files that have not changed are not downloaded twice.",
    )


def gated_repo(status: int, message: str) -> HubError:
    return HubError(status, message, "GatedRepo")


def hub_exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Respond to an exception with the headers that Hub clients read."""
    response = api_exception_handler(exception, context)
    if response is None:
        return None
    response["X-Error-Message"] = (
        BAD_TOKEN if isinstance(exception, AuthenticationFailed) else response.data["error"]
    )
    if isinstance(exception, HubError) and exception.error_code:
        response["X-Error-Code"] = exception.error_code
    if isinstance(exception, ContainsRevokedRowsError):
        # The one code whose message clients display.
        response["X-Error-Code"] = "GatedRepo"
        response["Retry-After"] = str(WITHHELD_WAIT_SECONDS)
    if response.status_code == 401:
        response["WWW-Authenticate"] = CHALLENGE
    return response
