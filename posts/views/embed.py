from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from common.pagination import get_cursor
from posts.models import Post
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.hydrate import attach_pictures
from posts.presentation.metadata import EMBED_AGE, OPEN_TO_ALL, oembed
from posts.presentation.poll_view import attach_polls
from posts.selectors import was_public_and_is_deleted

_fresh = cache_control(public=True, max_age=EMBED_AGE, must_revalidate=True)


@require_safe
@_fresh
def oembed_provider(request: HttpRequest) -> JsonResponse:
    """Say how a post is shown on another site; of what is not for everyone, the same as of what is not there."""
    if request.GET.get("format", "json") != "json":
        return refusal("Only JSON is given.", 501)
    if "url" not in request.GET:
        return refusal("Say which post: ?url=", 400)
    try:
        post = post_at(request.GET["url"])
    except Http404 as missing:
        return refusal(str(missing), 404)
    set_content_owners_from_posts(request, [post])
    response = JsonResponse(
        oembed(post, get_cursor(request, "maxwidth"), get_cursor(request, "maxheight"))
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


def refusal(words: str, status: int) -> JsonResponse:
    return JsonResponse(
        {"error": words}, status=status, headers={"Access-Control-Allow-Origin": "*"}
    )


def post_at(address: str) -> Post:
    """Return the post at an address of this site, or raise Http404."""
    try:
        # The database takes no NUL.
        parts = urlsplit(address.replace("\x00", "�"))
        match = resolve(parts.path)
    except (ValueError, Resolver404) as unknown:
        raise Http404("There is no post at this address.") from unknown
    if parts.netloc != urlsplit(settings.SITE_URL).netloc or match.view_name != "posts:detail":
        raise Http404("There is no post at this address.")
    return open_post(**match.kwargs)


def open_post(username: str, post_id: int) -> Post:
    """Return a post that everyone may read, or raise Http404."""
    posts = (
        Post.objects.by_active_authors()
        .without_reposts()
        .filter(visibility__in=OPEN_TO_ALL)
        .with_card_data(AnonymousUser())
    )
    post = posts.filter(pk=post_id, author__username__iexact=username).order_by("pk").first()
    if post is None:
        raise Http404("There is no post at this address.")
    attach_pictures([post])
    attach_polls([post], AnonymousUser())
    return post


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"], "form-action": ["'none'"]})  # type: ignore[arg-type]
@_fresh
def embed(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    """Show a post in a frame of any site, as everyone sees it: without a form, and whoever looks at it."""
    try:
        post = open_post(username, post_id)
    except Http404:
        status = 410 if was_public_and_is_deleted(post_id) else 404
        return render(request, "posts/embed_unavailable.html", status=status)
    set_content_owners_from_posts(request, [post])
    return render(request, "posts/embed.html", {"post": post})
