from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dataset_export.access.selectors import granted_datasets, standing_with
from dataset_export.selectors import downloadable_snapshots, ordered_shards


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    context = {"snapshots": downloadable_snapshots(), "granted": granted_datasets(request.user)}
    return render(request, "dataset_export/catalogue.html", context)


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = get_object_or_404(downloadable_snapshots(), name=name)
    standing = standing_with(request.user, name)
    context = {
        "snapshot": snapshot,
        "manifest": snapshot.manifest,
        "files": ordered_shards(snapshot),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "standing": standing,
        "may_download": standing.may_download,
    }
    return render(request, "dataset_export/detail.html", context)
