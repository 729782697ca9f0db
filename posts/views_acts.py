"""What people do with others' posts: like, keep, repost, quote less, hide."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from accounts.views import in_good_standing, signed_in
from common.navigation import came_from, signed_in_act
from common.pagination import number_of
from common.ratelimits import rate_limited
from common.rendering import asks_for_part
from posts import services
from posts.cards import complete
from posts.models import Poll, Post

# Mastodon's limits, which people's clients know.
repost_limit = rate_limited("repost", limit=300, seconds=3 * 3600)
act_limit = rate_limited("act", limit=1500, seconds=300)


@signed_in_act
@act_limit
@in_good_standing
def like(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = readable_post(request, post_id)
    try:
        services.like_post(user=signed_in(request), post=post)
    except Post.DoesNotExist as gone:
        raise Http404("This post was deleted.") from gone
    return acts_of(request, post)


@signed_in_act
@act_limit
def unlike(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = readable_post(request, post_id)
    services.unlike_post(user=signed_in(request), post=post)
    return acts_of(request, post)


@signed_in_act
@act_limit
def bookmark(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = readable_post(request, post_id)
    try:
        services.bookmark_post(user=signed_in(request), post=post)
    except Post.DoesNotExist as gone:
        raise Http404("This post was deleted.") from gone
    return acts_of(request, post)


@signed_in_act
@act_limit
def unbookmark(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = readable_post(request, post_id)
    services.unbookmark_post(user=signed_in(request), post=post)
    return acts_of(request, post)


@signed_in_act
@repost_limit
@in_good_standing
def repost(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = readable_post(request, post_id)
    try:
        services.repost(user=signed_in(request), post=post)
    except services.CannotRepost as refused:
        messages.error(request, str(refused))
        return back(request, post)
    return acts_of(request, post)


@signed_in_act
@repost_limit
def take_repost_back(request: HttpRequest, post_id: int) -> HttpResponseBase:
    post = readable_post(request, post_id)
    services.take_repost_back(user=signed_in(request), post=post)
    return acts_of(request, post)


@signed_in_act
@act_limit
def hide_reply(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_hidden(request, post_id, is_hidden=True)


@signed_in_act
@act_limit
def unhide_reply(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_hidden(request, post_id, is_hidden=False)


def set_hidden(request: HttpRequest, post_id: int, *, is_hidden: bool) -> HttpResponseBase:
    """Put another's reply to one's own post out of sight, whoever blocks whom, or back where one can read it."""
    to_me = Q(reply_to__author=signed_in(request)) & ~Q(author=signed_in(request))
    replies = Post.objects.filter(to_me) if is_hidden else Post.objects.filter(to_me).visible_to(request.user)
    reply = get_object_or_404(replies.select_related("author"), pk=post_id)
    Post.objects.filter(pk=reply.pk).update(is_hidden_reply=is_hidden)
    messages.success(request, "The reply is hidden." if is_hidden else "The reply is shown again.")
    return back(request, reply)


@signed_in_act
@act_limit
def detach(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_quote_state(request, post_id, Post.Quote.DETACHED, "Your post is no longer shown in that quote.")


@signed_in_act
@act_limit
def attach(request: HttpRequest, post_id: int) -> HttpResponseBase:
    return set_quote_state(request, post_id, Post.Quote.SHOWN, "Your post is shown in that quote again.")


def set_quote_state(request: HttpRequest, post_id: int, state: str, said: str) -> HttpResponseBase:
    """Take one's own post out of another's quote of it, whoever blocks whom, or put it back where one can read that."""
    quotes = Post.objects.all() if state == Post.Quote.DETACHED else Post.objects.visible_to(request.user)
    quote = get_object_or_404(quotes.select_related("author"), pk=post_id, quote_of__author=signed_in(request))
    Post.objects.filter(pk=quote.pk, quote_of__isnull=False).update(quote_state=state)
    messages.success(request, said)
    return back(request, quote)


@login_required
@require_http_methods(["GET", "POST"])
@act_limit
@in_good_standing
def vote(request: HttpRequest, post_id: int) -> HttpResponseBase:
    """Vote on the card itself, or on this page, where one is led whose vote was none."""
    post = readable_post(request, post_id)
    if request.method == "GET":
        return poll_page(request, post)
    numbers = [number_of(value) for value in request.POST.getlist("choice")]
    choices = [-1 if number is None else number for number in numbers]
    try:
        services.vote(user=signed_in(request), post=post, choices=choices, seen=request.POST.get("seen", ""))
    except Poll.DoesNotExist as gone:
        raise Http404("This post has no poll.") from gone
    except services.CannotVote as refused:
        return poll_page(request, post, str(refused))
    return poll_page(request, post) if asks_for_part(request) else back(request, post)


def poll_page(request: HttpRequest, post: Post, error: str = "") -> HttpResponse:
    """Show a poll as it is now, and what was wrong with a vote."""
    card = get_object_or_404(Post.objects.for_cards(request.user), pk=post.pk)
    complete([card], request.user)
    if card.poll is not None:
        card.poll.error = error
    template = "posts/_acts.html" if asks_for_part(request) else "posts/vote.html"
    return render(request, template, {"post": card}, status=422 if error else 200)


def readable_post(request: HttpRequest, post_id: int) -> Post:
    """Return the post that an act is about: for a repost's number the post that it brings."""
    post = get_object_or_404(
        Post.objects.visible_to(request.user).select_related("author", "repost_of__author"), pk=post_id
    )
    return post.repost_of or post


def acts_of(request: HttpRequest, post: Post) -> HttpResponse:
    """Return the row of acts as it is now, or to where the button was pressed."""
    if not asks_for_part(request):
        # Without scripts the page comes anew, at the same post.
        there = came_from(request)
        return redirect(f"{there}#post-{post.pk}" if there else post.get_absolute_url())
    card = get_object_or_404(Post.objects.for_cards(request.user), pk=post.pk)
    return render(request, "posts/_acts.html", {"post": card})


def back(request: HttpRequest, post: Post) -> HttpResponse:
    if asks_for_part(request):
        return HttpResponseClientRefresh()
    return redirect(came_from(request) or post.get_absolute_url())
