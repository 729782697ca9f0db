"""What people see of their own posts in data sets."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.views import signed_in
from common.consistent_reads import consistent_read
from common.pagination import address_with, paginate
from common.ratelimits import is_within_limit, too_many_requests
from consent.services import subject_of
from dataset_export.authors_export import export_json
from dataset_export.authors_timeline import NEWEST, Place, happenings
from dataset_export.authors_view import SHOWN, downloads, holdings, removals, totals
from dataset_export.training_use import built_snapshots, sums

EXPORTS, SECONDS = 10, 300


@login_required
@never_cache
@require_safe
def all_training_use(request: HttpRequest) -> HttpResponse:
    """Show a person where their posts are and were, in numbers and data set by data set."""
    user = signed_in(request)
    subject = subject_of(user).pk
    with consistent_read():
        page = paginate(built_snapshots(), request)
        downloaded, removed = downloads(subject), removals(subject, most=SHOWN + 1)
        context = {
            "page": page,
            "data_sets": list(zip(holdings(subject, page.items, downloaded), sums(user, page.items), strict=True)),
            "totals": totals(subject, downloaded),
            "downloads": downloaded[:SHOWN],
            "removals": removed[:SHOWN],
            "has_more_downloads": len(downloaded) > SHOWN,
            "has_more_removals": len(removed) > SHOWN,
        }
    return render(request, "dataset_export/all_training_use.html", context)


@login_required
@never_cache
@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """Show a person all that happened with their posts and data sets, the newest first."""
    below = Place.parse(request.GET.get("below", ""))
    subject = subject_of(signed_in(request)).pk
    with consistent_read():
        found, following = happenings(subject, below or NEWEST)
    next_url = address_with(request, "below", following) if following else None
    context = {"happenings": found, "next_url": next_url, "is_first": below is None}
    return render(request, "dataset_export/training_timeline.html", context)


@login_required
@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand a person all of it as JSON."""
    user = signed_in(request)
    if not is_within_limit("training_export", str(user.pk), limit=EXPORTS, seconds=SECONDS):
        return too_many_requests(request, SECONDS)
    response = StreamingHttpResponse(export_json(user), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="posts-in-data-sets.json"'
    return response
