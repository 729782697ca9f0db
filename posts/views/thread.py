"""A post with what it answers and what answers it; and who had to do with it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.selectors import annotate_follow_status
from accounts.views.profile import current_user
from common.htmx import render_partial
from common.pagination import MAX_ID, Page, get_cursor, paginate, paginate_callable
from posts import selectors
from posts.forms.compose import PostForm
from posts.models import Post
from posts.policies import reply_denied_expression, reply_rules
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.hydrate import hydrate_posts
from posts.presentation.metadata import DESCRIPTION_LENGTH, post_metadata, shown_text
from posts.presentation.training_status import annotate_training_status


@require_safe
def detail(request: HttpRequest, username: str, post_id: int) -> HttpResponseBase:
    viewer = request.user
    post = get_post_or_404(request, username, post_id)
    if post is None:
        return not_found_or_gone(request, post_id)
    if post.pk != post_id:
        return redirect(post)
    above = selectors.ancestors_of(post, viewer)
    replies = paginate_callable(
        partial(selectors.replies_to, post, viewer), request, oldest_first=True
    )
    chains = selectors.continuations(post, replies.items, viewer)
    own_thread = chains.pop(post.pk, [])
    apart = {own.pk for own in own_thread[:1]}
    answers = [reply for reply in replies.items if reply.pk not in apart]
    ends = [*answers, *(chain[-1] for chain in (own_thread, *chains.values()) if chain)]
    below_ends = selectors.replies_below(ends, viewer)
    conversations = [
        selectors.Conversation(reply, chains.get(reply.pk, []), below_ends)
        for reply in answers
        if not reply.is_hidden_reply
    ]
    hidden = [reply for reply in answers if reply.is_hidden_reply]
    gaps = gaps_of_page(request, post, replies)
    below = [card for conversation in conversations for card in conversation.posts]
    past_gaps = [card for way in gaps for card in way.posts]
    shown = [
        *(card for card in above if isinstance(card, Post)),
        post,
        *own_thread,
        *below,
        *past_gaps,
        *hidden,
    ]
    hydrate_posts(shown, viewer)
    set_content_owners_from_posts(request, shown)
    if viewer.is_authenticated:
        annotate_training_status(shown, viewer)
    context = {
        "above": above,
        "post": post,
        "own_thread": own_thread if replies.is_first else [],
        "own_goes_on": selectors.continuation_post(own_thread, below_ends),
        "conversations": conversations,
        "hidden": hidden,
        "gaps": gaps,
        "replies": replies,
        "refusal": reply_denied_expression(post),
        "rules": reply_rules(post, visible_thread_root(post, above)),
        "form": PostForm(parent=post),
        "introduction": post_metadata(post),
        "words": shown_text(post, DESCRIPTION_LENGTH),
    }
    return render_partial(request, "posts/detail.html", "posts/_replies.html", context)


def gaps_of_page(request: HttpRequest, post: Post, replies: Page[Post]) -> list[selectors.PastGap]:
    """Return the gaps among the replies of one page, which are those between its neighbours."""
    until = replies.items[-1].pk if replies.next_url else None
    return selectors.past_gaps_below(post, request.user, get_cursor(request, "min_id") or 0, until)


def visible_thread_root(post: Post, above: Sequence[Post | selectors.MissingPost]) -> Post | None:
    """Return the first post of a conversation where it is in sight."""
    if post.thread_id is None:
        return post
    return next(
        (entry for entry in above[:1] if isinstance(entry, Post) and entry.pk == post.thread_id),
        None,
    )


def not_found_or_gone(request: HttpRequest, post_id: int) -> HttpResponse:
    """Say that a post is gone where everyone could read it, and else only that there is none."""
    if selectors.was_public_and_is_deleted(post_id):
        return render(request, "410.html", status=410)
    raise Http404("There is no such post.")


@require_safe
def likes(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    post = _readable_post(request, username, post_id)
    page = paginate(selectors.likes_of(post, request.user), request)
    people = [like.user for like in page.items]
    return people_page(request, post, "Liked by", Page(people, page.next_url, page.is_first))


@require_safe
def reposts(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    post = _readable_post(request, username, post_id)
    page = paginate(selectors.reposts_of(post, request.user), request)
    people = [repost.author for repost in page.items]
    return people_page(request, post, "Reposted by", Page(people, page.next_url, page.is_first))


def people_page(request: HttpRequest, post: Post, title: str, page: Page) -> HttpResponse:
    annotate_follow_status(page.items, request.user)
    set_content_owners_from_posts(request, [post])
    return render(request, "posts/users.html", {"post": post, "title": title, "page": page})


@require_safe
def quotes(request: HttpRequest, username: str, post_id: int) -> HttpResponse:
    post = _readable_post(request, username, post_id)
    page = _cards(request, selectors.quotes_of(post, request.user))
    set_content_owners_from_posts(request, [post, *page.items])
    return render(request, "posts/quotes.html", {"post": post, "page": page})


@login_required
@require_safe
def bookmarks(request: HttpRequest) -> HttpResponse:
    page = _cards(request, selectors.bookmarked_by(current_user(request)), key="list_id")
    return render_partial(request, "posts/bookmarks.html", "timeline/_feed.html", {"page": page})


@login_required
@require_safe
def liked(request: HttpRequest) -> HttpResponse:
    page = _cards(request, selectors.liked_by(current_user(request)), key="list_id")
    return render_partial(request, "posts/liked_posts.html", "timeline/_feed.html", {"page": page})


def _cards(request: HttpRequest, posts: QuerySet[Post], *, key: str = "id") -> Page[Post]:
    """Cut one page of cards, with the training mark on those of the viewer's own."""
    page = paginate(posts, request, key=key)
    page = replace(page, items=hydrate_posts(page.items, request.user))
    if request.user.is_authenticated:
        annotate_training_status(page.items, request.user)
    return page


def _readable_post(request: HttpRequest, username: str, post_id: int) -> Post:
    post = get_post_or_404(request, username, post_id)
    if post is None:
        raise Http404("There is no such post.")
    return post


def get_post_or_404(request: HttpRequest, username: str, post_id: int) -> Post | None:
    """Return a post at its author's address, or what it reposts, as far as the viewer may read both."""
    row = selectors.is_self_thread([min(post_id, MAX_ID)], request.user).get(post_id)
    if row is None or row.author.username.lower() != username.lower():
        return None
    if row.repost_of_id is None:
        return row
    return selectors.is_self_thread([row.repost_of_id], request.user).get(row.repost_of_id)
