"""Request logs: one line for each request, without secrets and without probes."""

import logging

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

# Monitoring asks for these every few seconds.
PROBES = ("/healthz", "/healthz/workers", "/readyz")
LOGGED = "commonplace.request_is_logged"
log = structlog.get_logger()


class RequestLogMiddleware(RequestMiddleware):
    """Log method and path of each request without its query, which contains what users search for.

    A healthy probe leaves no line. A failed one is a warning, not an error: `/healthz/workers`
    fails until the workers have started.
    """

    def prepare(self, request: HttpRequest) -> None:
        request.META[LOGGED] = True
        if request.path not in PROBES:
            super().prepare(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        if request.path not in PROBES:
            super().handle_response(request, response)
        elif response.status_code >= 500:
            log.warning(
                "probe_failed", code=response.status_code, request=self.format_request(request)
            )

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


class SkipLoggedRequests(logging.Filter):
    """Drop records of `django.request` about requests that RequestLogMiddleware logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return LOGGED not in getattr(request, "META", {})
