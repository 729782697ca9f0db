import re

from csp.constants import NONE
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

# Processed files only, never an upload.
SERVABLE_PATH = re.compile(r"([0-9a-f]{2}/[0-9a-f]{32})/(?:[0-9]{1,5}|still)\.webp")
# Long enough for one visit, short enough for deleted images to vanish within minutes.
PUBLIC = "public, max-age=300, must-revalidate"
# For one reader, whose access is checked each time.
PRIVATE = "private, no-cache"

NOTHING_RUNS = {"default-src": [NONE], "img-src": ["'self'"], "sandbox": True}


def get_folder(name: str) -> str:
    """Return the folder of a servable file by its name.

    Raises:
        Http404: for any other name.
    """
    served = SERVABLE_PATH.fullmatch(name)
    if served is None:
        raise missing()
    return served[1]


def missing() -> Http404:
    return Http404("There is no such picture.")


def build_picture_response(request: HttpRequest, name: str, cache_control: str) -> HttpResponseBase:
    """Respond with an image, or 304 if the reader has it and it still exists.

    Names are never reused, so the name is the validator.
    """
    if not default_storage.exists(name):
        raise missing()
    etag = f'"{name}"'
    response = get_conditional_response(request, etag) or read_file(name)
    response["ETag"] = etag
    response["Cache-Control"] = cache_control
    return response


def read_file(name: str) -> HttpResponse:
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as gone:
        raise missing() from gone
    disposition = f'inline; filename="{name.replace("/", "-")}"'
    return HttpResponse(
        content, content_type="image/webp", headers={"Content-Disposition": disposition}
    )
