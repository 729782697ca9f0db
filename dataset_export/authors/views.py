"""Pages about a user's own posts in datasets."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.views.profile import current_user
from common.consistent_reads import consistent_read
from common.pagination import paginate, url_with_param
from common.ratelimits import allow_request, too_many_requests
from consent.services import get_or_create_subject
from dataset_export.authors.activity import NEWEST, ActivityCursor, activity_page
from dataset_export.authors.contributions import (
    SHOWN,
    author_removals,
    contributions,
    downloads,
    totals,
)
from dataset_export.authors.export import export_json
from dataset_export.authors.outcomes import built_snapshots, outcome_summaries

EXPORTS, _SECONDS = 10, 300


@login_required
@never_cache
@require_safe
def contributions_overview(request: HttpRequest) -> HttpResponse:
    """Show where the user's posts are, in numbers and by dataset."""
    user = current_user(request)
    subject = get_or_create_subject(user).pk
    with consistent_read():
        page = paginate(built_snapshots(), request)
        downloaded, removed = downloads(subject), author_removals(subject, most=SHOWN + 1)
        context = {
            "page": page,
            "data_sets": list(
                zip(
                    contributions(subject, page.items, downloaded),
                    outcome_summaries(user, page.items),
                    strict=True,
                )
            ),
            "totals": totals(subject, downloaded),
            "downloads": downloaded[:SHOWN],
            "removals": removed[:SHOWN],
            "has_more_downloads": len(downloaded) > SHOWN,
            "has_more_removals": len(removed) > SHOWN,
        }
    return render(request, "dataset_export/contributions.html", context)


@login_required
@never_cache
@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """Show the user's history with datasets, newest first."""
    below = ActivityCursor.parse(request.GET.get("below", ""))
    subject = get_or_create_subject(current_user(request)).pk
    with consistent_read():
        found, following = activity_page(subject, below or NEWEST)
    next_url = url_with_param(request, "below", following) if following else None
    context = {"happenings": found, "next_url": next_url, "is_first": below is None}
    return render(request, "dataset_export/contributions_timeline.html", context)


@login_required
@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Download all of it as JSON."""
    user = current_user(request)
    if not allow_request("training_export", str(user.pk), limit=EXPORTS, seconds=_SECONDS):
        return too_many_requests(request, _SECONDS)
    response = StreamingHttpResponse(export_json(user), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="posts-in-data-sets.json"'
    return response
