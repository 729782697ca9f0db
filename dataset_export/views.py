from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dataset_export.selectors import downloadable_snapshots, ordered_shards


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    return render(request, "dataset_export/catalogue.html", {"snapshots": downloadable_snapshots()})


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = get_object_or_404(downloadable_snapshots(), name=name)
    context = {
        "snapshot": snapshot,
        "manifest": snapshot.manifest,
        "files": ordered_shards(snapshot),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "may_download": request.user.has_perm("dataset_export.download_snapshot"),
    }
    return render(request, "dataset_export/detail.html", context)
