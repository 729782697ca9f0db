from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import signed_in
from common.pagination import cursor_of, paginate
from common.ratelimits import rate_limited
from posts import selectors, services
from posts.crawling import about_posts
from posts.forms import PostForm
from posts.models import Post
from posts.policies import quote_refusal, reply_refusal
from posts.sharing import introduce_post
from posts.training import mark_own_posts

# Mastodon's limit, which people's clients know.
publish_limit = rate_limited("publish", limit=300, seconds=3 * 3600)


@require_safe
def detail(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    viewer = request.user
    posts = Post.objects.visible_to(viewer).for_cards(viewer)
    post = posts.filter(pk=post_id, author__username__iexact=username).order_by("pk").first()
    if post is None:
        return missing(request, post_id)
    ancestors = selectors.ancestors_of(post, viewer)
    replies = paginate(selectors.replies_to(post, viewer), request, oldest_first=True)
    shown = [*ancestors, post, *replies.items]
    about_posts(request, shown)
    if viewer.is_authenticated:
        mark_own_posts(shown, viewer)
    context = {
        "ancestors": ancestors,
        "post": post,
        "replies": replies,
        "form": PostForm(parent=post),
        "introduction": introduce_post(post),
    }
    return render(request, "posts/detail.html", context)


def missing(request: HttpRequest, post_id: int) -> HttpResponse:
    """Say that a post is gone where everyone could read it, and else only that there is none."""
    if selectors.was_public_and_is_deleted(post_id):
        return render(request, "410.html", status=410)
    raise Http404("There is no such post.")


@login_required
@require_http_methods(["GET", "POST"])
@publish_limit
def compose(request: HttpRequest) -> HttpResponseBase:
    parent, quoted = named_post(request, "reply_to"), named_post(request, "quote_of")
    if request.method == "GET":
        return compose_page(request, PostForm(parent=parent), parent, quoted)
    form = PostForm(request.POST, parent=parent)
    if not form.is_valid():
        return compose_page(request, form, parent, quoted)
    try:
        post = services.publish_post(author=signed_in(request), draft=form.draft(), reply_to=parent, quote_of=quoted)
    except services.CannotPublish as refused:
        form.add_error(None, str(refused))
        return compose_page(request, form, parent, quoted)
    messages.success(request, "Your reply is out." if parent else "Your post is out.")
    return redirect(post)


def named_post(request: HttpRequest, parameter: str) -> Post | None:
    """Return the post that `?reply_to=` or `?quote_of=` names, if the person may read it; 404 if not."""
    if parameter not in request.GET:
        return None
    posts = Post.objects.originals().visible_to(request.user).for_cards(request.user)
    return get_object_or_404(posts, pk=cursor_of(request, parameter) or 0)


def compose_page(request: HttpRequest, form: PostForm, parent: Post | None, quoted: Post | None) -> HttpResponse:
    refusal = (parent and reply_refusal(parent)) or (quoted and quote_refusal(quoted))
    context = {"form": form, "parent": parent, "quoted": quoted, "refusal": refusal}
    return render(request, "posts/compose.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.for_cards(request.user), pk=post_id, author=signed_in(request))
    if request.method == "GET":
        return render(request, "posts/delete.html", {"post": post})
    services.delete_post(post=post)
    messages.success(request, "The post is deleted.")
    return redirect("timeline:home")
