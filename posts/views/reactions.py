"""What people do with others' posts: like, keep, repost, quote less, hide."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from accounts.views.profile import current_user, require_active_account
from common.htmx import is_htmx_partial
from common.pagination import parse_id
from common.ratelimits import rate_limited
from common.redirects import login_required_post, safe_referrer
from posts import services
from posts.models import Poll, Post
from posts.presentation.hydrate import hydrate_posts

# Mastodon's limits, which people's clients know.
repost_limit = rate_limited("repost", limit=300, seconds=3 * 3600)
act_limit = rate_limited("act", limit=1500, seconds=300)


@login_required_post
@act_limit
@require_active_account
def like_action(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = _readable_post(request, post_id)
    try:
        services.like_post(user=current_user(request), post=post)
    except Post.DoesNotExist as gone:
        raise Http404("This post was deleted.") from gone
    return render_actions(request, post)


@login_required_post
@act_limit
def unlike(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = _readable_post(request, post_id)
    services.unlike_post(user=current_user(request), post=post)
    return render_actions(request, post)


@login_required_post
@act_limit
def bookmark(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = _readable_post(request, post_id)
    try:
        services.bookmark_post(user=current_user(request), post=post)
    except Post.DoesNotExist as gone:
        raise Http404("This post was deleted.") from gone
    return render_actions(request, post)


@login_required_post
@act_limit
def unbookmark(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = _readable_post(request, post_id)
    services.unbookmark_post(user=current_user(request), post=post)
    return render_actions(request, post)


@login_required_post
@repost_limit
@require_active_account
def repost_action(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = _readable_post(request, post_id)
    try:
        services.repost(user=current_user(request), post=post)
    except services.RepostError as refused:
        messages.error(request, str(refused))
        return redirect_to_post(request, post)
    return render_actions(request, post)


@login_required_post
@repost_limit
def take_repost_back(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = _readable_post(request, post_id)
    services.delete_repost(user=current_user(request), post=post)
    return render_actions(request, post)


@login_required_post
@act_limit
def hide_reply(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_hidden(request, post_id, is_hidden=True)


@login_required_post
@act_limit
def unhide_reply(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_hidden(request, post_id, is_hidden=False)


def set_hidden(request: HttpRequest, post_id: int, *, is_hidden: bool) -> HttpResponseBase:
    """Put another's reply to one's own post out of sight, whoever blocks whom, or back where one can read it."""
    to_me = Q(reply_to__author=current_user(request)) & ~Q(author=current_user(request))
    replies = (
        Post.objects.filter(to_me)
        if is_hidden
        else Post.objects.filter(to_me).visible_to(request.user)
    )
    reply = get_object_or_404(replies.select_related("author"), pk=post_id)
    Post.objects.filter(pk=reply.pk).update(is_hidden_reply=is_hidden)
    messages.success(request, "Reply hidden." if is_hidden else "Reply shown.")
    return redirect_to_post(request, reply)


@login_required_post
@act_limit
def detach_quote(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_quote_state(
        request, post_id, Post.Quote.DETACHED, "Your post is no longer shown in that quote."
    )


@login_required_post
@act_limit
def reattach_quote(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_quote_state(
        request, post_id, Post.Quote.SHOWN, "Your post is shown in that quote again."
    )


def set_quote_state(request: HttpRequest, post_id: int, state: str, said: str) -> HttpResponseBase:
    """Take one's own post out of another's quote of it, whoever blocks whom, or put it back where one can read that."""
    quotes = (
        Post.objects.all()
        if state == Post.Quote.DETACHED
        else Post.objects.visible_to(request.user)
    )
    quote = get_object_or_404(
        quotes.select_related("author"), pk=post_id, quote_of__author=current_user(request)
    )
    Post.objects.filter(pk=quote.pk, quote_of__isnull=False).update(quote_state=state)
    messages.success(request, said)
    return redirect_to_post(request, quote)


@login_required
@require_http_methods(["GET", "POST"])
@act_limit
@require_active_account
def vote_in_poll(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Vote on the card itself, or on this page, where one is led whose vote was none."""
    post = _readable_post(request, post_id)
    if request.method == "GET":
        return poll_detail(request, post)
    numbers = [parse_id(value) for value in request.POST.getlist("choice")]
    choices = [-1 if number is None else number for number in numbers]
    try:
        services.vote(
            user=current_user(request),
            post=post,
            choices=choices,
            seen=request.POST.get("seen", ""),
        )
    except Poll.DoesNotExist as gone:
        raise Http404("This post has no poll.") from gone
    except services.VoteError as refused:
        return poll_detail(request, post, str(refused))
    return (
        poll_detail(request, post) if is_htmx_partial(request) else redirect_to_post(request, post)
    )


def poll_detail(request: HttpRequest, post: Post, error: str = "") -> HttpResponse:
    """Show a poll as it is now, and what was wrong with a vote."""
    card = get_object_or_404(Post.objects.with_card_data(request.user), pk=post.pk)
    hydrate_posts([card], request.user)
    if card.poll is not None:
        card.poll.error = error
    template = "posts/_actions.html" if is_htmx_partial(request) else "posts/vote.html"
    return render(request, template, {"post": card}, status=422 if error else 200)


def _readable_post(request: HttpRequest, post_id: int) -> Post:
    """Return the post that an act is about: for a repost's number the post that it brings."""
    post = get_object_or_404(
        Post.objects.visible_to(request.user).select_related("author", "repost_of__author"),
        pk=post_id,
    )
    return post.repost_of or post


def render_actions(request: HttpRequest, post: Post) -> HttpResponse:
    """Return the row of acts as it is now, or to where the button was pressed."""
    if not is_htmx_partial(request):
        # Without scripts the page comes anew, at the same post.
        there = safe_referrer(request)
        return redirect(f"{there}#post-{post.pk}" if there else post.get_absolute_url())
    card = get_object_or_404(Post.objects.with_card_data(request.user), pk=post.pk)
    return render(request, "posts/_actions.html", {"post": card})


def redirect_to_post(request: HttpRequest, post: Post) -> HttpResponse:
    if is_htmx_partial(request):
        return HttpResponseClientRefresh()
    return redirect(safe_referrer(request) or post.get_absolute_url())
