from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.profile import current_user
from common.htmx import is_htmx_partial
from common.images.views import NOTHING_RUNS, PRIVATE, PUBLIC, build_picture_response, get_folder
from common.pagination import parse_id
from common.ratelimits import rate_limited
from common.redirects import login_required_post
from posts import services
from posts.forms.media import PictureForm, store_upload
from posts.models import Media, Post
from posts.picture_access import is_for_everyone, may_see
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.hydrate import attach_pictures


@login_required_post
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take one picture for a post to come and answer with its part of the composer."""
    file = request.FILES.get("picture")
    try:
        if file is None:
            raise forms.ValidationError("There is no file, or it is too large.")
        media = store_upload(current_user(request), file)
    except forms.ValidationError as refused:
        return render(request, "posts/_media_errors.html", {"errors": refused.messages}, status=422)
    context = {"picture": PictureForm(instance=media), "prefix": prefix_of(request)}
    return render(request, "posts/_media_item.html", context)


def prefix_of(request: HttpRequest) -> str:
    """Return which post of a thread a picture is for, as the composer names it."""
    prefix = request.POST.get("prefix", "")
    return prefix if prefix.replace("-", "").isalnum() and len(prefix) < 20 else ""


@require_safe
@login_required
def media_status(request: HttpRequest, media_id: int) -> HttpResponse:
    """Answer with a picture of the composer once it is ready or failed; until then what is shown stays."""
    media = own_media(request, media_id)
    if is_htmx_partial(request) and not media.is_ready and not media.is_failed:
        return HttpResponse(status=204)
    return render(request, "posts/_media_item_status.html", {"media": media})


@require_safe
def pictures(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Answer with the pictures of a post's card once fewer of them are `waiting` than the page says that asks."""
    readable = Post.objects.without_reposts().visible_to(request.user).with_card_data(request.user)
    post = get_object_or_404(readable, pk=post_id)
    if not is_htmx_partial(request):
        return redirect(post)
    attach_pictures([post])
    if post.waiting_pictures == parse_id(request.GET.get("waiting")):
        return HttpResponse(status=204)
    set_content_owners_from_posts(request, [post])
    return render(request, "posts/_media_list.html", {"post": post})


@login_required
@require_http_methods(["GET", "POST"])
@rate_limited("describe", limit=300, seconds=300)
def describe(request: HttpRequest, media_id: int) -> HttpResponse:
    media = own_media(request, media_id)
    form = PictureForm(request.POST or None, instance=media)
    if request.method == "POST" and form.is_valid():
        try:
            save_media(form)
        except services.EditError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Alt text saved.")
            return redirect(media.post or "timeline:home")
    return render(
        request,
        "posts/edit_alt_text.html",
        {"form": form, "media": media},
        status=422 if form.errors else 200,
    )


def save_media(form: PictureForm) -> None:
    """Keep what is said of a picture; of one that is out its readers can see what was said before."""
    if form.instance.post_id is None:
        form.keep()
    else:
        services.describe_picture(media=form.instance, **form.cleaned_data)


def own_media(request: HttpRequest, media_id: int) -> Media:
    return get_object_or_404(
        Media.objects.select_related("post__author"), pk=media_id, owner=current_user(request)
    )


@require_safe
@csp_replace(NOTHING_RUNS)  # type: ignore[arg-type]
def picture_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with a file of a picture to those who may see it; to others it is not there."""
    folder = get_folder(name)
    is_open = is_for_everyone(folder)
    if is_open is None or not (is_open or may_see(request.user, folder)):
        raise Http404("There is no such picture.")
    return build_picture_response(request, name, PUBLIC if is_open else PRIVATE)
