from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.views import signed_in
from common.navigation import signed_in_act
from common.pagination import number_of
from common.ratelimits import rate_limited
from posts.forms_filters import FilterForm
from posts.models import KeywordFilter
from posts.services import filters as services

filter_limit = rate_limited("filter", limit=100, seconds=3600)


@login_required
@require_http_methods(["GET", "POST"])
@filter_limit
def filters(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    changed = own_filter(request, number_of(request.GET["change"])) if "change" in request.GET else None
    form = FilterForm(request.POST if request.method == "POST" else None, instance=changed)
    if request.method == "POST" and form.is_valid():
        what = {name: form.cleaned_data[name] for name in ("phrase", "is_whole_word", "action", "places")}
        try:
            services.keep_filter(user=user, until=form.until, instead_of=changed, **what)
        except services.CannotFilter as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "The filter works from now on.")
            return redirect("posts:filters")
    kept = KeywordFilter.objects.filter(user=user).order_by("-pk")
    status = 422 if form.errors else 200
    return render(request, "posts/filters.html", {"form": form, "filters": kept}, status=status)


@signed_in_act
@filter_limit
def remove(request: HttpRequest, filter_id: int) -> HttpResponse:
    services.remove_filter(kept=own_filter(request, filter_id))
    messages.success(request, "The filter is removed.")
    return redirect("posts:filters")


def own_filter(request: HttpRequest, filter_id: int | None) -> KeywordFilter:
    return get_object_or_404(KeywordFilter, pk=filter_id, user=signed_in(request))
