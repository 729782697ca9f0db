from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import signed_in
from common.navigation import came_from, signed_in_act
from common.pagination import cursor_of, paginate
from common.ratelimits import rate_limited
from common.rendering import asks_for_part
from posts import selectors, services
from posts.crawling import about_posts
from posts.forms import PostForm
from posts.models import Post
from posts.training import mark_own_posts

# Mastodon's limits, which people's clients know.
publish_limit = rate_limited("publish", limit=300, seconds=3 * 3600)
like_limit = rate_limited("like", limit=1500, seconds=300)


@require_safe
def detail(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    viewer = request.user
    post = get_object_or_404(
        Post.objects.visible_to(viewer).for_cards(viewer), pk=post_id, author__username__iexact=username
    )
    ancestors = selectors.ancestors_of(post, viewer)
    replies = paginate(selectors.replies_to(post, viewer), request, oldest_first=True)
    shown = [*ancestors, post, *replies.items]
    about_posts(request, shown)
    if viewer.is_authenticated:
        mark_own_posts(shown, viewer)
    context = {"ancestors": ancestors, "post": post, "replies": replies, "form": PostForm(parent=post)}
    return render(request, "posts/detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@publish_limit
def compose(request: HttpRequest) -> HttpResponseBase:
    parent = answered_post(request)
    if request.method == "GET":
        return compose_page(request, PostForm(parent=parent), parent)
    form = PostForm(request.POST, parent=parent)
    if not form.is_valid():
        return compose_page(request, form, parent)
    try:
        post = services.publish_post(author=signed_in(request), draft=form.draft(), reply_to=parent)
    except services.CannotPublish as refused:
        form.add_error(None, str(refused))
        return compose_page(request, form, parent)
    messages.success(request, "Your reply is out." if parent else "Your post is out.")
    return redirect(post)


def answered_post(request: HttpRequest) -> Post | None:
    """Return the post named by `?reply_to=`, if the person may read it; 404 if not."""
    if "reply_to" not in request.GET:
        return None
    return get_object_or_404(
        Post.objects.visible_to(request.user).for_cards(request.user), pk=cursor_of(request, "reply_to") or 0
    )


def compose_page(request: HttpRequest, form: PostForm, parent: Post | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "posts/compose.html", {"form": form, "parent": parent}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.for_cards(request.user), pk=post_id, author=signed_in(request))
    if request.method == "GET":
        return render(request, "posts/delete.html", {"post": post})
    services.delete_post(post=post)
    messages.success(request, "The post is deleted.")
    return redirect("timeline:home")


@signed_in_act
@like_limit
def like(request: HttpRequest, post_id: int) -> HttpResponseBase:
    try:
        services.like_post(user=signed_in(request), post=readable_post(request, post_id))
    except Post.DoesNotExist as gone:
        raise Http404("This post was deleted.") from gone
    return like_button(request, post_id)


@signed_in_act
@like_limit
def unlike(request: HttpRequest, post_id: int) -> HttpResponseBase:
    services.unlike_post(user=signed_in(request), post=readable_post(request, post_id))
    return like_button(request, post_id)


def readable_post(request: HttpRequest, post_id: int) -> Post:
    return get_object_or_404(Post.objects.visible_to(request.user), pk=post_id)


def like_button(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.for_cards(request.user), pk=post_id)
    if asks_for_part(request):
        return render(request, "posts/_like.html", {"post": post})
    return redirect(came_from(request) or post.get_absolute_url())
