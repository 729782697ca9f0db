"""What people do with posts that they have published, and the earlier versions that readers see."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import signed_in
from common.navigation import came_from, signed_in_act
from common.ratelimits import rate_limited
from posts import selectors, services
from posts.crawling import about_posts
from posts.forms import EditForm
from posts.forms_media import add_pictures_of
from posts.models import Poll, Post
from posts.views_compose import size_of

edit_limit = rate_limited("edit", limit=60, seconds=300)


@login_required
@require_http_methods(["GET", "POST"])
@edit_limit
def edit(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = own_post(request, post_id)
    data = request.POST if request.method == "POST" else None
    has_votes = post.has_poll and selectors.has_votes(post)
    form = EditForm(data, words=services.words_of(post), poll=poll_of(post), has_votes=has_votes)
    pictures = add_pictures_of(post, form, data, request.FILES.getlist("pictures"), size_of(request))
    if form.is_bound and pictures.settle() and form.is_valid():
        try:
            services.edit_post(post=post, words=form.words())
        except services.CannotEdit as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "The post is changed. Its readers can see what it said before.")
            return redirect(post)
    is_refused = form.errors or pictures.is_refused
    return render(request, "posts/edit.html", {"post": post, "form": form}, status=422 if is_refused else 200)


def poll_of(post: Post) -> Poll | None:
    return Poll.objects.filter(post=post).order_by("pk").first() if post.has_poll else None


@require_safe
def history(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show whoever may read a post what it said before."""
    readable = Post.objects.originals().visible_to(request.user).for_cards(request.user)
    post = get_object_or_404(readable, pk=post_id)
    about_posts(request, [post])
    return render(request, "posts/history.html", {"post": post, "states": selectors.states_of(post)})


@signed_in_act
@edit_limit
def pin(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = own_post(request, post_id)
    try:
        services.pin_post(post=post)
    except services.CannotPin as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The post stands on top of your profile.")
    return redirect(came_from(request) or post.get_absolute_url())


@signed_in_act
@edit_limit
def unpin(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = own_post(request, post_id)
    services.unpin_post(post=post)
    messages.success(request, "The post is not pinned any more.")
    return redirect(came_from(request) or post.get_absolute_url())


@signed_in_act
@edit_limit
def redraft(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return back_into_the_composer(request, own_post(request, post_id), services.redraft, "The post is deleted.")


@signed_in_act
@edit_limit
def undo(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Take back what was published a moment ago."""
    return back_into_the_composer(request, own_post(request, post_id), services.undo_publishing, "Undone.")


def back_into_the_composer(request: HttpRequest, post: Post, act: Callable[..., Any], done: str) -> HttpResponse:
    try:
        draft = act(post=post)
    except (services.CannotUndo, services.CannotKeep) as refused:
        messages.error(request, str(refused))
        return redirect(post)
    messages.success(request, f"{done} Your words are here, and among your drafts.")
    return redirect(f"{reverse('posts:compose')}?draft={draft.pk}")


def own_post(request: HttpRequest, post_id: int) -> Post:
    posts = Post.objects.originals().select_related("author", "reply_to", "quote_of")
    return get_object_or_404(posts, pk=post_id, author=signed_in(request))
