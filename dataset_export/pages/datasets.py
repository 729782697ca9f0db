"""The public pages of a dataset."""

from collections.abc import Callable
from pathlib import PurePosixPath

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common.consistent_reads import consistent_view
from common.ratelimits import allow_request, too_many_requests
from consent.ai_policy.middleware import skip_usage_headers
from dataset_export.access.log import DOWNLOAD_WINDOW_SECONDS, REQUESTS
from dataset_export.access.selectors import get_access_status, grant_of
from dataset_export.cards.datasheet import Answers, datasheet
from dataset_export.cards.facts import CardContext
from dataset_export.cards.snippets import snippets
from dataset_export.cards.summary import training_summary
from dataset_export.delivery.http import ContainsRevokedRowsError, serve_file
from dataset_export.eligibility import documents_of, downloadable_snapshots, ordered_shards
from dataset_export.hub.files import find_file
from dataset_export.hub.revisions import published_revisions
from dataset_export.models import Snapshot
from dataset_export.publication.documents import build_card_context
from dataset_export.removals.acknowledge import pending_removals_for

MAX_LANGUAGES_SHOWN = 12
Sections = list[tuple[str, Answers]]


def _published(name: str) -> Snapshot:
    return get_object_or_404(downloadable_snapshots(), name=name)


@require_safe
@consistent_view
def dataset_page(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = _published(name)
    facts = build_card_context(snapshot, {})
    context = {
        "snapshot": snapshot,
        "facts": facts,
        "manifest": facts.manifest,
        "languages": facts.language_rows(MAX_LANGUAGES_SHOWN),
        "files": ordered_shards(snapshot),
        "documents": documents_of(snapshot),
        "snippets": snippets(facts),
        "standing": get_access_status(request.user, name),
        "duty": pending_removals_for(request.user, name),
    }
    return render(request, "dataset_export/detail.html", context)


@require_safe
def training_summary_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the summary of training content required by Article 53 of the EU AI Act."""
    return datasheet_page(request, name, "Public summary of training content", training_summary)


@require_safe
def data_sheet(request: HttpRequest, name: str) -> HttpResponse:
    return datasheet_page(request, name, "Datasheet", datasheet)


@consistent_view
def datasheet_page(
    request: HttpRequest, name: str, title: str, write: Callable[[CardContext], Sections]
) -> HttpResponse:
    snapshot = _published(name)
    context = {
        "snapshot": snapshot,
        "title": title,
        "sections": write(build_card_context(snapshot, {})),
    }
    return render(request, "dataset_export/datasheet.html", context)


@require_safe
@consistent_view
def revisions(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = _published(name)
    context = {
        "snapshot": snapshot,
        "revisions": published_revisions(name),
        "served": Snapshot.SERVED,
    }
    return render(request, "dataset_export/revisions.html", context)


@login_required
@require_safe
def file(request: HttpRequest, name: str, path: str) -> HttpResponseBase:
    """Serve a file to a browser, on the same conditions as to a program."""
    snapshot = _published(name)
    grant = grant_of(request.user, snapshot)
    if grant is None:
        raise PermissionDenied
    if not allow_request(
        "download", f"person-{request.user.pk}", limit=REQUESTS, seconds=DOWNLOAD_WINDOW_SECONDS
    ):
        return too_many_requests(request, DOWNLOAD_WINDOW_SECONDS)
    found = find_file(snapshot, path)
    if found is None:
        raise Http404("There is no such file.")
    skip_usage_headers(request)
    try:
        response = serve_file(request, found, grant)
    except ContainsRevokedRowsError as withheld:
        headers = {"Retry-After": str(withheld.wait)}
        return HttpResponse(
            str(withheld.detail), status=503, headers=headers, content_type="text/plain"
        )
    response["Content-Disposition"] = f'attachment; filename="{PurePosixPath(path).name}"'
    return response
