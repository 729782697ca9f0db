from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dataset_export.access.selectors import granted_datasets
from dataset_export.eligibility import downloadable_snapshots
from dataset_export.transparency.statistics import get_transparency_statistics


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    context = {"snapshots": downloadable_snapshots(), "granted": granted_datasets(request.user)}
    return render(request, "dataset_export/catalogue.html", context)


@require_safe
def transparency(request: HttpRequest) -> HttpResponse:
    """Show everybody in sums what is shared, downloaded and erased here."""
    return render(
        request, "dataset_export/transparency.html", {"figures": get_transparency_statistics()}
    )
