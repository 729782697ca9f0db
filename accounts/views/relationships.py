"""Views to block, mute and approve followers."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import selectors, services
from accounts.forms import FollowersForm, MuteForm
from accounts.models import User
from accounts.views.profile import current_user
from common.pagination import paginate
from common.ratelimits import rate_limited
from common.redirects import login_required_post, safe_referrer

part_limit = rate_limited("part", limit=400, seconds=24 * 3600)
request_limit = rate_limited("follow-request", limit=600, seconds=3600)


@login_required
@require_http_methods(["GET", "POST"])
@part_limit
def block_user(request: HttpRequest, username: str) -> HttpResponseBase:
    """Confirm a block by saying what it does."""
    profile = another(request, username)
    if request.method == "GET":
        return render(request, "accounts/block.html", {"profile": profile})
    services.block(blocker=current_user(request), blocked=profile)
    messages.success(request, f"Blocked @{profile.username}.")
    return redirect(profile)


@login_required_post
@part_limit
def unblock_user(request: HttpRequest, username: str) -> HttpResponseBase:
    profile = get_object_or_404(selectors.by_username(User.objects.all(), username))
    services.unblock(blocker=current_user(request), blocked=profile)
    messages.success(request, f"Unblocked @{profile.username}.")
    return redirect(safe_referrer(request) or "accounts:blocks")


@login_required
@require_http_methods(["GET", "POST"])
@part_limit
def mute_user(request: HttpRequest, username: str) -> HttpResponseBase:
    profile = another(request, username)
    form = MuteForm(request.POST or None)
    if not form.is_valid():
        context = {"profile": profile, "form": form}
        return render(request, "accounts/mute.html", context, status=422 if form.errors else 200)
    hours = form.cleaned_data["hours"]
    services.mute(
        muter=current_user(request),
        muted=profile,
        until=timezone.now() + timedelta(hours=hours) if hours else None,
        hides_notifications=form.cleaned_data["hides_notifications"],
    )
    messages.success(request, f"Muted @{profile.username}.")
    return redirect(profile)


@login_required_post
@part_limit
def unmute_user(request: HttpRequest, username: str) -> HttpResponseBase:
    profile = get_object_or_404(selectors.by_username(User.objects.all(), username))
    services.unmute(muter=current_user(request), muted=profile)
    messages.success(request, f"Unmuted @{profile.username}.")
    return redirect(safe_referrer(request) or "accounts:mutes")


def another(request: HttpRequest, username: str) -> User:
    """Return a user other than the current one, else 404."""
    others = selectors.active_users().exclude(pk=current_user(request).pk)
    return get_object_or_404(selectors.by_username(others, username))


@login_required
@require_safe
def blocks(request: HttpRequest) -> HttpResponse:
    page = paginate(selectors.blocks_by(current_user(request)), request)
    return render(request, "accounts/blocks.html", {"page": page})


@login_required
@require_safe
def mutes(request: HttpRequest) -> HttpResponse:
    page = paginate(selectors.mutes_by(current_user(request)), request)
    return render(request, "accounts/mutes.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
@request_limit
def follow_requests(request: HttpRequest) -> HttpResponseBase:
    """List follow requests and the setting to require approval."""
    user = current_user(request)
    if request.method == "POST":
        form = FollowersForm(request.POST, instance=user)
        form.save(commit=False).save(update_fields=["requires_follow_approval"])
        messages.success(request, "Setting saved.")
        return redirect("accounts:follow_requests")
    page = paginate(selectors.follow_requests_for(user), request)
    return render(
        request,
        "accounts/follow_requests.html",
        {"page": page, "form": FollowersForm(instance=user)},
    )


@login_required_post
@request_limit
def accept_follow_request(request: HttpRequest, request_id: int) -> HttpResponseBase:
    waiting = get_object_or_404(selectors.follow_requests_for(current_user(request)), pk=request_id)
    if services.accept_request(request=waiting):
        messages.success(request, f"@{waiting.follower.username} now follows you.")
    else:
        messages.info(request, f"@{waiting.follower.username} withdrew the request.")
    return redirect("accounts:follow_requests")


@login_required_post
@request_limit
def reject_follow_request(request: HttpRequest, request_id: int) -> HttpResponseBase:
    waiting = get_object_or_404(selectors.follow_requests_for(current_user(request)), pk=request_id)
    services.reject_request(request=waiting)
    messages.success(request, f"@{waiting.follower.username} was declined.")
    return redirect("accounts:follow_requests")
