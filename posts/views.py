from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import signed_in
from common.pagination import paginate
from posts import selectors, services
from posts.crawling import about_posts
from posts.forms import PostForm
from posts.models import Post
from posts.training import mark_own_posts


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
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.for_cards(request.user), pk=post_id, author=signed_in(request))
    if request.method == "GET":
        return render(request, "posts/delete.html", {"post": post})
    services.delete_post(post=post)
    messages.success(request, "The post is deleted.")
    return redirect("timeline:home")
