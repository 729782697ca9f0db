from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import signed_in
from common.navigation import came_from, signed_in_act
from common.pagination import GREATEST_ID, cursor_of
from common.ratelimits import rate_limited
from common.rendering import asks_for_part, render_page_or_part
from timeline.notifications import selectors, services
from timeline.notifications.forms import KindsForm
from timeline.notifications.selectors import FOLLOWED, KINDS, STRANGERS, Choice, Place

read_limit = rate_limited("read-notifications", limit=600, seconds=300)
settings_limit = rate_limited("notification-settings", limit=60, seconds=300)


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    choice, place = choice_of(request), place_of(request)
    page = selectors.notification_page(signed_in(request), choice, place)
    context = {
        "page": page,
        "choice": choice,
        "next_url": address(choice, page.following) if page.following else None,
        # Who looks at a part of the list has not read the rest of it.
        "reads_all": choice.is_everything and place is None,
    }
    return render_page_or_part(request, "timeline/notifications.html", "timeline/_notifications.html", context)


def choice_of(request: HttpRequest) -> Choice:
    """Return which notifications are asked for; what is not known counts as not asked."""
    kinds, people = request.GET.get("kinds", ""), request.GET.get("from", "")
    return Choice(kinds if kinds in KINDS else "", people if people in (FOLLOWED, STRANGERS) else "")


def place_of(request: HttpRequest) -> Place | None:
    before = cursor_of(request, "max_id")
    return None if before is None else Place(before, cursor_of(request, "until") or before)


def address(choice: Choice, place: Place) -> str:
    query = QueryDict(mutable=True)
    query.update({"max_id": str(place.before), "until": str(place.until)})
    query.update({name: value for name, value in (("kinds", choice.kinds), ("from", choice.people)) if value})
    return f"/notifications?{query.urlencode()}"


@require_safe
@never_cache
def unread(request: HttpRequest) -> HttpResponse:
    """Answer those whose page asks every minute; whoever is logged out by now is not sent anywhere."""
    if request.user.is_anonymous:
        return HttpResponse(status=204)
    return render(request, "timeline/_unread.html")


@signed_in_act
@read_limit
def read(request: HttpRequest) -> HttpResponseBase:
    """Note how far somebody has read; without a number, everything."""
    value = request.POST.get("up_to", "")
    up_to = min(int(value[:20]), GREATEST_ID) if value.isascii() and value.isdigit() else GREATEST_ID
    services.mark_read(user=signed_in(request), up_to=up_to)
    if asks_for_part(request):
        return render(request, "timeline/_unread.html")
    return redirect(came_from(request) or "timeline:notifications")


@login_required
@require_http_methods(["GET", "POST"])
@settings_limit
def settings(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = KindsForm(initial={"kinds": selectors.kinds_wanted_by(user)})
    if request.method == "POST":
        form = KindsForm(request.POST)
        if form.is_valid():
            services.choose_kinds(user=user, wanted=form.cleaned_data["kinds"])
            messages.success(request, "Your choice is saved.")
            return redirect("timeline:notification_settings")
    return render(request, "timeline/notification_settings.html", {"form": form}, status=422 if form.errors else 200)
