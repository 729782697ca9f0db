import gzip
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from consent.models import Checkpoint, ConsentEvent, LogKey
from consent.transparency_log.checkpoints import newest_checkpoint
from consent.transparency_log.keys import get_verifier, origin, signing_key
from consent.transparency_log.notes import base64_text
from consent.transparency_log.tiles import Tile, node_hashes, parse_tile

# A checkpoint is replaced within seconds; a tile never changes.
_fresh = cache_control(public=True, max_age=5)
SCRIPT = "commonplace_verify.py"
A_YEAR = 365 * 24 * 3600


@require_safe
@_fresh
def checkpoint(request: HttpRequest) -> HttpResponse:
    newest = newest_checkpoint()
    if newest is None:
        return plain_404("Nothing has been signed yet.")
    return HttpResponse(newest.note, content_type="text/plain; charset=utf-8")


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a tile as far as a signed checkpoint covers it."""
    wanted = parse_tile(path)
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    if wanted is None or not wanted.is_within(size):
        return plain_404("There is no such tile.")
    response = _entries(request, wanted) if wanted.is_entries else hashes(wanted)
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    return response


def hashes(wanted: Tile) -> HttpResponse:
    body = b"".join(node_hashes(wanted.level, wanted.start, wanted.stop))
    return HttpResponse(body, content_type="application/octet-stream")


def _entries(request: HttpRequest, wanted: Tile) -> HttpResponse:
    body = b"".join(prefixed(entry) for entry in logged_entries(wanted))
    response = HttpResponse(body, content_type="application/octet-stream")
    patch_vary_headers(response, ["Accept-Encoding"])
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(body, mtime=0)
        response["Content-Encoding"] = "gzip"
    return response


def logged_entries(wanted: Tile) -> Iterator[bytes]:
    events = ConsentEvent.objects.filter(position__gte=wanted.start, position__lt=wanted.stop)
    return (event.entry() for event in events.select_related("notice").order_by("position"))


def prefixed(entry: bytes) -> bytes:
    return len(entry).to_bytes(2, "big") + entry


@require_safe
@_fresh
def keys(request: HttpRequest) -> JsonResponse:
    """Serve every current and former public key, oldest first."""
    known = [key_description(key) for key in LogKey.objects.order_by("pk")]
    return JsonResponse({"origin": origin(), "current": str(signing_key().verifier), "keys": known})


def key_description(key: LogKey) -> dict[str, str]:
    verifier = get_verifier(key)
    return {
        "vkey": str(verifier),
        "name": verifier.name,
        "id": verifier.key_id.hex(),
        "algorithm": "Ed25519",
        "public_key": base64_text(verifier.public_key),
        "first_used_at": key.first_used_at.isoformat(timespec="seconds"),
    }


@require_safe
@_fresh
def script(request: HttpRequest) -> HttpResponse:
    """Serve the verification script, which imports nothing of the site."""
    content = (settings.BASE_DIR / "verify" / SCRIPT).read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{SCRIPT}"'}
    return HttpResponse(content, content_type="text/x-python; charset=utf-8", headers=headers)


@require_safe
def log_description(request: HttpRequest) -> HttpResponse:
    newest = newest_checkpoint()
    context = {
        "checkpoint": newest,
        "key": newest and get_verifier(newest.key),
        "site": settings.SITE_URL,
    }
    return render(request, "consent/log.html", context)


def plain_404(reason: str) -> HttpResponse:
    return HttpResponseNotFound(f"{reason}\n", content_type="text/plain; charset=utf-8")
