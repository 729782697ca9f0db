"""Refusals as the clients of the Hugging Face Hub read them: a status, `X-Error-Code` and `X-Error-Message`."""

from typing import Any

from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.response import Response

from common.api_errors import api_exception_handler
from dataset_export.delivery.http import ContainsRevokedRowsError

# Clients say after any other words that come with 401 that the repository doesn't exist.
BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105
# They wait this long themselves, five times, before they show the reason to anybody: about as long as it takes to
# write the file anew without the row.
WITHHELD_WAIT_SECONDS = 10
CHALLENGE = 'Bearer realm="commonplace"'


class HubError(APIException):
    """A refusal with a code that clients turn into an error of its own kind."""

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
    """Return the refusal of a file that held what was taken back; without a code, as clients hide the words of any."""
    return HubError(
        410,
        f"Posts in this file were taken back since {name}, so it is no longer served. Start the download again with "
        f"main or {current}; files that have not changed are not downloaded twice.",
    )


def gated_repo(status: int, message: str) -> HubError:
    return HubError(status, message, "GatedRepo")


def hub_exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refusal, with what only the Hub's clients look at."""
    response = api_exception_handler(exception, context)
    if response is None:
        return None
    response["X-Error-Message"] = (
        BAD_TOKEN if isinstance(exception, AuthenticationFailed) else response.data["error"]
    )
    if isinstance(exception, HubError) and exception.error_code:
        response["X-Error-Code"] = exception.error_code
    if isinstance(exception, ContainsRevokedRowsError):
        # The one code whose message clients show instead of advice to check the connection.
        response["X-Error-Code"] = "GatedRepo"
        response["Retry-After"] = str(WITHHELD_WAIT_SECONDS)
    if response.status_code == 401:
        response["WWW-Authenticate"] = CHALLENGE
    return response
