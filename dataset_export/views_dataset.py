"""The pages of one data set."""

from collections.abc import Callable
from pathlib import PurePosixPath

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common.consistent_reads import consistent_view
from common.ratelimits import is_within_limit, too_many_requests
from consent.web_policy import has_terms_of_its_own
from dataset_export.access.log import REQUESTS, SECONDS
from dataset_export.access.selectors import grant_of, standing_with
from dataset_export.cards.datasheet import Answers, datasheet
from dataset_export.cards.facts import Facts
from dataset_export.cards.snippets import snippets
from dataset_export.cards.summary import summary
from dataset_export.documents import facts_of
from dataset_export.hub.files import find_file
from dataset_export.hub.revisions import published_revisions
from dataset_export.models import Snapshot
from dataset_export.removals.acknowledge import duty_of
from dataset_export.selectors import documents_of, downloadable_snapshots, ordered_shards
from dataset_export.serving import Withheld, serve

MOST_LANGUAGES = 12
Sections = list[tuple[str, Answers]]


def published(name: str) -> Snapshot:
    return get_object_or_404(downloadable_snapshots(), name=name)


@require_safe
@consistent_view
def detail(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = published(name)
    facts = facts_of(snapshot, {})
    context = {
        "snapshot": snapshot,
        "facts": facts,
        "manifest": facts.manifest,
        "languages": facts.language_rows(MOST_LANGUAGES),
        "files": ordered_shards(snapshot),
        "documents": documents_of(snapshot),
        "snippets": snippets(facts),
        "standing": standing_with(request.user, name),
        "duty": duty_of(request.user, name),
    }
    return render(request, "dataset_export/detail.html", context)


@require_safe
def training_summary(request: HttpRequest, name: str) -> HttpResponse:
    """Show what a model's provider has to say of this data under Article 53 of the EU's AI Act."""
    return sheet(request, name, "Public summary of training content", summary)


@require_safe
def data_sheet(request: HttpRequest, name: str) -> HttpResponse:
    return sheet(request, name, "Datasheet", datasheet)


@consistent_view
def sheet(request: HttpRequest, name: str, title: str, write: Callable[[Facts], Sections]) -> HttpResponse:
    snapshot = published(name)
    context = {"snapshot": snapshot, "title": title, "sections": write(facts_of(snapshot, {}))}
    return render(request, "dataset_export/sheet.html", context)


@require_safe
@consistent_view
def revisions(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = published(name)
    context = {"snapshot": snapshot, "revisions": published_revisions(name), "served": Snapshot.SERVED}
    return render(request, "dataset_export/revisions.html", context)


@login_required
@require_safe
def file(request: HttpRequest, name: str, path: str) -> HttpResponseBase:
    """Hand a file to a browser, on the same conditions as to a program."""
    snapshot = published(name)
    grant = grant_of(request.user, snapshot)
    if grant is None:
        raise PermissionDenied
    if not is_within_limit("download", f"person-{request.user.pk}", limit=REQUESTS, seconds=SECONDS):
        return too_many_requests(request, SECONDS)
    found = find_file(snapshot, path)
    if found is None:
        raise Http404("There is no such file.")
    has_terms_of_its_own(request)
    try:
        response = serve(request, found, grant)
    except Withheld as withheld:
        headers = {"Retry-After": str(withheld.wait)}
        return HttpResponse(str(withheld.detail), status=503, headers=headers, content_type="text/plain")
    response["Content-Disposition"] = f'attachment; filename="{PurePosixPath(path).name}"'
    return response
