"""What people do with posts that they have published, and the earlier versions that readers see."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.profile import current_user
from common.ratelimits import rate_limited
from common.redirects import login_required_post, safe_referrer
from posts import selectors, services
from posts.forms.compose import EditForm
from posts.forms.media import add_pictures_of
from posts.models import Poll, Post
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.views.compose import size_of

edit_limit = rate_limited("edit", limit=60, seconds=300)


@login_required
@require_http_methods(["GET", "POST"])
@edit_limit
def edit(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = own_post(request, post_id)
    data = request.POST if request.method == "POST" else None
    has_votes = post.has_poll and selectors.has_votes(post)
    form = EditForm(data, words=services.words_of(post), poll=poll_of(post), has_votes=has_votes)
    pictures = add_pictures_of(
        post, form, data, request.FILES.getlist("pictures"), size_of(request)
    )
    if form.is_bound and pictures.settle() and form.is_valid():
        try:
            services.edit_post(post=post, words=form.words())
        except services.EditError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, "The post is changed. Its readers can see what it said before."
            )
            return redirect(post)
    is_refused = form.errors or pictures.is_refused
    return render(
        request, "posts/edit.html", {"post": post, "form": form}, status=422 if is_refused else 200
    )


def poll_of(post: Post) -> Poll | None:
    return Poll.objects.filter(post=post).order_by("pk").first() if post.has_poll else None


@require_safe
def history(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show whoever may read a post what it said before."""
    readable = Post.objects.without_reposts().visible_to(request.user).with_card_data(request.user)
    post = get_object_or_404(readable, pk=post_id)
    set_content_owners_from_posts(request, [post])
    return render(
        request, "posts/history.html", {"post": post, "states": selectors.revision_history(post)}
    )


@login_required_post
@edit_limit
def pin(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = own_post(request, post_id)
    try:
        services.pin_post(post=post)
    except services.PinError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Post pinned to your profile.")
    return redirect(safe_referrer(request) or post.get_absolute_url())


@login_required_post
@edit_limit
def unpin(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = own_post(request, post_id)
    services.unpin_post(post=post)
    messages.success(request, "Post unpinned.")
    return redirect(safe_referrer(request) or post.get_absolute_url())


@login_required_post
@edit_limit
def redraft_post(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return redirect_to_composer(
        request, own_post(request, post_id), services.redraft, "Post deleted."
    )


@login_required_post
@edit_limit
def undo_publish(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Take back what was published a moment ago."""
    return redirect_to_composer(
        request, own_post(request, post_id), services.undo_publishing, "Undone."
    )


def redirect_to_composer(
    request: HttpRequest, post: Post, act: Callable[..., Any], done: str
) -> HttpResponse:
    try:
        draft = act(post=post)
    except (services.UndoError, services.DraftError) as refused:
        messages.error(request, str(refused))
        return redirect(post)
    messages.success(request, "Post withdrawn. It’s saved in your drafts.")
    return redirect(f"{reverse('posts:compose')}?draft={draft.pk}")


def own_post(request: HttpRequest, post_id: int) -> Post:
    posts = Post.objects.without_reposts().select_related("author", "reply_to", "quote_of")
    return get_object_or_404(posts, pk=post_id, author=current_user(request))
