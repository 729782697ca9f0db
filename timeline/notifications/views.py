from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.profile import current_user
from common.htmx import is_htmx_partial, render_partial
from common.pagination import MAX_ID, get_cursor
from common.ratelimits import rate_limited
from common.redirects import login_required_post, safe_referrer
from timeline.notifications import selectors, services
from timeline.notifications.forms import KindsForm
from timeline.notifications.selectors import (
    FOLLOWED,
    KINDS,
    NOT_FOLLOWED,
    NotificationCursor,
    NotificationFilter,
)

read_limit = rate_limited("read-notifications", limit=600, seconds=300)
settings_limit = rate_limited("notification-settings", limit=60, seconds=300)


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    choice, place = parse_filter(request), parse_cursor(request)
    page = selectors.notification_page(current_user(request), choice, place)
    context = {
        "page": page,
        "choice": choice,
        "next_url": page_url(choice, page.following) if page.following else None,
        # Viewing a filtered list does not mark the rest as read.
        "reads_all": choice.is_everything and place is None,
    }
    return render_partial(
        request, "timeline/notifications.html", "timeline/_notifications.html", context
    )


def parse_filter(request: HttpRequest) -> NotificationFilter:
    """Parse the requested filter; unknown values are ignored."""
    kinds, people = request.GET.get("kinds", ""), request.GET.get("from", "")
    return NotificationFilter(
        kinds if kinds in KINDS else "", people if people in (FOLLOWED, NOT_FOLLOWED) else ""
    )


def parse_cursor(request: HttpRequest) -> NotificationCursor | None:
    before = get_cursor(request, "max_id")
    return (
        None
        if before is None
        else NotificationCursor(before, get_cursor(request, "until") or before)
    )


def page_url(choice: NotificationFilter, place: NotificationCursor) -> str:
    query = QueryDict(mutable=True)
    query.update({"max_id": str(place.before), "until": str(place.until)})
    query.update(
        {name: value for name, value in (("kinds", choice.kinds), ("from", choice.people)) if value}
    )
    return f"/notifications?{query.urlencode()}"


@require_safe
@never_cache
def unread_count_badge(request: HttpRequest) -> HttpResponse:
    """Respond to the page's minutely poll, without redirecting logged-out users."""
    if request.user.is_anonymous:
        return HttpResponse(status=204)
    return render(request, "timeline/_unread_count.html")


@login_required_post
@read_limit
def mark_notifications_read(request: HttpRequest) -> HttpResponseBase:
    """Mark notifications as read up to an id, or all."""
    value = request.POST.get("up_to", "")
    up_to = min(int(value[:20]), MAX_ID) if value.isascii() and value.isdigit() else MAX_ID
    services.mark_read(user=current_user(request), up_to=up_to)
    if is_htmx_partial(request):
        return render(request, "timeline/_unread_count.html")
    return redirect(safe_referrer(request) or "timeline:notifications")


@login_required
@require_http_methods(["GET", "POST"])
@settings_limit
def settings(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    form = KindsForm(initial={"kinds": selectors.enabled_kinds(user)})
    if request.method == "POST":
        form = KindsForm(request.POST)
        if form.is_valid():
            services.choose_kinds(user=user, wanted=form.cleaned_data["kinds"])
            messages.success(request, "Choices saved.")
            return redirect("timeline:notification_settings")
    return render(
        request,
        "timeline/notification_settings.html",
        {"form": form},
        status=422 if form.errors else 200,
    )
