import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accounts import selectors, services
from accounts.forms import PortraitsForm, ProfileForm
from accounts.models import User
from common.htmx import is_htmx_partial
from common.pagination import Page, paginate
from common.ratelimits import rate_limited
from common.redirects import login_required_post, safe_referrer

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# Mastodon's limit, which clients expect.
follow_limit = rate_limited("follow", limit=400, seconds=24 * 3600)
unfollow_limit = rate_limited("unfollow", limit=600, seconds=3600)
profile_limit = rate_limited("profile", limit=30, seconds=1800)


def require_active_account(view: _View[P]) -> _View[P]:
    """Deny suspended users whatever affects others; undoing earlier actions stays possible."""

    @functools.wraps(view)
    def act(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "POST" and current_user(request).suspended_at is not None:
            messages.error(
                request, "This account is suspended. It can read, and take back what it did."
            )
            return (
                HttpResponseClientRefresh()
                if is_htmx_partial(request)
                else redirect(safe_referrer(request) or "/")
            )
        return view(request, *args, **kwargs)

    return act


def get_user_or_404(username: str) -> User:
    return get_object_or_404(selectors.by_username(selectors.active_users(), username))


def get_visible_user_or_404(request: HttpRequest, username: str) -> User:
    """Return a user visible to the viewer, else 404."""
    return get_object_or_404(selectors.by_username(selectors.visible_users(request.user), username))


@login_required_post
@follow_limit
@require_active_account
def follow_user(request: HttpRequest, username: str) -> HttpResponseBase:
    profile = get_user_or_404(username)
    try:
        services.follow(follower=current_user(request), followed=profile)
    except services.FollowError as refused:
        messages.error(request, str(refused))
        return (
            HttpResponseClientRedirect(profile.get_absolute_url())
            if is_htmx_partial(request)
            else redirect(profile)
        )
    return follow_button(request, profile)


@login_required_post
@unfollow_limit
def unfollow_user(request: HttpRequest, username: str) -> HttpResponseBase:
    profile = get_user_or_404(username)
    services.unfollow(follower=current_user(request), followed=profile)
    return follow_button(request, profile)


def follow_button(request: HttpRequest, profile: User) -> HttpResponse:
    if not is_htmx_partial(request):
        return redirect(safe_referrer(request) or profile.get_absolute_url())
    between = selectors.relationship(request.user, profile)
    return render(request, "accounts/_follow.html", {"profile": profile, "relationship": between})


@require_safe
def followers(request: HttpRequest, username: str) -> HttpResponse:
    profile = get_visible_user_or_404(request, username)
    page = paginate(selectors.followers_of(profile, request.user), request)
    people = [follow.follower for follow in page.items]
    return render_user_list(request, profile, f"Followers of {profile.name}", people, page)


@require_safe
def following(request: HttpRequest, username: str) -> HttpResponse:
    profile = get_visible_user_or_404(request, username)
    page = paginate(selectors.following_of(profile, request.user), request)
    people = [follow.followed for follow in page.items]
    return render_user_list(request, profile, f"People {profile.name} follows", people, page)


def render_user_list(
    request: HttpRequest, profile: User, title: str, people: list[User], page: Page
) -> HttpResponse:
    shown = Page(
        selectors.annotate_follow_status(people, request.user), page.next_url, page.is_first
    )
    context = {"profile": profile, "title": title, "page": shown}
    return render(request, "accounts/users.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@profile_limit
def edit_profile(request: HttpRequest) -> HttpResponseBase:
    user = current_user(request)
    form = ProfileForm(request.POST or None, instance=user)
    pictures = PortraitsForm(request.POST or None, request.FILES)
    if request.method == "POST" and form.is_valid() and pictures.is_valid():
        # Only these fields: others may have changed meanwhile.
        form.save(commit=False).save(update_fields=form.Meta.fields)
        pictures.keep(user)
        messages.success(request, "Profile saved.")
        return redirect(user)
    context = {"form": form, "pictures": pictures, "unseen": selectors.pending_profile_images(user)}
    is_refused = form.errors or pictures.errors
    return render(request, "accounts/edit_profile.html", context, status=422 if is_refused else 200)


def current_user(request: HttpRequest) -> User:
    """Return the authenticated user of a request."""
    assert isinstance(request.user, User)
    return request.user
