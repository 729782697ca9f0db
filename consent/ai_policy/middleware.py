"""AI-usage headers on every response.

IETF AIPREF (draft-ietf-aipref-vocab, draft-ietf-aipref-attach), W3C TDM Reservation Protocol (final
report of 10 May 2024), and the robots tags `noai` and `noimageai`.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from consent.ai_policy.crawlers import is_turned_away
from consent.models import Subject

_GetResponse = Callable[[HttpRequest], HttpResponseBase]
POLICY_PATH = "/ai-policy"
NO_TRAINING_HEADERS, TRAINING_HEADERS = "train-ai=n, search=y", "train-ai=y, search=y"


def set_content_owners(
    request: HttpRequest, user_ids: Iterable[int], *, is_public: bool = True
) -> None:
    """Declare whose content the page shows, so that the middleware can set the AI-usage headers.
    One query.

    Training is allowed if all of these users opened their pages and everything is public.
    """
    people = set(user_ids)
    opened = Subject.objects.filter(user__in=people, allows_crawling=True).count()
    request.allows_training = is_public and bool(people) and opened == len(people)  # type: ignore[attr-defined]


def skip_usage_headers(request: HttpRequest) -> None:
    """Mark a response that carries its own terms, such as a dataset."""
    request.allows_training = None  # type: ignore[attr-defined]


def ai_usage_headers_middleware(get_response: _GetResponse) -> _GetResponse:
    """Set the AI-usage headers of a response; training is denied unless its view says otherwise."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.allows_training = False  # type: ignore[attr-defined]
        response = get_response(request)
        allows: bool | None = request.allows_training  # type: ignore[attr-defined]
        if allows is not None:
            for name, value in usage_headers(allows).items():
                response[name] = value
        return response

    return middleware


# Pages that explain the policy, and the public log.
OPEN_PATHS = (
    "/robots.txt",
    POLICY_PATH,
    "/data-terms",
    "/.well-known/",
    "/log/",
    "/healthz",
    "/readyz",
    "/static/",
)


def refuse_crawlers(get_response: _GetResponse) -> _GetResponse:
    """Respond 403 to blocked crawlers: training crawlers must not benefit from ignoring
    robots.txt.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        is_open = request.path.startswith(OPEN_PATHS)
        user_agent = request.headers.get("User-Agent", "")
        if is_open or not is_turned_away(user_agent, request.path):
            return get_response(request)
        words = f"This site does not allow crawlers that collect data for AI training. See {policy_url()}"
        if request.path.startswith("/api/"):
            return JsonResponse({"error": words}, status=403)
        return HttpResponse(f"{words}\n", status=403, content_type="text/plain; charset=utf-8")

    return middleware


def usage_headers(allows_training: bool) -> dict[str, str]:
    if allows_training:
        return {"Content-Usage": TRAINING_HEADERS, "tdm-reservation": "0"}
    return {
        "Content-Usage": NO_TRAINING_HEADERS,
        "tdm-reservation": "1",
        "tdm-policy": policy_url(),
        "X-Robots-Tag": "noai, noimageai",
    }


def policy_url() -> str:
    return f"{settings.SITE_URL}{POLICY_PATH}"
