"""Returns text from a form that was rejected because it expired or its author was logged out.

Nothing is published for another account: the form names its author (`_author_field.html`). The
author gets the form to send again, another account gets the text to copy, and the next person to
log in in the same browser gets nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_safe

from common.htmx import is_htmx_partial
from common.ratelimits import allow_request, client_network

WRITER_FIELD = "written_by"
# Text fields, under any prefix: parts of threads and images have prefixes.
WORDS_ENDINGS = (
    *(
        "text",
        "bio",
        "display_name",
        "purpose",
        "organisation",
        "title",
        "phrase",
        "alt",
        "warning",
        "reason",
        "name",
    ),
    *("answer", "url", "description"),
)
NEVER_SHOWN = ("csrfmiddlewaretoken", WRITER_FIELD)
_SECRETS = ("password", "token", "secret", "code")
# These forms contain passwords and no long text.
PATHS_WITH_SECRETS = ("/accounts/",)
_LONG = 30
MAX_CHARACTERS = 20_000
MAX_FIELDS = 300
SESSION_KEY = "lost_words"
KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class LostForm:
    """A rejected form: its target, fields in order, author, and whether it had files."""

    action: str
    fields: tuple[tuple[str, str], ...]
    writer: str
    has_files: bool

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if is_words(name, value)]

    @property
    def others(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if not is_words(name, value)]

    def to_json(self) -> dict[str, Any]:
        fields = [list(field) for field in self.fields]
        return {
            "action": self.action,
            "fields": fields,
            "writer": self.writer,
            "has_files": self.has_files,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "LostForm":
        fields = tuple((name, value) for name, value in data["fields"])
        return cls(data["action"], fields, data["writer"], data["has_files"])


def lost_form(request: HttpRequest) -> LostForm | None:
    """Return the form of a request, or None if it holds no text."""
    if request.method != "POST" or request.path.startswith(PATHS_WITH_SECRETS):
        return None
    try:
        fields = tuple(sent_fields(request))
        writer, has_files = request.POST.get(WRITER_FIELD, ""), bool(request.FILES)
    except (RequestDataTooBig, SuspiciousOperation, OSError):
        return None
    form = LostForm(request.get_full_path(), fields, writer, has_files)
    is_small = (
        len(fields) <= MAX_FIELDS and sum(len(value) for _, value in fields) <= MAX_CHARACTERS
    )
    return form if is_small and form.words else None


def sent_fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name not in NEVER_SHOWN and not any(secret in name.lower() for secret in _SECRETS):
            yield from ((name, str(value).replace("\x00", "")) for value in values)


def is_words(name: str, value: str) -> bool:
    """Tell whether a value was typed rather than chosen."""
    return bool(value.strip()) and (
        name.endswith(WORDS_ENDINGS) or " " in value.strip() or len(value) > _LONG * 2
    )


def answer_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond that a form has expired, with its text, unless another site may have sent it."""
    # Other reasons concern the origin: "Origin checking failed", "Referer checking failed".
    form = lost_form(request) if reason.startswith("CSRF ") else None
    return render(request, "403_csrf.html", shown(request, form), status=403)


def shown(request: HttpRequest, form: LostForm | None) -> dict[str, object]:
    is_writer = (
        form is not None and request.user.is_authenticated and form.writer == str(request.user.pk)
    )
    return {"lost": form, "is_writer": is_writer}


def keep_lost_words(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Save a form in the session while its author logs in, and continue to it afterwards."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "POST" and is_sent_to_log_in(response) and request.user.is_anonymous:
            form = None if is_htmx_partial(request) else lost_form(request)
            # Each one creates a session without authentication.
            if form is not None and allow_request(
                "lost-words", client_network(request), limit=20, seconds=600
            ):
                request.session[SESSION_KEY] = {**form.to_json(), "at": int(time.time())}
                messages.info(
                    request, "You are logged out. Your text is kept: log in to get it back."
                )
                response["Location"] = (
                    f"{resolve_url(LOG_IN)}?{urlencode({'next': reverse('unsent')})}"
                )
        return response

    return middleware


LOG_IN = "account_login"


def is_sent_to_log_in(response: HttpResponseBase) -> bool:
    return response.status_code == 302 and response["Location"].startswith(resolve_url(LOG_IN))


@require_safe
@login_required
def unsent(request: HttpRequest) -> HttpResponse:
    """Return the saved text to its author, or once if the form did not name one."""
    kept = request.session.get(SESSION_KEY)
    is_fresh = kept is not None and time.time() - kept["at"] < KEPT_SECONDS
    form = LostForm.from_json(kept) if kept is not None and is_fresh else None
    if form is not None and form.writer not in ("", str(request.user.pk)):
        form = None
    context = shown(request, form)
    if kept is not None and not context["is_writer"]:
        del request.session[SESSION_KEY]
    return render(request, "unsent.html", context)
