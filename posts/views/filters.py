from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.views.profile import current_user
from common.pagination import parse_id
from common.ratelimits import rate_limited
from common.redirects import login_required_post
from posts.forms.filters import FilterForm
from posts.models import KeywordFilter
from posts.services import filters as services

filter_limit = rate_limited("filter", limit=100, seconds=3600)


@login_required
@require_http_methods(["GET", "POST"])
@filter_limit
def filters(request: HttpRequest) -> HttpResponseBase:
    user = current_user(request)
    changed = (
        own_filter(request, parse_id(request.GET["change"])) if "change" in request.GET else None
    )
    form = FilterForm(request.POST if request.method == "POST" else None, instance=changed)
    if request.method == "POST" and form.is_valid():
        what = {
            name: form.cleaned_data[name]
            for name in ("phrase", "is_whole_word", "action", "places")
        }
        try:
            services.keep_filter(user=user, until=form.until, instead_of=changed, **what)
        except services.FilterError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Filter saved.")
            return redirect("posts:filters")
    kept = KeywordFilter.objects.filter(user=user).order_by("-pk")
    status = 422 if form.errors else 200
    return render(request, "posts/filters.html", {"form": form, "filters": kept}, status=status)


@login_required_post
@filter_limit
def remove(request: HttpRequest, filter_id: int) -> HttpResponse:
    services.remove_filter(kept=own_filter(request, filter_id))
    messages.success(request, "Filter removed.")
    return redirect("posts:filters")


def own_filter(request: HttpRequest, filter_id: int | None) -> KeywordFilter:
    return get_object_or_404(KeywordFilter, pk=filter_id, user=current_user(request))
