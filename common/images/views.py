import re

from csp.constants import NONE
from csp.decorators import csp_replace
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

# Only what the darkroom made; above all nothing as it was sent.
SERVED = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}/(?:[0-9]{1,5}|still)\.webp")
FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
@csp_replace(  # type: ignore[arg-type]
    {"default-src": [NONE], "img-src": ["'self'"], "sandbox": True}
)
def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with a picture; its name is never used for another one."""
    if SERVED.fullmatch(name) is None:
        raise Http404("There is no such picture.")
    etag = f'"{name}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = whole(name)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_GOOD
    return response


def whole(name: str) -> HttpResponse:
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as gone:
        raise Http404("There is no such picture.") from gone
    disposition = f'inline; filename="{name.replace("/", "-")}"'
    return HttpResponse(content, content_type="image/webp", headers={"Content-Disposition": disposition})
